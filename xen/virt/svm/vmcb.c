/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCB's rules and its contents in words. Contract: vmcb.h. */
#include "vmcb.h"
#include "virt_event.h"
#include "format.h"

#define HIGH_HALF 0xffffffff00000000ull

struct vmcb_rule {
	unsigned group;
	bool (*is_broken)(const struct vmcb *m, const struct vmcb_limits *l);
	const char *words;
};

static bool is_paged_long(const struct vmcb *m)
{
	return (m->efer & EFER_LME) && (m->cr0 & CR0_PG);
}

static bool svme_clear(const struct vmcb *m, const struct vmcb_limits *l)
{
	return !(m->efer & EFER_SVME);
}
static bool nw_without_cd(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->cr0 & (CR0_CD | CR0_NW)) == CR0_NW;
}
static bool cr0_high(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->cr0 & HIGH_HALF;
}
static bool pg_without_pe(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->cr0 & (CR0_PG | CR0_PE)) == CR0_PG;
}
static bool cr3_reserved(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->efer & EFER_LMA) && m->cr3 >> l->physical_bits;
}
static bool cr4_reserved(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->cr4 & ~l->cr4_valid;
}
static bool dr6_high(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->dr6 & HIGH_HALF;
}
static bool dr7_high(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->dr7 & HIGH_HALF;
}
static bool efer_reserved(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->efer & ~l->efer_valid;
}
static bool lma_wrong(const struct vmcb *m, const struct vmcb_limits *l)
{
	return !!(m->efer & EFER_LMA) != is_paged_long(m);
}
static bool long_without_pae(const struct vmcb *m, const struct vmcb_limits *l)
{
	return is_paged_long(m) && !(m->cr4 & CR4_PAE);
}
static bool cs_l_and_d(const struct vmcb *m, const struct vmcb_limits *l)
{
	return is_paged_long(m) && (m->cr4 & CR4_PAE) && (m->cs.attr & SEG_ATTR_L) &&
	       (m->cs.attr & SEG_ATTR_DB);
}
static bool cet_without_wp(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->cr4 & CR4_CET) && !(m->cr0 & CR0_WP);
}
static bool pat_type(const struct vmcb *m, const struct vmcb_limits *l)
{
	/* Types 0, 1, 4, 5, 6, 7: bits 7:3 clear, and bit 1 only together with bit 2 (APM 7.8.1). */
	uint64_t two_or_three = m->g_pat & ~(m->g_pat >> 1) & 0x0202020202020202ull;

	return (m->g_pat & 0xf8f8f8f8f8f8f8f8ull) || two_or_three;
}
static bool vmrun_not_intercepted(const struct vmcb *m, const struct vmcb_limits *l)
{
	return !(m->intercept[ICEPT_MISC2] & ICEPT_VMRUN);
}
static bool maps_beyond_memory(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->iopm_pa + 0x2fff) >> l->physical_bits ||
	       (m->msrpm_pa + 0x1fff) >> l->physical_bits;
}
static bool asid_zero(const struct vmcb *m, const struct vmcb_limits *l)
{
	return m->asid == 0 || m->asid >= l->nr_asids;
}
static bool nested_cr3_wrong(const struct vmcb *m, const struct vmcb_limits *l)
{
	return (m->nested_ctl & NESTED_PAGING) &&
	       ((m->nested_cr3 & 0xfff) || m->nested_cr3 >> l->physical_bits);
}
static bool nested_paging_off(const struct vmcb *m, const struct vmcb_limits *l)
{
	return !(m->nested_ctl & NESTED_PAGING) || !m->nested_cr3;
}
static bool event_type_reserved(const struct vmcb *m, const struct vmcb_limits *l)
{
	unsigned valid =
		BIT(EVINFO_INTERRUPT) | BIT(EVINFO_NMI) | BIT(EVINFO_EXCEPTION) | BIT(EVINFO_SOFT);

	return (m->event_inj & EVINFO_VALID) && !(valid >> EVINFO_TYPE(m->event_inj) & 1);
}
static bool event_vector_wrong(const struct vmcb *m, const struct vmcb_limits *l)
{
	unsigned vector = m->event_inj & EVINFO_VECTOR;

	return (m->event_inj & EVINFO_VALID) && EVINFO_TYPE(m->event_inj) == EVINFO_EXCEPTION &&
	       (vector == X86_NMI || vector > 31);
}

