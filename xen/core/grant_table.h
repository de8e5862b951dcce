/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables version 1, public xen/grant_table.h: a domain lends single pages to another, which maps or copies them. */
#ifndef CORE_GRANT_TABLE_H
#define CORE_GRANT_TABLE_H

#include "spinlock.h"
#include "types.h"

struct domain;
struct vcpu;

struct grant_table {
	struct spinlock lock;
	uint32_t nr_frames, max_frames; /* shared frames in use, limit */
	void **frames;                  /* host addresses of the shared frames */
	struct active_grant **active;   /* a page of entries for each shared frame */
	struct grant_maptrack *
		*maptrack; /* pages of handles: mappings that this domain holds of others' grants */
	uint32_t nr_maptrack, max_maptrack, maptrack_free;
	uint32_t version;
	uint32_t nr_mapped;
	uint32_t teardown_handle;
};

int must_check grant_table_init(struct domain *d, uint32_t max_frames,
                                uint32_t max_maptrack_frames);
/* Unmaps what the dying domain holds of others, some hundred a call; -EINTR: again. Own grants that others still map live on in their page references. */
int must_check grant_table_destroy(struct domain *d);
/* Frees the tables when the domain is dead. */
void grant_table_free(struct domain *d);

long grant_table_op(struct vcpu *caller, uint64_t *args);

/* XENMAPSPACE_grant_table, XENMEM_acquire_resource: the page of frame index (grows the table). -EINVAL, -ENOMEM; bit 31 of index (status): -EINVAL. */
int must_check grant_table_frame(struct domain *d, uint32_t index, void **host);
/* The builder's entries 0 (console) and 1 (store): lets domid map gfn of d. */
int must_check grant_table_set(struct domain *d, uint32_t ref, uint16_t domid, uint64_t gfn);

void grant_table_dump(struct domain *d);

#endif
