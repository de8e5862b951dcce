/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: a kernel file in any format that xen/unpack knows. The first byte says how much room there is, in KiB; the rest is the file.
 */
#include <stdlib.h>
#include <string.h>
#include "unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_room(const uint8_t *data, const struct unpack_info *info, void *work, uint64_t room)
{
	/* of its exact size, so that AddressSanitizer sees each step beyond it */
	uint8_t *out = malloc(room ? room : 1);
	const char *why = NULL;
	uint64_t got = ~0ull;
	int rc = unpack(data, info, out, room, work, &got, &why);

	if (got > room || !rc != !why || (rc && !*why))
		abort();
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_info info;
	const char *why = NULL;
	uint64_t room;
	uint8_t *work;

	if (!size)
		return 0;
	room = (uint64_t)*data++ << 10;
	size--;
	if (unpack_probe(data, size, &info, &why)) {
		if (!why)
			abort();
		return 0;
	}
	if (!info.format || info.offset > size || info.size > size - info.offset ||
	    info.work_size > UNPACK_WORK_MAX)
		abort();
	work = aligned_alloc(UNPACK_WORK_ALIGN, align_up(info.work_size + 1, UNPACK_WORK_ALIGN));
	try_room(data, &info, work, room);
	free(work);
	return 0;
}