/* clang-format off */
/* The last NR_EVENT_RULES are those of VMCB_CHECK_EVENT. */
#define NR_EVENT_RULES 2u
static const struct vmcb_rule rules[] = {
	{ VMCB_CHECK_STATE,   svme_clear,            "EFER.SVME is clear" },
	{ VMCB_CHECK_STATE,   nw_without_cd,         "CR0.NW is set without CR0.CD" },
	{ VMCB_CHECK_STATE,   cr0_high,              "the high half of CR0 is not zero" },
	{ VMCB_CHECK_STATE,   pg_without_pe,         "CR0.PG is set without CR0.PE" },
	{ VMCB_CHECK_STATE,   cr3_reserved,          "CR3 goes beyond physical memory" },
	{ VMCB_CHECK_STATE,   cr4_reserved,          "CR4 has a bit that this CPU does not know" },
	{ VMCB_CHECK_STATE,   dr6_high,              "the high half of DR6 is not zero" },
	{ VMCB_CHECK_STATE,   dr7_high,              "the high half of DR7 is not zero" },
	{ VMCB_CHECK_STATE,   efer_reserved,         "EFER has a bit that this CPU does not know" },
	{ VMCB_CHECK_STATE,   lma_wrong,             "EFER.LMA is not what EFER.LME and CR0.PG say" },
	{ VMCB_CHECK_STATE,   long_without_pae,      "long mode without CR4.PAE" },
	{ VMCB_CHECK_STATE,   cs_l_and_d,            "CS.L and CS.D are both set in long mode" },
	{ VMCB_CHECK_STATE,   cet_without_wp,        "CR4.CET is set without CR0.WP" },
	{ VMCB_CHECK_STATE,   pat_type,              "the PAT has a reserved memory type" },
	{ VMCB_CHECK_CONTROL, vmrun_not_intercepted, "VMRUN is not intercepted" },
	{ VMCB_CHECK_CONTROL, maps_beyond_memory,    "an I/O or MSR bitmap lies beyond physical memory" },
	{ VMCB_CHECK_CONTROL, asid_zero,             "the ASID is zero or beyond what the CPU has" },
	{ VMCB_CHECK_CONTROL, nested_cr3_wrong,      "the nested page table's address is not valid" },
	{ VMCB_CHECK_CONTROL, nested_paging_off,     "nested paging is off" },
	{ VMCB_CHECK_EVENT,   event_type_reserved,   "the event to inject has a reserved type" },
	{ VMCB_CHECK_EVENT,   event_vector_wrong,    "the exception to inject has a vector that is none" },
};
/* clang-format on */

/* Each injection comes here, so its two rules stand alone. */
static const char *event_check(const struct vmcb *vmcb, const struct vmcb_limits *limits)
{
	for (unsigned i = ARRAY_LEN(rules) - NR_EVENT_RULES; i < ARRAY_LEN(rules); i++)
		if (rules[i].is_broken(vmcb, limits))
			return rules[i].words;
	return NULL;
}

const char *vmcb_check(const struct vmcb *vmcb, const struct vmcb_limits *limits, unsigned groups)
{
	if (groups == VMCB_CHECK_EVENT)
		return event_check(vmcb, limits);
	for (unsigned i = 0; i < ARRAY_LEN(rules); i++)
		if ((rules[i].group & groups) && rules[i].is_broken(vmcb, limits))
			return rules[i].words;
	return NULL;
}

static size_t describe_exit(const struct vmcb *m, char *buf, size_t size)
{
	return format(buf, size, "last exit: %#llx, info %#llx %#llx, delivering %#llx",
	              (unsigned long long)m->exit_code, (unsigned long long)m->exit_info_1,
	              (unsigned long long)m->exit_info_2, (unsigned long long)m->exit_int_info);
}
static size_t describe_events(const struct vmcb *m, char *buf, size_t size)
{
	return format(buf, size, "to inject %#llx, tpr %u%s%s, interrupt shadow %s",
	              (unsigned long long)m->event_inj, m->int_ctl & VINTR_TPR,
	              m->int_ctl & VINTR_IRQ ? ", interrupt window open" : "",
	              m->intercept[ICEPT_MISC1] & ICEPT_IRET ? ", iret watched (nmi blocked)" : "",
	              m->interrupt_shadow & VMCB_SHADOW ? "yes" : "no");
}
static size_t describe_control(const struct vmcb *m, char *buf, size_t size)
{
	return format(buf, size, "in hardware: cr0 %llx cr4 %llx efer %llx cpl %u",
	              (unsigned long long)m->cr0, (unsigned long long)m->cr4,
	              (unsigned long long)m->efer, m->cpl);
}
static size_t describe_nested(const struct vmcb *m, char *buf, size_t size)
{
	return format(buf, size,
	              "asid %u, flush %u, nested table %llx, tsc offset %lld, intercepts %x %x %x "
	              "%x %x %x",
	              m->asid, m->tlb_control, (unsigned long long)m->nested_cr3,
	              (long long)m->tsc_offset, m->intercept[0], m->intercept[1], m->intercept[2],
	              m->intercept[3], m->intercept[4], m->intercept[5]);
}

size_t vmcb_describe(const struct vmcb *vmcb, unsigned n, char *buf, size_t size)
{
	static size_t (*const lines[])(const struct vmcb *, char *, size_t) = {
		describe_exit,
		describe_events,
		describe_control,
		describe_nested,
	};

	return n < ARRAY_LEN(lines) ? lines[n](vmcb, buf, size) : 0;
}
