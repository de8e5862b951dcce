/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VM entry's own rules (SDM volume 3, 26.2.1 and 26.3), each with a sentence and its section: those that software can break; together with ../virt_rules.c. What
 * the table of controls decides once (allowed bits) is not repeated.
 */
#include "vmcs.h"
#include "virt_event.h"

#define DEBUGCTL_VALID 0xdfc3ull

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
static bool beyond(uint64_t pa, const struct virt_limits *l)
{
	return pa >> l->physical_bits;
}
static bool bad_page(uint64_t pa, const struct virt_limits *l)
{
	return (pa & 0xfff) || beyond(pa, l);
}
static bool not_canonical(uint64_t linear)
{
	return !is_canonical(linear) && !has_bits(GUEST_CR4, CR4_LA57);
}
static bool is_long(void)
{
	return entry(ENTRY_LONG_MODE);
}

/* ---- controls, 26.2.1 ---- */

static bool io_bitmaps(const struct virt_limits *l)
{
	return proc(PROC_IO_BITMAPS) &&
	       (bad_page(rd(VMCS_IO_BITMAP_A), l) || bad_page(rd(VMCS_IO_BITMAP_B), l));
}
static bool msr_bitmap(const struct virt_limits *l)
{
	return proc(PROC_MSR_BITMAP) && bad_page(rd(VMCS_MSR_BITMAP), l);
}
static bool virtual_apic(const struct virt_limits *l)
{
	return proc(PROC_TPR_SHADOW) && bad_page(rd(VMCS_VIRTUAL_APIC), l);
}
static bool vpid_zero(const struct virt_limits *l)
{
	return proc2(PROC2_VPID) && !rd(VMCS_VPID);
}
static bool ept_pointer(const struct virt_limits *l)
{
	uint64_t p = rd(VMCS_EPT_POINTER);

	return !proc2(PROC2_EPT) || (p & 0x3f) != EPTP_FLAGS || (p & 0xf80) ||
	       ((p & EPTP_MARKS) && !l->has_ept_marks) || beyond(p, l);
}
static bool tpr_threshold(const struct virt_limits *l)
{
	return proc(PROC_TPR_SHADOW) && !proc2(PROC2_VECTORS) && rd(VMCS_TPR_THRESHOLD) > 15;
}
static bool posted(const struct virt_limits *l)
{
	uint64_t at = rd(VMCS_POSTED_DESCRIPTOR);

	return has_bits(VMCS_PIN_CONTROLS, PIN_POSTED) &&
	       (!proc2(PROC2_VECTORS) || !has_bits(VMCS_EXIT_CONTROLS, EXIT_ACK) ||
	        rd(VMCS_POSTED_VECTOR) > 255 || (at & 63) || beyond(at, l));
}
static bool write_log(const struct virt_limits *l)
{
	return proc2(PROC2_WRITE_LOG) &&
	       (!has_bits(VMCS_EPT_POINTER, EPTP_MARKS) || bad_page(rd(VMCS_WRITE_LOG), l));
}
static bool bad_area(uint64_t at, uint64_t count, const struct virt_limits *l)
{
	return count && ((at & 15) || beyond(at + count * sizeof(struct vmx_msr_entry) - 1, l));
}
static bool msr_areas(const struct virt_limits *l)
{
	return bad_area(rd(VMCS_ENTRY_MSR_LOAD), rd(VMCS_ENTRY_LOAD_COUNT), l) ||
	       bad_area(rd(VMCS_EXIT_MSR_LOAD), rd(VMCS_EXIT_LOAD_COUNT), l);
}
static bool link_pointer(const struct virt_limits *l)
{
	return rd(VMCS_LINK_POINTER) != ~0ull;
}

/* ---- the event to inject, 26.2.1.3 ---- */

#define EVENT_TYPES 0x7d /* all but 1 and 7 */

