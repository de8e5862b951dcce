/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/domctl_create.c: what a new domain may be, and its vcpus. */
#include <string.h>

#include "errno.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

static struct xen_domctl op;

static struct xen_domctl_createdomain *pvh(void)
{
	op = (struct xen_domctl){
		.cmd = XEN_DOMCTL_createdomain,
		.u.createdomain = { .handle = "0123456789abcdef",
		                    .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap |
		                             XEN_DOMCTL_CDF_oos_off,
		                    .max_vcpus = 2,
		                    .max_evtchn_port = 1023,
		                    .max_grant_frames = -1,
		                    .max_maptrack_frames = 17,
		                    .grant_opts = XEN_DOMCTL_GRANT_version(1),
		                    .arch.emulation_flags = XEN_X86_EMU_LAPIC },
	};
	return &op.u.createdomain;
}

static void as_asked(void)
{
	struct domain *d, *other;

	fake_control_machine(1);
	pvh();
	op.domain = 9;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(op.domain, 9);
	d = domain_get(9);
	CHECK(d && d->state == DOMAIN_BUILDING && !d->is_privileged);
	domain_put(d);
	CHECK_EQ(d->refs, 1);
	CHECK_EQ(d->max_vcpus, 2);
	CHECK_EQ(d->events.max_port, 1023);
	CHECK_EQ(d->grants.max_frames, 64);
	CHECK(!memcmp(d->uuid, "0123456789abcdef", 16));
	CHECK_EQ(d->emulation_flags, XEN_X86_EMU_LAPIC);
	CHECK_EQ(d->tool_pauses, 1);
	CHECK_EQ(d->max_pages, 0);
	CHECK(cpuid_vendor_is_amd(&d->cpuid));
	/* Taken. */
	pvh();
	op.domain = 9;
	CHECK_EQ(fake_domctl(&op), -EEXIST);
	/* 0 is nobody's id to give. */
	pvh();
	op.domain = 0;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK(op.domain != 0 && op.domain != 9);
	other = domain_get(op.domain);
	CHECK(other);
	domain_put(other);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, other->id), 0);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, 9), 0);
}

/* Every one of these is more than there is. */
static void refused(void)
{
	fake_control_machine(1);
#define REFUSED(change)                                    \
	do {                                               \
		struct xen_domctl_createdomain *x = pvh(); \
		change;                                    \
		CHECK_EQ(fake_domctl(&op), -EINVAL);       \
	} while (0)
	REFUSED(x->flags = 0);
	REFUSED(x->flags &= ~XEN_DOMCTL_CDF_hap);
	REFUSED(x->flags |= XEN_DOMCTL_CDF_iommu);
	REFUSED(x->flags |= XEN_DOMCTL_CDF_nested_virt);
	REFUSED(x->flags |= XEN_DOMCTL_CDF_vpmu);
	REFUSED(x->flags |= 1u << 20);
	REFUSED(x->iommu_opts = 1);
	REFUSED(x->vmtrace_size = 4096);
	REFUSED(x->cpupool_id = 1);
	REFUSED(x->max_vcpus = 0);
	REFUSED(x->max_vcpus = DOMAIN_MAX_VCPUS + 1);
	REFUSED(x->grant_opts = 0);
	REFUSED(x->grant_opts = 3);
	REFUSED(x->grant_opts = 0x11);
	REFUSED(x->max_grant_frames = 1 << 20);
	REFUSED(x->arch.misc_flags = 2);
	REFUSED(x->arch.emulation_flags = 0);
	REFUSED(x->arch.emulation_flags = XEN_X86_EMU_LAPIC | XEN_X86_EMU_PIT);
	REFUSED(x->arch.emulation_flags = XEN_X86_EMU_ALL);
	CHECK(!domain_next(1));
	pvh()->arch.emulation_flags = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, op.domain), 0);
}

static void vcpus(void)
{
	struct domain *d;

	fake_control_machine(1);
	pvh()->max_vcpus = 5;
	CHECK_EQ(fake_domctl(&op), 0);
	d = domain_get(op.domain);
	op.cmd = XEN_DOMCTL_max_vcpus;
	op.u.max_vcpus.max = 4;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	op.u.max_vcpus.max = 5;
	CHECK_EQ(fake_domctl(&op), 0);
	for (unsigned i = 0; i < 5; i++)
		CHECK(d->vcpus[i] && !d->vcpus[i]->is_up);
	/* Once more changes nothing. */
	CHECK_EQ(fake_domctl(&op), 0);
	domain_put(d);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, op.domain), 0);
}

UNIT_MAIN(UNIT(as_asked), UNIT(refused), UNIT(vcpus))
