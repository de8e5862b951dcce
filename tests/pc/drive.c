/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers of our own for the IDE channels: a disk by single and multiple sectors and by bus-master DMA, with their interrupts, and a CD by packets.
 */
#include "real.h"

#define DISK    0x1f0
#define CD      0x170
#define CONTROL 0x206 /* from a channel's first port */

enum { BUSY = 0x80, READY = 0x40, DRQ = 0x08, ERROR = 0x01 };

static uint16_t channel; /* whose turn it is */

static bool not_busy(void)
{
	return (in8(channel + CONTROL) & BUSY) == 0;
}
static bool wants_data(void)
{
	return (in8(channel + CONTROL) & (BUSY | DRQ)) == DRQ;
}

static uint8_t last_status;
static void disk_interrupt(struct stopped *at)
{
	(void)at;
	last_status = in8(channel + 7);
	end_interrupt(14);
}
static uint32_t interrupts_wanted;
static bool interrupted(void)
{
	return times(0x76) >= interrupts_wanted;
}

static void read_words(uint32_t to, unsigned words)
{
	__asm__ volatile("pushw %%es; movw %w3, %%es; rep insw; popw %%es"
	                 : "+D"((uint32_t){ to & 15 }), "+c"(words)
	                 : "d"(channel), "r"(to >> 4)
	                 : "memory");
}

static void write_words(uint32_t from, unsigned words)
{
	__asm__ volatile("pushw %%ds; movw %w3, %%ds; rep outsw; popw %%ds"
	                 : "+S"((uint32_t){ from & 15 }), "+c"(words)
	                 : "d"(channel), "r"(from >> 4)
	                 : "memory");
}

static void issue(uint8_t drive, uint8_t sectors, uint32_t sector, uint8_t command)
{
	until(not_busy);
	out8(channel + 6, drive | (sector >> 24 & 15));
	until(not_busy);
	out8(channel + 2, sectors);
	out8(channel + 3, (uint8_t)sector);
	out8(channel + 4, (uint8_t)(sector >> 8));
	out8(channel + 5, (uint8_t)(sector >> 16));
	out8(channel + 7, command);
}

/* ---- the disk ---- */

static void identify(void)
{
	issue(0xa0, 0, 0, 0xec);
	check("identify", until(wants_data));
	read_words(BUFFER, 256);
	check("identify-disk", (peek16(BUFFER) & 0x8000) == 0);
	check("identify-lba", (peek16(BUFFER + 98) & 0x300) == 0x300);
	check("identify-sectors", peek32(BUFFER + 120) >= 2048);
	equal("identify-ends", in8(channel + 7) & (BUSY | READY | DRQ | ERROR), READY);
}

static void programmed(void)
{
	hook(0x76, disk_interrupt);
	set_masked(14, false);
	out8(channel + CONTROL, 0);
	/* Three sectors, an interrupt each; the first is the boot record. */
	interrupts_wanted = 0;
	issue(0xe0, 3, 0, 0x20);
	for (unsigned i = 0; i < 3; i++) {
		interrupts_wanted++;
		check("read-interrupt", until(interrupted));
		until(wants_data);
		read_words(BUFFER + 512 * i, 256);
	}
	equal("read-record", peek16(BUFFER + 510), 0xaa55);
	equal("read-program", peek32(BUFFER + 512), peek32(PROGRAM));
	/* Two at a time, one interrupt for both. */
	interrupts_wanted++;
	issue(0xe0, 2, 0, 0xc6);
	check("set-multiple", until(interrupted) && (last_status & ERROR) == 0);
	issue(0xe0, 2, 0, 0xc4);
	interrupts_wanted++;
	check("multiple-interrupt", until(interrupted));
	read_words(BUFFER + 0x1000, 512);
	equal("multiple-record", peek16(BUFFER + 0x1000 + 510), 0xaa55);
	/* Written, and an address that there is not. */
	issue(0xe0, 1, 2100, 0x30);
	check("write-wanted", until(wants_data));
	for (unsigned i = 0; i < 512; i += 2)
		poke16(BUFFER + i, 0x4200 + i);
	write_words(BUFFER, 256);
	interrupts_wanted++;
	check("write-interrupt", until(interrupted) && (last_status & ERROR) == 0);
	issue(0xe0, 1, 0xfffffff, 0x20);
	interrupts_wanted++;
	check("beyond-interrupt", until(interrupted));
	check("beyond-error", (last_status & ERROR) != 0 && (in8(channel + 1) & 0x10) != 0);
}

static void by_cylinder(void)
{
	issue(0xa0 | 15, 63, 0, 0x91); /* 16 heads, 63 sectors */
	interrupts_wanted++;
	check("geometry", until(interrupted) && (last_status & ERROR) == 0);
	out8(channel + 6,
	     0xa1); /* head 1, sector 2: the 65th of the disk; and the same by its number */
	out8(channel + 2, 1);
	out8(channel + 3, 2);
	out8(channel + 4, 0);
	out8(channel + 5, 0);
	out8(channel + 7, 0x20);
	interrupts_wanted++;
	check("cylinder-read", until(interrupted) && until(wants_data));
	read_words(BUFFER, 256);
	issue(0xe0, 1, 64, 0x20);
	interrupts_wanted++;
	check("number-read", until(interrupted) && until(wants_data));
	read_words(BUFFER + 512, 256);
	bool same = true;
	for (unsigned i = 0; i < 512; i += 4)
		same &= peek32(BUFFER + i) == peek32(BUFFER + 512 + i);
	check("cylinder-same", same);
}

