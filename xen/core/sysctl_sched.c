/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler's parameters and CPU pools for the tools. It is shown as Xen's credit2, because that is what its parameters mean: a weight that each vcpu of the domain has, a cap for the whole
 * domain, and for a pool the time that nobody is preempted. (Credit's weight is the domain's as a whole, and its time slice is one for all.)
 */
#include "sysctl.h"

#include "cpupool.h"

_Static_assert(CPUPOOL_ANY == XEN_SYSCTL_CPUPOOL_PAR_ANY, "ABI");

long sysctl_sched_id(struct control_call *c, void *member)
{
	struct xen_sysctl_sched_id *s = member;

	s->sched_id = XEN_SCHEDULER_CREDIT2;
	return 0;
}

static bool ratelimit_is_valid(uint32_t us)
{
	return !us ||
	       (us >= XEN_SYSCTL_SCHED_RATELIMIT_MIN && us <= XEN_SYSCTL_SCHED_RATELIMIT_MAX);
}

long sysctl_scheduler_op(struct control_call *c, void *member)
{
	struct xen_sysctl_scheduler_op *s = member;
	struct cpupool_info pool;

	if (s->cmd != XEN_SYSCTL_SCHEDOP_putinfo && s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
		return -EINVAL;
	if (cpupool_info_get(s->cpupool_id, &pool))
		return -ESRCH;
	if (s->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	if (s->cmd == XEN_SYSCTL_SCHEDOP_putinfo) {
		if (!ratelimit_is_valid(s->u.sched_credit2.ratelimit_us))
			return -EINVAL;
		if (cpupool_set_ratelimit(s->cpupool_id, s->u.sched_credit2.ratelimit_us))
			return -ESRCH;
		pool.ratelimit_us = s->u.sched_credit2.ratelimit_us;
	}
	s->u.sched_credit2.ratelimit_us = pool.ratelimit_us;
	return 0;
}

/* ---- pools ---- */

static long pool_create(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	if (op->sched_id != XEN_SCHEDULER_CREDIT2)
		return -ENOENT;
	return cpupool_create(&op->cpupool_id);
}

static long pool_destroy(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	return cpupool_destroy(op->cpupool_id);
}

static long pool_info(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	struct cpupool_info info;
	int err = cpupool_info_from(op->cpupool_id, &info);

	if (err)
		return err;
	op->cpupool_id = info.id;
	op->sched_id = XEN_SCHEDULER_CREDIT2;
	op->n_dom = info.nr_domains;
	return control_bitmap_put(c, &op->cpumap, info.cpus.bits, machine_nr_cpus());
}

static long pool_add_cpu(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	return cpupool_add_cpu(op->cpupool_id, op->cpu);
}

static long pool_remove_cpu(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	return cpupool_remove_cpu(op->cpupool_id, op->cpu);
}

static long pool_move_domain(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	struct domain *d = op->domid < DOMID_LIMIT ? domain_get((uint16_t)op->domid) : NULL;
	long r = -ESRCH;

	if (!d)
		return r;
	/* Who moves itself could end up beside all CPUs. */
	r = d == c->caller->domain ? -EPERM : cpupool_move_domain(d, op->cpupool_id);
	domain_put(d);
	return r;
}

static long pool_free_info(struct control_call *c, struct xen_sysctl_cpupool_op *op)
{
	struct cpu_mask cpus;

	cpupool_free_cpus(&cpus);
	return control_bitmap_put(c, &op->cpumap, cpus.bits, machine_nr_cpus());
}

long sysctl_cpupool_op(struct control_call *c, void *member)
{
	static long (*const ops[])(struct control_call * c, struct xen_sysctl_cpupool_op * op) = {
		[XEN_SYSCTL_CPUPOOL_OP_CREATE] = pool_create,
		[XEN_SYSCTL_CPUPOOL_OP_DESTROY] = pool_destroy,
		[XEN_SYSCTL_CPUPOOL_OP_INFO] = pool_info,
		[XEN_SYSCTL_CPUPOOL_OP_ADDCPU] = pool_add_cpu,
		[XEN_SYSCTL_CPUPOOL_OP_RMCPU] = pool_remove_cpu,
		[XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN] = pool_move_domain,
		[XEN_SYSCTL_CPUPOOL_OP_FREEINFO] = pool_free_info,
	};
	struct xen_sysctl_cpupool_op *op = member;

	if (op->op >= ARRAY_LEN(ops) || !ops[op->op])
		return -ENOSYS;
	return ops[op->op](c, op);
}
