/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU policies as rows of leaves and MSRs, to and from the control tools. */
#include "cpu_policy.h"

#include "errno.h"

#define EXTENDED          0x80000000u
#define LAST_BASIC        0xdu
#define LAST_EXTENDED     0x21u
#define XSTATE_LEAVES     63u
#define HYPERVISOR_FIRST  0x40000000u
#define HYPERVISOR_SECOND 0x40000100u

struct cpuid_policy cpu_policy_host, cpu_policy_guest;

/* ---- out ---- */

/* Leaves with subleaves: an array of the policy, and how far it goes. */
struct leaf_array {
	uint32_t leaf, size;
	size_t offset;
	bool (*has)(const struct cpuid_policy *p, uint32_t subleaf);
};

/* A list that ends with a leaf of type 0, which is still part of it. */
static bool has_cache(const struct cpuid_policy *p, uint32_t subleaf)
{
	return !subleaf || (p->cache[subleaf - 1].a & 0x1f);
}

static bool has_feat(const struct cpuid_policy *p, uint32_t subleaf)
{
	return subleaf <= p->feat[0].a;
}

static bool has_topo(const struct cpuid_policy *p, uint32_t subleaf)
{
	return !subleaf || (p->topo[subleaf - 1].c & 0xff00);
}

static bool has_xstate(const struct cpuid_policy *p, uint32_t subleaf)
{
	uint32_t components = p->xstate[0].a | p->xstate[1].c;

	/* Up to the highest one: those between that are not there are in the row as well. */
	return subleaf < 2 || components >> subleaf;
}

static const struct leaf_array arrays[] = {
	{ 4, CPUID_CACHE_MAX, offsetof(struct cpuid_policy, cache), has_cache },
	{ 7, CPUID_FEAT_MAX, offsetof(struct cpuid_policy, feat), has_feat },
	{ 0xb, CPUID_TOPO_MAX, offsetof(struct cpuid_policy, topo), has_topo },
	{ 0xd, CPUID_XSTATE_MAX, offsetof(struct cpuid_policy, xstate), has_xstate },
};

static const struct leaf_array *array_of(uint32_t leaf)
{
	for (unsigned i = 0; i < ARRAY_LEN(arrays); i++)
		if (arrays[i].leaf == leaf)
			return &arrays[i];
	return NULL;
}

static struct cpuid_leaf *array_leaf(const struct leaf_array *a, const struct cpuid_policy *p,
                                     uint32_t subleaf)
{
	return (struct cpuid_leaf *)((char *)p + a->offset) + subleaf;
}

static void leaf_fill(struct xen_cpuid_leaf *out, uint32_t leaf, uint32_t subleaf,
                      const struct cpuid_leaf *l)
{
	*out = (struct xen_cpuid_leaf){ leaf, subleaf, l->a, l->b, l->c, l->d };
}

/* Counts down *i over the leaves of a number; true: *out is the one. */
static bool basic_leaf(const struct cpuid_policy *p, uint32_t leaf, uint32_t *i,
                       struct xen_cpuid_leaf *out)
{
	const struct leaf_array *a = array_of(leaf);

	if (!a) {
		leaf_fill(out, leaf, XEN_CPUID_NO_SUBLEAF, &p->basic[leaf]);
		return !(*i)--;
	}
	for (uint32_t subleaf = 0; subleaf < a->size; subleaf++) {
		if (!a->has(p, subleaf))
			return false;
		leaf_fill(out, leaf, subleaf, array_leaf(a, p, subleaf));
		if (!(*i)--)
			return true;
	}
	return false;
}

