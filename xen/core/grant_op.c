/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grant_table_op: batches of map, unmap and copy, and the calls on the table as a whole. Those that an HVM guest has no use for (transfer,
 * unmap_and_replace, get_status_frames, cache_flush, dump_table) do not exist.
 */
#include "grant_ops.h"

#include "errno.h"
#include "hypercall.h"

static const struct abi_struct map_abi = ABI_SAME(struct gnttab_map_grant_ref);
static const struct abi_struct unmap_abi = ABI_SAME(struct gnttab_unmap_grant_ref);
static const struct abi_struct swap_abi = ABI_SAME(struct gnttab_swap_grant_ref);
static const struct abi_struct query_abi = ABI_SAME(struct gnttab_query_size);
static const struct abi_struct set_version_abi = ABI_SAME(struct gnttab_set_version);
static const struct abi_struct get_version_abi = ABI_SAME(struct gnttab_get_version);
_Static_assert(sizeof(struct gnttab_map_grant_ref) == 32, "layout");
_Static_assert(sizeof(struct gnttab_unmap_grant_ref) == 24, "layout");
_Static_assert(sizeof(struct gnttab_query_size) == 16, "layout");
_Static_assert(sizeof(struct gnttab_swap_grant_ref) == 12, "layout");

struct gnttab_setup_table_compat {
	uint16_t dom, pad;
	uint32_t nr_frames;
	int16_t status;
	uint16_t pad2;
	uint32_t frame_list;
};
#define SETUP_FIELD(f) ABI_FIELD(struct gnttab_setup_table, struct gnttab_setup_table_compat, f)
static const struct abi_field setup_fields[] = { SETUP_FIELD(dom), SETUP_FIELD(nr_frames),
	                                         SETUP_FIELD(status), SETUP_FIELD(frame_list),
	                                         ABI_END };
static const struct abi_struct setup_abi = {
	sizeof(struct gnttab_setup_table),
	sizeof(struct gnttab_setup_table_compat),
	setup_fields,
};

static bool may_act_for(struct vcpu *caller, const struct domain *d)
{
	return caller->domain == d || caller->domain->is_privileged;
}

/* The domain of a call on a whole table, referenced; or NULL and the status. */
static struct domain *table_domain(struct vcpu *caller, uint16_t domid, int16_t *status)
{
	struct domain *d = domain_by_handle(caller, domid);

	*status = GNTST_okay;
	if (!d) {
		*status = GNTST_bad_domain;
	} else if (!may_act_for(caller, d)) {
		*status = GNTST_permission_denied;
		domain_put(d);
		d = NULL;
	}
	return d;
}

/* Where the domain sees its frame: what the guest gets to know of it. ~0: not mapped. */
static uint64_t frame_gfn(const struct grant_table *t, uint32_t index)
{
	return (uint64_t)page_of(virt_to_mfn(t->frames[index]))->shared_gfn - 1;
}

static int16_t setup_table(struct vcpu *caller, const struct gnttab_setup_table *op,
                           struct domain *d)
{
	struct grant_table *t = &d->grants;
	int16_t status = GNTST_okay;

	spin_lock(&t->lock);
	if (op->nr_frames > t->max_frames || grant_table_grow(t, op->nr_frames))
		status = GNTST_general_error;
	for (uint32_t i = 0; status == GNTST_okay && i < op->nr_frames; i++) {
		if (abi_put_long(caller, frame_gfn(t, i), (uintptr_t)op->frame_list.p, i))
			status = GNTST_bad_virt_addr;
	}
	spin_unlock(&t->lock);
	return status;
}

static long op_setup_table(struct vcpu *caller, uint64_t handle, uint32_t count)
{
	struct gnttab_setup_table op;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (abi_get(caller, &setup_abi, &op, handle, 0))
		return -EFAULT;
	d = table_domain(caller, op.dom, &op.status);
	if (d) {
		op.status = setup_table(caller, &op, d);
		domain_put(d);
	}
	return abi_put(caller, &setup_abi, &op, handle, 0);
}

