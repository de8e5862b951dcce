/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory a domain has: increase, decrease, populate, claims. */
#include "memory_op.h"

#include "domain.h"
#include "hypercall.h"
#include "log.h"

/* Largest extents, as Xen's memop-max-order gives them to guests and to the control domain. */
#define GUEST_MAX_ORDER   9
#define CONTROL_MAX_ORDER PAGE_ORDER_MAX

struct compat_memory_reservation {
	uint32_t extent_start, nr_extents;
	uint32_t extent_order, mem_flags;
	uint16_t domid, pad;
};
_Static_assert(sizeof(struct compat_memory_reservation) == 20, "32-bit layout");
_Static_assert(sizeof(struct xen_memory_reservation) == 32, "64-bit layout");

#define RESERVATION_FIELD(field) \
	ABI_FIELD(struct xen_memory_reservation, struct compat_memory_reservation, field)

const struct abi_struct memory_reservation_abi = {
	sizeof(struct xen_memory_reservation),
	sizeof(struct compat_memory_reservation),
	(const struct abi_field[]){ RESERVATION_FIELD(extent_start), RESERVATION_FIELD(nr_extents),
	                            RESERVATION_FIELD(extent_order), RESERVATION_FIELD(mem_flags),
	                            RESERVATION_FIELD(domid), ABI_END },
};

struct reservation {
	struct memory_call *call;
	struct domain *d;
	uint64_t list; /* handle of the frame numbers; 0: none */
	uint64_t nr;
	unsigned order;
	unsigned address_bits; /* 0: any */
	bool on_demand;
};

/* Of extent_alloc(): pages that are for no gfn. */
#define NOWHERE UINT64_MAX

unsigned memory_max_order(const struct domain *d)
{
	return d->is_privileged ? CONTROL_MAX_ORDER : GUEST_MAX_ORDER;
}

/* Pages for one extent, within the address width asked for; in a direct mapped domain the very pages of that number, or none. */
static mfn_t extent_alloc(const struct reservation *r, uint64_t first)
{
	uint64_t end = r->address_bits ? 1ull << (r->address_bits - PAGE_SHIFT) : UINT64_MAX;
	bool anywhere = end >= page_table_nr;

	if (r->d->is_direct_mapped && first != NOWHERE)
		return page_alloc_at(r->d, mfn(first), r->order, 0);
	if (!anywhere && r->address_bits < 32)
		return INVALID_MFN; /* the allocator has no smaller zone */
	return page_alloc(r->d, r->order, anywhere ? 0 : PAGE_ALLOC_BELOW_4G);
}

static void pages_put(uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		page_put(mfn(first + i));
}

/* The largest piece that an extent of this order can go in, by the numbers of its first frames ORed together. */
static unsigned piece_order(uint64_t first, unsigned order)
{
	if (order >= PAGE_ORDER_1G && is_aligned(first, 1ull << PAGE_ORDER_1G))
		return PAGE_ORDER_1G;
	return order >= PAGE_ORDER_2M && is_aligned(first, 1ull << PAGE_ORDER_2M) ? PAGE_ORDER_2M
	                                                                          : PAGE_ORDER_4K;
}

/* Maps fresh pages in the largest pieces that both addresses allow. What cannot be mapped is given back. */
static int extent_map(struct domain *d, uint64_t gfn_first, mfn_t m, unsigned order)
{
	const uint32_t over = P2M_MASK_RAM | P2M_MASK(P2M_HOLE) | P2M_MASK(P2M_SHARED);
	uint64_t n = 1ull << order, done = 0;
	int rc = 0;

	while (done < n && !rc) {
		unsigned piece = piece_order((gfn_first + done) | (m.v + done), order);

		rc = p2m_replace(&d->p2m, gfn(gfn_first + done), mfn(m.v + done), piece, P2M_RAM_RW,
		                 over);
		if (!rc)
			done += 1ull << piece;
	}
	if (!rc)
		return 0;
	for (uint64_t i = 0; i < done; i++)
		if (!p2m_remove(&d->p2m, gfn(gfn_first + i), mfn(m.v + i), P2M_RAM_RW))
			page_put(mfn(m.v + i));
	pages_put(m.v + done, n - done);
	return rc;
}

