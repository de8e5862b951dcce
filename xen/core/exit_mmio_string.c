// SPDX-License-Identifier: GPL-2.0-or-later
/* String instructions of which an operand is device memory: element by element, in batches. */
#include "exit_handlers.h"
#include "insn_string.h"
#include "mmio_operand.h"

/* Elements that one exit moves at most; the rest takes another turn through the loop, where interrupts and kicks are seen. */
#define STRING_BATCH 256

/* One instruction in progress. */
struct string_copy {
	const struct insn_string *plan;
	struct mmio_page source, dest;
	bool is_over; /* no element follows */
	bool is_ram;  /* the last element touched no device */
};

static int source_find(struct vcpu *v, struct string_copy *c, struct mmio_operand *out,
                       struct event *fault)
{
	const struct insn_string *s = c->plan;
	uint64_t linear, offset = insn_string_source(s, &v->regs);

	if (segment_linear(v, s->segment, offset, s->size, false, &linear, fault))
		return -1;
	return mmio_operand_find(v, &c->source, linear, s->size, WALK_READ, out, fault);
}

static int dest_find(struct vcpu *v, struct string_copy *c, struct mmio_operand *out,
                     struct event *fault)
{
	const struct insn_string *s = c->plan;
	uint64_t linear, offset = insn_string_dest(s, &v->regs);

	if (segment_linear(v, SEG_ES, offset, s->size, s->writes_dest, &linear, fault))
		return -1;
	return mmio_operand_find(v, &c->dest, linear, s->size,
	                         s->writes_dest ? WALK_WRITE : WALK_READ, out, fault);
}

/* One element. -1 with *fault: registers are those before it, and no operand has been touched. */
static int string_element(struct vcpu *v, struct string_copy *c, struct event *fault)
{
	const struct insn_string *s = c->plan;
	struct mmio_operand source, dest;
	uint64_t from = 0, to = 0, store;

	if (s->reads_source && source_find(v, c, &source, fault))
		return -1;
	if ((s->reads_dest || s->writes_dest) && dest_find(v, c, &dest, fault))
		return -1;
	c->is_ram = true;
	if (s->reads_source)
		c->is_ram &= mmio_operand_read(v, &source, &from);
	if (s->reads_dest)
		c->is_ram &= mmio_operand_read(v, &dest, &to);
	c->is_over = insn_string_step(s, from, to, &v->regs, &store);
	if (s->writes_dest)
		c->is_ram &= mmio_operand_write(v, &dest, &store);
	return 0;
}

/* Some elements: how many; 0 with *fault. */
static unsigned string_advance(struct vcpu *v, struct string_copy *c, bool all, struct event *fault)
{
	unsigned n = all ? mmio_bulk(v, c->plan) : 0;

	if (!n)
		return string_element(v, c, fault) ? 0 : 1;
	c->is_over = insn_string_skip(c->plan, n, &v->regs);
	c->is_ram = false;
	return n;
}

enum exit_next mmio_string(struct vcpu *v, const struct insn_string *s)
{
	struct string_copy c = { .plan = s };
	unsigned moved, batch = v->regs.rflags & RFLAGS_TF ? 1 : STRING_BATCH;
	struct event fault;

	if (!insn_string_left(s, &v->regs))
		return NEXT_INSN;
	for (unsigned n = 0; n < batch; n += moved) {
		moved = string_advance(v, &c, batch > 1, &fault);
		if (!moved) {
			vcpu_raise(v, fault);
			return NEXT_SAME;
		}
		if (c.is_over)
			return NEXT_INSN;
		if (c.is_ram)
			break; /* the CPU does that faster */
	}
	exit_pause_insn(v);
	return NEXT_SAME;
}
