/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offsets and bits of the local APIC's page, SDM 10.4 to 10.12; and what the parts of the vlapic share. */
#ifndef VDEV_VLAPIC_REGISTERS_H
#define VDEV_VLAPIC_REGISTERS_H

#include "vcpu.h"

#define APIC_ID         0x020
#define APIC_VERSION    0x030
#define APIC_TPR        0x080
#define APIC_APR        0x090
#define APIC_PPR        0x0a0
#define APIC_EOI        0x0b0
#define APIC_LDR        0x0d0
#define APIC_DFR        0x0e0
#define APIC_SVR        0x0f0
#define APIC_ISR        0x100
#define APIC_TMR        0x180
#define APIC_IRR        0x200
#define APIC_ESR        0x280
#define APIC_ICR        0x300
#define APIC_ICR_HIGH   0x310
#define APIC_LVT_TIMER  0x320
#define APIC_LVT_ERROR  0x370
#define APIC_TIMER_INIT 0x380
#define APIC_TIMER_CUR  0x390
#define APIC_TIMER_DIV  0x3e0
#define APIC_SELF_IPI   0x3f0

enum lvt { LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR, NR_LVTS };

#define LVT_MASKED        BIT(16)
#define LVT_READ_ONLY     0x00005000u /* delivery status, remote IRR */
#define LVT_TIMER_MODE(l) ((l) >> 17 & 3)
enum timer_mode { TIMER_ONE_SHOT, TIMER_PERIODIC, TIMER_TSC_DEADLINE };

#define SVR_ENABLED BIT(8)
#define SVR_VALID   0x3ff

#define APIC_BASE_BSP    BIT(8)
#define APIC_BASE_EXTD   BIT(10)
#define APIC_BASE_ENABLE BIT(11)

#define ESR_SEND_ILLEGAL    BIT(5)
#define ESR_RECEIVE_ILLEGAL BIT(6)
#define ESR_BAD_REGISTER    BIT(7)

/* ICR, SDM 10.6.1 */
enum delivery_mode {
	DELIVER_FIXED,
	DELIVER_LOWEST,
	DELIVER_SMI,
	DELIVER_READ,
	DELIVER_NMI,
	DELIVER_INIT,
	DELIVER_SIPI,
	DELIVER_EXTINT
};
#define ICR_LOGICAL      BIT(11)
#define ICR_BUSY         BIT(12)
#define ICR_ASSERT       BIT(14)
#define ICR_LEVEL        BIT(15)
#define ICR_SHORTHAND(i) ((i) >> 18 & 3)
#define ICR_VALID        0x000ccfffu
enum shorthand { SHORTHAND_NONE, SHORTHAND_SELF, SHORTHAND_ALL, SHORTHAND_OTHERS };

static inline bool vlapic_is_x2apic(const struct vlapic *l)
{
	return l->base_msr & APIC_BASE_EXTD;
}

/* SDM 10.12.10.2 */
static inline uint32_t vlapic_x2apic_ldr(uint32_t id)
{
	return (id >> 4) << 16 | 1u << (id & 0xf);
}

/* Bits that a write may set in each LVT entry. vlapic.c */
extern const uint32_t vlapic_lvt_valid[NR_LVTS];
/* Notes an error for ESR and raises the error interrupt. vlapic.c */
void vlapic_error(struct vlapic *l, uint32_t bit);
/* ICR was written: sends. vlapic_ipi.c */
void vlapic_send(struct vcpu *v, uint32_t icr_low, uint32_t destination);
/* Processor priority, SDM 10.8.3.1. vlapic_irq.c */
uint8_t vlapic_ppr(const struct vlapic *l);
/* Finds the highest bit of a 256-bit set, 0 when there is none. vlapic_irq.c */
uint8_t vlapic_highest(const uint32_t set[8]);

/* vlapic_timer.c; resume: an armed timer whose count began at timer_start_ns */
void vlapic_timer_resume(struct vlapic *l);
int must_check vlapic_timer_create(struct vlapic *l);
void vlapic_timer_start(struct vlapic *l, uint32_t initial);
void vlapic_timer_lvt_changed(struct vlapic *l, uint32_t old);
void vlapic_timer_divide_changed(struct vlapic *l, uint32_t value);
uint32_t vlapic_timer_current(const struct vlapic *l);
/* How much slower than the bus its timer counts, and what a count takes. */
unsigned vlapic_timer_divisor(const struct vlapic *l);
uint64_t vlapic_timer_tick_ns(const struct vlapic *l);
void vlapic_timer_deadline(struct vlapic *l, uint64_t tsc);
void vlapic_timer_stop(struct vlapic *l);

#endif
