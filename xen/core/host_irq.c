// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Vectors and their owners. A vector that is given up stays taken until its CPU has let interrupts in once more: then nothing that was sent to it can be on its way, and
 * nobody else gets an interrupt that is not his. A moved one keeps its owner until then, so that none is lost.
 */
#include "host_irq.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "log.h"
#include "string.h"

#define NR_VECTORS (MACHINE_VECTOR_LAST - MACHINE_VECTOR_FIRST + 1)

struct host_cpu {
	struct host_irq *owner[NR_VECTORS];  /* lock; read by that CPU without it */
	BITMAP_DECLARE(taken, NR_VECTORS);   /* lock */
	BITMAP_DECLARE(leaving, NR_VECTORS); /* lock: given up, and not yet free */
	struct host_irq *running;            /* whose fn that CPU is in. It writes, all read */
	uint64_t nr_nobody;                  /* came for nobody. That CPU's */
};

/* Innermost but for the heap. */
static struct spinlock lock;
static struct host_cpu *cpus[MAX_CPUS]; /* lock to set, once */

void host_irqs_init(void)
{
	memset(cpus, 0, sizeof(cpus));
}

unsigned host_irq_cpu_for(const struct vcpu *v)
{
	unsigned cpu = v ? read_once(v->sched.cpu) : 0;

	return cpu < machine_nr_cpus() && machine_cpu_takes_irqs(cpu) ? cpu : 0;
}

/* ---- vectors. lock ---- */

static struct host_cpu *host_cpu(unsigned cpu)
{
	if (!cpus[cpu])
		store_release(&cpus[cpu], heap_alloc(sizeof(*cpus[cpu])));
	return cpus[cpu];
}

/* n free ones from a multiple of n (as vectors), as an index, or -ENOSPC. */
static int find_free(const struct host_cpu *c, unsigned n)
{
	unsigned first = (unsigned)align_up(MACHINE_VECTOR_FIRST, n) - MACHINE_VECTOR_FIRST;

	for (unsigned i = first; i + n <= NR_VECTORS; i += n)
		if (bitmap_next_set(c->taken, i + n, i) == i + n)
			return (int)i;
	return -ENOSPC;
}

static struct host_irq *nth(struct host_irq *first, size_t stride, unsigned i)
{
	return (struct host_irq *)((char *)first + stride * i);
}

static int take(struct host_irq *first, size_t stride, unsigned n, unsigned cpu)
{
	struct host_cpu *c = host_cpu(cpu);
	int at = c ? find_free(c, n) : -ENOMEM;

	for (unsigned i = 0; at >= 0 && i < n; i++) {
		struct host_irq *irq = nth(first, stride, i);
		unsigned slot = (unsigned)at + i;

		bitmap_set(c->taken, slot);
		irq->cpu = cpu;
		irq->vector = (uint8_t)(MACHINE_VECTOR_FIRST + slot);
		store_release(&c->owner[slot], irq);
	}
	return MIN(at, 0);
}

static int take_somewhere(struct host_irq *first, size_t stride, unsigned n, unsigned cpu)
{
	int err;

	if (cpu >= machine_nr_cpus() || !machine_cpu_takes_irqs(cpu))
		cpu = 0;
	err = take(first, stride, n, cpu);
	return err && cpu ? take(first, stride, n, 0) : err;
}

static void leave(unsigned cpu, uint8_t vector, bool forget)
{
	unsigned slot = vector - MACHINE_VECTOR_FIRST;

	if (forget)
		write_once(cpus[cpu]->owner[slot], NULL);
	bitmap_set(cpus[cpu]->leaving, slot);
}

/* ---- owners ---- */

int host_irq_bind(struct host_irq *first, size_t stride, unsigned n, unsigned cpu)
{
	int err;

	spin_lock(&lock);
	err = take_somewhere(first, stride, n, cpu);
	spin_unlock(&lock);
	return err;
}

int host_irq_move(struct host_irq *first, size_t stride, unsigned n, unsigned cpu)
{
	unsigned old_cpu = first->cpu;
	uint8_t old = first->vector;
	int err;

	spin_lock(&lock);
	err = take_somewhere(first, stride, n, cpu);
	for (unsigned i = 0; !err && i < n; i++)
		leave(old_cpu, (uint8_t)(old + i), false);
	spin_unlock(&lock);
	if (!err)
		percpu_raise(old_cpu, PENDING_IRQ);
	return err;
}

