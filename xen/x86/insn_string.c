// SPDX-License-Identifier: GPL-2.0-or-later
/* String instructions: which operands an element has, and how registers go on to the next. */
#include "insn_string.h"
#include "errno.h"
#include "insn_arith.h"

enum {
	OP_MOVS = 0xa4,
	OP_CMPS = 0xa6,
	OP_STOS = 0xaa,
	OP_LODS = 0xac,
	OP_SCAS = 0xae,
};

#define READS_SOURCE 1
#define READS_DEST   2
#define WRITES_DEST  4

static const uint8_t operands[] = {
	[OP_MOVS - OP_MOVS] = READS_SOURCE | WRITES_DEST,
	[OP_CMPS - OP_MOVS] = READS_SOURCE | READS_DEST,
	[OP_STOS - OP_MOVS] = WRITES_DEST,
	[OP_LODS - OP_MOVS] = READS_SOURCE,
	[OP_SCAS - OP_MOVS] = READS_DEST,
};

int insn_string_plan(const struct insn *i, struct insn_string *out)
{
	unsigned op = i->opcode & 0xfe;
	uint8_t uses;

	if (i->map != MAP_ONE || i->vex || i->lock || op < OP_MOVS || op > OP_SCAS)
		return -EOPNOTSUPP;
	uses = operands[op - OP_MOVS];
	if (!uses)
		return -EOPNOTSUPP;
	*out = (struct insn_string){
		.opcode = (uint8_t)op,
		.size = i->opcode & 1 ? i->op_size : 1,
		.addr_size = i->addr_size,
		.segment = i->segment,
		.reads_source = uses & READS_SOURCE,
		.reads_dest = uses & READS_DEST,
		.writes_dest = uses & WRITES_DEST,
	};
	if (!i->rep && !i->repne)
		out->repeat = REPEAT_NONE;
	else if (!out->reads_dest) /* nothing to compare: both prefixes count, on all CPUs */
		out->repeat = REPEAT_COUNT;
	else
		out->repeat = i->rep ? REPEAT_WHILE_EQUAL : REPEAT_WHILE_UNEQUAL;
	return 0;
}

/* A register as far as the address size reaches. */
static inline uint64_t address_get(const struct insn_string *s, const struct guest_regs *regs,
                                   enum gpr reg)
{
	return regs->r[reg] & size_mask(s->addr_size);
}

/* 16-bit results leave the rest of a register alone, 32-bit ones clear it. */
static void address_add(const struct insn_string *s, struct guest_regs *regs, enum gpr reg,
                        uint64_t n)
{
	uint64_t mask = size_mask(s->addr_size), sum = (regs->r[reg] + n) & mask;

	regs->r[reg] = s->addr_size == 2 ? (regs->r[reg] & ~mask) | sum : sum;
}

static void accumulator_put(struct guest_regs *regs, uint64_t value, unsigned size)
{
	uint64_t mask = size_mask(size);

	regs->r[GPR_RAX] = (size >= 4 ? 0 : regs->r[GPR_RAX] & ~mask) | (value & mask);
}

uint64_t insn_string_left(const struct insn_string *s, const struct guest_regs *regs)
{
	return s->repeat == REPEAT_NONE ? 1 : address_get(s, regs, GPR_RCX);
}

uint64_t insn_string_source(const struct insn_string *s, const struct guest_regs *regs)
{
	return address_get(s, regs, GPR_RSI);
}

uint64_t insn_string_dest(const struct insn_string *s, const struct guest_regs *regs)
{
	return address_get(s, regs, GPR_RDI);
}

/* After an element: its count, and is there another? */
static bool string_is_over(const struct insn_string *s, struct guest_regs *regs)
{
	bool equal = regs->rflags & RFLAGS_ZF;

	if (s->repeat == REPEAT_NONE)
		return true;
	address_add(s, regs, GPR_RCX, -1ull);
	if (!address_get(s, regs, GPR_RCX))
		return true;
	return (s->repeat == REPEAT_WHILE_EQUAL && !equal) ||
	       (s->repeat == REPEAT_WHILE_UNEQUAL && equal);
}

bool insn_string_step(const struct insn_string *s, uint64_t source, uint64_t dest,
                      struct guest_regs *regs, uint64_t *store)
{
	uint64_t step = regs->rflags & RFLAGS_DF ? -(uint64_t)s->size : s->size;
	uint64_t mask = size_mask(s->size), accumulator = regs->r[GPR_RAX] & mask;

	source &= mask;
	dest &= mask;
	*store = s->opcode == OP_STOS ? accumulator : source;
	switch (s->opcode) {
	case OP_LODS: accumulator_put(regs, source, s->size); break;
	case OP_CMPS: arith_subtract(regs, source, dest, false, s->size, ARITHMETIC_FLAGS); break;
	case OP_SCAS:
		arith_subtract(regs, accumulator, dest, false, s->size, ARITHMETIC_FLAGS);
		break;
	}
	if (s->reads_source)
		address_add(s, regs, GPR_RSI, step);
	if (s->reads_dest || s->writes_dest)
		address_add(s, regs, GPR_RDI, step);
	return string_is_over(s, regs);
}

bool insn_string_skip(const struct insn_string *s, uint64_t n, struct guest_regs *regs)
{
	uint64_t bytes = n * (regs->rflags & RFLAGS_DF ? -(uint64_t)s->size : s->size);

	if (s->reads_source)
		address_add(s, regs, GPR_RSI, bytes);
	address_add(s, regs, GPR_RDI, bytes);
	address_add(s, regs, GPR_RCX, -n);
	return !address_get(s, regs, GPR_RCX);
}
