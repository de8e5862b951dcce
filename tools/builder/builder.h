/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a domain out of a plan: an HVM guest (hvmloader, a device model) or a PVH kernel. It is paused when it is done. Whatever fails, nothing is left of it, and failure has the reason.
 */
#ifndef BUILDER_BUILDER_H
#define BUILDER_BUILDER_H

#include "cpuid_spec.h"
#include "failure.h"
#include "hypervisor.h"

#include "devmodel_abi.h"

struct build_plan {
	const char *name;
	uint8_t uuid[16];
	bool is_hvm;
	uint64_t memory_kib, max_memory_kib;
	unsigned vcpus, max_vcpus;
	unsigned max_grant_frames, max_event_channels; /* 0: usual */
	int64_t time_offset;                           /* seconds that its clock is before UTC */
	const struct cpuid_changes *cpuid;             /* NULL: none */
	uint32_t tsc_mode;                             /* 0 default, 1 always emulate, 2 native */

	/* HVM */
	const char *hvmloader, *devmodel; /* files */
	struct devmodel_board board;      /* drives, interfaces and so on; the rest is filled in */
	unsigned videoram_mib;
	char boot[4]; /* of a, c, d, n */
	bool acpi, apic, hpet, acpi_s3, acpi_s4;
	unsigned timer_mode;
	uint64_t mmio_hole; /* bytes that PCI has below 4 GiB at least; 0: what its devices need */

	/* PVH */
	const char *kernel, *ramdisk, *command_line; /* ramdisk: NULL: none */
};

struct built {
	uint32_t domid;
	uint32_t store_port, console_port;
	uint64_t store_gfn, console_gfn;
	uint32_t devmodel_port; /* HVM: the backend binds to it */
};

bool build(struct hypervisor *h, const struct build_plan *plan, struct built *built,
           struct failure *failure);
/* The hypervisor's limit for a guest that may have so much memory, and so much of a display's (0: none). */
uint64_t build_limit_kib(uint64_t memory_kib, uint64_t videoram_kib);
/* The end of a domain, whatever its state; waits until its memory is free. */
void build_undo(struct hypervisor *h, uint32_t domid);

#endif
