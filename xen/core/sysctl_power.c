/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hypervisor does not do with CPUs and memory: frequencies, deep sleep, hot-plug, faulty pages, cache allocation. Each question is answered as Xen answers it on a machine
 * that has nothing of the kind, so that the tools say so.
 */
#include "sysctl.h"

#include "page_alloc.h"

#define PAGES_AT_ONCE 1024u /* as many as Xen takes in one call */

long sysctl_get_pmstat(struct control_call *c, void *member)
{
	struct xen_sysctl_get_pmstat *s = member;

	return s->cpuid < machine_nr_cpus() ? -ENODEV : -EINVAL;
}

long sysctl_pm_op(struct control_call *c, void *member)
{
	struct xen_sysctl_pm_op *op = member;

	if (op->cpuid >= machine_nr_cpus())
		return -EINVAL;
	return (op->cmd & PM_PARA_CATEGORY_MASK) == CPUFREQ_PARA ? -ENODEV : -ENOSYS;
}

/* All CPUs that there are run; none can be stopped. */
long sysctl_cpu_hotplug(struct control_call *c, void *member)
{
	const struct xen_sysctl_cpu_hotplug *h = member;

	if (h->op == XEN_SYSCTL_CPU_HOTPLUG_ONLINE || h->op == XEN_SYSCTL_CPU_HOTPLUG_OFFLINE)
		return h->cpu >= machine_nr_cpus() || h->op == XEN_SYSCTL_CPU_HOTPLUG_ONLINE
		               ? -EINVAL
		               : -EOPNOTSUPP;
	return -EOPNOTSUPP;
}

/* No page was ever taken out, and none will be. */
long sysctl_offline_pages(struct control_call *c, void *member)
{
	const struct xen_sysctl_page_offline_op *op = member;

	if (op->end < op->start || op->end - op->start >= PAGES_AT_ONCE)
		return -EINVAL;
	if (op->cmd != sysctl_query_page_offline)
		return -EOPNOTSUPP;
	for (uint32_t i = 0; i <= op->end - op->start; i++) {
		uint32_t status =
			page_is_ram(mfn((uint64_t)op->start + i)) ? 0 : PG_OFFLINE_INVALID;

		if (control_put(c, &status, control_handle(op->status), i, sizeof(status)))
			return -EFAULT;
	}
	return 0;
}

/* Whether it is there is the one question that has an answer. */
long sysctl_psr_cmt(struct control_call *c, void *member)
{
	struct xen_sysctl_psr_cmt_op *op = member;

	if (op->cmd != XEN_SYSCTL_PSR_CMT_enabled)
		return -ENODEV;
	op->u.data = 0;
	return 0;
}

long sysctl_psr_alloc(struct control_call *c, void *member)
{
	return -ENODEV;
}

long sysctl_coverage(struct control_call *c, void *member)
{
	return -EOPNOTSUPP;
}
