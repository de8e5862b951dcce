// SPDX-License-Identifier: GPL-2.0-or-later
/* IN, OUT, INS and OUTS. The CPU has judged IOPL and the TSS bitmap before the exit. SDM volume 1, chapter 19. */
#include "exit_handlers.h"
#include "devmodel.h"
#include "domain.h"
#include "insn_decode.h"
#include "log.h"
#include "mmio_operand.h"
#include "percpu.h"

/* Elements that one exit moves at most; the rest takes another turn through the loop. */
#define STRING_BATCH 256
/* Bytes that a device model gets or gives in one turn: two sectors. */
#define STRING_BULK 1024

static uint64_t merge_register(uint64_t old, uint64_t value, unsigned size)
{
	switch (size) {
	case 1: return (old & ~0xffull) | (uint8_t)value;
	case 2: return (old & ~0xffffull) | (uint16_t)value;
	case 4: return (uint32_t)value; /* a 32-bit result clears the upper half */
	default: return value;
	}
}

/* Nobody on the bus: the guest's device model; or the machine's own port, if the domain may; else reads float high. */
static void port_access(struct vcpu *v, struct io_access *a)
{
	struct domain *d = v->domain;

	if (iobus_access(&d->pio, a) != IO_UNCLAIMED)
		return;
	if (d->devmodel)
		(void)devmodel_pio(d->devmodel, a);
	else
		direct_port_access(d, a);
}

enum exit_next exit_pio(struct vcpu *v)
{
	struct io_access a = {
		.addr = v->exit.pio.port,
		.size = v->exit.pio.size,
		.is_write = v->exit.pio.is_write,
		.value = v->regs.r[GPR_RAX],
		.cpu = v,
	};

	port_access(v, &a);
	if (!a.is_write)
		v->regs.r[GPR_RAX] = merge_register(v->regs.r[GPR_RAX], a.value, a.size);
	return NEXT_INSN;
}

/* One string instruction in progress. */
struct string_io {
	uint64_t count_mask; /* by address size */
	enum segment_name segment;
	enum gpr pointer;
	int64_t step;
	bool is_write, rep;
	uint8_t size;
	uint16_t port;
};

static uint64_t masked_add(uint64_t reg, int64_t n, uint64_t mask)
{
	uint64_t sum = (reg + (uint64_t)n) & mask;

	return mask == 0xffff ? (reg & ~mask) | sum : sum;
}

/*
 * One element. 0, or -1 with *fault. The memory may be a device's. It is found with all its rights before the port is touched: that may have effects.
 */
static int string_element(struct vcpu *v, const struct string_io *s, struct event *fault)
{
	struct io_access a = {
		.addr = s->port, .size = s->size, .is_write = s->is_write, .cpu = v
	};
	uint64_t linear, offset = v->regs.r[s->pointer] & s->count_mask;
	struct mmio_page page = { .is_valid = false };
	struct mmio_operand memory;

	if (segment_linear(v, s->segment, offset, s->size, !s->is_write, &linear, fault) ||
	    mmio_operand_find(v, &page, linear, s->size, s->is_write ? WALK_READ : WALK_WRITE,
	                      &memory, fault))
		return -1;
	if (s->is_write)
		mmio_operand_load(v, &memory, &a.value);
	port_access(v, &a);
	if (!s->is_write)
		mmio_operand_store(v, &memory, a.value);
	v->regs.r[s->pointer] = masked_add(v->regs.r[s->pointer], s->step, s->count_mask);
	return 0;
}

/* How many elements, upwards and in one page, the device model may have at once; 0: not such a port, or not such an instruction. */
static unsigned bulk_count(struct vcpu *v, const struct string_io *s, uint64_t left)
{
	uint64_t offset = v->regs.r[s->pointer] & s->count_mask;

	if (!v->domain->devmodel || s->step < 0 || iobus_find(&v->domain->pio, s->port) ||
	    offset > s->count_mask - STRING_BULK)
		return 0;
	return (unsigned)MIN(left, (uint64_t)STRING_BULK / s->size);
}

