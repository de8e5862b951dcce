/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PVH kernel, and hvmloader, is told at its start: public xen/arch-x86/hvm/start_info.h. One block behind the kernel, and a ramdisk behind that. */
#include "domain_image.h"

#include <stdlib.h>
#include <string.h>

#include <xen/arch-x86/hvm/start_info.h>

struct block {
	struct hvm_start_info info;
	struct hvm_modlist_entry module;
	struct hvm_memmap_table_entry map[8];
	char command_line[];
};

static uint64_t page_up(uint64_t v)
{
	return (v + GUEST_PAGE - 1) & ~(GUEST_PAGE - 1);
}

static void block_fill(const struct domain_image *d, struct block *b, uint64_t at,
                       const char *command_line, uint64_t module, uint64_t module_size,
                       uint64_t rsdp)
{
	b->info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.nr_modules = module ? 1 : 0,
		.modlist_paddr = module ? at + offsetof(struct block, module) : 0,
		.cmdline_paddr = at + offsetof(struct block, command_line),
		.rsdp_paddr = rsdp,
		.memmap_paddr = at + offsetof(struct block, map),
		.memmap_entries = d->nr_map,
	};
	b->module = (struct hvm_modlist_entry){ .paddr = module, .size = module_size };
	for (unsigned i = 0; i < d->nr_map; i++)
		b->map[i] =
			(struct hvm_memmap_table_entry){ .addr = d->map[i].start,
			                                 .size = d->map[i].end - d->map[i].start,
			                                 .type = d->map[i].type };
	strcpy(b->command_line, command_line);
}

bool start_info_write(struct domain_image *d, const char *command_line,
                      const struct start_module *module, uint64_t rsdp)
{
	size_t size = sizeof(struct block) + strlen(command_line) + 1;
	uint64_t at = page_up(d->image_end > HIGH_START ? d->image_end : HIGH_START);
	uint64_t module_at = module ? page_up(at + size) : 0;
	struct block *b;
	bool done;

	if (!ram_covers(d, at, module ? module_at - at + module->size : size))
		return fail(
			d->failure,
			"%s: kernel and ramdisk do not fit into its memory of %llu MiB below 4 GiB: give it more (memory=)",
			d->plan->name, (unsigned long long)d->plan->memory_kib / 1024);
	b = calloc(1, size);
	if (!b)
		return fail(d->failure, "%s: no memory in the control domain for its start info",
		            d->plan->name);
	block_fill(d, b, at, command_line, module_at, module ? module->size : 0, rsdp);
	done = ram_write(d, at, b, size, "its start info") &&
	       (!module || ram_write(d, module_at, module->bytes, module->size, "its ramdisk"));
	free(b);
	d->start_info = at;
	return done;
}
