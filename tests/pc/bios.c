/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BIOS's services as programs of DOS's time use them: memory, drives, clock, PCI, keyboard, mouse.
 */
#include "real.h"

#define BUFFER_SEGMENT (BUFFER >> 4)

/* ---- memory ---- */

struct range {
	uint64_t base, size;
	uint32_t type;
};

static void memory_map(void)
{
	struct bios r = { 0 };
	uint64_t low = 0, high = 0;
	uint32_t n = 0;
	static struct range range;

	do {
		r = (struct bios){ .eax = 0xe820,
			           .ebx = r.ebx,
			           .ecx = 20,
			           .edx = 0x534d4150,
			           .edi = (uint32_t)&range };
		bios(0x15, &r);
		if ((r.flags & CARRY) || r.eax != 0x534d4150)
			break;
		n++;
		if (range.type == 1)
			*(range.base < 0x100000 ? &low : &high) += range.size;
	} while (r.ebx != 0 && n < 100);
	check("e820-ends", r.ebx == 0 && n > 2 && !(r.flags & CARRY));
	check("e820-low", low >= 0x90000 && low <= 0xa0000);
	check("e820-high", high >= 0x2000000);

	r = (struct bios){ .eax = 0xe801 };
	bios(0x15, &r);
	check("e801", !(r.flags & CARRY) && ((uint64_t)(r.eax & 0xffff) << 10) +
	                                                    ((uint64_t)(r.ebx & 0xffff) << 16) >=
	                                            high - 0x200000);
	r = (struct bios){ .eax = 0x8800 };
	bios(0x15, &r);
	check("ext-memory", !(r.flags & CARRY) && (r.eax & 0xffff) >= 15 * 1024);
	equal("low-memory", bios_ax(0x12, 0, 0, 0, 0) >= 600, 1);
	equal("equipment", bios_ax(0x11, 0, 0, 0, 0) & 0x32,
	      0x22); /* a coprocessor, 80 columns of text */
}

/* INT 15h, 87h: the BIOS copies by protected mode; as XMS and RAM disks did. */
static void block_move(uint32_t to, uint32_t from, uint16_t words)
{
	static struct {
		uint16_t limit, base;
		uint8_t base16, access;
		uint16_t more;
	} table[6];
	struct bios r = { .eax = 0x8700, .ecx = words, .esi = (uint32_t)table };

	memory_fill(table, 0, sizeof(table));
	table[2].limit = table[3].limit = 0xffff;
	table[2].access = table[3].access = 0x93;
	table[2].base = (uint16_t)from;
	table[2].base16 = (uint8_t)(from >> 16);
	table[3].base = (uint16_t)to;
	table[3].base16 = (uint8_t)(to >> 16);
	bios(0x15, &r);
	equal("move", r.eax >> 8 & 0xff, 0);
}

static void high_memory(void)
{
	for (unsigned i = 0; i < 256; i++)
		poke16(BUFFER + 2 * i, 0x5a00 + i);
	block_move(FAR_MEMORY + 0x10, BUFFER, 256);
	for (unsigned i = 0; i < 256; i++)
		poke16(BUFFER + 2 * i, 0);
	block_move(BUFFER, FAR_MEMORY + 0x10, 256);
	equal("moved-first", peek16(BUFFER), 0x5a00);
	equal("moved-last", peek16(BUFFER + 510), 0x5aff);
	/* The gate is open, by each of the ways to ask; the high memory area is there. */
	equal("a20-on", bios_ax(0x15, 0x2401, 0, 0, 0) >> 8, 0);
	equal("a20-state", bios_ax(0x15, 0x2402, 0, 0, 0), 1);
	equal("a20-port", in8(0x92) & 2, 2);
	poke16(0x500, 0x1234);
	__asm__ volatile("movw %w0, %%fs; movw $0xabcd, %%fs:0x510" : : "r"(0xffff) : "memory");
	equal("a20-no-wrap", peek16(0x500), 0x1234);
}

/* ---- drives ---- */

struct packet {
	uint8_t size, zero;
	uint16_t sectors;
	uint32_t to; /* segment and offset */
	uint64_t sector;
};

static uint8_t drive_call(uint8_t function, uint64_t sector, uint16_t sectors, uint16_t segment)
{
	static struct packet packet;
	struct bios r = { .eax = (uint32_t)function << 8,
		          .edx = boot_drive,
		          .esi = (uint32_t)&packet };

	packet = (struct packet){ sizeof(packet), 0, sectors, (uint32_t)segment << 16, sector };
	bios(0x13, &r);
	return (r.flags & CARRY) ? (uint8_t)(r.eax >> 8) | 1 : 0;
}

