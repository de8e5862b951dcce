/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of a guest's registers, each with a sentence. Contract: virt_rules.h. */
#include "virt_rules.h"
#include "descriptor.h"

#define HIGH_HALF       0xffffffff00000000ull
#define RFLAGS_RESERVED 0xffffffffffc08028ull

/* ---- control and debug registers, EFER, PAT ---- */

static bool pg_without_pe(const struct virt_registers *r, const struct virt_limits *l)
{
	return (r->cr0 & (CR0_PG | CR0_PE)) == CR0_PG;
}
static bool cr0_bits(const struct virt_registers *r, const struct virt_limits *l)
{
	return (~r->cr0 & l->cr0_must) || (r->cr0 & ~l->cr0_may);
}
static bool cr3_beyond(const struct virt_registers *r, const struct virt_limits *l)
{
	return r->cr3 >> l->physical_bits;
}
static bool cr4_bits(const struct virt_registers *r, const struct virt_limits *l)
{
	return (~r->cr4 & l->cr4_must) || (r->cr4 & ~l->cr4_may);
}
static bool cet_without_wp(const struct virt_registers *r, const struct virt_limits *l)
{
	return (r->cr4 & CR4_CET) && !(r->cr0 & CR0_WP);
}
static bool pcid_without_long(const struct virt_registers *r, const struct virt_limits *l)
{
	return (r->cr4 & CR4_PCIDE) && !r->is_long;
}
static bool dr7_high(const struct virt_registers *r, const struct virt_limits *l)
{
	return r->dr7 & HIGH_HALF;
}
static bool efer_reserved(const struct virt_registers *r, const struct virt_limits *l)
{
	return r->efer & ~l->efer_may;
}
static bool efer_lma(const struct virt_registers *r, const struct virt_limits *l)
{
	bool lma = r->efer & EFER_LMA;

	return lma != r->is_long || lma != ((r->efer & EFER_LME) && (r->cr0 & CR0_PG));
}
static bool long_without_pae(const struct virt_registers *r, const struct virt_limits *l)
{
	return r->is_long && !(r->cr4 & CR4_PAE);
}
static bool cs_l_and_d(const struct virt_registers *r, const struct virt_limits *l)
{
	return r->is_long && (r->cs_attr & SEG_ATTR_L) && (r->cs_attr & SEG_ATTR_DB);
}
static bool pat_type(const struct virt_registers *r, const struct virt_limits *l)
{
	/* Types 0, 1, 4, 5, 6, 7: bits 7:3 clear, and bit 1 only together with bit 2 (APM 7.8.1). */
	uint64_t two_or_three = r->pat & ~(r->pat >> 1) & 0x0202020202020202ull;

	return (r->pat & 0xf8f8f8f8f8f8f8f8ull) || two_or_three;
}

/* clang-format off */
static const struct {
	bool (*is_broken)(const struct virt_registers *r, const struct virt_limits *l);
	const char *words;
} register_rules[] = {
	{ pg_without_pe,     "CR0.PG is set without CR0.PE (APM 15.5.1, SDM 26.3.1.1)" },
	{ cr0_bits,          "CR0 has a bit that must be clear, or lacks one that must be set (APM 15.5.1, SDM 26.3.1.1)" },
	{ long_without_pae,  "long mode without CR4.PAE (APM 15.5.1, SDM 26.3.1.1)" },
	{ cr4_bits,          "CR4 has a bit that this CPU does not know, or lacks one that must be set (APM 15.5.1, SDM 26.3.1.1)" },
	{ cr3_beyond,        "CR3 goes beyond physical memory (APM 15.5.1, SDM 26.3.1.1)" },
	{ cet_without_wp,    "CR4.CET is set without CR0.WP (APM 15.5.1, SDM 26.3.1.1)" },
	{ pcid_without_long, "CR4.PCIDE is set outside long mode (SDM 26.3.1.1)" },
	{ dr7_high,          "the high half of DR7 is not zero (APM 15.5.1, SDM 26.3.1.1)" },
	{ efer_reserved,     "EFER has a bit that this CPU does not know (APM 15.5.1, SDM 26.3.1.1)" },
	{ efer_lma,          "EFER.LMA is not what EFER.LME, CR0.PG and the controls say (APM 15.5.1, SDM 26.3.1.1)" },
	{ cs_l_and_d,        "CS.L and CS.D are both set in long mode (APM 15.5.1, SDM 26.3.1.2)" },
	{ pat_type,          "the PAT has a reserved memory type (APM 15.25.4, SDM 26.3.1.1)" },
};
/* clang-format on */

