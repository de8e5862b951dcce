// SPDX-License-Identifier: GPL-2.0-or-later
/* Arithmetic on operands of 1, 2, 4 or 8 bytes, with the flags that the CPU gives. */
#include "insn_arith.h"

static uint64_t result_flags(uint64_t result, unsigned size)
{
	uint8_t low = (uint8_t)result;

	low ^= low >> 4;
	low ^= low >> 2;
	low ^= low >> 1;
	return (low & 1 ? 0 : RFLAGS_PF) | (result & size_mask(size) ? 0 : RFLAGS_ZF) |
	       (result & sign_bit(size) ? RFLAGS_SF : 0);
}

void arith_flags_set(struct guest_regs *regs, uint64_t which, uint64_t flags)
{
	regs->rflags = (regs->rflags & ~which) | (flags & which);
}

/* a + b + carry; all within size. The carry out of each bit is where a sum differs from a plain exclusive or. */
uint64_t arith_add(struct guest_regs *regs, uint64_t a, uint64_t b, bool carry, unsigned size,
                   uint64_t which)
{
	uint64_t r = (a + b + carry) & size_mask(size);
	uint64_t out = (a & b) | ((a | b) & ~r), sign = sign_bit(size);
	uint64_t flags = result_flags(r, size);

	flags |= out & sign ? RFLAGS_CF : 0;
	flags |= (a ^ b ^ r) & RFLAGS_AF; /* AF is bit 4, where bit 3's carry goes */
	flags |= (a ^ r) & (b ^ r) & sign ? RFLAGS_OF : 0;
	arith_flags_set(regs, which, flags);
	return r;
}

uint64_t arith_subtract(struct guest_regs *regs, uint64_t a, uint64_t b, bool borrow, unsigned size,
                        uint64_t which)
{
	uint64_t r = (a - b - borrow) & size_mask(size);
	uint64_t out = (~a & b) | (~(a ^ b) & r), sign = sign_bit(size);
	uint64_t flags = result_flags(r, size);

	flags |= out & sign ? RFLAGS_CF : 0;
	flags |= (a ^ b ^ r) & RFLAGS_AF;
	flags |= (a ^ b) & (a ^ r) & sign ? RFLAGS_OF : 0;
	arith_flags_set(regs, which, flags);
	return r;
}

uint64_t arith_logic(struct guest_regs *regs, uint64_t result, unsigned size)
{
	arith_flags_set(regs, ARITHMETIC_FLAGS, result_flags(result, size));
	return result;
}
