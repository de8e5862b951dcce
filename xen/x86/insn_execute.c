/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions on device memory. Two tables name what each opcode does; planning and finishing both start from the
 * same small struct operation, so they cannot disagree about sizes and operands.
 */
#include "insn_execute.h"
#include "errno.h"
#include "insn_arith.h"

enum action {
	ACT_NONE,
	ACT_MOV,
	ACT_MOVZX,
	ACT_MOVSX,
	ACT_MOVBE,
	/* In the order of the opcode's bits 5:3, and of ModRM.reg in group 1. */
	ACT_ADD,
	ACT_OR,
	ACT_ADC,
	ACT_SBB,
	ACT_AND,
	ACT_SUB,
	ACT_XOR,
	ACT_CMP,
	ACT_TEST,
	ACT_NOT,
	ACT_NEG,
	ACT_INC,
	ACT_DEC,
	ACT_XCHG,
	ACT_CMPXCHG,
	ACT_XADD,
	ACT_BT,
	ACT_BTS,
	ACT_BTR,
	ACT_BTC,
	ACT_SETCC,
	ACT_CMOVCC,
	ACT_IMUL,
	/* In the order of enum arith_turn. */
	ACT_ROL,
	ACT_ROR,
	ACT_RCL,
	ACT_RCR,
	ACT_SHL,
	ACT_SHR,
	ACT_SAL,
	ACT_SAR,
	/* Which of them ModRM.reg decides. */
	ACT_GROUP_1,
	ACT_GROUP_2,
	ACT_GROUP_3,
	ACT_GROUP_4,
	ACT_GROUP_8,
	ACT_GROUP_11,
};

/* Where the memory operand stands, and what the other one is. */
enum operands {
	MEM_REG, /* memory is the destination */
	REG_MEM, /* memory is the source */
	MEM_IMM,
	MEM_ACC, /* memory is the destination, RAX the source */
	ACC_MEM,
	MEM_ONLY,
	MEM_ONE, /* by one place */
	MEM_CL,
};

struct opcode_row {
	uint8_t action;
	uint8_t operands;
	uint8_t mem_size; /* of the memory operand; 0: the operand size */
};

#define ALU_ROWS(first, act)                                             \
	[first] = { act, MEM_REG, 1 }, [(first) + 1] = { act, MEM_REG }, \
	[(first) + 2] = { act, REG_MEM, 1 }, [(first) + 3] = { act, REG_MEM }

static const struct opcode_row rows_one[256] = {
	ALU_ROWS(0x00, ACT_ADD),
	ALU_ROWS(0x08, ACT_OR),
	ALU_ROWS(0x10, ACT_ADC),
	ALU_ROWS(0x18, ACT_SBB),
	ALU_ROWS(0x20, ACT_AND),
	ALU_ROWS(0x28, ACT_SUB),
	ALU_ROWS(0x30, ACT_XOR),
	ALU_ROWS(0x38, ACT_CMP),
	[0x63] = { ACT_MOVSX, REG_MEM, 4 },
	[0x80] = { ACT_GROUP_1, MEM_IMM, 1 },
	[0x81] = { ACT_GROUP_1, MEM_IMM },
	[0x82] = { ACT_GROUP_1, MEM_IMM, 1 },
	[0x83] = { ACT_GROUP_1, MEM_IMM },
	[0x84] = { ACT_TEST, MEM_REG, 1 },
	[0x85] = { ACT_TEST, MEM_REG },
	[0x86] = { ACT_XCHG, MEM_REG, 1 },
	[0x87] = { ACT_XCHG, MEM_REG },
	[0x88] = { ACT_MOV, MEM_REG, 1 },
	[0x89] = { ACT_MOV, MEM_REG },
	[0x8a] = { ACT_MOV, REG_MEM, 1 },
	[0x8b] = { ACT_MOV, REG_MEM },
	[0xa0] = { ACT_MOV, ACC_MEM, 1 },
	[0xa1] = { ACT_MOV, ACC_MEM },
	[0xa2] = { ACT_MOV, MEM_ACC, 1 },
	[0xa3] = { ACT_MOV, MEM_ACC },
	[0xc0] = { ACT_GROUP_2, MEM_IMM, 1 },
	[0xc1] = { ACT_GROUP_2, MEM_IMM },
	[0xd0] = { ACT_GROUP_2, MEM_ONE, 1 },
	[0xd1] = { ACT_GROUP_2, MEM_ONE },
	[0xd2] = { ACT_GROUP_2, MEM_CL, 1 },
	[0xd3] = { ACT_GROUP_2, MEM_CL },
	[0xc6] = { ACT_GROUP_11, MEM_IMM, 1 },
	[0xc7] = { ACT_GROUP_11, MEM_IMM },
	[0xf6] = { ACT_GROUP_3, MEM_IMM, 1 },
	[0xf7] = { ACT_GROUP_3, MEM_IMM },
	[0xfe] = { ACT_GROUP_4, MEM_ONLY, 1 },
	[0xff] = { ACT_GROUP_4, MEM_ONLY },
};

