/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is where in a guest's physical memory: shared pages, moved pages, other domains' pages. */
#include "memory_op.h"

#include "devmodel.h"
#include "domain.h"
#include "hypercall.h"

/* What may give way to a page that the guest wants at a gfn. Grant mappings and devices stay: their owners would lose track. */
#define REPLACEABLE \
	(P2M_MASK_RAM | P2M_MASK(P2M_HOLE) | P2M_MASK(P2M_SHARED) | P2M_MASK(P2M_FOREIGN))

static int gfn_set(struct domain *d, uint64_t to, mfn_t m, enum p2m_type type)
{
	/* What came at a touch comes again at the next: it does not stand in the way. */
	uint32_t over = REPLACEABLE | (d->direct.maps_on_fault ? P2M_MASK(P2M_MMIO_DIRECT) : 0);
	int rc = p2m_replace(&d->p2m, gfn(to), m, 0, type, over);

	return rc == -EBUSY ? -EPERM : rc;
}

/* What is at a gfn, with its page when that comes on demand. */
static struct p2m_entry entry_of(struct domain *d, uint64_t n)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(n));

	if (e.type == P2M_ON_DEMAND && !p2m_demand_wait(&d->p2m, gfn(n)))
		e = p2m_lookup(&d->p2m, gfn(n));
	return e;
}

/* A page of the hypervisor's own is in one place: it leaves the old one. The caller's reference goes to the entry. */
static int shared_place(struct domain *d, void *host, uint64_t to)
{
	mfn_t m = virt_to_mfn(host);
	struct page *p = page_of(m);
	uint32_t old;
	int rc;

	if (!page_get(m, NULL))
		return -EINVAL;
	rc = gfn_set(d, to, m, P2M_SHARED);
	if (rc) {
		page_put(m);
		return rc;
	}
	old = atomic_exchange(&p->shared_gfn, to < UINT32_MAX ? (uint32_t)to + 1 : 0);
	if (old && old - 1 != to && !p2m_remove(&d->p2m, gfn(old - 1), m, P2M_SHARED))
		page_put(m);
	return 0;
}

static int place_shared_info(struct domain *d, uint16_t foreign, uint64_t idx, uint64_t to)
{
	return idx || !d->shared_info ? -EINVAL : shared_place(d, d->shared_info, to);
}

static int place_grant_frame(struct domain *d, uint16_t foreign, uint64_t idx, uint64_t to)
{
	void *host;
	int rc = idx > UINT32_MAX ? -EINVAL : grant_table_frame(d, (uint32_t)idx, &host);

	return rc ? rc : shared_place(d, host, to);
}

/* Moves one of the domain's own pages; what was at the new place is given back. */
static int place_gmfn(struct domain *d, uint16_t foreign, uint64_t idx, uint64_t to)
{
	struct p2m_entry e = entry_of(d, idx);
	int rc;

	if (!p2m_type_is_ram(e.type) && e.type != P2M_SHARED)
		return -EINVAL;
	if (idx == to)
		return 0;
	rc = p2m_remove(&d->p2m, gfn(idx), e.mfn, e.type);
	if (rc)
		return rc == -ENOENT ? -EINVAL : rc;
	rc = gfn_set(d, to, e.mfn, e.type);
	if (!rc) {
		if (e.type == P2M_SHARED)
			page_of(e.mfn)->shared_gfn = to < UINT32_MAX ? (uint32_t)to + 1 : 0;
		return 0;
	}
	/* Back to where it was, if nobody else has taken the place meanwhile. */
	if (p2m_replace(&d->p2m, gfn(idx), e.mfn, 0, e.type, P2M_MASK(P2M_HOLE)))
		page_put(e.mfn);
	return rc;
}

int memory_page_move(struct domain *d, uint64_t from, uint64_t to)
{
	return place_gmfn(d, 0, from, to);
}

/* Another domain's page, for the tools of a privileged one. */
static int place_foreign(struct domain *d, uint16_t foreign, uint64_t idx, uint64_t to)
{
	struct domain *owner;
	enum p2m_type type;
	mfn_t m;
	int rc;

	if (foreign == DOMID_SELF)
		return -EINVAL;
	owner = domain_get(foreign);
	if (!owner)
		return -ESRCH;
	if (owner == d) {
		rc = -EINVAL;
	} else if (!d->is_privileged) {
		rc = -EPERM;
	} else if (p2m_get_page(&owner->p2m, gfn(idx), true, &m, &type)) {
		rc = -EINVAL;
	} else {
		rc = p2m_type_is_ram(type) || type == P2M_SHARED ? gfn_set(d, to, m, P2M_FOREIGN)
		                                                 : -EINVAL;
		if (rc)
			page_put(m);
	}
	domain_put(owner);
	return rc;
}

static int (*const places[])(struct domain *d, uint16_t foreign, uint64_t idx, uint64_t to) = {
	[XENMAPSPACE_shared_info] = place_shared_info,
	[XENMAPSPACE_grant_table] = place_grant_frame,
	[XENMAPSPACE_gmfn] = place_gmfn,
	[XENMAPSPACE_gmfn_foreign] = place_foreign,
};

