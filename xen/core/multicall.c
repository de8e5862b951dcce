// SPDX-License-Identifier: GPL-2.0-or-later
/* multicall: a list of hypercalls in one. Public xen/xen.h, struct multicall_entry. */
#include "domain.h"
#include "hypercall.h"
#include "percpu.h"

#include <xen/xen.h>

struct compat_multicall_entry {
	uint32_t op, result, args[6];
} packed_struct;

static const struct abi_field entry_fields[] = {
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, op),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, result),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[0]),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[1]),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[2]),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[3]),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[4]),
	ABI_FIELD(struct multicall_entry, struct compat_multicall_entry, args[5]),
	ABI_END,
};
static const struct abi_struct entry_abi = { sizeof(struct multicall_entry),
	                                     sizeof(struct compat_multicall_entry), entry_fields };

/* One entry. 0, -EFAULT, or HYPERCALL_RESTART (its arguments hold the progress). */
static long multicall_one(struct vcpu *v, uint64_t list, uint64_t i)
{
	struct multicall_entry e;
	uint64_t args[5];
	long result;

	if (abi_get(v, &entry_abi, &e, list, i))
		return -EFAULT;
	for (unsigned k = 0; k < 5; k++)
		args[k] = e.args[k];
	result = e.op == __HYPERVISOR_multicall ? -EINVAL : hypercall_call(v, e.op, args);
	if (result == HYPERCALL_RESTART)
		for (unsigned k = 0; k < 5; k++)
			e.args[k] = args[k];
	else
		e.result = (unsigned long)result;
	if (abi_put(v, &entry_abi, &e, list, i))
		return -EFAULT;
	return result == HYPERCALL_RESTART ? HYPERCALL_RESTART : 0;
}

long multicall_op(struct vcpu *v, uint64_t *args)
{
	uint64_t size = hypercall_is_compat(v) ? entry_abi.compat_size : entry_abi.native_size;
	uint64_t nr = (uint32_t)args[1];
	long result = 0;

	for (uint64_t i = 0; i < nr; i++) {
		if (i && hypercall_should_restart())
			result = HYPERCALL_RESTART;
		else
			result = multicall_one(v, args[0], i);
		if (result == HYPERCALL_RESTART) {
			args[0] += i * size;
			args[1] = nr - i;
		}
		/* A call that took the vcpu off (yield, block, shutdown) lets the rest wait for its return. */
		if (result)
			return result;
	}
	return 0;
}
