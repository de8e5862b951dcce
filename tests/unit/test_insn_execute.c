/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/insn_execute.c: random cases of every form, against this computer's CPU. */
#include <stdlib.h>
#include <string.h>
#include "unit.h"
#include "insn_arith.h"
#include "insn_execute.h"
#include "run_insn.h"
#include "errno.h"

#define ARITHMETIC (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)
#define NO_AF      (ARITHMETIC & ~RFLAGS_AF)
#define NO_OF      (ARITHMETIC & ~RFLAGS_OF)
#define BIT_FLAGS  (RFLAGS_CF | RFLAGS_ZF)

/* clang-format off */
/* One encoding: opcode, the ModRM.reg it needs (-1: any), immediate bytes (9: as the operand, at most 4), defined flags. */
static const struct form {
	uint16_t opcode; /* 0x100 and up: behind 0F; 0x200 and up: behind 0F 38 */
	int8_t reg;
	uint8_t imm;
	bool lockable, narrow_only; /* no 66 prefix */
	uint64_t flags;
} forms[] = {
#define ALU_FORMS(first, lock, flags)                                                              \
	{ (first), -1, 0, lock, false, flags }, { (first) + 1, -1, 0, lock, false, flags },        \
	{ (first) + 2, -1, 0, false, false, flags }, { (first) + 3, -1, 0, false, false, flags }
#define IMM_FORMS(opcode, imm)                                                                     \
	{ opcode, 0, imm, true, false, ARITHMETIC }, { opcode, 1, imm, true, false, NO_AF },       \
	{ opcode, 2, imm, true, false, ARITHMETIC }, { opcode, 3, imm, true, false, ARITHMETIC },  \
	{ opcode, 4, imm, true, false, NO_AF }, { opcode, 5, imm, true, false, ARITHMETIC },       \
	{ opcode, 6, imm, true, false, NO_AF }, { opcode, 7, imm, false, false, ARITHMETIC }
/* Rotations change CF and leave the others; OF has a meaning after one place only. */
#define CARRY NO_OF
#define SHIFT (NO_OF & ~RFLAGS_AF)
#define TURN_FORMS(opcode, imm, turned, shifted)                                                   \
	{ opcode, 0, imm, false, false, turned }, { opcode, 1, imm, false, false, turned },        \
	{ opcode, 2, imm, false, false, turned }, { opcode, 3, imm, false, false, turned },        \
	{ opcode, 4, imm, false, false, shifted }, { opcode, 5, imm, false, false, shifted },      \
	{ opcode, 6, imm, false, false, shifted }, { opcode, 7, imm, false, false, shifted }
#define CONDITION_FORM(opcode) { opcode, -1, 0, false, false, ARITHMETIC }
#define CONDITION_FORMS(first)                                                                     \
	CONDITION_FORM(first), CONDITION_FORM((first) + 1), CONDITION_FORM((first) + 2),           \
	CONDITION_FORM((first) + 3), CONDITION_FORM((first) + 4), CONDITION_FORM((first) + 5),     \
	CONDITION_FORM((first) + 6), CONDITION_FORM((first) + 7)
	ALU_FORMS(0x00, true, ARITHMETIC),
	ALU_FORMS(0x08, true, NO_AF),
	ALU_FORMS(0x10, true, ARITHMETIC),
	ALU_FORMS(0x18, true, ARITHMETIC),
	ALU_FORMS(0x20, true, NO_AF),
	ALU_FORMS(0x28, true, ARITHMETIC),
	ALU_FORMS(0x30, true, NO_AF),
	ALU_FORMS(0x38, false, ARITHMETIC),
	IMM_FORMS(0x80, 1),
	IMM_FORMS(0x81, 9),
	IMM_FORMS(0x83, 1),
	{ .opcode = 0x84, .reg = -1, .flags = NO_AF },
	{ .opcode = 0x85, .reg = -1, .flags = NO_AF },
	{ .opcode = 0x86, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x87, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x88, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x89, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x8a, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x8b, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0xc6, .reg = 0, .imm = 1, .flags = ARITHMETIC },
	{ .opcode = 0xc7, .reg = 0, .imm = 9, .flags = ARITHMETIC },
	{ .opcode = 0xf6, .reg = 0, .imm = 1, .flags = NO_AF },
	{ .opcode = 0xf6, .reg = 2, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xf6, .reg = 3, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xf7, .reg = 0, .imm = 9, .flags = NO_AF },
	{ .opcode = 0xf7, .reg = 1, .imm = 9, .flags = NO_AF },
	{ .opcode = 0xf7, .reg = 2, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xf7, .reg = 3, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xfe, .reg = 0, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xfe, .reg = 1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xff, .reg = 0, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0xff, .reg = 1, .lockable = true, .flags = ARITHMETIC },
	TURN_FORMS(0xc0, 1, CARRY, SHIFT),
	TURN_FORMS(0xc1, 1, CARRY, SHIFT),
	TURN_FORMS(0xd0, 0, CARRY | RFLAGS_OF, SHIFT | RFLAGS_OF),
	TURN_FORMS(0xd1, 0, CARRY | RFLAGS_OF, SHIFT | RFLAGS_OF),
	TURN_FORMS(0xd2, 0, CARRY, SHIFT),
	TURN_FORMS(0xd3, 0, CARRY, SHIFT),
	CONDITION_FORMS(0x140),
	CONDITION_FORMS(0x148),
	CONDITION_FORMS(0x190),
	CONDITION_FORMS(0x198),
	{ .opcode = 0x1af, .reg = -1, .flags = RFLAGS_CF | RFLAGS_OF },
	{ .opcode = 0x1a3, .reg = -1, .flags = BIT_FLAGS },
	{ .opcode = 0x1ab, .reg = -1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1b3, .reg = -1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1bb, .reg = -1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1ba, .reg = 4, .imm = 1, .flags = BIT_FLAGS },
	{ .opcode = 0x1ba, .reg = 5, .imm = 1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1ba, .reg = 6, .imm = 1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1ba, .reg = 7, .imm = 1, .lockable = true, .flags = BIT_FLAGS },
	{ .opcode = 0x1b0, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x1b1, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x1c0, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x1c1, .reg = -1, .lockable = true, .flags = ARITHMETIC },
	{ .opcode = 0x1b6, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x1b7, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x1be, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x1bf, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x1c3, .reg = -1, .narrow_only = true, .flags = ARITHMETIC },
	{ .opcode = 0x2f0, .reg = -1, .flags = ARITHMETIC },
	{ .opcode = 0x2f1, .reg = -1, .flags = ARITHMETIC },
};
/* clang-format on */

