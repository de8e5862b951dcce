/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scheduler: states of units (started, blocked, paused), their accounting, and the choice of each CPU's next one. */
#include "sched_queue.h"

#include "cpupool.h"
#include "domain.h"
#include "errno.h"
#include "log.h"
#include "string.h"

/* While nobody waits anywhere, a CPU looks around this often. Where somebody does, each slice: else it runs further ahead than a move can make good. */
#define ALONE_SLICE_NS (3 * SCHED_SLICE_NS)
/* Later than any credit that is taken off it. */
#define VIRTUAL_TIME_START (1ull << 40)
/* A capped unit is not let in for less than this. */
#define CAP_SLICE_MIN_NS 100000ull

static const char *const state_names[] = { "running", "runnable", "blocked", "offline" };

static struct run_queue *unit_lock(const struct sched_unit *u)
{
	for (;;) {
		uint32_t cpu = read_once(u->cpu);
		struct run_queue *q = queue_of_cpu(cpu);

		spin_lock(&q->lock);
		if (likely(u->cpu == cpu))
			return q;
		spin_unlock(&q->lock);
	}
}

/* ---- accounting ---- */

static void unit_set_state(struct sched_unit *u, enum sched_state s, uint64_t now)
{
	/* now may be from before a lock was waited for, whose holder changed the state after it. No state lasts less than nothing. */
	now = MAX(now, u->state_since_ns);
	u->time_in[u->state] += now - u->state_since_ns;
	u->state_since_ns = now;
	u->state = s;
}

static void unit_update_state(struct sched_unit *u, uint64_t now)
{
	enum sched_state s = u->running      ? SCHED_RUNNING
	                     : u->blocked    ? SCHED_BLOCKED
	                     : unit_ready(u) ? SCHED_RUNNABLE
	                                     : SCHED_OFFLINE;

	if (s != u->state)
		unit_set_state(u, s, now);
}

uint64_t sched_time_in(const struct sched_unit *u, enum sched_state s, uint64_t now)
{
	uint64_t since = read_once(u->state_since_ns), t = read_once(u->time_in[s]);

	return u->state == s && now > since ? t + now - since : t;
}

void sched_times_get(struct sched_unit *u, struct sched_times *out)
{
	struct run_queue *q = unit_lock(u);
	uint64_t now = machine_now_ns();

	unit_update_state(u, now);
	out->state = u->state;
	out->since_ns = u->state_since_ns;
	memcpy(out->time_in, u->time_in, sizeof(out->time_in));
	if (now > u->state_since_ns)
		out->time_in[u->state] += now - u->state_since_ns;
	spin_unlock(&q->lock);
}

void sched_times_set(struct sched_unit *u, const uint64_t time_in[4])
{
	struct run_queue *q = unit_lock(u);

	memcpy(u->time_in, time_in, sizeof(u->time_in));
	u->state_since_ns = machine_now_ns();
	spin_unlock(&q->lock);
}

/* ---- the slice timer ---- */

/*
 * Armed for the end of a slice at the latest. Most slices end before (yield, block), and the next one ends later: so it is left
 * as it is, fires early once and is set anew then.
 */
static void slice_timer_aim(struct run_queue *q, uint64_t at_ns)
{
	if (at_ns == UINT64_MAX)
		return;
	if (!timer_is_set(&q->slice_timer) || q->slice_timer.at_ns > at_ns)
		timer_set(&q->slice_timer, at_ns);
}

static uint64_t slice_timer_wanted(const struct run_queue *q)
{
	uint64_t at = q->running ? q->slice_end_ns : UINT64_MAX;

	return q->nr_parked ? MIN(at, q->unpark_ns) : at;
}

static void slice_timer_fired(struct timer *t)
{
	struct run_queue *q = container_of(t, struct run_queue, slice_timer);
	uint64_t at;

	spin_lock(&q->lock);
	at = slice_timer_wanted(q);
	if (at > machine_now_ns() && at != UINT64_MAX)
		timer_set(t, at);
	spin_unlock(&q->lock);
	if (at <= machine_now_ns())
		percpu_raise(percpu()->cpu, PENDING_SCHED);
}

