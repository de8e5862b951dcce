/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Weights and caps. */
#include "shares.h"

#include <errno.h>

static int call(struct hypervisor *h, uint32_t domid, uint32_t command, struct share *s)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_scheduler_op, .domain = (domid_t)domid };
	int rc;

	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op.u.scheduler_op.cmd = command;
	op.u.scheduler_op.u.credit2.weight = (uint16_t)s->weight;
	op.u.scheduler_op.u.credit2.cap = (uint16_t)s->cap;
	rc = hypervisor_domctl(h, &op);
	s->weight = op.u.scheduler_op.u.credit2.weight;
	s->cap = op.u.scheduler_op.u.credit2.cap;
	return rc;
}

int share_get(struct hypervisor *h, uint32_t domid, struct share *s)
{
	*s = (struct share){ 0 };
	return call(h, domid, XEN_DOMCTL_SCHEDOP_getinfo, s);
}

int share_set(struct hypervisor *h, uint32_t domid, const struct share *s)
{
	struct share copy = *s;

	if (!s->weight || s->weight > UINT16_MAX || s->cap > UINT16_MAX)
		return -EINVAL;
	return call(h, domid, XEN_DOMCTL_SCHEDOP_putinfo, &copy);
}
