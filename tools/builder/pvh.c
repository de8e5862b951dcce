/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that is started directly: memory as xen/boot/pvh_map.h draws it, ACPI tables, the kernel and its ramdisk. No device model: its devices are paravirtual. */
#include "domain_image.h"

#include <stdlib.h>

#include "kernel_file.h"
#include "pvh_map.h"
#include "pvh_tables.h"

static bool memory_make(struct domain_image *d)
{
	uint64_t memory = d->plan->memory_kib * 1024 & ~(GUEST_PAGE - 1);
	uint64_t low = memory < PVH_HOLE ? memory : PVH_HOLE;

	if (memory < 2 * PVH_HIGH_START)
		return fail(d->failure, "%s: memory= is less than 2 MiB: no kernel fits into that",
		            d->plan->name);
	ram_row(d, 0, PVH_LOW_END, 1);
	ram_row(d, PVH_LOW_END, PVH_HIGH_START, 2);
	ram_row(d, PVH_HIGH_START, low, 1);
	/* nobody shall put anything upon the rings of console and store */
	ram_row(d, CONSOLE_GFN << PAGE_SHIFT, (STORE_GFN + 1) << PAGE_SHIFT, 2);
	ram_row(d, PVH_HOLE_END, PVH_HOLE_END + memory - low, 1);
	return ram_populate(d) && ram_populate_range(d, PVH_LOW_END, PVH_HIGH_START);
}

static bool acpi_write(struct domain_image *d)
{
	uint8_t *tables = calloc(1, PVH_ACPI_SIZE);
	uint32_t size = tables ? pvh_acpi_make(tables, PVH_ACPI, d->plan->max_vcpus) : 0;
	bool done = size ? ram_write(d, PVH_ACPI, tables, size, "its ACPI tables")
	                 : fail(d->failure,
	                        "%s: no ACPI tables for %u vcpus: give it less (vcpus=, maxvcpus=)",
	                        d->plan->name, d->plan->max_vcpus);

	free(tables);
	return done;
}

static bool kernel_write(struct domain_image *d, const struct kernel_file *kernel)
{
	const struct build_plan *p = d->plan;
	struct start_module ramdisk = { 0 };
	uint8_t *bytes = NULL;
	bool done;

	if (p->ramdisk) {
		bytes = file_read(d, "its ramdisk", p->ramdisk, &ramdisk.size);
		if (!bytes)
			return false;
		ramdisk.bytes = bytes;
	}
	done = elf_load(d, p->kernel, kernel->bytes, &kernel->image) &&
	       start_info_write(d, p->command_line, bytes ? &ramdisk : NULL, PVH_ACPI);
	free(bytes);
	return done;
}

bool pvh_furnish(struct domain_image *d)
{
	struct kernel_file_fault why;
	struct kernel_file kernel;
	size_t size;
	uint8_t *file = file_read(d, "its kernel", d->plan->kernel, &size);
	bool done;

	if (!file)
		return false;
	if (!kernel_file_open(&kernel, file, size, &why)) {
		fail(d->failure, "%s: kernel \"%s\": %s", d->plan->name, d->plan->kernel, why.text);
		free(file);
		return false;
	}
	done = memory_make(d) && acpi_write(d) && kernel_write(d, &kernel) && vcpu_start_state(d);
	kernel_file_close(&kernel);
	free(file);
	return done;
}
