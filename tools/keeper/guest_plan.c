/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a description to a plan for the builder. */
#include "kept_guest.h"
#include "paths.h"

#include <string.h>

static void board_make(const struct kept_guest *k, struct devmodel_board *b)
{
	const struct guest_config *g = &k->config;

	for (size_t i = 0; i < g->nr_disks; i++) {
		int n = g->disks[i].ide;

		if (n < 0)
			continue;
		b->drives[n].kind =
			g->disks[i].is_cdrom ? DEVMODEL_DRIVE_CDROM : DEVMODEL_DRIVE_DISK;
		b->drives[n].read_only = k->drives[n].is_read_only;
		b->drives[n].size = k->drives[n].sectors * 512;
	}
	for (size_t i = 0; i < g->nr_nics && i < DEVMODEL_NICS; i++) {
		if (!g->nics[i].is_emulated)
			continue;
		b->nics[i].present = 1;
		memcpy(b->nics[i].mac, g->nics[i].mac, sizeof(b->nics[i].mac));
	}
	b->nr_serials = (uint32_t)g->nr_serials;
	b->may_unplug = g->xen_platform_pci && k->pv.nr;
	b->has_tablet = g->usb_tablet;
}

/* VRAM is a power of two. */
static unsigned vram_of(unsigned mib)
{
	unsigned v = 1;

	while (v < mib)
		v *= 2;
	return v;
}

void guest_plan_make(const struct kept_guest *k, struct guest_plan *p)
{
	const struct guest_config *g = &k->config;

	memset(p, 0, sizeof(*p));
	path_library(p->hvmloader, sizeof(p->hvmloader), "hvmloader");
	if (g->device_model[0])
		snprintf(p->devmodel, sizeof(p->devmodel), "%s", g->device_model);
	else
		path_library(p->devmodel, sizeof(p->devmodel), "devmodel");
	p->plan = (struct build_plan){
		.name = g->name,
		.is_hvm = g->type == GUEST_HVM,
		.memory_kib = g->memory_kib,
		.max_memory_kib = g->max_memory_kib,
		.vcpus = g->vcpus,
		.max_vcpus = g->max_vcpus,
		.max_grant_frames = g->max_grant_frames,
		.max_event_channels = g->max_event_channels,
		.time_offset = g->time_offset,
		.tsc_mode = g->tsc_mode,
		.cpuid = &g->cpuid,
		.hvmloader = p->hvmloader,
		.devmodel = p->devmodel,
		.videoram_mib = vram_of(g->videoram_mib),
		.acpi = g->acpi,
		.apic = g->apic,
		.hpet = g->hpet,
		.acpi_s3 = g->acpi_s3,
		.acpi_s4 = g->acpi_s4,
		.timer_mode = g->timer_mode,
		.mmio_hole = g->mmio_hole_mib << 20,
		.kernel = g->kernel,
		.ramdisk = g->ramdisk[0] ? g->ramdisk : NULL,
		.command_line = g->command_line,
	};
	memcpy(p->plan.uuid, g->uuid, sizeof(p->plan.uuid));
	snprintf(p->plan.boot, sizeof(p->plan.boot), "%.3s", g->boot);
	if (p->plan.is_hvm)
		board_make(k, &p->plan.board);
}
