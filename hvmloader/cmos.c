/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of the clock's battery-backed memory that BIOS and systems read. Numbers as PCs have them since the AT; those from 0x34 on are SeaBIOS's. */
#include "cmos.h"
#include "iron.h"

#define INDEX_PORT 0x70
#define DATA_PORT  0x71

enum {
	CMOS_BASE_KIB = 0x15,     /* RAM below 1 MiB */
	CMOS_EXTENDED_KIB = 0x17, /* from 1 MiB on, up to 64 MiB; and once more: */
	CMOS_EXTENDED_KIB_POST = 0x30,
	CMOS_ABOVE_16_MIB = 0x34, /* in units of 64 KiB, up to 4 GiB */
	CMOS_BOOT_LOW = 0x38,     /* bit 0: no check of floppies; bits 7 to 4: the third device */
	CMOS_TRANSLATION = 0x39,  /* two bits a disk */
	CMOS_BOOT_HIGH = 0x3d,    /* the first (bits 3 to 0) and the second device */
	CMOS_ABOVE_4_GIB = 0x5b,  /* three bytes, in units of 64 KiB */
	CMOS_EXTRA_CPUS = 0x5f,
};

#define BASE_KIB         640
#define TRANSLATE_BY_LBA 0x55 /* cylinders, heads and sectors come from the count of sectors */

static uint8_t cmos_read(uint8_t at)
{
	port_out8(INDEX_PORT, at);
	return port_in8(DATA_PORT);
}

static void cmos_write(uint8_t at, uint8_t value)
{
	port_out8(INDEX_PORT, at);
	port_out8(DATA_PORT, value);
}

static void cmos_write16(uint8_t at, uint64_t value)
{
	uint16_t v = (uint16_t)MIN(value, (uint64_t)0xffff);

	cmos_write(at, (uint8_t)v);
	cmos_write(at + 1, (uint8_t)(v >> 8));
}

static uint8_t boot_code(char letter)
{
	switch (letter) {
	case 'a': return 1;
	case 'c': return 2;
	case 'd': return 3;
	case 'n': return 4;
	default: return 0;
	}
}

static void write_boot(const char *boot)
{
	uint8_t code[3] = { 0 };

	for (unsigned i = 0; i < ARRAY_LEN(code) && boot[i]; i++)
		code[i] = boot_code(boot[i]);
	cmos_write(CMOS_BOOT_HIGH, (uint8_t)(code[1] << 4 | code[0]));
	cmos_write(CMOS_BOOT_LOW, (uint8_t)(code[2] << 4 | (cmos_read(CMOS_BOOT_LOW) & 0xf)));
}

void cmos_setup(const struct config *c, const struct memory_map *m)
{
	uint64_t low = memory_map_low_end(m), high = memory_map_high_end(m) - GIB(4);

	cmos_write16(CMOS_BASE_KIB, BASE_KIB);
	cmos_write16(CMOS_EXTENDED_KIB, (MIN(low, MIB(64)) - MIB(1)) >> 10);
	cmos_write16(CMOS_EXTENDED_KIB_POST, (MIN(low, MIB(64)) - MIB(1)) >> 10);
	cmos_write16(CMOS_ABOVE_16_MIB, low > MIB(16) ? (low - MIB(16)) >> 16 : 0);
	cmos_write16(CMOS_ABOVE_4_GIB, high >> 16 & 0xffff);
	cmos_write(CMOS_ABOVE_4_GIB + 2, (uint8_t)(high >> 32));
	cmos_write(CMOS_EXTRA_CPUS, (uint8_t)(c->online - 1));
	if (c->boot[0])
		write_boot(c->boot);
	/* Whoever knows its disks has said so. For small disks both ways are the same. */
	if (!cmos_read(CMOS_TRANSLATION))
		cmos_write(CMOS_TRANSLATION, TRANSLATE_BY_LBA);
}
