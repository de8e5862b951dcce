/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CPUs and guests have: the computer's CPUID policies for the tools. What PV guests could have is not known here: there are none. */
#include "sysctl_cpuid.h"

#include "cpu_policy.h"
#include "sysctl.h"

/* ---- feature words ---- */

#define AT(array, index, reg)                                                        \
	offsetof(struct cpuid_policy, array) + (index) * sizeof(struct cpuid_leaf) + \
		offsetof(struct cpuid_leaf, reg)

uint32_t featureset_word(const struct cpuid_policy *p, unsigned n)
{
	static const uint16_t at[FEATURESET_WORDS] = {
		AT(basic, 1, d),
		AT(basic, 1, c),
		AT(extended, 1, d),
		AT(extended, 1, c),
		AT(xstate, 1, a),
		AT(feat, 0, b),
		AT(feat, 0, c),
		AT(extended, 7, d),
		AT(extended, 8, b),
		AT(feat, 0, d),
		AT(feat, 1, a),
		AT(extended, 0x21, a),
		AT(feat, 1, b),
		AT(feat, 2, d),
		AT(feat, 1, c),
		AT(feat, 1, d),
		offsetof(struct cpuid_policy, arch_caps),
		offsetof(struct cpuid_policy, arch_caps) + 4,
		AT(extended, 0x21, c),
	};

	return n < FEATURESET_WORDS ? *(const uint32_t *)((const char *)p + at[n]) : 0;
}

long sysctl_cpu_levelling_caps(struct control_call *c, void *member)
{
	struct xen_sysctl_cpu_levelling_caps *l = member;

	/* They are for guests whose CPUID does not come to us: there are none. */
	l->caps = 0;
	return 0;
}

/* NULL: -EOPNOTSUPP, or no such index. */
static const struct cpuid_policy *featureset_policy(uint32_t index, long *err)
{
	*err = 0;
	switch (index) {
	case XEN_SYSCTL_cpu_featureset_raw:
	case XEN_SYSCTL_cpu_featureset_host: return &cpu_policy_host;
	case XEN_SYSCTL_cpu_featureset_hvm:
	case XEN_SYSCTL_cpu_featureset_hvm_max: return &cpu_policy_guest;
	case XEN_SYSCTL_cpu_featureset_pv:
	case XEN_SYSCTL_cpu_featureset_pv_max: *err = -EOPNOTSUPP; return NULL;
	default: *err = -EINVAL; return NULL;
	}
}

long sysctl_cpu_featureset(struct control_call *c, void *member)
{
	struct xen_sysctl_cpu_featureset *f = member;
	uint32_t room = f->nr_features;
	const struct cpuid_policy *p;
	long err;

	f->nr_features = FEATURESET_WORDS;
	p = featureset_policy(f->index, &err);
	if (!p)
		return err;
	if (!control_handle(f->features))
		return 0;
	f->nr_features = MIN(room, FEATURESET_WORDS);
	for (uint32_t i = 0; i < f->nr_features; i++) {
		uint32_t word = featureset_word(p, i);

		if (control_put(c, &word, control_handle(f->features), i, sizeof(word)))
			return -EFAULT;
	}
	return room < FEATURESET_WORDS ? -ENOBUFS : 0;
}

/* ---- policies ---- */

static long leaves_put(struct control_call *c, const struct cpuid_policy *p,
                       struct xen_sysctl_cpu_policy *s)
{
	struct xen_cpuid_leaf leaf;
	uint32_t n = 0;

	for (; cpu_policy_leaf(p, n, &leaf); n++) {
		if (n >= s->nr_leaves)
			return -ENOBUFS;
		if (control_put(c, &leaf, control_handle(s->leaves), n, sizeof(leaf)))
			return -EFAULT;
	}
	s->nr_leaves = n;
	return 0;
}

static long msrs_put(struct control_call *c, const struct cpuid_policy *p,
                     struct xen_sysctl_cpu_policy *s)
{
	struct xen_msr_entry msr;
	uint32_t n = 0;

	for (; cpu_policy_msr(p, n, &msr); n++) {
		if (n >= s->nr_msrs)
			return -ENOBUFS;
		if (control_put(c, &msr, control_handle(s->msrs), n, sizeof(msr)))
			return -EFAULT;
	}
	s->nr_msrs = n;
	return 0;
}

long sysctl_cpu_policy(struct control_call *c, void *member)
{
	static const struct cpuid_policy *const policies[] = {
		[XEN_SYSCTL_cpu_policy_raw] = &cpu_policy_host,
		[XEN_SYSCTL_cpu_policy_host] = &cpu_policy_host,
		[XEN_SYSCTL_cpu_policy_hvm_max] = &cpu_policy_guest,
		[XEN_SYSCTL_cpu_policy_hvm_default] = &cpu_policy_guest,
	};
	struct xen_sysctl_cpu_policy *s = member;
	long err = 0;

	if (s->_rsvd || s->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -EINVAL;
	if (s->index >= ARRAY_LEN(policies) || !policies[s->index])
		return -EOPNOTSUPP;
	if (!control_handle(s->leaves))
		s->nr_leaves = CPU_POLICY_LEAVES_MAX;
	else
		err = leaves_put(c, policies[s->index], s);
	if (!control_handle(s->msrs))
		s->nr_msrs = CPU_POLICY_MSRS_MAX;
	else if (!err)
		err = msrs_put(c, policies[s->index], s);
	return err;
}
