/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl (public xen/sysctl.h): what its files share. */
#ifndef CORE_SYSCTL_H
#define CORE_SYSCTL_H

#include "control_op.h"
#include "domain.h"

#include <xen/sysctl.h>

/* Handlers: control_op.h says what they are given and give back. */

/* sysctl_console.c */
long sysctl_readconsole(struct control_call *c, void *member);
long sysctl_debug_keys(struct control_call *c, void *member);

/* sysctl_host.c: the computer and its CPUs */
long sysctl_physinfo(struct control_call *c, void *member);
long sysctl_getdomaininfolist(struct control_call *c, void *member);
long sysctl_getcpuinfo(struct control_call *c, void *member);
long sysctl_availheap(struct control_call *c, void *member);
long sysctl_cputopoinfo(struct control_call *c, void *member);
long sysctl_numainfo(struct control_call *c, void *member);
long sysctl_pcitopoinfo(struct control_call *c, void *member);

/* sysctl_sched.c */
long sysctl_sched_id(struct control_call *c, void *member);
long sysctl_scheduler_op(struct control_call *c, void *member);
long sysctl_cpupool_op(struct control_call *c, void *member);

/* sysctl_cpuid.c */
long sysctl_cpu_levelling_caps(struct control_call *c, void *member);
long sysctl_cpu_featureset(struct control_call *c, void *member);
long sysctl_cpu_policy(struct control_call *c, void *member);

/* sysctl_power.c: power, hotplug, faulty memory, resource control */
long sysctl_get_pmstat(struct control_call *c, void *member);
long sysctl_pm_op(struct control_call *c, void *member);
long sysctl_cpu_hotplug(struct control_call *c, void *member);
long sysctl_offline_pages(struct control_call *c, void *member);
long sysctl_psr_cmt(struct control_call *c, void *member);
long sysctl_psr_alloc(struct control_call *c, void *member);
long sysctl_coverage(struct control_call *c, void *member);

#endif
