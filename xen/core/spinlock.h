/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ticket spinlocks. Interrupts are off wherever the hypervisor runs C code (but for one window in the CPU loop, where no lock is
 * held), so there is one kind only. Lock order: xen/README.md.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include "atomic.h"

struct spinlock {
	uint16_t next, serving;
};
#define SPINLOCK_INIT \
	{             \
		0, 0  \
	}

static inline void spin_init(struct spinlock *l)
{
	l->next = l->serving = 0;
}
static inline void spin_lock(struct spinlock *l)
{
	uint16_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}
static inline bool spin_trylock(struct spinlock *l)
{
	uint16_t serving = __atomic_load_n(&l->serving, __ATOMIC_RELAXED), ticket = serving;

	return __atomic_compare_exchange_n(&l->next, &ticket, (uint16_t)(serving + 1), false,
	                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static inline void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->serving, (uint16_t)(l->serving + 1), __ATOMIC_RELEASE);
}
static inline bool spin_is_locked(const struct spinlock *l)
{
	return __atomic_load_n(&l->next, __ATOMIC_RELAXED) !=
	       __atomic_load_n(&l->serving, __ATOMIC_RELAXED);
}

#endif
