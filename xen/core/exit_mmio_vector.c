// SPDX-License-Identifier: GPL-2.0-or-later
/* SSE moves to and from device memory. The vcpu's registers are in the CPU; they are changed in its save area. */
#include "exit_handlers.h"
#include "insn_vector.h"
#include "machine.h"
#include "mmio_operand.h"
#include "string.h"

/* The area's layout: SDM volume 1, 10.5.1 and 13.4. */
#define LEGACY_SIZE 512
#define XMM_OFFSET  160
#define XSTATE_BV   512
#define XSTATE_SSE  BIT(1)
#define NR_XMM      16

/* With XSAVE the registers may be in their initial state, and then the area need not hold them. */
static void xmm_make_present(uint8_t *area)
{
	uint64_t present;

	if (machine_fpu_size() <= LEGACY_SIZE)
		return;
	memcpy(&present, area + XSTATE_BV, sizeof(present));
	if (present & XSTATE_SSE)
		return;
	memset(area + XMM_OFFSET, 0, NR_XMM * XMM_BYTES);
	present |= XSTATE_SSE;
	memcpy(area + XSTATE_BV, &present, sizeof(present));
}

/* As the CPU judges before it looks at the operand: another vcpu may have put the instruction there since. */
static bool vector_is_allowed(struct vcpu *v, struct event *fault)
{
	const struct paging_mode *m = guest_paging_mode(v);

	if ((m->cr0 & CR0_EM) || !(m->cr4 & CR4_OSFXSR))
		*fault = event_exception(X86_UD);
	else if (m->cr0 & CR0_TS)
		*fault = event_exception(X86_NM);
	else
		return true;
	return false;
}

static int vector_operand(struct vcpu *v, const struct insn *insn, const struct insn_vector *p,
                          struct mmio_operand *out, struct event *fault)
{
	struct mmio_page page = { .is_valid = false };
	uint64_t linear, offset = insn_mem_offset(insn, &v->regs);

	if (!vector_is_allowed(v, fault) ||
	    segment_linear(v, insn->segment, offset, p->size, p->write, &linear, fault))
		return -1;
	if (p->aligned && linear % XMM_BYTES) {
		*fault = event_exception_code(X86_GP, 0);
		return -1;
	}
	return mmio_operand_find(v, &page, linear, p->size, p->write ? WALK_WRITE : WALK_READ, out,
	                         fault);
}

enum exit_next mmio_vector(struct vcpu *v, const struct insn *insn, const struct insn_vector *p)
{
	uint8_t *area = v->fpu_area, *xmm = area + XMM_OFFSET + p->xmm * XMM_BYTES;
	uint8_t memory[MMIO_OPERAND_MAX];
	struct mmio_operand operand;
	struct event fault;

	if (vector_operand(v, insn, p, &operand, &fault)) {
		vcpu_raise(v, fault);
		return NEXT_SAME;
	}
	machine_fpu_save(area, v->xcr0);
	xmm_make_present(area);
	if (p->write) {
		mmio_operand_write(v, &operand, xmm + p->at);
	} else {
		mmio_operand_read(v, &operand, memory);
		insn_vector_load(p, memory, xmm);
	}
	machine_fpu_load(area, v->xcr0);
	return NEXT_INSN;
}