static uint32_t event(void)
{
	uint32_t info = (uint32_t)rd(VMCS_ENTRY_EVENT);

	return info & EVINFO_VALID ? info : 0;
}
static bool event_error(const struct virt_limits *l)
{
	unsigned vector = event() & EVINFO_VECTOR;
	bool wanted = EVINFO_TYPE(event()) == EVINFO_EXCEPTION && vector < 32 &&
	              (EXCEPTIONS_WITH_ERROR >> vector & 1) && (rd(GUEST_CR0) & CR0_PE);

	return event() && (wanted != !!(event() & EVINFO_ERROR_VALID) ||
	                   (wanted && rd(VMCS_ENTRY_ERROR) >> 16));
}
static bool event_length(const struct virt_limits *l)
{
	unsigned t = EVINFO_TYPE(event());

	return event() && t >= EVINFO_SOFT &&
	       (rd(VMCS_ENTRY_LENGTH) == 0 || rd(VMCS_ENTRY_LENGTH) > 15);
}
static bool is_interrupt(void)
{
	return event() && EVINFO_TYPE(event()) == EVINFO_INTERRUPT;
}
static bool interrupt_without_if(const struct virt_limits *l)
{
	return is_interrupt() && !(rd(GUEST_RFLAGS) & RFLAGS_IF);
}
static bool event_in_shadow(const struct virt_limits *l)
{
	uint64_t blocked = rd(GUEST_INTERRUPTIBILITY);

	return (is_interrupt() && (blocked & BLOCKED_SHADOW)) ||
	       (event() && EVINFO_TYPE(event()) == EVINFO_NMI &&
	        (blocked & (BLOCKED_SHADOW | BLOCKED_NMI)));
}

/* ---- the guest's state, 26.3.1: what AMD-V has no such field for; the other registers: virt_rules.c ---- */

static bool debugctl(const struct virt_limits *l)
{
	return rd(GUEST_DEBUGCTL) & ~DEBUGCTL_VALID;
}
static bool sysenter(const struct virt_limits *l)
{
	return not_canonical(rd(GUEST_SYSENTER_ESP)) || not_canonical(rd(GUEST_SYSENTER_EIP));
}
static bool rights_reserved(const struct virt_limits *l)
{
	for (unsigned i = SEG_ES; i <= SEG_TR; i++) {
		uint64_t rights = rd(vmcs_rights((enum segment_name)i));

		if (!(rights & RIGHTS_UNUSABLE) && (rights & 0xfffe0f00))
			return true;
	}
	return false;
}
static bool activity(const struct virt_limits *l)
{
	return rd(GUEST_ACTIVITY) != 0;
}
static bool blocking(const struct virt_limits *l)
{
	uint64_t b = rd(GUEST_INTERRUPTIBILITY);

	return (b & ~(uint64_t)(BLOCKED_SHADOW | BLOCKED_NMI)) ||
	       (b & BLOCKED_SHADOW) == BLOCKED_SHADOW ||
	       ((b & BLOCKED_STI) && !(rd(GUEST_RFLAGS) & RFLAGS_IF));
}
static bool pending_debug(const struct virt_limits *l)
{
	uint64_t p = rd(GUEST_PENDING_DEBUG);
	bool steps = has_bits(GUEST_RFLAGS, RFLAGS_TF) && !(rd(GUEST_DEBUGCTL) & 2);

	if (p & ~0x1500full)
		return true;
	return (rd(GUEST_INTERRUPTIBILITY) & BLOCKED_SHADOW) && steps != !!(p & PENDING_BS);
}
static bool pdptes(const struct virt_limits *l)
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
	bool (*is_broken)(const struct virt_limits *l);
	const char *words;
} rules[] = {
	{ io_bitmaps,           "an I/O bitmap's address is not valid (SDM 26.2.1.1)" },
	{ msr_bitmap,           "the MSR bitmap's address is not valid (SDM 26.2.1.1)" },
	{ virtual_apic,         "the virtual APIC page's address is not valid (SDM 26.2.1.1)" },
	{ vpid_zero,            "the VPID is zero (SDM 26.2.1.1)" },
	{ ept_pointer,          "the nested page table's address is not valid (SDM 26.2.1.1)" },
	{ msr_areas,            "an MSR area's address is not valid (SDM 26.2.1.2, 26.2.1.3)" },
	{ tpr_threshold,        "the TPR threshold has a reserved bit (SDM 26.2.1.1)" },
	{ posted,               "posted interrupts lack what they need, or their descriptor's address is not valid (SDM 26.2.1.1)" },
	{ write_log,            "the log of writes lacks dirty marks, or its address is not valid (SDM 26.2.1.1)" },
	{ event_error,          "the event to inject has an error code, lacks one, or it is too large (SDM 26.2.1.3)" },
	{ event_length,         "the instruction of the event to inject has no valid length (SDM 26.2.1.3)" },
	{ debugctl,             "DEBUGCTL has a reserved bit (SDM 26.3.1.1)" },
	{ sysenter,             "SYSENTER_ESP or SYSENTER_EIP is not canonical (SDM 26.3.1.1)" },
	{ rights_reserved,      "a segment has a reserved bit (SDM 26.3.1.2)" },
	{ interrupt_without_if, "an interrupt is injected while RFLAGS.IF is clear (SDM 26.3.1.4)" },
	{ activity,             "the activity state is not active (SDM 26.3.1.5)" },
	{ blocking,             "the interruptibility has a reserved bit, or STI's shadow without RFLAGS.IF (SDM 26.3.1.5)" },
	{ event_in_shadow,      "an event is injected while it is blocked (SDM 26.3.1.5)" },
	{ pending_debug,        "pending debug exceptions have a reserved bit, or do not fit RFLAGS.TF (SDM 26.3.1.5)" },
	{ link_pointer,         "the VMCS link pointer is not empty (SDM 26.3.1.5)" },
	{ pdptes,               "a PDPTE has a reserved bit (SDM 26.3.1.6)" },
};
/* clang-format on */

