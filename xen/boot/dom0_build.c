// SPDX-License-Identifier: GPL-2.0-or-later
/* What the first domain is made of, and how large it gets. */
#include "dom0_build.h"
#include "dom0_memory.h"
#include "cpupool.h"
#include "elf.h"
#include "errno.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "pvh_build.h"
#include "string.h"
#include "unpack.h"

#define RESERVE_SHARE 16 /* of free memory, for tables and other domains' needs */
#define RESERVE_MAX   MIB(128)
/* of an unpacked kernel: most, and the guess where the file does not say */
#define KERNEL_MAX   GIB(1)
#define KERNEL_GUESS MIB(256)

bool boot_loader_gives_name(const char *loader)
{
	/* "GRUB 2.06-13" does not; a legacy "GNU GRUB 0.97" does, as QEMU and others do */
	return strncmp(loader, "GRUB 2", 6);
}

const char *boot_command_line_skip_name(const char *command_line, const char *loader)
{
	while (*command_line == ' ')
		command_line++;
	if (!boot_loader_gives_name(loader))
		return command_line;
	while (*command_line && *command_line != ' ')
		command_line++;
	while (*command_line == ' ')
		command_line++;
	return command_line;
}

uint64_t dom0_memory_choose(uint64_t free)
{
	uint64_t usable = free - MIN(free / RESERVE_SHARE, RESERVE_MAX);
	/* whole large pages when it is ours to choose */
	uint64_t memory = options.dom0_mem ? options.dom0_mem : align_down(usable, MIB(2));

	if (options.dom0_mem_max)
		memory = MIN(memory, options.dom0_mem_max);
	memory = MAX(memory, options.dom0_mem_min);
	if (memory > usable) {
		log_warning("dom0_mem: %llu MiB asked for, %llu MiB are there",
		            (unsigned long long)memory >> 20, (unsigned long long)usable >> 20);
		memory = align_down(usable, MIB(2));
	}
	return memory;
}

uint32_t dom0_vcpus_choose(uint32_t nr_cpus)
{
	uint32_t n = nr_cpus;

	/* a plain number holds as it is; a range bounds the number of CPUs */
	if (options.dom0_max_vcpus && options.dom0_max_vcpus == options.dom0_max_vcpus_min)
		n = options.dom0_max_vcpus;
	else if (options.dom0_max_vcpus)
		n = MIN(n, options.dom0_max_vcpus);
	n = MAX(n, options.dom0_max_vcpus_min);
	return MIN(n, (uint32_t)DOMAIN_MAX_VCPUS);
}

static void module_set(struct pvh_module *m, const struct boot_info *info, uint32_t i)
{
	const struct boot_module *from = &info->modules[i];

	m->data = hpa_to_virt(hpa(from->base));
	m->size = from->size;
	m->command_line = boot_command_line_skip_name(from->command_line, info->loader);
}

/* ---- the kernel's file ---- */

/* Pages of our own that hold a copy; nr 0: none. */
struct copy {
	mfn_t first;
	uint64_t nr;
};

static void copy_free(const struct copy *c)
{
	for (uint64_t i = 0; i < c->nr; i++)
		page_put(mfn(c->first.v + i));
}

/* Room for size bytes in one piece; NULL: no memory. */
static void *copy_alloc(struct copy *c, uint64_t size)
{
	uint64_t nr = align_up(size, PAGE_SIZE) >> PAGE_SHIFT, all = 1;
	unsigned order = 0;

	while (all < nr && order < PAGE_ORDER_MAX)
		all = 1ull << ++order;
	c->first = nr && nr <= all ? page_alloc(NULL, order, PAGE_ALLOC_UNSCRUBBED) : INVALID_MFN;
	if (!mfn_valid(c->first))
		return NULL;
	for (uint64_t i = nr; i < all; i++)
		page_put(mfn(c->first.v + i));
	c->nr = nr;
	return mfn_to_virt(c->first);
}

/* The domain's memory is the machine's: a file that lies where the kernel wants to be is moved out of its way. */
static int kernel_step_aside(struct pvh_config *config, struct copy *c)
{
	uint64_t at = virt_to_hpa(config->kernel.data).v;
	struct elf_image image;
	const char *why;
	void *to;

	if (!config->layout->is_direct_mapped ||
	    elf_parse(config->kernel.data, config->kernel.size, &image, &why) || at >= image.high ||
	    at + config->kernel.size <= image.low)
		return 0;
	to = copy_alloc(c, config->kernel.size);
	if (!to) {
		log_error("domain 0: no memory in one piece to move the kernel's file of %llu KiB "
		          "out of the way of the kernel",
		          (unsigned long long)config->kernel.size >> 10);
		return -ENOMEM;
	}
	memcpy(to, config->kernel.data, config->kernel.size);
	config->kernel.data = to;
	return 0;
}

