/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run queues: order by virtual time, budgets of capped shares, and how units get from one CPU to another.
 *
 * Virtual times of all queues are meant to be comparable: a unit that lags behind another queue's is pulled over, which makes many queues behave like one. Where
 * they drift apart (weights that no number of CPUs can honour), a unit that comes to a queue is brought near its time. A CPU that was idle begins where the foremost
 * queue is: one that lags behind would find nobody worth pulling over, for as long as it had been idle.
 */
#include "sched_queue.h"

#include "percpu.h"

/*
 * A sleeper comes back with at most this much run time of credit; one that only changes CPUs with less, so that wake-ups preempt it there too; ...
 */
#define WAKE_CREDIT_NS (2 * SCHED_SLICE_NS)
#define MOVE_CREDIT_NS (SCHED_SLICE_NS * 3 / 2)
/* ... and nobody who moves has to wait for more than this much of his own. */
#define DEBT_NS (10 * SCHED_SLICE_NS)
/* A busy CPU pulls a unit that is further behind than this. */
#define BALANCE_MARGIN_NS (SCHED_SLICE_NS / 2)
/* Units looked at where a short search is enough. */
#define SEARCH_MAX 8

struct cpu_mask sched_idle, sched_waiting;
/* About the highest virtual time of all queues. Never goes back; a hint, so no lock: who writes last may be a slice too low. */
static uint64_t foremost;

void queues_init(void)
{
	foremost = 0;
}

struct run_queue *queue_of_cpu(unsigned cpu)
{
	return &percpu_of(cpu)->run_queue;
}

static unsigned queue_cpu(const struct run_queue *q)
{
	return container_of(q, struct percpu, run_queue)->cpu;
}

static void mask_set(struct cpu_mask *m, unsigned cpu)
{
	atomic_fetch_or(&m->bits[cpu / 64], 1ull << (cpu % 64));
}

static void mask_clear(struct cpu_mask *m, unsigned cpu)
{
	atomic_fetch_and(&m->bits[cpu / 64], ~(1ull << (cpu % 64)));
}

/* ---- budgets ---- */

static int64_t share_quota(const struct sched_share *s)
{
	return (int64_t)(SCHED_CAP_PERIOD_NS / 100 * s->cap);
}

int64_t share_budget(struct sched_share *s, uint64_t now, uint64_t *refill_ns)
{
	int64_t left, quota;
	uint64_t periods;

	*refill_ns = UINT64_MAX;
	if (likely(!read_once(s->cap)))
		return INT64_MAX;
	spin_lock(&s->lock);
	quota = share_quota(s);
	/* Another CPU may have begun a period after this one has read its clock. */
	periods = now > s->period_ns ? (now - s->period_ns) / SCHED_CAP_PERIOD_NS : 0;
	if (periods) {
		s->period_ns += periods * SCHED_CAP_PERIOD_NS;
		/* What was overdrawn is paid back first. Long sleep: the product must not overflow. */
		s->budget_ns = periods > 1000 ? quota
		                              : MIN(quota, s->budget_ns + (int64_t)periods * quota);
	}
	left = s->budget_ns;
	*refill_ns = s->period_ns + SCHED_CAP_PERIOD_NS;
	spin_unlock(&s->lock);
	return left;
}

void unit_account(struct sched_unit *u, uint64_t now)
{
	uint64_t ran = now - u->started_ns;

	u->started_ns = now;
	u->virtual_time += unit_virtual(u, ran);
	if (unlikely(read_once(u->share->cap))) {
		spin_lock(&u->share->lock);
		u->share->budget_ns -= (int64_t)ran;
		spin_unlock(&u->share->lock);
	}
}

/* ---- order ---- */

static void head_changed(struct run_queue *q)
{
	struct sched_unit *head = queue_head(q);

	write_once(q->head_virtual_time, head ? head->virtual_time : UINT64_MAX);
}

/* Behind its equals. New units and those that had their turn belong near the end: search from there. */
void queue_insert(struct run_queue *q, struct sched_unit *u)
{
	struct list *pos = q->units.prev;

	while (pos != &q->units &&
	       list_entry(pos, struct sched_unit, queue_node)->virtual_time > u->virtual_time)
		pos = pos->prev;
	list_add_head(pos, &u->queue_node);
	u->queued = true;
	if (q->nr++ == 0)
		mask_set(&sched_waiting, queue_cpu(q));
	head_changed(q);
}

void queue_remove(struct run_queue *q, struct sched_unit *u)
{
	if (u->parked) {
		list_remove(&u->queue_node);
		u->parked = false;
		q->nr_parked--;
	}
	if (!u->queued)
		return;
	list_remove(&u->queue_node);
	u->queued = false;
	if (--q->nr == 0)
		mask_clear(&sched_waiting, queue_cpu(q));
	head_changed(q);
}

