/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about memory: sizes, the memory map that the builder made, and what we do not have. */
#include "memory_op.h"

#include "domain.h"
#include "guest_memory.h"
#include "hypercall.h"

static const struct abi_struct memory_domain_abi = ABI_SAME(struct xen_memory_domain);

long memory_maximum_ram_page(struct memory_call *c)
{
	return (long)page_table_nr;
}

long memory_query_domain(struct memory_call *c)
{
	struct xen_memory_domain x;
	struct domain *d;
	long rc;

	if (abi_get(c->caller, &memory_domain_abi, &x, c->arg, 0))
		return -EFAULT;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	if (c->op == XENMEM_current_reservation)
		rc = (long)read_once(d->nr_pages);
	else if (c->op == XENMEM_maximum_reservation)
		rc = (long)read_once(d->max_pages);
	else
		rc = (long)read_once(d->p2m.max_gfn);
	domain_put(d);
	return rc;
}

/* ---- memory map ---------------------------------------------------------------------------------- */

/* An entry as INT 15h E820 gives it, the same for both widths. */
struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} packed_struct;
_Static_assert(sizeof(struct e820_entry) == 20, "ABI layout");

struct compat_memory_map {
	uint32_t nr_entries, buffer;
};
struct compat_foreign_memory_map {
	uint16_t domid, pad;
	struct compat_memory_map map;
};

#define MAP_FIELD(field) ABI_FIELD(struct xen_memory_map, struct compat_memory_map, field)
#define FOREIGN_MAP_FIELD(field) \
	ABI_FIELD(struct xen_foreign_memory_map, struct compat_foreign_memory_map, field)

static const struct abi_struct map_abi = {
	sizeof(struct xen_memory_map),
	sizeof(struct compat_memory_map),
	(const struct abi_field[]){ MAP_FIELD(nr_entries), MAP_FIELD(buffer), ABI_END },
};
static const struct abi_struct foreign_map_abi = {
	sizeof(struct xen_foreign_memory_map),
	sizeof(struct compat_foreign_memory_map),
	(const struct abi_field[]){ FOREIGN_MAP_FIELD(domid), FOREIGN_MAP_FIELD(map.nr_entries),
	                            FOREIGN_MAP_FIELD(map.buffer), ABI_END },
};
static const struct abi_struct e820_abi = ABI_SAME(struct e820_entry);

long memory_map_get(struct memory_call *c)
{
	struct domain *d = c->caller->domain;
	struct e820_entry e[ARRAY_LEN(d->e820)];
	struct xen_memory_map x;
	uint32_t n;

	if (abi_get(c->caller, &map_abi, &x, c->arg, 0))
		return -EFAULT;
	spin_lock(&d->lock);
	n = d->nr_e820;
	for (uint32_t i = 0; i < n; i++)
		e[i] = (struct e820_entry){ d->e820[i].addr, d->e820[i].size, d->e820[i].type };
	spin_unlock(&d->lock);
	if (!n)
		return -ENOSYS;
	x.nr_entries = MIN(x.nr_entries, n);
	for (uint32_t i = 0; i < x.nr_entries; i++)
		if (abi_put(c->caller, &e820_abi, &e[i], memory_handle(x.buffer), i))
			return -EFAULT;
	return abi_put(c->caller, &map_abi, &x, c->arg, 0);
}

long memory_map_set(struct memory_call *c)
{
	struct domain *d;
	struct e820_entry e[ARRAY_LEN(d->e820)];
	struct xen_foreign_memory_map x;
	long rc;

	if (abi_get(c->caller, &foreign_map_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.map.nr_entries > ARRAY_LEN(d->e820))
		return -EINVAL;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < x.map.nr_entries && !rc; i++)
		rc = abi_get(c->caller, &e820_abi, &e[i], memory_handle(x.map.buffer), i);
	if (!rc) {
		spin_lock(&d->lock);
		for (uint32_t i = 0; i < x.map.nr_entries; i++) {
			d->e820[i].addr = e[i].addr;
			d->e820[i].size = e[i].size;
			d->e820[i].type = e[i].type;
		}
		d->nr_e820 = x.map.nr_entries;
		spin_unlock(&d->lock);
	}
	domain_put(d);
	return rc;
}