/* Places that get their pages when they are touched: for another domain, and where nothing is yet. */
static bool extent_promise(const struct reservation *r, uint64_t first)
{
	uint64_t n = 1ull << r->order;

	if (r->d == r->call->caller->domain || r->d->is_direct_mapped)
		return false;
	for (uint64_t done = 0; done < n;) {
		unsigned piece = piece_order(first + done, r->order);

		if (p2m_demand_mark(&r->d->p2m, gfn(first + done), piece))
			return false;
		done += 1ull << piece;
	}
	return true;
}

/* A direct mapped domain's frames are those or none: who has the first one that is not free? */
static void tell_why(const struct reservation *r, uint64_t first)
{
	struct domain *d = r->d;

	if (d->is_direct_mapped && d->nr_pages + (1ull << r->order) <= d->max_pages) {
		for (uint64_t m = first; m < first + (1ull << r->order); m++) {
			uint16_t owner = PAGE_OWNER_XEN;

			if (!page_get(mfn(m), NULL))
				continue;
			owner = page_owner(mfn(m));
			page_put(mfn(m));
			if (owner == PAGE_OWNER_XEN)
				log_guest(d, LOG_INFO,
				          "frame %#llx that it wants back is the hypervisor's now",
				          (unsigned long long)m);
			else
				log_guest(d, LOG_INFO,
				          "frame %#llx that it wants back is d%u's now",
				          (unsigned long long)m, owner);
			return;
		}
	}
	log_guest(d, LOG_INFO, "no memory for 2^%u pages: %llu of %llu in use", r->order,
	          (unsigned long long)d->nr_pages, (unsigned long long)d->max_pages);
}

static bool populate_one(struct reservation *r, uint64_t i)
{
	uint64_t first;
	mfn_t m;

	if (abi_get_long(r->call->caller, &first, r->list, i))
		return false;
	if (first + (1ull << r->order) < first)
		return false;
	if (r->on_demand)
		return extent_promise(r, first);
	m = extent_alloc(r, first);
	if (!mfn_valid(m)) {
		tell_why(r, first);
		return false;
	}
	return !extent_map(r->d, first, m, r->order);
}

/* A translated guest's new pages are at no gfn: they only count, until the domain ends. */
static bool increase_one(struct reservation *r, uint64_t i)
{
	mfn_t m = extent_alloc(r, NOWHERE);

	if (!mfn_valid(m))
		return false;
	if (p2m_add_loose(&r->d->p2m, m, r->order)) {
		pages_put(m.v, 1ull << r->order);
		return false;
	}
	return true;
}

/* The largest piece from here that one change can take out; a 2 MiB piece of other kinds of entries refuses as a whole and goes page by page. */
static unsigned decrease_piece(struct p2m *p2m, uint64_t first, uint64_t left)
{
	if (left < 1ull << PAGE_ORDER_2M || !is_aligned(first, 1ull << PAGE_ORDER_2M))
		return PAGE_ORDER_4K;
	return p2m_replace(p2m, gfn(first), INVALID_MFN, PAGE_ORDER_2M, P2M_HOLE, P2M_MASK_RAM)
	               ? PAGE_ORDER_4K
	               : PAGE_ORDER_2M;
}

static bool decrease_one(struct reservation *r, uint64_t i)
{
	struct p2m *p2m = &r->d->p2m;
	uint64_t first, left = 1ull << r->order;

	if (abi_get_long(r->call->caller, &first, r->list, i))
		return false;
	while (left) {
		unsigned piece = decrease_piece(p2m, first, left);

		if (piece == PAGE_ORDER_4K &&
		    p2m_replace(p2m, gfn(first), INVALID_MFN, 0, P2M_HOLE, P2M_MASK_RAM))
			return false;
		first += 1ull << piece;
		left -= 1ull << piece;
	}
	p2m_demand_trim(p2m);
	return true;
}

static bool (*const one[])(struct reservation *r, uint64_t i) = {
	[XENMEM_increase_reservation] = increase_one,
	[XENMEM_decrease_reservation] = decrease_one,
	[XENMEM_populate_physmap] = populate_one,
};

