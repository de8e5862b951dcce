/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ticks that were missed for want of a CPU. */
#include "vtick.h"

#include "domain.h"

/* Of what was missed so much is made up for at most. */
#define BACKLOG_MAX_NS 10000000000ull
/*
 * What a guest misses beside the time without a CPU may be our own slowness, as time in exits cannot be told from its own; so much of it in one piece is made up for. A guest
 * whose interrupts are off for longer meant it.
 */
#define GRACE_NS 250000000ull
/* A backlog is worked off so many times faster than the ticks come. */
#define SPEED 8u

enum timer_policy { DELAY, NO_DELAY, NONE_PENDING, ONE_PENDING };

static enum timer_policy policy_of(const struct domain *d)
{
	return (enum timer_policy)read_once(d->hvm_params.value[HVM_PARAM_TIMER_MODE]);
}

static uint64_t stolen_ns(struct domain *d)
{
	struct vcpu *v = d->vcpus[0];

	return v ? sched_time_in(&v->sched, SCHED_RUNNABLE, machine_now_ns()) : 0;
}

static bool wants_cpu(struct domain *d)
{
	struct vcpu *v = d->vcpus[0];

	return v && read_once(v->sched.state) == SCHED_RUNNABLE;
}

void vtick_reset(struct vtick *t, struct domain *d)
{
	*t = (struct vtick){ .stolen_ns = stolen_ns(d) };
}

/* Of the missed ones those count that fell into the time without a CPU, or may have. */
static void missed_settle(struct vtick *t, struct domain *d, uint64_t period_ns)
{
	uint64_t now = stolen_ns(d), span = GRACE_NS;
	uint64_t max = BACKLOG_MAX_NS / period_ns, n;

	if (now > t->stolen_ns)
		span += now - t->stolen_ns;
	n = t->backlog + MIN((uint64_t)t->missed, span / period_ns);
	t->backlog = (uint32_t)MIN(n, MIN(max, (uint64_t)UINT32_MAX));
	t->missed = 0;
	t->stolen_ns = now;
}

static void missed_add(struct vtick *t, uint64_t n)
{
	t->missed = (uint32_t)MIN(t->missed + n, (uint64_t)UINT32_MAX);
}

/* Between two ticks that are made up for. */
static uint64_t step_of(uint64_t period_ns)
{
	return MAX(period_ns / SPEED, (uint64_t)TICK_MIN_NS);
}

static bool due_with_backlog(struct vtick *t, struct domain *d, uint64_t n,
                             enum irq_line_state last, uint64_t period_ns)
{
	t->waits = last == IRQ_LINE_WAITS;
	if (t->waits) {
		missed_add(t, n);
		return false;
	}
	if (n)
		missed_add(t, n - 1);
	else if (!t->backlog || domain_now_ns(d) < t->raised_ns + step_of(period_ns))
		return false;
	else
		t->backlog--;
	missed_settle(t, d, period_ns);
	return true;
}

static bool is_due(struct vtick *t, struct domain *d, uint64_t n, enum irq_line_state last,
                   uint64_t period_ns)
{
	enum timer_policy policy = policy_of(d);

	if (last == IRQ_LINE_DEAF)
		vtick_reset(t, d);
	if (last == IRQ_LINE_DEAF || policy == ONE_PENDING)
		return n;
	if (policy == NONE_PENDING)
		return n && last == IRQ_LINE_TAKEN && !wants_cpu(d);
	return due_with_backlog(t, d, n, last, MAX(period_ns, (uint64_t)1));
}

bool vtick_due(struct vtick *t, struct domain *d, uint64_t n, enum irq_line_state last,
               uint64_t period_ns)
{
	bool due = is_due(t, d, n, last, period_ns);

	if (due)
		t->raised_ns = domain_now_ns(d);
	return due;
}

uint64_t vtick_next(const struct vtick *t, uint64_t now_ns, uint64_t next_ns, uint64_t period_ns)
{
	uint64_t soon = t->raised_ns + step_of(period_ns);

	next_ns = MAX(next_ns, now_ns + TICK_MIN_NS);
	return t->backlog && !t->waits ? MIN(MAX(soon, now_ns), next_ns) : next_ns;
}
