/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VM entry's own rules (SDM volume 3, 26.2.1 and 26.3), each with a sentence and its section: those that software can break. What the table of controls
 * decides once (allowed bits) is not repeated.
 */
#include "vmcs.h"
#include "virt_event.h"

#define HIGH_HALF       0xffffffff00000000ull
#define RFLAGS_RESERVED 0xffffffffffc08028ull
#define DEBUGCTL_VALID  0xdfc3ull
#define TYPE_CODE       8u

static uint64_t rd(enum vmcs_field field)
{
	return vmcs_read(field);
}
static bool has_bits(enum vmcs_field field, uint64_t bits)
{
	return (rd(field) & bits) == bits;
}
static bool proc(uint32_t bit)
{
	return rd(VMCS_PROC_CONTROLS) & bit;
}
static bool proc2(uint32_t bit)
{
	return rd(VMCS_PROC2_CONTROLS) & bit;
}
static bool entry(uint32_t bit)
{
	return rd(VMCS_ENTRY_CONTROLS) & bit;
}
static bool beyond(uint64_t pa, const struct vmcs_limits *l)
{
	return pa >> l->physical_bits;
}
static bool bad_page(uint64_t pa, const struct vmcs_limits *l)
{
	return (pa & 0xfff) || beyond(pa, l);
}
static bool not_canonical(uint64_t linear)
{
	return (uint64_t)((int64_t)(linear << 16) >> 16) != linear &&
	       !has_bits(GUEST_CR4, CR4_LA57);
}
static bool is_long(void)
{
	return entry(ENTRY_LONG_MODE);
}
static bool is_v86(void)
{
	return rd(GUEST_RFLAGS) & RFLAGS_VM;
}
static uint32_t rights(enum segment_name s)
{
	return (uint32_t)rd(vmcs_rights(s));
}
static bool usable(enum segment_name s)
{
	return !(rights(s) & RIGHTS_UNUSABLE);
}
static unsigned type(enum segment_name s)
{
	return rights(s) & SEG_ATTR_TYPE;
}
static unsigned dpl(enum segment_name s)
{
	return SEG_ATTR_DPL(rights(s));
}

/* ---- controls, 26.2.1 ---- */

static bool nmi_controls(const struct vmcs_limits *l)
{
	return has_bits(VMCS_PIN_CONTROLS, PIN_VIRTUAL_NMI) &&
	       !has_bits(VMCS_PIN_CONTROLS, PIN_NMI);
}
static bool nmi_window(const struct vmcs_limits *l)
{
	return proc(PROC_NMI_WINDOW) && !has_bits(VMCS_PIN_CONTROLS, PIN_VIRTUAL_NMI);
}
static bool io_bitmaps(const struct vmcs_limits *l)
{
	return proc(PROC_IO_BITMAPS) &&
	       (bad_page(rd(VMCS_IO_BITMAP_A), l) || bad_page(rd(VMCS_IO_BITMAP_B), l));
}
static bool msr_bitmap(const struct vmcs_limits *l)
{
	return proc(PROC_MSR_BITMAP) && bad_page(rd(VMCS_MSR_BITMAP), l);
}
static bool virtual_apic(const struct vmcs_limits *l)
{
	return proc(PROC_TPR_SHADOW) && bad_page(rd(VMCS_VIRTUAL_APIC), l);
}
static bool vpid_zero(const struct vmcs_limits *l)
{
	return proc2(PROC2_VPID) && !rd(VMCS_VPID);
}
static bool ept_pointer(const struct vmcs_limits *l)
{
	uint64_t p = rd(VMCS_EPT_POINTER);

	return !proc2(PROC2_EPT) || (p & 0x3f) != EPTP_FLAGS || (p & 0xf80) ||
	       ((p & EPTP_MARKS) && !l->has_ept_marks) || beyond(p, l);
}
static bool msr_areas(const struct vmcs_limits *l)
{
	uint64_t at_entry = rd(VMCS_ENTRY_MSR_LOAD), at_exit = rd(VMCS_EXIT_MSR_LOAD);

	return (rd(VMCS_ENTRY_LOAD_COUNT) && ((at_entry & 15) || beyond(at_entry, l))) ||
	       (rd(VMCS_EXIT_LOAD_COUNT) && ((at_exit & 15) || beyond(at_exit, l)));
}
static bool link_pointer(const struct vmcs_limits *l)
{
	return rd(VMCS_LINK_POINTER) != ~0ull;
}

