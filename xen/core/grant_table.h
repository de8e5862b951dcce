/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables version 1, public xen/grant_table.h: a domain lends single pages to another, which maps or copies them. */
#ifndef CORE_GRANT_TABLE_H
#define CORE_GRANT_TABLE_H

#include "save.h"
#include "spinlock.h"
#include "types.h"

struct domain;
struct vcpu;
struct active_grant;  /* what we know of an entry that is in use (grant_ops.h) */
struct grant_mapping; /* a mapping that this domain holds of another's page (grant_ops.h) */
struct grant_entry_v1;

/* All fields: lock, once the domain runs. */
struct grant_table {
	struct spinlock lock;
	/* what the domain lends */
	uint32_t nr_frames, max_frames; /* shared frames in use, limit */
	struct grant_entry_v1 *
		*frames; /* host addresses of the shared frames; the guest writes there */
	struct active_grant **active; /* blocks of entries, allocated as they are used */
	uint32_t nr_active_blocks;
	/* what it holds of others, by handle */
	struct grant_mapping **mappings;  /* blocks */
	uint32_t nr_handles, max_handles; /* handles that have a block, limit */
	uint32_t max_mapping_blocks;      /* room in mappings */
	uint32_t free_handle;             /* first of the free ones, ~0: none */
	uint32_t teardown_handle;
};
extern const struct save_field grant_table_saved[];

/* 0: the defaults, 64 and 1024 frames. -ENOMEM. */
int must_check grant_table_init(struct domain *d, uint32_t max_frames,
                                uint32_t max_maptrack_frames);
/* Unmaps what the dying domain holds of others, some hundred a call; -EINTR: again. Own grants that others still map live on in their page references. */
int must_check grant_table_destroy(struct domain *d);
/* Frees the tables when the domain is dead: no mapping of its pages is left, as each holds a reference to the domain. */
void grant_table_free(struct domain *d);

long grant_table_op(struct vcpu *caller, uint64_t *args);

/* XENMAPSPACE_grant_table, XENMEM_acquire_resource: the page of frame index (grows the table). -EINVAL, -ENOMEM; bit 31 of index (status): -EINVAL. */
int must_check grant_table_frame(struct domain *d, uint32_t index, void **host);
/* The builder's entries 0 (console) and 1 (store): lets domid map gfn of d. -EINVAL. */
int must_check grant_table_set(struct domain *d, uint32_t ref, uint16_t domid, uint64_t gfn);

void grant_table_dump(struct domain *d);

#endif
