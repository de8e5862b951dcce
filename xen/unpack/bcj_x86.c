// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The x86 branch filter of xz. Before packing, the relative target behind each byte that may be the opcode of a near CALL or JMP was made absolute, so that
 * calls of one function look alike. Only targets near enough are changed: their top byte is 0 or 0xff, before and after.
 *
 * Opcode-like bytes also stand inside targets. So the filter remembers which of the three bytes before an opcode were opcodes that it left alone,
 * and both directions decide alike from what they see.
 */
#include "bcj_x86.h"
#include "bytes.h"

#define BRANCH_SIZE 5u /* opcode and 4 bytes of target */
#define RECENT_MASK 7u

static inline bool is_branch(uint8_t byte)
{
	return (byte & 0xfe) == 0xe8;
}

static inline bool is_near(uint8_t top)
{
	return top == 0 || top == 0xff;
}

/* The first branch-like byte at or after at; size or more when there is none before. */
static inline size_t branch_find(const uint8_t *code, size_t at, size_t size)
{
	const uint64_t ones = 0x0101010101010101u;

	while (at + 8 <= size) {
		/* a byte of v is 0 where there is a branch; the lowest bit found is exact */
		uint64_t v = (get_le64(code + at) & ones * 0xfe) ^ ones * 0xe8;
		uint64_t found = (v - ones) & ~v & ones * 0x80;

		if (found)
			return at + ((size_t)__builtin_ctzll(found) >> 3);
		at += 8;
	}
	while (at < size && !is_branch(code[at]))
		at++;
	return at;
}

/* How far back the one recent opcode is (1 to 3), 0 for none. */
static inline unsigned recent_distance(unsigned recent)
{
	return recent == 4 ? 3 : recent;
}

/* May the branch-like byte at p be a changed one? A recent one is allowed if it is single, and its target, which overlaps, was not near. */
static inline bool may_be_changed(const uint8_t *p, unsigned recent)
{
	if (!recent)
		return true;
	if (recent & (recent - 1))
		return false;
	return !is_near(p[4 - recent_distance(recent)]);
}

static inline uint32_t target_undo(uint32_t absolute, uint32_t next, unsigned recent)
{
	uint32_t relative = absolute - next;

	if (recent) {
		unsigned shift = 8 * recent_distance(recent);

		/* the change must not have made the overlapping target look near; if it would have, it was turned over */
		if (is_near((uint8_t)(relative >> (24 - shift))))
			relative = (relative ^ (uint32_t)((1ull << (32 - shift)) - 1)) - next;
	}
	/* 25 bits with sign */
	relative &= 0x01ffffff;
	return relative | (0u - (relative & 0x01000000));
}

void bcj_x86_undo(uint8_t *code, size_t size, uint32_t start)
{
	size_t last = 0;     /* where the search stood when recent was last true */
	unsigned recent = 0; /* bit n: n + 1 bytes before last is an opcode that was left alone */

	for (size_t at = branch_find(code, 0, size); at + BRANCH_SIZE <= size;
	     at = branch_find(code, at, size)) {
		uint8_t *p = code + at;

		recent = at - last > 3 ? 0 : recent << (at - last) & RECENT_MASK;
		if (may_be_changed(p, recent) && is_near(p[4])) {
			put_le32(p + 1, target_undo(get_le32(p + 1),
			                            start + (uint32_t)at + BRANCH_SIZE, recent));
			at += BRANCH_SIZE;
			recent = 0;
		} else {
			at++;
			recent = (recent << 1 | 1) & RECENT_MASK;
		}
		last = at;
	}
}