static const struct opcode_row rows_0f[256] = {
	[0x40 ... 0x4f] = { ACT_CMOVCC, REG_MEM },
	[0x90 ... 0x9f] = { ACT_SETCC, MEM_ONLY, 1 },
	[0xaf] = { ACT_IMUL, REG_MEM },
	[0xa3] = { ACT_BT, MEM_REG },
	[0xab] = { ACT_BTS, MEM_REG },
	[0xb0] = { ACT_CMPXCHG, MEM_REG, 1 },
	[0xb1] = { ACT_CMPXCHG, MEM_REG },
	[0xb3] = { ACT_BTR, MEM_REG },
	[0xb6] = { ACT_MOVZX, REG_MEM, 1 },
	[0xb7] = { ACT_MOVZX, REG_MEM, 2 },
	[0xba] = { ACT_GROUP_8, MEM_IMM },
	[0xbb] = { ACT_BTC, MEM_REG },
	[0xbe] = { ACT_MOVSX, REG_MEM, 1 },
	[0xbf] = { ACT_MOVSX, REG_MEM, 2 },
	[0xc0] = { ACT_XADD, MEM_REG, 1 },
	[0xc1] = { ACT_XADD, MEM_REG },
	[0xc3] = { ACT_MOV, MEM_REG },
};

static const uint8_t group_actions[][8] = {
	[ACT_GROUP_1 - ACT_GROUP_1] = { ACT_ADD, ACT_OR, ACT_ADC, ACT_SBB, ACT_AND, ACT_SUB,
	                                ACT_XOR, ACT_CMP },
	[ACT_GROUP_2 - ACT_GROUP_1] = { ACT_ROL, ACT_ROR, ACT_RCL, ACT_RCR, ACT_SHL, ACT_SHR,
	                                ACT_SAL, ACT_SAR },
	[ACT_GROUP_3 - ACT_GROUP_1] = { ACT_TEST, ACT_TEST, ACT_NOT, ACT_NEG, 0, 0, 0, 0 },
	[ACT_GROUP_4 - ACT_GROUP_1] = { ACT_INC, ACT_DEC, 0, 0, 0, 0, 0, 0 },
	[ACT_GROUP_8 - ACT_GROUP_1] = { 0, 0, 0, 0, ACT_BT, ACT_BTS, ACT_BTR, ACT_BTC },
	[ACT_GROUP_11 - ACT_GROUP_1] = { ACT_MOV, 0, 0, 0, 0, 0, 0, 0 },
};

