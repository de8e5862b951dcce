/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of a task that begins, with the rules of SDM table 7-1. Contract: task_switch.h. */
#include "task_switch.h"
#include "string.h"

#define NR_TASK_SEGS (SEG_GS + 1)

static bool ldt_load(struct task_switch *t, struct segment *ldt)
{
	uint16_t selector = (uint16_t)t->word[TSS_LDT];
	struct segment found;
	uint64_t at;

	*ldt = (struct segment){ .selector = selector };
	virt->set_segment(t->v, SEG_LDTR, ldt);
	if (selector_is_null(selector))
		return true;
	if (selector & SELECTOR_LOCAL)
		return task_fails(t, X86_TS, selector);
	if (!task_descriptor(t, &t->gdt, selector, X86_TS, &at, &found))
		return false;
	if ((found.attr & (SEG_ATTR_S | SEG_ATTR_TYPE | SEG_ATTR_P)) != (TYPE_LDT | SEG_ATTR_P))
		return task_fails(t, X86_TS, selector);
	*ldt = found;
	virt->set_segment(t->v, SEG_LDTR, ldt);
	return true;
}

/* Virtual-8086 mode: no descriptors. */
static void v86_segments_load(struct task_switch *t)
{
	for (unsigned i = 0; i < NR_TASK_SEGS; i++) {
		uint16_t selector = (uint16_t)t->word[TSS_SEGS + i];
		struct segment s = { selector, 0xf3, 0xffff, (uint64_t)selector << 4 };

		virt->set_segment(t->v, (enum segment_name)i, &s);
	}
}

/* ---- may it be that segment, at this privilege? S is set. ---- */

static bool code_is_good(const struct segment *s, unsigned cpl)
{
	if (!(s->attr & TYPE_CODE))
		return false;
	return s->attr & TYPE_CONFORMING ? SEG_ATTR_DPL(s->attr) <= cpl
	                                 : SEG_ATTR_DPL(s->attr) == cpl;
}

static bool stack_is_good(const struct segment *s, unsigned cpl)
{
	return !(s->attr & TYPE_CODE) && (s->attr & TYPE_WRITABLE) &&
	       SEG_ATTR_DPL(s->attr) == cpl && SELECTOR_RPL(s->selector) == cpl;
}

static bool data_is_good(const struct segment *s, unsigned cpl)
{
	bool is_code = s->attr & TYPE_CODE;

	if (is_code && !(s->attr & TYPE_READABLE))
		return false;
	return (is_code && (s->attr & TYPE_CONFORMING)) ||
	       SEG_ATTR_DPL(s->attr) >= MAX(cpl, SELECTOR_RPL(s->selector));
}

/* In the order in which they are loaded. */
static const struct {
	uint8_t name; /* enum segment_name */
	bool may_be_null;
	uint8_t absent; /* the exception for one that is not present */
	bool (*is_good)(const struct segment *s, unsigned cpl);
} segment_rows[] = {
	{ SEG_CS, false, X86_NP, code_is_good }, { SEG_SS, false, X86_SS, stack_is_good },
	{ SEG_DS, true, X86_NP, data_is_good },  { SEG_ES, true, X86_NP, data_is_good },
	{ SEG_FS, true, X86_NP, data_is_good },  { SEG_GS, true, X86_NP, data_is_good },
};
_Static_assert(ARRAY_LEN(segment_rows) == NR_TASK_SEGS, "each segment has a row");

static bool segment_find(struct task_switch *t, unsigned row, const struct segment *ldt,
                         unsigned cpl, struct segment *s)
{
	uint16_t selector = s->selector;
	uint64_t at;

	if (selector_is_null(selector))
		return segment_rows[row].may_be_null || task_fails(t, X86_TS, 0);
	if (!task_descriptor(t, selector & SELECTOR_LOCAL ? ldt : &t->gdt, selector, X86_TS, &at,
	                     s))
		return false;
	if (!(s->attr & SEG_ATTR_S) || !segment_rows[row].is_good(s, cpl))
		return task_fails(t, X86_TS, selector);
	if (!(s->attr & SEG_ATTR_P))
		return task_fails(t, segment_rows[row].absent, selector);
	if (!task_descriptor_mark(t, at, s, TYPE_ACCESSED, 0))
		return false;
	s->attr |= TYPE_ACCESSED;
	return true;
}

/* What stands for CS and SS when one of them could not be loaded: the exception for that is delivered from here, at the privilege that the new task would have had. */
static void code_and_stack_stand_in(struct segment *cs, struct segment *ss, unsigned cpl)
{
	*cs = (struct segment){ cs->selector, (uint16_t)(0xc9b | cpl << 5), ~0u, 0 };
	*ss = (struct segment){ ss->selector, (uint16_t)(0xc93 | cpl << 5), ~0u, 0 };
}

bool task_segments_load(struct task_switch *t)
{
	struct segment segment[NR_TASK_SEGS], ldt;
	unsigned cpl = SELECTOR_RPL(t->word[TSS_SEGS + SEG_CS]), row = 0;
	bool ok = ldt_load(t, &ldt);

	if (t->v->regs.rflags & RFLAGS_VM) {
		v86_segments_load(t);
		guest_walk_cache_reset(&t->v->walk);
		return ok;
	}
	for (unsigned i = 0; i < NR_TASK_SEGS; i++)
		segment[i] = (struct segment){ .selector = (uint16_t)t->word[TSS_SEGS + i] };
	while (ok && row < NR_TASK_SEGS) {
		ok = segment_find(t, row, &ldt, cpl, &segment[segment_rows[row].name]);
		row += ok;
	}
	for (unsigned i = row; i < NR_TASK_SEGS; i++)
		segment[segment_rows[i].name] =
			(struct segment){ .selector = segment[segment_rows[i].name].selector };
	if (row < 2)
		code_and_stack_stand_in(&segment[SEG_CS], &segment[SEG_SS], cpl);
	for (unsigned i = 0; i < NR_TASK_SEGS; i++)
		virt->set_segment(t->v, (enum segment_name)i, &segment[i]);
	guest_walk_cache_reset(&t->v->walk);
	return ok;
}
