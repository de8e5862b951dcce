/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the toolstack asks of the hypervisor about device models: our own commands of domctl, in a range of their own, and our own resources (XENMEM_acquire_resource). The head of the struct is
 * struct xen_domctl's, with its interface version; the member lies in its union. Both widths of callers have the same layout.
 */
#ifndef BUS_DEVMODEL_CONTROL_H
#define BUS_DEVMODEL_CONTROL_H

#include "devmodel_abi.h"

enum devmodel_domctl {
	DEVMODEL_DOMCTL_CREATE = 0x5a00, /* struct devmodel_domctl_create */
	DEVMODEL_DOMCTL_INFO,            /* struct devmodel_domctl_info */
					 /* 0x5a02: domain_history.h */
};

/*
 * Gives a guest that is an HVM guest with all emulated devices of the hypervisor, and has not run yet, its device model: copies the image and lets it make the board, whose drives and
 * interfaces are served through the link. The state of drives (size, read-only) is that of the media that are in them.
 * -EEXIST: it has one. -EINVAL: no such guest, or the board makes no sense. -ENOEXEC: no such image (a line in the log says why). -E2BIG: image above 4 MiB. -ENOMEM: also when the guest may not
 * have so much memory (XEN_DOMCTL_max_mem): VRAM is charged to it. -EFAULT. After -ENOEXEC and -ENOMEM, or -EINVAL by the device model itself (again a line in the log), the guest can only be given up.
 */
struct devmodel_domctl_create {
	uint64_t
		image; /* linear address in the caller: an ELF file, built for DEVMODEL_ABI_VERSION */
	uint64_t image_size; /* bytes */
	uint64_t board;      /* linear address: struct devmodel_board */
	uint32_t board_size; /* sizeof(struct devmodel_board) */
	uint32_t cmos_boot;  /* the order in CMOS 0x3d (bits 7:0) and 0x38 (bits 15:8) */
	uint32_t
		port; /* out: the guest's event channel port that the backend binds to (interdomain) */
	uint32_t zero;
};

enum devmodel_state { DEVMODEL_NONE, DEVMODEL_ALIVE, DEVMODEL_DEAD };

/* How it is. */
struct devmodel_domctl_info {
	uint32_t state; /* enum devmodel_state */
	uint32_t port;
	uint64_t entries; /* since it was made */
	uint64_t run_ns;  /* in which it ran */
	uint32_t pages;   /* of its own, VRAM apart */
	uint32_t vram_pages;
};

/* Types of resources of a guest with a device model; id 0. */
#define DEVMODEL_RESOURCE_LINK 0x5a00 /* frames: those of struct devmodel_link */
#define DEVMODEL_RESOURCE_VRAM 0x5a01 /* frames: of VRAM, DEVMODEL_VRAM_HIDDEN included */

#endif
