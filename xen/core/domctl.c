/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The domctl hypercall: its table. What is not in it answers -ENOSYS; xen/README.md lists that.
 */
#include "domctl.h"

static const struct control_row rows[] = {
	[XEN_DOMCTL_pausedomain] = { domctl_pausedomain, "pausedomain", 0, CONTROL_NOT_SELF },
	[XEN_DOMCTL_unpausedomain] = { domctl_unpausedomain, "unpausedomain", 0, 0 },
	[XEN_DOMCTL_getdomaininfo] = { domctl_getdomaininfo, "getdomaininfo",
	                               sizeof(struct xen_domctl_getdomaininfo),
	                               CONTROL_NO_DOMAIN | CONTROL_OUT },
	[XEN_DOMCTL_scheduler_op] = { domctl_scheduler_op, "scheduler_op",
	                              sizeof(struct xen_domctl_scheduler_op), CONTROL_OUT },
	[XEN_DOMCTL_max_mem] = { domctl_max_mem, "max_mem", sizeof(struct xen_domctl_max_mem), 0 },
	[XEN_DOMCTL_setdomainhandle] = { domctl_setdomainhandle, "setdomainhandle",
	                                 sizeof(struct xen_domctl_setdomainhandle), 0 },
};

static struct control_table table = {
	.name = "domctl",
	.version = XEN_DOMCTL_INTERFACE_VERSION,
	.head_size = offsetof(struct xen_domctl, u),
	.has_domain = true,
	.nr_rows = ARRAY_LEN(rows),
	.rows = rows,
	.lock = SPINLOCK_INIT,
};

long domctl_op(struct vcpu *caller, uint64_t *args)
{
	return control_op(&table, caller, args[0]);
}