/* ---- the event to inject, 26.2.1.3 ---- */

static uint32_t event(void)
{
	uint32_t info = (uint32_t)rd(VMCS_ENTRY_EVENT);

	return info & EVINFO_VALID ? info : 0;
}
static bool event_type(const struct vmcs_limits *l)
{
	unsigned t = EVINFO_TYPE(event());

	return event() && (t == 1 || t == 7 || (event() & 0x7ffff000));
}
static bool event_vector(const struct vmcs_limits *l)
{
	unsigned vector = event() & EVINFO_VECTOR;

	return event() && ((EVINFO_TYPE(event()) == EVINFO_NMI && vector != X86_NMI) ||
	                   (EVINFO_TYPE(event()) == EVINFO_EXCEPTION && vector > 31));
}
static bool event_error(const struct vmcs_limits *l)
{
	unsigned vector = event() & EVINFO_VECTOR;
	bool wanted = EVINFO_TYPE(event()) == EVINFO_EXCEPTION && vector < 32 &&
	              (EXCEPTIONS_WITH_ERROR >> vector & 1) && (rd(GUEST_CR0) & CR0_PE);

	return event() && wanted != !!(event() & EVINFO_ERROR_VALID);
}
static bool event_length(const struct vmcs_limits *l)
{
	unsigned t = EVINFO_TYPE(event());

	return event() && t >= EVINFO_SOFT &&
	       (rd(VMCS_ENTRY_LENGTH) == 0 || rd(VMCS_ENTRY_LENGTH) > 15);
}
static bool is_interrupt(void)
{
	return event() && EVINFO_TYPE(event()) == EVINFO_INTERRUPT;
}
static bool interrupt_without_if(const struct vmcs_limits *l)
{
	return is_interrupt() && !(rd(GUEST_RFLAGS) & RFLAGS_IF);
}
static bool event_in_shadow(const struct vmcs_limits *l)
{
	uint64_t blocked = rd(GUEST_INTERRUPTIBILITY);

	return (is_interrupt() && (blocked & BLOCKED_SHADOW)) ||
	       (event() && EVINFO_TYPE(event()) == EVINFO_NMI &&
	        (blocked & (BLOCKED_MOV_SS | BLOCKED_NMI)));
}

/* ---- control registers and MSRs, 26.3.1.1 ---- */

static bool cr0_fixed(const struct vmcs_limits *l)
{
	uint64_t cr0 = rd(GUEST_CR0);

	return (~cr0 & l->cr0_fixed0 & ~(CR0_PE | CR0_PG)) || (cr0 & ~l->cr0_fixed1);
}
static bool pg_without_pe(const struct vmcs_limits *l)
{
	return (rd(GUEST_CR0) & (CR0_PG | CR0_PE)) == CR0_PG;
}
static bool cr4_fixed(const struct vmcs_limits *l)
{
	uint64_t cr4 = rd(GUEST_CR4);

	return (~cr4 & l->cr4_fixed0) || (cr4 & ~l->cr4_fixed1);
}
static bool cet_without_wp(const struct vmcs_limits *l)
{
	return has_bits(GUEST_CR4, CR4_CET) && !has_bits(GUEST_CR0, CR0_WP);
}
static bool long_without_paging(const struct vmcs_limits *l)
{
	return is_long() && (!has_bits(GUEST_CR0, CR0_PG) || !has_bits(GUEST_CR4, CR4_PAE));
}
static bool pcid_without_long(const struct vmcs_limits *l)
{
	return has_bits(GUEST_CR4, CR4_PCIDE) && !is_long();
}
static bool cr3_beyond(const struct vmcs_limits *l)
{
	return beyond(rd(GUEST_CR3), l);
}
static bool debugctl(const struct vmcs_limits *l)
{
	return rd(GUEST_DEBUGCTL) & ~DEBUGCTL_VALID;
}
static bool dr7_high(const struct vmcs_limits *l)
{
	return rd(GUEST_DR7) & HIGH_HALF;
}
static bool sysenter(const struct vmcs_limits *l)
{
	return not_canonical(rd(GUEST_SYSENTER_ESP)) || not_canonical(rd(GUEST_SYSENTER_EIP));
}
static bool pat_type(const struct vmcs_limits *l)
{
	/* Types 0, 1, 4, 5, 6, 7: bits 7:3 clear, and bit 1 only together with bit 2. */
	uint64_t pat = rd(GUEST_PAT), two_or_three = pat & ~(pat >> 1) & 0x0202020202020202ull;

	return entry(ENTRY_LOAD_PAT) && ((pat & 0xf8f8f8f8f8f8f8f8ull) || two_or_three);
}
static bool efer_reserved(const struct vmcs_limits *l)
{
	return entry(ENTRY_LOAD_EFER) && (rd(GUEST_EFER) & ~l->efer_valid);
}
static bool efer_lma(const struct vmcs_limits *l)
{
	uint64_t efer = rd(GUEST_EFER);

	if (!entry(ENTRY_LOAD_EFER))
		return false;
	if (!!(efer & EFER_LMA) != is_long())
		return true;
	return has_bits(GUEST_CR0, CR0_PG) && !!(efer & EFER_LMA) != !!(efer & EFER_LME);
}

