/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real mode: interrupts by its vectors, memory beyond the segment, PCI by its two ports.
 */
#include "real.h"

/* ---- the BIOS ---- */

uint16_t bios_ax(uint8_t vector, uint16_t ax, uint16_t bx, uint16_t cx, uint16_t dx)
{
	struct bios r = { .eax = ax, .ebx = bx, .ecx = cx, .edx = dx };

	bios(vector, &r);
	return (uint16_t)r.eax;
}

/* ---- interrupts ---- */

extern const uint8_t stubs[STUBS][8];
static void (*handlers[STUBS])(struct stopped *at);
static uint32_t old_vectors[STUBS];
static volatile uint32_t counts[STUBS];

/* boot.S comes here, with the address of what the CPU pushed. */
void interrupt(uint32_t vector, struct stopped *at);
void interrupt(uint32_t vector, struct stopped *at)
{
	counts[vector]++;
	if (handlers[vector] != NULL)
		handlers[vector](at);
}

static volatile uint32_t *vector_at(uint8_t vector)
{
	uintptr_t at = 4u * vector;

	__asm__("" : "+r"(at)); /* the compiler knows too much of address 0 */
	return (volatile uint32_t *)at;
}

void hook(uint8_t vector, void (*handler)(struct stopped *at))
{
	interrupts_off();
	handlers[vector] = handler;
	counts[vector] = 0;
	old_vectors[vector] = *vector_at(vector);
	*vector_at(vector) = (uint32_t)stubs[vector];
	interrupts_on();
}

void unhook(uint8_t vector)
{
	interrupts_off();
	*vector_at(vector) = old_vectors[vector];
	interrupts_on();
}

uint32_t times(uint8_t vector)
{
	return counts[vector];
}

void end_interrupt(uint8_t irq)
{
	if (irq >= 8)
		out8(0xa0, 0x20);
	out8(0x20, 0x20);
}

bool set_masked(uint8_t irq, bool masked)
{
	uint16_t port = irq < 8 ? 0x21 : 0xa1;
	uint8_t bit = 1u << (irq & 7), now = in8(port);

	out8(port, masked ? now | bit : now & ~bit);
	return (now & bit) != 0;
}

bool until(bool (*so)(void))
{
	uint8_t second = cmos(0);
	unsigned left = 30;

	interrupts_on();
	while (!so()) {
		uint8_t now = cmos(0);

		if (now == second)
			continue;
		second = now;
		if (left-- == 0)
			return false;
	}
	return true;
}

/* ---- memory ---- */

#define PEEK(bits, suffix)                                                     \
	uint##bits##_t peek##bits(uint32_t address)                            \
	{                                                                      \
		uint##bits##_t value;                                          \
                                                                               \
		__asm__ volatile("movw %w1, %%fs; mov" suffix " %%fs:(%2), %0" \
		                 : "=q"(value)                                 \
		                 : "r"(address >> 4), "r"(address & 15));      \
		return value;                                                  \
	}
#define POKE(bits, suffix)                                                          \
	void poke##bits(uint32_t address, uint##bits##_t value)                     \
	{                                                                           \
		__asm__ volatile("movw %w1, %%fs; mov" suffix " %0, %%fs:(%2)"      \
		                 :                                                  \
		                 : "q"(value), "r"(address >> 4), "r"(address & 15) \
		                 : "memory");                                       \
	}
PEEK(8, "b")
PEEK(16, "w")
PEEK(32, "l")
POKE(8, "b")
POKE(16, "w")

/* ---- PCI ---- */

static uint32_t pci_address(uint16_t device, uint8_t reg)
{
	return 0x80000000 | (uint32_t)device << 8 | (reg & 0xfc);
}

uint32_t pci_read(uint16_t device, uint8_t reg)
{
	out32(0xcf8, pci_address(device, reg));
	return in32(0xcfc);
}

void pci_write(uint16_t device, uint8_t reg, uint32_t value)
{
	out32(0xcf8, pci_address(device, reg));
	out32(0xcfc, value);
}

uint16_t pci_find(uint16_t vendor, uint16_t identity)
{
	for (uint16_t device = 0; device < 256; device++)
		if (pci_read(device, 0) == ((uint32_t)identity << 16 | vendor))
			return device;
	return 0xffff;
}
