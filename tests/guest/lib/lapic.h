/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC: xAPIC at its default address, or x2APIC where lapic_x2apic is set (SDM 11.4, 11.12). */
#ifndef GUEST_LAPIC_H
#define GUEST_LAPIC_H

#include "types.h"

#define APIC_BASE_ADDRESS 0xfee00000u
#define MSR_APIC_BASE     0x1bu
#define APIC_BASE_BSP     (1u << 8)
#define APIC_BASE_X2APIC  (1u << 10)
#define APIC_BASE_ENABLE  (1u << 11)
#define MSR_X2APIC        0x800u
#define MSR_TSC_DEADLINE  0x6e0u

enum lapic_register {
	APIC_ID = 0x020,
	APIC_VERSION = 0x030,
	APIC_TPR = 0x080,
	APIC_APR = 0x090,
	APIC_PPR = 0x0a0,
	APIC_EOI = 0x0b0,
	APIC_RRD = 0x0c0,
	APIC_LDR = 0x0d0,
	APIC_DFR = 0x0e0,
	APIC_SVR = 0x0f0,
	APIC_ISR = 0x100,
	APIC_TMR = 0x180,
	APIC_IRR = 0x200,
	APIC_ESR = 0x280,
	APIC_CMCI = 0x2f0,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERF = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
	APIC_SELF_IPI = 0x3f0,
};

/* ICR bits */
#define APIC_FIXED     0x00000u
#define APIC_LOWEST    0x00100u
#define APIC_SMI       0x00200u
#define APIC_NMI       0x00400u
#define APIC_INIT      0x00500u
#define APIC_STARTUP   0x00600u
#define APIC_LOGICAL   0x00800u
#define APIC_PENDING   0x01000u
#define APIC_ASSERT    0x04000u
#define APIC_LEVEL     0x08000u
#define APIC_TO_SELF   0x40000u
#define APIC_TO_ALL    0x80000u
#define APIC_TO_OTHERS 0xc0000u

#define APIC_LVT_MASKED     0x10000u
#define APIC_TIMER_PERIODIC 0x20000u
#define APIC_TIMER_DEADLINE 0x40000u
#define APIC_SVR_ENABLE     0x100u

extern bool lapic_x2apic; /* the whole domain: every CPU must have been switched */

uint32_t lapic_read(enum lapic_register reg);
void lapic_write(enum lapic_register reg, uint32_t v);
void lapic_eoi(void);
void lapic_enable(void);
void lapic_ipi(uint32_t apic_id, uint32_t icr);
uint32_t lapic_id(void);

/* Bits of ISR and IRR. */
bool lapic_in_service(unsigned vector);
bool lapic_requested(unsigned vector);

#endif