/* What an action does to its destination; those that are neither only look at it. */
#define WRITES   1 /* the destination gets a result */
#define NO_READ  2 /* its old value does not matter */
#define LOCKABLE 4
static const uint8_t action_flags[ACT_GROUP_1] = {
	[ACT_MOV] = WRITES | NO_READ,
	[ACT_MOVZX] = WRITES | NO_READ,
	[ACT_MOVBE] = WRITES | NO_READ,
	[ACT_MOVSX] = WRITES | NO_READ,
	[ACT_ADD] = WRITES | LOCKABLE,
	[ACT_OR] = WRITES | LOCKABLE,
	[ACT_ADC] = WRITES | LOCKABLE,
	[ACT_SBB] = WRITES | LOCKABLE,
	[ACT_AND] = WRITES | LOCKABLE,
	[ACT_SUB] = WRITES | LOCKABLE,
	[ACT_XOR] = WRITES | LOCKABLE,
	[ACT_NOT] = WRITES | LOCKABLE,
	[ACT_NEG] = WRITES | LOCKABLE,
	[ACT_INC] = WRITES | LOCKABLE,
	[ACT_DEC] = WRITES | LOCKABLE,
	[ACT_XCHG] = WRITES | LOCKABLE,
	[ACT_CMPXCHG] = WRITES | LOCKABLE,
	[ACT_XADD] = WRITES | LOCKABLE,
	[ACT_BTS] = WRITES | LOCKABLE,
	[ACT_BTR] = WRITES | LOCKABLE,
	[ACT_BTC] = WRITES | LOCKABLE,
	[ACT_SETCC] = WRITES | NO_READ,
	[ACT_CMOVCC] = WRITES,
	[ACT_IMUL] = WRITES,
	[ACT_ROL... ACT_SAR] = WRITES,
};

struct operation {
	enum action action;
	enum operands operands;
	uint8_t mem_size, reg_size;
};

/* MOVBE; with F2 the same opcodes are CRC32. */
static const struct opcode_row rows_0f38[2] = {
	{ ACT_MOVBE, REG_MEM },
	{ ACT_MOVBE, MEM_REG },
};

static const struct opcode_row *row_of(const struct insn *i)
{
	switch (i->map) {
	case MAP_ONE: return &rows_one[i->opcode];
	case MAP_0F: return &rows_0f[i->opcode];
	case MAP_0F38:
		if ((i->opcode & 0xfe) == 0xf0 && !i->repne && !i->rep)
			return &rows_0f38[i->opcode & 1];
		return NULL;
	default: return NULL;
	}
}

static int operation_of(const struct insn *i, struct operation *op)
{
	const struct opcode_row *row;

	if (!i->has_mem || i->vex)
		return -EOPNOTSUPP;
	row = row_of(i);
	if (!row)
		return -EOPNOTSUPP;
	op->action = row->action;
	op->operands = row->operands;
	op->mem_size = row->mem_size ? row->mem_size : i->op_size;
	if (op->action >= ACT_GROUP_1)
		op->action = group_actions[op->action - ACT_GROUP_1][i->modrm >> 3 & 7];
	if (op->action == ACT_NONE)
		return -EOPNOTSUPP;
	if (op->action == ACT_NOT || op->action == ACT_NEG)
		op->operands = MEM_ONLY;
	/* Outside 64-bit mode 63 is ARPL. REX.W tells; without it nobody writes MOVSXD. */
	if (i->map == MAP_ONE && i->opcode == 0x63 && !(i->rex & 8))
		return -EOPNOTSUPP;
	op->reg_size =
		op->action == ACT_MOVZX || op->action == ACT_MOVSX ? i->op_size : op->mem_size;
	return 0;
}

/* Without REX, byte registers 4 to 7 are AH, CH, DH and BH. */
static inline bool is_high_byte(const struct insn *i, unsigned reg, unsigned size)
{
	return size == 1 && !i->rex && reg >= 4;
}

static uint64_t register_get(const struct insn *i, const struct guest_regs *regs, unsigned reg,
                             unsigned size)
{
	if (is_high_byte(i, reg, size))
		return regs->r[reg - 4] >> 8 & 0xff;
	return regs->r[reg] & size_mask(size);
}

static void register_put(const struct insn *i, struct guest_regs *regs, unsigned reg, unsigned size,
                         uint64_t value)
{
	uint64_t mask = size_mask(size);
	unsigned shift = 0;

	if (is_high_byte(i, reg, size)) {
		reg -= 4;
		shift = 8;
	}
	if (size >= 4)
		regs->r[reg] = value & mask;
	else
		regs->r[reg] = (regs->r[reg] & ~(mask << shift)) | (value & mask) << shift;
}

/* The operand that is not in memory. */
static uint64_t other_operand(const struct insn *i, const struct operation *op,
                              const struct guest_regs *regs)
{
	switch (op->operands) {
	case MEM_REG:
	case REG_MEM: return register_get(i, regs, insn_reg(i), op->reg_size);
	case MEM_ACC:
	case ACC_MEM: return register_get(i, regs, GPR_RAX, op->reg_size);
	case MEM_IMM: return sign_extend(i->imm, i->imm_size) & size_mask(op->mem_size);
	case MEM_ONE: return 1;
	case MEM_CL: return regs->r[GPR_RCX] & 0xff;
	default: return op->action == ACT_SETCC && arith_condition(regs->rflags, i->opcode);
	}
}

