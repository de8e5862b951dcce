/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID's answers to a guest: a stored leaf, changed by what depends on the vcpu. APIC ids are twice the vcpu's number, so a
 * package is described as cores of one thread whose ids leave bit 0 to the thread.
 */
#include "cpuid_features.h"
#include "errno.h"

#define EXTENDED          0x80000000u
#define XSAVE_LEGACY_SIZE 576u /* x87, SSE and the header (SDM 13.4) */

typedef void (*answer_fn)(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                          uint32_t subleaf, struct cpuid_leaf *l);

static uint32_t vcpu_count(const struct cpuid_dynamic *dyn)
{
	return MAX(dyn->nr_vcpus, 1u);
}

/* Bits of an APIC id that tell the vcpus of the package apart. */
static unsigned package_shift(const struct cpuid_dynamic *dyn)
{
	unsigned shift = 1;

	while ((1u << shift) < 2 * vcpu_count(dyn) && shift < 31)
		shift++;
	return shift;
}

static void answer_1(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                     uint32_t subleaf, struct cpuid_leaf *l)
{
	l->b |= dyn->apic_id << 24;
	if (dyn->nr_vcpus > 1) {
		l->b |= MIN(2 * dyn->nr_vcpus, 255u) << 16;
		l->d |= 1u << (FEATURE_HTT % 32);
	}
	if (dyn->cr4 & CR4_OSXSAVE)
		l->c |= 1u << (FEATURE_OSXSAVE % 32);
	if (!dyn->apic_enabled)
		l->d &= ~(1u << (FEATURE_APIC % 32));
}

/* Who shares a cache: a core its levels 1 and 2, the package the others. Leaf 4 (Intel) and 0x8000001d (AMD). */
static void answer_cache(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                         uint32_t subleaf, struct cpuid_leaf *l)
{
	unsigned level, sharing;

	*l = subleaf < CPUID_CACHE_MAX ? p->cache[subleaf] : (struct cpuid_leaf){ 0 };
	if (!(l->a & 0x1f))
		return;
	level = l->a >> 5 & 7;
	sharing = level < 3 ? 2 : 1u << package_shift(dyn);
	l->a = (l->a & 0x3fff) | MIN(sharing - 1, 0xfffu) << 14;
	if (!cpuid_vendor_is_amd(p))
		l->a |= MIN((1u << (package_shift(dyn) - 1)) - 1, 0x3fu) << 26;
}

static void answer_4(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                     uint32_t subleaf, struct cpuid_leaf *l)
{
	if (!cpuid_vendor_is_amd(p))
		answer_cache(p, dyn, subleaf, l);
}

static void answer_7(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                     uint32_t subleaf, struct cpuid_leaf *l)
{
	if (subleaf >= CPUID_FEAT_MAX)
		return;
	*l = p->feat[subleaf];
	if (subleaf == 0 && (dyn->cr4 & CR4_PKE))
		l->c |= 1u << (FEATURE_OSPKE % 32);
}

static void answer_b(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                     uint32_t subleaf, struct cpuid_leaf *l)
{
	static const uint32_t types[] = { 1 << 8, 2 << 8 }; /* thread, core */

	l->c = subleaf & 0xff;
	l->d = dyn->x2apic_id;
	if (subleaf >= ARRAY_LEN(types))
		return;
	l->a = subleaf ? package_shift(dyn) : 1;
	l->b = subleaf ? vcpu_count(dyn) : 1;
	l->c |= types[subleaf];
}

/* Bytes of an XSAVE area with these components. */
static uint32_t xsave_size(const struct cpuid_policy *p, uint64_t components, bool compacted)
{
	uint32_t size = XSAVE_LEGACY_SIZE;

	for (unsigned i = 2; i < CPUID_XSTATE_MAX; i++) {
		if (!(components >> i & 1))
			continue;
		if (compacted)
			size = (p->xstate[i].c & 2 ? align_up(size, 64) : size) + p->xstate_size[i];
		else
			size = MAX(size, p->xstate_offset[i] + p->xstate_size[i]);
	}
	return size;
}

