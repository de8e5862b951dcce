/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables from anybody, against the second walker. Input: a struct of the mode, then entries, each with the place
 * in memory that it goes to.
 */
#include <stdlib.h>
#include <string.h>
#include "walk_oracle.h"

#define PAGES 6

struct input {
	uint8_t mode, flags, access, maxphyaddr;
	uint16_t cr3;
	uint32_t pkru;
	uint64_t linear;
} __attribute__((packed));

struct input_entry {
	uint16_t place;
	uint64_t entry;
} __attribute__((packed));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_mode(const struct input *in, struct paging_mode *mode)
{
	static const uint64_t cr4[] = { 0, CR4_PSE, CR4_PAE, CR4_PAE, CR4_PAE | CR4_LA57 };
	unsigned format = in->mode % 6;

	memset(mode, 0, sizeof(*mode));
	mode->cr0 = CR0_PE | (format < 5 ? CR0_PG : 0) | (in->flags & 1 ? CR0_WP : 0);
	mode->cr4 = (format < 5 ? cr4[format] : 0) | (in->flags & 2 ? CR4_SMEP : 0) |
	            (in->flags & 4 ? CR4_SMAP : 0) | (in->flags & 8 ? CR4_PKE : 0);
	mode->efer = (format == 3 || format == 4 ? EFER_LMA | EFER_LME : 0) |
	             (in->flags & 16 ? EFER_NXE : 0);
	mode->rflags = in->flags & 32 ? RFLAGS_AC : 0;
	mode->cr3 = in->cr3 % (PAGES * PAGE_SIZE + PAGE_SIZE);
	mode->pkru = in->pkru;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own allocation, so that each byte beyond is seen. */
	uint8_t *bytes;
	struct oracle_memory memory;
	struct paging_mode mode;
	struct input_entry e;
	struct input in;
	bool same;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	bytes = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
	memset(bytes, 0, PAGES * PAGE_SIZE);
	for (size_t at = sizeof(in); at + sizeof(e) <= size; at += sizeof(e)) {
		size_t place;

		memcpy(&e, data + at, sizeof(e));
		place = e.place % (PAGES * PAGE_SIZE / 4 - 1) * 4;
		memcpy(bytes + place, &e.entry, in.mode & 64 ? 4 : 8);
	}
	make_mode(&in, &mode);
	oracle_memory_init(&memory, bytes, PAGES, in.mode & 128 ? PAGES / 2 : PAGES);
	same = oracle_agrees(&mode, &memory, in.linear, in.access & 15, 32 + in.maxphyaddr % 21);
	free(bytes);
	if (!same)
		abort();
	return 0;
}
