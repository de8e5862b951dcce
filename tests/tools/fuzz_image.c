/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: a disk image, which its guest may have written. */
#include <stdlib.h>
#include <string.h>

#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
	unsigned reads;
};

static long input_read(void *context, uint64_t offset, void *to, size_t n)
{
	struct input *in = context;

	if (++in->reads >
	    1u << 18) /* a bounded look, whatever it holds: 64 tables of 2 MiB at most */
		abort();
	if (offset >= in->size)
		return 0;
	if (n > in->size - offset)
		n = in->size - (size_t)offset;
	memcpy(to, in->data + offset, n);
	return (long)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	struct image_source s = { .read = input_read, .context = &in, .size = size };
	struct image_facts f;

	if (!image_probe(&s, &f) || f.file_size != size || !image_kind_name(f.kind))
		abort();
	return 0;
}
