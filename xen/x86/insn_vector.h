/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSE moves between a register and memory of 4, 8 or 16 bytes, which compilers and copy loops use on device memory. Pure. MMX, VEX forms and
 * everything that computes are refused. SDM volume 2.
 */
#ifndef X86_INSN_VECTOR_H
#define X86_INSN_VECTOR_H

#include "insn_decode.h"

#define XMM_BYTES 16

struct insn_vector {
	uint8_t xmm;  /* the register's number */
	uint8_t size; /* in memory */
	uint8_t at;   /* first byte of the register that moves */
	bool write;   /* from the register to memory */
	bool clears;  /* a load clears the rest of the register */
	bool aligned; /* #GP(0) unless the linear address is a multiple of 16 */
};

/* 0, or -EOPNOTSUPP. */
int must_check insn_vector_plan(const struct insn *i, struct insn_vector *out);

/* A load that read size bytes: what becomes of the register. */
void insn_vector_load(const struct insn_vector *p, const uint8_t *memory, uint8_t reg[XMM_BYTES]);

#endif
