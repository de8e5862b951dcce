/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DSDT: as iasl made it of dsdt.asl, with the values of its names that begin with Z written over. */
#include "acpi_build.h"
#include "console.h"
#include "firmware.h"
#include "iron.h"
#include "string.h"

#define OP_NAME  0x08
#define OP_BYTE  0x0a
#define OP_DWORD 0x0c
#define OP_QWORD 0x0e
#define NAME_LEN 4

static unsigned value_size(uint8_t op)
{
	switch (op) {
	case OP_BYTE: return 1;
	case OP_DWORD: return 4;
	case OP_QWORD: return 8;
	default: return 0;
	}
}

static void set(uint8_t *table, uint32_t n, const char *name, uint64_t value)
{
	for (uint32_t i = 0; i + 2 + NAME_LEN + 8 <= n; i++) {
		unsigned size = value_size(table[i + 1 + NAME_LEN]);

		if (table[i] != OP_NAME || memcmp(table + i + 1, name, NAME_LEN) || !size)
			continue;
		memcpy(table + i + 2 + NAME_LEN, &value, size);
		return;
	}
	die("the DSDT has no name %s", name);
}

uint32_t acpi_dsdt_build(struct machine *m)
{
	uint32_t n = (uint32_t)(firmware_dsdt_end - firmware_dsdt);
	uint32_t gpa = space_take(&m->acpi, n, 16);
	uint8_t *t = iron_memory(gpa);

	memcpy(t, firmware_dsdt, n);
	set(t, n, "ZMIN", m->pci->hole_start);
	set(t, n, "ZMAX", m->pci->hole_end - 1);
	set(t, n, "ZHMI", m->pci->high_start);
	set(t, n, "ZHLE", m->pci->high_end - m->pci->high_start);
	set(t, n, "ZHPT", m->hpet);
	set(t, n, "ZCM1", m->com1);
	set(t, n, "ZCM2", m->com2);
	checksum_set(gpa, n, offsetof(struct acpi_header, checksum));
	return gpa;
}