static int kernel_fail(const struct pvh_config *config, const struct unpack_info *info,
                       const char *why, int err)
{
	log_error("domain 0: %s%s%s: %s", config->name, info->format ? ", packed with " : "",
	          info->format ? info->format : "", why);
	return err;
}

static int kernel_unpack_to(struct pvh_config *config, const struct unpack_info *info, void *to,
                            uint64_t room)
{
	void *work = heap_alloc(info->work_size ? info->work_size : 1);
	const char *why = "no memory for the tables to unpack it";
	uint64_t got = 0;
	int err = -ENOMEM;

	if (work)
		err = unpack(config->kernel.data, info, to, room, work, &got, &why);
	heap_free(work);
	if (err)
		return kernel_fail(config, info, why, err);
	log_info("domain 0: kernel of %llu KiB unpacked (%s%s): %llu KiB",
	         (unsigned long long)info->size >> 10, info->is_bzimage ? "bzImage, " : "",
	         info->format, (unsigned long long)got >> 10);
	config->kernel.data = to;
	config->kernel.size = got;
	return 0;
}

/* Room for the unpacked kernel, whose size *room becomes. Where the file does not say it, as much as there is, up to a guess. */
static void *kernel_room(struct copy *c, const struct unpack_info *info, uint64_t *room)
{
	void *to = NULL;

	*room = info->unpacked_size;
	if (*room)
		return *room <= KERNEL_MAX ? copy_alloc(c, *room) : NULL;
	for (*room = KERNEL_GUESS; !to && *room > info->size; *room /= 2)
		to = copy_alloc(c, *room);
	*room *= 2;
	return to;
}

/* The ELF file in what the loader gave: where it is, or unpacked into a copy, which is out of the kernel's way as well. */
static int kernel_unpack(struct pvh_config *config, struct copy *c)
{
	struct unpack_info info;
	const char *why = NULL;
	uint64_t room;
	void *to;
	int err = unpack_probe(config->kernel.data, config->kernel.size, &info, &why);

	if (err)
		return kernel_fail(config, &info, why, err);
	if (!info.is_packed) {
		config->kernel.data = (const uint8_t *)config->kernel.data + info.offset;
		config->kernel.size = info.size;
		return 0;
	}
	to = kernel_room(c, &info, &room);
	if (!to)
		return kernel_fail(config, &info, "no memory in one piece to unpack it", -ENOMEM);
	return kernel_unpack_to(config, &info, to, room);
}

/* ---- the whole ---- */

static int config_build(struct pvh_config *config, struct domain **out)
{
	const struct dom0_machine *machine = config->machine;
	struct copy copy = { .nr = 0 };
	int err = kernel_unpack(config, &copy);

	if (!err && !copy.nr)
		err = kernel_step_aside(config, &copy);
	if (!err) {
		config->memory = dom0_memory_choose((page_nr_free() << PAGE_SHIFT) + machine->held);
		log_info("domain 0: %u vcpus, %llu MiB, kernel of %llu KiB, %u modules",
		         config->max_vcpus, (unsigned long long)config->memory >> 20,
		         (unsigned long long)config->kernel.size >> 10, config->nr_modules);
		err = pvh_build(config, out);
	}
	copy_free(&copy);
	return err;
}

int dom0_build(const struct dom0_machine *machine, const struct pvh_layout *layout,
               const struct cpuid_policy *cpuid, struct domain **out)
{
	static struct pvh_module modules[BOOT_MAX_MODULES];
	const struct boot_info *info = machine->boot;
	struct pvh_config config = {
		.name = "boot module 1",
		.modules = modules,
		.nr_modules = info->nr_modules - 1,
		.max_vcpus = dom0_vcpus_choose(cpupool_first_size()),
		.is_privileged = true,
		.cpuid = cpuid,
		.layout = layout,
		.machine = machine,
	};

	if (!info->nr_modules) {
		log_error("no boot module: nothing to start. Give a PVH kernel (a bzImage, or an "
		          "ELF file with Xen's PHYS32_ENTRY note) as the first one");
		return -ENOENT;
	}
	module_set(&config.kernel, info, 0);
	for (uint32_t i = 1; i < info->nr_modules; i++)
		module_set(&modules[i - 1], info, i);
	return config_build(&config, out);
}
