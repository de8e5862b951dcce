/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction that touches device memory means: a pure function from a decoded instruction and registers to a plan of
 * effects. The caller does the accesses (bus or guest RAM) and then applies the plan. Forms not here are refused.
 */
#ifndef X86_INSN_EXECUTE_H
#define X86_INSN_EXECUTE_H

#include "insn_decode.h"

/* One device access and what becomes of it. */
struct insn_mmio {
	uint8_t size; /* of the access: 1, 2, 4 or 8 */
	bool read,
		write; /* both: read-modify-write, the value to write comes from insn_mmio_finish() */
	bool locked;
	uint64_t value; /* for a plain write: what to write */
	int64_t offset; /* to add to the operand's address: a bit number in a register reaches beyond it */
};

/* Plans the memory access of i. 0, or -EOPNOTSUPP: not an instruction we carry out on device memory. */
int must_check insn_mmio_plan(const struct insn *i, const struct guest_regs *regs,
                              struct insn_mmio *out);

/* Where that access is in its segment: the operand's offset, with plan's, by address size. */
uint64_t insn_mmio_offset(const struct insn *i, const struct insn_mmio *plan,
                          const struct guest_regs *regs);

/*
 * After the read (loaded holds size bytes): updates registers and flags, RIP not included. For a read-modify-write, *store is the value to
 * write back and *do_store whether to (a failed CMPXCHG still writes, as the CPU does).
 */
void insn_mmio_finish(const struct insn *i, const struct insn_mmio *plan, uint64_t loaded,
                      struct guest_regs *regs, uint64_t *store, bool *do_store);

/* MOV or MOVZX between a general register (or to memory a constant) and memory: what nearly all accesses of drivers are, in a few steps. */
struct insn_move {
	uint8_t size; /* 1, 2, 4 or 8 */
	bool is_store, is_constant, is_wider;
	uint8_t reg;
};
bool insn_move_plan(const struct insn *i, struct insn_move *out);
/* What a store writes; and where a load puts what it read. */
uint64_t insn_move_value(const struct insn *i, const struct insn_move *m,
                         const struct guest_regs *regs);
void insn_move_finish(const struct insn *i, const struct insn_move *m, uint64_t loaded,
                      struct guest_regs *regs);

#endif
