// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start info of a PVH domain: one block (start info, module list, memory map, command lines) and the modules after it, each on a page of its own,
 * behind the kernel or, when there is no room, between 1 MiB and the kernel.
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
	uint64_t total;      /* with all modules */
};

static const char *text_of(const struct pvh_module *m)
{
	return m->command_line ? m->command_line : "";
}

static int plan_make(const struct domain *d, const struct pvh_config *config,
                     const struct elf_image *kernel, struct plan *plan)
{
	uint64_t size = sizeof(struct block) + strlen(text_of(&config->kernel)) + 1;
	uint64_t after = align_up(kernel->high, PAGE_SIZE);

	for (uint32_t i = 0; i < config->nr_modules; i++)
		size += strlen(text_of(&config->modules[i])) + 1;
	plan->block_size = plan->total = align_up(size, PAGE_SIZE);
	for (uint32_t i = 0; i < config->nr_modules; i++)
		plan->total += align_up(config->modules[i].size, PAGE_SIZE);
	plan->base = MAX(after, PVH_HIGH_START);
	if (plan->base < PVH_HOLE && pvh_range_is_ram(d, plan->base, plan->total))
		return 0;
	plan->base = PVH_HIGH_START;
	if (kernel->low >= plan->base && plan->total <= kernel->low - plan->base &&
	    plan->base + plan->total <= PVH_HOLE && pvh_range_is_ram(d, plan->base, plan->total))
		return 0;
	return -ENOMEM;
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
                       const struct plan *plan)
{
	uint64_t used = 0, module = plan->base + plan->block_size;

	b->info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.flags = config->is_privileged ? SIF_PRIVILEGED | SIF_INITDOMAIN : 0,
		.nr_modules = config->nr_modules,
		.rsdp_paddr = PVH_ACPI,
		.memmap_paddr = plan->base + offsetof(struct block, map),
		.memmap_entries = d->nr_e820,
	};
	b->info.cmdline_paddr = text_add(b, plan, &used, text_of(&config->kernel));
	if (config->nr_modules)
		b->info.modlist_paddr = plan->base + offsetof(struct block, modules);
	for (uint32_t i = 0; i < config->nr_modules; i++) {
		b->modules[i].paddr = module;
		b->modules[i].size = config->modules[i].size;
		b->modules[i].cmdline_paddr =
			text_add(b, plan, &used, text_of(&config->modules[i]));
		module += align_up(config->modules[i].size, PAGE_SIZE);
	}
	for (uint32_t i = 0; i < d->nr_e820; i++) {
		b->map[i].addr = d->e820[i].addr;
		b->map[i].size = d->e820[i].size;
		b->map[i].type = d->e820[i].type;
	}
}

int pvh_start_info_write(struct domain *d, const struct pvh_config *config,
                         const struct elf_image *kernel, uint64_t *gpa)
{
	struct plan plan;
	struct block *b;
	uint64_t at;
	int err;

	err = plan_make(d, config, kernel, &plan);
	if (err)
		return err;
	b = heap_alloc(plan.block_size);
	if (!b)
		return -ENOMEM;
	block_fill(b, d, config, &plan);
	err = pvh_copy(d, plan.base, b, plan.block_size);
	heap_free(b);
	at = plan.base + plan.block_size;
	for (uint32_t i = 0; i < config->nr_modules && !err; i++) {
		err = pvh_copy(d, at, config->modules[i].data, config->modules[i].size);
		at += align_up(config->modules[i].size, PAGE_SIZE);
	}
	*gpa = plan.base;
	return err;
}
