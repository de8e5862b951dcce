/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC. */
#include "guest.h"

bool lapic_x2apic;

uint32_t lapic_read(enum lapic_register reg)
{
	if (lapic_x2apic)
		return (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
	return *(volatile uint32_t *)(ulong_t)(APIC_BASE_ADDRESS + reg);
}

void lapic_write(enum lapic_register reg, uint32_t v)
{
	if (lapic_x2apic)
		wrmsr(MSR_X2APIC + reg / 16, v);
	else
		*(volatile uint32_t *)(ulong_t)(APIC_BASE_ADDRESS + reg) = v;
}

void lapic_eoi(void)
{
	lapic_write(APIC_EOI, 0);
}

void lapic_enable(void)
{
	lapic_write(APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
	lapic_write(APIC_TPR, 0);
}

void lapic_ipi(uint32_t apic_id, uint32_t icr)
{
	if (lapic_x2apic) {
		wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)apic_id << 32 | icr);
		return;
	}
	lapic_write(APIC_ICR_HIGH, apic_id << 24);
	lapic_write(APIC_ICR, icr);
}

uint32_t lapic_id(void)
{
	return lapic_x2apic ? lapic_read(APIC_ID) : lapic_read(APIC_ID) >> 24;
}

static bool vector_bit(enum lapic_register first, unsigned vector)
{
	return lapic_read(first + vector / 32 * 16) >> (vector % 32) & 1;
}

bool lapic_in_service(unsigned vector)
{
	return vector_bit(APIC_ISR, vector);
}

bool lapic_requested(unsigned vector)
{
	return vector_bit(APIC_IRR, vector);
}
