/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opcode attributes of the one-byte map and of the map behind 0F. Eight opcodes a row. */
#include "insn_tables.h"

/* clang-format off */
#define o    0
#define M    INSN_MODRM
#define B    IMM_B
#define W    IMM_W
#define Z    IMM_Z
#define V    IMM_V
#define MB   (INSN_MODRM | IMM_B)
#define MZ   (INSN_MODRM | IMM_Z)
#define MR   (INSN_MODRM | INSN_REG)
#define OFF  IMM_OFFSET
#define FAR  (IMM_FAR | INSN_NO64)
#define NO   INSN_NO64
#define BNO  (IMM_B | INSN_NO64)
#define D    INSN_D64
#define DB   (INSN_D64 | IMM_B)
#define DZ   (INSN_D64 | IMM_Z)
#define DE   (INSN_D64 | IMM_ENTER)
#define JB   (INSN_F64 | IMM_B)
#define JZ   (INSN_F64 | IMM_REL)
#define F    INSN_F64
#define FW   (INSN_F64 | IMM_W)
#define P    INSN_PREFIX
#define R    (INSN_PREFIX | INSN_REX)
#define XX   INSN_BAD
#define ESC  INSN_CHECK
#define VX   (INSN_CHECK | INSN_MODRM | INSN_NO64)
#define POP  (INSN_CHECK | INSN_MODRM | INSN_D64)
#define G5   (INSN_CHECK | INSN_MODRM)
#define TB   (INSN_MODRM | IMM_TEST_B)
#define TZ   (INSN_MODRM | IMM_TEST_Z)
#define S4   (INSN_MODRM | IMM_SSE4A)

const uint16_t insn_attr_one[256] = {
	/* 00 */ M, M, M, M, B, Z, NO, NO,		M, M, M, M, B, Z, NO, ESC,
	/* 10 */ M, M, M, M, B, Z, NO, NO,		M, M, M, M, B, Z, NO, NO,
	/* 20 */ M, M, M, M, B, Z, P, NO,		M, M, M, M, B, Z, P, NO,
	/* 30 */ M, M, M, M, B, Z, P, NO,		M, M, M, M, B, Z, P, NO,
	/* 40 */ R, R, R, R, R, R, R, R,		R, R, R, R, R, R, R, R,
	/* 50 */ D, D, D, D, D, D, D, D,		D, D, D, D, D, D, D, D,
	/* 60 */ NO, NO, VX, M, P, P, P, P,		DZ, MZ, DB, MB, o, o, o, o,
	/* 70 */ JB, JB, JB, JB, JB, JB, JB, JB,	JB, JB, JB, JB, JB, JB, JB, JB,
	/* 80 */ MB, MZ, MB | NO, MB, M, M, M, M,	M, M, M, M, M, M, M, POP,
	/* 90 */ o, o, o, o, o, o, o, o,		o, o, FAR, o, D, D, o, o,
	/* a0 */ OFF, OFF, OFF, OFF, o, o, o, o,	B, Z, o, o, o, o, o, o,
	/* b0 */ B, B, B, B, B, B, B, B,		V, V, V, V, V, V, V, V,
	/* c0 */ MB, MB, FW, F, VX, VX, MB, MZ,		DE, D, W, o, o, B, NO, o,
	/* d0 */ M, M, M, M, BNO, BNO, NO, o,		M, M, M, M, M, M, M, M,
	/* e0 */ JB, JB, JB, JB, B, B, B, B,		JZ, JZ, FAR, JB, o, o, o, o,
	/* f0 */ P, o, P, P, o, o, TB, TZ,		o, o, o, o, o, o, M, G5,
};

/* 0F 0F is 3DNow: refused, as no CPU since 2010 has it. */
const uint16_t insn_attr_0f[256] = {
	/* 00 */ M, M, M, M, XX, o, o, o,		o, o, XX, o, XX, M, XX, XX,
	/* 10 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* 20 */ MR, MR, MR, MR, XX, XX, XX, XX,	M, M, M, M, M, M, M, M,
	/* 30 */ o, o, o, o, o, o, XX, o,		ESC, XX, ESC, XX, XX, XX, XX, XX,
	/* 40 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* 50 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* 60 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* 70 */ MB, MB, MB, MB, M, M, M, o,		S4, M, XX, XX, M, M, M, M,
	/* 80 */ JZ, JZ, JZ, JZ, JZ, JZ, JZ, JZ,	JZ, JZ, JZ, JZ, JZ, JZ, JZ, JZ,
	/* 90 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* a0 */ D, D, o, M, MB, M, XX, XX,		D, D, o, M, MB, M, M, M,
	/* b0 */ M, M, M, M, M, M, M, M,		M, M, MB, M, M, M, M, M,
	/* c0 */ M, M, MB, M, MB, MB, MB, M,		o, o, o, o, o, o, o, o,
	/* d0 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* e0 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
	/* f0 */ M, M, M, M, M, M, M, M,		M, M, M, M, M, M, M, M,
};