void queue_park(struct run_queue *q, struct sched_unit *u, uint64_t until_ns)
{
	if (!q->nr_parked++ || until_ns < q->unpark_ns)
		q->unpark_ns = until_ns;
	list_add_tail(&q->parked, &u->queue_node);
	u->parked = true;
}

void queue_unpark(struct run_queue *q, uint64_t now)
{
	struct list *pos, *tmp;
	uint64_t refill_ns, next = UINT64_MAX;

	list_for_each_safe(pos, tmp, &q->parked) {
		struct sched_unit *u = list_entry(pos, struct sched_unit, queue_node);

		if (share_budget(u->share, now, &refill_ns) > 0) {
			queue_remove(q, u);
			queue_admit(q, u, now);
		} else {
			next = MIN(next, refill_ns);
		}
	}
	q->unpark_ns = next;
}

void queue_advance(struct run_queue *q, uint64_t virtual_time)
{
	q->min_virtual_time = MAX(q->min_virtual_time, virtual_time);
	/* Seldom, because all CPUs read it. */
	if (unlikely(q->min_virtual_time > read_once(foremost) + SCHED_SLICE_NS))
		write_once(foremost, q->min_virtual_time);
}

/* Before somebody comes: to where the queue's own units are, also when one has been running alone for long; an empty one to where the others are. */
static void queue_catch_up(struct run_queue *q, uint64_t now)
{
	const struct sched_unit *r = q->running;

	if (r)
		queue_advance(
			q, MIN(q->head_virtual_time,
		               r->virtual_time + unit_virtual(r, now - MIN(now, r->started_ns))));
	else if (!q->nr)
		queue_advance(q, read_once(foremost));
}

void queue_level(struct run_queue *q)
{
	uint64_t to = read_once(foremost), by;
	struct list *pos;

	if (to <= q->min_virtual_time)
		return;
	by = to - q->min_virtual_time;
	q->min_virtual_time = to;
	if (q->running)
		q->running->virtual_time += by;
	list_for_each(pos, &q->units)
		list_entry(pos, struct sched_unit, queue_node)->virtual_time += by;
	head_changed(q);
}

/* credit: virtual time that u may lag behind the queue. */
static void admit(struct run_queue *q, struct sched_unit *u, uint64_t credit, uint64_t now)
{
	uint64_t first, last, refill_ns;

	queue_catch_up(q, now);
	first = q->min_virtual_time > credit ? q->min_virtual_time - credit : 0;
	last = q->min_virtual_time + unit_virtual(u, DEBT_NS);
	u->virtual_time = MIN(MAX(u->virtual_time, first), last);
	if (share_budget(u->share, now, &refill_ns) > 0)
		queue_insert(q, u);
	else
		queue_park(q, u, refill_ns);
}

void queue_admit(struct run_queue *q, struct sched_unit *u, uint64_t now)
{
	admit(q, u, unit_virtual(u, WAKE_CREDIT_NS), now);
}

void queue_yield(struct run_queue *q, struct sched_unit *u)
{
	uint64_t reach = u->virtual_time + SCHED_SLICE_NS;
	struct list *pos;
	unsigned n = 0;

	list_for_each(pos, &q->units) {
		struct sched_unit *other = list_entry(pos, struct sched_unit, queue_node);

		if (other->virtual_time > reach || n++ == SEARCH_MAX)
			break;
		u->virtual_time = MAX(u->virtual_time, other->virtual_time);
	}
}

/* ---- between CPUs ---- */

/* The first waiting unit of a queue that may come to cpu. A loaded one stays where its state is. */
static struct sched_unit *queue_movable(struct run_queue *q, unsigned cpu)
{
	struct list *pos;
	unsigned n = 0;

	list_for_each(pos, &q->units) {
		struct sched_unit *u = list_entry(pos, struct sched_unit, queue_node);

		if (n++ == SEARCH_MAX)
			break;
		if (unit_allowed(u, cpu) && load_acquire(&u->loaded_on) == SCHED_CPU_NONE)
			return u;
	}
	return NULL;
}

/* Both locks are held, the other one by spin_trylock(), so that there is no order to keep. */
static bool pull(struct run_queue *q, unsigned cpu, struct run_queue *from, uint64_t now)
{
	struct sched_unit *u = queue_movable(from, cpu);

	if (!u)
		return false;
	queue_remove(from, u);
	write_once(u->cpu, cpu);
	/* It lags by what others got meanwhile, whatever its own weight. */
	admit(q, u, MOVE_CREDIT_NS, now);
	return true;
}

