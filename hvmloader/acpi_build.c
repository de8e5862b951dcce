/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables: the roots, and the small ones. */
#include "acpi_build.h"
#include "iron.h"
#include "layout.h"
#include "string.h"

#define TABLES_MAX      8
#define FACS_ALIGN      64
#define HPET_ID_DEFAULT 0x8086a201u
#define HPET_MIN_TICK   0x0080u
#define WAET_RTC_GOOD   1u
#define WAET_TIMER_GOOD 2u

void acpi_finish(uint32_t gpa, const char *signature, uint8_t revision, uint32_t n)
{
	struct acpi_header *h = iron_memory(gpa);

	memcpy(h->signature, signature, 4);
	h->length = n;
	h->revision = revision;
	memcpy(h->oem, "ZAZEN ", 6);
	memcpy(h->oem_table, "ZAZENHVM", 8);
	h->oem_revision = 1;
	memcpy(h->creator, "ZAZN", 4);
	h->creator_revision = 1;
	checksum_set(gpa, n, offsetof(struct acpi_header, checksum));
}

static uint32_t facs_build(struct machine *m)
{
	uint32_t gpa = space_take(&m->nvs, sizeof(struct acpi_facs), FACS_ALIGN);
	struct acpi_facs *f = iron_memory(gpa);

	memcpy(f->signature, "FACS", 4);
	f->length = sizeof(*f);
	f->version = 1;
	return gpa;
}

static uint32_t hpet_build(struct machine *m)
{
	uint32_t gpa = space_take(&m->acpi, sizeof(struct acpi_hpet), 16);
	struct acpi_hpet *t = iron_memory(gpa);

	t->id = HPET_ID_DEFAULT;
	t->address = (struct acpi_gas){ ACPI_SPACE_MEMORY, 0, 0, 0, HPET_BASE };
	t->min_tick = HPET_MIN_TICK;
	acpi_finish(gpa, "HPET", 1, sizeof(*t));
	return gpa;
}

static uint32_t waet_build(struct machine *m)
{
	uint32_t gpa = space_take(&m->acpi, sizeof(struct acpi_waet), 16);
	struct acpi_waet *t = iron_memory(gpa);

	t->flags = WAET_RTC_GOOD | WAET_TIMER_GOOD;
	acpi_finish(gpa, "WAET", 1, sizeof(*t));
	return gpa;
}

static uint32_t root_build(struct machine *m, const uint32_t *tables, unsigned nr, bool wide)
{
	uint32_t n = (uint32_t)sizeof(struct acpi_header) + nr * (wide ? 8 : 4);
	uint32_t gpa = space_take(&m->acpi, n, 16);
	uint8_t *entries = (uint8_t *)iron_memory(gpa) + sizeof(struct acpi_header);

	for (unsigned i = 0; i < nr; i++)
		memcpy(entries + i * (wide ? 8 : 4), &tables[i], 4);
	acpi_finish(gpa, wide ? "XSDT" : "RSDT", 1, n);
	return gpa;
}

uint32_t acpi_build(struct machine *m)
{
	uint32_t tables[TABLES_MAX], nr = 0, gpa, dsdt = acpi_dsdt_build(m), facs = facs_build(m);
	struct acpi_rsdp *r;

	tables[nr++] = acpi_fadt_build(m, facs, dsdt);
	tables[nr++] = acpi_ssdt_build(m);
	if (m->config->apic)
		tables[nr++] = acpi_madt_build(m);
	if (m->hpet)
		tables[nr++] = hpet_build(m);
	if (m->config->waet)
		tables[nr++] = waet_build(m);
	if (m->config->nr_nodes)
		tables[nr++] = acpi_srat_build(m);

	gpa = space_take(&m->acpi, sizeof(*r), 16);
	r = iron_memory(gpa);
	memcpy(r->signature, "RSD PTR ", 8);
	memcpy(r->oem, "ZAZEN ", 6);
	r->revision = 2;
	r->length = sizeof(*r);
	r->rsdt = root_build(m, tables, nr, false);
	r->xsdt = root_build(m, tables, nr, true);
	checksum_set(gpa, ACPI_RSDP_FIRST, offsetof(struct acpi_rsdp, checksum));
	checksum_set(gpa, sizeof(*r), offsetof(struct acpi_rsdp, checksum_all));
	return gpa;
}