static long reservation_run(struct reservation *r)
{
	struct memory_call *c = r->call;
	uint64_t i = c->start;

	if (r->order > (r->on_demand ? PAGE_ORDER_MAX : memory_max_order(c->caller->domain)))
		return (long)i;
	for (; i < r->nr; i++) {
		if (i != c->start && hypercall_should_restart())
			return memory_call_restart(c, i);
		if (!one[c->op](r, i))
			break;
	}
	return (long)i;
}

/* Every refusal is told as "no more than start extents done". */
long memory_adjust_reservation(struct memory_call *c)
{
	struct xen_memory_reservation x;
	struct reservation r = { .call = c };
	long done = (long)c->start;

	if (abi_get(c->caller, &memory_reservation_abi, &x, c->arg, 0))
		return done;
	if (x.nr_extents > (c->is_compat ? UINT32_MAX : UINT64_MAX) >> MEMORY_START_SHIFT ||
	    c->start >= x.nr_extents)
		return done;
	r.list = memory_handle(x.extent_start);
	r.nr = x.nr_extents;
	r.order = x.extent_order;
	r.address_bits = XENMEMF_get_address_bits(x.mem_flags);
	if (r.address_bits >= 64)
		r.address_bits = 0;
	if (r.address_bits && r.address_bits <= PAGE_SHIFT)
		return done;
	r.on_demand =
		c->op == XENMEM_populate_physmap && (x.mem_flags & XENMEMF_populate_on_demand);
	if (memory_call_target(c, x.domid, &r.d))
		return done;
	done = reservation_run(&r);
	domain_put(r.d);
	return done;
}

/* ---- the rest ------------------------------------------------------------------------------------ */

struct compat_memory_exchange {
	struct compat_memory_reservation in, out;
	uint32_t nr_exchanged;
};

#define EXCHANGE_FIELD(field) \
	ABI_FIELD(struct xen_memory_exchange, struct compat_memory_exchange, field)

static const struct abi_struct exchange_abi = {
	sizeof(struct xen_memory_exchange),
	sizeof(struct compat_memory_exchange),
	(const struct abi_field[]){ EXCHANGE_FIELD(in.extent_start), EXCHANGE_FIELD(in.nr_extents),
	                            EXCHANGE_FIELD(in.extent_order), EXCHANGE_FIELD(in.mem_flags),
	                            EXCHANGE_FIELD(in.domid), EXCHANGE_FIELD(out.extent_start),
	                            EXCHANGE_FIELD(out.nr_extents),
	                            EXCHANGE_FIELD(out.extent_order), EXCHANGE_FIELD(out.mem_flags),
	                            EXCHANGE_FIELD(out.domid), EXCHANGE_FIELD(nr_exchanged),
	                            ABI_END },
};

/* For PV guests only; a translated caller learns so after the checks that everybody gets. */
long memory_exchange(struct memory_call *c)
{
	struct xen_memory_exchange x;
	unsigned max = memory_max_order(c->caller->domain);
	struct domain *d;
	int rc;

	if (abi_get(c->caller, &exchange_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.in.extent_order > max || x.out.extent_order > max)
		return -EPERM;
	if (x.nr_exchanged > x.in.nr_extents || x.in.domid != x.out.domid ||
	    x.in.nr_extents > UINT64_MAX >> MEMORY_START_SHIFT >> x.in.extent_order ||
	    x.out.nr_extents > UINT64_MAX >> MEMORY_START_SHIFT >> x.out.extent_order ||
	    x.in.nr_extents << x.in.extent_order != x.out.nr_extents << x.out.extent_order)
		return -EINVAL;
	rc = memory_call_target(c, x.in.domid, &d);
	if (rc)
		return rc;
	domain_put(d);
	return -EOPNOTSUPP;
}

long memory_claim_pages(struct memory_call *c)
{
	struct xen_memory_reservation x;
	struct domain *d;
	long rc;

	if (abi_get(c->caller, &memory_reservation_abi, &x, c->arg, 0))
		return -EFAULT;
	if (memory_handle(x.extent_start) || x.extent_order || x.mem_flags)
		return -EINVAL;
	d = domain_get(x.domid);
	if (!d)
		return -EINVAL;
	if (!c->caller->domain->is_privileged) {
		rc = -EPERM;
	} else if (x.nr_extents) {
		rc = page_claim(d, x.nr_extents);
	} else {
		page_unclaim(d);
		rc = 0;
	}
	domain_put(d);
	return rc;
}