int sched_cpu_init(unsigned cpu)
{
	struct run_queue *q = queue_of_cpu(cpu);
	int err;

	if (cpu == 0)
		queues_init();
	memset(q, 0, sizeof(*q));
	spin_init(&q->lock);
	list_init(&q->units);
	list_init(&q->parked);
	q->head_virtual_time = UINT64_MAX;
	q->min_virtual_time = VIRTUAL_TIME_START;
	q->ratelimit_ns = SCHED_RATELIMIT_NS;
	q->idle_since_ns = machine_now_ns();
	q->balance_next = cpu + 1;
	bitmap_clear(sched_waiting.bits, cpu);
	atomic_fetch_or(&sched_idle.bits[cpu / 64], 1ull << (cpu % 64));
	err = timer_init(&q->slice_timer, slice_timer_fired, cpu);
	if (!err)
		err = work_cpu_init(cpu);
	if (!err)
		cpupool_cpu_init(cpu);
	return err;
}

/* ---- becoming runnable, or not any more ---- */

/* A unit was put into q: does its CPU have to do something about it now? */
static void queue_poke(struct run_queue *q, const struct sched_unit *u, uint64_t now)
{
	const struct sched_unit *r = q->running;
	uint64_t running_virtual, may_end;

	if (!r) {
		percpu_raise(u->cpu, PENDING_SCHED);
		return;
	}
	if (u->parked) {
		slice_timer_aim(q, q->unpark_ns);
		return;
	}
	running_virtual = r->virtual_time + unit_virtual(r, now - r->started_ns);
	if (u->virtual_time + unit_virtual(u, q->ratelimit_ns) < running_virtual) {
		may_end = q->switched_ns + q->ratelimit_ns;
		if (may_end <= now) {
			percpu_raise(u->cpu, PENDING_SCHED);
			return;
		}
	} else {
		may_end = q->switched_ns + SCHED_SLICE_NS;
	}
	q->slice_end_ns = MIN(q->slice_end_ns, may_end);
	slice_timer_aim(q, q->slice_end_ns);
}

/* Makes the queue agree with the unit's flags. Its queue's lock is held. */
static void unit_settle(struct run_queue *q, struct sched_unit *u, uint64_t now)
{
	if (u->running) {
		if (!unit_ready(u) || !unit_allowed(u, u->cpu))
			percpu_raise(u->cpu, PENDING_SCHED);
		return;
	}
	if (unit_ready(u)) {
		if (!u->queued && !u->parked) {
			queue_admit(q, u, now);
			unit_update_state(u, now);
			queue_poke(q, u, now);
		}
	} else {
		queue_remove(q, u);
		/* Blocked it may stay in the hardware, but not stopped or paused. */
		if (!u->blocked && u->loaded_on != SCHED_CPU_NONE)
			percpu_raise(u->loaded_on, PENDING_SCHED);
		unit_update_state(u, now);
	}
}

/*
 * Settles a unit, on another CPU when that is better. One that sleeps moves too where it may not stay, so that the tools see at once where it is pinned.
 * Unlocks.
 */
static void unit_place(struct run_queue *q, struct sched_unit *u)
{
	uint64_t now = machine_now_ns();

	if ((unit_ready(u) || !unit_allowed(u, u->cpu)) && !u->running && !u->queued &&
	    !u->parked && load_acquire(&u->loaded_on) == SCHED_CPU_NONE) {
		unsigned cpu = unit_ready(u) ? cpu_pick(u) : cpu_next_allowed(u);

		if (cpu != u->cpu) {
			write_once(u->cpu, cpu);
			spin_unlock(&q->lock);
			q = unit_lock(u);
		}
	}
	unit_settle(q, u, now);
	spin_unlock(&q->lock);
}