static void registers_read(struct virt_registers *r)
{
	r->cr0 = rd(GUEST_CR0);
	r->cr3 = rd(GUEST_CR3);
	r->cr4 = rd(GUEST_CR4);
	r->dr7 = rd(GUEST_DR7);
	r->rip = rd(GUEST_RIP);
	r->rflags = rd(GUEST_RFLAGS);
	r->is_long = is_long();
	/* The MSR areas are not checked before they are loaded. */
	r->efer = entry(ENTRY_LOAD_EFER) ? rd(GUEST_EFER) : is_long() ? EFER_LME | EFER_LMA : 0;
	r->pat = entry(ENTRY_LOAD_PAT) ? rd(GUEST_PAT) : 0;
	r->unusable = 0;
	for (unsigned i = 0; i < NR_SEGS; i++) {
		enum segment_name s = (enum segment_name)i;
		uint32_t rights = s < SEG_GDTR ? (uint32_t)rd(vmcs_rights(s)) : 0;

		r->segment[i] = (struct segment){
			.selector = s < SEG_GDTR ? (uint16_t)rd(vmcs_selector(s)) : 0,
			.attr = attr_of_rights(rights),
			.limit = (uint32_t)rd(vmcs_limit(s)),
			.base = rd(vmcs_base(s)),
		};
		r->unusable |= (rights & RIGHTS_UNUSABLE ? 1u : 0u) << i;
	}
	r->cs_attr = r->segment[SEG_CS].attr;
}

const char *vmcs_check(const struct virt_limits *limits)
{
	struct virt_limits l = *limits;
	struct virt_registers r;
	const char *rule = event_info_check((uint32_t)rd(VMCS_ENTRY_EVENT), EVENT_TYPES);

	for (unsigned i = 0; !rule && i < ARRAY_LEN(rules); i++)
		if (rules[i].is_broken(limits))
			rule = rules[i].words;
	if (rule)
		return rule;
	registers_read(&r);
	/* Unrestricted guests need not have these. */
	l.cr0_must &= ~(CR0_PE | CR0_PG);
	rule = virt_registers_check(&r, &l);
	return rule ? rule : virt_segments_check(&r);
}
