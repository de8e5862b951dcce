/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selectors, descriptors and task-state segments as they lie in memory (SDM volume 3, 3.4 and 7.2). */
#ifndef X86_DESCRIPTOR_H
#define X86_DESCRIPTOR_H

#include "registers.h"

#define SELECTOR_RPL(s)   ((s)&3u)
#define SELECTOR_LOCAL    4u
#define SELECTOR_TABLE(s) ((s) & ~7u) /* its descriptor's offset */
static inline bool selector_is_null(uint16_t selector)
{
	return selector <= 3;
}

/* The byte of a descriptor that has type, S, DPL and P. */
#define DESCRIPTOR_RIGHTS 5

/* Types of descriptors with S (those of code have the first bit), and of those without. */
#define TYPE_CODE       8u
#define TYPE_CONFORMING 4u /* code */
#define TYPE_READABLE   2u /* code */
#define TYPE_WRITABLE   2u /* data */
#define TYPE_ACCESSED   1u
#define TYPE_LDT        2u
#define TYPE_TSS_16     1u /* available */
#define TYPE_TSS_32     9u
#define TYPE_BUSY       2u /* of both */

/* The segment that an 8-byte descriptor stands for; its limit in bytes. */
static inline struct segment segment_of_descriptor(uint16_t selector, uint64_t d)
{
	uint32_t limit = (uint32_t)((d & 0xffff) | (d >> 32 & 0xf0000));
	struct segment s = {
		.selector = selector,
		.attr = (uint16_t)((d >> 40 & 0xff) | (d >> 44 & 0xf00)),
		.base = (d >> 16 & 0xffffff) | (d >> 32 & 0xff000000),
	};

	s.limit = s.attr & SEG_ATTR_G ? limit << 12 | 0xfff : limit;
	return s;
}

/* The base of one of 16 bytes, as long mode's TSS and LDT have them (SDM 7.2.3). */
static inline uint64_t descriptor_base_64(const uint64_t d[2])
{
	return (d[0] >> 16 & 0xffffff) | (d[0] >> 56) << 24 | d[1] << 32;
}

/*
 * The two forms of a task-state segment. A task's registers lie in it in one row, words of its width: EIP, EFLAGS, the eight general registers and the segments by their numbers,
 * LDTR.
 */
enum tss_word {
	TSS_IP,
	TSS_FLAGS,
	TSS_GPRS,
	TSS_SEGS = TSS_GPRS + 8,
	TSS_LDT = TSS_SEGS + 6,
	TSS_WORDS
};
#define TSS_MAX_BYTES 0x68
struct tss_form {
	uint8_t type; /* when it is not busy */
	uint8_t width, nr_segs;
	uint8_t first; /* offset of the row */
	uint8_t limit; /* at least */
	uint8_t cr3;   /* its offset, and that of the flag for a debug trap; 0: neither is there */
	uint8_t trap;
};

#endif