static void unit_init(struct sched_unit *u, struct sched_share *share, unsigned cpu)
{
	memset(u, 0, sizeof(*u));
	u->share = share;
	u->state = SCHED_OFFLINE;
	u->stopped = true;
	u->loaded_on = SCHED_CPU_NONE;
	u->cpu = cpu % machine_nr_cpus();
	u->virtual_time = queue_of_cpu(u->cpu)->min_virtual_time;
	u->state_since_ns = machine_now_ns();
	list_init(&u->queue_node);
	bitmap_fill(u->hard_affinity.bits, MAX_CPUS);
	bitmap_fill(u->soft_affinity.bits, MAX_CPUS);
	bitmap_fill(u->pool_cpus.bits, MAX_CPUS);
	bitmap_fill(u->allowed.bits, MAX_CPUS);
}

void sched_unit_init(struct sched_unit *u, struct vcpu *v, struct sched_share *share)
{
	unit_init(u, share, v->id);
	u->vcpu = v;
}

void sched_thread_init(struct sched_unit *u, void (*run)(struct sched_unit *u), const char *name,
                       struct sched_share *share, unsigned cpu)
{
	unit_init(u, share, cpu);
	u->run = run;
	u->name = name;
}

void sched_unit_destroy(struct sched_unit *u)
{
	struct run_queue *q;

	sched_pause_wait(u);
	q = unit_lock(u);
	queue_remove(q, u);
	spin_unlock(&q->lock);
}

void sched_unit_start(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	u->stopped = false;
	unit_place(q, u);
}

void sched_unit_stop(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	u->stopped = true;
	u->blocked = false;
	unit_settle(q, u, machine_now_ns());
	spin_unlock(&q->lock);
}

/*
 * Sleeper and waker each write their word and then read the other's (full barriers between): one of them sees both.
 */
void sched_block_prepare(struct sched_unit *u)
{
	atomic_exchange(&u->wake_pending, 0);
}

void sched_block(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	write_once(u->blocked, true);
	barrier_full();
	if (read_once(u->wake_pending))
		write_once(u->blocked, false);
	else
		percpu_raise(u->cpu, PENDING_SCHED);
	spin_unlock(&q->lock);
}

void sched_wake(struct sched_unit *u)
{
	struct run_queue *q;

	atomic_exchange(&u->wake_pending, 1);
	if (!read_once(u->blocked))
		return;
	q = unit_lock(u);
	if (!u->blocked) {
		spin_unlock(&q->lock);
		return;
	}
	write_once(u->blocked, false);
	unit_place(q, u);
}

void sched_unit_yield(struct sched_unit *u)
{
	u->yielded = true;
	percpu_raise(percpu()->cpu, PENDING_SCHED);
}

void sched_pause(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	u->pause_count++;
	unit_settle(q, u, machine_now_ns());
	if (u->loaded_on != SCHED_CPU_NONE)
		percpu_raise(u->loaded_on, PENDING_SCHED);
	spin_unlock(&q->lock);
}

void sched_unpause(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	if (u->pause_count)
		u->pause_count--;
	unit_place(q, u);
}

bool sched_is_off(struct sched_unit *u)
{
	struct percpu *p = percpu();
	uint32_t cpu = load_acquire(&u->loaded_on);

	if (cpu == SCHED_CPU_NONE)
		return !read_once(u->running);
	if (cpu != p->cpu) {
		percpu_raise(cpu, PENDING_SCHED);
		return false;
	}
	if (read_once(u->running))
		return false;
	/* Idle here, or in the middle of choosing the next: its state goes to memory now. */
	vcpu_switch(p->loaded, NULL);
	p->loaded = NULL;
	store_release(&u->loaded_on, SCHED_CPU_NONE);
	return true;
}

void sched_pause_wait(struct sched_unit *u)
{
	if (percpu()->current && &percpu()->current->sched == u)
		return;
	while ((read_once(u->stopped) || read_once(u->pause_count)) && !sched_is_off(u))
		cpu_relax();
}

/* What both have; false: no CPU that is there. */
static bool mask_both(const struct cpu_mask *a, const struct cpu_mask *b, struct cpu_mask *both)
{
	for (size_t i = 0; i < ARRAY_LEN(both->bits); i++)
		both->bits[i] = a->bits[i] & b->bits[i];
	return bitmap_next_set(both->bits, machine_nr_cpus(), 0) < machine_nr_cpus();
}