static int place(struct domain *d, unsigned space, uint16_t foreign, uint64_t idx, uint64_t to)
{
	if (space >= ARRAY_LEN(places) || !places[space])
		return -EINVAL;
	return places[space](d, foreign, idx, to);
}

/* ---- XENMEM_add_to_physmap ----------------------------------------------------------------------- */

struct compat_add_to_physmap {
	uint16_t domid, size;
	uint32_t space, idx, gpfn;
};
_Static_assert(sizeof(struct compat_add_to_physmap) == 16, "32-bit layout");

#define ADD_FIELD(field) ABI_FIELD(struct xen_add_to_physmap, struct compat_add_to_physmap, field)

static const struct abi_struct add_abi = {
	sizeof(struct xen_add_to_physmap),
	sizeof(struct compat_add_to_physmap),
	(const struct abi_field[]){ ADD_FIELD(domid), ADD_FIELD(size), ADD_FIELD(space),
	                            ADD_FIELD(idx), ADD_FIELD(gpfn), ABI_END },
};

static long add_range(struct memory_call *c, struct domain *d, const struct xen_add_to_physmap *x)
{
	if (x->size < c->start)
		return -EILSEQ;
	if (x->size && (x->idx + x->size - 1 < x->idx || x->gpfn + x->size - 1 < x->gpfn))
		return -EOVERFLOW;
	for (uint64_t i = c->start; i < x->size; i++) {
		int rc;

		if (i != c->start && hypercall_should_restart())
			return memory_call_restart(c, i);
		rc = place(d, XENMAPSPACE_gmfn, 0, x->idx + i, x->gpfn + i);
		if (rc)
			return rc;
	}
	return 0;
}

long memory_add_to_physmap(struct memory_call *c)
{
	struct xen_add_to_physmap x;
	struct domain *d;
	long rc;

	if (c->start > UINT16_MAX)
		return -EDOM;
	if (abi_get(c->caller, &add_abi, &x, c->arg, 0))
		return -EFAULT;
	/* Only the batch can name the other domain. */
	if (x.space == XENMAPSPACE_gmfn_foreign)
		return -ENOSYS;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	if (x.space == XENMAPSPACE_gmfn_range)
		rc = add_range(c, d, &x);
	else
		rc = place(d, x.space, 0, x.idx, x.gpfn);
	domain_put(d);
	return rc;
}

/* ---- XENMEM_add_to_physmap_batch ------------------------------------------------------------------ */

struct compat_add_to_physmap_batch {
	uint16_t domid, space, size;
	struct {
		uint16_t foreign_domid;
	} u;
	uint32_t idxs, gpfns, errs;
};
_Static_assert(sizeof(struct compat_add_to_physmap_batch) == 20, "32-bit layout");

#define BATCH_FIELD(field) \
	ABI_FIELD(struct xen_add_to_physmap_batch, struct compat_add_to_physmap_batch, field)

static const struct abi_struct batch_abi = {
	sizeof(struct xen_add_to_physmap_batch),
	sizeof(struct compat_add_to_physmap_batch),
	(const struct abi_field[]){ BATCH_FIELD(domid), BATCH_FIELD(space), BATCH_FIELD(size),
	                            BATCH_FIELD(u.foreign_domid), BATCH_FIELD(idxs),
	                            BATCH_FIELD(gpfns), BATCH_FIELD(errs), ABI_END },
};
static const struct abi_struct int_abi = ABI_SAME(int32_t);

static long batch_run(struct memory_call *c, struct domain *d,
                      const struct xen_add_to_physmap_batch *x)
{
	if (x->size < c->start)
		return -EILSEQ;
	for (uint64_t i = c->start; i < x->size; i++) {
		uint64_t idx, to;
		int32_t rc;

		if (i != c->start && hypercall_should_restart())
			return memory_call_restart(c, i);
		if (abi_get_long(c->caller, &idx, memory_handle(x->idxs), i) ||
		    abi_get_long(c->caller, &to, memory_handle(x->gpfns), i))
			return -EFAULT;
		rc = place(d, x->space, x->u.foreign_domid, idx, to);
		if (abi_put(c->caller, &int_abi, &rc, memory_handle(x->errs), i))
			return -EFAULT;
	}
	return 0;
}