static inline uint64_t byte_swap(uint64_t v, unsigned size)
{
	return __builtin_bswap64(v) >> (64 - 8 * size);
}

int insn_mmio_plan(const struct insn *i, const struct guest_regs *regs, struct insn_mmio *out)
{
	struct operation op;
	int rc = operation_of(i, &op);
	bool to_register, bit_op;
	uint8_t flags;

	if (rc)
		return rc;
	flags = action_flags[op.action];
	to_register = op.operands == REG_MEM || op.operands == ACC_MEM;
	bit_op = op.action >= ACT_BT && op.action <= ACT_BTC;
	*out = (struct insn_mmio){
		.size = op.mem_size,
		.read = to_register || !(flags & NO_READ),
		.write = !to_register && (flags & WRITES),
		.locked = i->lock || op.action == ACT_XCHG,
	};
	if (i->lock && (to_register || !(flags & LOCKABLE)))
		return -EOPNOTSUPP;
	if (out->write && !out->read)
		out->value = other_operand(i, &op, regs);
	if (op.action == ACT_MOVBE)
		out->value = byte_swap(out->value, op.mem_size);
	/* A bit number in a register is signed and reaches beyond the operand. */
	if (bit_op && op.operands == MEM_REG) {
		int64_t number = (int64_t)sign_extend(regs->r[insn_reg(i)], op.mem_size);

		out->offset = (number >> (op.mem_size == 2   ? 4
		                          : op.mem_size == 4 ? 5
		                                             : 6)) *
		              op.mem_size;
	}
	return 0;
}

uint64_t insn_mmio_offset(const struct insn *i, const struct insn_mmio *plan,
                          const struct guest_regs *regs)
{
	return (insn_mem_offset(i, regs) + (uint64_t)plan->offset) & size_mask(i->addr_size);
}

/* BT and its like change CF alone; the others are undefined, and stay. */
static uint64_t bit_operation(enum action action, struct guest_regs *regs, uint64_t a,
                              uint64_t number, unsigned size)
{
	uint64_t bit = 1ull << (number & (8 * size - 1));

	arith_flags_set(regs, RFLAGS_CF, a & bit ? RFLAGS_CF : 0);
	switch (action) {
	case ACT_BTS: return a | bit;
	case ACT_BTR: return a & ~bit;
	case ACT_BTC: return a ^ bit;
	default: return a;
	}
}

/* The result of an action on destination a and source b, with the flags. */
static uint64_t compute(enum action action, struct guest_regs *regs, uint64_t a, uint64_t b,
                        unsigned size)
{
	bool carry = regs->rflags & RFLAGS_CF;

	switch (action) {
	case ACT_MOV:
	case ACT_MOVZX:
	case ACT_MOVSX:
	case ACT_XCHG: return b;
	case ACT_MOVBE: return byte_swap(b, size);
	case ACT_XADD:
	case ACT_ADD: return arith_add(regs, a, b, false, size, ARITHMETIC_FLAGS);
	case ACT_ADC: return arith_add(regs, a, b, carry, size, ARITHMETIC_FLAGS);
	case ACT_SUB:
	case ACT_CMP: return arith_subtract(regs, a, b, false, size, ARITHMETIC_FLAGS);
	case ACT_SBB: return arith_subtract(regs, a, b, carry, size, ARITHMETIC_FLAGS);
	case ACT_OR: return arith_logic(regs, a | b, size);
	case ACT_XOR: return arith_logic(regs, a ^ b, size);
	case ACT_AND:
	case ACT_TEST: return arith_logic(regs, a & b, size);
	case ACT_NOT: return ~a & size_mask(size);
	case ACT_NEG: return arith_subtract(regs, 0, a, false, size, ARITHMETIC_FLAGS);
	case ACT_INC: return arith_add(regs, a, 1, false, size, ARITHMETIC_FLAGS & ~RFLAGS_CF);
	case ACT_DEC: return arith_subtract(regs, a, 1, false, size, ARITHMETIC_FLAGS & ~RFLAGS_CF);
	case ACT_IMUL: return arith_multiply(regs, a, b, size);
	case ACT_ROL ... ACT_SAR:
		return arith_turn(regs, (enum arith_turn)(action - ACT_ROL), a, (unsigned)b, size);
	default: return bit_operation(action, regs, a, b, size);
	}
}

