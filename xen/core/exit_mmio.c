// SPDX-License-Identifier: GPL-2.0-or-later
/* Nested page faults: log-dirty pages, read-only memory, and device memory by decoding the instruction. */
#include "exit_handlers.h"
#include "domain.h"
#include "errno.h"
#include "insn_execute.h"
#include "insn_string.h"
#include "insn_vector.h"
#include "log.h"
#include "mmio_operand.h"
#include "percpu.h"

static void mmio_refuse(struct vcpu *v, const struct insn *insn)
{
	log_guest(v->domain, LOG_WARNING,
	          "vcpu %u: instruction %02x (map %u) at %#lx on device memory %#lx is not served",
	          v->id, insn->opcode, insn->map, v->regs.rip, v->exit.mmio.gpa.v);
	vcpu_raise_ud(v);
}

/*
 * The operand, all of it with the right to write when it will be written. What the CPU has translated and judged for the same kind of access need not be
 * walked again; of an operand in two pages it has told one only.
 */
static int plan_operand(struct vcpu *v, const struct insn *insn, const struct insn_mmio *plan,
                        struct mmio_operand *out, struct event *fault)
{
	struct mmio_page page = { .is_valid = false };
	uint64_t linear, offset = insn_mmio_offset(insn, plan, &v->regs);

	if (segment_linear(v, insn->segment, offset, plan->size, plan->write, &linear, fault))
		return -EFAULT;
	if (plan->write == v->exit.mmio.is_write &&
	    (linear & (PAGE_SIZE - 1)) + plan->size <= PAGE_SIZE) {
		page.is_valid = true;
		page.linear = linear & PAGE_MASK;
		page.gpa = gpa(v->exit.mmio.gpa.v & PAGE_MASK);
	}
	return mmio_operand_find(v, &page, linear, plan->size, plan->write ? WALK_WRITE : WALK_READ,
	                         out, fault);
}

/* One memory operand of a general instruction: read, computed with, written. */
static enum exit_next mmio_general(struct vcpu *v, const struct insn *insn,
                                   const struct insn_mmio *plan)
{
	struct mmio_operand operand;
	uint64_t loaded = 0, store = plan->value;
	bool do_store = plan->write;
	struct event fault;

	if (plan_operand(v, insn, plan, &operand, &fault)) {
		vcpu_raise(v, fault);
		return NEXT_SAME;
	}
	if (plan->read) {
		mmio_operand_load(v, &operand, &loaded);
		insn_mmio_finish(insn, plan, loaded, &v->regs, &store, &do_store);
	}
	if (do_store)
		mmio_operand_store(v, &operand, store);
	return NEXT_INSN;
}

/* In 64-bit code the segments are flat, and most addresses are far from where the lower half ends. */
static inline int move_linear(struct vcpu *v, const struct insn *insn, const struct insn_move *m,
                              uint64_t *linear)
{
	uint64_t offset = insn_mem_offset(insn, &v->regs);
	struct event unused;

	*linear = offset;
	if (likely(paging_64bit_code(guest_paging_mode(v)) && insn->segment != SEG_FS &&
	           insn->segment != SEG_GS && offset < BIT(46)))
		return 0;
	return segment_linear(v, insn->segment, offset, m->size, m->is_store, linear, &unused);
}

/* MOV to or from the very page that the fault told of: its translation and rights are known. False: in full. */
static bool mmio_move(struct vcpu *v, const struct insn *insn)
{
	struct insn_move move;
	uint64_t linear, value = 0;
	struct mmio_operand at;

	if (!insn_move_plan(insn, &move) || move.is_store != v->exit.mmio.is_write ||
	    move_linear(v, insn, &move, &linear) ||
	    (linear & (PAGE_SIZE - 1)) + move.size > PAGE_SIZE)
		return false;
	at = (struct mmio_operand){
		.first = gpa((v->exit.mmio.gpa.v & PAGE_MASK) | (linear & (PAGE_SIZE - 1))),
		.size = move.size,
		.head = move.size,
	};
	if (move.is_store) {
		mmio_operand_store(v, &at, insn_move_value(insn, &move, &v->regs));
	} else {
		mmio_operand_load(v, &at, &value);
		insn_move_finish(insn, &move, value, &v->regs);
	}
	return true;
}

