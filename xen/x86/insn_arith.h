/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on operands of 1, 2, 4 or 8 bytes, with the flags that the CPU gives. SDM volume 1, 3.4.3. */
#ifndef X86_INSN_ARITH_H
#define X86_INSN_ARITH_H

#include "registers.h"

#define ARITHMETIC_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

static inline uint64_t size_mask(unsigned size)
{
	return ~0ull >> (64 - 8 * size);
}

static inline uint64_t sign_bit(unsigned size)
{
	return 1ull << (8 * size - 1);
}

static inline uint64_t sign_extend(uint64_t v, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (uint64_t)((int64_t)(v << shift) >> shift);
}

/*
 * a + b + carry, a - b - borrow, and the flags of a finished logical operation. Operands lie within size, and so does the result. Of the flags, those in which
 * are changed.
 */
uint64_t arith_add(struct guest_regs *regs, uint64_t a, uint64_t b, bool carry, unsigned size,
                   uint64_t which);
uint64_t arith_subtract(struct guest_regs *regs, uint64_t a, uint64_t b, bool borrow, unsigned size,
                        uint64_t which);
uint64_t arith_logic(struct guest_regs *regs, uint64_t result, unsigned size);
/* In the order of ModRM.reg in group 2. */
enum arith_turn { TURN_ROL, TURN_ROR, TURN_RCL, TURN_RCR, TURN_SHL, TURN_SHR, TURN_SAL, TURN_SAR };
/* By count, of which the CPU looks at five bits, or at six with 8 bytes. OF is left as it is where it is not defined. */
uint64_t arith_turn(struct guest_regs *regs, enum arith_turn how, uint64_t a, unsigned count,
                    unsigned size);
/* Signed; CF and OF tell that it does not fit. */
uint64_t arith_multiply(struct guest_regs *regs, uint64_t a, uint64_t b, unsigned size);
/* Is the condition of Jcc, SETcc, CMOVcc (the opcode's lower four bits) so? */
bool arith_condition(uint64_t rflags, unsigned condition);
/* Makes the flags in which what they are in flags. */
void arith_flags_set(struct guest_regs *regs, uint64_t which, uint64_t flags);

#endif
