/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl (public xen/domctl.h): what its files share. */
#ifndef CORE_DOMCTL_H
#define CORE_DOMCTL_H

#include "control_op.h"
#include "domain.h"

#include <xen/domctl.h>

/* Handlers: control_op.h says what they are given and give back. */

/* domctl_domain.c: a domain's life */
long domctl_pausedomain(struct control_call *c, void *member);
long domctl_unpausedomain(struct control_call *c, void *member);
long domctl_max_mem(struct control_call *c, void *member);
long domctl_setdomainhandle(struct control_call *c, void *member);

/* domctl_info.c */
long domctl_getdomaininfo(struct control_call *c, void *member);
/* All that the tools see of d; also for sysctl's list. Takes d->lock. */
void domain_info_get(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* domctl_sched.c */
long domctl_scheduler_op(struct control_call *c, void *member);

#endif
