/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only real mode has: the BIOS, interrupts by its vectors, memory beyond the own segment.
 */
#pragma once
#include "pc.h"

/* All registers of a call of the BIOS; boot.S knows the places. */
struct bios {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
	uint16_t ds, es;
	uint32_t flags; /* after the call */
};
#define CARRY 1u
#define ZERO  0x40u

extern uint8_t boot_drive;

void bios(uint8_t vector, struct bios *registers);

/* The same for calls that need few: what came back in AX. */
uint16_t bios_ax(uint8_t vector, uint16_t ax, uint16_t bx, uint16_t cx, uint16_t dx);

/* ---- interrupts (real.c) ---- */

struct stopped {
	uint16_t ip, cs, flags;
};

/* The vector goes to a handler of ours until unhook(). */
void hook(uint8_t vector, void (*handler)(struct stopped *at));
void unhook(uint8_t vector);
/* How often that vector's handler ran since hook(). */
uint32_t times(uint8_t vector);

/* Ends an interrupt of the controllers. */
void end_interrupt(uint8_t irq);
/* Masks an IRQ or lets it come; what it was before. */
bool set_masked(uint8_t irq, bool masked);
#define VECTOR_OF(irq) ((irq) < 8 ? 0x08 + (irq) : 0x70 + (irq)-8)

/* Waits until it is so, half a minute by the clock at most; whether it came. Interrupts are on meanwhile. */
bool until(bool (*so)(void));

/* ---- memory by its address ---- */

uint8_t peek8(uint32_t address);
uint16_t peek16(uint32_t address);
uint32_t peek32(uint32_t address);
void poke8(uint32_t address, uint8_t value);
void poke16(uint32_t address, uint16_t value);

/* A CPU's function of 32 bits runs in protected mode, interrupts off; then it is real mode again (modes.S). */
void in_protected_mode(void (*function)(void));

/* ---- PCI (real.c, by ports) ---- */

uint32_t pci_read(uint16_t device, uint8_t reg);
void pci_write(uint16_t device, uint8_t reg, uint32_t value);
/* Bus 0's device with that vendor and identity, DEVICE << 3 | FUNCTION; 0xffff: none. */
uint16_t pci_find(uint16_t vendor, uint16_t identity);