/* ---- segments, 26.3.1.2 ---- */

static bool tr_type(const struct vmcs_limits *l)
{
	return !usable(SEG_TR) || (rights(SEG_TR) & SEG_ATTR_S) || !(rights(SEG_TR) & SEG_ATTR_P) ||
	       (type(SEG_TR) != 11 && (is_long() || type(SEG_TR) != 3));
}
static bool ldtr_type(const struct vmcs_limits *l)
{
	return usable(SEG_LDTR) && ((rights(SEG_LDTR) & SEG_ATTR_S) ||
	                            !(rights(SEG_LDTR) & SEG_ATTR_P) || type(SEG_LDTR) != 2);
}
static bool cs_type(const struct vmcs_limits *l)
{
	unsigned t = type(SEG_CS);

	return !is_v86() && (!usable(SEG_CS) || !(rights(SEG_CS) & SEG_ATTR_S) ||
	                     (t != 3 && t != 9 && t != 11 && t != 13 && t != 15));
}
static bool cs_dpl(const struct vmcs_limits *l)
{
	unsigned t = type(SEG_CS);

	if (is_v86())
		return false;
	if (t == 3)
		return dpl(SEG_CS) != 0;
	return t < 13 ? dpl(SEG_CS) != dpl(SEG_SS) : dpl(SEG_CS) > dpl(SEG_SS);
}
static bool cs_l_and_d(const struct vmcs_limits *l)
{
	return is_long() && (rights(SEG_CS) & 1u << 13) && (rights(SEG_CS) & 1u << 14);
}
static bool ss_type(const struct vmcs_limits *l)
{
	return !is_v86() && usable(SEG_SS) && type(SEG_SS) != 3 && type(SEG_SS) != 7;
}
static bool ss_dpl(const struct vmcs_limits *l)
{
	return !is_v86() && dpl(SEG_SS) && (type(SEG_CS) == 3 || !has_bits(GUEST_CR0, CR0_PE));
}
static bool data_type(const struct vmcs_limits *l)
{
	static const uint8_t data[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	for (unsigned i = 0; !is_v86() && i < ARRAY_LEN(data); i++) {
		enum segment_name s = (enum segment_name)data[i];

		if (!usable(s))
			continue;
		if (!(type(s) & 1) || ((type(s) & TYPE_CODE) && !(type(s) & 2)) ||
		    !(rights(s) & SEG_ATTR_S))
			return true;
	}
	return false;
}
static bool segment_bits(const struct vmcs_limits *l)
{
	for (unsigned i = SEG_ES; i <= SEG_TR; i++) {
		enum segment_name s = (enum segment_name)i;
		uint64_t limit = rd(vmcs_limit(s));
		bool g = rights(s) & 1u << 15;

		if (!usable(s) || is_v86())
			continue;
		if (!(rights(s) & SEG_ATTR_P) || (rights(s) & 0xfffe0f00))
			return true;
		if (g ? (limit & 0xfff) != 0xfff : limit >> 20 != 0)
			return true;
	}
	return false;
}
static bool v86_segments(const struct vmcs_limits *l)
{
	for (unsigned i = SEG_ES; is_v86() && i <= SEG_GS; i++) {
		enum segment_name s = (enum segment_name)i;

		if (rd(vmcs_base(s)) != rd(vmcs_selector(s)) << 4 || rd(vmcs_limit(s)) != 0xffff ||
		    rights(s) != 0xf3)
			return true;
	}
	return false;
}
static bool segment_bases(const struct vmcs_limits *l)
{
	return not_canonical(rd(vmcs_base(SEG_FS))) || not_canonical(rd(vmcs_base(SEG_GS))) ||
	       not_canonical(rd(vmcs_base(SEG_TR))) || not_canonical(rd(vmcs_base(SEG_LDTR))) ||
	       ((rd(vmcs_base(SEG_CS)) | rd(vmcs_base(SEG_SS)) | rd(vmcs_base(SEG_DS)) |
	         rd(vmcs_base(SEG_ES))) &
	        HIGH_HALF);
}

/* ---- descriptor tables, 26.3.1.3; RIP and RFLAGS, 26.3.1.4; the rest, 26.3.1.5 and 6 ---- */

static bool tables(const struct vmcs_limits *l)
{
	return not_canonical(rd(vmcs_base(SEG_GDTR))) || not_canonical(rd(vmcs_base(SEG_IDTR))) ||
	       rd(vmcs_limit(SEG_GDTR)) >> 16 || rd(vmcs_limit(SEG_IDTR)) >> 16;
}
static bool rip(const struct vmcs_limits *l)
{
	if (is_long() && (rights(SEG_CS) & 1u << 13))
		return not_canonical(rd(GUEST_RIP));
	return rd(GUEST_RIP) & HIGH_HALF;
}
static bool rflags(const struct vmcs_limits *l)
{
	return (rd(GUEST_RFLAGS) & RFLAGS_RESERVED) || !(rd(GUEST_RFLAGS) & RFLAGS_MBS);
}
static bool v86_in_long(const struct vmcs_limits *l)
{
	return is_v86() && (is_long() || !has_bits(GUEST_CR0, CR0_PE));
}
static bool activity(const struct vmcs_limits *l)
{
	return rd(GUEST_ACTIVITY) != 0;
}
static bool blocking(const struct vmcs_limits *l)
{
	uint64_t b = rd(GUEST_INTERRUPTIBILITY);

	return (b & ~(uint64_t)(BLOCKED_SHADOW | BLOCKED_NMI)) ||
	       (b & BLOCKED_SHADOW) == BLOCKED_SHADOW ||
	       ((b & BLOCKED_STI) && !(rd(GUEST_RFLAGS) & RFLAGS_IF));
}
static bool pending_debug(const struct vmcs_limits *l)
{
	uint64_t p = rd(GUEST_PENDING_DEBUG);
	bool steps = has_bits(GUEST_RFLAGS, RFLAGS_TF) && !(rd(GUEST_DEBUGCTL) & 2);

	if (p & ~0x1500full)
		return true;
	return (rd(GUEST_INTERRUPTIBILITY) & BLOCKED_SHADOW) && steps != !!(p & PENDING_BS);
}
static bool pdptes(const struct vmcs_limits *l)
{
	uint64_t reserved = 0x1e6 | ~((1ull << l->physical_bits) - 1);

	if (!has_bits(GUEST_CR0, CR0_PG) || !has_bits(GUEST_CR4, CR4_PAE) || is_long())
		return false;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t pdpte = rd((enum vmcs_field)(GUEST_PDPTE0 + 2 * i));

		if ((pdpte & PTE_P) && (pdpte & reserved))
			return true;
	}
	return false;
}

