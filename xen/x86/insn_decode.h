/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction decoding: length and operands, from bytes, no memory access and no state. Table driven. SDM volume 2 (chapter 2 and
 * appendix A), APM volume 3. Covers one-, two- and three-byte maps, VEX, and refuses what it does not know.
 */
#ifndef X86_INSN_DECODE_H
#define X86_INSN_DECODE_H

#include "registers.h"

#define INSN_MAX_LEN 15

enum insn_mode { INSN_16BIT, INSN_32BIT, INSN_64BIT };

enum insn_map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };

struct insn {
	uint8_t len;        /* whole instruction */
	uint8_t opcode;     /* last opcode byte */
	uint8_t map;        /* enum insn_map */
	uint8_t prefix_len; /* legacy and REX prefixes (not VEX) */
	uint8_t op_size; /* effective operand size: 2, 4 or 8 (the byte forms are the opcode's business) */
	uint8_t addr_size; /* 2, 4 or 8 */
	uint8_t rex;       /* 0x40-0x4f, or 0 */
	bool lock, rep, repne, opsize_prefix, has_modrm, vex;
	uint8_t modrm;
	uint8_t segment; /* enum segment_name that a memory operand uses, overrides applied */
	bool segment_override;
	/* memory operand (modrm.mod != 3, or moffs): base + index * scale + disp; 0xff: none */
	uint8_t base, index, scale; /* scale: 1, 2, 4 or 8 */
	bool rip_relative, has_mem;
	int64_t disp;
	uint64_t imm; /* zero extended as encoded, imm_size bytes */
	uint8_t imm_size; /* 0, 1, 2, 4, 8; 3 for ENTER, 4 or 6 for a far pointer: imm holds both parts */
};

static inline uint8_t insn_mod(const struct insn *i)
{
	return i->modrm >> 6;
}
static inline uint8_t insn_reg(const struct insn *i)
{
	return (i->modrm >> 3 & 7) | (i->rex & 4) << 1;
}
static inline uint8_t insn_rm(const struct insn *i)
{
	return (i->modrm & 7) | (i->rex & 1) << 3;
}

/*
 * 0; -ENODATA: the bytes end before the instruction does (n < 15: fetch more); -EINVAL: longer than 15 bytes or not an instruction we
 * know (EVEX, XOP and 3DNow are refused; all of 0F38 and 0F3A is taken by its common form). Never reads past bytes[n - 1].
 */
int must_check insn_decode(const uint8_t *bytes, size_t n, enum insn_mode mode, struct insn *out);

/* An instruction decoded before: the same bytes in the same mode are the same instruction. */
#define INSN_MEMO_SLOTS 4
struct insn_memo {
	uint64_t bytes[2]; /* INSN_MAX_LEN, and a zero */
	uint32_t mode;     /* enum insn_mode + 1; 0: nothing */
	struct insn insn;
};

static inline enum insn_mode insn_mode_of(const struct paging_mode *m)
{
	return paging_64bit_code(m) ? INSN_64BIT : m->cs_attr_d ? INSN_32BIT : INSN_16BIT;
}

/*
 * Offset of the memory operand in its segment, truncated to the address size. regs->rip is that of the instruction itself.
 */
uint64_t insn_mem_offset(const struct insn *i, const struct guest_regs *regs);

#endif
