/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's weight and cap (public xen/domctl.h, scheduler_op). All its vcpus share them: there is nothing to set for one alone, as in Xen's credit2. */
#include "domctl.h"

static long put_share(struct domain *d, const struct xen_domctl_sched_credit2 *s)
{
	uint32_t weight = s->weight ? s->weight : read_once(d->share.weight);

	return sched_share_set(&d->share, weight, s->cap);
}

long domctl_scheduler_op(struct control_call *c, void *member)
{
	struct xen_domctl_scheduler_op *op = member;
	long err = 0;

	if (op->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	if (op->cmd == XEN_DOMCTL_SCHEDOP_putinfo)
		err = put_share(c->d, &op->u.credit2);
	else if (op->cmd != XEN_DOMCTL_SCHEDOP_getinfo)
		err = -EINVAL;
	if (err)
		return err;
	op->u.credit2.weight = (uint16_t)read_once(c->d->share.weight);
	op->u.credit2.cap = (uint16_t)read_once(c->d->share.cap);
	return 0;
}
