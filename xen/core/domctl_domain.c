/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: how the control tools run and end a domain, and what they set of it as a whole. */
#include "domctl.h"

#include "log.h"
#include "string.h"
#include "vrtc.h"

#define PAUSES_MAX   255u /* of the tools */
#define GUEST_BITS   64u
#define KHZ_PER_MISS 1000u /* a counter that is one in so many off is the same */

/* ---- life ---- */

long domctl_pausedomain(struct control_call *c, void *member)
{
	struct domain *d = c->d;
	long err = 0;

	spin_lock(&d->lock);
	if (d->tool_pauses == PAUSES_MAX)
		err = -EOVERFLOW;
	else
		d->tool_pauses++;
	spin_unlock(&d->lock);
	if (!err)
		domain_pause(d);
	return err;
}

/* The last one lets it run; one that is being made starts its life with that. */
long domctl_unpausedomain(struct control_call *c, void *member)
{
	struct domain *d = c->d;
	bool starts;
	long err;

	spin_lock(&d->lock);
	starts = d->tool_pauses == 1 && d->state == DOMAIN_BUILDING;
	err = d->tool_pauses ? 0 : -EINVAL;
	if (!err && !starts)
		d->tool_pauses--;
	spin_unlock(&d->lock);
	if (err)
		return err;
	if (!starts) {
		domain_unpause(d);
		return 0;
	}
	err = domain_start(d);
	if (!err) {
		spin_lock(&d->lock);
		d->tool_pauses = 0;
		spin_unlock(&d->lock);
	}
	return err;
}

long domctl_resumedomain(struct control_call *c, void *member)
{
	domain_resume(c->d);
	return 0;
}

/* Teardown goes on by itself, a piece at a time; the caller, who may be preempted, asks again until nothing is left but what others hold. */
long domctl_destroydomain(struct control_call *c, void *member)
{
	if (!c->d)
		return 0; /* it went between two runs of this call */
	domain_destroy(c->d);
	return read_once(c->d->state) == DOMAIN_DEAD ? 0 : HYPERCALL_RESTART;
}

/* A port of the guest's own by which whoever saves it is told that it has suspended, instead of by the VIRQ for all domains. */
long domctl_subscribe(struct control_call *c, void *member)
{
	const struct xen_domctl_subscribe *x = member;

	spin_lock(&c->d->lock);
	c->d->suspend_port = x->port;
	spin_unlock(&c->d->lock);
	return 0;
}

/* ---- limits and names ---- */

/* Below what it has now is allowed: it then gets no more until it has given enough back. */
long domctl_max_mem(struct control_call *c, void *member)
{
	const struct xen_domctl_max_mem *m = member;

	page_set_limit(c->d, m->max_memkb >> (PAGE_SHIFT - 10));
	return 0;
}

long domctl_setdomainhandle(struct control_call *c, void *member)
{
	const struct xen_domctl_setdomainhandle *h = member;

	spin_lock(&c->d->lock);
	memcpy(c->d->uuid, h->handle, sizeof(c->d->uuid));
	spin_unlock(&c->d->lock);
	return 0;
}

/* ---- time ---- */

/* Seconds between the machine's clock and this guest's, of either sign. */
long domctl_settimeoffset(struct control_call *c, void *member)
{
	const struct xen_domctl_settimeoffset *t = member;

	write_once(c->d->wallclock_offset_s, (uint64_t)t->time_offset_seconds);
	domain_wallclock_update(c->d);
	vrtc_date_changed(c->d);
	return 0;
}

static bool khz_fits(uint32_t khz)
{
	uint32_t here = machine_tsc_khz(), off = khz > here ? khz - here : here - khz;

	return !khz || off <= here / KHZ_PER_MISS;
}

/* There is no scaling of counters: a guest that needs another frequency cannot run here. */
long domctl_settscinfo(struct control_call *c, void *member)
{
	const struct xen_domctl_tsc_info *t = member;
	struct domain *d = c->d;
	struct vcpu *v;
	uint32_t i;

	if (t->tsc_mode > TSC_NEVER_EMULATE || !khz_fits(t->gtsc_khz))
		return -EINVAL;
	domain_pause(d);
	spin_lock(&d->lock);
	d->settings.tsc_mode = t->tsc_mode;
	d->settings.tsc_incarnation = t->incarnation;
	if (t->elapsed_nsec)
		d->time_offset_ns = machine_now_ns() - t->elapsed_nsec;
	domain_for_each_vcpu(d, v, i)
		virt->trap_rdtsc(v, t->tsc_mode == TSC_ALWAYS_EMULATE);
	spin_unlock(&d->lock);
	domain_for_each_vcpu(d, v, i)
		vcpu_time_update(v);
	domain_wallclock_update(d);
	domain_unpause(d);
	return 0;
}

long domctl_gettscinfo(struct control_call *c, void *member)
{
	struct xen_domctl_tsc_info *t = member;

	memset(t, 0, sizeof(*t));
	t->tsc_mode = read_once(c->d->settings.tsc_mode);
	t->incarnation = read_once(c->d->settings.tsc_incarnation);
	t->gtsc_khz = machine_tsc_khz();
	t->elapsed_nsec = domain_now_ns(c->d);
	return 0;
}

/* ---- what cannot be chosen here: one kind of guest, one NUMA node ---- */

long domctl_set_address_size(struct control_call *c, void *member)
{
	const struct xen_domctl_address_size *a = member;

	return a->size == GUEST_BITS ? 0 : -EINVAL;
}

long domctl_get_address_size(struct control_call *c, void *member)
{
	((struct xen_domctl_address_size *)member)->size = GUEST_BITS;
	return 0;
}

long domctl_setnodeaffinity(struct control_call *c, void *member)
{
	const struct xen_domctl_nodeaffinity *n = member;
	uint64_t nodes;

	if (control_bitmap_get(c, &nodes, 1, &n->nodemap))
		return -EFAULT;
	return nodes ? 0 : -EINVAL;
}

long domctl_getnodeaffinity(struct control_call *c, void *member)
{
	const struct xen_domctl_nodeaffinity *n = member;
	const uint64_t nodes = 1;

	return control_bitmap_put(c, &n->nodemap, &nodes, 1);
}