/* Returns what memory gets: the source when it was equal to the accumulator, else what it held. */
static uint64_t compare_exchange(const struct insn *i, struct guest_regs *regs, uint64_t loaded,
                                 uint64_t source, unsigned size)
{
	uint64_t accumulator = register_get(i, regs, GPR_RAX, size);

	arith_subtract(regs, accumulator, loaded, false, size, ARITHMETIC_FLAGS);
	if (accumulator == loaded)
		return source;
	register_put(i, regs, GPR_RAX, size, loaded);
	return loaded;
}

void insn_mmio_finish(const struct insn *i, const struct insn_mmio *plan, uint64_t loaded,
                      struct guest_regs *regs, uint64_t *store, bool *do_store)
{
	struct operation op;
	uint64_t other, result;
	bool writes;

	*store = 0;
	*do_store = false;
	if (!plan->read || operation_of(i, &op))
		return;
	loaded &= size_mask(op.mem_size);
	other = other_operand(i, &op, regs);
	writes = action_flags[op.action] & WRITES;
	if (op.operands == REG_MEM || op.operands == ACC_MEM) {
		unsigned reg = op.operands == REG_MEM ? insn_reg(i) : GPR_RAX;

		if (op.action == ACT_MOVSX)
			loaded = sign_extend(loaded, op.mem_size);
		if (op.action == ACT_CMOVCC)
			result = arith_condition(regs->rflags, i->opcode) ? loaded : other;
		else
			result = compute(op.action, regs, other, loaded, op.reg_size);
		if (writes)
			register_put(i, regs, reg, op.reg_size, result);
		return;
	}
	if (op.action == ACT_CMPXCHG)
		result = compare_exchange(i, regs, loaded, other, op.mem_size);
	else
		result = compute(op.action, regs, loaded, other, op.mem_size);
	if (op.action == ACT_XCHG || op.action == ACT_XADD)
		register_put(i, regs, insn_reg(i), op.mem_size, loaded);
	*store = result;
	*do_store = writes;
}

bool insn_move_plan(const struct insn *i, struct insn_move *out)
{
	unsigned form = i->opcode & 0xfc;

	if (!i->has_mem || i->lock || i->vex)
		return false;
	if (i->map == MAP_0F && (i->opcode & 0xfe) == 0xb6) { /* MOVZX */
		*out = (struct insn_move){ .size = i->opcode & 1 ? 2 : 1,
			                   .is_wider = true,
			                   .reg = insn_reg(i) };
		return true;
	}
	if (i->map != MAP_ONE)
		return false;
	out->is_wider = false;
	out->size = i->opcode & 1 ? i->op_size : 1;
	out->is_constant = false;
	if (form == 0x88) { /* 88 to 8b */
		out->is_store = !(i->opcode & 2);
		out->reg = insn_reg(i);
		return true;
	}
	if (form == 0xa0) { /* a0 to a3: the accumulator, at an address in the instruction */
		out->is_store = i->opcode & 2;
		out->reg = GPR_RAX;
		return true;
	}
	out->is_store = out->is_constant = true;
	return (i->opcode & 0xfe) == 0xc6 && !(i->modrm & 0x38);
}

uint64_t insn_move_value(const struct insn *i, const struct insn_move *m,
                         const struct guest_regs *regs)
{
	if (m->is_constant)
		return sign_extend(i->imm, i->imm_size) & size_mask(m->size);
	return register_get(i, regs, m->reg, m->size);
}

void insn_move_finish(const struct insn *i, const struct insn_move *m, uint64_t loaded,
                      struct guest_regs *regs)
{
	/* the upper part of what a wider register gets is zero */
	register_put(i, regs, m->reg, m->is_wider ? i->op_size : m->size,
	             loaded & size_mask(m->size));
}