const char *virt_registers_check(const struct virt_registers *r, const struct virt_limits *l)
{
	for (unsigned i = 0; i < ARRAY_LEN(register_rules); i++)
		if (register_rules[i].is_broken(r, l))
			return register_rules[i].words;
	return NULL;
}

/* ---- segments ---- */

static bool is_v86(const struct virt_registers *r)
{
	return r->rflags & RFLAGS_VM;
}
static bool usable(const struct virt_registers *r, enum segment_name s)
{
	return !(r->unusable >> s & 1);
}
static unsigned attr(const struct virt_registers *r, enum segment_name s)
{
	return r->segment[s].attr;
}
static unsigned type(const struct virt_registers *r, enum segment_name s)
{
	return attr(r, s) & SEG_ATTR_TYPE;
}
static unsigned dpl(const struct virt_registers *r, enum segment_name s)
{
	return SEG_ATTR_DPL(attr(r, s));
}
/* From the LDT, where neither TR nor LDTR can be from. */
static bool is_local(const struct virt_registers *r, enum segment_name s)
{
	return r->segment[s].selector & SELECTOR_LOCAL;
}
static bool bad_linear(const struct virt_registers *r, uint64_t linear)
{
	return !is_canonical(linear) && !(r->cr4 & CR4_LA57);
}