/* Where it may run has changed. Unlocks. */
static void unit_follow_mask(struct run_queue *q, struct sched_unit *u)
{
	if (!mask_both(&u->hard_affinity, &u->pool_cpus, &u->allowed))
		u->allowed = u->pool_cpus;
	if (!unit_allowed(u, u->cpu)) {
		/* Its CPU sends it on itself when it has its state; else it is placed anew here. */
		if (u->running || u->loaded_on != SCHED_CPU_NONE)
			percpu_raise(u->cpu, PENDING_SCHED);
		else
			queue_remove(q, u);
	}
	unit_place(q, u);
}

int sched_set_affinity(struct sched_unit *u, const struct cpu_mask *hard,
                       const struct cpu_mask *soft)
{
	struct run_queue *q = unit_lock(u);
	struct cpu_mask allowed;

	if (!mask_both(hard, &u->pool_cpus, &allowed)) {
		spin_unlock(&q->lock);
		return -EINVAL;
	}
	u->hard_affinity = *hard;
	if (soft)
		u->soft_affinity = *soft;
	else
		bitmap_fill(u->soft_affinity.bits, MAX_CPUS);
	unit_follow_mask(q, u);
	return 0;
}

void sched_set_pool(struct sched_unit *u, const struct cpu_mask *cpus)
{
	struct run_queue *q = unit_lock(u);

	u->pool_cpus = *cpus;
	unit_follow_mask(q, u);
}

void sched_join(unsigned cpu, uint64_t ratelimit_ns)
{
	struct run_queue *q = queue_of_cpu(cpu);

	spin_lock(&q->lock);
	q->ratelimit_ns = ratelimit_ns;
	queue_level(q);
	spin_unlock(&q->lock);
}

void sched_set_ratelimit(unsigned cpu, uint64_t ns)
{
	struct run_queue *q = queue_of_cpu(cpu);

	spin_lock(&q->lock);
	q->ratelimit_ns = ns;
	spin_unlock(&q->lock);
}

int sched_share_set(struct sched_share *s, uint32_t weight, uint32_t cap)
{
	if (weight < 1 || weight > SCHED_WEIGHT_MAX || cap > 100 * MAX_CPUS)
		return -EINVAL;
	spin_lock(&s->lock);
	write_once(s->weight, weight);
	write_once(s->cap, cap);
	s->budget_ns = (int64_t)(SCHED_CAP_PERIOD_NS / 100 * cap);
	s->period_ns = machine_now_ns();
	spin_unlock(&s->lock);
	return 0;
}

/* ---- the choice ---- */

/* May the running unit go on although others wait? */
static bool running_keeps(struct run_queue *q, const struct sched_unit *u, uint64_t now)
{
	const struct sched_unit *head = queue_head(q);

	if (!head)
		return true;
	if (u->yielded)
		return false;
	/* A slice that began when nobody waited is a long one. */
	q->slice_end_ns = MIN(q->slice_end_ns, q->switched_ns + SCHED_SLICE_NS);
	if (now >= q->slice_end_ns)
		return u->virtual_time < head->virtual_time;
	if (head->virtual_time + unit_virtual(head, q->ratelimit_ns) >= u->virtual_time)
		return true;
	if (now - q->switched_ns >= q->ratelimit_ns)
		return false;
	q->slice_end_ns = MIN(q->slice_end_ns, q->switched_ns + q->ratelimit_ns);
	return true;
}

static bool any_waits(void)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ARRAY_LEN(sched_waiting.bits); i++)
		any |= read_once(sched_waiting.bits[i]);
	return any;
}

/* Gives the running unit a slice from now. */
static void slice_start(struct run_queue *q, struct sched_unit *u, uint64_t now)
{
	uint64_t length = any_waits() ? SCHED_SLICE_NS : ALONE_SLICE_NS, refill_ns;
	int64_t budget = share_budget(u->share, now, &refill_ns);

	if (budget < (int64_t)length)
		length = (uint64_t)MAX(budget, (int64_t)CAP_SLICE_MIN_NS);
	q->slice_end_ns = now + length;
}

