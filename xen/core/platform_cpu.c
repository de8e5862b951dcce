/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical CPUs for the first domain. All that there are run, for as long as we do. */
#include "platform_op.h"

#include "bitmap.h"
#include "cpu_policy.h"
#include "machine_info.h"
#include "msr.h"
#include "string.h"

/* A bitmap longer than this is a mistake. */
#define IDLE_BITS_MAX 65536u
/* As in Xen: one batch is done without a pause. */
#define RESOURCE_ENTRIES_MAX 3u

/* Idle times of the CPUs that the caller's bitmap names; bits of others are cleared. */
long platform_getidletime(struct control_call *c, void *member)
{
	struct xenpf_getidletime *g = member;
	struct xenctl_bitmap theirs = { .nr_bits = g->cpumap_nr_cpus };
	struct cpu_mask cpus;
	size_t cpu;

	if (g->cpumap_nr_cpus > IDLE_BITS_MAX)
		return -EINVAL;
	theirs.bitmap.p = g->cpumap_bitmap.p;
	if (control_bitmap_get(c, cpus.bits, machine_nr_cpus(), &theirs))
		return -EFAULT;
	g->now = machine_now_ns() - c->caller->domain->time_offset_ns;
	bitmap_for_each(cpu, cpus.bits, machine_nr_cpus()) {
		uint64_t idle = sched_idle_ns((unsigned)cpu);

		if (control_put(c, &idle, control_handle(g->idletime), cpu, sizeof(idle)))
			return -EFAULT;
	}
	return control_bitmap_put(c, &theirs, cpus.bits, machine_nr_cpus());
}

long platform_get_cpuinfo(struct control_call *c, void *member)
{
	struct xenpf_pcpuinfo *p = member;

	p->max_present = machine_nr_cpus() - 1;
	p->flags = XEN_PCPU_FLAGS_INVALID;
	if (p->xen_cpuid >= machine_nr_cpus())
		return 0;
	p->flags = XEN_PCPU_FLAGS_ONLINE;
	p->apic_id = machine_info.cpus[p->xen_cpuid].apic_id;
	p->acpi_id = machine_info.cpus[p->xen_cpuid].acpi_id;
	return 0;
}

/* Family and model as CPUID.1 spells them (SDM CPUID, figure 3-6). */
static void version_fill(struct xenpf_pcpu_version *v, uint32_t signature)
{
	v->family = signature >> 8 & 15;
	v->model = signature >> 4 & 15;
	v->stepping = signature & 15;
	if (v->family == 6 || v->family == 15)
		v->model |= signature >> 12 & 0xf0;
	if (v->family == 15)
		v->family += signature >> 20 & 0xff;
}

/* All CPUs are of one kind. */
long platform_get_cpu_version(struct control_call *c, void *member)
{
	const struct cpuid_leaf *vendor = &cpu_policy_host.basic[0];
	struct xenpf_pcpu_version *v = member;

	v->max_present = machine_nr_cpus() - 1;
	memset(v->vendor_id, 0, sizeof(v->vendor_id));
	v->family = v->model = v->stepping = 0;
	if (v->xen_cpuid >= machine_nr_cpus())
		return 0;
	memcpy(v->vendor_id, &vendor->b, 4);
	memcpy(v->vendor_id + 4, &vendor->d, 4);
	memcpy(v->vendor_id + 8, &vendor->c, 4);
	version_fill(v, cpu_policy_host.basic[1].a);
	return 0;
}

long platform_cpu_online(struct control_call *c, void *member)
{
	const struct xenpf_cpu_ol *o = member;

	return o->cpuid < machine_nr_cpus() ? 0 : -EINVAL;
}

long platform_cpu_offline(struct control_call *c, void *member)
{
	const struct xenpf_cpu_ol *o = member;

	return o->cpuid < machine_nr_cpus() ? -EOPNOTSUPP : -EINVAL;
}

/* None is parked. */
long platform_core_parking(struct control_call *c, void *member)
{
	struct xenpf_core_parking *p = member;

	if (p->type == XEN_CORE_PARKING_GET) {
		p->idle_nums = 0;
		return 0;
	}
	if (p->type != XEN_CORE_PARKING_SET)
		return -EINVAL;
	return p->idle_nums ? -EOPNOTSUPP : 0;
}

/* ---- resource_op ---- */

/* The time is the one resource that nobody could do harm with; others belong to features that we do not have. */
static int resource_access(struct xenpf_resource_entry *e)
{
	if (e->rsvd)
		return -EINVAL;
	if (e->u.cmd == XEN_RESOURCE_OP_MSR_WRITE && e->idx == MSR_TSC)
		return -EPERM;
	if (e->u.cmd != XEN_RESOURCE_OP_MSR_READ && e->u.cmd != XEN_RESOURCE_OP_MSR_WRITE)
		return -EOPNOTSUPP;
	if (e->idx != MSR_TSC)
		return -EACCES;
	e->val = machine_now_ns();
	return 0;
}

/* How many entries were done; the one that failed says why. */
long platform_resource_op(struct control_call *c, void *member)
{
	const struct xenpf_resource_op *r = member;
	struct xenpf_resource_entry e;
	uint32_t n;

	if (r->nr_entries > RESOURCE_ENTRIES_MAX)
		return -E2BIG;
	if (r->cpu >= machine_nr_cpus())
		return -ENODEV;
	for (n = 0; n < r->nr_entries; n++) {
		int err;

		if (control_get(c, &e, control_handle(r->entries), n, sizeof(e)))
			return -EFAULT;
		err = resource_access(&e);
		e.u.ret = err;
		if (control_put(c, &e, control_handle(r->entries), n, sizeof(e)))
			return -EFAULT;
		if (err)
			break;
	}
	return n;
}