bool cpu_policy_leaf(const struct cpuid_policy *p, uint32_t i, struct xen_cpuid_leaf *out)
{
	static const struct cpuid_leaf nothing;

	for (uint32_t leaf = 0; leaf <= MIN(p->max_basic, LAST_BASIC); leaf++)
		if (basic_leaf(p, leaf, &i, out))
			return true;
	/* How far the hypervisor's own leaves go is not limited. */
	if (i < 2) {
		leaf_fill(out, i ? HYPERVISOR_SECOND : HYPERVISOR_FIRST, XEN_CPUID_NO_SUBLEAF,
		          &nothing);
		return true;
	}
	i -= 2;
	if (p->max_extended < EXTENDED || i > MIN(p->max_extended - EXTENDED, LAST_EXTENDED))
		return false;
	leaf_fill(out, EXTENDED + i, XEN_CPUID_NO_SUBLEAF, &p->extended[i]);
	return true;
}

bool cpu_policy_msr(const struct cpuid_policy *p, uint32_t i, struct xen_msr_entry *out)
{
	if (i >= CPU_POLICY_MSRS_MAX)
		return false;
	*out = i ? (struct xen_msr_entry){ MSR_ARCH_CAPS, 0, p->arch_caps }
	         : (struct xen_msr_entry){ MSR_PLATFORM_INFO, 0, 0 };
	return true;
}

uint32_t cpu_policy_nr_leaves(const struct cpuid_policy *p)
{
	struct xen_cpuid_leaf l;
	uint32_t n = 0;

	while (cpu_policy_leaf(p, n, &l))
		n++;
	return n;
}

uint32_t cpu_policy_nr_msrs(const struct cpuid_policy *p)
{
	return CPU_POLICY_MSRS_MAX;
}

/* ---- in ---- */

/* Where a leaf is kept; NULL with *known: taken and of no effect. */
static struct cpuid_leaf *leaf_place(struct cpuid_policy *p, uint32_t leaf, uint32_t subleaf,
                                     bool *known)
{
	const struct leaf_array *a = array_of(leaf);

	*known = true;
	if (a && subleaf < a->size)
		return array_leaf(a, p, subleaf);
	if (leaf == 0xd && subleaf < XSTATE_LEAVES)
		return NULL;
	*known = !a && subleaf == XEN_CPUID_NO_SUBLEAF;
	if (!*known || leaf == HYPERVISOR_FIRST || leaf == HYPERVISOR_SECOND)
		return NULL;
	if (leaf <= LAST_BASIC)
		return &p->basic[leaf];
	if (leaf >= EXTENDED && leaf <= EXTENDED + LAST_EXTENDED)
		return &p->extended[leaf - EXTENDED];
	*known = false;
	return NULL;
}

int cpu_policy_leaf_set(struct cpuid_policy *p, const struct xen_cpuid_leaf *l)
{
	bool known;
	struct cpuid_leaf *place = leaf_place(p, l->leaf, l->subleaf, &known);

	if (!known)
		return -ERANGE;
	if (!place)
		return 0;
	*place = (struct cpuid_leaf){ l->a, l->b, l->c, l->d };
	if (l->leaf == 0)
		p->max_basic = l->a;
	else if (l->leaf == EXTENDED)
		p->max_extended = l->a;
	return 0;
}

int cpu_policy_msr_set(struct cpuid_policy *p, const struct xen_msr_entry *m)
{
	if (m->flags)
		return -EINVAL;
	if (m->idx == MSR_ARCH_CAPS)
		p->arch_caps = m->val;
	else if (m->idx != MSR_PLATFORM_INFO)
		return -ERANGE;
	return 0;
}

int cpu_policy_limit(struct cpuid_policy *p, uint32_t *leaf)
{
	const struct cpuid_policy *max = &cpu_policy_guest;

	*leaf = 0;
	if (p->max_basic > max->max_basic || p->basic[0].b != max->basic[0].b ||
	    p->basic[0].c != max->basic[0].c || p->basic[0].d != max->basic[0].d)
		return -EINVAL;
	*leaf = EXTENDED;
	if (p->max_extended > max->max_extended)
		return -EINVAL;
	cpuid_guest_limit(max, p);
	return 0;
}
