/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XENMEM_* sub-operations (public xen/memory.h): what their files share. */
#ifndef CORE_MEMORY_OP_H
#define CORE_MEMORY_OP_H

#include "abi.h"
#include "errno.h"
#include "types.h"
#include <xen/xen.h>
#include <xen/memory.h>

struct domain;
struct vcpu;

/* The command's low bits are the operation; above stands how many extents earlier runs have done. */
#define MEMORY_START_SHIFT 6
#define MEMORY_OP_MASK     ((1u << MEMORY_START_SHIFT) - 1)

/* One call. start: how much of it earlier runs have done (upper bits of the command). */
struct memory_call {
	struct vcpu *caller;
	unsigned op;
	uint64_t start;
	uint64_t arg;   /* handle */
	uint64_t *args; /* the hypercall's, for going on later */
	bool is_compat; /* 32-bit layouts */
};

/* done extents are through: the guest's instruction runs again and brings start = done. */
long memory_call_restart(struct memory_call *c, uint64_t done);
/* A domain that the caller may rule: itself, or any for the privileged one. Referenced. -ESRCH, -EPERM. */
int must_check memory_call_target(struct memory_call *c, uint16_t domid, struct domain **out);

#define memory_handle(h) ((uint64_t)(uintptr_t)(h).p)

/* The largest extents a caller may name. */
unsigned memory_max_order(const struct domain *d);

/* memory_reservation.c: their results are extents done, never errors. */
long memory_adjust_reservation(struct memory_call *c);
long memory_exchange(struct memory_call *c);
long memory_claim_pages(struct memory_call *c);
extern const struct abi_struct memory_reservation_abi;

/* memory_physmap.c */
long memory_add_to_physmap(struct memory_call *c);
long memory_add_to_physmap_batch(struct memory_call *c);
long memory_remove_from_physmap(struct memory_call *c);
long memory_acquire_resource(struct memory_call *c);

/* memory_query.c */
long memory_query_domain(struct memory_call *c);
long memory_maximum_ram_page(struct memory_call *c);
long memory_map_get(struct memory_call *c);
long memory_map_set(struct memory_call *c);
long memory_pod_target(struct memory_call *c);
long memory_vnuma(struct memory_call *c);
long memory_reserved_devices(struct memory_call *c);
long memory_zero(struct memory_call *c);

/* One of d's own RAM pages to another place; what is there is given back. -EINVAL: no such page, -ENOMEM. */
int must_check memory_page_move(struct domain *d, uint64_t from, uint64_t to);

#endif
