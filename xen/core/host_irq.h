/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts of the machine's devices: which vector of which CPU belongs to whom. A CPU's vectors are its own, so the pool grows with the CPUs. The handler runs in the
 * interrupt itself: the places where interrupts are let in hold no lock (machine.h), so it may take locks and wake vcpus as any other code.
 */
#ifndef CORE_IRQ_VECTORS_H
#define CORE_IRQ_VECTORS_H

#include "machine.h"

struct domain;
struct vcpu;

struct host_irq {
	/* Set before it is bound. In the interrupt, on any CPU that it was bound to; the local APIC's end of interrupt follows. */
	void (*fn)(struct host_irq *irq);
	uint32_t cpu;          /* where it is bound; the owner's lock */
	uint8_t vector;        /* 0: not bound. The owner's lock */
	uint64_t count;        /* atomic: interrupts so far */
	struct domain *domain; /* whose it is, for the debug key; set before it is bound */
	uint32_t number;       /* likewise: GSI, or HOST_IRQ_MSI | index with sbdf */
	uint32_t sbdf;
};
#define HOST_IRQ_MSI 0x80000000u

/* Once, before the first domain. */
void host_irqs_init(void);

/*
 * Blocks: the first of n that lie stride bytes apart (each at the same place of its owner's array). One alone: stride is of no matter.
 *
 * Gives them n vectors that follow each other on one CPU, the first one a multiple of n: a power of two, at most 32. The CPU asked for, or CPU 0 when that
 * one has none left or cannot be reached. -ENOSPC, -ENOMEM (the first on a CPU). The owner's lock may be held; no other calls for the same ones at the same time.
 */
int must_check host_irq_bind(struct host_irq *first, size_t stride, unsigned n, unsigned cpu);
/*
 * The same for what is bound: to new vectors. Whoever sends must be told of them; what is still on its way to the old ones arrives there too, for a moment. On an
 * error they stay where they are, which is slower at most.
 */
int host_irq_move(struct host_irq *first, size_t stride, unsigned n, unsigned cpu);
/* The source must be silenced before. fn may be running, or run once more. Harmless for what is not bound. */
void host_irq_unbind(struct host_irq *first, size_t stride, unsigned n);
/* Waits until fn is not running anywhere for one in that memory, all unbound: before it is freed. No lock held that fn takes. */
void host_irq_sync(const void *memory, size_t size);

/* The CPU where an interrupt for v is best taken: where it runs; NULL: any. */
unsigned host_irq_cpu_for(const struct vcpu *v);

/* From the machine: a device's vector came, on this CPU. */
void host_irq_interrupt(uint8_t vector);
/* PENDING_IRQ: vectors that are not used any more become free, once what had been sent to them has come. */
void host_irq_run(void);
/* Debug key: every one that is bound. */
void host_irqs_dump(void);

#endif
