/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory_op hypercall: sub-operations by number. Error codes and their order are those that Xen 4.17 gives an HVM caller. What is not in the table answers -ENOSYS:
 * the machine's own memory map and machine-to-physical table (10, 5, 12, 25: no business of translated guests), and memory sharing, paging and access monitoring.
 */
#include "memory_op.h"

#include "domain.h"
#include "hypercall.h"

typedef long (*memory_fn)(struct memory_call *c);

static const struct memory_row {
	memory_fn fn;
	bool restarts; /* else start must be 0: -EINVAL */
} rows[1 << MEMORY_START_SHIFT] = {
	[XENMEM_increase_reservation] = { memory_adjust_reservation, true },
	[XENMEM_decrease_reservation] = { memory_adjust_reservation, true },
	[XENMEM_populate_physmap] = { memory_adjust_reservation, true },
	[XENMEM_maximum_ram_page] = { memory_maximum_ram_page, false },
	[XENMEM_current_reservation] = { memory_query_domain, false },
	[XENMEM_maximum_reservation] = { memory_query_domain, false },
	[XENMEM_maximum_gpfn] = { memory_query_domain, false },
	[XENMEM_add_to_physmap] = { memory_add_to_physmap, true },
	[XENMEM_add_to_physmap_batch] = { memory_add_to_physmap_batch, true },
	[XENMEM_remove_from_physmap] = { memory_remove_from_physmap, false },
	[XENMEM_memory_map] = { memory_map_get, true },
	[XENMEM_set_memory_map] = { memory_map_set, true },
	[XENMEM_exchange] = { memory_exchange, true },
	[XENMEM_set_pod_target] = { memory_pod_target, true },
	[XENMEM_get_pod_target] = { memory_pod_target, true },
	[XENMEM_get_sharing_freed_pages] = { memory_zero, true },
	[XENMEM_get_sharing_shared_pages] = { memory_zero, true },
	[XENMEM_claim_pages] = { memory_claim_pages, false },
	[XENMEM_get_vnumainfo] = { memory_vnuma, false },
	[XENMEM_reserved_device_memory_map] = { memory_reserved_devices, false },
	[XENMEM_acquire_resource] = { memory_acquire_resource, true },
};

long memory_call_restart(struct memory_call *c, uint64_t done)
{
	c->args[0] = c->op | done << MEMORY_START_SHIFT;
	return HYPERCALL_RESTART;
}

int memory_call_target(struct memory_call *c, uint16_t domid, struct domain **out)
{
	const struct domain *own = c->caller->domain;
	struct domain *d = domain_by_handle(c->caller, domid);

	if (!d)
		return -ESRCH;
	if (d != own && !own->is_privileged) {
		domain_put(d);
		return -EPERM;
	}
	*out = d;
	return 0;
}

long memory_zero(struct memory_call *c)
{
	return 0;
}

long memory_op(struct vcpu *caller, uint64_t *args)
{
	struct memory_call c = {
		.caller = caller,
		.op = args[0] & MEMORY_OP_MASK,
		.start = args[0] >> MEMORY_START_SHIFT,
		.arg = args[1],
		.args = args,
		.is_compat = hypercall_is_compat(caller),
	};
	const struct memory_row *row = &rows[c.op];

	if (!row->fn)
		return -ENOSYS;
	if (c.start && !row->restarts)
		return -EINVAL;
	return row->fn(&c);
}
