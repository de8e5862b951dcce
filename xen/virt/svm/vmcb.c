/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCB's rules and its contents in words. Contract: vmcb.h. */
#include "vmcb.h"
#include "virt_event.h"
#include "format.h"
#include "string.h"

#define EVENT_TYPES \
	(1u << EVINFO_INTERRUPT | 1u << EVINFO_NMI | 1u << EVINFO_EXCEPTION | 1u << EVINFO_SOFT)

struct vmcb_rule {
	bool (*is_broken)(const struct vmcb *m, const struct virt_limits *l);
	const char *words;
};

static bool svme_clear(const struct vmcb *m, const struct virt_limits *l)
{
	return !(m->efer & EFER_SVME);
}
static bool nw_without_cd(const struct vmcb *m, const struct virt_limits *l)
{
	return (m->cr0 & (CR0_CD | CR0_NW)) == CR0_NW;
}
static bool dr6_high(const struct vmcb *m, const struct virt_limits *l)
{
	return m->dr6 >> 32;
}
static bool vmrun_not_intercepted(const struct vmcb *m, const struct virt_limits *l)
{
	return !(m->intercept[ICEPT_MISC2] & ICEPT_VMRUN);
}
static bool maps_beyond_memory(const struct vmcb *m, const struct virt_limits *l)
{
	return (m->iopm_pa + 0x2fff) >> l->physical_bits ||
	       (m->msrpm_pa + 0x1fff) >> l->physical_bits;
}
static bool asid_zero(const struct vmcb *m, const struct virt_limits *l)
{
	return m->asid == 0 || m->asid >= l->nr_asids;
}
static bool nested_cr3_wrong(const struct vmcb *m, const struct virt_limits *l)
{
	return (m->nested_ctl & NESTED_PAGING) &&
	       ((m->nested_cr3 & 0xfff) || m->nested_cr3 >> l->physical_bits);
}
static bool nested_paging_off(const struct vmcb *m, const struct virt_limits *l)
{
	return !(m->nested_ctl & NESTED_PAGING) || !m->nested_cr3;
}
/* clang-format off */
static const struct vmcb_rule state_rules[] = {
	{ svme_clear,            "EFER.SVME is clear" },
	{ nw_without_cd,         "CR0.NW is set without CR0.CD" },
	{ dr6_high,              "the high half of DR6 is not zero" },
};
static const struct vmcb_rule control_rules[] = {
	{ vmrun_not_intercepted, "VMRUN is not intercepted" },
	{ maps_beyond_memory,    "an I/O or MSR bitmap lies beyond physical memory" },
	{ asid_zero,             "the ASID is zero or beyond what the CPU has" },
	{ nested_cr3_wrong,      "the nested page table's address is not valid" },
	{ nested_paging_off,     "nested paging is off" },
};
/* clang-format on */

static inline const char *first_broken(const struct vmcb_rule *rules, unsigned n,
                                       const struct vmcb *m, const struct virt_limits *limits)
{
	for (unsigned i = 0; i < n; i++)
		if (rules[i].is_broken(m, limits))
			return rules[i].words;
	return NULL;
}

/* Those that VT-x has as well. CR3 is looked at in long mode only. */
static const char *registers_check(const struct vmcb *m, const struct virt_limits *limits)
{
	struct virt_registers r;

	r.cr0 = m->cr0;
	r.cr3 = m->efer & EFER_LMA ? m->cr3 : 0;
	r.cr4 = m->cr4;
	r.efer = m->efer;
	r.dr7 = m->dr7;
	r.pat = m->g_pat;
	r.is_long = m->efer & EFER_LMA;
	r.cs_attr = m->cs.attr;
	return virt_registers_check(&r, limits);
}

/* Apart, so that injections pay nothing for it. */
static noinline_fn const char *state_check(const struct vmcb *vmcb,
                                           const struct virt_limits *limits, unsigned groups)
{
	const char *rule = NULL;

	if (groups & VMCB_CHECK_STATE)
		rule = first_broken(state_rules, ARRAY_LEN(state_rules), vmcb, limits);
	if (!rule && (groups & VMCB_CHECK_STATE))
		rule = registers_check(vmcb, limits);
	if (!rule && (groups & VMCB_CHECK_CONTROL))
		rule = first_broken(control_rules, ARRAY_LEN(control_rules), vmcb, limits);
	return rule;
}

const char *vmcb_check(const struct vmcb *vmcb, const struct virt_limits *limits, unsigned groups)
{
	const char *rule = NULL;

	if (groups & VMCB_CHECK_EVENT)
		rule = event_info_check((uint32_t)vmcb->event_inj, EVENT_TYPES);
	if (rule || groups == VMCB_CHECK_EVENT)
		return rule;
	return state_check(vmcb, limits, groups);
}

#define LINE_FIELDS 6
#define AT(member)                                                                \
	{                                                                         \
		offsetof(struct vmcb, member), sizeof(((struct vmcb *)0)->member) \
	}
static const struct {
	const char *words;
	struct {
		uint16_t offset, size;
	} fields[LINE_FIELDS];
} lines[] = {
	{ "last exit: %#llx, info %#llx %#llx, delivering %#llx",
	  { AT(exit_code), AT(exit_info_1), AT(exit_info_2), AT(exit_int_info) } },
	{ "to inject %#llx, virtual interrupt %#llx (bit 8: window open), shadow %llx",
	  { AT(event_inj), AT(int_ctl), AT(interrupt_shadow) } },
	{ "in hardware: cr0 %llx cr4 %llx efer %llx cpl %llu",
	  { AT(cr0), AT(cr4), AT(efer), AT(cpl) } },
	{ "asid %llu, flush %llu, nested table %llx, tsc offset %lld",
	  { AT(asid), AT(tlb_control), AT(nested_cr3), AT(tsc_offset) } },
	{ "intercepts: %llx %llx %llx %llx %llx %llx",
	  { AT(intercept[0]), AT(intercept[1]), AT(intercept[2]), AT(intercept[3]),
	    AT(intercept[4]), AT(intercept[5]) } },
};

size_t vmcb_describe(const struct vmcb *vmcb, unsigned n, char *buf, size_t size)
{
	unsigned long long v[LINE_FIELDS] = { 0 };

	if (n >= ARRAY_LEN(lines))
		return 0;
	for (unsigned i = 0; i < LINE_FIELDS; i++)
		memcpy(&v[i], (const char *)vmcb + lines[n].fields[i].offset,
		       lines[n].fields[i].size);
	return format(buf, size, lines[n].words, v[0], v[1], v[2], v[3], v[4], v[5]);
}
