/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain: how it is made, started, paused, and let go of. */
#include "domain_table.h"

#include "cpupool.h"
#include "devmodel.h"
#include "errno.h"
#include "heap.h"
#include "host_irq.h"
#include "log.h"
#include "string.h"

#include <xen/xen.h>

#define IO_REGIONS_MAX          256
#define GRANT_FRAMES_DEFAULT    64
#define MAPTRACK_FRAMES_DEFAULT 1024

int domains_init(void)
{
	domain_table_init();
	host_irqs_init();
	return 0;
}

static int config_check(const struct domain_config *c)
{
	if (c->id != DOMID_INVALID && c->id >= DOMID_LIMIT)
		return -EINVAL;
	if (c->max_vcpus < 1 || c->max_vcpus > DOMAIN_MAX_VCPUS)
		return -EINVAL;
	if (c->max_event_channels > EVENT_CHANNELS_MAX)
		return -EINVAL;
	return virt ? 0 : -ENODEV;
}

/* The one device that every domain has; each vcpu's own APIC answers. */
static int buses_init(struct domain *d)
{
	int err = iobus_init(&d->pio, "ports", IO_REGIONS_MAX);

	return err ? err : iobus_init(&d->mmio, "memory", IO_REGIONS_MAX);
}

static int parts_init(struct domain *d, const struct domain_config *c)
{
	int err = -ENOMEM;

	d->vcpus = heap_alloc_array(c->max_vcpus, sizeof(*d->vcpus));
	d->shared_info = page_alloc_virt(0);
	if (!d->vcpus || !d->shared_info)
		return -ENOMEM;
	if (timer_init(&d->watchdog[0], domain_watchdog_fired_0, percpu()->cpu) ||
	    timer_init(&d->watchdog[1], domain_watchdog_fired_1, percpu()->cpu))
		return -ENOMEM;
	err = p2m_init(&d->p2m, d);
	err = err ? err
	          : event_channels_init(d, c->max_event_channels ? c->max_event_channels
	                                                         : EVENT_CHANNELS_MAX);
	err = err ? err
	          : grant_table_init(
			    d, c->max_grant_frames ? c->max_grant_frames : GRANT_FRAMES_DEFAULT,
			    c->max_maptrack_frames ? c->max_maptrack_frames
						   : MAPTRACK_FRAMES_DEFAULT);
	return err ? err : buses_init(d);
}

static void fields_init(struct domain *d, const struct domain_config *c)
{
	d->state = DOMAIN_BUILDING;
	d->refs = 2; /* the table's and the caller's */
	spin_init(&d->lock);
	list_init(&d->node);
	d->is_privileged = c->is_privileged;
	d->emulation_flags = c->emulation_flags;
	d->pause_count = 1; /* the builder's, until domain_start() */
	d->shutdown_code = SHUTDOWN_CODE_NONE;
	memcpy(d->uuid, c->uuid, sizeof(d->uuid));
	d->max_vcpus = c->max_vcpus;
	d->package_vcpus = c->package_vcpus ? c->package_vcpus : c->max_vcpus;
	d->max_pages = c->max_pages;
	d->share.weight = SCHED_WEIGHT_DEFAULT;
	direct_io_init(d);
	hvm_params_init(d);
}

int domain_create(const struct domain_config *config, struct domain **out)
{
	struct domain *d;
	int err = config_check(config);

	if (err)
		return err;
	d = heap_alloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	fields_init(d, config);
	err = cpupool_domain_enter(d, config->cpupool_id);
	if (!err)
		err = parts_init(d, config);
	if (!err)
		err = domain_table_insert(d, config->id);
	if (err) {
		domain_unbuild(d);
		return err;
	}
	domain_wallclock_update(d);
	*out = d;
	return 0;
}

int domain_start(struct domain *d)
{
	int err = 0;

	spin_lock(&d->lock);
	if (d->state != DOMAIN_BUILDING || !d->vcpus[0])
		err = -EINVAL;
	else
		write_once(d->state, DOMAIN_RUNNING);
	spin_unlock(&d->lock);
	if (err)
		return err;
	domain_wallclock_update(d);
	domain_unpause(d);
	return 0;
}

/* ---- pause ---- */

void domain_pause_locked(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	if (d->pause_count++)
		return;
	domain_for_each_vcpu(d, v, i)
		sched_pause(&v->sched);
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	domain_pause_locked(d);
	spin_unlock(&d->lock);
	domain_for_each_vcpu(d, v, i)
		sched_pause_wait(&v->sched);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	if (d->pause_count && --d->pause_count == 0) {
		domain_for_each_vcpu(d, v, i)
			sched_unpause(&v->sched);
		if (d->devmodel)
			devmodel_go_on(d->devmodel);
	}
	spin_unlock(&d->lock);
}

/* ---- the end ---- */

void domain_destroy(struct domain *d)
{
	bool first = false;

	spin_lock(&d->lock);
	if (d->state < DOMAIN_DYING) {
		write_once(d->state, DOMAIN_DYING);
		domain_pause_locked(d);
		first = true;
	}
	spin_unlock(&d->lock);
	if (!first)
		return;
	cpupool_domain_dying(d);
	domain_teardown_start(d);
}

static bool free_later(struct work *w)
{
	domain_free(container_of(w, struct domain, teardown));
	return false;
}

/* The last one to let go may hold any lock: the work is done later. Teardown itself is over then. */
void domain_put(struct domain *d)
{
	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	d->teardown.fn = free_later;
	work_queue(&d->teardown);
}

/* ---- the layout of what it shares with us ---- */

void domain_latch_width(struct domain *d, struct vcpu *v)
{
	struct paging_mode mode;
	bool compat;

	virt->get_paging(v, &mode);
	compat = !paging_64bit_code(&mode);
	if (compat == read_once(d->is_compat))
		return;
	event_channel_convert_layout(d, compat);
	domain_wallclock_update(d);
}
