/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader's tables: acpi_*.c, aml.c, smbios.c, mp_table.c, pir_table.c. Every checksum, every pointer; and iasl takes them apart and puts them together again. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "unit.h"
#include "acpi_layout.h"
#include "aml.h"
#include "board_fake.h"

static struct machine m;

static void start(const char *words)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, words, 512);
}

static bool sums_to_zero(const void *bytes, uint32_t n)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += ((const uint8_t *)bytes)[i];
	return !sum;
}

/* ---- ACPI ----------------------------------------------------------------------------------------------- */

static const struct acpi_rsdp *rsdp;

static void build(const char *words)
{
	start(words);
	rsdp = iron_memory(acpi_build(&m));
}

/* The table of XSDT with that name; RSDT has the same. NULL: none. */
static void *table(const char *signature)
{
	const struct acpi_header *x = iron_memory((uint32_t)rsdp->xsdt);
	const struct acpi_header *r = iron_memory(rsdp->rsdt);
	unsigned n = (x->length - sizeof(*x)) / 8;

	CHECK(!memcmp(x->signature, "XSDT", 4));
	CHECK(!memcmp(r->signature, "RSDT", 4));
	CHECK_EQ((r->length - sizeof(*r)) / 4, n);
	for (unsigned i = 0; i < n; i++) {
		uint64_t wide;
		uint32_t narrow;
		struct acpi_header *h;

		memcpy(&wide, (const uint8_t *)(x + 1) + i * 8, 8);
		memcpy(&narrow, (const uint8_t *)(r + 1) + i * 4, 4);
		CHECK_EQ(wide, narrow);
		h = iron_memory(narrow);
		CHECK(sums_to_zero(h, h->length));
		CHECK_EQ(memory_map_type(m.map, narrow), MEMORY_ACPI);
		CHECK_EQ(memory_map_type(m.map, narrow + h->length - 1), MEMORY_ACPI);
		if (!memcmp(h->signature, signature, 4))
			return h;
	}
	return NULL;
}

static void roots(void)
{
	const struct acpi_header *h;

	build("vcpus=4 node=1M:0-3");
	CHECK(!memcmp(rsdp->signature, "RSD PTR ", 8));
	CHECK(sums_to_zero(rsdp, 20));
	CHECK(sums_to_zero(rsdp, 36));
	CHECK_EQ(rsdp->revision, 2);
	h = iron_memory(rsdp->rsdt);
	CHECK(sums_to_zero(h, h->length));
	h = iron_memory((uint32_t)rsdp->xsdt);
	CHECK(sums_to_zero(h, h->length));
	CHECK(table("FACP") && table("APIC") && table("HPET") && table("WAET") && table("SSDT") &&
	      table("SRAT"));
	CHECK_EQ(iron.console_len, 0);
	build("apic=0 hpet=0 waet=0");
	CHECK(!table("APIC") && !table("HPET") && !table("WAET") && !table("SRAT"));
}

static void fadt(void)
{
	const struct acpi_fadt *f;
	const struct acpi_facs *facs;
	const struct acpi_header *dsdt;

	build("");
	f = table("FACP");
	CHECK_EQ(f->pm1a_event, 0xb000);
	CHECK_EQ(f->pm1a_control, 0xb004);
	CHECK_EQ(f->pm_timer, 0xb008);
	CHECK_EQ(f->gpe0, 0xafe0);
	CHECK_EQ(f->x_pm_timer.address, 0xb008);
	CHECK_EQ(f->x_pm_timer.bits, 32);
	CHECK_EQ(f->reset.address, 0xcf9);
	CHECK_EQ(f->smi_command, 0);
	CHECK_EQ(f->sci_irq, 9);
	facs = iron_memory(f->facs);
	CHECK(!memcmp(facs->signature, "FACS", 4));
	CHECK_EQ(facs->length, 64);
	CHECK_EQ(f->facs % 64, 0);
	CHECK_EQ(memory_map_type(m.map, f->facs), MEMORY_NVS);
	dsdt = iron_memory(f->dsdt);
	CHECK(!memcmp(dsdt->signature, "DSDT", 4));
	CHECK(sums_to_zero(dsdt, dsdt->length));
	CHECK_EQ(f->x_dsdt, f->dsdt);
}