/* A move shortly before may have left it in other places too. */
static void forget_everywhere(const struct host_irq *irq)
{
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
		struct host_cpu *c = cpus[cpu];
		size_t slot;

		if (!c)
			continue;
		bitmap_for_each(slot, c->leaving, NR_VECTORS)
			if (c->owner[slot] == irq)
				write_once(c->owner[slot], NULL);
	}
}

void host_irq_unbind(struct host_irq *first, size_t stride, unsigned n)
{
	unsigned cpu = first->cpu;

	if (!first->vector)
		return;
	spin_lock(&lock);
	for (unsigned i = 0; i < n; i++) {
		struct host_irq *irq = nth(first, stride, i);

		leave(cpu, irq->vector, true);
		forget_everywhere(irq);
		irq->vector = 0;
	}
	spin_unlock(&lock);
	percpu_raise(cpu, PENDING_IRQ);
}

void host_irq_sync(const void *memory, size_t size)
{
	uint64_t base = (uint64_t)memory;

	barrier_full();
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
		const struct host_cpu *c = load_acquire(&cpus[cpu]);

		while (c && (uint64_t)load_acquire(&c->running) - base < size)
			cpu_relax();
	}
}

/* ---- on the CPU itself ---- */

void host_irq_interrupt(uint8_t vector)
{
	struct host_cpu *c = load_acquire(&cpus[percpu()->cpu]);
	struct host_irq *irq;

	if (!c || vector < MACHINE_VECTOR_FIRST || vector > MACHINE_VECTOR_LAST)
		return;
	irq = load_acquire(&c->owner[vector - MACHINE_VECTOR_FIRST]);
	/* host_irq_sync() either finds it here, or has made us find nobody. */
	(void)atomic_exchange(&c->running, irq);
	if (irq && read_once(c->owner[vector - MACHINE_VECTOR_FIRST]) == irq) {
		atomic_fetch_add(&irq->count, 1);
		irq->fn(irq);
	} else {
		c->nr_nobody++;
	}
	store_release(&c->running, NULL);
}

void host_irq_run(void)
{
	struct host_cpu *c = load_acquire(&cpus[percpu()->cpu]);
	BITMAP_DECLARE(leaving, NR_VECTORS);
	size_t slot;

	if (!c)
		return;
	spin_lock(&lock);
	memcpy(leaving, c->leaving, sizeof(leaving));
	spin_unlock(&lock);
	machine_irq_window();
	spin_lock(&lock);
	bitmap_for_each(slot, leaving, NR_VECTORS) {
		write_once(c->owner[slot], NULL);
		bitmap_clear(c->leaving, slot);
		bitmap_clear(c->taken, slot);
	}
	spin_unlock(&lock);
}

/* ---- the debug key ---- */

static void irq_dump(const struct host_irq *irq, unsigned cpu, unsigned vector)
{
	const char *name = irq->domain ? irq->domain->name : "-";

	if (irq->number & HOST_IRQ_MSI)
		log_info("  CPU%u vector %#x: MSI %u of %04x:%02x:%02x.%u, %s, %lu", cpu, vector,
		         irq->number & ~HOST_IRQ_MSI, irq->sbdf >> 16, irq->sbdf >> 8 & 0xff,
		         irq->sbdf >> 3 & 0x1f, irq->sbdf & 7, name, read_once(irq->count));
	else
		log_info("  CPU%u vector %#x: GSI %u, %s, %lu", cpu, vector, irq->number, name,
		         read_once(irq->count));
}

void host_irqs_dump(void)
{
	log_info("interrupts of devices, by CPU and vector, with their numbers so far:");
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
		struct host_cpu *c = load_acquire(&cpus[cpu]);

		if (!c)
			continue;
		spin_lock(&lock);
		for (unsigned i = 0; i < NR_VECTORS; i++)
			if (c->owner[i] && !bitmap_test(c->leaving, i))
				irq_dump(c->owner[i], cpu, MACHINE_VECTOR_FIRST + i);
		spin_unlock(&lock);
		if (read_once(c->nr_nobody))
			log_info("  CPU%u: %lu for nobody", cpu, c->nr_nobody);
	}
}
