// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start info of a PVH domain: one block (start info, module list, memory map, command lines) and the modules, each on pages of its own, behind the kernel or,
 * when there is no room, between 1 MiB and the kernel. A module that the loader has put into what is now the domain's own memory stays where it is.
 */
#include "pvh_parts.h"
#include "errno.h"
#include "heap.h"
#include "string.h"
#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>

struct block {
	struct hvm_start_info info;
	struct hvm_modlist_entry modules[PVH_MAX_MODULES];
	struct hvm_memmap_table_entry map[ARRAY_LEN(((struct domain *)0)->e820)];
	char text[]; /* command lines: the kernel's first */
};

/* Sizes and places, worked out before anything is written. */
struct plan {
	uint64_t base;       /* of the block */
	uint64_t block_size; /* whole pages */
	uint64_t module[PVH_MAX_MODULES];
	bool in_place[PVH_MAX_MODULES];
};

static const char *text_of(const struct pvh_module *m)
{
	return m->command_line ? m->command_line : "";
}

static uint64_t place(struct pvh_space *space, const struct domain *d,
                      const struct elf_image *kernel, uint64_t size)
{
	uint64_t behind = MAX(align_up(kernel->high, PAGE_SIZE), (uint64_t)PVH_HIGH_START);
	uint64_t at = pvh_space_take(space, d, size, behind, PVH_HOLE_END);

	return at ? at : pvh_space_take(space, d, size, PVH_HIGH_START, PVH_HOLE_END);
}

/* Its source is in the domain's memory, below 4 GiB, and the kernel does not want to lie there. */
static bool module_may_stay(const struct domain *d, const struct pvh_module *m,
                            const struct elf_image *kernel)
{
	uint64_t at = virt_to_hpa(m->data).v, end = at + m->size;

	return d->is_direct_mapped && end <= PVH_HOLE_END && pvh_range_is_ram(d, at, m->size) &&
	       (end <= kernel->low || at >= kernel->high);
}

static int plan_make(const struct domain *d, const struct pvh_config *config,
                     const struct elf_image *kernel, struct pvh_space *space, struct plan *plan)
{
	uint64_t size = sizeof(struct block) + strlen(text_of(&config->kernel)) + 1;

	for (uint32_t i = 0; i < config->nr_modules; i++)
		size += strlen(text_of(&config->modules[i])) + 1;
	plan->block_size = align_up(size, PAGE_SIZE);
	plan->base = place(space, d, kernel, plan->block_size);
	if (!plan->base)
		return -ENOMEM;
	for (uint32_t i = 0; i < config->nr_modules; i++) {
		const struct pvh_module *m = &config->modules[i];

		plan->in_place[i] = module_may_stay(d, m, kernel);
		plan->module[i] = plan->in_place[i]
		                          ? virt_to_hpa(m->data).v
		                          : place(space, d, kernel, MAX(m->size, (uint64_t)1));
		if (!plan->module[i])
			return -ENOMEM;
	}
	return 0;
}

/* Appends a text to the block's; returns its guest address. */
static uint64_t text_add(struct block *b, const struct plan *plan, uint64_t *used, const char *s)
{
	uint64_t at = plan->base + offsetof(struct block, text) + *used;
	uint64_t n = strlen(s) + 1;

	memcpy(b->text + *used, s, n);
	*used += n;
	return at;
}

static void block_fill(struct block *b, const struct domain *d, const struct pvh_config *config,
                       const struct plan *plan, uint64_t rsdp)
{
	uint64_t used = 0;

	b->info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.flags = config->is_privileged ? SIF_PRIVILEGED | SIF_INITDOMAIN : 0,
		.nr_modules = config->nr_modules,
		.rsdp_paddr = rsdp,
		.memmap_paddr = plan->base + offsetof(struct block, map),
		.memmap_entries = d->nr_e820,
	};
	b->info.cmdline_paddr = text_add(b, plan, &used, text_of(&config->kernel));
	if (config->nr_modules)
		b->info.modlist_paddr = plan->base + offsetof(struct block, modules);
	for (uint32_t i = 0; i < config->nr_modules; i++) {
		b->modules[i].paddr = plan->module[i];
		b->modules[i].size = config->modules[i].size;
		b->modules[i].cmdline_paddr =
			text_add(b, plan, &used, text_of(&config->modules[i]));
	}
	for (uint32_t i = 0; i < d->nr_e820; i++) {
		b->map[i].addr = d->e820[i].addr;
		b->map[i].size = d->e820[i].size;
		b->map[i].type = d->e820[i].type;
	}
}

int pvh_start_info_write(struct domain *d, const struct pvh_config *config,
                         const struct elf_image *kernel, struct pvh_space *space, uint64_t rsdp,
                         uint64_t *gpa)
{
	struct plan plan;
	struct block *b;
	int err;

	err = plan_make(d, config, kernel, space, &plan);
	if (err)
		return err;
	b = heap_alloc(plan.block_size);
	if (!b)
		return -ENOMEM;
	block_fill(b, d, config, &plan, rsdp);
	err = pvh_copy(d, plan.base, b, plan.block_size);
	heap_free(b);
	for (uint32_t i = 0; i < config->nr_modules && !err; i++)
		if (!plan.in_place[i])
			err = pvh_copy(d, plan.module[i], config->modules[i].data,
			               config->modules[i].size);
	*gpa = plan.base;
	return err;
}