static bool v86_segments(const struct virt_registers *r)
{
	for (unsigned i = SEG_ES; is_v86(r) && i <= SEG_GS; i++) {
		const struct segment *s = &r->segment[i];

		if (s->base != (uint64_t)s->selector << 4 || s->limit != 0xffff ||
		    s->attr != 0xf3 || !usable(r, i))
			return true;
	}
	return false;
}
static bool tr_type(const struct virt_registers *r)
{
	unsigned a = attr(r, SEG_TR), t = type(r, SEG_TR);

	return !usable(r, SEG_TR) || is_local(r, SEG_TR) || (a & SEG_ATTR_S) || !(a & SEG_ATTR_P) ||
	       (t != 11 && (r->is_long || t != 3));
}
static bool ldtr_type(const struct virt_registers *r)
{
	unsigned a = attr(r, SEG_LDTR);

	return usable(r, SEG_LDTR) && (is_local(r, SEG_LDTR) || (a & SEG_ATTR_S) ||
	                               !(a & SEG_ATTR_P) || type(r, SEG_LDTR) != TYPE_LDT);
}
static bool cs_type(const struct virt_registers *r)
{
	unsigned t = type(r, SEG_CS);

	return !is_v86(r) && (!usable(r, SEG_CS) || !(attr(r, SEG_CS) & SEG_ATTR_S) ||
	                      (t != 3 && t != 9 && t != 11 && t != 13 && t != 15));
}
static bool cs_dpl(const struct virt_registers *r)
{
	unsigned t = type(r, SEG_CS);

	if (is_v86(r))
		return false;
	if (t == 3)
		return dpl(r, SEG_CS) != 0;
	return t < 13 ? dpl(r, SEG_CS) != dpl(r, SEG_SS) : dpl(r, SEG_CS) > dpl(r, SEG_SS);
}
static bool ss_type(const struct virt_registers *r)
{
	unsigned t = type(r, SEG_SS);

	return !is_v86(r) && usable(r, SEG_SS) &&
	       (!(attr(r, SEG_SS) & SEG_ATTR_S) || (t != 3 && t != 7));
}
static bool ss_dpl(const struct virt_registers *r)
{
	return !is_v86(r) && dpl(r, SEG_SS) && (type(r, SEG_CS) == 3 || !(r->cr0 & CR0_PE));
}
static bool data_type(const struct virt_registers *r)
{
	static const uint8_t data[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	for (unsigned i = 0; !is_v86(r) && i < ARRAY_LEN(data); i++) {
		enum segment_name s = (enum segment_name)data[i];
		unsigned t = type(r, s);

		if (usable(r, s) &&
		    (!(t & 1) || ((t & TYPE_CODE) && !(t & 2)) || !(attr(r, s) & SEG_ATTR_S)))
			return true;
	}
	return false;
}
static bool segment_limits(const struct virt_registers *r)
{
	for (unsigned i = SEG_ES; !is_v86(r) && i <= SEG_TR; i++) {
		uint32_t limit = r->segment[i].limit;

		if (!usable(r, i))
			continue;
		if (!(attr(r, i) & SEG_ATTR_P))
			return true;
		if (attr(r, i) & SEG_ATTR_G ? (limit & 0xfff) != 0xfff : limit >> 20 != 0)
			return true;
	}
	return false;
}
static bool segment_bases(const struct virt_registers *r)
{
	const struct segment *s = r->segment;

	return bad_linear(r, s[SEG_FS].base) || bad_linear(r, s[SEG_GS].base) ||
	       bad_linear(r, s[SEG_TR].base) || bad_linear(r, s[SEG_LDTR].base) ||
	       ((s[SEG_CS].base | s[SEG_SS].base | s[SEG_DS].base | s[SEG_ES].base) & HIGH_HALF);
}
static bool tables(const struct virt_registers *r)
{
	const struct segment *gdt = &r->segment[SEG_GDTR], *idt = &r->segment[SEG_IDTR];

	return bad_linear(r, gdt->base) || bad_linear(r, idt->base) || gdt->limit >> 16 ||
	       idt->limit >> 16;
}
static bool rip(const struct virt_registers *r)
{
	if (r->is_long && (attr(r, SEG_CS) & SEG_ATTR_L))
		return bad_linear(r, r->rip);
	return r->rip & HIGH_HALF;
}
static bool rflags(const struct virt_registers *r)
{
	return (r->rflags & RFLAGS_RESERVED) || !(r->rflags & RFLAGS_MBS);
}
static bool v86_in_long(const struct virt_registers *r)
{
	return is_v86(r) && (r->is_long || !(r->cr0 & CR0_PE));
}

/* clang-format off */
static const struct {
	bool (*is_broken)(const struct virt_registers *r);
	const char *words;
} segment_rules[] = {
	{ v86_segments,   "a segment is not one of virtual-8086 mode (SDM 26.3.1.2)" },
	{ tr_type,        "TR is no busy TSS (SDM 26.3.1.2)" },
	{ ldtr_type,      "LDTR is no LDT (SDM 26.3.1.2)" },
	{ cs_type,        "CS is no code segment (SDM 26.3.1.2)" },
	{ cs_dpl,         "CS's privilege is not that of SS (SDM 26.3.1.2)" },
	{ ss_type,        "SS is no stack (SDM 26.3.1.2)" },
	{ ss_dpl,         "SS has a privilege in real mode (SDM 26.3.1.2)" },
	{ data_type,      "a data segment is not readable or not accessed (SDM 26.3.1.2)" },
	{ segment_limits, "a segment is not present, or its limit and granularity disagree (SDM 26.3.1.2)" },
	{ segment_bases,  "a segment's base is not canonical (SDM 26.3.1.2)" },
	{ tables,         "GDTR or IDTR is not valid (SDM 26.3.1.3)" },
	{ rip,            "RIP is beyond what the mode can reach (SDM 26.3.1.4)" },
	{ rflags,         "RFLAGS has a reserved bit (SDM 26.3.1.4)" },
	{ v86_in_long,    "virtual-8086 mode in long mode or real mode (SDM 26.3.1.4)" },
};
/* clang-format on */

const char *virt_segments_check(const struct virt_registers *r)
{
	for (unsigned i = 0; i < ARRAY_LEN(segment_rules); i++)
		if (segment_rules[i].is_broken(r))
			return segment_rules[i].words;
	return NULL;
}

/* ---- segments made so ---- */

static bool attr_settle(enum segment_name name, bool is_long, struct segment *s)
{
	if (name == SEG_TR) {
		s->attr |= SEG_ATTR_P | TYPE_BUSY | TYPE_ACCESSED | (is_long ? TYPE_TSS_32 : 0);
		return true;
	}
	if (!(s->attr & SEG_ATTR_P) && name != SEG_CS)
		return false;
	s->attr |= SEG_ATTR_P | (name == SEG_LDTR ? 0 : TYPE_ACCESSED);
	return true;
}

/* The limit is in bytes whatever G says; G tells which bits of it can be zero. */
static void limit_settle(struct segment *s)
{
	if (s->limit >> 20) {
		s->limit |= 0xfff;
		s->attr |= SEG_ATTR_G;
	} else if ((s->limit & 0xfff) != 0xfff) {
		s->attr &= (uint16_t)~SEG_ATTR_G;
	}
}

bool virt_segment_settle(enum segment_name name, bool is_long, struct segment *s)
{
	bool is_usable = true;

	if (name == SEG_GDTR || name == SEG_IDTR) {
		s->limit = (uint16_t)s->limit;
	} else {
		is_usable = attr_settle(name, is_long, s);
		limit_settle(s);
	}
	if (name == SEG_LDTR || name == SEG_TR)
		s->selector &= (uint16_t)~SELECTOR_LOCAL;
	s->base = name <= SEG_DS ? (uint32_t)s->base : canonical(s->base);
	return is_usable;
}
