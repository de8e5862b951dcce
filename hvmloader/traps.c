/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions of hvmloader itself. There is no way on: the guest ends. */
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "traps.h"

#define GATE_INTERRUPT 0x8e00u

static uint32_t idt[TRAP_VECTORS][2];

void traps_init(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} packed_struct pointer = { sizeof(idt) - 1, iron_address(idt) };

	for (unsigned i = 0; i < TRAP_VECTORS; i++) {
		uint32_t entry = iron_address(trap_stubs + i * TRAP_STUB_SIZE);

		idt[i][0] = (uint32_t)SEL_CODE32 << 16 | (entry & 0xffff);
		idt[i][1] = (entry & 0xffff0000) | GATE_INTERRUPT;
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

void trap_report(const struct trap_frame *f)
{
	die("exception %u at %#x, error code %#x; the hypervisor or a device is not what is expected",
	    f->vector, f->eip, f->error);
}
