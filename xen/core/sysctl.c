/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sysctl hypercall: its table. What is not in it answers -ENOSYS, as a Xen does that is built without it: trace buffers, performance counters, lock profiles, live patches.
 */
#include "sysctl.h"

#define ROW(fn, member, flags)                                                 \
	{                                                                      \
		fn, #member, sizeof(((struct xen_sysctl *)0)->u.member), flags \
	}

static const struct control_row rows[] = {
	[XEN_SYSCTL_readconsole] = ROW(sysctl_readconsole, readconsole, CONTROL_OUT),
	[XEN_SYSCTL_physinfo] = ROW(sysctl_physinfo, physinfo, CONTROL_OUT),
	[XEN_SYSCTL_sched_id] = ROW(sysctl_sched_id, sched_id, CONTROL_OUT),
	[XEN_SYSCTL_getdomaininfolist] =
		ROW(sysctl_getdomaininfolist, getdomaininfolist, CONTROL_OUT),
	[XEN_SYSCTL_debug_keys] = ROW(sysctl_debug_keys, debug_keys, 0),
	[XEN_SYSCTL_getcpuinfo] = ROW(sysctl_getcpuinfo, getcpuinfo, CONTROL_OUT),
	[XEN_SYSCTL_availheap] = ROW(sysctl_availheap, availheap, CONTROL_OUT),
	[XEN_SYSCTL_get_pmstat] = ROW(sysctl_get_pmstat, get_pmstat, CONTROL_OUT),
	[XEN_SYSCTL_cpu_hotplug] = ROW(sysctl_cpu_hotplug, cpu_hotplug, 0),
	[XEN_SYSCTL_pm_op] = ROW(sysctl_pm_op, pm_op, CONTROL_OUT),
	[XEN_SYSCTL_page_offline_op] = ROW(sysctl_offline_pages, page_offline, 0),
	[XEN_SYSCTL_cputopoinfo] = ROW(sysctl_cputopoinfo, cputopoinfo, CONTROL_OUT),
	[XEN_SYSCTL_numainfo] = ROW(sysctl_numainfo, numainfo, CONTROL_OUT),
	[XEN_SYSCTL_cpupool_op] = ROW(sysctl_cpupool_op, cpupool_op, CONTROL_OUT),
	[XEN_SYSCTL_scheduler_op] = ROW(sysctl_scheduler_op, scheduler_op, CONTROL_OUT),
	[XEN_SYSCTL_coverage_op] = ROW(sysctl_coverage, coverage_op, 0),
	[XEN_SYSCTL_psr_cmt_op] = ROW(sysctl_psr_cmt, psr_cmt_op, CONTROL_OUT),
	[XEN_SYSCTL_pcitopoinfo] = ROW(sysctl_pcitopoinfo, pcitopoinfo, CONTROL_OUT),
	[XEN_SYSCTL_psr_alloc] = ROW(sysctl_psr_alloc, psr_alloc, 0),
	[XEN_SYSCTL_get_cpu_levelling_caps] =
		ROW(sysctl_cpu_levelling_caps, cpu_levelling_caps, CONTROL_OUT),
	[XEN_SYSCTL_get_cpu_featureset] =
		ROW(sysctl_cpu_featureset, cpu_featureset, CONTROL_OUT_ALWAYS),
	[XEN_SYSCTL_get_cpu_policy] = ROW(sysctl_cpu_policy, cpu_policy, CONTROL_OUT),
};

static struct control_table table = {
	.name = "sysctl",
	.version = XEN_SYSCTL_INTERFACE_VERSION,
	.head_size = offsetof(struct xen_sysctl, u),
	.nr_rows = ARRAY_LEN(rows),
	.rows = rows,
	.lock = SPINLOCK_INIT,
};

long sysctl_op(struct vcpu *caller, uint64_t *args)
{
	return control_op(&table, caller, args[0]);
}
