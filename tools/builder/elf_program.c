/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF programs into a domain's memory: hvmloader, and kernels. xen/boot/elf.c has read them. */
#include "domain_image.h"

static bool segment_load(struct domain_image *d, const char *name, const uint8_t *file,
                         const struct elf_segment *s)
{
	uint64_t zeroes = s->memory_size - s->file_size;

	if (!ram_covers(d, s->paddr, s->memory_size))
		return fail(
			d->failure,
			"%s: %s wants to lie at %#llx to %#llx, where the guest has no memory: give it more (memory=)",
			d->plan->name, name, (unsigned long long)s->paddr,
			(unsigned long long)(s->paddr + s->memory_size - 1));
	return (!s->file_size || ram_write(d, s->paddr, file + s->offset, s->file_size, name)) &&
	       (!zeroes || ram_zero(d, s->paddr + s->file_size, zeroes, name));
}

bool elf_load(struct domain_image *d, const char *name, const uint8_t *file,
              const struct elf_image *image)
{
	for (uint32_t i = 0; i < image->nr_segments; i++)
		if (!segment_load(d, name, file, &image->segments[i]))
			return false;
	d->entry = image->entry;
	d->image_end = image->high;
	return true;
}