static void madt(void)
{
	const struct acpi_madt *t;
	const uint8_t *at, *end;
	unsigned lapics = 0, enabled = 0, overrides = 0, others = 0;

	build("vcpus=3 maxvcpus=5");
	t = table("APIC");
	at = (const uint8_t *)(t + 1);
	end = (const uint8_t *)t + t->h.length;
	for (; at < end; at += at[1]) {
		const struct acpi_madt_lapic *l = (const void *)at;

		CHECK(at[1] > 1);
		switch (at[0]) {
		case 0:
			CHECK_EQ(l->processor, lapics);
			CHECK_EQ(l->id, lapics * 2);
			lapics++;
			enabled += l->flags & 1;
			break;
		case 2: overrides++; break;
		default: others++;
		}
	}
	CHECK_EQ((long)(at - end), 0);
	CHECK_EQ(lapics, 5);
	CHECK_EQ(enabled, 3);
	CHECK_EQ(overrides, 5); /* 0, 5, 9, 10, 11 */
	CHECK_EQ(others, 2);
	CHECK_EQ(iron.sipis, 4);
	CHECK_EQ(iron.inits, 4);
}

static void vcpu_that_fails(void)
{
	const struct acpi_madt *t;
	const struct acpi_madt_lapic *l;

	fake_iron_reset();
	board_plug();
	board_start(&m, "vcpus=1", 512);
	/* It is said to be there, and never starts. */
	((struct config *)m.config)->vcpus = 2;
	((struct config *)m.config)->online = 2;
	rsdp = iron_memory(acpi_build(&m));
	t = table("APIC");
	l = (const void *)(t + 1);
	CHECK_EQ(l[0].flags, 1);
	CHECK_EQ(l[1].flags, 0);
}

static void srat(void)
{
	const struct acpi_srat *t;
	const uint8_t *at;
	uint64_t bytes[2] = { 0 };
	unsigned vcpus[2] = { 0 };

	build("vcpus=4 node=128M:0-1 node=0:2-3");
	t = table("SRAT");
	for (at = (const uint8_t *)(t + 1); at < (const uint8_t *)t + t->h.length; at += at[1]) {
		const struct acpi_srat_memory *mem = (const void *)at;

		CHECK(at[0] <= 1);
		if (at[0] == 0)
			vcpus[((const struct acpi_srat_lapic *)at)->node]++;
		else
			bytes[mem->node] += mem->size;
	}
	CHECK_EQ(vcpus[0], 2);
	CHECK_EQ(vcpus[1], 2);
	CHECK_EQ(bytes[0], MIB(128));
	CHECK(bytes[1] > MIB(380) && bytes[1] < MIB(384));
}

/* The value of a name in a table: its size and bytes. */
static uint64_t name_value(const void *table_, const char *name)
{
	const struct acpi_header *h = table_;
	const uint8_t *b = table_;
	uint64_t v = 0;

	for (uint32_t i = 0; i + 14 <= h->length; i++)
		if (b[i] == 8 && !memcmp(b + i + 1, name, 4)) {
			memcpy(&v, b + i + 6, b[i + 5] == 0x0a ? 1 : b[i + 5] == 0x0c ? 4 : 8);
			return v;
		}
	CHECK(!"the name is there");
	return 0;
}

static void dsdt_values(void)
{
	struct fake_function *f;
	const struct acpi_fadt *fadt_;
	const void *dsdt;

	fake_iron_reset();
	board_plug();
	f = fake_function_add(0, 5, 0, 0x1111, 0x2222, 0x0300);
	fake_bar(f, 0, GIB(8), 12);
	board_start(&m, "hpet=0", 512);
	rsdp = iron_memory(acpi_build(&m));
	fadt_ = table("FACP");
	dsdt = iron_memory(fadt_->dsdt);
	CHECK_EQ(name_value(dsdt, "ZMIN"), m.pci->hole_start);
	CHECK_EQ(name_value(dsdt, "ZMAX"), m.pci->hole_end - 1);
	CHECK_EQ(name_value(dsdt, "ZHMI"), GIB(8));
	CHECK_EQ(name_value(dsdt, "ZHLE"), GIB(8));
	CHECK_EQ(name_value(dsdt, "ZHPT"), 0);
	CHECK_EQ(name_value(dsdt, "ZCM1"), 1);
	CHECK_EQ(name_value(dsdt, "ZCM2"), 0);
}

static void aml_bounds(void)
{
	uint8_t bytes[24];
	struct aml a = { bytes, bytes + sizeof(bytes), false };
	uint8_t *scope = aml_open_scope(&a, "_SB_");

	aml_name_integer(&a, "AAAA", 0x123456789aull);
	CHECK(!a.full);
	aml_close(&a, scope);
	CHECK_EQ(bytes[1] >> 6, 2);
	CHECK_EQ((bytes[1] & 15) | bytes[2] << 4, a.at - bytes - 1);
	aml_name_text(&a, "BBBB", "too long");
	CHECK(a.full);
	CHECK(a.at <= a.end);
}

