/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String instructions on memory: MOVS, STOS, LODS, CMPS and SCAS with their repetitions. Pure: the plan says what one element touches, the caller reads that, and a
 * step over the element changes registers and flags. INS and OUTS are the ports' business. SDM volume 1, 7.3.9.
 */
#ifndef X86_INSN_STRING_H
#define X86_INSN_STRING_H

#include "insn_decode.h"

enum insn_repeat {
	REPEAT_NONE,
	REPEAT_COUNT,
	REPEAT_WHILE_EQUAL, /* CMPS and SCAS look at ZF after each element */
	REPEAT_WHILE_UNEQUAL,
};

struct insn_string {
	uint8_t opcode; /* without the bit that tells bytes from larger elements */
	uint8_t size;   /* of an element */
	uint8_t addr_size;
	uint8_t segment; /* enum segment_name of the source; the destination's is ES always */
	uint8_t repeat;  /* enum insn_repeat */
	/* what an element touches: the source at rSI, the destination at rDI */
	bool reads_source, reads_dest, writes_dest;
};

/* 0, or -EOPNOTSUPP: not a string instruction, or with LOCK. */
int must_check insn_string_plan(const struct insn *i, struct insn_string *out);

/* Elements to go: 0 only with a repetition whose count is used up. */
uint64_t insn_string_left(const struct insn_string *s, const struct guest_regs *regs);
/* Offsets of the next element in its segment. */
uint64_t insn_string_source(const struct insn_string *s, const struct guest_regs *regs);
uint64_t insn_string_dest(const struct insn_string *s, const struct guest_regs *regs);

/*
 * Over one element, of which there is one. source and dest: what was read there (0 when the plan reads it not). *store: what to write to the destination. True: it was
 * the last one. RIP is the caller's.
 */
bool must_check insn_string_step(const struct insn_string *s, uint64_t source, uint64_t dest,
                                 struct guest_regs *regs, uint64_t *store);

/* MOVS or STOS with REPEAT_COUNT: over n elements, of which there are as many. True: there is no other. */
bool must_check insn_string_skip(const struct insn_string *s, uint64_t n, struct guest_regs *regs);

#endif