static void answer_d(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                     uint32_t subleaf, struct cpuid_leaf *l)
{
	if (subleaf >= CPUID_XSTATE_MAX || !cpuid_has(p, FEATURE_XSAVE))
		return;
	*l = p->xstate[subleaf];
	if (subleaf == 0) {
		l->b = xsave_size(p, dyn->xcr0, false);
		l->c = xsave_size(p, p->xstate[0].a, false);
	} else if (subleaf == 1 && cpuid_has(p, FEATURE_XSAVEC)) {
		l->b = xsave_size(p, dyn->xcr0 | dyn->xss, true);
	}
}

static void answer_e1(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                      uint32_t subleaf, struct cpuid_leaf *l)
{
	if (!cpuid_vendor_is_amd(p))
		return;
	if (!dyn->apic_enabled)
		l->d &= ~(1u << (FEATURE_APIC % 32));
	if (dyn->nr_vcpus > 1)
		l->c |= 1u << (FEATURE_CMP_LEGACY % 32);
}

static void answer_e8(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                      uint32_t subleaf, struct cpuid_leaf *l)
{
	if (cpuid_vendor_is_amd(p))
		l->c = package_shift(dyn) << 12 | MIN(vcpu_count(dyn) - 1, 0xffu);
}

static void answer_e1d(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                       uint32_t subleaf, struct cpuid_leaf *l)
{
	if (cpuid_vendor_is_amd(p) && cpuid_has(p, FEATURE_TOPOEXT))
		answer_cache(p, dyn, subleaf, l);
}

static void answer_e1e(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                       uint32_t subleaf, struct cpuid_leaf *l)
{
	if (!cpuid_has(p, FEATURE_TOPOEXT))
		return;
	l->a = dyn->x2apic_id;
	l->b = dyn->x2apic_id >> 1 & 0xff; /* core; one thread each */
}

static const answer_fn basic_answers[CPUID_BASIC_MAX + 1] = {
	[1] = answer_1, [4] = answer_4, [7] = answer_7, [0xb] = answer_b, [0xd] = answer_d,
};
static const answer_fn extended_answers[CPUID_EXTENDED_MAX + 1] = {
	[1] = answer_e1,
	[8] = answer_e8,
	[0x1d] = answer_e1d,
	[0x1e] = answer_e1e,
};

struct cpuid_leaf cpuid_guest_answer(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                                     uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf l = { 0 };
	answer_fn answer;

	if (leaf >= EXTENDED && leaf <= MIN(p->max_extended, EXTENDED | CPUID_EXTENDED_MAX)) {
		l = p->extended[leaf - EXTENDED];
		answer = extended_answers[leaf - EXTENDED];
	} else {
		if (leaf > p->max_basic) {
			/* SDM CPUID: the data of the highest basic leaf. AMD: zeroes. */
			if (cpuid_vendor_is_amd(p))
				return l;
			leaf = p->max_basic;
		}
		if (leaf > CPUID_BASIC_MAX)
			return l;
		l = p->basic[leaf];
		answer = basic_answers[leaf];
	}
	if (answer)
		answer(p, dyn, subleaf, &l);
	return l;
}

uint64_t cpuid_xcr0_valid(const struct cpuid_policy *p)
{
	return cpuid_has(p, FEATURE_XSAVE) ? p->xstate[0].a | (uint64_t)p->xstate[0].d << 32 : 0;
}

int cpuid_xcr0_check(const struct cpuid_policy *p, uint64_t xcr0)
{
	uint64_t avx512 = xcr0 & 0xe0, bounds = xcr0 & 0x18;

	if ((xcr0 & ~cpuid_xcr0_valid(p)) || !(xcr0 & 1))
		return -EINVAL;
	if ((xcr0 & 4) && !(xcr0 & 2))
		return -EINVAL;
	if (avx512 && (avx512 != 0xe0 || !(xcr0 & 4)))
		return -EINVAL;
	if (bounds && bounds != 0x18)
		return -EINVAL;
	return 0;
}