/* Does the page at linear take a run of bytes, as all ordinary memory does? -1 with *fault. */
static int run_page(struct vcpu *v, uint64_t linear, bool to_memory, gpa_t *at, struct event *fault)
{
	struct p2m_entry e;

	if (guest_linear_to_gpa(v, linear, to_memory ? WALK_WRITE : WALK_READ, at, fault))
		return -1;
	e = p2m_lookup(&v->domain->p2m, gpa_to_gfn(*at));
	return e.type == P2M_ON_DEMAND || (to_memory && e.type == P2M_RAM_LOGDIRTY) ||
	       (p2m_access[e.type] & (to_memory ? P2M_WRITE : P2M_READ));
}

/* A run of elements in one page. How many were moved; 0: not in this way; -1 with *fault. */
static int string_bulk(struct vcpu *v, const struct string_io *s, uint64_t left,
                       struct event *fault)
{
	unsigned n = bulk_count(v, s, left);
	uint8_t bytes[STRING_BULK];
	uint64_t linear;
	gpa_t at;
	int rc;

	if (n < 2)
		return 0;
	if (segment_linear(v, s->segment, v->regs.r[s->pointer] & s->count_mask, s->size,
	                   !s->is_write, &linear, fault))
		return -1;
	n = MIN(n, (unsigned)(PAGE_SIZE - (linear & (PAGE_SIZE - 1))) / s->size);
	/* the segment may end before: then it goes one by one up to there */
	if (n < 2 || segment_linear(v, s->segment,
	                            (v->regs.r[s->pointer] & s->count_mask) + (n - 1) * s->size,
	                            s->size, !s->is_write, &linear, fault))
		return 0;
	rc = run_page(v, linear - (n - 1) * s->size, !s->is_write, &at, fault);
	if (rc <= 0 || (s->is_write && guest_read_gpa(v->domain, bytes, at, n * s->size)))
		return rc < 0 ? -1 : 0;
	(void)devmodel_pio_string(v->domain->devmodel, s->port, s->size, s->is_write, n, bytes);
	/* memory that goes at this very moment takes its bytes along */
	if (!s->is_write && guest_write_gpa(v->domain, at, bytes, n * s->size))
		log_guest(v->domain, LOG_DEBUG, "vcpu %u: string input to memory that is gone",
		          v->id);
	v->regs.r[s->pointer] =
		masked_add(v->regs.r[s->pointer], (int64_t)n * s->size, s->count_mask);
	return (int)n;
}

enum exit_next exit_pio_string(struct vcpu *v)
{
	struct string_io s = { .is_write = v->exit.pio.is_write,
		               .rep = v->exit.pio.rep,
		               .size = v->exit.pio.size,
		               .port = v->exit.pio.port };
	struct event fault;
	const struct insn *insn;
	uint64_t left = 1;
	unsigned n = 0, batch = v->regs.rflags & RFLAGS_TF ? 1 : STRING_BATCH;

	if (exit_insn(v, &insn))
		return NEXT_SAME;
	s.count_mask = insn->addr_size == 8 ? ~0ull : (1ull << (insn->addr_size * 8)) - 1;
	s.segment = s.is_write ? insn->segment : SEG_ES;
	s.pointer = s.is_write ? GPR_RSI : GPR_RDI;
	s.step = v->regs.rflags & RFLAGS_DF ? -(int64_t)s.size : s.size;
	if (s.rep)
		left = v->regs.r[GPR_RCX] & s.count_mask;
	while (left && n < batch) {
		int moved = batch > 1 ? string_bulk(v, &s, left, &fault) : 0;

		if (moved == 0)
			moved = string_element(v, &s, &fault) ? -1 : 1;
		if (moved < 0) {
			vcpu_raise(v, fault);
			return NEXT_SAME;
		}
		if (s.rep)
			v->regs.r[GPR_RCX] = masked_add(v->regs.r[GPR_RCX], -moved, s.count_mask);
		left -= (unsigned)moved;
		n += (unsigned)moved;
	}
	if (!left)
		return NEXT_INSN;
	exit_pause_insn(v);
	return NEXT_SAME;
}