/* clang-format off */
static const struct {
	bool (*is_broken)(const struct vmcs_limits *l);
	const char *words;
} rules[] = {
	{ nmi_controls,         "virtual NMIs without exits for NMIs (SDM 26.2.1.1)" },
	{ nmi_window,           "an NMI window without virtual NMIs (SDM 26.2.1.1)" },
	{ io_bitmaps,           "an I/O bitmap's address is not valid (SDM 26.2.1.1)" },
	{ msr_bitmap,           "the MSR bitmap's address is not valid (SDM 26.2.1.1)" },
	{ virtual_apic,         "the virtual APIC page's address is not valid (SDM 26.2.1.1)" },
	{ vpid_zero,            "the VPID is zero (SDM 26.2.1.1)" },
	{ ept_pointer,          "the nested page table's address is not valid (SDM 26.2.1.1)" },
	{ msr_areas,            "an MSR area's address is not valid (SDM 26.2.1.2, 26.2.1.3)" },
	{ event_type,           "the event to inject has a reserved type or bit (SDM 26.2.1.3)" },
	{ event_vector,         "the event to inject has a vector that its type does not have (SDM 26.2.1.3)" },
	{ event_error,          "the event to inject has an error code, or lacks one (SDM 26.2.1.3)" },
	{ event_length,         "the instruction of the event to inject has no valid length (SDM 26.2.1.3)" },
	{ cr0_fixed,            "CR0 has a bit that must be set clear, or one that must be clear set (SDM 26.3.1.1)" },
	{ pg_without_pe,        "CR0.PG is set without CR0.PE (SDM 26.3.1.1)" },
	{ cr4_fixed,            "CR4 has a bit that must be set clear, or one that this CPU does not know (SDM 26.3.1.1)" },
	{ cet_without_wp,       "CR4.CET is set without CR0.WP (SDM 26.3.1.1)" },
	{ debugctl,             "DEBUGCTL has a reserved bit (SDM 26.3.1.1)" },
	{ long_without_paging,  "long mode without CR0.PG and CR4.PAE (SDM 26.3.1.1)" },
	{ pcid_without_long,    "CR4.PCIDE is set outside long mode (SDM 26.3.1.1)" },
	{ cr3_beyond,           "CR3 goes beyond physical memory (SDM 26.3.1.1)" },
	{ dr7_high,             "the high half of DR7 is not zero (SDM 26.3.1.1)" },
	{ sysenter,             "SYSENTER_ESP or SYSENTER_EIP is not canonical (SDM 26.3.1.1)" },
	{ pat_type,             "the PAT has a reserved memory type (SDM 26.3.1.1)" },
	{ efer_reserved,        "EFER has a bit that this CPU does not know (SDM 26.3.1.1)" },
	{ efer_lma,             "EFER.LMA is not what EFER.LME, CR0.PG and the controls say (SDM 26.3.1.1)" },
	{ v86_segments,         "a segment is not one of virtual-8086 mode (SDM 26.3.1.2)" },
	{ tr_type,              "TR is no busy TSS (SDM 26.3.1.2)" },
	{ ldtr_type,            "LDTR is no LDT (SDM 26.3.1.2)" },
	{ cs_type,              "CS is no code segment (SDM 26.3.1.2)" },
	{ cs_dpl,               "CS's privilege is not that of SS (SDM 26.3.1.2)" },
	{ cs_l_and_d,           "CS.L and CS.D are both set in long mode (SDM 26.3.1.2)" },
	{ ss_type,              "SS is no stack (SDM 26.3.1.2)" },
	{ ss_dpl,               "SS has a privilege in real mode (SDM 26.3.1.2)" },
	{ data_type,            "a data segment is not readable or not accessed (SDM 26.3.1.2)" },
	{ segment_bits,         "a segment is not present, or its limit and granularity disagree (SDM 26.3.1.2)" },
	{ segment_bases,        "a segment's base is not canonical (SDM 26.3.1.2)" },
	{ tables,               "GDTR or IDTR is not valid (SDM 26.3.1.3)" },
	{ rip,                  "RIP is beyond what the mode can reach (SDM 26.3.1.4)" },
	{ rflags,               "RFLAGS has a reserved bit (SDM 26.3.1.4)" },
	{ v86_in_long,          "virtual-8086 mode in long mode or real mode (SDM 26.3.1.4)" },
	{ interrupt_without_if, "an interrupt is injected while RFLAGS.IF is clear (SDM 26.3.1.4)" },
	{ activity,             "the activity state is not active (SDM 26.3.1.5)" },
	{ blocking,             "the interruptibility has a reserved bit, or STI's shadow without RFLAGS.IF (SDM 26.3.1.5)" },
	{ event_in_shadow,      "an event is injected while it is blocked (SDM 26.3.1.5)" },
	{ pending_debug,        "pending debug exceptions have a reserved bit, or do not fit RFLAGS.TF (SDM 26.3.1.5)" },
	{ link_pointer,         "the VMCS link pointer is not empty (SDM 26.3.1.5)" },
	{ pdptes,               "a PDPTE has a reserved bit (SDM 26.3.1.6)" },
};
/* clang-format on */

const char *vmcs_check(const struct vmcs_limits *limits)
{
	for (unsigned i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].is_broken(limits))
			return rules[i].words;
	return NULL;
}
