/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device model is told beside the guest's accesses: timers, frames, characters, buttons, its backend's word. Who pays for it stands in README.md. */
#include "devmodel.h"

#include "cpupool.h"
#include "domain.h"
#include "errno.h"
#include "log.h"
#include "string.h"

/* How long a vcpu naps at most: much more than a backend usually takes, little beside what guests give a drive. */
#define NAP_NS 1000000u

/* One that has not begun yet does nothing by itself, and its backend attaches before it begins. */
static bool is_stopped(const struct domain *d)
{
	if (read_once(d->state) == DOMAIN_BUILDING)
		return false;
	return read_once(d->pause_count) || read_once(d->is_shut_down) || domain_is_dying(d);
}

void devmodel_hand_over_typed(struct devmodel *m)
{
	spin_lock(&m->console_lock);
	memcpy(m->shared->in, m->typed, m->nr_typed);
	m->shared->in_length = m->nr_typed;
	m->nr_typed = 0;
	spin_unlock(&m->console_lock);
}

/* The guest's time is spent: its thread's, or that of a vcpu which is in the middle of its turn. */
static void run_events(struct devmodel *m)
{
	uint32_t events;

	if (!read_once(m->events))
		return;
	if (is_stopped(m->domain))
		return; /* devmodel_go_on() */
	events = atomic_exchange(&m->events, 0);
	if (events)
		devmodel_enter_events(m, events);
}

/* One entry a turn: then the CPU looks whether somebody else has more right to it. */
static void thread_run(struct sched_unit *u)
{
	struct devmodel *m = container_of(u, struct devmodel, thread);

	sched_block_prepare(u);
	run_events(m);
	if (!read_once(m->events) || is_stopped(m->domain))
		sched_block(u);
}

static void timer_fired(struct timer *t)
{
	struct devmodel *m = container_of(t, struct devmodel, timer);
	struct vcpu *current = percpu()->current;

	atomic_fetch_or(&m->events, DEVMODEL_EVENT_TIMER);
	/* No switch where one of its vcpus pays anyway. */
	if (current && current->domain == m->domain)
		run_events(m);
	else
		sched_wake(&m->thread);
}

/* ---- naps ---- */

/*
 * BIOSes ask a drive for its status again and again until it is ready. Each question costs an exit, and the CPU may be the one that the backend waits for; so from some question on the next one
 * comes when there is something new. First say that we wait, then look: a turn in between wakes us before we sleep.
 */
void devmodel_nap(struct devmodel *m, uint32_t turn)
{
	struct vcpu *v = percpu()->current;

	if (!v || v->domain != m->domain)
		return;
	vcpu_sleep_prepare(v);
	write_once(v->poll_port, VCPU_POLLS_DEVICES);
	write_once(v->polling, true);
	barrier_full();
	if (read_once(m->turn) != turn || vcpu_has_work(v)) {
		write_once(v->polling, false);
		return;
	}
	timer_set(&v->poll_timer, machine_now_ns() + NAP_NS);
	sched_block(&v->sched);
}

void devmodel_naps_end(struct devmodel *m)
{
	struct vcpu *v;
	uint32_t i;

	barrier_full();
	domain_for_each_vcpu(m->domain, v, i)
		if (read_once(v->polling) && read_once(v->poll_port) == VCPU_POLLS_DEVICES)
			sched_wake(&v->sched);
}

void devmodel_raise(struct devmodel *m, uint32_t events)
{
	atomic_fetch_or(&m->events, events);
	sched_wake(&m->thread);
}

void devmodel_go_on(struct devmodel *m)
{
	sched_wake(&m->thread);
}

bool devmodel_has_console(const struct devmodel *m)
{
	return m->has_console;
}

void devmodel_type(struct devmodel *m, uint8_t byte)
{
	spin_lock(&m->console_lock);
	if (m->nr_typed < sizeof(m->typed))
		m->typed[m->nr_typed++] = byte;
	spin_unlock(&m->console_lock);
	devmodel_raise(m, DEVMODEL_EVENT_CONSOLE);
}

/* ---- life ---- */

int devmodel_events_init(struct devmodel *m)
{
	struct domain *d = m->domain;

	sched_thread_init(&m->thread, thread_run, d->name, &d->share, d->id);
	return timer_init(&m->timer, timer_fired, d->id % machine_nr_cpus());
}

int devmodel_events_stop(struct devmodel *m)
{
	sched_unit_stop(&m->thread);
	if (!sched_is_off(&m->thread))
		return -EINTR;
	timer_kill(&m->timer);
	return 0;
}

void devmodel_thread_place(struct devmodel *m)
{
	struct vcpu *v = domain_vcpu(m->domain, 0);

	cpupool_thread_enter(m->domain);
	if (v && sched_set_affinity(&m->thread, &v->sched.hard_affinity, &v->sched.soft_affinity))
		log_warning("%s: its device model cannot run where its first vcpu does",
		            m->domain->name);
}