/* The unit that was running: goes on (returned), or back into the queue or to park. */
static struct sched_unit *requeue_running(struct run_queue *q, struct sched_unit *u, unsigned cpu,
                                          uint64_t now)
{
	uint64_t refill_ns;

	unit_account(u, now);
	queue_advance(q, MIN(u->virtual_time, q->head_virtual_time));
	if (!unit_ready(u) || !unit_allowed(u, cpu))
		return NULL;
	if (unlikely(share_budget(u->share, now, &refill_ns) <= 0)) {
		queue_park(q, u, refill_ns);
		return NULL;
	}
	if (running_keeps(q, u, now))
		return u;
	if (u->yielded)
		queue_yield(q, u);
	queue_insert(q, u);
	return NULL;
}

/* Now and then: are others further behind than anybody here? */
static void queue_look_around(struct run_queue *q, unsigned cpu, uint64_t now)
{
	struct sched_unit *u = q->running;
	uint64_t local = q->head_virtual_time;

	if (now < q->balance_at_ns)
		return;
	q->balance_at_ns = now + SCHED_SLICE_NS;
	if (u)
		local = MIN(local, u->virtual_time + unit_virtual(u, now - u->started_ns));
	if (local != UINT64_MAX)
		(void)queue_balance(q, cpu, local, now);
}

/* No unit of our own: says so first and then looks at the others', so that one that comes to wait meanwhile is either seen here or sees an idle CPU. */
static struct sched_unit *queue_idle(struct run_queue *q, unsigned cpu, uint64_t now)
{
	atomic_fetch_or(&sched_idle.bits[cpu / 64], 1ull << (cpu % 64));
	return queue_steal(q, cpu, now) ? queue_head(q) : NULL;
}

static struct sched_unit *queue_choose(struct run_queue *q, struct sched_unit *prev, unsigned cpu,
                                       uint64_t now)
{
	struct sched_unit *u = NULL;

	if (q->nr_parked && now >= q->unpark_ns)
		queue_unpark(q, now);
	queue_look_around(q, cpu, now);
	if (prev)
		u = requeue_running(q, prev, cpu, now);
	if (u)
		return u;
	u = queue_head(q);
	if (!u)
		return queue_idle(q, cpu, now);
	/* Who yields while all others are far ahead of it lets one of them in all the same. */
	if (u == prev && u->yielded && q->nr > 1)
		u = list_entry(u->queue_node.next, struct sched_unit, queue_node);
	return u;
}

/* Writes the choice down: who runs, since when, and for how long. */
static void queue_commit(struct run_queue *q, struct sched_unit *prev, struct sched_unit *next,
                         unsigned cpu, uint64_t now)
{
	if (prev) {
		prev->yielded = false;
		if (prev == next) {
			if (now >= q->slice_end_ns)
				slice_start(q, next, now);
			return;
		}
		write_once(prev->running, false);
		unit_update_state(prev, now);
	}
	if (!q->running && next)
		q->idle_ns += now - MIN(now, q->idle_since_ns);
	q->running = next;
	if (!next) {
		if (prev)
			q->idle_since_ns = now;
		return;
	}
	queue_remove(q, next);
	write_once(next->running, true);
	if (next->vcpu)
		next->loaded_on = cpu;
	next->started_ns = q->switched_ns = now;
	unit_update_state(next, now);
	queue_advance(q, MIN(next->virtual_time, q->head_virtual_time));
	if (bitmap_test(sched_idle.bits, cpu))
		atomic_fetch_and(&sched_idle.bits[cpu / 64], ~(1ull << (cpu % 64)));
	slice_start(q, next, now);
	if (next->vcpu)
		vcpu_scheduled(next->vcpu);
}

/* The hardware follows the choice. Idle, and a thread, keep what is loaded unless that must be in memory. */
static void cpu_switch(struct percpu *p, struct sched_unit *loaded, struct sched_unit *next,
                       bool unload)
{
	struct vcpu *from = p->loaded, *to = next ? next->vcpu : NULL;

	/* Before its requests are read: who sets one then looks at current, to kick (vcpu_kick()). One of the two sees the other. */
	(void)atomic_exchange(&p->current, to);
	p->thread = next && !to ? next : NULL;
	if (to ? to == from : !unload)
		return;
	vcpu_switch(from, to);
	p->loaded = to;
	if (loaded)
		store_release(&loaded->loaded_on, SCHED_CPU_NONE);
}

