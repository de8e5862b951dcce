/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers: a binary heap for each CPU. Room in it is reserved when a timer is made, so that setting one cannot fail. */
#include "timer.h"

#include "errno.h"
#include "heap.h"
#include "log.h"
#include "percpu.h"
#include "string.h"

#define HEAP_FIRST 16
/* Timers that one timers_run() fires before it lets the CPU do something else. */
#define FIRE_MAX 64

/* ---- the heap; queue lock held ---- */

static void heap_put(struct timer_queue *q, uint32_t i, struct timer *t)
{
	q->heap[i] = t;
	t->index = i;
}

static void heap_up(struct timer_queue *q, uint32_t i, struct timer *t)
{
	while (i > 1 && q->heap[i / 2]->at_ns > t->at_ns) {
		heap_put(q, i, q->heap[i / 2]);
		i /= 2;
	}
	heap_put(q, i, t);
}

static void heap_down(struct timer_queue *q, uint32_t i, struct timer *t)
{
	uint32_t child;

	while ((child = i * 2) <= q->nr) {
		if (child < q->nr && q->heap[child + 1]->at_ns < q->heap[child]->at_ns)
			child++;
		if (q->heap[child]->at_ns >= t->at_ns)
			break;
		heap_put(q, i, q->heap[child]);
		i = child;
	}
	heap_put(q, i, t);
}

static void heap_fix(struct timer_queue *q, uint32_t i, struct timer *t)
{
	if (i > 1 && q->heap[i / 2]->at_ns > t->at_ns)
		heap_up(q, i, t);
	else
		heap_down(q, i, t);
}

static void heap_insert(struct timer_queue *q, struct timer *t)
{
	heap_up(q, ++q->nr, t);
}

static void heap_delete(struct timer_queue *q, struct timer *t)
{
	uint32_t i = t->index;
	struct timer *last = q->heap[q->nr--];

	t->index = 0;
	if (last != t)
		heap_fix(q, i, last);
}