static void drive_services(void)
{
	struct bios r = { .eax = 0x0800, .edx = boot_drive };
	uint32_t heads, sectors, cylinders;

	bios(0x13, &r);
	heads = (r.edx >> 8 & 0xff) + 1;
	sectors = r.ecx & 0x3f;
	cylinders = ((r.ecx >> 8 & 0xff) | (r.ecx << 2 & 0x300)) + 1;
	check("drive-geometry",
	      !(r.flags & CARRY) && heads * sectors * cylinders >= 2000 && (r.edx & 0xff) >= 1);
	equal("drive-type", bios_ax(0x13, 0x1500, 0, 0, boot_drive) >> 8, 3);

	r = (struct bios){ .eax = 0x0201, .ecx = 1, .edx = boot_drive, .es = BUFFER_SEGMENT };
	bios(0x13, &r);
	check("drive-read", !(r.flags & CARRY));
	equal("drive-record", peek16(BUFFER + 510), 0xaa55);

	r = (struct bios){ .eax = 0x4100, .ebx = 0x55aa, .edx = boot_drive };
	bios(0x13, &r);
	equal("drive-extensions", r.ebx & 0xffff, 0xaa55);
	equal("drive-read-many", drive_call(0x42, 0, 127, BUFFER_SEGMENT), 0);
	equal("drive-record-again", peek16(BUFFER + 510), 0xaa55);
	/* Written, and read into another place. */
	for (unsigned i = 0; i < 2048; i += 2)
		poke16(BUFFER + i, 0xc000 + i);
	equal("drive-write", drive_call(0x43, 2000, 4, BUFFER_SEGMENT), 0);
	equal("drive-read-back", drive_call(0x42, 2000, 4, BUFFER_SEGMENT + 0x80), 0);
	equal("drive-same", peek16(BUFFER + 0x800 + 2046), 0xc000 + 2046);
	check("drive-beyond", drive_call(0x42, 0x10000000, 1, BUFFER_SEGMENT) != 0);
	equal("drive-reset", bios_ax(0x13, 0, 0, 0, boot_drive) >> 8, 0);
}

/* ---- clock ---- */

static uint32_t ticks(void)
{
	struct bios r = { 0 };

	bios(0x1a, &r);
	return r.ecx << 16 | (r.edx & 0xffff);
}

static uint32_t first_tick;
static bool three_ticks(void)
{
	return ticks() - first_tick >= 3;
}

static bool is_bcd(uint8_t value, uint8_t most)
{
	return (value & 15) < 10 && (value >> 4) < 10 && value <= most;
}

static void clock(void)
{
	struct bios r = { .eax = 0x0200 };

	first_tick = ticks();
	check("ticks", until(three_ticks));
	bios(0x1a, &r);
	check("time", !(r.flags & CARRY) && is_bcd(r.ecx >> 8, 0x23) && is_bcd(r.ecx, 0x59) &&
	                      is_bcd(r.edx >> 8, 0x59));
	r = (struct bios){ .eax = 0x0400 };
	bios(0x1a, &r);
	check("date", !(r.flags & CARRY) && (r.ecx >> 8 & 0xff) == 0x20 &&
	                      is_bcd(r.edx >> 8, 0x12) && is_bcd(r.edx, 0x31));
	first_tick = ticks();
	r = (struct bios){ .eax = 0x8600, .ecx = 3, .edx = 0xd090 }; /* a quarter of a second */
	bios(0x15, &r);
	check("wait", !(r.flags & CARRY) && ticks() - first_tick >= 3);
}

static void alarm(struct stopped *at)
{
	(void)at;
}
static bool alarm_came(void)
{
	return times(0x4a) != 0;
}

/* The alarm of INT 1Ah: the clock's interrupt, and the BIOS's call of INT 4Ah. */
static void alarm_clock(void)
{
	struct bios r = { .eax = 0x0200 };
	uint8_t second;

	hook(0x4a, alarm);
	bios(0x1a, &r);
	second = (r.edx >> 12 & 15) * 10 + (r.edx >> 8 & 15) + 2;
	if (second >= 60) {
		second -= 60;
		r.ecx = (r.ecx & 0xff00) | 0xff; /* any minute */
	} else {
		r.ecx |= 0xff;
	}
	r = (struct bios){ .eax = 0x0600,
		           .ecx = 0xff00 | (r.ecx & 0xff),
		           .edx = (uint32_t)(second / 10 << 4 | second % 10) << 8 };
	r.ecx = 0xffff; /* any hour, any minute */
	bios(0x1a, &r);
	check("alarm-set", !(r.flags & CARRY));
	check("alarm", until(alarm_came));
	bios_ax(0x1a, 0x0700, 0, 0, 0);
	unhook(0x4a);
}

/* ---- PCI ---- */

static void pci_services(void)
{
	struct bios r = { .eax = 0xb101 };

	bios(0x1a, &r);
	equal("pci-there", r.edx, 0x20494350);
	r = (struct bios){ .eax = 0xb102, .ecx = 0x7010, .edx = 0x8086 };
	bios(0x1a, &r);
	equal("pci-ide", r.eax >> 8 & 0xff, 0);
	equal("pci-ide-place", r.ebx & 0xffff, pci_find(0x8086, 0x7010));
	r = (struct bios){ .eax = 0xb109, .ebx = r.ebx, .edi = 0x0a };
	bios(0x1a, &r);
	equal("pci-ide-class", r.ecx & 0xffff, 0x0101);
	r = (struct bios){ .eax = 0xb103, .ecx = 0x030000 };
	bios(0x1a, &r);
	equal("pci-screen", r.eax >> 8 & 0xff, 0);
	r = (struct bios){ .eax = 0xb102, .ecx = 0x1111, .edx = 0x1111 };
	bios(0x1a, &r);
	check("pci-none", (r.flags & CARRY) && (r.eax >> 8 & 0xff) == 0x86);
}

void bios_tests(void)
{
	memory_map();
	high_memory();
	drive_services();
	clock();
	alarm_clock();
	pci_services();
}
