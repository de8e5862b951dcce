// SPDX-License-Identifier: GPL-2.0-or-later
/* PUSH of device memory: how some kernels save the task priority of an APIC page. */
#include "exit_handlers.h"
#include "insn_decode.h"
#include "mmio_operand.h"

/* The stack pointer's width is the stack segment's, not the instruction's. */
static uint64_t stack_mask(struct vcpu *v)
{
	struct segment ss;

	if (paging_64bit_code(guest_paging_mode(v)))
		return ~0ull;
	virt->get_segment(v, SEG_SS, &ss);
	return ss.attr & SEG_ATTR_DB ? 0xffffffff : 0xffff;
}

bool mmio_is_push(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->opcode == 0xff && insn->has_mem && !insn->lock &&
	       (insn->modrm >> 3 & 7) == 6;
}

enum exit_next mmio_push(struct vcpu *v, const struct insn *insn)
{
	uint64_t mask = stack_mask(v), rsp = v->regs.r[GPR_RSP], to = (rsp - insn->op_size) & mask;
	struct mmio_page source_page = { .is_valid = false }, stack_page = { .is_valid = false };
	struct mmio_operand source, stack;
	uint64_t linear, value = 0;
	struct event fault;

	if (segment_linear(v, insn->segment, insn_mem_offset(insn, &v->regs), insn->op_size, false,
	                   &linear, &fault) ||
	    mmio_operand_find(v, &source_page, linear, insn->op_size, WALK_READ, &source, &fault) ||
	    segment_linear(v, SEG_SS, to, insn->op_size, true, &linear, &fault) ||
	    mmio_operand_find(v, &stack_page, linear, insn->op_size, WALK_WRITE, &stack, &fault)) {
		vcpu_raise(v, fault);
		return NEXT_SAME;
	}
	mmio_operand_read(v, &source, &value);
	mmio_operand_write(v, &stack, &value);
	v->regs.r[GPR_RSP] = mask == 0xffff ? (rsp & ~mask) | to : to;
	return NEXT_INSN;
}
