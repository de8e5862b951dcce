/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC of a vcpu, SDM chapter 10 (xAPIC and x2APIC): registers, priorities, timer in its three modes, IPIs, INIT and SIPI.
 */
#ifndef VDEV_VLAPIC_H
#define VDEV_VLAPIC_H

#include "iobus.h"
#include "save.h"
#include "timer.h"

struct vcpu;
struct domain;

#define VLAPIC_BASE    0xfee00000u
#define VLAPIC_VERSION 0x00050014u

struct vlapic {
	/* Both together in the form of a CPU's posted-interrupt descriptor (SDM table 29-1): it may take them itself. */
	uint32_t irr[8] __attribute__((aligned(64))); /* atomic: set by anyone */
	uint32_t posted_control[8];                   /* the CPU's */
	struct vcpu *vcpu;
	uint64_t base_msr; /* MSR_APIC_BASE */
	uint32_t id, ldr, dfr, svr, esr, esr_pending, tpr;
	uint32_t icr_low, icr_high;
	uint32_t lvt[6]; /* timer, thermal, performance, LINT0, LINT1, error */
	uint32_t timer_initial, timer_divide;
	uint64_t timer_start_ns, tsc_deadline;
	uint32_t isr[8], tmr[8];
	bool by_cpu;     /* the CPU itself delivers what waits here (xen/virt); constant */
	bool is_changed; /* registers that only we change have, since xen/virt looked */
	bool timer_armed;
	bool deadline_cut;   /* the timer stands for a first part of the way to tsc_deadline */
	uint8_t highest_isr; /* cache: highest in-service vector, 0 none */
	struct timer timer;
};
/* Of a copy: vlapic_save() makes times the guest's own, vlapic_restore() checks and takes it over. vlapic_save.c */
extern const struct save_field vlapic_saved[];
void vlapic_save(struct vcpu *v, struct vlapic *out);
/* After the domain's time and the vcpu's TSC offset. -EINVAL: no APIC could be so; nothing is changed then. */
int must_check vlapic_restore(struct vcpu *v, const struct vlapic *in);

int must_check vlapic_create(struct vcpu *v);
void vlapic_destroy(struct vcpu *v);
/* Power-on state; with init, as by INIT (APIC base and id kept). */
void vlapic_reset(struct vcpu *v, bool init);

/*
 * An access to the APIC's page, for the vcpu that makes it: a->addr is the offset. The page is not on the bus, because each vcpu has its own and may move it by
 * APIC_BASE: whoever makes accesses asks vlapic_owns() first.
 */
void vlapic_access(struct vcpu *v, struct io_access *a);
/* Fast road: an aligned 32-bit register access of v at offset. False: not an offset the xAPIC has enabled now. */
bool vlapic_read(struct vcpu *v, uint32_t offset, uint32_t *value);
void vlapic_write(struct vcpu *v, uint32_t offset, uint32_t value);
/* x2APIC MSRs 0x800-0x8ff, APIC_BASE, TSC_DEADLINE. False: #GP. */
bool must_check vlapic_msr_read(struct vcpu *v, uint32_t index, uint64_t *value);
bool must_check vlapic_msr_write(struct vcpu *v, uint32_t index, uint64_t value);

/* Does the xAPIC page answer at gpa for v now? (enabled, not x2APIC, base in APIC_BASE) */
bool vlapic_owns(const struct vcpu *v, gpa_t gpa);

/* An interrupt message to this APIC: edge or level. Any CPU; wakes and kicks the vcpu when it matters. */
void vlapic_set_irq(struct vlapic *l, uint8_t vector, bool level);
/* A message on the APIC bus by destination (as ICR, IO-APIC or MSI give it). */
struct apic_message {
	uint32_t destination;
	uint8_t vector, delivery_mode; /* SDM 10.6.1 numbers */
	bool logical, level, assert;
	uint8_t shorthand; /* 0 none, 1 self, 2 all, 3 all but self */
};
/* Returns how many APICs took it. source: NULL for a device. */
unsigned vlapic_deliver(struct domain *d, struct vcpu *source, const struct apic_message *m);
/* The first vcpu that a device's message would reach, or NULL: to choose a place for what sends it. */
struct vcpu *vlapic_find(struct domain *d, const struct apic_message *m);

/* The vector that the CPU would take now by APIC priority (above PPR), or -1. No side effect. */
int vlapic_pending_vector(struct vcpu *v);
/* As that, with those that only the TPR holds back. */
int vlapic_waiting_vector(struct vcpu *v);
/* The vcpu took it: IRR to ISR. */
void vlapic_accept(struct vcpu *v, uint8_t vector);
/* CR8 as the guest set it in hardware (virt reports it after exits), and for entry. */
static inline uint8_t vlapic_get_cr8(const struct vlapic *l)
{
	return l->tpr >> 4 & 0xf;
}
void vlapic_set_cr8(struct vcpu *v, uint8_t cr8);
/* Takes over what the guest wrote to CR8 in hardware since; on the CPU of v. */
void vlapic_sync_cr8(struct vcpu *v);
/* True: APIC software-enabled and globally enabled. */
bool vlapic_enabled(const struct vlapic *l);
/* External (PIC, LINT0 ExtINT) interrupts are accepted by this vcpu. */
bool vlapic_accepts_extint(const struct vlapic *l);
/* The EOI register was written, by whichever way. */
void vlapic_eoi(struct vcpu *v);
/* The CPU has carried out v's write to a register (EOI: that vector's end); what else it means is done here. */
void vlapic_written(struct vcpu *v, uint32_t offset, uint32_t value);
/* The TSC that a deadline is compared with has been set. */
void vlapic_timer_deadline_again(struct vcpu *v);
/* The physical timer of v follows it to another CPU. */
void vlapic_moved(struct vcpu *v, unsigned cpu);

#endif
