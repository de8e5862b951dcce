/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuid=: a guest's CPU policy, changed where the plan says so. What the machine has not stays absent: the hypervisor takes it out. */
#include "domain_image.h"

#include <errno.h>
#include <stdlib.h>

#define LEAVES 128u
#define MSRS   8u

struct policy {
	xen_cpuid_leaf_t *leaves;
	xen_msr_entry_t *msrs;
	uint32_t nr_leaves;
};

static int policy_get(struct domain_image *d, struct policy *p)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_get_cpu_policy,
		                 .domain = (domid_t)d->built->domid };
	int rc;

	op.u.cpu_policy.nr_leaves = LEAVES;
	op.u.cpu_policy.nr_msrs = MSRS;
	set_xen_guest_handle(op.u.cpu_policy.leaves, p->leaves);
	set_xen_guest_handle(op.u.cpu_policy.msrs, p->msrs);
	rc = hypervisor_domctl(d->h, &op);
	p->nr_leaves = op.u.cpu_policy.nr_leaves;
	return rc;
}

static void leaf_change(xen_cpuid_leaf_t *l, const struct cpuid_change *c)
{
	uint32_t *const regs[4] = { &l->a, &l->b, &l->c, &l->d };

	for (unsigned i = 0; i < 4; i++)
		*regs[i] = (*regs[i] & ~c->clear[i]) | c->set[i];
}

/* Leaves that the guest has not are left alone: there is nothing to take away, and nothing that could be given. */
static void policy_change(struct policy *p, const struct cpuid_changes *c)
{
	for (uint32_t i = 0; i < p->nr_leaves; i++)
		for (size_t j = 0; j < c->nr; j++)
			if (p->leaves[i].leaf == c->rows[j].leaf &&
			    p->leaves[i].subleaf == c->rows[j].subleaf)
				leaf_change(&p->leaves[i], &c->rows[j]);
}

static bool policy_set(struct domain_image *d, struct policy *p)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_cpu_policy,
		                 .domain = (domid_t)d->built->domid };
	int rc;

	op.u.cpu_policy.nr_leaves = p->nr_leaves;
	set_xen_guest_handle(op.u.cpu_policy.leaves, p->leaves);
	set_xen_guest_handle(op.u.cpu_policy.msrs, p->msrs);
	rc = hypervisor_domctl(d->h, &op);
	return rc == 0 || fail(d->failure, "%s: cpuid= is refused, at leaf 0x%x: %s. Take that out",
	                       d->plan->name, op.u.cpu_policy.err_leaf, hypervisor_error(rc));
}

bool cpu_policy_apply(struct domain_image *d)
{
	struct policy p = { .leaves = NULL };
	bool done;
	int rc;

	if (!d->plan->cpuid || !d->plan->cpuid->nr)
		return true;
	p.leaves = hypervisor_buffer(d->h, LEAVES * sizeof(*p.leaves));
	p.msrs = hypervisor_buffer(d->h, MSRS * sizeof(*p.msrs));
	rc = p.leaves && p.msrs ? policy_get(d, &p) : -ENOMEM;
	if (rc == 0)
		policy_change(&p, d->plan->cpuid);
	done = rc == 0 ? policy_set(d, &p)
	               : fail(d->failure, "%s: its CPU features cannot be read: %s", d->plan->name,
	                      hypervisor_error(rc));
	hypervisor_buffer_free(d->h, p.leaves, LEAVES * sizeof(*p.leaves));
	hypervisor_buffer_free(d->h, p.msrs, MSRS * sizeof(*p.msrs));
	return done;
}