/* ---- iasl -------------------------------------------------------------------------------------------------- */

static char dir[64];

static void put_file(const char *name, const struct acpi_header *h)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.aml", dir, name);
	f = fopen(path, "wb");
	CHECK(f);
	CHECK_EQ(fwrite(h, 1, h->length, f), h->length);
	fclose(f);
}

/* Takes the table apart and compiles the source that comes of it; warnings are errors. */
static bool iasl_agrees(const char *name, const char *with)
{
	char command[512];

	snprintf(
		command, sizeof(command),
		"cd %s && iasl %s -d %s.aml > %s.log 2>&1 && ! grep -qi error %s.log && iasl -we -oa -p again %s.dsl > %s.log 2>&1",
		dir, with, name, name, name, name, name);
	if (!system(command))
		return true;
	snprintf(command, sizeof(command), "cat %s/%s.log", dir, name);
	if (system(command))
		printf("no log\n");
	return false;
}

static void iasl(void)
{
	static const char *const names[] = { "FACP", "APIC", "HPET", "WAET", "SRAT", "SSDT" };
	const struct acpi_fadt *f;
	char command[128];
	bool all = true;

	build("vcpus=100 node=128M:0-49 node=1M:50-99");
	strcpy(dir, "/tmp/zazen-tables.XXXXXX");
	CHECK(mkdtemp(dir));
	f = table("FACP");
	put_file("DSDT", iron_memory(f->dsdt));
	all &= iasl_agrees("DSDT", "");
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		put_file(names[i], table(names[i]));
		all &= iasl_agrees(names[i], "");
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (all)
		CHECK(!system(command));
	CHECK(all);
}

/* The interpreter of acpica runs what a system would: both tables together, and each kind of method once. */
static void acpiexec(void)
{
	static const char *const wanted[] = {
		"2 ACPI AML tables successfully acquired",
		"88 0D 00 02 0C 00 00 00",          /* _CRS of the bridge begins so: its buses */
		"Source Index : 0000002F",          /* _PRT with APIC: the last pin of the 32 */
		"89 06 00 0D 01 00 00 00 00 79 00", /* _CRS of a link that goes nowhere */
	};
	char command[640], line[256];
	bool seen[ARRAY_LEN(wanted)] = { false };
	const struct acpi_fadt *f;
	FILE *out;

	build("vcpus=2");
	strcpy(dir, "/tmp/zazen-tables.XXXXXX");
	CHECK(mkdtemp(dir));
	f = table("FACP");
	put_file("DSDT", iron_memory(f->dsdt));
	put_file("SSDT", table("SSDT"));
	snprintf(
		command, sizeof(command),
		"cd %s && acpiexec -b 'execute \\_SB.PCI0._CRS; resources \\_SB.PCI0; execute \\_PIC 1; resources \\_SB.PCI0; execute \\_SB.LNKA._CRS; execute \\_SB.PCI0.ISA.COM1._STA; execute \\_S3; quit' DSDT.aml SSDT.aml 2>&1; rm -rf %s",
		dir, dir);
	out = popen(command, "r");
	CHECK(out);
	while (fgets(line, sizeof(line), out))
		for (unsigned i = 0; i < ARRAY_LEN(wanted); i++)
			seen[i] |= strstr(line, wanted[i]) != NULL;
	CHECK(!pclose(out));
	for (unsigned i = 0; i < ARRAY_LEN(wanted); i++) {
		if (!seen[i])
			printf("acpiexec did not say: %s\n", wanted[i]);
		CHECK(seen[i]);
	}
}

/* ---- the others ----------------------------------------------------------------------------------------------- */

/* Structure number n of a type; NULL. */
static const uint8_t *smbios_find(const uint8_t *entry, uint8_t type, unsigned n)
{
	uint32_t base;
	uint16_t length;
	const uint8_t *at, *end;

	memcpy(&base, entry + 24, 4);
	memcpy(&length, entry + 22, 2);
	at = iron_memory(base);
	end = at + length;
	while (at < end) {
		if (at[0] == type && !n--)
			return at;
		at += at[1];
		while (at[0] || at[1])
			at++;
		at += 2;
	}
	return NULL;
}

static const char *smbios_text(const uint8_t *s, unsigned n)
{
	const char *at = (const char *)s + s[1];

	while (n > 1 && *at) {
		at += strlen(at) + 1;
		n--;
	}
	return n ? at : "";
}

