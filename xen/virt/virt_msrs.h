/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which MSRs of a vcpu cause exits: bitmaps, which both kinds of CPU have, by another layout. Only xen/virt includes it. */
#ifndef VIRT_VIRT_MSRS_H
#define VIRT_VIRT_MSRS_H

#include "vcpu.h"

/* In both lists of those that the guest may touch freely. */
#define FREE_MSRS                                                                      \
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_FS_BASE, MSR_GS_BASE, \
		MSR_KERNEL_GS_BASE

/*
 * A backend's bitmaps. Vcpus share the usual one until one of them asks for something else; if there is no memory for a copy of its own, it gets the one where
 * every MSR exits, which is right and only slower.
 */
struct virt_msr_maps {
	/* given by the backend */
	uint8_t order;             /* pages of a bitmap */
	uint8_t bits;              /* from one MSR's bit to the next one's */
	uint16_t write;            /* from an MSR's bit for reads to that for writes */
	uint8_t nr_ranges;         /* of 0x2000 MSRs each, one behind the other */
	uint32_t ranges[3];        /* their first MSRs; all outside exit always */
	const uint32_t *free;      /* those that exit neither when read nor when written, 0 ends */
	const uint32_t *read_free; /* the same for reads, NULL: none */
	/* made by virt_msr_maps_create(), constant then */
	uint8_t *usual, *all;
};

/* -ENOMEM */
int must_check virt_msr_maps_create(struct virt_msr_maps *m);

/*
 * virt_ops' trap_msr: own is where v keeps a bitmap of its own, NULL: it has none. Gives the one that v must use from now on, NULL: the one it uses already.
 */
const uint8_t *virt_msr_trap(struct vcpu *v, const struct virt_msr_maps *m, uint8_t **own,
                             uint32_t index, bool on_read, bool on_write);
void virt_msr_free(const struct virt_msr_maps *m, uint8_t **own);

#endif