static enum exit_next mmio_emulate(struct vcpu *v)
{
	struct insn_mmio plan;
	struct insn_string string;
	struct insn_vector vector;
	const struct insn *insn;

	if (exit_insn(v, &insn))
		return NEXT_SAME;
	if (mmio_move(v, insn))
		return NEXT_INSN;
	if (insn_mmio_plan(insn, &v->regs, &plan) == 0)
		return mmio_general(v, insn, &plan);
	if (insn_string_plan(insn, &string) == 0)
		return mmio_string(v, &string);
	if (insn_vector_plan(insn, &vector) == 0)
		return mmio_vector(v, insn, &vector);
	if (mmio_is_push(insn))
		return mmio_push(v, insn);
	mmio_refuse(v, insn);
	return NEXT_SAME;
}

/* The page-table walk of the guest itself met something that is not memory. */
static enum exit_next mmio_in_walk(struct vcpu *v)
{
	domain_crash(v->domain, "vcpu %u: page tables at %#lx, where no memory is (CR3 %#lx)",
	             v->id, v->exit.mmio.gpa.v, virt->get_reg(v, REG_CR3));
	return NEXT_SAME;
}

/* The page that the guest was promised; the instruction is tried again with it. */
static enum exit_next mmio_on_demand(struct vcpu *v)
{
	struct domain *d = v->domain;

	if (p2m_demand_touch(&d->p2m, gpa_to_gfn(v->exit.mmio.gpa)) == -ENOMEM)
		domain_crash(
			d,
			"vcpu %u: no memory for %#lx: it has %llu pages, all in use, and was "
			"promised %llu more; its balloon must give back what is above its target",
			v->id, v->exit.mmio.gpa.v, (unsigned long long)read_once(d->nr_pages),
			(unsigned long long)read_once(d->p2m.nr_entries[P2M_ON_DEMAND]));
	return NEXT_SAME;
}

enum exit_next exit_mmio(struct vcpu *v)
{
	struct p2m *p2m = &v->domain->p2m;
	struct p2m_entry e = p2m_lookup(p2m, gpa_to_gfn(v->exit.mmio.gpa));
	unsigned need = v->exit.mmio.is_write   ? P2M_WRITE
	                : v->exit.mmio.is_fetch ? P2M_EXEC
	                                        : P2M_READ;

	if (e.type == P2M_RAM_LOGDIRTY && need == P2M_WRITE) {
		if (p2m_change_type(p2m, gpa_to_gfn(v->exit.mmio.gpa), P2M_RAM_LOGDIRTY,
		                    P2M_RAM_RW) == -ENOMEM)
			return NEXT_CRASH;
		return NEXT_SAME;
	}
	if (unlikely(e.type == P2M_ON_DEMAND))
		return mmio_on_demand(v);
	/* Mapped by somebody else since the fault: try again. */
	if (p2m_access[e.type] & need)
		return NEXT_SAME;
	if (v->exit.mmio.in_walk)
		return mmio_in_walk(v);
	if (v->exit.mmio.is_fetch) {
		vcpu_raise_ud(v); /* bus noise is not code */
		return NEXT_SAME;
	}
	if (e.type == P2M_GRANT_RO) {
		vcpu_raise_gp(v);
		return NEXT_SAME;
	}
	v->exit.mmio.is_hole = e.type == P2M_HOLE;
	if (unlikely(v->domain->direct.maps_on_fault) && v->exit.mmio.is_hole &&
	    !vlapic_owns(v, v->exit.mmio.gpa) &&
	    direct_frame_fault(v->domain, gpa_to_gfn(v->exit.mmio.gpa)))
		return NEXT_SAME;
	return mmio_emulate(v);
}