static long op_query_size(struct vcpu *caller, uint64_t handle, uint32_t count)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (abi_get(caller, &query_abi, &op, handle, 0))
		return -EFAULT;
	d = table_domain(caller, op.dom, &op.status);
	if (d) {
		op.nr_frames = read_once(d->grants.nr_frames);
		op.max_nr_frames = d->grants.max_frames;
		domain_put(d);
	}
	return abi_put(caller, &query_abi, &op, handle, 0);
}

/* Version 2 is answered as by a hypervisor that was told to offer version 1 only. */
static long op_set_version(struct vcpu *caller, uint64_t handle, uint32_t count)
{
	struct gnttab_set_version op;
	long r;

	if (abi_get(caller, &set_version_abi, &op, handle, 0))
		return -EFAULT;
	r = op.version == 1 ? 0 : op.version == 2 ? -ENOSYS : -EINVAL;
	op.version = 1;
	return abi_put(caller, &set_version_abi, &op, handle, 0) ? -EFAULT : r;
}

static long op_get_version(struct vcpu *caller, uint64_t handle, uint32_t count)
{
	struct gnttab_get_version op;
	struct domain *d;
	long r = 0;

	if (abi_get(caller, &get_version_abi, &op, handle, 0))
		return -EFAULT;
	d = domain_by_handle(caller, op.dom);
	if (!d)
		return -ESRCH;
	if (!may_act_for(caller, d))
		r = -EPERM;
	domain_put(d);
	op.version = 1;
	return r ? r : abi_put(caller, &get_version_abi, &op, handle, 0);
}

static void swap_one(struct vcpu *caller, void *op_)
{
	struct gnttab_swap_grant_ref *op = op_;

	op->status = grant_swap(caller->domain, op->ref_a, op->ref_b);
}

/* Either a batch of elements, or a call on the table. */
static const struct grant_op {
	long (*whole)(struct vcpu *caller, uint64_t handle, uint32_t count);
	void (*one)(struct vcpu *caller, void *op);
	const struct abi_struct *abi;
} grant_ops[] = {
	[GNTTABOP_map_grant_ref] = { NULL, grant_map_one, &map_abi },
	[GNTTABOP_unmap_grant_ref] = { NULL, grant_unmap_one, &unmap_abi },
	[GNTTABOP_setup_table] = { op_setup_table, NULL, NULL },
	[GNTTABOP_copy] = { NULL, grant_copy_one, &grant_copy_abi },
	[GNTTABOP_query_size] = { op_query_size, NULL, NULL },
	[GNTTABOP_set_version] = { op_set_version, NULL, NULL },
	[GNTTABOP_get_version] = { op_get_version, NULL, NULL },
	[GNTTABOP_swap_grant_ref] = { NULL, swap_one, &swap_abi },
};

union grant_args {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_copy copy;
	struct gnttab_swap_grant_ref swap;
};

/* Elements that are done are left behind when the call restarts. */
static long batch(struct vcpu *caller, const struct grant_op *op, uint64_t *args, uint32_t count)
{
	union grant_args element;

	for (uint32_t i = 0; i < count; i++) {
		if (i && hypercall_should_restart()) {
			args[1] +=
				(uint64_t)i * (hypercall_is_compat(caller) ? op->abi->compat_size
			                                                   : op->abi->native_size);
			args[2] = count - i;
			return HYPERCALL_RESTART;
		}
		if (abi_get(caller, op->abi, &element, args[1], i))
			return -EFAULT;
		op->one(caller, &element);
		if (abi_put(caller, op->abi, &element, args[1], i))
			return -EFAULT;
	}
	return 0;
}

long grant_table_op(struct vcpu *caller, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0], count = (uint32_t)args[2];
	const struct grant_op *op = cmd < ARRAY_LEN(grant_ops) ? &grant_ops[cmd] : NULL;

	if (!op || (!op->whole && !op->one))
		return -ENOSYS;
	if (count > INT32_MAX)
		return -EINVAL;
	return op->whole ? op->whole(caller, args[1], count) : batch(caller, op, args, count);
}
