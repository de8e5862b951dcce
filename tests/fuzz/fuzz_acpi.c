/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables from bytes: the input is a list of tables; their headers, sums and the root that lists them are made here, so that most inputs get past
 * the checks. Each table lies in memory of its own, exactly as long as it says, so that a read past its end is seen.
 *
 * Input: byte 0: bit 0 XSDT or RSDT, bit 1 a wrong sum in the RSDP. Then for each table: kind (1; bit 7: its sum is wrong), length (2) of what follows the header, those bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "acpi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER     36u
#define MAX_TABLES 16u
#define RSDP_AT    0x100u
#define ROOT_AT    0x1000u
#define TABLE_AT   0x1000000u /* table i is at TABLE_AT * (i + 1) */

static struct {
	uint8_t *bytes;
	uint32_t length;
} tables[MAX_TABLES + 1]; /* the root is the last one */
static uint32_t nr_tables;
static uint8_t *rsdp;

static const void *map(void *arg, uint64_t phys, uint64_t size)
{
	uint64_t i = phys / TABLE_AT - 1, offset = phys % TABLE_AT;

	if (phys == RSDP_AT)
		return size <= 36 ? rsdp : NULL;
	if (phys == ROOT_AT) {
		i = MAX_TABLES;
		offset = 0;
	} else if (phys < TABLE_AT || i >= nr_tables) {
		return NULL;
	}
	if (offset > tables[i].length || size > tables[i].length - offset)
		return NULL;
	return tables[i].bytes + offset;
}

static void seal(uint8_t *p, size_t n, size_t fix)
{
	uint8_t sum = 0;

	p[fix] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	p[fix] = (uint8_t)-sum;
}

static void make(uint32_t i, const char *signature, const uint8_t *body, uint32_t n)
{
	uint8_t *t = calloc(1, HEADER + n);
	uint32_t length = HEADER + n;

	memcpy(t, signature, 4);
	memcpy(t + 4, &length, 4);
	memcpy(t + HEADER, body, n);
	tables[i].bytes = t;
	tables[i].length = length;
	seal(t, length, 9);
}

static void make_rsdp(bool xsdt, bool wrong)
{
	uint64_t root = ROOT_AT;

	rsdp = calloc(1, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = xsdt ? 2 : 0;
	memcpy(rsdp + (xsdt ? 24 : 16), &root, xsdt ? 8 : 4);
	seal(rsdp, 20, 8);
	seal(rsdp, 36, 32);
	rsdp[20] ^= wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char signatures[8][5] = { "APIC", "FACP", "HPET", "MCFG",
		                               "DSDT", "XSDT", "APIC", "????" };
	uint8_t list[MAX_TABLES * 8];
	struct acpi_info info;
	bool xsdt;
	size_t at = 1;
	int err;

	if (size < 1)
		return 0;
	xsdt = data[0] & 1;
	nr_tables = 0;
	while (nr_tables < MAX_TABLES && size - at >= 3) {
		uint8_t kind = data[at];
		uint32_t n = data[at + 1] | data[at + 2] << 8;

		at += 3;
		n = n < size - at ? n : (uint32_t)(size - at);
		make(nr_tables, signatures[kind & 7], data + at, n);
		tables[nr_tables].bytes[9] ^= kind >> 7;
		at += n;
		nr_tables++;
	}
	for (uint32_t i = 0; i < nr_tables; i++) {
		uint64_t where = (uint64_t)TABLE_AT * (i + 1);

		memcpy(list + i * (xsdt ? 8 : 4), &where, xsdt ? 8 : 4);
	}
	make(MAX_TABLES, xsdt ? "XSDT" : "RSDT", list, nr_tables * (xsdt ? 8 : 4));
	make_rsdp(xsdt, data[0] & 2);
	err = acpi_parse(map, NULL, RSDP_AT, &info);
	if (info.nr_cpus > ACPI_MAX_CPUS || info.nr_ioapics > ACPI_MAX_IOAPICS ||
	    info.nr_mcfg > ACPI_MAX_MCFG || info.nr_nmis > ACPI_MAX_NMIS ||
	    (info.has_s5 && (info.s5_type_a > 7 || info.s5_type_b > 7)) || err > 0)
		abort();
	for (uint32_t i = 0; i < nr_tables; i++)
		free(tables[i].bytes);
	free(tables[MAX_TABLES].bytes);
	free(rsdp);
	return 0;
}
