/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping another domain's page into one's own memory, and unmapping it. The handle is the capability to unmap; the mapping keeps references on the page (by the
 * active entry) and on its owner.
 */
#include "grant_ops.h"

#include "errno.h"
#include "heap.h"
#include "string.h"

#define MAPPING_BLOCKS_AT_FIRST 4

_Static_assert(MAPPINGS_PER_BLOCK * sizeof(struct grant_mapping) <= PAGE_SIZE, "a block is a page");

static struct grant_mapping *mapping_at(const struct grant_table *t, uint32_t handle)
{
	if (handle >= t->nr_handles)
		return NULL;
	return &t->mappings[handle / MAPPINGS_PER_BLOCK][handle % MAPPINGS_PER_BLOCK];
}

/* Blocks never move, only the array of them does; it is used under the lock. */
static int mappings_grow(struct grant_table *t)
{
	uint32_t nr = t->nr_handles / MAPPINGS_PER_BLOCK, max = t->max_mapping_blocks;
	struct grant_mapping *block, **wider;

	if (t->nr_handles >= t->max_handles)
		return -ENOSPC;
	if (nr == max) {
		max = max ? max * 2 : MAPPING_BLOCKS_AT_FIRST;
		wider = heap_alloc_array(max, sizeof(*wider));
		if (!wider)
			return -ENOMEM;
		if (nr)
			memcpy(wider, t->mappings, nr * sizeof(*wider));
		heap_free(t->mappings);
		t->mappings = wider;
		t->max_mapping_blocks = max;
	}
	block = heap_alloc_array(MAPPINGS_PER_BLOCK, sizeof(*block));
	if (!block)
		return -ENOMEM;
	t->mappings[nr] = block;
	for (uint32_t i = 0; i < MAPPINGS_PER_BLOCK; i++)
		block[i].next_free =
			i + 1 < MAPPINGS_PER_BLOCK ? t->nr_handles + i + 1 : GRANT_NO_HANDLE;
	t->free_handle = t->nr_handles;
	t->nr_handles += MAPPINGS_PER_BLOCK;
	return 0;
}

/* A busy mapping of the caller's, or NULL. */
static struct grant_mapping *mapping_alloc(struct grant_table *t, uint32_t *handle)
{
	struct grant_mapping *m = NULL;

	spin_lock(&t->lock);
	if (t->free_handle != GRANT_NO_HANDLE || !mappings_grow(t)) {
		*handle = t->free_handle;
		m = mapping_at(t, *handle);
		t->free_handle = m->next_free;
		m->state = MAPPING_BUSY;
	}
	spin_unlock(&t->lock);
	return m;
}

static void mapping_free(struct grant_table *t, struct grant_mapping *m, uint32_t handle)
{
	spin_lock(&t->lock);
	m->state = MAPPING_FREE;
	m->owner = NULL;
	m->next_free = t->free_handle;
	t->free_handle = handle;
	spin_unlock(&t->lock);
}

static enum p2m_type mapping_type(bool readonly)
{
	return readonly ? P2M_GRANT_RO : P2M_GRANT_RW;
}

/*
 * Into a hole or in the place of own RAM; what else a frame may hold has an owner who counts on it. Device memory that came at a touch comes again at the next: it does not stand
 * in the way.
 */
static int page_place(struct domain *d, const struct gnttab_map_grant_ref *op, mfn_t m)
{
	uint32_t over = P2M_MASK(P2M_HOLE) | P2M_MASK_RAM |
	                (d->direct.maps_on_fault ? P2M_MASK(P2M_MMIO_DIRECT) : 0);

	if ((op->flags & ~GNTMAP_readonly) != GNTMAP_host_map)
		return GNTST_general_error;
	if (p2m_replace(&d->p2m, gpa_to_gfn(gpa(op->host_addr)), m, 0,
	                mapping_type(op->flags & GNTMAP_readonly), over))
		return GNTST_general_error;
	return GNTST_okay;
}

static int map_from(struct domain *d, struct domain *owner, struct gnttab_map_grant_ref *op)
{
	bool readonly = op->flags & GNTMAP_readonly;
	struct grant_mapping *m;
	uint32_t handle;
	mfn_t page;
	int r;

	m = mapping_alloc(&d->grants, &handle);
	if (!m)
		return GNTST_no_device_space;
	r = grant_pin(owner, op->ref, d->id, readonly, true, &page);
	if (r)
		goto free_mapping;
	r = page_place(d, op, page);
	if (r)
		goto unpin;
	m->owner = owner;
	m->mfn = page;
	m->gfn = gpa_to_gfn(gpa(op->host_addr));
	m->ref = op->ref;
	m->is_readonly = readonly;
	store_release(&m->state, MAPPING_MAPPED);
	op->handle = handle;
	op->dev_bus_addr = mfn_to_hpa(page).v;
	return GNTST_okay;

unpin:
	grant_unpin(owner, op->ref, readonly);
free_mapping:
	mapping_free(&d->grants, m, handle);
	return r;
}

void grant_map_one(struct vcpu *caller, void *op_)
{
	struct gnttab_map_grant_ref *op = op_;
	struct domain *owner;

	if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map))) {
		op->status = GNTST_bad_gntref;
		return;
	}
	if (op->flags & (GNTMAP_device_map | GNTMAP_application_map | GNTMAP_contains_pte)) {
		op->status = GNTST_general_error;
		return;
	}
	owner = domain_get(op->dom);
	if (!owner) {
		op->status = GNTST_bad_domain;
		return;
	}
	op->status = map_from(caller->domain, owner, op);
	/* A mapping keeps the reference. */
	if (op->status != GNTST_okay)
		domain_put(owner);
}

/* The caller has made the mapping busy. GNTST_general_error: the guest had put something else there; the page is given back all the same. */
static int mapping_undo(struct domain *d, struct grant_mapping *m, uint32_t handle)
{
	struct domain *owner = m->owner;
	int r = p2m_remove(&d->p2m, m->gfn, m->mfn, mapping_type(m->is_readonly));

	grant_unpin(owner, m->ref, m->is_readonly);
	mapping_free(&d->grants, m, handle);
	domain_put(owner);
	return r ? GNTST_general_error : GNTST_okay;
}

void grant_unmap_one(struct vcpu *caller, void *op_)
{
	struct gnttab_unmap_grant_ref *op = op_;
	struct domain *d = caller->domain;
	struct grant_table *t = &d->grants;
	struct grant_mapping *m;
	int r = GNTST_okay;

	spin_lock(&t->lock);
	m = mapping_at(t, op->handle);
	if (!m || m->state != MAPPING_MAPPED)
		r = GNTST_bad_handle;
	else if (op->host_addr && gpa_to_gfn(gpa(op->host_addr)).v != m->gfn.v)
		r = GNTST_general_error;
	else if (op->host_addr)
		m->state = MAPPING_BUSY;
	spin_unlock(&t->lock);
	/* No address: nothing is asked to be unmapped. */
	if (!r && op->host_addr)
		r = mapping_undo(d, m, op->handle);
	op->status = r;
}

bool grant_mapping_drop(struct domain *d, uint32_t handle)
{
	struct grant_mapping *m = mapping_at(&d->grants, handle);

	if (!m)
		return false;
	if (m->state == MAPPING_MAPPED) {
		m->state = MAPPING_BUSY;
		(void)mapping_undo(d, m, handle);
	}
	return true;
}
