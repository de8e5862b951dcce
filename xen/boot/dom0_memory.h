/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first domain's memory is the machine's: its RAM lies at gfn = mfn, so that its drivers' DMA is right without an IOMMU, from the lowest address up to what
 * it may have. Its map is the firmware's; RAM that is not its own is there as unusable, so that it puts no device's registers on it. Everything that is no RAM
 * it may use directly, but for what the hypervisor owns.
 */
#ifndef BOOT_DOM0_MEMORY_H
#define BOOT_DOM0_MEMORY_H

#include "boot_info.h"
#include "pvh_build.h"

/* What its layout wants to know; pvh_config.machine. */
struct dom0_machine {
	const struct boot_info *boot;
	/* Gives the page allocator so many bytes that were held back, the modules among them; nothing in them is changed. */
	uint64_t held;
	void (*release)(void);
};

/*
 * pvh_layout.populate. Between release() and the moment where all pages are taken nothing else is allocated: the modules' bytes are still in them. -ENOMEM.
 */
int must_check dom0_memory_populate(struct domain *d, const struct pvh_config *config);
/* The right to all frames below 2^physical_bits that are no RAM, less those in owned (frames, both ends inside). -ENOMEM. */
int must_check dom0_memory_give_frames(struct domain *d, const struct boot_info *boot,
                                       unsigned physical_bits, const struct range *owned,
                                       uint32_t nr);

#endif
