/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl (public xen/domctl.h): what its files share. */
#ifndef CORE_DOMCTL_H
#define CORE_DOMCTL_H

#include "control_op.h"
#include "domain.h"

#include <xen/domctl.h>

/* Handlers: control_op.h says what they are given and give back. */
typedef long domctl_fn(struct control_call *c, void *member);

/* domctl_create.c */
domctl_fn domctl_createdomain, domctl_max_vcpus;
/* domctl_domain.c: a domain's life */
domctl_fn domctl_pausedomain, domctl_unpausedomain, domctl_resumedomain, domctl_destroydomain,
	domctl_max_mem, domctl_setdomainhandle, domctl_settimeoffset, domctl_settscinfo,
	domctl_gettscinfo, domctl_subscribe, domctl_set_address_size, domctl_get_address_size,
	domctl_setnodeaffinity, domctl_getnodeaffinity;
/* domctl_vcpu.c */
domctl_fn domctl_getvcpuinfo, domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_setvcpucontext,
	domctl_getvcpucontext, domctl_sendtrigger, domctl_get_vcpu_msrs, domctl_set_vcpu_msrs,
	domctl_getvcpuextstate, domctl_setvcpuextstate;
/* domctl_policy.c */
domctl_fn domctl_get_cpu_policy, domctl_set_cpu_policy;
/* domctl_memory.c */
domctl_fn domctl_getpageframeinfo3, domctl_shadow_op, domctl_get_paging_mempool_size,
	domctl_set_paging_mempool_size, domctl_hypercall_init;
/* domctl_dirty.c: shadow_op's other commands. Restartable: control_call.is_resumed */
long domctl_log_dirty_enable(struct control_call *c);
long domctl_log_dirty_disable(struct control_call *c);
long domctl_log_dirty_read(struct control_call *c, struct xen_domctl_shadow_op *x, bool clean);
/* domctl_context.c */
domctl_fn domctl_gethvmcontext, domctl_sethvmcontext, domctl_gethvmcontext_partial;
/* domctl_device.c */
domctl_fn domctl_irq_permission, domctl_iomem_permission, domctl_ioport_permission,
	domctl_memory_mapping, domctl_ioport_mapping;
/* domctl_sched.c */
domctl_fn domctl_scheduler_op;
/* devmodel_control.c: our own, devmodel_control.h */
domctl_fn domctl_devmodel_create, domctl_devmodel_info;
/* history.c: our own, domain_history.h */
domctl_fn domctl_history_get;
/* domctl_info.c */
domctl_fn domctl_getdomaininfo;

/* All that the tools see of d; also for sysctl's list. Takes d->lock. */
void domain_info_get(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