/* Old commands, and the ways to start again. */
static void start_again(void)
{
	issue(0xa0, 1, 0, 0x10);
	interrupts_wanted++;
	check("recalibrate", until(interrupted) && (last_status & (READY | ERROR)) == READY);
	issue(0xa0, 0, 0, 0x90);
	interrupts_wanted++;
	check("diagnostic", until(interrupted) && in8(channel + 1) == 1);
	out8(channel + CONTROL, 4);
	out8(channel + CONTROL, 0);
	until(not_busy);
	equal("reset-sign",
	      in8(channel + 2) | in8(channel + 3) << 8 | in8(channel + 4) << 16 |
	              in8(channel + 5) << 24,
	      0x0101);
	equal("reset-diagnostic", in8(channel + 1), 1);
	equal("reset-status", in8(channel + 7) & (BUSY | READY | DRQ | ERROR), READY);
	/* A command that there is not. */
	issue(0xa0, 1, 0, 0xff);
	interrupts_wanted++;
	check("unknown", until(interrupted) && (last_status & ERROR) && (in8(channel + 1) & 4));
}

static void by_dma(void)
{
	uint16_t function = pci_find(0x8086, 0x7010), master;
	static uint32_t table[4] __attribute__((aligned(16)));

	pci_write(function, 4, pci_read(function, 4) | 5);
	master = pci_read(function, 0x20) & 0xfff0;
	check("master-there", master != 0);
	table[0] = BUFFER + 0x4000;
	table[1] = 512;
	table[2] = BUFFER + 0x4200;
	table[3] = 0x80000000 | 512;
	out8(master, 0);
	out32(master + 4, (uint32_t)table);
	out8(master + 2, 0x66);
	issue(0xe0, 2, 2099, 0xc8);
	out8(master, 9);
	interrupts_wanted++;
	check("dma-interrupt", until(interrupted));
	equal("dma-status", in8(master + 2) & 7, 4);
	out8(master, 0);
	out8(master + 2, 0x66);
	equal("dma-data", peek16(BUFFER + 0x4200 + 510), 0x4200 + 510);
	unhook(0x76);
}

/* ---- the CD ---- */

/* A command packet; what is to be read goes to BUFFER. Bytes read, or -1 with the sense key of the error asked for. */
static int packet(const uint8_t *words, unsigned most)
{
	int got = 0;

	until(not_busy);
	out8(channel + 6, 0xa0);
	out8(channel + 1, 0);
	out8(channel + 4, (uint8_t)most);
	out8(channel + 5, most >> 8);
	out8(channel + 7, 0xa0);
	if (!until(wants_data))
		return -1;
	for (unsigned i = 0; i < 12; i += 2)
		out16(channel, words[i] | words[i + 1] << 8);
	for (;;) {
		until(not_busy);
		uint8_t status = in8(channel + 7);

		if (status & ERROR)
			return -1;
		if (!(status & DRQ))
			return got;
		unsigned bytes = in8(channel + 4) | in8(channel + 5) << 8;

		read_words(BUFFER + got, bytes / 2);
		got += bytes;
	}
}

static const uint8_t test_ready[12], request_sense[12] = { 3, 0, 0, 0, 18 },
				     inquiry[12] = { 0x12, 0, 0, 0, 36 }, capacity[12] = { 0x25 },
				     read_three[12] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 3 },
				     read_beyond[12] = { 0x28, 0, 0x10, 0, 0, 0, 0, 0, 1 };

static void cd(void)
{
	channel = CD;
	out8(CD + CONTROL, 2);
	out8(CD + 6, 0xa0);
	out8(CD + 7, 0x08); /* a reset that packet devices answer with their sign */
	until(not_busy);
	equal("cd-sign", in8(CD + 4) | in8(CD + 5) << 8, 0xeb14);
	issue(0xa0, 0, 0, 0xa1);
	check("cd-identify", until(wants_data));
	read_words(BUFFER, 256);
	equal("cd-kind", peek16(BUFFER) >> 8 & 0x1f, 5);
	/* It may have something to say first. */
	for (unsigned i = 0; i < 5 && packet(test_ready, 0) != 0; i++)
		packet(request_sense, 18);
	equal("cd-ready", packet(test_ready, 0), 0);
	equal("cd-inquiry", packet(inquiry, 36), 36);
	equal("cd-inquiry-kind", peek8(BUFFER), 5);
	equal("cd-capacity", packet(capacity, 8), 8);
	equal("cd-block", peek32(BUFFER + 4), 0x00080000);
	equal("cd-read", packet(read_three, 2048), 3 * 2048);
	equal("cd-record", peek16(BUFFER + 510), 0xaa55);
	equal("cd-read-odd-limit", packet(read_three, 1000), 3 * 2048);
	equal("cd-record-again", peek16(BUFFER + 510), 0xaa55);
	equal("cd-beyond", packet(read_beyond, 2048), -1);
	equal("cd-sense", packet(request_sense, 18), 18);
	equal("cd-sense-key", peek8(BUFFER + 2) & 15, 5);
	equal("cd-sense-code", peek8(BUFFER + 12), 0x21);
	out8(CD + CONTROL, 0);
}

void drive_tests(void)
{
	channel = DISK;
	identify();
	programmed();
	by_cylinder();
	start_again();
	by_dma();
	cd();
}
