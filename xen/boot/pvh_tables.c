/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing ACPI tables: headers, checksums, RSDP, the CPUs. */
#include "pvh_tables.h"

#include "string.h"

#define LAPIC_ADDRESS 0xfee00000
#define LAPIC_ENABLED 1u

/* Where additions go that do not fit; nobody reads it. */
static uint8_t scratch[512];

static uint8_t checksum(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	uint8_t sum = 0;

	while (n--)
		sum += *bytes++;
	return (uint8_t)-sum;
}

void acpi_tables_init(struct acpi_tables *t, uint8_t *bytes, uint32_t size, uint64_t base)
{
	*t = (struct acpi_tables){ .bytes = bytes, .size = size, .base = base };
	memset(bytes, 0, size);
	t->end = sizeof(struct acpi_rsdp);
	t->is_full = size < t->end;
}

void *acpi_tables_add(struct acpi_tables *t, uint32_t n)
{
	void *at;

	if (t->is_full || n > t->size - t->end) {
		t->is_full = true;
		return scratch;
	}
	at = t->bytes + t->end;
	t->end += n;
	return at;
}

void *acpi_table_begin(struct acpi_tables *t, const char *signature, uint8_t revision,
                       uint32_t size)
{
	struct acpi_header *h;

	(void)acpi_tables_add(t, (uint32_t)(align_up(t->end, 64) - t->end));
	h = acpi_tables_add(t, size);
	memcpy(h->signature, signature, sizeof(h->signature));
	h->revision = revision;
	memcpy(h->oem, "Zazen ", sizeof(h->oem));
	memcpy(h->oem_table, "PVH     ", sizeof(h->oem_table));
	memcpy(h->creator, "ZAZN", sizeof(h->creator));
	h->oem_revision = h->creator_revision = 1;
	return h;
}

uint64_t acpi_table_finish(struct acpi_tables *t, void *table)
{
	struct acpi_header *h = table;
	uint32_t at;

	if (t->is_full)
		return 0;
	at = (uint32_t)((uint8_t *)table - t->bytes);
	h->length = t->end - at;
	h->checksum = 0;
	h->checksum = checksum(h, h->length);
	return t->base + at;
}

static void madt_cpu(struct acpi_tables *t, uint32_t id)
{
	uint32_t apic_id = id * 2;

	if (apic_id < 255) {
		struct acpi_madt_lapic e = {
			0, sizeof(e), (uint8_t)id, (uint8_t)apic_id, LAPIC_ENABLED,
		};

		memcpy(acpi_tables_add(t, sizeof(e)), &e, sizeof(e));
	} else {
		struct acpi_madt_x2apic e = { 9, sizeof(e), 0, apic_id, LAPIC_ENABLED, id };

		memcpy(acpi_tables_add(t, sizeof(e)), &e, sizeof(e));
	}
}

struct acpi_madt *acpi_madt_begin(struct acpi_tables *t, uint32_t nr_vcpus)
{
	struct acpi_madt *m = acpi_table_begin(t, "APIC", 4, sizeof(*m));

	m->lapic = LAPIC_ADDRESS;
	for (uint32_t id = 0; id < nr_vcpus; id++)
		madt_cpu(t, id);
	return m;
}

void acpi_tables_rsdp(struct acpi_tables *t, uint64_t xsdt)
{
	struct acpi_rsdp *r = (struct acpi_rsdp *)t->bytes;

	if (t->is_full)
		return;
	memcpy(r->signature, "RSD PTR ", sizeof(r->signature));
	memcpy(r->oem, "Zazen ", sizeof(r->oem));
	r->revision = 2;
	r->length = sizeof(*r);
	r->xsdt = xsdt;
	r->checksum = checksum(r, ACPI_RSDP_FIRST);
	r->checksum_all = checksum(r, sizeof(*r));
}
