/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for addresses in the image's code. */
#include "symbols.h"

#include "image.h"
#include "machine.h"
#include "spinlock.h"
#include "string.h"

bool symbol_is_text(uint64_t addr)
{
	return addr >= (uint64_t)text_start && addr < (uint64_t)text_end;
}

const char *symbol_find(uint64_t addr, uint64_t *offset, uint64_t *size)
{
	uint32_t low = 0, high = symbol_count, at;
	const char *name = symbol_names;

	if (!symbol_is_text(addr) || !symbol_count)
		return NULL;
	at = (uint32_t)(addr - (uint64_t)image_start);
	if (at < symbol_offsets[0])
		return NULL;
	/* the last one at or below: low is, high is not */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_offsets[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	for (uint32_t i = 0; i < low; i++)
		name += strlen(name) + 1;
	*offset = at - symbol_offsets[low];
	*size = (low + 1 < symbol_count ? symbol_offsets[low + 1]
	                                : (uint32_t)(text_end - image_start)) -
	        symbol_offsets[low];
	return name;
}

uint32_t machine_nr_symbols(void)
{
	return symbol_count;
}

/* Whoever asks, asks for one after the other: names are counted from the last one. */
const char *machine_symbol(uint32_t n, uint64_t *address)
{
	static struct spinlock lock = SPINLOCK_INIT;
	static uint32_t last; /* lock; and its name */
	static const char *last_name;
	const char *name;

	if (n >= symbol_count)
		return NULL;
	spin_lock(&lock);
	if (!last_name || last > n) {
		last = 0;
		last_name = symbol_names;
	}
	for (; last < n; last++)
		last_name += strlen(last_name) + 1;
	name = last_name;
	spin_unlock(&lock);
	*address = (uint64_t)image_start + symbol_offsets[n];
	return name;
}

/* The linker's note (ELF gABI, "Note Section"): sizes of name and contents, type, the name "GNU", then the id. */
size_t machine_build_id(const void **id)
{
	struct {
		uint32_t name_size, size, type;
		char name[4];
	} head;
	size_t length = (size_t)(build_id_note_end - build_id_note);

	if (length < sizeof(head))
		return 0;
	memcpy(&head, build_id_note, sizeof(head));
	if (head.name_size != sizeof(head.name) || head.size > length - sizeof(head))
		return 0;
	*id = build_id_note + sizeof(head);
	return head.size;
}
