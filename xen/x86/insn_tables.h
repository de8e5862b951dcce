/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opcode attributes: all that the length of an instruction depends on. SDM volume 2, appendix A. */
#ifndef X86_INSN_TABLES_H
#define X86_INSN_TABLES_H

#include "types.h"

/* Bits 0-3: the immediate. */
enum insn_imm {
	IMM_NONE,
	IMM_B,      /* 8 bits */
	IMM_W,      /* 16 bits */
	IMM_Z,      /* 16 bits, or 32 with a larger operand size */
	IMM_V,      /* as large as the operand */
	IMM_ENTER,  /* 16 bits, then 8 */
	IMM_FAR,    /* offset and selector */
	IMM_OFFSET, /* the offset of the memory operand: as large as an address */
	IMM_REL,    /* near branch: as IMM_Z, but 32 bits in 64-bit mode */
	IMM_TEST_B, /* group 3: 8 bits with /0 and /1, which are TEST */
	IMM_TEST_Z,
	IMM_SSE4A, /* two of 8 bits with prefix 66 or F2 (EXTRQ, INSERTQ) */
};
#define INSN_IMM    0x00f
#define INSN_MODRM  0x010
#define INSN_REG    0x020 /* the ModRM names registers whatever its mod field says (MOV CR, MOV DR) */
#define INSN_NO64   0x040 /* not in 64-bit mode */
#define INSN_D64    0x080 /* 64-bit mode: operand size 8, or 2 with prefix 66 */
#define INSN_F64    0x100 /* 64-bit mode: operand size 8 whatever the prefixes */
#define INSN_PREFIX 0x200
#define INSN_REX    0x400 /* a prefix in 64-bit mode only */
#define INSN_CHECK  0x800 /* more to look at: escapes, VEX, group 5, unknown opcodes */
#define INSN_BAD    (0x1000 | INSN_CHECK)

extern const uint16_t insn_attr_one[256];
extern const uint16_t insn_attr_0f[256];

#endif
