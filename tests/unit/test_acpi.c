/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables: good ones are understood, and broken ones are left out without a byte read outside of them. */
#include <string.h>

#include "acpi.h"
#include "unit.h"

#include <xen/errno.h>

/* Physical memory from BASE; each map() must lie inside of it. */
#define BASE 0xe0000u
#define SIZE 0x20000u
#define RSDP (BASE + 0x100)

static uint8_t memory[SIZE];
static uint8_t low[0x500]; /* 0: the BIOS data area is here */
static bool has_low;
static uint32_t next_free;
static struct acpi_info info;

static const void *map(void *arg, uint64_t phys, uint64_t size)
{
	if (has_low && phys + size <= sizeof(low))
		return low + phys;
	if (phys < BASE || size > SIZE || phys - BASE > SIZE - size)
		return NULL;
	return memory + (phys - BASE);
}

static uint8_t *at(uint64_t phys)
{
	return memory + (phys - BASE);
}

static void put(uint64_t phys, uint64_t value, size_t size)
{
	memcpy(at(phys), &value, size);
}

/* Makes the bytes sum to zero by the one at fix. */
static void fix_sum(uint64_t phys, size_t n, size_t fix)
{
	uint8_t sum = 0;

	at(phys)[fix] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + at(phys)[i]);
	at(phys)[fix] = (uint8_t)-sum;
}

static uint64_t table(const char *signature, uint32_t length)
{
	uint64_t phys = BASE + next_free;

	next_free += (length + 15) & ~15u;
	memcpy(at(phys), signature, 4);
	put(phys + 4, length, 4);
	return phys;
}

static void seal(uint64_t t)
{
	uint32_t length;

	memcpy(&length, at(t + 4), 4);
	fix_sum(t, length, 9);
}

static void reset(void)
{
	memset(memory, 0, sizeof(memory));
	memset(low, 0, sizeof(low));
	has_low = false;
	next_free = 0x1000;
}

/* Root with these tables (0 ends), by XSDT or RSDT; the RSDP at RSDP. */
static void root(bool xsdt, const uint64_t *tables)
{
	uint32_t n = 0, width = xsdt ? 8 : 4;
	uint64_t r;

	while (tables[n])
		n++;
	r = table(xsdt ? "XSDT" : "RSDT", 36 + n * width);
	for (uint32_t i = 0; i < n; i++)
		put(r + 36 + i * width, tables[i], width);
	seal(r);
	memcpy(at(RSDP), "RSD PTR ", 8);
	at(RSDP)[15] = xsdt ? 2 : 0;
	if (xsdt) {
		put(RSDP + 20, 36, 4);
		put(RSDP + 24, r, 8);
	} else {
		put(RSDP + 16, r, 4);
	}
	fix_sum(RSDP, 20, 8);
	fix_sum(RSDP, 36, 32);
}

static uint64_t madt(void)
{
	static const uint8_t entries[] = {
		0,  8,  0,    0, 1,    0,    0,    0, /* CPU 0 */
		0,  8,  1,    2, 1,    0,    0,    0, /* CPU 1, APIC id 2 */
		0,  8,  2,    4, 0,    0,    0,    0, /* not enabled */
		0,  8,  3,    2, 1,    0,    0,    0, /* the same id again */
		9,  16, 0,    0, 0x2c, 1,    0,    0,    1,   0, 0, 0,
		4,  0,  0,    0,                                       /* x2APIC id 300 */
		1,  12, 7,    0, 0x00, 0x00, 0xc0, 0xfe, 0,   0, 0, 0, /* IO-APIC */
		2,  10, 0,    0, 2,    0,    0,    0,    0,   0,       /* timer is at 2 */
		2,  10, 0,    9, 9,    0,    0,    0,    0xf, 0,       /* SCI: level, low */
		4,  6,  0xff, 5, 0,    1,                              /* LINT1: NMI for all */
		99, 4,  0,    0,                                       /* unknown */
	};
	uint64_t t = table("APIC", 44 + sizeof(entries));

	put(t + 36, 0xfee00000, 4);
	put(t + 40, 1, 4);
	memcpy(at(t + 44), entries, sizeof(entries));
	seal(t);
	return t;
}

static uint64_t dsdt(const uint8_t *s5, size_t n)
{
	uint64_t t = table("DSDT", 36 + 64);

	memcpy(at(t + 36 + 10), s5, n);
	seal(t);
	return t;
}