/* Makes room for one timer more. */
static int queue_reserve(struct timer_queue *q)
{
	struct timer **bigger, **old = q->heap;
	uint32_t max = q->max ? q->max * 2 : HEAP_FIRST;

	if (q->reserved + 1 < q->max) {
		q->reserved++;
		return 0;
	}
	bigger = heap_alloc_array(max, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (old)
		memcpy(bigger, old, (q->nr + 1) * sizeof(*bigger));
	q->heap = bigger;
	q->max = max;
	q->reserved++;
	heap_free(old);
	return 0;
}

int timer_queue_init(struct timer_queue *q)
{
	memset(q, 0, sizeof(*q));
	spin_init(&q->lock);
	q->armed_ns = UINT64_MAX;
	q->heap = heap_alloc_array(HEAP_FIRST, sizeof(*q->heap));
	if (!q->heap)
		return -ENOMEM;
	q->max = HEAP_FIRST;
	return 0;
}

/* ---- timers ---- */

static struct timer_queue *queue_of(uint32_t cpu)
{
	return &percpu_of(cpu)->timers;
}

/* The timer may move while we wait for its queue. */
static struct timer_queue *timer_lock(const struct timer *t)
{
	for (;;) {
		uint32_t cpu = read_once(t->cpu);
		struct timer_queue *q = queue_of(cpu);

		spin_lock(&q->lock);
		if (likely(t->cpu == cpu))
			return q;
		spin_unlock(&q->lock);
	}
}

int timer_init(struct timer *t, void (*fn)(struct timer *t), unsigned cpu)
{
	struct timer_queue *q = queue_of(cpu);
	int err;

	memset(t, 0, sizeof(*t));
	t->fn = fn;
	t->cpu = cpu;
	spin_lock(&q->lock);
	err = queue_reserve(q);
	spin_unlock(&q->lock);
	if (err)
		t->fn = NULL;
	return err;
}

/* True when that CPU's interrupt comes too late for at_ns. The own CPU's is set right here. */
static bool queue_arm(struct timer_queue *q, uint32_t cpu, uint64_t at_ns)
{
	if (at_ns >= q->armed_ns)
		return false;
	q->armed_ns = at_ns;
	if (cpu != percpu()->cpu)
		return true;
	machine_arm_timer(at_ns);
	return false;
}

void timer_set(struct timer *t, uint64_t at_ns)
{
	struct timer_queue *q;
	uint32_t cpu;
	bool kick;

	if (unlikely(!t->fn))
		return;
	q = timer_lock(t);
	if (unlikely(t->dead)) {
		spin_unlock(&q->lock);
		return;
	}
	cpu = t->cpu;
	t->at_ns = at_ns;
	if (t->index)
		heap_fix(q, t->index, t);
	else
		heap_insert(q, t);
	kick = queue_arm(q, cpu, at_ns);
	spin_unlock(&q->lock);
	if (kick)
		percpu_raise(cpu, PENDING_TIMER);
}

/* The interrupt stays armed: one that finds nothing due costs less than arming anew each time. */
void timer_cancel(struct timer *t)
{
	struct timer_queue *q;

	if (!t->fn)
		return;
	q = timer_lock(t);
	if (t->index)
		heap_delete(q, t);
	spin_unlock(&q->lock);
}

void timer_kill(struct timer *t)
{
	struct timer_queue *q, *own = &percpu()->timers;

	if (!t->fn)
		return;
	q = timer_lock(t);
	if (t->index)
		heap_delete(q, t);
	if (!t->dead)
		q->reserved--;
	t->dead = true;
	spin_unlock(&q->lock);
	if (own->running == t) {
		own->running = NULL;
		return;
	}
	while (load_acquire(&t->running))
		cpu_relax();
}

bool timer_is_set(const struct timer *t)
{
	return read_once(t->index) != 0;
}

/* Both queues' locks, lower CPU first, so that nobody sees the timer in neither. */
static bool move_lock(const struct timer *t, unsigned to_cpu, struct timer_queue **from)
{
	uint32_t cpu = read_once(t->cpu);

	if (cpu == to_cpu)
		return false;
	*from = queue_of(cpu);
	spin_lock(&queue_of(MIN(cpu, to_cpu))->lock);
	spin_lock(&queue_of(MAX(cpu, to_cpu))->lock);
	if (t->cpu == cpu && !t->dead && !t->running)
		return true;
	spin_unlock(&queue_of(cpu)->lock);
	spin_unlock(&queue_of(to_cpu)->lock);
	return false;
}

void timer_move(struct timer *t, unsigned cpu)
{
	struct timer_queue *from, *to = queue_of(cpu);
	bool kick = false;

	if (!t->fn || !move_lock(t, cpu, &from))
		return;
	if (queue_reserve(to) == 0) {
		bool was_set = t->index != 0;

		if (was_set)
			heap_delete(from, t);
		from->reserved--;
		write_once(t->cpu, cpu);
		if (was_set) {
			heap_insert(to, t);
			kick = queue_arm(to, cpu, t->at_ns);
		}
	}
	spin_unlock(&from->lock);
	spin_unlock(&to->lock);
	if (kick)
		percpu_raise(cpu, PENDING_TIMER);
}

/* ---- firing ---- */

static struct timer *queue_take_due(struct timer_queue *q, uint64_t now)
{
	struct timer *t = NULL;

	spin_lock(&q->lock);
	if (q->nr && q->heap[1]->at_ns <= now) {
		t = q->heap[1];
		heap_delete(q, t);
		t->running = true;
		q->running = t;
	}
	spin_unlock(&q->lock);
	return t;
}

/* fn may have killed its timer and freed it: it cleared q->running then. */
static void queue_fired(struct timer_queue *q)
{
	if (!q->running)
		return;
	store_release(&q->running->running, false);
	q->running = NULL;
}

void timers_run(void)
{
	struct timer_queue *q = &percpu()->timers;
	struct timer *t;
	unsigned fired = 0;

	while (fired++ < FIRE_MAX && (t = queue_take_due(q, machine_now_ns())) != NULL) {
		t->fn(t);
		queue_fired(q);
	}
	spin_lock(&q->lock);
	q->armed_ns = q->nr ? q->heap[1]->at_ns : UINT64_MAX;
	machine_arm_timer(q->armed_ns);
	spin_unlock(&q->lock);
}

static void queue_dump(unsigned cpu, uint64_t now)
{
	struct timer_queue *q = queue_of(cpu);

	spin_lock(&q->lock);
	log_info("CPU %u: %u of %u timers set", cpu, q->nr, q->reserved);
	for (uint32_t i = 1; i <= q->nr; i++)
		log_info("  in %lld us: %p(%p)", (long long)(q->heap[i]->at_ns - now) / 1000,
		         (void *)(uintptr_t)q->heap[i]->fn, (void *)q->heap[i]);
	spin_unlock(&q->lock);
}

void timers_dump(void)
{
	uint64_t now = machine_now_ns();

	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++)
		queue_dump(cpu, now);
}