/* A unit that waited here only because its state was here. */
static void unit_relocate(struct sched_unit *u)
{
	struct run_queue *q = unit_lock(u);

	if (!u->running && !unit_allowed(u, u->cpu))
		queue_remove(q, u);
	unit_place(q, u);
}

/* Units wait here while another CPU is idle: it comes and steals one. */
static void queue_call_help(struct run_queue *q)
{
	unsigned helper;

	spin_lock(&q->lock);
	helper = queue_find_helper(q);
	spin_unlock(&q->lock);
	if (helper != SCHED_CPU_NONE)
		percpu_raise(helper, PENDING_SCHED);
}

static bool any_idle(void)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ARRAY_LEN(sched_idle.bits); i++)
		any |= read_once(sched_idle.bits[i]);
	return any;
}

void sched_run(void)
{
	struct percpu *p = percpu();
	struct run_queue *q = &p->run_queue;
	struct sched_unit *loaded = p->loaded ? &p->loaded->sched : NULL, *next;
	uint64_t now = machine_now_ns();
	bool displaced = false, unload = false;

	spin_lock(&q->lock);
	if (loaded && unlikely(!unit_allowed(loaded, p->cpu))) {
		displaced = true;
		queue_remove(q, loaded);
	}
	next = queue_choose(q, q->running, p->cpu, now);
	if (loaded && loaded != next)
		unload = displaced || loaded->stopped || loaded->pause_count ||
		         !bitmap_test(loaded->soft_affinity.bits, p->cpu);
	queue_commit(q, q->running, next, p->cpu, now);
	/* Whatever was chosen: the end of its slice and the next refill of a parked one must not be missed. It may have been the timer that brought us here. */
	slice_timer_aim(q, slice_timer_wanted(q));
	spin_unlock(&q->lock);

	cpu_switch(p, loaded, next, unload);
	if (unlikely(displaced))
		unit_relocate(loaded);
	if (next && read_once(q->head_virtual_time) != UINT64_MAX && any_idle())
		queue_call_help(q);
}

uint64_t sched_idle_ns(unsigned cpu)
{
	struct run_queue *q = queue_of_cpu(cpu);
	uint64_t now = machine_now_ns(), ns;

	spin_lock(&q->lock);
	ns = q->idle_ns;
	if (!q->running && now > q->idle_since_ns)
		ns += now - q->idle_since_ns;
	spin_unlock(&q->lock);
	return ns;
}

/* ---- for people ---- */

static void unit_dump(const struct sched_unit *u, const char *where)
{
	log_info("  %s %c%u %s: %s, virtual time %llu us, ran %llu ms, weight %u, cap %u%s",
	         u->vcpu ? u->vcpu->domain->name : u->name, u->vcpu ? 'v' : 't',
	         u->vcpu ? u->vcpu->id : 0, where, state_names[u->state],
	         (unsigned long long)u->virtual_time / 1000,
	         (unsigned long long)u->time_in[SCHED_RUNNING] / 1000000, share_weight(u->share),
	         u->share->cap, u->loaded_on == SCHED_CPU_NONE ? "" : ", loaded");
}

void sched_dump(void)
{
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
		struct run_queue *q = queue_of_cpu(cpu);
		struct list *pos;

		spin_lock(&q->lock);
		log_info("CPU %u: %u waiting, %u over their cap, virtual time %llu us", cpu, q->nr,
		         q->nr_parked, (unsigned long long)q->min_virtual_time / 1000);
		if (q->running)
			unit_dump(q->running, "runs");
		list_for_each(pos, &q->units)
			unit_dump(list_entry(pos, struct sched_unit, queue_node), "waits");
		list_for_each(pos, &q->parked)
			unit_dump(list_entry(pos, struct sched_unit, queue_node), "is parked");
		spin_unlock(&q->lock);
	}
}
