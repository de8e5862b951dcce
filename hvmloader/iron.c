/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine as hvmloader sees it: the instructions behind iron.h. */
#include "types.h"
#include <xen/xen.h>
#include <xen/sched.h>
#include <xen/arch-x86/cpuid.h>
#include "iron.h"
#include "string.h"

#define HYPERVISOR_LEAF_FIRST 0x40000000u
#define HYPERVISOR_LEAF_LAST  0x40010000u
#define HYPERVISOR_LEAF_STEP  0x100u

/* One page is all that Xen has ever asked for; each call has 32 bytes in it. */
static uint8_t hypercall_page[PAGE_SIZE] __attribute__((aligned(4096)));

extern const uint8_t trampoline_ap[], trampoline_ap_end[];
extern const uint8_t trampoline_bios[], trampoline_bios_end[];

void *iron_memory(uint32_t gpa)
{
	return (void *)gpa;
}

uint32_t iron_address(const void *p)
{
	return (uint32_t)p;
}

uint8_t port_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

uint16_t port_in16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

uint32_t port_in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void port_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void port_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

void port_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

struct cpuid_result cpuid(uint32_t leaf)
{
	struct cpuid_result r;

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
	return r;
}

uint64_t msr_read(uint32_t msr)
{
	uint64_t value;

	__asm__ volatile("rdmsr" : "=A"(value) : "c"(msr));
	return value;
}

void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "A"(value), "c"(msr) : "memory");
}

uint32_t mmio_read32(uint32_t gpa)
{
	return *(volatile uint32_t *)gpa;
}

void mmio_write32(uint32_t gpa, uint32_t value)
{
	*(volatile uint32_t *)gpa = value;
}

bool hypercall_init(void)
{
	static const uint32_t name[3] = { XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
		                          XEN_CPUID_SIGNATURE_EDX };

	for (uint32_t leaf = HYPERVISOR_LEAF_FIRST; leaf < HYPERVISOR_LEAF_LAST;
	     leaf += HYPERVISOR_LEAF_STEP) {
		struct cpuid_result r = cpuid(leaf);

		if (r.b != name[0] || r.c != name[1] || r.d != name[2] || r.a < leaf + 2)
			continue;
		r = cpuid(leaf + 2);
		if (r.a != 1)
			return false;
		msr_write(r.b, iron_address(hypercall_page));
		return true;
	}
	return false;
}

long hypercall(unsigned number, uintptr_t a, uintptr_t b)
{
	long result;

	__asm__ volatile("call *%[entry]"
	                 : "=a"(result), "+b"(a), "+c"(b)
	                 : [entry] "r"(hypercall_page + number * 32)
	                 : "memory");
	return result;
}

void iron_yield(void)
{
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

void iron_crash(void)
{
	struct sched_shutdown why = { .reason = SHUTDOWN_crash };

	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&why);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void iron_ap_prepare(uint32_t trampoline)
{
	memcpy(iron_memory(trampoline), trampoline_ap, (size_t)(trampoline_ap_end - trampoline_ap));
}

void iron_bios_start(uint32_t trampoline)
{
	void (*go)(void) = (void (*)(void))trampoline;

	memcpy(iron_memory(trampoline), trampoline_bios,
	       (size_t)(trampoline_bios_end - trampoline_bios));
	go();
	__builtin_unreachable();
}
