/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a domain, a piece at a time: each step gives back one kind of thing and says -EINTR while there is more. */
#include "domain_table.h"

#include "cpupool.h"
#include "devmodel.h"
#include "errno.h"
#include "hardware_domain.h"
#include "heap.h"
#include "hvm_platform.h"
#include "log.h"

#include <xen/xen.h>

/* Vcpus that one piece frees. */
#define VCPUS_A_PIECE 16

/* Paused for good: each CPU that still has one of them lets go of it in its own time. */
static int step_stop(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i)
		if (!sched_is_off(&v->sched))
			return -EINTR;
	return 0;
}

static int step_watchdogs(struct domain *d)
{
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		timer_kill(&d->watchdog[i]);
	return 0;
}

static int step_memory(struct domain *d)
{
	return p2m_teardown(&d->p2m);
}

static int step_vcpus(struct domain *d)
{
	unsigned n = 0;
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		if (n++ == VCPUS_A_PIECE)
			return -EINTR;
		vcpu_destroy(v);
	}
	return 0;
}

static int (*const steps[])(struct domain *d) = {
	step_stop,           devmodel_destroy,
	hvm_platform_stop,   hardware_domain_devices_destroy,
	step_watchdogs,      event_channels_destroy,
	grant_table_destroy, step_memory,
	step_vcpus,
};

/* What is left belongs to others: pages that they map, references that they hold. */
static void teardown_done(struct domain *d)
{
	spin_lock(&d->lock);
	write_once(d->state, DOMAIN_DEAD);
	spin_unlock(&d->lock);
	if (!domain_is_first(d))
		domain_tell_first(VIRQ_DOM_EXC);
	domain_put(d);
}

static bool teardown_piece(struct work *w)
{
	struct domain *d = container_of(w, struct domain, teardown);

	if (d->teardown_step < ARRAY_LEN(steps)) {
		if (steps[d->teardown_step](d) == 0)
			d->teardown_step++;
		return true;
	}
	teardown_done(d);
	return false;
}

void domain_teardown_start(struct domain *d)
{
	d->teardown.fn = teardown_piece;
	work_queue(&d->teardown);
}

/* Every part copes with never having been made: the struct began as zeroes. */
static void parts_free(struct domain *d)
{
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		timer_kill(&d->watchdog[i]);
	devmodel_free(d);
	hvm_platform_destroy(d);
	iobus_destroy(&d->mmio);
	iobus_destroy(&d->pio);
	direct_io_destroy(d);
	heap_free(d->pic);
	grant_table_free(d);
	p2m_free(&d->p2m);
	if (d->shared_info)
		page_free_virt(d->shared_info, 0);
	cpupool_domain_leave(d);
	heap_free(d->vcpus);
	heap_free(d);
}

/* The tools forget a domain in two steps: when its memory is back, and when it is not in the list any more. */
void domain_free(struct domain *d)
{
	bool first = domain_is_first(d);

	log_info("%s: gone, and all of its memory is back", d->name);
	domain_table_remove(d);
	parts_free(d);
	if (!first)
		domain_tell_first(VIRQ_DOM_EXC);
}

/* One that nobody has seen: nothing is mapped and there are no vcpus, so one call of each step does. */
void domain_unbuild(struct domain *d)
{
	while (event_channels_destroy(d) == -EINTR || grant_table_destroy(d) == -EINTR ||
	       p2m_teardown(&d->p2m) == -EINTR)
		;
	parts_free(d);
}
