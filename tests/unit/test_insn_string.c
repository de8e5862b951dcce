/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/insn_string.c: random cases of every string instruction, against this computer's CPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "unit.h"
#include "insn_string.h"
#include "run_insn.h"
#include "errno.h"

#define ARITHMETIC (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* Both operands lie in it; below 4 GiB, so that 32-bit addresses reach it. */
#define MEMORY_SIZE 2048
static uint8_t *memory;

static uint64_t random64(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static void memory_setup(void)
{
	if (!memory)
		memory = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		              MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	CHECK(memory != MAP_FAILED);
}

/* What the plan makes of the instruction, memory being bytes at the same addresses. */
static void execute(const struct insn *insn, struct guest_regs *regs, uint8_t *bytes)
{
	uint64_t base = (uintptr_t)memory, source, dest, store;
	struct insn_string s;
	bool over = false;

	CHECK_EQ(insn_string_plan(insn, &s), 0);
	CHECK(insn_string_left(&s, regs));
	for (unsigned n = 0; !over; n++) {
		uint64_t from = insn_string_source(&s, regs) - base;
		uint64_t to = insn_string_dest(&s, regs) - base;

		CHECK(n < 100);
		source = dest = 0;
		if (s.reads_source)
			memcpy(&source, bytes + from, s.size);
		if (s.reads_dest)
			memcpy(&dest, bytes + to, s.size);
		over = insn_string_step(&s, source, dest, regs, &store);
		if (s.writes_dest)
			memcpy(bytes + to, &store, s.size);
	}
}

/* The instruction alone. */
static unsigned encode(uint8_t opcode, uint8_t *code, bool *narrow_address, bool *repeats)
{
	unsigned n = 0;

	*narrow_address = rand() % 3 == 0;
	*repeats = rand() % 4;
	if (*narrow_address)
		code[n++] = 0x67;
	if (rand() % 3 == 0)
		code[n++] = 0x66;
	if (*repeats)
		code[n++] = rand() & 1 ? 0xf2 : 0xf3;
	if (rand() % 3 == 0)
		code[n++] = 0x48;
	code[n++] = opcode;
	return n;
}

static void one_case(uint8_t opcode)
{
	struct guest_regs regs = { .rflags = (rand() & ARITHMETIC) | RFLAGS_MBS }, cpu;
	uint8_t code[16], ours[MEMORY_SIZE];
	bool down = rand() & 1, narrow, repeats;
	uint64_t high, count = 1 + rand() % 40;
	struct insn insn;
	unsigned len;

	code[0] = down ? 0xfd : 0xfc; /* STD, CLD */
	len = encode(opcode, code + 1, &narrow, &repeats);
	code[len + 1] = 0xfc;
	CHECK_EQ(insn_decode(code + 1, len, INSN_64BIT, &insn), 0);
	CHECK_EQ(insn.len, len);
	for (unsigned i = 0; i < NR_GPRS; i++)
		regs.r[i] = random64();
	high = narrow ? random64() << 32 : 0;
	if (repeats)
		regs.r[GPR_RCX] = count | high;
	/* 40 elements of 8 bytes to either side; the operands may overlap */
	regs.r[GPR_RSI] = ((uintptr_t)memory + 512 + rand() % 1024) | high;
	regs.r[GPR_RDI] = ((uintptr_t)memory + 512 + rand() % 1024) | high;
	if (rand() & 1)
		regs.r[GPR_RAX] = rand() & 1 ? 0 : ~0ull;
	for (unsigned i = 0; i < MEMORY_SIZE; i++)
		memory[i] = rand() % 16 ? (uint8_t)(regs.r[GPR_RAX] & 0xff) : (uint8_t)rand();
	memcpy(ours, memory, sizeof(ours));
	cpu = regs;
	run_insn(code, len + 2, &cpu);
	regs.rflags |= down ? RFLAGS_DF : 0;
	execute(&insn, &regs, ours);
	cpu.r[GPR_RSP] = regs.r[GPR_RSP];
	CHECK(!memcmp(cpu.r, regs.r, sizeof(cpu.r)));
	CHECK(!memcmp(memory, ours, sizeof(ours)));
	CHECK_EQ(regs.rflags & ARITHMETIC, cpu.rflags & ARITHMETIC);
}

static void agrees_with_cpu(void)
{
	static const uint8_t opcodes[] = { 0xa4, 0xa5, 0xa6, 0xa7, 0xaa,
		                           0xab, 0xac, 0xad, 0xae, 0xaf };

	memory_setup();
	srand(5);
	for (size_t i = 0; i < ARRAY_LEN(opcodes); i++)
		for (int n = 0; n < 3000; n++)
			one_case(opcodes[i]);
}

static struct insn_string plan_of(const char *code, size_t n, enum insn_mode mode)
{
	struct insn_string s = { 0 };
	struct insn insn;

	CHECK_EQ(insn_decode((const uint8_t *)code, n, mode, &insn), 0);
	CHECK_EQ(insn_string_plan(&insn, &s), 0);
	return s;
}
#define PLAN(code, mode) plan_of(code, sizeof(code) - 1, mode)

/* 16-bit addresses wrap in their registers and leave the upper parts alone. */
static void narrow_addresses(void)
{
	struct insn_string s = PLAN("\xf3\x66\xa5", INSN_16BIT); /* rep movsd */
	struct guest_regs regs = {
		.r = { [GPR_RCX] = 0x70002, [GPR_RSI] = 0x1fffe, [GPR_RDI] = 0x20010 }
	};
	uint64_t store;

	CHECK_EQ(s.size, 4);
	CHECK_EQ(insn_string_left(&s, &regs), 2);
	CHECK_EQ(insn_string_source(&s, &regs), 0xfffe);
	CHECK_EQ(insn_string_dest(&s, &regs), 0x10);
	CHECK(!insn_string_step(&s, 0x12345678, 0, &regs, &store));
	CHECK_EQ(store, 0x12345678);
	CHECK_EQ(regs.r[GPR_RCX], 0x70001);
	CHECK_EQ(regs.r[GPR_RSI], 0x10002);
	CHECK_EQ(regs.r[GPR_RDI], 0x20014);
	CHECK(insn_string_step(&s, 0, 0, &regs, &store));
	CHECK_EQ(regs.r[GPR_RCX], 0x70000);
	CHECK_EQ(insn_string_left(&s, &regs), 0);
}

static void segments(void)
{
	CHECK_EQ(PLAN("\xa4", INSN_32BIT).segment, SEG_DS);
	CHECK_EQ(PLAN("\x2e\xa4", INSN_32BIT).segment, SEG_CS);
	CHECK_EQ(PLAN("\x65\xac", INSN_64BIT).segment, SEG_GS);
	CHECK_EQ(PLAN("\x2e\xa4", INSN_64BIT).segment, SEG_DS);
}

static void others_are_refused(void)
{
	static const struct {
		uint8_t code[4];
		uint8_t len;
	} others[] = {
		{ { 0xf0, 0xa4 }, 2 },                                    /* LOCK */
		{ { 0xa8, 0x01 }, 2 },                                    /* TEST AL */
		{ { 0xa9, 1, 0, 0 }, 4 }, { { 0x6c }, 1 },                /* INS */
		{ { 0x90 }, 1 },          { { 0x0f, 0xa4, 0x07, 1 }, 4 }, /* SHLD */
		{ { 0xa3, 0, 0, 0 }, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct insn_string s;
		struct insn insn;

		CHECK_EQ(insn_decode(others[i].code, others[i].len, INSN_16BIT, &insn), 0);
		CHECK_EQ(insn_string_plan(&insn, &s), -EOPNOTSUPP);
	}
}

/* Many elements at a stroke leave what so many steps leave. */
static void skips_as_it_steps(void)
{
	static const uint8_t addresses[] = { 2, 4, 8 };

	for (unsigned i = 0; i < 20000; i++) {
		struct insn_string s = { .opcode = i & 1 ? 0xa4 : 0xaa,
			                 .size = (uint8_t)(1u << rand() % 4),
			                 .addr_size = addresses[rand() % 3],
			                 .repeat = REPEAT_COUNT,
			                 .reads_source = i & 1,
			                 .writes_dest = true };
		struct guest_regs a = { .rflags = rand() & 1 ? RFLAGS_DF : 0 }, b;
		unsigned n = 1 + (unsigned)rand() % 100;
		uint64_t store;
		bool over = false;

		for (unsigned r = 0; r < ARRAY_LEN(a.r); r++)
			a.r[r] = random64();
		a.r[GPR_RCX] = align_down(a.r[GPR_RCX], 0x10000) | (n + (unsigned)rand() % 2);
		b = a;
		for (unsigned k = 0; k < n; k++)
			over = insn_string_step(&s, 0, 0, &a, &store);
		CHECK_EQ(insn_string_skip(&s, n, &b), over);
		CHECK(!memcmp(&a, &b, sizeof(a)));
	}
}

UNIT_MAIN(UNIT(skips_as_it_steps), UNIT(agrees_with_cpu), UNIT(narrow_addresses), UNIT(segments),
          UNIT(others_are_refused))
