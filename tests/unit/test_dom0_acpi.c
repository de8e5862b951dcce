/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first domain's ACPI tables: what is hidden, what is rewritten, and machines whose tables are broken. */
#include <string.h>

#include "dom0_acpi.h"
#include "pvh_tables.h"
#include "unit.h"

#include <xen/errno.h>

/* The machine's tables lie here; what is outside is not memory. */
#define BASE   0x7f000000u
#define SIZE   0x4000u
#define OUT_AT 0x100000u

static uint8_t memory[SIZE], out[DOM0_ACPI_SIZE];
static const char *const nothing[] = { NULL };
static const char *const hpet[] = { "HPET", NULL };

static const void *map(void *arg, uint64_t phys, uint64_t size)
{
	if (phys < BASE || size > SIZE || phys - BASE > SIZE - size)
		return NULL;
	return memory + (phys - BASE);
}

static struct acpi_header *table(uint32_t at, const char *signature, uint32_t length)
{
	struct acpi_header *h = (void *)(memory + at);

	memcpy(h->signature, signature, 4);
	h->length = length;
	return h;
}

/* A root of that kind with tables at 0x100, 0x200 and so on; the MADT at 0x800. */
static void machine_make(bool is_xsdt, const char *const *signatures, uint32_t n)
{
	static const uint8_t entries[] = {
		0, 8,  0,    0, 1, 0, 0,    0,                  /* a CPU */
		1, 12, 5,    0, 0, 0, 0xc0, 0xfe, 0,   0, 0, 0, /* an IO-APIC */
		2, 10, 0,    9, 9, 0, 0,    0,    0xd, 0,       /* an override */
		4, 6,  0xff, 0, 0, 1,                           /* an NMI of the CPUs' */
	};
	uint32_t width = is_xsdt ? 8 : 4;
	uint64_t at = BASE + 0x800;

	memset(memory, 0, sizeof(memory));
	table(0, is_xsdt ? "XSDT" : "RSDT", sizeof(struct acpi_header) + (n + 1) * width);
	memcpy(table(0x800, "APIC", sizeof(struct acpi_madt) + sizeof(entries)) + 0, "APIC", 4);
	memcpy(memory + 0x800 + sizeof(struct acpi_madt), entries, sizeof(entries));
	memcpy(memory + sizeof(struct acpi_header), &at, width);
	for (uint32_t i = 0; i < n; i++) {
		at = BASE + 0x100 * (i + 1);
		table(0x100 * (i + 1), signatures[i], 0x40);
		memcpy(memory + sizeof(struct acpi_header) + (i + 1) * width, &at, width);
	}
}

static uint8_t sum(const uint8_t *p, uint32_t n)
{
	uint8_t s = 0;

	while (n--)
		s = (uint8_t)(s + *p++);
	return s;
}

static const uint8_t *out_at(uint64_t at)
{
	return at >= OUT_AT && at < OUT_AT + DOM0_ACPI_SIZE ? out + (at - OUT_AT)
	                                                    : map(NULL, at, 36);
}

/* The n-th table of the new XSDT; NULL at the end. */
static const uint8_t *entry(uint32_t n)
{
	const struct acpi_rsdp *r = (const void *)out;
	const uint8_t *xsdt = out_at(r->xsdt);
	uint32_t length;
	uint64_t at;

	memcpy(&length, xsdt + 4, 4);
	CHECK_EQ(sum(xsdt, length), 0);
	if (36 + n * 8 >= length)
		return NULL;
	memcpy(&at, xsdt + 36 + 8 * n, 8);
	return out_at(at);
}

static void hidden_and_kept(void)
{
	static const char *const signatures[] = { "FACP", "SRAT", "HPET", "MCFG", "DMAR" };

	for (unsigned is_xsdt = 0; is_xsdt < 2; is_xsdt++) {
		machine_make(is_xsdt, signatures, 5);
		CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 2, hpet, out, OUT_AT), 0);
		CHECK_EQ(sum(out, 20), 0);
		CHECK_EQ(sum(out, 36), 0);
		CHECK(!memcmp(entry(0), "APIC", 4));
		CHECK(!memcmp(entry(1), "FACP", 4));
		CHECK(!memcmp(entry(2), "MCFG", 4));
		CHECK(!entry(3));
		CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 2, nothing, out, OUT_AT), 0);
		CHECK(!memcmp(entry(2), "HPET", 4));
		CHECK(!memcmp(entry(3), "MCFG", 4));
	}
}

static void interrupt_controllers(void)
{
	const uint8_t *m;
	uint32_t length;

	machine_make(true, NULL, 0);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 3, nothing, out, OUT_AT), 0);
	m = entry(0);
	memcpy(&length, m + 4, 4);
	CHECK_EQ(length, 44 + 3 * 8 + 12 + 10);
	CHECK_EQ(sum(m, length), 0);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(m[44 + 8 * i], 0);
		CHECK_EQ(m[44 + 8 * i + 2], i);
		CHECK_EQ(m[44 + 8 * i + 3], 2 * i);
		CHECK_EQ(m[44 + 8 * i + 4], 1);
	}
	CHECK_EQ(m[68], 1);
	CHECK_EQ(m[70], 5);
	CHECK_EQ(m[80], 2);
	CHECK_EQ(m[40], 1); /* PCAT_COMPAT */
}

static void broken(void)
{
	static const char *const signatures[] = { "FACP", "SSDT" };
	uint32_t length = 0xffffffff;

	machine_make(true, signatures, 2);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE + SIZE, 1, nothing, out, OUT_AT), -XEN_EINVAL);
	CHECK_EQ(dom0_acpi_build(map, NULL, 0, 1, nothing, out, OUT_AT), -XEN_EINVAL);
	memcpy(memory + 0x100 + 4, &length, 4); /* a table that cannot be */
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), 0);
	CHECK(!memcmp(entry(1), "SSDT", 4));
	length = 10;
	memcpy(memory + 0x200 + 4, &length, 4);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), 0);
	CHECK(!entry(1));
	/* entries of a MADT that lead beyond it */
	memory[0x800 + sizeof(struct acpi_madt) + 8 + 1] = 200;
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), 0);
	CHECK_EQ(entry(0)[4], 44 + 8);
	memory[0x800 + sizeof(struct acpi_madt) + 1] = 0;
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), 0);
	length = 40;
	memcpy(memory + 0x800 + 4, &length, 4);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), -XEN_EINVAL);
	memcpy(memory + 0x800, "XXXX", 4);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 1, nothing, out, OUT_AT), -XEN_EINVAL);
	/* more vcpus than there is room for */
	machine_make(true, NULL, 0);
	CHECK_EQ(dom0_acpi_build(map, NULL, BASE, 3000, nothing, out, OUT_AT), -XEN_ENOSPC);
}

UNIT_MAIN(UNIT(hidden_and_kept), UNIT(interrupt_controllers), UNIT(broken))
