/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of a local APIC's registers that CPUs work on by themselves while a guest runs (SDM 29.1; AMD's backing page is the same, APM 15.29.3), and the vlapic, which
 * holds all of it between runs. Only xen/virt includes it.
 */
#ifndef VIRT_VIRT_APIC_H
#define VIRT_VIRT_APIC_H

#include "vcpu.h"
#include "vlapic_registers.h"

/* A 32-bit register of the page. */
static inline uint32_t *virt_apic_reg(uint8_t *page, uint32_t offset)
{
	return (uint32_t *)(page + offset);
}

/* No vector waits or is in service. */
bool virt_apic_is_idle(const struct vlapic *l);

/* Registers that only we change, from the vlapic into the page: guests may read them there. */
void virt_apic_mirror(struct vcpu *v, uint8_t *page);

/*
 * On the CPU that runs v: vectors (waiting ones are taken out of the vlapic, where others go on to leave new ones) into the page, and back. put gives the highest vector
 * that waits, and in bits 15:8 the highest in service: nothing waits for an APIC that is off.
 */
uint16_t virt_apic_put(struct vcpu *v, uint8_t *page);
void virt_apic_get(struct vcpu *v, uint8_t *page);

#endif