static void smbios(void)
{
	static const uint8_t uuid[16] = { 0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0xcd,
		                          0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77 };
	const uint8_t *e, *s;
	uint16_t count;
	unsigned seen = 0;

	start("vcpus=3 uuid=01234567-89ab-cdef-0011-223344556677 serial=\"S 1\" chassis_asset_tag=tag");
	e = iron_memory(smbios_build(&m));
	CHECK(!memcmp(e, "_SM_", 4));
	CHECK_EQ(e[5], 31);
	CHECK(sums_to_zero(e, 31));
	CHECK(!memcmp(e + 16, "_DMI_", 5));
	CHECK(sums_to_zero(e + 16, 15));
	s = smbios_find(e, 1, 0);
	CHECK(s);
	CHECK(!memcmp(s + 8, uuid, 16));
	CHECK(!strcmp(smbios_text(s, s[4]), "Xen"));
	CHECK(!strcmp(smbios_text(s, s[5]), "HVM domU"));
	CHECK(!strcmp(smbios_text(s, s[7]), "S 1"));
	s = smbios_find(e, 3, 0);
	CHECK(!strcmp(smbios_text(s, s[8]), "tag"));
	CHECK(smbios_find(e, 4, 2) && !smbios_find(e, 4, 3));
	s = smbios_find(e, 17, 0);
	CHECK_EQ(s[12] | s[13] << 8, 512);
	CHECK(smbios_find(e, 127, 0));
	for (unsigned type = 0; type < 128; type++)
		for (unsigned n = 0; smbios_find(e, (uint8_t)type, n); n++)
			seen++;
	memcpy(&count, e + 28, 2);
	CHECK_EQ(count, seen);
	/* Without a number of its own the uuid is it. */
	start("");
	e = iron_memory(smbios_build(&m));
	s = smbios_find(e, 1, 0);
	CHECK(!strcmp(smbios_text(s, s[7]), "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf"));
}

static void mp(void)
{
	static const uint8_t sizes[5] = { 20, 8, 8, 8, 8 };
	const uint8_t *f, *t, *at;
	unsigned counts[5] = { 0 }, entries;
	uint32_t base;

	start("vcpus=4");
	f = iron_memory(mp_table_build(&m));
	CHECK(!memcmp(f, "_MP_", 4));
	CHECK(sums_to_zero(f, 16));
	memcpy(&base, f + 4, 4);
	t = iron_memory(base);
	CHECK(!memcmp(t, "PCMP", 4));
	CHECK(sums_to_zero(t, (uint32_t)(t[4] | t[5] << 8)));
	entries = (unsigned)(t[34] | t[35] << 8);
	at = t + 44;
	for (unsigned i = 0; i < entries; i++) {
		CHECK(at[0] < 5);
		counts[at[0]]++;
		/* Pin A of device 4: 16 + 16 */
		if (at[0] == 3 && at[4] == 0 && at[5] == 4 << 2)
			CHECK_EQ(at[7], 32);
		at += sizes[at[0]];
	}
	CHECK_EQ(at - t, t[4] | t[5] << 8);
	CHECK_EQ(counts[0], 4);
	CHECK_EQ(counts[1], 2);
	CHECK_EQ(counts[2], 1);
	CHECK_EQ(counts[3], 15 + 3);
	CHECK_EQ(counts[4], 2);
}

static void pir(void)
{
	const uint8_t *t;

	start("");
	t = iron_memory(pir_table_build(&m));
	CHECK(!memcmp(t, "$PIR", 4));
	CHECK_EQ(t[6] | t[7] << 8, 32 + 32 * 16);
	CHECK(sums_to_zero(t, 32 + 32 * 16));
	/* Device 3, pin B: link (3 + 1) mod 4 */
	CHECK_EQ(t[32 + 3 * 16 + 2 + 3], 0x60);
}

static void no_room(void)
{
	start("vcpus=100");
	m.acpi.end = m.acpi.next + 0x1000;
	CHECK(DIES(acpi_build(&m)));
	start("vcpus=100");
	m.reserved.end = m.reserved.next + 0x1000;
	CHECK(DIES(smbios_build(&m)));
}

UNIT_MAIN(UNIT(roots), UNIT(fadt), UNIT(madt), UNIT(vcpu_that_fails), UNIT(srat), UNIT(dsdt_values),
          UNIT(aml_bounds), UNIT(iasl), UNIT(acpiexec), UNIT(smbios), UNIT(mp), UNIT(pir),
          UNIT(no_room))
