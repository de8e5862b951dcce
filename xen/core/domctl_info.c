/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control tools see of a domain. */
#include "domctl.h"

#include "cpupool.h"
#include "devmodel.h"
#include "string.h"

#define NO_FRAME ~0ull

/* Where the guest has its shared_info page; the page knows. */
static uint64_t shared_info_gfn(const struct domain *d)
{
	uint32_t gfn_plus_1 = read_once(page_of(virt_to_mfn(d->shared_info))->shared_gfn);

	return gfn_plus_1 ? gfn_plus_1 - 1 : NO_FRAME;
}

/* A domain is blocked when each vcpu that is up waits, running when one has a CPU. d->lock held. */
static uint32_t vcpus_add(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	uint32_t i, flags = XEN_DOMINF_blocked;
	uint64_t now = machine_now_ns();
	struct vcpu *v;

	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	domain_for_each_vcpu(d, v, i) {
		info->max_vcpu_id = i;
		info->cpu_time += sched_time_in(&v->sched, SCHED_RUNNING, now);
		if (!v->is_up)
			continue;
		info->nr_online_vcpus++;
		if (!read_once(v->sched.blocked))
			flags &= ~(uint32_t)XEN_DOMINF_blocked;
		if (read_once(v->sched.running))
			flags |= XEN_DOMINF_running;
	}
	if (d->devmodel)
		info->cpu_time += sched_time_in(&d->devmodel->thread, SCHED_RUNNING, now);
	return info->nr_online_vcpus ? flags : 0;
}

static uint32_t life_flags(const struct domain *d)
{
	uint32_t flags = XEN_DOMINF_hvm_guest | XEN_DOMINF_hap;

	if (d->state == DOMAIN_DEAD)
		flags |= XEN_DOMINF_dying;
	if (d->is_shut_down)
		flags |= XEN_DOMINF_shutdown;
	if (d->tool_pauses || d->sleep != DOMAIN_AWAKE)
		flags |= XEN_DOMINF_paused;
	return flags | (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
}

void domain_info_get(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	spin_lock(&d->lock);
	info->flags = vcpus_add(d, info);
	info->flags |= life_flags(d);
	memcpy(info->handle, d->uuid, sizeof(info->handle));
	spin_unlock(&d->lock);
	info->tot_pages = read_once(d->nr_pages);
	info->max_pages = read_once(d->max_pages);
	info->outstanding_pages = read_once(d->claimed_pages);
	info->shared_info_frame = shared_info_gfn(d);
	info->cpupool = cpupool_of_domain(d);
	info->gpaddr_bits = virt->nested->gpa_bits;
	info->arch_config.emulation_flags = d->emulation_flags;
}

/* The domain with this id, or the next one: so lists are walked. */
long domctl_getdomaininfo(struct control_call *c, void *member)
{
	struct domain *d;

	if (c->domid >= DOMID_LIMIT)
		return -EINVAL;
	d = domain_next_any(c->domid);
	if (!d)
		return -ESRCH;
	domain_info_get(d, member);
	c->domid = d->id;
	domain_put(d);
	return 0;
}