long memory_add_to_physmap_batch(struct memory_call *c)
{
	struct xen_add_to_physmap_batch x;
	struct domain *d;
	long rc;

	if (c->start > UINT16_MAX)
		return -EDOM;
	if (abi_get(c->caller, &batch_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.space == XENMAPSPACE_gmfn_range)
		return -EOPNOTSUPP;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	if (x.space == XENMAPSPACE_dev_mmio && x.u.res0)
		rc = -EOPNOTSUPP;
	else
		rc = batch_run(c, d, &x);
	domain_put(d);
	return rc;
}

/* ---- XENMEM_remove_from_physmap ------------------------------------------------------------------ */

struct compat_remove_from_physmap {
	uint16_t domid, pad;
	uint32_t gpfn;
};

#define REMOVE_FIELD(field) \
	ABI_FIELD(struct xen_remove_from_physmap, struct compat_remove_from_physmap, field)

static const struct abi_struct remove_abi = {
	sizeof(struct xen_remove_from_physmap),
	sizeof(struct compat_remove_from_physmap),
	(const struct abi_field[]){ REMOVE_FIELD(domid), REMOVE_FIELD(gpfn), ABI_END },
};

long memory_remove_from_physmap(struct memory_call *c)
{
	struct xen_remove_from_physmap x;
	struct p2m_entry e;
	struct domain *d;
	long rc;

	if (abi_get(c->caller, &remove_abi, &x, c->arg, 0))
		return -EFAULT;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	e = entry_of(d, x.gpfn);
	if (!p2m_type_is_ram(e.type) && e.type != P2M_SHARED && e.type != P2M_FOREIGN) {
		rc = -ENOENT;
	} else {
		rc = p2m_remove(&d->p2m, gfn(x.gpfn), e.mfn, e.type);
		if (!rc)
			page_put(e.mfn);
	}
	domain_put(d);
	return rc;
}

/* ---- XENMEM_acquire_resource --------------------------------------------------------------------- */

struct compat_acquire_resource {
	uint16_t domid, type;
	uint32_t id, nr_frames, pad;
	uint64_t frame;
	uint32_t frame_list;
} packed_struct;
_Static_assert(sizeof(struct compat_acquire_resource) == 28, "32-bit layout");

#define ACQUIRE_FIELD(field) \
	ABI_FIELD(struct xen_mem_acquire_resource, struct compat_acquire_resource, field)

static const struct abi_struct acquire_abi = {
	sizeof(struct xen_mem_acquire_resource),
	sizeof(struct compat_acquire_resource),
	(const struct abi_field[]){ ACQUIRE_FIELD(domid), ACQUIRE_FIELD(type), ACQUIRE_FIELD(id),
	                            ACQUIRE_FIELD(nr_frames), ACQUIRE_FIELD(pad),
	                            ACQUIRE_FIELD(frame), ACQUIRE_FIELD(frame_list), ABI_END },
};

/* How many frames a resource can have; 0: no such resource. */
static uint32_t resource_max_frames(struct domain *d, uint16_t type, uint32_t id)
{
	if (type == XENMEM_resource_grant_table)
		return id == XENMEM_resource_grant_table_id_shared ? d->grants.max_frames : 0;
	return devmodel_resource_frames(d, type, id);
}

/* With a reference. */
static int resource_get(struct domain *d, uint16_t type, uint64_t frame, mfn_t *out)
{
	void *host;
	int rc;

	if (type != XENMEM_resource_grant_table)
		return devmodel_resource_get(d, type, frame, out);
	if (frame > UINT32_MAX)
		return -EINVAL;
	rc = grant_table_frame(d, (uint32_t)frame, &host);
	if (rc)
		return rc;
	*out = virt_to_mfn(host);
	return page_get(*out, NULL) ? 0 : -EINVAL;
}

static int resource_map(struct memory_call *c, struct domain *d, uint16_t type, uint64_t frame,
                        uint64_t to)
{
	mfn_t m;
	int rc = resource_get(d, type, frame, &m);

	if (rc)
		return rc;
	rc = gfn_set(c->caller->domain, to, m, P2M_FOREIGN);
	if (rc)
		page_put(m);
	return rc;
}

static long resource_run(struct memory_call *c, struct domain *d,
                         struct xen_mem_acquire_resource *x)
{
	uint32_t max = resource_max_frames(d, x->type, x->id);
	uint64_t list = memory_handle(x->frame_list);

	if (!max)
		return -EINVAL;
	if (!list) {
		if (x->nr_frames || c->start)
			return -EINVAL;
		x->nr_frames = max;
		return abi_put(c->caller, &acquire_abi, x, c->arg, 0);
	}
	if (c->start >= x->nr_frames || x->nr_frames > UINT32_MAX >> MEMORY_START_SHIFT)
		return -EINVAL;
	for (uint64_t i = c->start; i < x->nr_frames; i++) {
		uint64_t to;
		int rc;

		if (i != c->start && hypercall_should_restart())
			return memory_call_restart(c, i);
		if (abi_get_long(c->caller, &to, list, i))
			return -EFAULT;
		rc = resource_map(c, d, x->type, x->frame + i, to);
		if (rc)
			return i ? -EIO : rc;
	}
	return 0;
}

long memory_acquire_resource(struct memory_call *c)
{
	struct xen_mem_acquire_resource x;
	struct domain *d;
	long rc;

	/* Only the control domain's map may hold what is not a guest's page. */
	if (!c->caller->domain->is_privileged)
		return -EACCES;
	if (abi_get(c->caller, &acquire_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.pad)
		return -EINVAL;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	rc = d == c->caller->domain ? -EPERM : resource_run(c, d, &x);
	domain_put(d);
	return rc;
}