/* ---- populate on demand -------------------------------------------------------------------------- */

struct compat_pod_target {
	uint64_t target_pages, tot_pages, pod_cache_pages, pod_entries;
	uint16_t domid, pad;
} packed_struct;
_Static_assert(sizeof(struct compat_pod_target) == 36, "32-bit layout");

#define POD_FIELD(field) ABI_FIELD(struct xen_pod_target, struct compat_pod_target, field)

static const struct abi_struct pod_abi = {
	sizeof(struct xen_pod_target),
	sizeof(struct compat_pod_target),
	(const struct abi_field[]){ POD_FIELD(target_pages), POD_FIELD(tot_pages),
	                            POD_FIELD(pod_cache_pages), POD_FIELD(pod_entries),
	                            POD_FIELD(domid), ABI_END },
};

/* The steps work out anew how far they have to go, so a call goes on as it began. */
static long target_set(struct memory_call *c, struct domain *d, uint64_t pages)
{
	int rc;

	for (;;) {
		rc = p2m_demand_set_target(&d->p2m, pages);
		if (rc != -EINTR)
			return rc;
		if (hypercall_should_restart())
			return memory_call_restart(c, 0);
	}
}

long memory_pod_target(struct memory_call *c)
{
	struct xen_pod_target x;
	struct domain *d;
	long rc;

	if (abi_get(c->caller, &pod_abi, &x, c->arg, 0))
		return -EFAULT;
	d = domain_by_handle(c->caller, x.domid);
	if (!d)
		return -ESRCH;
	if (!c->caller->domain->is_privileged) {
		rc = -EPERM;
	} else if (c->op == XENMEM_set_pod_target && x.target_pages > d->max_pages) {
		rc = -EINVAL;
	} else {
		rc = c->op == XENMEM_set_pod_target ? target_set(c, d, x.target_pages) : 0;
		if (!rc) {
			x.tot_pages = read_once(d->nr_pages);
			x.pod_cache_pages = read_once(d->p2m.demand.cached);
			x.pod_entries = read_once(d->p2m.nr_entries[P2M_ON_DEMAND]);
			rc = abi_put(c->caller, &pod_abi, &x, c->arg, 0);
		}
	}
	domain_put(d);
	return rc;
}

/* ---- NUMA, device memory: never there ------------------------------------------------------------ */

/* The head of struct xen_vnuma_topology_info, the same in both widths. */
struct vnuma_head {
	uint16_t domid, pad;
	uint32_t nr_vnodes, nr_vcpus, nr_vmemranges;
};
static const struct abi_struct vnuma_abi = ABI_SAME(struct vnuma_head);

long memory_vnuma(struct memory_call *c)
{
	struct vnuma_head x;
	struct domain *d;
	int rc;

	if (abi_get(c->caller, &vnuma_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.pad)
		return -EINVAL;
	rc = memory_call_target(c, x.domid, &d);
	if (rc)
		return rc;
	domain_put(d);
	return -EOPNOTSUPP;
}

/* The head of struct xen_reserved_device_memory_map, the same in both widths. */
struct reserved_head {
	uint32_t flags, nr_entries;
};
static const struct abi_struct reserved_abi = ABI_SAME(struct reserved_head);

long memory_reserved_devices(struct memory_call *c)
{
	struct reserved_head x;

	if (abi_get(c->caller, &reserved_abi, &x, c->arg, 0))
		return -EFAULT;
	if (x.flags & ~XENMEM_RDM_ALL)
		return -EINVAL;
	x.nr_entries = 0;
	return abi_put(c->caller, &reserved_abi, &x, c->arg, 0);
}
