/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/boot/multiboot.c and boot_ranges.c: tables of both versions, built by hand in a small memory. */
#include <string.h>
#include "unit.h"
#include "boot_info.h"
#include "errno.h"

static uint8_t memory[0x10000] __attribute__((aligned(4096)));
static struct boot_info info;

static const void *map(void *arg, uint64_t phys, uint64_t size)
{
	return phys <= sizeof(memory) && size <= sizeof(memory) - phys ? memory + phys : NULL;
}

static void put32(uint64_t at, uint32_t v)
{
	memcpy(memory + at, &v, sizeof(v));
}
static void put64(uint64_t at, uint64_t v)
{
	memcpy(memory + at, &v, sizeof(v));
}

static void mb1_begin(uint32_t flags)
{
	memset(memory, 0, sizeof(memory));
	put32(0x100, flags);
}

static int mb1_read(void)
{
	return boot_info_read(MULTIBOOT1_LOADER, 0x100, map, NULL, &info);
}

static void mb1_mmap_entry(unsigned i, uint64_t base, uint64_t size, uint32_t type)
{
	uint64_t at = 0x1000 + i * 24;

	put32(at, 20);
	put64(at + 4, base);
	put64(at + 12, size);
	put32(at + 20, type);
	put32(0x100 + 44, (i + 1) * 24);
	put32(0x100 + 48, 0x1000);
}

static void mb1_whole(void)
{
	mb1_begin(1 << 2 | 1 << 3 | 1 << 6 | 1 << 9);
	strcpy((char *)memory + 0x2000, "xen console=com1");
	put32(0x100 + 16, 0x2000);
	strcpy((char *)memory + 0x3000 - 3, "loader"); /* crosses a page */
	put32(0x100 + 64, 0x3000 - 3);
	mb1_mmap_entry(0, 0x100000, 0x700000, 1);
	mb1_mmap_entry(1, 0, 0x9f000, 1);
	mb1_mmap_entry(2, 0xf0000, 0x10000, 2);
	put32(0x100 + 20, 2);
	put32(0x100 + 24, 0x4000);
	put32(0x4000, 0x5000);
	put32(0x4004, 0x6000);
	put32(0x4008, 0x2004);
	put32(0x4010, 0x7000);
	put32(0x4014, 0x7001);
	CHECK_EQ(mb1_read(), 0);
	CHECK(!strcmp(info.command_line, "xen console=com1"));
	CHECK(!strcmp(info.loader, "loader"));
	CHECK_EQ(info.nr_modules, 2);
	CHECK_EQ(info.modules[0].base, 0x5000);
	CHECK_EQ(info.modules[0].size, 0x1000);
	CHECK(!strcmp(info.modules[0].command_line, "console=com1"));
	CHECK_EQ(info.modules[1].size, 1);
	CHECK_EQ(info.modules[1].command_line[0], 0);
	CHECK_EQ(info.nr_ranges, 3);
	CHECK_EQ(info.ranges[0].base, 0);
	CHECK_EQ(info.ranges[1].base, 0xf0000);
	CHECK_EQ(info.ranges[1].type, RANGE_RESERVED);
	CHECK_EQ(info.ranges[2].size, 0x700000);
	CHECK_EQ(info.framebuffer.type, 0xff);
}

static void mb1_no_map(void)
{
	mb1_begin(1 << 0);
	put32(0x104, 640);
	put32(0x108, 1024);
	CHECK_EQ(mb1_read(), 0);
	CHECK_EQ(info.nr_ranges, 2);
	CHECK_EQ(info.ranges[0].size, 640 << 10);
	CHECK_EQ(info.ranges[1].base, 1 << 20);
}

static void mb1_outside(void)
{
	mb1_begin(1 << 2);
	put32(0x100 + 16, 0xfffffff0);
	CHECK_EQ(mb1_read(), -EFAULT);
	mb1_begin(1 << 3);
	put32(0x100 + 20, 0xffffffff);
	put32(0x100 + 24, 0xfff8);
	CHECK_EQ(mb1_read(), -EFAULT);
	mb1_begin(1 << 6);
	put32(0x100 + 44, 0xffffffff);
	CHECK_EQ(mb1_read(), -EFAULT);
	mb1_begin(1 << 6);
	mb1_mmap_entry(0, 0, 0x1000, 1);
	put32(0x1000, 8); /* entry too short */
	CHECK_EQ(mb1_read(), -EFAULT);
	/* a module that ends before it begins, and one beyond memory */
	mb1_begin(1 << 3);
	put32(0x100 + 20, 1);
	put32(0x100 + 24, 0x4000);
	put32(0x4000, 0x6000);
	put32(0x4004, 0x5000);
	CHECK_EQ(mb1_read(), -EFAULT);
	put32(0x4004, 0x20000);
	CHECK_EQ(mb1_read(), -EFAULT);
	/* more modules than we keep */
	put32(0x100 + 20, BOOT_MAX_MODULES + 1);
	for (unsigned i = 0; i <= BOOT_MAX_MODULES; i++) {
		put32(0x4000 + i * 16, 0x6000);
		put32(0x4004 + i * 16, 0x7000);
	}
	CHECK_EQ(mb1_read(), -E2BIG);
	CHECK_EQ(boot_info_read(MULTIBOOT1_LOADER, 0xfff0, map, NULL, &info), -EFAULT);
	CHECK_EQ(boot_info_read(1, 0x100, map, NULL, &info), -EINVAL);
}