static uint64_t fadt(uint64_t dsdt_at)
{
	uint64_t t = table("FACP", 244);

	put(t + 40, dsdt_at, 4);
	put(t + 48, 0xb2, 4);
	at(t)[52] = 0xf1;
	put(t + 64, 0x604, 4);
	put(t + 76, 0x608, 4);
	at(t)[91] = 4;
	put(t + 109, 1 << 5, 2);
	put(t + 112, 1 << 10 | 1 << 8, 4);
	at(t)[116] = 1;
	put(t + 120, 0xcf9, 8);
	at(t)[128] = 0x0f;
	seal(t);
	return t;
}

static const uint8_t s5[] = { 0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 5, 0x01, 0, 0 };

static void good_tables(void)
{
	uint64_t hpet, mcfg, tables[5] = { 0 };

	reset();
	tables[0] = madt();
	tables[1] = fadt(dsdt(s5, sizeof(s5)));
	tables[2] = hpet = table("HPET", 56);
	put(hpet + 44, 0xfed00000, 8);
	seal(hpet);
	tables[3] = mcfg = table("MCFG", 60);
	put(mcfg + 44, 0xb0000000, 8);
	at(mcfg)[55] = 0xff;
	seal(mcfg);
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.nr_tables, 4);
	CHECK_EQ(info.nr_cpus, 3);
	CHECK_EQ(info.cpus[1].apic_id, 2);
	CHECK_EQ(info.cpus[2].apic_id, 300);
	CHECK_EQ(info.cpus[2].acpi_id, 4);
	CHECK_EQ(info.nr_ioapics, 1);
	CHECK_EQ(info.ioapics[0].address, 0xfec00000u);
	CHECK_EQ(info.isa[0].gsi, 2);
	CHECK_EQ(info.isa[1].gsi, 1);
	CHECK(info.isa[9].level && info.isa[9].active_low);
	CHECK(info.has_pic && info.lapic_address == 0xfee00000);
	CHECK_EQ(info.nr_nmis, 1);
	CHECK_EQ(info.nmis[0].lint, 1);
	CHECK_EQ(info.pm1a_control, 0x604);
	CHECK_EQ(info.pm_timer_port, 0x608);
	CHECK(info.pm_timer_32bit && info.no_rtc && !info.no_vga);
	CHECK(info.has_s5);
	CHECK_EQ(info.s5_type_a, 5);
	CHECK_EQ(info.s5_type_b, 1);
	CHECK(info.has_reset);
	CHECK_EQ(info.reset.space, 1);
	CHECK_EQ(info.reset.address, 0xcf9);
	CHECK_EQ(info.reset_value, 0x0f);
	CHECK_EQ(info.hpet_address, 0xfed00000);
	CHECK_EQ(info.nr_mcfg, 1);
	CHECK_EQ(info.mcfg[0].last_bus, 255);
}

static void searched_in_the_bios_area(void)
{
	uint64_t tables[2] = { 0 };

	reset();
	tables[0] = madt();
	root(false, tables);
	CHECK_EQ(acpi_parse(map, NULL, 0, &info), 0);
	CHECK_EQ(info.rsdp, RSDP);
	CHECK_EQ(info.nr_cpus, 3);
}

static void searched_in_the_ebda(void)
{
	uint64_t tables[2] = { 0 };

	reset();
	has_low = true;
	low[0x40e] = 0x00; /* segment 0x9f00 is not mapped: the search goes on */
	low[0x40f] = 0x9f;
	tables[0] = madt();
	root(false, tables);
	CHECK_EQ(acpi_parse(map, NULL, 0, &info), 0);
	CHECK_EQ(info.rsdp, RSDP);
}

static void nothing_there(void)
{
	reset();
	CHECK_EQ(acpi_parse(map, NULL, 0, &info), -XEN_ENOENT);
	CHECK_EQ(info.isa[5].gsi, 5);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), -XEN_EINVAL);
	CHECK_EQ(acpi_parse(map, NULL, 0x10, &info), -XEN_EINVAL);
}

static void wrong_sums_are_refused(void)
{
	uint64_t tables[2] = { 0 };

	reset();
	tables[0] = madt();
	root(true, tables);
	at(tables[0])[44 + 3] ^= 1;
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.nr_cpus, 0);
	CHECK(!info.has_madt);
	at(RSDP)[9] ^= 1;
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), -XEN_EINVAL);
}

