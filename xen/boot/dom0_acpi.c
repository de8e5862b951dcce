/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's ACPI tables as the first domain sees them. Nothing in them is believed: each length is bounded before what it covers is read. */
#include "dom0_acpi.h"

#include "errno.h"
#include "pvh_tables.h"
#include "string.h"

#define MAX_TABLES     128
#define MAX_TABLE_SIZE MIB(1)
#define MADT_HAS_PICS \
	1u /* PCAT_COMPAT: the domain has vpic.c's pair, so its kernel knows the ISA interrupts by number */

/* Rewritten; and what describes the host's CPUs, memory nodes and IOMMUs, none of which the domain has. */
static const char *const never[] = { "APIC", "SRAT", "SLIT", "HMAT", "MSCT", "MPST", "PMTT",
	                             "DMAR", "IVRS", "SPCR", "DBG2", "DBGP", "HEST", "EINJ" };

struct source {
	acpi_map map;
	void *arg;
};

/* The table at phys, all of it; NULL: not there or its length makes no sense. */
static const struct acpi_header *table_at(const struct source *s, uint64_t phys)
{
	const struct acpi_header *h = phys ? s->map(s->arg, phys, sizeof(*h)) : NULL;
	uint32_t length = h ? h->length : 0;

	if (length < sizeof(*h) || length > MAX_TABLE_SIZE)
		return NULL;
	return s->map(s->arg, phys, length);
}

static bool is_hidden(const struct acpi_header *h, const char *const *hide)
{
	for (unsigned i = 0; i < ARRAY_LEN(never); i++)
		if (!memcmp(h->signature, never[i], 4))
			return true;
	for (; *hide; hide++)
		if (!memcmp(h->signature, *hide, 4))
			return true;
	return false;
}

/* The n-th address of an RSDT or XSDT; 0 at the end. */
static uint64_t root_entry(const struct acpi_header *root, uint32_t n)
{
	uint32_t size = memcmp(root->signature, "XSDT", 4) ? 4 : 8;
	uint64_t at = 0;

	if (n >= MAX_TABLES || root->length < sizeof(*root) + (n + 1) * size)
		return 0;
	memcpy(&at, (const uint8_t *)(root + 1) + n * size, size);
	return at;
}

static const struct acpi_header *table_find(const struct source *s, const struct acpi_header *root,
                                            const char *signature)
{
	uint64_t at;

	for (uint32_t i = 0; (at = root_entry(root, i)); i++) {
		const struct acpi_header *h = table_at(s, at);

		if (h && !memcmp(h->signature, signature, 4))
			return h;
	}
	return NULL;
}

/* The machine's IO-APICs and interrupt overrides go on as they are. */
static void interrupts_copy(struct acpi_tables *t, const struct acpi_header *host)
{
	enum { IO_APIC = 1, SOURCE_OVERRIDE = 2 };
	const uint8_t *at = (const uint8_t *)host + sizeof(struct acpi_madt);
	const uint8_t *end = (const uint8_t *)host + host->length;

	while (end - at >= 2 && at[1] >= 2 && at[1] <= end - at) {
		if ((at[0] == IO_APIC && at[1] == 12) || (at[0] == SOURCE_OVERRIDE && at[1] == 10))
			memcpy(acpi_tables_add(t, at[1]), at, at[1]);
		at += at[1];
	}
}

static uint64_t madt_write(struct acpi_tables *t, const struct acpi_header *host, uint32_t nr_vcpus)
{
	struct acpi_madt *m = acpi_madt_begin(t, nr_vcpus);

	m->flags = MADT_HAS_PICS;
	interrupts_copy(t, host);
	return acpi_table_finish(t, m);
}

static uint64_t xsdt_write(struct acpi_tables *t, const struct source *s,
                           const struct acpi_header *root, const char *const *hide, uint64_t madt)
{
	void *h = acpi_table_begin(t, "XSDT", 1, sizeof(struct acpi_header));
	uint64_t at;

	memcpy(acpi_tables_add(t, sizeof(madt)), &madt, sizeof(madt));
	for (uint32_t i = 0; (at = root_entry(root, i)); i++) {
		const struct acpi_header *table = table_at(s, at);

		if (table && !is_hidden(table, hide))
			memcpy(acpi_tables_add(t, sizeof(at)), &at, sizeof(at));
	}
	return acpi_table_finish(t, h);
}

int dom0_acpi_build(acpi_map map, void *arg, uint64_t root_at, uint32_t nr_vcpus,
                    const char *const *hide, uint8_t *buffer, uint64_t base)
{
	const struct source s = { map, arg };
	const struct acpi_header *root = table_at(&s, root_at);
	const struct acpi_header *madt = root ? table_find(&s, root, "APIC") : NULL;
	struct acpi_tables t;

	if (!madt || madt->length < sizeof(struct acpi_madt))
		return -EINVAL;
	acpi_tables_init(&t, buffer, DOM0_ACPI_SIZE, base);
	acpi_tables_rsdp(&t, xsdt_write(&t, &s, root, hide, madt_write(&t, madt, nr_vcpus)));
	return t.is_full ? -ENOSPC : 0;
}
