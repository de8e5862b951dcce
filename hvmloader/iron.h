/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as hvmloader sees it: memory by address, ports, model-specific registers, hypercalls. iron.c is the real one; unit tests link another.
 */
#ifndef HVMLOADER_IRON_H
#define HVMLOADER_IRON_H

#include "types.h"

/* The bytes at a guest physical address below 4 GiB. */
void *iron_memory(uint32_t gpa);
/* The address of an object of hvmloader's own. */
uint32_t iron_address(const void *p);

uint8_t port_in8(uint16_t port);
uint16_t port_in16(uint16_t port);
uint32_t port_in32(uint16_t port);
void port_out8(uint16_t port, uint8_t value);
void port_out16(uint16_t port, uint16_t value);
void port_out32(uint16_t port, uint32_t value);

struct cpuid_result {
	uint32_t a, b, c, d;
};
struct cpuid_result cpuid(uint32_t leaf);
uint64_t msr_read(uint32_t msr);
void msr_write(uint32_t msr, uint64_t value);

/* Device registers, which are no memory. */
uint32_t mmio_read32(uint32_t gpa);
void mmio_write32(uint32_t gpa, uint32_t value);

/* Finds the hypervisor and its calls. false: there is none, and no hypercall may be made. */
bool hypercall_init(void);
/* Xen's number and two arguments (pointers as uintptr_t); negative errno. */
long hypercall(unsigned number, uintptr_t a, uintptr_t b);

/* Lets other vcpus run for a moment. */
void iron_yield(void);
/* Ends the guest as crashed. */
noreturn_fn void iron_crash(void);
/*
 * A vcpu besides the first that was started by start-up IPI at `trampoline` runs ap_main(). Copies the code there. The page is below 1 MiB.
 */
void iron_ap_prepare(uint32_t trampoline);
/* Leaves for the BIOS at its reset vector, in real mode, by code that it puts at `trampoline`. */
noreturn_fn void iron_bios_start(uint32_t trampoline);

#endif