static void broken_xsdt_falls_back_to_rsdt(void)
{
	uint64_t tables[2] = { 0 }, rsdt;

	reset();
	tables[0] = madt();
	root(true, tables);
	rsdt = table("RSDT", 40);
	put(rsdt + 36, tables[0], 4);
	seal(rsdt);
	put(RSDP + 16, rsdt, 4);
	put(RSDP + 24, 0x12345678, 8);
	fix_sum(RSDP, 20, 8);
	fix_sum(RSDP, 36, 32);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.root, rsdt);
	CHECK_EQ(info.nr_cpus, 3);
}

/* A table that says it is longer than memory, shorter than its header, or has an entry that runs out of it. */
static void lengths_are_checked(void)
{
	uint64_t tables[2] = { 0 };

	reset();
	tables[0] = madt();
	root(true, tables);
	put(tables[0] + 4, 0x7fffffff, 4);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(!info.has_madt);
	put(tables[0] + 4, 20, 4);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(!info.has_madt);

	reset();
	tables[0] = table("APIC", 44 + 16);
	memcpy(at(tables[0] + 44), "\0\x08\0\x03\x01\0\0\0", 8);
	memcpy(at(tables[0] + 52), "\0\x40\0\x04\x01\0\0\0", 8); /* 64 bytes of 8 left */
	seal(tables[0]);
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.nr_cpus, 1);
	at(tables[0])[53] = 0; /* a length of 0 must end the walk, not loop */
	seal(tables[0]);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.nr_cpus, 1);
}

static void more_cpus_than_fit(void)
{
	uint32_t n = ACPI_MAX_CPUS + 10;
	uint64_t tables[2] = { 0 };

	reset();
	tables[0] = table("APIC", 44 + n * 16);
	for (uint32_t i = 0; i < n; i++) {
		at(tables[0] + 44 + i * 16)[0] = 9;
		at(tables[0] + 44 + i * 16)[1] = 16;
		put(tables[0] + 44 + i * 16 + 4, i, 4);
		put(tables[0] + 44 + i * 16 + 8, 1, 4);
	}
	seal(tables[0]);
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK_EQ(info.nr_cpus, ACPI_MAX_CPUS);
	CHECK_EQ(info.nr_cpus_dropped, 10);
}

/* S5 at the very end of the DSDT, cut, and by its full name. */
static void s5_forms(void)
{
	static const uint8_t full[] = { 0x08, '\\', '_',  'S', '5', '_',  0x12,
		                        0x08, 0x04, 0x0b, 7,   0,   0x0a, 6 };
	static const uint8_t too_large[] = { 0x08, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 8, 0 };
	static const uint8_t no_package[] = { 0x08, '_', 'S', '5', '_', 0x0a, 6, 4, 0x0a, 5, 0 };
	uint64_t tables[2] = { 0 }, d;

	reset();
	tables[0] = fadt(dsdt(full, sizeof(full)));
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(info.has_s5);
	CHECK_EQ(info.s5_type_a, 7);
	CHECK_EQ(info.s5_type_b, 6);

	reset();
	tables[0] = fadt(dsdt(too_large, sizeof(too_large)));
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(!info.has_s5);

	reset();
	tables[0] = fadt(dsdt(no_package, sizeof(no_package)));
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(!info.has_s5);

	/* the name is the last thing in the table, at every distance from its end */
	for (uint32_t cut = 5; cut < sizeof(s5); cut++) {
		reset();
		d = table("DSDT", 36 + cut);
		memcpy(at(d + 36), s5, cut);
		seal(d);
		tables[0] = fadt(d);
		root(true, tables);
		CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
		CHECK_EQ(info.has_s5, cut >= 10);
	}
}

/* An old FADT of 116 bytes has no reset register and no 64-bit fields. */
static void short_fadt(void)
{
	uint64_t tables[2] = { 0 }, t;

	reset();
	tables[0] = t = fadt(dsdt(s5, sizeof(s5)));
	put(t + 4, 116, 4);
	seal(t);
	root(true, tables);
	CHECK_EQ(acpi_parse(map, NULL, RSDP, &info), 0);
	CHECK(info.has_fadt && info.has_s5);
	CHECK(!info.has_reset);
	CHECK_EQ(info.pm1a_control, 0x604);
}

UNIT_MAIN(UNIT(good_tables), UNIT(searched_in_the_bios_area), UNIT(searched_in_the_ebda),
          UNIT(nothing_there), UNIT(wrong_sums_are_refused), UNIT(broken_xsdt_falls_back_to_rsdt),
          UNIT(lengths_are_checked), UNIT(more_cpus_than_fit), UNIT(s5_forms), UNIT(short_fadt))