bool queue_steal(struct run_queue *q, unsigned cpu, uint64_t now)
{
	size_t victim;
	bool missed = false;

	bitmap_for_each(victim, sched_waiting.bits, machine_nr_cpus()) {
		struct run_queue *from = queue_of_cpu((unsigned)victim);
		bool got;

		if (victim == cpu)
			continue;
		if (!spin_trylock(&from->lock)) {
			missed = true;
			continue;
		}
		got = pull(q, cpu, from, now);
		spin_unlock(&from->lock);
		if (got)
			return true;
	}
	if (missed) {
		/* At once again, but not faster than the holder can go: it may have no CPU of its own (another hyper-thread, an emulator that runs its CPUs in turn). */
		cpu_relax();
		percpu_raise(cpu, PENDING_SCHED);
	}
	return false;
}

/* The next CPU after the last one looked at whose queue has somebody waiting; not this one. */
static unsigned next_waiting(const struct run_queue *q, unsigned cpu)
{
	unsigned nr = machine_nr_cpus();
	size_t n = bitmap_next_set(sched_waiting.bits, nr, q->balance_next);

	if (n == cpu)
		n = bitmap_next_set(sched_waiting.bits, nr, cpu + 1);
	if (n < nr)
		return (unsigned)n;
	n = bitmap_next_set(sched_waiting.bits, nr, 0);
	if (n == cpu)
		n = bitmap_next_set(sched_waiting.bits, nr, cpu + 1);
	return n < nr ? (unsigned)n : SCHED_CPU_NONE;
}

bool queue_balance(struct run_queue *q, unsigned cpu, uint64_t local_virtual_time, uint64_t now)
{
	unsigned victim = next_waiting(q, cpu);
	struct run_queue *from;
	uint64_t there;
	bool got;

	if (victim == SCHED_CPU_NONE)
		return false;
	q->balance_next = victim + 1;
	from = queue_of_cpu(victim);
	there = read_once(from->head_virtual_time);
	if (there > local_virtual_time || local_virtual_time - there < BALANCE_MARGIN_NS)
		return false;
	if (!spin_trylock(&from->lock))
		return false;
	got = pull(q, cpu, from, now);
	spin_unlock(&from->lock);
	return got;
}

/* Two that wake units at one time must not choose the same idle CPU: the one that clears its bit has it. */
unsigned cpu_claim_idle(const struct cpu_mask *mask, const struct cpu_mask *also, unsigned from)
{
	unsigned nr = machine_nr_cpus();
	struct cpu_mask m;
	size_t cpu;

	for (size_t i = 0; i < ARRAY_LEN(m.bits); i++)
		m.bits[i] = read_once(sched_idle.bits[i]) & mask->bits[i] & also->bits[i];
	cpu = bitmap_next_set(m.bits, nr, from);
	if (cpu >= nr)
		cpu = bitmap_next_set(m.bits, nr, 0);
	while (cpu < nr) {
		uint64_t bit = 1ull << (cpu % 64);

		if (atomic_fetch_and(&sched_idle.bits[cpu / 64], ~bit) & bit)
			return (unsigned)cpu;
		bitmap_clear(m.bits, cpu);
		cpu = bitmap_next_set(m.bits, nr, 0);
	}
	return SCHED_CPU_NONE;
}

unsigned cpu_next_allowed(const struct sched_unit *u)
{
	const struct cpu_mask *hard = &u->allowed;
	size_t any = bitmap_next_set(hard->bits, machine_nr_cpus(), u->cpu);

	if (any >= machine_nr_cpus())
		any = bitmap_next_set(hard->bits, machine_nr_cpus(), 0);
	return any < machine_nr_cpus() ? (unsigned)any : u->cpu;
}

unsigned cpu_pick(const struct sched_unit *u)
{
	const struct cpu_mask *hard = &u->allowed;
	unsigned cpu = cpu_claim_idle(hard, &u->soft_affinity, u->cpu);

	if (cpu == SCHED_CPU_NONE)
		cpu = cpu_claim_idle(hard, hard, u->cpu);
	return cpu == SCHED_CPU_NONE ? cpu_next_allowed(u) : cpu;
}

unsigned queue_find_helper(const struct run_queue *q)
{
	struct list *pos;
	unsigned n = 0, cpu;

	list_for_each(pos, &q->units) {
		struct sched_unit *u = list_entry(pos, struct sched_unit, queue_node);

		if (n++ == SEARCH_MAX)
			break;
		cpu = cpu_claim_idle(&u->allowed, &u->allowed, queue_cpu(q));
		if (cpu != SCHED_CPU_NONE)
			return cpu;
	}
	return SCHED_CPU_NONE;
}