/* The device: bit operations reach 64 bytes to each side of its middle. */
static uint8_t device[256] __attribute__((aligned(16)));
#define MIDDLE 128

static uint64_t random64(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

/* Values where carries and signs turn over are as frequent as others. */
static uint64_t random_value(void)
{
	static const uint64_t edges[] = { 0,
		                          1,
		                          0x7f,
		                          0x80,
		                          0xff,
		                          0x7fff,
		                          0x8000,
		                          0xffff,
		                          0x7fffffff,
		                          0x80000000,
		                          0xffffffff,
		                          0x7fffffffffffffff,
		                          0x8000000000000000,
		                          ~0ull };

	return rand() & 1 ? edges[rand() % ARRAY_LEN(edges)] : random64();
}

static bool is_bit_form(const struct form *f)
{
	return f->opcode == 0x1a3 || f->opcode == 0x1ab || f->opcode == 0x1b3 || f->opcode == 0x1bb;
}

/* Memory operand: [RDI], RDI at the device's middle. Returns the length. */
static unsigned encode(const struct form *f, uint8_t *code)
{
	bool wide = false, narrow = !f->narrow_only && rand() % 4 == 0;
	unsigned n = 0, reg, imm = f->imm;

	if (f->lockable && rand() & 1)
		code[n++] = 0xf0;
	if (narrow)
		code[n++] = 0x66;
	if (rand() & 1) {
		wide = rand() & 1;
		code[n++] = 0x40 | wide << 3 | (rand() & 1) << 2;
	}
	if (f->opcode & 0x300)
		code[n++] = 0x0f;
	if (f->opcode & 0x200)
		code[n++] = 0x38;
	code[n++] = f->opcode & 0xff;
	reg = f->reg >= 0 ? (unsigned)f->reg : (unsigned)rand() & 7;
	code[n++] = (uint8_t)(reg << 3 | 7);
	if (imm == 9)
		imm = narrow && !wide ? 2 : 4;
	while (imm--)
		code[n++] = rand() & 1 ? (uint8_t)rand() : (uint8_t)(rand() & 1 ? 0xff : 0x80);
	return n;
}

/* What the executor makes of the instruction, the device being bytes. */
static void execute(const struct insn *insn, struct guest_regs *regs, uint8_t *bytes)
{
	uint8_t *at = bytes + MIDDLE;
	struct insn_mmio plan;
	uint64_t loaded = 0, store;
	bool do_store;

	CHECK_EQ(insn_mmio_plan(insn, regs, &plan), 0);
	at += plan.offset;
	if (plan.read) {
		memcpy(&loaded, at, plan.size);
		insn_mmio_finish(insn, &plan, loaded, regs, &store, &do_store);
		CHECK_EQ(do_store, plan.write);
		if (do_store)
			memcpy(at, &store, plan.size);
	} else {
		CHECK(plan.write);
		memcpy(at, &plan.value, plan.size);
		insn_mmio_finish(insn, &plan, 0, regs, &store, &do_store);
		CHECK(!do_store);
	}
}

/* CF is not defined behind a shift of bytes or words by more than all their bits. */
static bool is_far_shift(const struct form *f, const struct insn *i, const struct guest_regs *regs)
{
	unsigned size = f->opcode & 1 ? i->op_size : 1;
	unsigned count = f->imm ? (unsigned)i->imm : (unsigned)regs->r[GPR_RCX];

	if ((f->opcode & ~1) != 0xc0 && (f->opcode & ~1) != 0xd2)
		return false;
	return f->reg >= 4 && size < 4 && (count & 31) > 8 * size;
}

static void one_case(const struct form *f)
{
	struct guest_regs regs = { .rflags = (rand() & ARITHMETIC) | RFLAGS_AC | RFLAGS_MBS }, cpu;
	uint8_t code[16], ours[sizeof(device)];
	struct insn insn;
	unsigned len = encode(f, code);
	uint64_t mem = random_value(), defined = f->flags;

	CHECK_EQ(insn_decode(code, len, INSN_64BIT, &insn), 0);
	CHECK_EQ(insn.len, len);
	/* RSP cannot be a random number while real code runs. */
	if (f->reg < 0 && insn_reg(&insn) == GPR_RSP &&
	    (insn.rex || f->opcode & 1 || f->opcode > 0x1b1 || (f->opcode & ~15) == 0x140))
		return;
	for (unsigned i = 0; i < NR_GPRS; i++)
		regs.r[i] = random_value();
	for (unsigned i = 0; i < sizeof(device); i++)
		device[i] = (uint8_t)rand();
	if (rand() & 1)
		memcpy(device + MIDDLE, &mem, 8);
	if (rand() % 3 == 0) /* CMPXCHG that succeeds */
		memcpy(device + MIDDLE, &regs.r[GPR_RAX], 8);
	regs.r[GPR_RDI] = (uintptr_t)(device + MIDDLE);
	if (is_bit_form(f)) {
		uint64_t number = (uint64_t)(int64_t)(rand() % 1024 - 512);

		/* Above the operand size the register may hold anything. */
		if (insn_reg(&insn) == GPR_RDI)
			return;
		regs.r[insn_reg(&insn)] =
			insn.op_size == 2   ? (number & 0xffff) | (random64() & ~0xffffull)
			: insn.op_size == 4 ? (number & 0xffffffff) | random64() << 32
					    : number;
	}
	if (is_far_shift(f, &insn, &regs))
		defined &= ~RFLAGS_CF;
	memcpy(ours, device, sizeof(device));
	cpu = regs;
	run_insn(code, len, &cpu);
	execute(&insn, &regs, ours);
	cpu.r[GPR_RSP] = regs.r[GPR_RSP];
	if (memcmp(cpu.r, regs.r, sizeof(cpu.r)) || memcmp(device, ours, sizeof(device)) ||
	    ((cpu.rflags ^ regs.rflags) & defined)) {
		printf("opcode %#x /%d, code", f->opcode, f->reg);
		for (unsigned i = 0; i < len; i++)
			printf(" %02x", code[i]);
		printf(": flags %#llx, expected %#llx\n", (unsigned long long)regs.rflags,
		       (unsigned long long)cpu.rflags);
	}
	CHECK_EQ(regs.rflags & defined, cpu.rflags & defined);
	CHECK_EQ(regs.rflags & ~ARITHMETIC, cpu.rflags & ~ARITHMETIC);
	CHECK(!memcmp(cpu.r, regs.r, sizeof(cpu.r)));
	CHECK(!memcmp(device, ours, sizeof(device)));
}

static void agrees_with_cpu(void)
{
	srand(4);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		for (int n = 0; n < 2000; n++)
			one_case(&forms[i]);
}

static int plan_of(const char *code, size_t n, enum insn_mode mode, struct insn_mmio *plan)
{
	struct guest_regs regs = { .r = { [GPR_RAX] = 0x1122334455667788 } };
	struct insn insn;

	CHECK_EQ(insn_decode((const uint8_t *)code, n, mode, &insn), 0);
	return insn_mmio_plan(&insn, &regs, plan);
}
#define PLAN(code, mode, plan) plan_of(code, sizeof(code) - 1, mode, plan)

static void offsets_in_the_instruction(void)
{
	struct insn_mmio plan;

	CHECK_EQ(PLAN("\xa1\x00\x00\xe0\xfe", INSN_32BIT, &plan), 0);
	CHECK(plan.read && !plan.write);
	CHECK_EQ(plan.size, 4);
	CHECK_EQ(PLAN("\xa2\x00\x00\xe0\xfe", INSN_32BIT, &plan), 0);
	CHECK(!plan.read && plan.write);
	CHECK_EQ(plan.size, 1);
	CHECK_EQ(plan.value, 0x88);
	CHECK_EQ(PLAN("\x66\xa3\x00\x00\xe0\xfe", INSN_32BIT, &plan), 0);
	CHECK_EQ(plan.value, 0x7788);
}

static void accumulator_load(void)
{
	static const uint8_t code[] = { 0x48, 0xa1, 0, 0, 0xe0, 0xfe, 0, 0, 0, 0 };
	struct guest_regs regs = { .r = { [GPR_RAX] = 5 } };
	struct insn_mmio plan;
	struct insn insn;
	uint64_t store;
	bool do_store;

	CHECK_EQ(insn_decode(code, sizeof(code), INSN_64BIT, &insn), 0);
	CHECK_EQ(insn_mmio_plan(&insn, &regs, &plan), 0);
	CHECK_EQ(plan.size, 8);
	insn_mmio_finish(&insn, &plan, 0x1234567890, &regs, &store, &do_store);
	CHECK_EQ(regs.r[GPR_RAX], 0x1234567890);
	CHECK(!do_store);
}

/* The bit's offset is cut to the address size, as the operand's own is. */
static void bit_offsets_wrap(void)
{
	static const uint8_t code[] = { 0x0f, 0xab, 0x07 }; /* bts [edi], eax */
	struct guest_regs regs = { .r = { [GPR_RAX] = 0xffffffff, [GPR_RDI] = 2 } };
	struct insn_mmio plan;
	struct insn insn;

	CHECK_EQ(insn_decode(code, sizeof(code), INSN_32BIT, &insn), 0);
	CHECK_EQ(insn_mmio_plan(&insn, &regs, &plan), 0);
	CHECK_EQ(insn_mmio_offset(&insn, &plan, &regs), 0xfffffffe);
	regs.r[GPR_RAX] = 70;
	CHECK_EQ(insn_mmio_plan(&insn, &regs, &plan), 0);
	CHECK_EQ(insn_mmio_offset(&insn, &plan, &regs), 10);
}

static void locks(void)
{
	struct insn_mmio plan;

	CHECK_EQ(PLAN("\xf0\x01\x07", INSN_64BIT, &plan), 0);
	CHECK(plan.locked && plan.read && plan.write);
	CHECK_EQ(PLAN("\x01\x07", INSN_64BIT, &plan), 0);
	CHECK(!plan.locked);
	CHECK_EQ(PLAN("\x87\x07", INSN_64BIT, &plan), 0);
	CHECK(plan.locked);
}

static void refusals(void)
{
	struct insn_mmio plan;

#define REFUSED(code, mode) CHECK_EQ(PLAN(code, mode, &plan), -EOPNOTSUPP)
	REFUSED("\x01\xc0", INSN_64BIT);     /* registers only */
	REFUSED("\xa4", INSN_64BIT);         /* MOVSB */
	REFUSED("\xff\x37", INSN_64BIT);     /* PUSH */
	REFUSED("\xff\x17", INSN_64BIT);     /* CALL */
	REFUSED("\xf7\x27", INSN_64BIT);     /* MUL */
	REFUSED("\xd9\x07", INSN_64BIT);     /* FLD */
	REFUSED("\x0f\x6f\x07", INSN_64BIT); /* MOVQ */
	REFUSED("\xc5\xf8\x10\x07", INSN_64BIT);
	REFUSED("\xf2\x0f\x38\xf0\x07", INSN_64BIT); /* CRC32 */
	REFUSED("\x0f\x38\x00\x07", INSN_64BIT);
	REFUSED("\x0f\xba\x07\x01", INSN_64BIT);
	REFUSED("\x63\x07", INSN_32BIT); /* ARPL */
	REFUSED("\xc7\x0f\x00\x00\x00\x00", INSN_64BIT);
	REFUSED("\xf0\x88\x07", INSN_64BIT); /* LOCK where it is not allowed */
	REFUSED("\xf0\x03\x07", INSN_64BIT);
	REFUSED("\xf0\x39\x07", INSN_64BIT);
	REFUSED("\xf0\x0f\xa3\x07", INSN_64BIT);
	CHECK_EQ(PLAN("\x48\x63\x07", INSN_64BIT, &plan), 0);
	CHECK_EQ(plan.size, 4);
}

/* The quick way of MOV and MOVZX is the other one's, for whatever decodes. */
static void move_agrees(void)
{
	static const uint8_t prefixes[] = { 0x66, 0x67, 0x64, 0x40, 0x44, 0x48, 0x4d, 0xf0, 0xf3 };
	static const uint8_t opcodes[] = { 0x88, 0x89, 0x8a, 0x8b, 0xa0, 0xa1, 0xa2,
		                           0xa3, 0xc6, 0xc7, 0x00, 0x8c, 0x86, 0x63 };
	unsigned moves = 0;

	srand(5);
	for (unsigned n = 0; n < 300000; n++) {
		uint8_t bytes[INSN_MAX_LEN], at = 0;
		struct guest_regs a, b;
		struct insn_mmio plan;
		struct insn_move move;
		struct insn i;
		uint64_t loaded = (uint64_t)rand() << 33 ^ (uint64_t)rand(), store;
		bool do_store;

		for (unsigned k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)(rand() >> 8);
		for (unsigned k = (unsigned)rand() % 3; k; k--)
			bytes[at++] = prefixes[(unsigned)rand() % sizeof(prefixes)];
		if (rand() % 4)
			bytes[at] = opcodes[(unsigned)rand() % sizeof(opcodes)];
		else
			bytes[at] = 0x0f, bytes[at + 1] = (uint8_t)(0xb6 + (rand() & 1));
		if (insn_decode(bytes, sizeof(bytes), (enum insn_mode)(rand() % 3), &i) ||
		    !insn_move_plan(&i, &move))
			continue;
		moves++;
		for (unsigned r = 0; r < ARRAY_LEN(a.r); r++)
			a.r[r] = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();
		a.rflags = b.rflags = 0;
		a.rip = 0;
		b = a;
		CHECK_EQ(insn_mmio_plan(&i, &a, &plan), 0);
		CHECK(plan.size == move.size && plan.write == move.is_store &&
		      plan.read == !move.is_store && !plan.offset);
		if (move.is_store) {
			CHECK_EQ(plan.value & size_mask(plan.size), insn_move_value(&i, &move, &b));
			continue;
		}
		loaded &= size_mask(plan.size);
		insn_mmio_finish(&i, &plan, loaded, &a, &store, &do_store);
		insn_move_finish(&i, &move, loaded, &b);
		CHECK(!memcmp(&a, &b, sizeof(a)));
	}
	CHECK(moves > 50000);
}

UNIT_MAIN(UNIT(move_agrees), UNIT(agrees_with_cpu), UNIT(offsets_in_the_instruction),
          UNIT(accumulator_load), UNIT(bit_offsets_wrap), UNIT(locks), UNIT(refusals))
