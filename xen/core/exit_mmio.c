// SPDX-License-Identifier: GPL-2.0-or-later
/* Nested page faults: log-dirty pages, read-only memory, and device memory by decoding the instruction. */
#include "exit_handlers.h"
#include "domain.h"
#include "errno.h"
#include "insn_execute.h"
#include "log.h"
#include "percpu.h"

/* One access on the MMIO bus; RAM that an instruction reaches beside a device page goes there by gpa. */
static void mmio_bus_access(struct vcpu *v, gpa_t at, uint64_t *value, unsigned size, bool is_write)
{
	struct io_access a = {
		.addr = at.v, .size = size, .is_write = is_write, .value = *value, .cpu = v
	};
	struct p2m_entry e = p2m_lookup(&v->domain->p2m, gpa_to_gfn(at));
	int err = -EFAULT;

	if (p2m_type_is_page(e.type)) {
		if (!is_write)
			err = guest_read_gpa(v->domain, value, at, size);
		else if (p2m_access[e.type] & P2M_WRITE)
			err = guest_write_gpa(v->domain, at, value, size);
		else
			err = 0; /* a write to read-only memory is lost */
		if (err == 0)
			return;
	}
	(void)iobus_access(&v->domain->mmio, &a);
	*value = a.value;
}

/* size bytes at linear (rights: WALK_* that all of the instruction needs), whose first (or only) page faulted at v->exit.mmio.gpa. 0 or -EFAULT with *fault. */
static int mmio_access(struct vcpu *v, uint64_t linear, uint64_t *value, unsigned size,
                       bool is_write, unsigned rights, struct event *fault)
{
	unsigned head = MIN(size, PAGE_SIZE - (unsigned)(linear & 0xfff));
	uint64_t part;
	gpa_t first, second;

	if (head == size) {
		first = gpa((v->exit.mmio.gpa.v & PAGE_MASK) | (linear & 0xfff));
		mmio_bus_access(v, first, value, size, is_write);
		return 0;
	}
	if (guest_linear_to_gpa(v, linear, rights, &first, fault) ||
	    guest_linear_to_gpa(v, linear + head, rights, &second, fault))
		return -EFAULT;
	/* The bus takes powers of two: a crossing access goes byte by byte. */
	for (unsigned i = 0; i < size; i++) {
		gpa_t at = i < head ? gpa(first.v + i) : gpa(second.v + i - head);

		part = *value >> (i * 8);
		mmio_bus_access(v, at, &part, 1, is_write);
		if (!is_write)
			*value = (*value & ~(0xffull << (i * 8))) | (part & 0xff) << (i * 8);
	}
	return 0;
}

static void mmio_refuse(struct vcpu *v, const struct insn *insn)
{
	log_guest(v->domain, LOG_WARNING,
	          "vcpu %u: instruction %02x (map %u) at %#lx on device memory %#lx is not served",
	          v->id, insn->opcode, insn->map, v->regs.rip, v->exit.mmio.gpa.v);
	vcpu_raise_ud(v);
}

static enum exit_next mmio_emulate(struct vcpu *v)
{
	struct insn_mmio plan;
	struct event fault;
	struct insn insn;
	uint64_t linear, value, store;
	unsigned rights;
	bool do_store = false;

	if (exit_insn(v, &insn))
		return NEXT_SAME;
	if (insn_mmio_plan(&insn, &v->regs, &plan)) {
		mmio_refuse(v, &insn);
		return NEXT_SAME;
	}
	if (segment_linear(v, insn.segment, insn_mem_offset(&insn, &v->regs), plan.size, plan.write,
	                   &linear, &fault))
		goto raise;
	value = plan.value;
	rights = plan.write ? WALK_WRITE : WALK_READ;
	if (plan.read) {
		value = 0;
		if (mmio_access(v, linear, &value, plan.size, false, rights, &fault))
			goto raise;
		insn_mmio_finish(&insn, &plan, value, &v->regs, &store, &do_store);
		value = store;
	} else {
		do_store = true;
	}
	if (plan.write && do_store &&
	    mmio_access(v, linear, &value, plan.size, true, rights, &fault))
		goto raise;
	return NEXT_INSN;
raise:
	vcpu_raise(v, fault);
	return NEXT_SAME;
}

/* The page-table walk of the guest itself met something that is not memory. */
static enum exit_next mmio_in_walk(struct vcpu *v)
{
	domain_crash(v->domain, "vcpu %u: page tables at %#lx, where no memory is (CR3 %#lx)",
	             v->id, v->exit.mmio.gpa.v, virt->get_reg(v, REG_CR3));
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
	return mmio_emulate(v);
}
