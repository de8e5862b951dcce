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

/* One place further; the bit that leaves is in *carry, where it was what enters by RCL and RCR. */
static uint64_t turn_once(enum arith_turn how, uint64_t a, bool *carry, uint64_t sign)
{
	bool in = *carry, top = a & sign, bottom = a & 1;

	switch (how) {
	case TURN_ROL: *carry = top; return a << 1 | top;
	case TURN_RCL: *carry = top; return a << 1 | in;
	case TURN_SHL:
	case TURN_SAL: *carry = top; return a << 1;
	case TURN_ROR: *carry = bottom; return a >> 1 | (bottom ? sign : 0);
	case TURN_RCR: *carry = bottom; return a >> 1 | (in ? sign : 0);
	case TURN_SAR: *carry = bottom; return a >> 1 | (a & sign);
	default: *carry = bottom; return a >> 1;
	}
}

uint64_t arith_turn(struct guest_regs *regs, enum arith_turn how, uint64_t a, unsigned count,
                    unsigned size)
{
	uint64_t mask = size_mask(size), sign = sign_bit(size), before = a, which = RFLAGS_CF;
	bool carry = regs->rflags & RFLAGS_CF;
	uint64_t flags;

	count &= size == 8 ? 63 : 31;
	if (!count)
		return a;
	for (unsigned i = 0; i < count; i++) {
		before = a;
		a = turn_once(how, a, &carry, sign) & mask;
	}
	flags = carry ? RFLAGS_CF : 0;
	if (how >= TURN_SHL) {
		flags |= result_flags(a, size);
		which |= RFLAGS_PF | RFLAGS_ZF | RFLAGS_SF;
	}
	if (count == 1) { /* the sign has changed */
		which |= RFLAGS_OF;
		flags |= (a ^ before) & sign ? RFLAGS_OF : 0;
	}
	arith_flags_set(regs, which, flags);
	return a;
}

uint64_t arith_multiply(struct guest_regs *regs, uint64_t a, uint64_t b, unsigned size)
{
	__int128 whole = (__int128)(int64_t)sign_extend(a, size) * (int64_t)sign_extend(b, size);
	uint64_t r = (uint64_t)whole & size_mask(size);
	bool fits = whole == (int64_t)sign_extend(r, size);

	arith_flags_set(regs, RFLAGS_CF | RFLAGS_OF, fits ? 0 : RFLAGS_CF | RFLAGS_OF);
	return r;
}

bool arith_condition(uint64_t rflags, unsigned condition)
{
	bool cf = rflags & RFLAGS_CF, zf = rflags & RFLAGS_ZF;
	bool less = !(rflags & RFLAGS_SF) != !(rflags & RFLAGS_OF), is = false;

	switch (condition >> 1 & 7) {
	case 0: is = rflags & RFLAGS_OF; break;
	case 1: is = cf; break;
	case 2: is = zf; break;
	case 3: is = cf || zf; break;
	case 4: is = rflags & RFLAGS_SF; break;
	case 5: is = rflags & RFLAGS_PF; break;
	case 6: is = less; break;
	case 7: is = less || zf; break;
	}
	return is != (condition & 1);
}
