/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files grant_*.c. */
#ifndef CORE_GRANT_OPS_H
#define CORE_GRANT_OPS_H

#include "abi.h"
#include "domain.h"

#include <xen/grant_table.h>

#define GRANTS_PER_FRAME   (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define ACTIVE_PER_BLOCK   128u
#define MAPPINGS_PER_BLOCK 128u
#define HANDLES_A_FRAME    256u /* what a "maptrack frame" of the configuration stands for */
#define GRANT_NO_HANDLE    (~0u)
#define GRANT_PINS_MAX     0x7fff

/*
 * An entry that is in use: while readers + writers is above 0, mfn is what is mapped and copied, whatever the guest writes into its entry, and holds a
 * reference. The owner's grant_table.lock.
 */
struct active_grant {
	mfn_t mfn;
	uint32_t gfn;
	uint16_t domid;
	uint16_t readers, writers;
};

enum mapping_state {
	MAPPING_FREE,
	MAPPING_MAPPED,
	MAPPING_BUSY /* being made or unmade, by one vcpu alone */
};
/* The holder's grant_table.lock to change state; what else is in it belongs to who made it busy. */
struct grant_mapping {
	struct domain *owner; /* referenced */
	mfn_t mfn;
	gfn_t gfn; /* where the holder sees it */
	union {
		uint32_t ref;
		uint32_t next_free;
	};
	uint8_t state; /* enum mapping_state */
	bool is_readonly;
};

/*
 * grant_entry.c: uses entry ref of owner for domid; 0 or GNTST_*. The page (*out) stays until the same grant_unpin(). No lock held.
 */
int must_check grant_pin(struct domain *owner, uint32_t ref, uint16_t domid, bool readonly,
                         bool for_map, mfn_t *out);
void grant_unpin(struct domain *owner, uint32_t ref, bool readonly);
/* Exchanges two entries that are not in use; GNTST_eagain when one is. */
int must_check grant_swap(struct domain *d, uint32_t a, uint32_t b);
/* A page of d for a copy by frame number: referenced. 0 or GNTST_bad_page. */
int must_check grant_frame_get(struct domain *d, uint64_t gfn, bool readonly, mfn_t *out,
                               enum p2m_type *type);

/* grant_table.c; lock held. -ENOMEM */
int must_check grant_table_grow(struct grant_table *t, uint32_t nr_frames);

/* One element of a batch: fills its status. */
void grant_map_one(struct vcpu *caller, void *op);
void grant_unmap_one(struct vcpu *caller, void *op);
void grant_copy_one(struct vcpu *caller, void *op);
extern const struct abi_struct grant_copy_abi;
/* grant_map.c: for teardown; false: no more handles. */
bool grant_mapping_drop(struct domain *d, uint32_t handle);

#endif