/* ---- multiboot 2: tags are appended at mb2_end ---- */
static uint32_t mb2_end;

static void mb2_begin(void)
{
	memset(memory, 0, sizeof(memory));
	mb2_end = 0x108;
}
static uint32_t mb2_tag(uint32_t type, uint32_t size)
{
	uint32_t at = mb2_end;

	put32(at, type);
	put32(at + 4, size + 8);
	mb2_end = (at + 8 + size + 7) & ~7u;
	return at + 8;
}
static int mb2_read(void)
{
	mb2_tag(0, 0);
	put32(0x100, mb2_end - 0x100);
	return boot_info_read(MULTIBOOT2_LOADER, 0x100, map, NULL, &info);
}
static void mb2_mmap(uint64_t base, uint64_t size, uint32_t type)
{
	uint32_t at = mb2_tag(6, 8 + 24);

	put32(at, 24);
	put64(at + 8, base);
	put64(at + 16, size);
	put32(at + 24, type);
}
static void mb2_efi(const uint64_t (*entries)[3], unsigned n)
{
	uint32_t at = mb2_tag(17, 8 + 48 * n);

	put32(at, 48);
	put32(at + 4, 1);
	for (unsigned i = 0; i < n; i++) {
		put32(at + 8 + i * 48, (uint32_t)entries[i][0]);
		put64(at + 8 + i * 48 + 8, entries[i][1]);
		put64(at + 8 + i * 48 + 24, entries[i][2]);
	}
}

static void mb2_whole(void)
{
	uint32_t at;

	mb2_begin();
	strcpy((char *)memory + mb2_tag(1, 9), "noreboot");
	strcpy((char *)memory + mb2_tag(2, 5), "GRUB");
	at = mb2_tag(3, 8 + 4);
	put32(at, 0x8000);
	put32(at + 4, 0x9000);
	strcpy((char *)memory + at + 8, "a b");
	mb2_mmap(0, 0x100000, 1);
	at = mb2_tag(8, 24);
	put64(at, 0xe0000000);
	put32(at + 8, 3200);
	put32(at + 12, 800);
	put32(at + 16, 600);
	memory[at + 20] = 32;
	memory[at + 21] = 1;
	memcpy(memory + mb2_tag(14, 20), "RSD PTR old0........", 20);
	memcpy(memory + mb2_tag(15, 36), "RSD PTR new0........................", 36);
	memcpy(memory + mb2_tag(14, 20), "RSD PTR old1........", 20);
	mb2_tag(12, 8);
	mb2_tag(99, 3);
	CHECK_EQ(mb2_read(), 0);
	CHECK(!strcmp(info.command_line, "noreboot"));
	CHECK(!strcmp(info.loader, "GRUB"));
	CHECK_EQ(info.nr_modules, 1);
	CHECK_EQ(info.modules[0].size, 0x1000);
	CHECK(!strcmp(info.modules[0].command_line, "a b"));
	CHECK_EQ(info.nr_ranges, 1);
	CHECK_EQ(info.framebuffer.width, 800);
	CHECK_EQ(info.framebuffer.bpp, 32);
	CHECK_EQ(info.framebuffer.type, 1);
	CHECK_EQ(info.rsdp_length, 36);
	CHECK(!memcmp(info.rsdp_copy, "RSD PTR new0", 12));
	CHECK(info.efi);
}

static void mb2_efi_map(void)
{
	static const uint64_t entries[][3] = {
		{ 7, 0, 0x80 },           { 4, 0x80000, 0x10 }, { 0, 0x90000, 0x10 },
		{ 9, 0x100000, 0x10 },    { 10, 0x110000, 1 },  { 11, 0xfec00000, 1 },
		{ 7, 0x100000000, 0x10 },
	};

	mb2_begin();
	mb2_efi(entries, ARRAY_LEN(entries));
	CHECK_EQ(mb2_read(), 0);
	CHECK(info.efi);
	CHECK_EQ(info.nr_ranges, 6);
	CHECK_EQ(info.ranges[0].size, 0x90000);
	CHECK_EQ(info.ranges[1].type, RANGE_RESERVED);
	CHECK_EQ(info.ranges[2].type, RANGE_ACPI);
	CHECK_EQ(info.ranges[3].type, RANGE_NVS);
	CHECK_EQ(info.ranges[5].base, 0x100000000);
	/* the loader's own map holds, whichever comes first */
	mb2_begin();
	mb2_mmap(0, 0x5000, 1);
	mb2_efi(entries, ARRAY_LEN(entries));
	CHECK_EQ(mb2_read(), 0);
	CHECK_EQ(info.nr_ranges, 1);
	mb2_begin();
	mb2_efi(entries, ARRAY_LEN(entries));
	mb2_mmap(0, 0x5000, 1);
	CHECK_EQ(mb2_read(), 0);
	CHECK_EQ(info.nr_ranges, 1);
	CHECK_EQ(info.ranges[0].size, 0x5000);
}

