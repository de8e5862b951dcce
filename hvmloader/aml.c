/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes ACPI machine language. */
#include "aml.h"
#include "string.h"

#define OP_ZERO    0x00
#define OP_ONE     0x01
#define OP_NAME    0x08
#define OP_BYTE    0x0a
#define OP_DWORD   0x0c
#define OP_STRING  0x0d
#define OP_QWORD   0x0e
#define OP_SCOPE   0x10
#define OP_PACKAGE 0x12
#define OP_EXT     0x5b
#define OP_DEVICE  0x82

/* A length of three bytes is right for every size: two bits of count, four low bits, then eight and eight. */
#define LENGTH_BYTES 3

static void put(struct aml *a, uint8_t byte)
{
	if (a->at == a->end)
		a->full = true;
	else
		*a->at++ = byte;
}

static void put_bytes(struct aml *a, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(a, ((const uint8_t *)bytes)[i]);
}

static void put_name(struct aml *a, const char *name)
{
	put_bytes(a, name, strlen(name));
}

static void put_integer(struct aml *a, uint64_t value)
{
	if (value <= 1) {
		put(a, value ? OP_ONE : OP_ZERO);
	} else if (value <= UINT8_MAX) {
		put(a, OP_BYTE);
		put(a, (uint8_t)value);
	} else if (value <= UINT32_MAX) {
		put(a, OP_DWORD);
		put_bytes(a, &value, 4);
	} else {
		put(a, OP_QWORD);
		put_bytes(a, &value, 8);
	}
}

static uint8_t *open_length(struct aml *a)
{
	uint8_t *opened = a->at;

	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		put(a, 0);
	return opened;
}

void aml_close(struct aml *a, uint8_t *opened)
{
	uint32_t n = (uint32_t)(a->at - opened);

	if (a->full)
		return;
	opened[0] = (uint8_t)((LENGTH_BYTES - 1) << 6 | (n & 0xf));
	opened[1] = (uint8_t)(n >> 4);
	opened[2] = (uint8_t)(n >> 12);
}

uint8_t *aml_open_scope(struct aml *a, const char *name)
{
	uint8_t *opened;

	put(a, OP_SCOPE);
	opened = open_length(a);
	put_name(a, name);
	return opened;
}

uint8_t *aml_open_device(struct aml *a, const char *name)
{
	uint8_t *opened;

	put(a, OP_EXT);
	put(a, OP_DEVICE);
	opened = open_length(a);
	put_name(a, name);
	return opened;
}

void aml_name_integer(struct aml *a, const char *name, uint64_t value)
{
	put(a, OP_NAME);
	put_name(a, name);
	put_integer(a, value);
}

void aml_name_text(struct aml *a, const char *name, const char *value)
{
	put(a, OP_NAME);
	put_name(a, name);
	put(a, OP_STRING);
	put_bytes(a, value, strlen(value) + 1);
}

void aml_name_package(struct aml *a, const char *name, const uint8_t *values, uint8_t nr)
{
	uint8_t *opened;

	put(a, OP_NAME);
	put_name(a, name);
	put(a, OP_PACKAGE);
	opened = open_length(a);
	put(a, nr);
	for (uint8_t i = 0; i < nr; i++)
		put_integer(a, values[i]);
	aml_close(a, opened);
}
