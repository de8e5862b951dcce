// SPDX-License-Identifier: GPL-2.0-or-later
/* Segmentation for emulated accesses: base, limit, type, canonical form. SDM 5.3, 5.5. */
#include "errno.h"
#include "exit_handlers.h"

static int segment_fault(enum segment_name s, struct event *fault)
{
	*fault = event_exception_code(s == SEG_SS ? X86_SS : X86_GP, 0);
	return -EFAULT;
}

static bool segment_type_allows(const struct segment *seg, bool is_write)
{
	bool is_code = seg->attr & 8;

	if (is_write)
		return !is_code && (seg->attr & 2);
	return !is_code || (seg->attr & 2);
}

/* Is [offset, offset + size) inside? Expand-down data segments count from the other end. */
static bool segment_limit_allows(const struct segment *seg, uint64_t offset, unsigned size)
{
	bool expand_down = (seg->attr & 0xc) == 4;
	uint64_t last = offset + size - 1;

	if (!expand_down)
		return last <= seg->limit;
	return offset > seg->limit && last <= (seg->attr & SEG_ATTR_DB ? 0xffffffffu : 0xffffu);
}

int segment_linear(struct vcpu *v, enum segment_name s, uint64_t offset, unsigned size,
                   bool is_write, uint64_t *linear, struct event *fault)
{
	const struct paging_mode *m = guest_paging_mode(v);
	struct segment seg;

	if (paging_64bit_code(m)) {
		*linear = offset;
		if (s == SEG_FS || s == SEG_GS) {
			virt->get_segment(v, s, &seg);
			*linear += seg.base;
		}
		if (!linear_is_canonical(m, *linear) || !linear_is_canonical(m, *linear + size - 1))
			return segment_fault(s, fault);
		return 0;
	}
	virt->get_segment(v, s, &seg);
	*linear = (uint32_t)(seg.base + offset);
	if (!(m->cr0 & CR0_PE) || (m->rflags & RFLAGS_VM))
		return segment_limit_allows(&seg, offset, size) ? 0 : segment_fault(s, fault);
	if (!(seg.attr & SEG_ATTR_P) || !segment_type_allows(&seg, is_write) ||
	    !segment_limit_allows(&seg, offset, size))
		return segment_fault(s, fault);
	return 0;
}
