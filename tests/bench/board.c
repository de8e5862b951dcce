/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions an access to a chip of an HVM guest's board, read from the TSC of a machine that counts them (tests/bench/README.md). It is the kernel of a guest without a control domain, so
 * no firmware has been there: what it needs of the chips it sets up itself. Each prints "bench NAME COUNT": the mean over many, less the loop around them.
 */
#include "guest.h"

struct bench {
	const char *name;
	void (*setup)(void);
	void (*once)(void);
	unsigned per_once; /* operations in one call */
};

#define COUNT 1000u

/* ---- PCI ---- */

#define E1000_BAR             0xf2000000u
#define VGA_BAR               0xe0000000u
#define DEVFN(slot, function) ((slot) << 3 | (function))
#define IDE                   DEVFN(1, 1)
#define VGA                   DEVFN(3, 0)
#define E1000                 DEVFN(4, 0)

static void pci_write(unsigned devfn, unsigned reg, uint32_t value)
{
	out32(0xcf8, 0x80000000u | devfn << 8 | reg);
	out32(0xcfc, value);
}

static void pci_place(unsigned devfn, uint32_t at)
{
	pci_write(devfn, 0x10, at);
	pci_write(devfn, 0x04, 3); /* ports and memory */
}

/* ---- ports and memory ---- */

static void nothing(void)
{
}

static void port_of_nobody(void)
{
	in8(0x278);
}

static void port_read(void)
{
	in8(0x3ff); /* the UART's scratch register */
}

static void port_write(void)
{
	out8(0x3ff, 0x55);
}

static void setup_e1000(void)
{
	pci_place(E1000, E1000_BAR);
}

static void mmio_read(void)
{
	(void)*(volatile uint32_t *)(ulong_t)E1000_BAR; /* device control */
}

static void mmio_write(void)
{
	*(volatile uint32_t *)(ulong_t)(E1000_BAR + 0x38) = 0x8100; /* VLAN ether type */
}

/* ---- the display ---- */

static void sequencer(uint8_t index, uint8_t value)
{
	out16(0x3c4, (uint16_t)(index | value << 8));
}

static void graphics(uint8_t index, uint8_t value)
{
	out16(0x3ce, (uint16_t)(index | value << 8));
}

/* Four planes behind 64 KiB at 0xa0000, as mode 12h has them. */
static void setup_planar(void)
{
	out8(0x3c2, 0xe3);
	sequencer(2, 0x0f);
	sequencer(4, 0x06);
	graphics(0, 0);
	graphics(1, 0);
	graphics(3, 0);
	graphics(5, 0);
	graphics(6, 0x05);
	graphics(8, 0xff);
}

static void planar_write(void)
{
	*(volatile uint8_t *)0xa0000 = 0x5a;
}

static void planar_read(void)
{
	(void)*(volatile uint8_t *)0xa0000;
}

static void planar_stos(void)
{
	ulong_t n = 80, to = 0xa0000;

	__asm__ volatile("rep stosb" : "+c"(n), "+D"(to) : "a"(0) : "memory");
}

/* By the latches, four planes at a time: scrolling. */
static void setup_latches(void)
{
	setup_planar();
	graphics(5, 1);
}

static void planar_movs(void)
{
	ulong_t n = 80, from = 0xa0050, to = 0xa0000;

	__asm__ volatile("rep movsb" : "+c"(n), "+S"(from), "+D"(to) : : "memory");
}

static void setup_text(void)
{
	sequencer(2, 0x03);
	sequencer(4, 0x02);
	graphics(1, 0);
	graphics(5, 0x10);
	graphics(6, 0x0e);
}

static void text_write(void)
{
	*(volatile uint16_t *)0xb8000 = 0x0741;
}

static void vbe(uint16_t index, uint16_t value)
{
	out16(0x1ce, index);
	out16(0x1cf, value);
}

static void setup_linear(void)
{
	pci_place(VGA, VGA_BAR);
	vbe(4, 0);
	vbe(1, 640);
	vbe(2, 480);
	vbe(3, 32);
	vbe(4, 0x41); /* enabled, linear */
}

static void linear_write(void)
{
	*(volatile uint32_t *)(ulong_t)(VGA_BAR + 4096) = 0xffffff;
}

/* ---- a sector ---- */

static uint16_t sector[256];

static void ata_wait(uint8_t mask, uint8_t wanted)
{
	while ((in8(0x1f7) & mask) != wanted)
		;
}

/* READ SECTORS of the first one, up to where its data can be fetched */
static void sector_ask(void)
{
	out8(0x3f6, 2); /* no interrupts */
	out8(0x1f6, 0xe0);
	ata_wait(0x80, 0);
	out8(0x1f2, 1);
	out8(0x1f3, 0);
	out8(0x1f4, 0);
	out8(0x1f5, 0);
	out8(0x1f7, 0x20);
	ata_wait(0x88, 0x08);
}

static void sector_fetch(void)
{
	ulong_t n = 256, to = (ulong_t)sector;

	__asm__ volatile("rep insw" : "+c"(n), "+D"(to) : "d"(0x1f0) : "memory");
}

/* The data are whole only when all of it came from the drive. */
static uint64_t sector_cost(void)
{
	uint64_t sum = 0;

	pci_write(IDE, 0x04, 1);
	pci_write(IDE, 0x40, 0x80008000); /* both channels decode their ports */
	for (unsigned i = 0; i < 100; i++) {
		uint64_t start;

		sector_ask();
		start = rdtsc();
		sector_fetch();
		sum += rdtsc() - start;
		if (sector[0] != 0x6f42 || sector[255] != 0xaa55)
			test_fail("the sector is not what the disk has");
	}
	return sum / 100;
}

/* ---- all ---- */

static const struct bench benches[] = {
	{ "board-nobody", NULL, port_of_nobody, 1 },
	{ "board-port-read", NULL, port_read, 1 },
	{ "board-port-write", NULL, port_write, 1 },
	{ "board-mmio-read", setup_e1000, mmio_read, 1 },
	{ "board-mmio-write", setup_e1000, mmio_write, 1 },
	{ "vga-planar-write", setup_planar, planar_write, 1 },
	{ "vga-planar-read", setup_planar, planar_read, 1 },
	{ "vga-planar-stos", setup_planar, planar_stos, 80 },
	{ "vga-planar-movs", setup_latches, planar_movs, 80 },
	{ "vga-text-write", setup_text, text_write, 1 },
	{ "vga-linear-write", setup_linear, linear_write, 1 },
};

static uint64_t run(void (*once)(void))
{
	uint64_t start;

	once(); /* what is made at first use is not the price of the operation */
	start = rdtsc();
	for (unsigned i = 0; i < COUNT; i++)
		once();
	return rdtsc() - start;
}

static void all(void)
{
	char only[32] = "";
	uint64_t loop;

	option_text("bench", only, sizeof(only));
	irq_off();
	loop = run(nothing);
	for (unsigned i = 0; i < ARRAY_LEN(benches); i++) {
		const struct bench *b = &benches[i];

		if (only[0] && strcmp(only, b->name))
			continue;
		if (b->setup)
			b->setup();
		print("bench %s %llu\n", b->name,
		      (unsigned long long)((run(b->once) - loop) / COUNT / b->per_once));
	}
	if (!only[0])
		print("bench sector-pio %llu\n", (unsigned long long)sector_cost());
}

GUEST_TESTS(TEST(all));
