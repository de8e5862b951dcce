/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: a domain's CPU policy, out and in. */
#include "domctl.h"

#include "cpu_policy.h"
#include "heap.h"

/* Both lists in full, or -ENOBUFS with their lengths. */
long domctl_get_cpu_policy(struct control_call *c, void *member)
{
	struct xen_domctl_cpu_policy *x = member;
	const struct cpuid_policy *p = &c->d->cpuid;
	uint32_t leaves = cpu_policy_nr_leaves(p), msrs = cpu_policy_nr_msrs(p);
	struct xen_cpuid_leaf l;
	struct xen_msr_entry m;

	if (x->nr_leaves < leaves || x->nr_msrs < msrs)
		return -ENOBUFS;
	for (uint32_t i = 0; cpu_policy_leaf(p, i, &l); i++)
		if (control_put(c, &l, control_handle(x->leaves), i, sizeof(l)))
			return -EFAULT;
	for (uint32_t i = 0; cpu_policy_msr(p, i, &m); i++)
		if (control_put(c, &m, control_handle(x->msrs), i, sizeof(m)))
			return -EFAULT;
	x->nr_leaves = leaves;
	x->nr_msrs = msrs;
	return 0;
}

/* The tools' leaves over what the policy has; the offending one is named. */
static long policy_read(struct control_call *c, struct xen_domctl_cpu_policy *x,
                        struct cpuid_policy *p)
{
	struct xen_cpuid_leaf l;
	struct xen_msr_entry m;
	long err = 0;

	for (uint32_t i = 0; i < x->nr_leaves && !err; i++) {
		if (control_get(c, &l, control_handle(x->leaves), i, sizeof(l)))
			return -EFAULT;
		err = cpu_policy_leaf_set(p, &l);
		if (err) {
			x->err_leaf = l.leaf;
			x->err_subleaf = l.subleaf;
		}
	}
	for (uint32_t i = 0; i < x->nr_msrs && !err; i++) {
		if (control_get(c, &m, control_handle(x->msrs), i, sizeof(m)))
			return -EFAULT;
		err = cpu_policy_msr_set(p, &m);
		if (err)
			x->err_msr = m.idx;
	}
	return err;
}

/* Not behind a guest's back: only before it has run. */
static long policy_take(struct domain *d, const struct cpuid_policy *p)
{
	long err = 0;

	spin_lock(&d->lock);
	if (d->state == DOMAIN_BUILDING)
		d->cpuid = *p;
	else
		err = -EEXIST;
	spin_unlock(&d->lock);
	return err;
}

long domctl_set_cpu_policy(struct control_call *c, void *member)
{
	struct xen_domctl_cpu_policy *x = member;
	struct cpuid_policy *p;
	long err;

	x->err_leaf = x->err_subleaf = x->err_msr = ~0u;
	if (x->nr_leaves > CPU_POLICY_LEAVES_MAX || x->nr_msrs > CPU_POLICY_MSRS_MAX)
		return -E2BIG;
	p = heap_alloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = c->d->cpuid;
	err = policy_read(c, x, p);
	if (!err) {
		uint32_t leaf;

		err = cpu_policy_limit(p, &leaf);
		if (err)
			x->err_leaf = leaf;
	}
	if (!err)
		err = policy_take(c->d, p);
	heap_free(p);
	return err;
}