static void mb2_cut(void)
{
	uint32_t at;

	/* a text without its end, up to the end of its tag */
	mb2_begin();
	at = mb2_tag(1, 4);
	memcpy(memory + at, "abcd", 4);
	CHECK_EQ(mb2_read(), 0);
	CHECK(!strcmp(info.command_line, "abcd"));
	/* no closing tag; a tag longer than the table; too short a tag; a table beyond memory */
	mb2_begin();
	mb2_tag(1, 8);
	put32(0x100, mb2_end - 0x100);
	CHECK_EQ(boot_info_read(MULTIBOOT2_LOADER, 0x100, map, NULL, &info), -EFAULT);
	mb2_begin();
	at = mb2_tag(1, 8);
	put32(at - 4, 0x1000);
	CHECK_EQ(mb2_read(), -EFAULT);
	mb2_begin();
	at = mb2_tag(1, 8);
	put32(at - 4, 7);
	CHECK_EQ(mb2_read(), -EFAULT);
	mb2_begin();
	mb2_tag(0, 0);
	put32(0x100, 0x10000);
	CHECK_EQ(boot_info_read(MULTIBOOT2_LOADER, 0x100, map, NULL, &info), -EFAULT);
	mb2_begin();
	mb2_tag(3, 4);
	CHECK_EQ(mb2_read(), -EFAULT);
	mb2_begin();
	put32(mb2_tag(6, 8), 8);
	CHECK_EQ(mb2_read(), -EFAULT);
	mb2_begin();
	mb2_tag(17, 0);
	CHECK_EQ(mb2_read(), -EFAULT);
}

static void ranges_overlap(void)
{
	static const struct boot_range raw[] = {
		{ 0x100000, 0x100000, RANGE_RAM },   { 0, 0xa0000, RANGE_RAM },
		{ 0x180000, 0x10000, RANGE_NVS },    { 0x188000, 0x4000, RANGE_RAM },
		{ 0x9f000, 0x2000, RANGE_RESERVED }, { 0x1f0000, 0x20000, 77 },
		{ 0x188000, 0x1000, RANGE_BAD },     { ~0ull - 5, 100, RANGE_RAM },
		{ 0x300000, 0, RANGE_RAM },          { 1ull << 51, ~0ull, RANGE_RESERVED },
	};
	static const struct boot_range expected[] = {
		{ 0, 0x9f000, RANGE_RAM },
		{ 0x9f000, 0x2000, RANGE_RESERVED },
		{ 0x100000, 0x80000, RANGE_RAM },
		{ 0x180000, 0x8000, RANGE_NVS },
		{ 0x188000, 0x1000, RANGE_BAD },
		{ 0x189000, 0x7000, RANGE_NVS },
		{ 0x190000, 0x60000, RANGE_RAM },
		{ 0x1f0000, 0x20000, RANGE_RESERVED },
		{ 1ull << 51, 1ull << 51, RANGE_RESERVED },
	};

	CHECK_EQ(boot_ranges_resolve(raw, ARRAY_LEN(raw), &info), 0);
	CHECK_EQ(info.nr_ranges, ARRAY_LEN(expected));
	for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
		CHECK_EQ(info.ranges[i].base, expected[i].base);
		CHECK_EQ(info.ranges[i].size, expected[i].size);
		CHECK_EQ(info.ranges[i].type, expected[i].type);
	}
}

static void ranges_merge(void)
{
	static const struct boot_range raw[] = {
		{ 0x3000, 0x1000, RANGE_RAM },
		{ 0x1000, 0x1000, RANGE_RAM },
		{ 0x2000, 0x1000, RANGE_RAM },
		{ 0x2800, 0x4000, RANGE_RAM },
	};

	CHECK_EQ(boot_ranges_resolve(raw, ARRAY_LEN(raw), &info), 0);
	CHECK_EQ(info.nr_ranges, 1);
	CHECK_EQ(info.ranges[0].base, 0x1000);
	CHECK_EQ(info.ranges[0].size, 0x5800);
}

static void ranges_too_many(void)
{
	static struct boot_range raw[BOOT_MAX_RANGES + 1];

	for (unsigned i = 0; i <= BOOT_MAX_RANGES; i++)
		raw[i] = (struct boot_range){ i * 0x2000, 0x1000, RANGE_RAM };
	CHECK_EQ(boot_ranges_resolve(raw, BOOT_MAX_RANGES, &info), 0);
	CHECK_EQ(boot_ranges_resolve(raw, BOOT_MAX_RANGES + 1, &info), -E2BIG);
}

UNIT_MAIN(UNIT(mb1_whole), UNIT(mb1_no_map), UNIT(mb1_outside), UNIT(mb2_whole), UNIT(mb2_efi_map),
          UNIT(mb2_cut), UNIT(ranges_overlap), UNIT(ranges_merge), UNIT(ranges_too_many))
