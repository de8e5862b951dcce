/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: a new domain, and its vcpus. */
#include "domctl.h"

#include "cpu_policy.h"
#include "hvm_platform.h"
#include "string.h"

#include <xen/arch-x86/xen.h>

#define FLAGS_HAP         (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap)
#define FLAGS_TAKEN       (FLAGS_HAP | XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_s3_integrity)
#define GRANT_OPTS_VALID  XEN_DOMCTL_GRANT_version_mask
#define GRANT_VERSION_MAX 2u
#define FRAMES_ASKED_MAX  65536

/* What libxl asks for: a PVH guest has a local APIC and no more; a classic one all but these. */
#define EMULATION_PVH      XEN_X86_EMU_LAPIC
#define EMULATION_OPTIONAL (XEN_X86_EMU_USE_PIRQ)
#define EMULATION_HVM      (XEN_X86_EMU_ALL & ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ))

static bool emulation_valid(uint32_t flags)
{
	return flags == EMULATION_PVH || (flags & ~EMULATION_OPTIONAL) == EMULATION_HVM;
}

/* -EINVAL for what this machine or this hypervisor cannot do: nested paging only, no IOMMU, no performance counters, no processor trace. */
static int create_check(const struct xen_domctl_createdomain *x)
{
	uint32_t grants = XEN_DOMCTL_GRANT_version(x->grant_opts);

	if ((x->flags & FLAGS_HAP) != FLAGS_HAP || (x->flags & ~FLAGS_TAKEN))
		return -EINVAL;
	if (x->iommu_opts || x->vmtrace_size)
		return -EINVAL;
	if (!x->max_vcpus || x->max_vcpus > DOMAIN_MAX_VCPUS)
		return -EINVAL;
	if ((x->grant_opts & ~GRANT_OPTS_VALID) || !grants || grants > GRANT_VERSION_MAX)
		return -EINVAL;
	if (x->max_grant_frames > FRAMES_ASKED_MAX || x->max_maptrack_frames > FRAMES_ASKED_MAX)
		return -EINVAL;
	if (x->arch.misc_flags & ~XEN_X86_MSR_RELAXED)
		return -EINVAL;
	return emulation_valid(x->arch.emulation_flags) ? 0 : -EINVAL;
}

static uint32_t frames(int32_t asked)
{
	return asked < 0 ? 0 : (uint32_t)asked;
}

/* It begins paused by the tools; the first unpausing starts it. */
long domctl_createdomain(struct control_call *c, void *member)
{
	const struct xen_domctl_createdomain *x = member;
	struct domain_config config = {
		.id = c->domid && c->domid < DOMID_LIMIT ? c->domid : DOMID_INVALID,
		.max_vcpus = x->max_vcpus,
		.max_grant_frames = frames(x->max_grant_frames),
		.max_maptrack_frames = frames(x->max_maptrack_frames),
		.max_event_channels = MIN(x->max_evtchn_port, (uint32_t)EVENT_CHANNELS_MAX),
		.emulation_flags = x->arch.emulation_flags,
		.cpupool_id = x->cpupool_id,
	};
	struct domain *d;
	int err = create_check(x);

	if (err)
		return err;
	memcpy(config.uuid, x->handle, sizeof(config.uuid));
	err = domain_create(&config, &d);
	if (err)
		return err;
	err = hvm_platform_create(d);
	if (err) {
		domain_destroy(d);
		domain_put(d);
		return err;
	}
	d->cpuid = cpu_policy_guest;
	spin_lock(&d->lock);
	d->tool_pauses = 1;
	spin_unlock(&d->lock);
	c->domid = d->id;
	/* Whoever creates is the owner of the one reference until the end: the table's. */
	domain_put(d);
	return 0;
}

/* As many as it was created for; a call that was cut short, or failed, is made again. */
long domctl_max_vcpus(struct control_call *c, void *member)
{
	const struct xen_domctl_max_vcpus *x = member;
	struct domain *d = c->d;
	bool any = false;
	struct vcpu *v;

	if (x->max != d->max_vcpus)
		return -EINVAL;
	for (uint32_t id = 0; id < d->max_vcpus; id++) {
		int err;

		if (read_once(d->vcpus[id]))
			continue;
		if (any && hypercall_should_restart())
			return HYPERCALL_RESTART;
		any = true;
		err = vcpu_create(d, id, &v);
		if (err)
			return err;
	}
	return 0;
}
