/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: how the control tools make, run and end a domain. */
#include "domctl.h"

#include "string.h"

#define PAUSES_MAX 255u /* of the tools */

long domctl_pausedomain(struct control_call *c, void *member)
{
	struct domain *d = c->d;
	long err = 0;

	spin_lock(&d->lock);
	if (d->tool_pauses == PAUSES_MAX)
		err = -EOVERFLOW;
	else
		d->tool_pauses++;
	spin_unlock(&d->lock);
	if (!err)
		domain_pause(d);
	return err;
}

/* The last one lets it run; one that is being made starts its life with that. */
long domctl_unpausedomain(struct control_call *c, void *member)
{
	struct domain *d = c->d;
	bool starts = false;
	long err = 0;

	spin_lock(&d->lock);
	if (!d->tool_pauses)
		err = -EINVAL;
	else if (d->tool_pauses == 1 && d->state == DOMAIN_BUILDING)
		starts = true;
	else
		d->tool_pauses--;
	spin_unlock(&d->lock);
	if (err)
		return err;
	if (!starts) {
		domain_unpause(d);
		return 0;
	}
	err = domain_start(d);
	if (!err) {
		spin_lock(&d->lock);
		d->tool_pauses = 0;
		spin_unlock(&d->lock);
	}
	return err;
}

/* Below what it has now is allowed: it then gets no more until it has given enough back. */
long domctl_max_mem(struct control_call *c, void *member)
{
	const struct xen_domctl_max_mem *m = member;

	page_set_limit(c->d, m->max_memkb >> (PAGE_SHIFT - 10));
	return 0;
}

long domctl_setdomainhandle(struct control_call *c, void *member)
{
	const struct xen_domctl_setdomainhandle *h = member;

	spin_lock(&c->d->lock);
	memcpy(c->d->uuid, h->handle, sizeof(c->d->uuid));
	spin_unlock(&c->d->lock);
	return 0;
}
