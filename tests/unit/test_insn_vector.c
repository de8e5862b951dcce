/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/insn_vector.c: every SSE move that it serves, against this computer's CPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "unit.h"
#include "insn_vector.h"
#include "run_insn.h"
#include "errno.h"

/* clang-format off */
static const struct form {
	uint8_t prefix; /* 0, 0x66, 0xf3, 0xf2 */
	uint8_t map38, opcode;
} forms[] = {
	{ 0, 0, 0x10 }, { 0x66, 0, 0x10 }, { 0xf3, 0, 0x10 }, { 0xf2, 0, 0x10 },
	{ 0, 0, 0x11 }, { 0x66, 0, 0x11 }, { 0xf3, 0, 0x11 }, { 0xf2, 0, 0x11 },
	{ 0, 0, 0x12 }, { 0x66, 0, 0x12 }, { 0, 0, 0x13 }, { 0x66, 0, 0x13 },
	{ 0, 0, 0x16 }, { 0x66, 0, 0x16 }, { 0, 0, 0x17 }, { 0x66, 0, 0x17 },
	{ 0, 0, 0x28 }, { 0x66, 0, 0x28 }, { 0, 0, 0x29 }, { 0x66, 0, 0x29 },
	{ 0, 0, 0x2b }, { 0x66, 0, 0x2b }, { 0x66, 0, 0x6e }, { 0x66, 0, 0x7e },
	{ 0x66, 0, 0x6f }, { 0xf3, 0, 0x6f }, { 0x66, 0, 0x7f }, { 0xf3, 0, 0x7f },
	{ 0xf3, 0, 0x7e }, { 0x66, 0, 0xd6 }, { 0x66, 0, 0xe7 }, { 0xf2, 0, 0xf0 },
	{ 0x66, 1, 0x2a },
};
/* clang-format on */

static uint8_t device[64] __attribute__((aligned(16)));
static uint8_t reg_before[16], reg_after[16];
#define MIDDLE 16

/* op xmm, [base]: RDI, RSI or RDX by modrm.rm */
static unsigned encode(uint8_t *code, const struct form *f, unsigned xmm, unsigned rm, bool wide)
{
	unsigned n = 0;

	if (f->prefix)
		code[n++] = f->prefix;
	if (wide || xmm > 7)
		code[n++] = (uint8_t)(0x40 | wide << 3 | (xmm > 7) << 2);
	code[n++] = 0x0f;
	if (f->map38)
		code[n++] = 0x38;
	code[n++] = f->opcode;
	code[n++] = (uint8_t)((xmm & 7) << 3 | rm);
	return n;
}

static void one_case(const struct form *f)
{
	static const struct form load = { 0xf3, 0, 0x6f }, store = { 0xf3, 0, 0x7f };
	struct guest_regs regs = { .rflags = RFLAGS_MBS };
	unsigned xmm = rand() % 16, n, len;
	uint8_t code[64], ours[sizeof(device)], ours_reg[16];
	struct insn_vector p;
	struct insn insn;

	for (size_t i = 0; i < sizeof(device); i++)
		device[i] = (uint8_t)rand();
	for (size_t i = 0; i < sizeof(reg_before); i++)
		reg_before[i] = (uint8_t)rand();
	memcpy(ours, device, sizeof(ours));
	memcpy(ours_reg, reg_before, sizeof(ours_reg));
	n = encode(code, &load, xmm, 6, false);
	len = encode(code + n, f, xmm, 7, rand() & 1);
	CHECK_EQ(insn_decode(code + n, len, INSN_64BIT, &insn), 0);
	CHECK_EQ(insn.len, len);
	n += len;
	n += encode(code + n, &store, xmm, 2, false);
	regs.r[GPR_RSI] = (uintptr_t)reg_before;
	regs.r[GPR_RDI] = (uintptr_t)(device + MIDDLE);
	regs.r[GPR_RDX] = (uintptr_t)reg_after;
	run_insn(code, n, &regs);

	CHECK_EQ(insn_vector_plan(&insn, &p), 0);
	CHECK_EQ(p.xmm, xmm);
	if (p.write)
		memcpy(ours + MIDDLE, ours_reg + p.at, p.size);
	else
		insn_vector_load(&p, ours + MIDDLE, ours_reg);
	CHECK(!memcmp(ours, device, sizeof(ours)));
	CHECK(!memcmp(ours_reg, reg_after, sizeof(ours_reg)));
}

static void agrees_with_cpu(void)
{
	srand(6);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		for (int n = 0; n < 200; n++)
			one_case(&forms[i]);
}

static int plan(const char *code, size_t n, struct insn_vector *p)
{
	struct insn insn;

	CHECK_EQ(insn_decode((const uint8_t *)code, n, INSN_64BIT, &insn), 0);
	return insn_vector_plan(&insn, p);
}
#define PLAN(code, p) plan(code, sizeof(code) - 1, p)

static void alignment(void)
{
	struct insn_vector p;

	CHECK_EQ(PLAN("\x0f\x28\x07", &p), 0);
	CHECK(p.aligned);
	CHECK_EQ(PLAN("\x66\x0f\x7f\x07", &p), 0);
	CHECK(p.aligned);
	CHECK_EQ(PLAN("\x0f\x10\x07", &p), 0);
	CHECK(!p.aligned);
	CHECK_EQ(PLAN("\xf3\x0f\x6f\x07", &p), 0);
	CHECK(!p.aligned);
}

static void refusals(void)
{
	struct insn_vector p;

	CHECK_EQ(PLAN("\x0f\x10\xc1", &p), -EOPNOTSUPP);     /* registers */
	CHECK_EQ(PLAN("\x0f\x6f\x07", &p), -EOPNOTSUPP);     /* MMX */
	CHECK_EQ(PLAN("\x0f\x58\x07", &p), -EOPNOTSUPP);     /* ADDPS */
	CHECK_EQ(PLAN("\xf0\x0f\x10\x07", &p), -EOPNOTSUPP); /* LOCK */
	CHECK_EQ(PLAN("\xc5\xf8\x10\x07", &p), -EOPNOTSUPP); /* VEX */
	CHECK_EQ(PLAN("\x89\x07", &p), -EOPNOTSUPP);
	/* F2 and F3 before 66 */
	CHECK_EQ(PLAN("\x66\xf3\x0f\x10\x07", &p), 0);
	CHECK_EQ(p.size, 4);
}

UNIT_MAIN(UNIT(agrees_with_cpu), UNIT(alignment), UNIT(refusals))
