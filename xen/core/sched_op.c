/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercall sched_op (public xen/sched.h): a vcpu gives up its CPU, waits, or ends its domain. */
#include "domain.h"

#include "abi.h"
#include "errno.h"
#include "hypercall.h"

#include <xen/event_channel.h>
#include <xen/sched.h>

#define POLL_PORTS_MAX 128

struct compat_poll {
	uint32_t ports, nr_ports;
	uint64_t timeout;
} packed_struct;
static const struct abi_field poll_fields[] = {
	{ offsetof(struct sched_poll, ports), offsetof(struct compat_poll, ports), 8, 4 },
	ABI_FIELD(struct sched_poll, struct compat_poll, nr_ports),
	ABI_FIELD(struct sched_poll, struct compat_poll, timeout),
	ABI_END,
};
static const struct abi_struct poll_abi = { sizeof(struct sched_poll), sizeof(struct compat_poll),
	                                    poll_fields };
static const struct abi_struct shutdown_abi = ABI_SAME(struct sched_shutdown);
static const struct abi_struct remote_abi = ABI_SAME(struct sched_remote_shutdown);
static const struct abi_struct watchdog_abi = ABI_SAME(struct sched_watchdog);
static const struct abi_struct pin_abi = ABI_SAME(struct sched_pin_override);
static const struct abi_struct port_abi = ABI_SAME(evtchn_port_t);

typedef long (*sched_op_fn)(struct vcpu *v, uint64_t arg);

static void poll_forget(struct vcpu *v)
{
	if (unlikely(v->polling)) {
		write_once(v->polling, false);
		timer_cancel(&v->poll_timer);
	}
}

static long op_yield(struct vcpu *v, uint64_t arg)
{
	sched_unit_yield(&v->sched);
	return 0;
}

static long op_block(struct vcpu *v, uint64_t arg)
{
	poll_forget(v);
	vcpu_sleep_prepare(v);
	write_once(v->info[1], 0);
	vlapic_sync_cr8(v);
	barrier_full();
	/* Whatever way events reach this guest, one that is pending ends the wait. */
	if (!read_once(v->info[0]) && !vcpu_has_work(v))
		sched_block(&v->sched);
	return 0;
}

static long op_shutdown(struct vcpu *v, uint64_t arg)
{
	struct sched_shutdown s;

	if (abi_get(v, &shutdown_abi, &s, arg, 0))
		return -EFAULT;
	domain_ending_note(v->domain, "its kernel said so to the hypervisor, at %#lx on vcpu %u",
	                   v->regs.rip, v->id);
	domain_shutdown(v->domain, (uint8_t)s.reason);
	return 0;
}

static long op_shutdown_code(struct vcpu *v, uint64_t arg)
{
	struct sched_shutdown s;

	if (abi_get(v, &shutdown_abi, &s, arg, 0))
		return -EFAULT;
	domain_shutdown_code(v->domain, (uint8_t)s.reason);
	return 0;
}

/* 1: one of the ports is pending, 0: none, or what is wrong. *only: the port, when there is but one. */
static long poll_ports(struct vcpu *v, const struct sched_poll *p, uint32_t *only)
{
	for (uint32_t i = 0; i < p->nr_ports; i++) {
		evtchn_port_t port;
		int pending;

		if (abi_get(v, &port_abi, &port, (uint64_t)(uintptr_t)p->ports.p, i))
			return -EFAULT;
		pending = event_channel_is_pending(v->domain, port);
		if (pending)
			return pending;
		*only = port;
	}
	return 0;
}

/* First say that we wait, then look: an event in between wakes us before we sleep. */
static long op_poll(struct vcpu *v, uint64_t arg)
{
	struct sched_poll p;
	uint32_t port = 0;
	long r;

	if (abi_get(v, &poll_abi, &p, arg, 0))
		return -EFAULT;
	if (p.nr_ports > POLL_PORTS_MAX)
		return -EINVAL;
	poll_forget(v);
	vcpu_sleep_prepare(v);
	write_once(v->poll_port, ~0u);
	write_once(v->polling, true);
	barrier_full();
	r = read_once(v->info[0]) ? 1 : poll_ports(v, &p, &port);
	if (r || (p.timeout && p.timeout <= domain_now_ns(v->domain))) {
		write_once(v->polling, false);
		return r < 0 ? r : 0;
	}
	if (p.nr_ports == 1)
		write_once(v->poll_port, port);
	if (p.timeout)
		timer_set(&v->poll_timer, p.timeout + v->domain->time_offset_ns);
	sched_block(&v->sched);
	return 0;
}

/* The id is a real one: DOMID_SELF names nobody here. */
static long op_remote_shutdown(struct vcpu *v, uint64_t arg)
{
	struct sched_remote_shutdown s;
	struct domain *d;
	long r;

	if (abi_get(v, &remote_abi, &s, arg, 0))
		return -EFAULT;
	d = domain_get(s.domain_id);
	if (!d)
		return -ESRCH;
	r = privilege_control(v, d);
	if (!r) {
		domain_ending_note(d, "domain %u said so", v->domain->id);
		domain_shutdown(d, (uint8_t)s.reason);
	}
	domain_put(d);
	return r;
}

static long op_watchdog(struct vcpu *v, uint64_t arg)
{
	struct sched_watchdog w;

	if (abi_get(v, &watchdog_abi, &w, arg, 0))
		return -EFAULT;
	return domain_watchdog(v->domain, w.id, w.timeout);
}

static long unpin(struct vcpu *v)
{
	if (!v->is_pinned)
		return -EINVAL;
	v->is_pinned = false;
	return sched_set_affinity(&v->sched, &v->unpinned_affinity, &v->sched.soft_affinity);
}

static long op_pin_override(struct vcpu *v, uint64_t arg)
{
	struct cpu_mask one = { .bits = { 0 } }, before = v->sched.hard_affinity;
	struct sched_pin_override pin;
	long r;

	if (!domain_is_first(v->domain))
		return -EPERM;
	if (abi_get(v, &pin_abi, &pin, arg, 0))
		return -EFAULT;
	if (pin.pcpu < 0)
		return unpin(v);
	if ((uint32_t)pin.pcpu >= machine_nr_cpus())
		return -EINVAL;
	if (v->is_pinned)
		return -EBUSY;
	bitmap_set(one.bits, (size_t)pin.pcpu);
	r = sched_set_affinity(&v->sched, &one, &v->sched.soft_affinity);
	if (!r) {
		v->is_pinned = true;
		v->unpinned_affinity = before;
	}
	return r;
}

static const sched_op_fn sched_ops[] = {
	[SCHEDOP_yield] = op_yield,
	[SCHEDOP_block] = op_block,
	[SCHEDOP_shutdown] = op_shutdown,
	[SCHEDOP_poll] = op_poll,
	[SCHEDOP_remote_shutdown] = op_remote_shutdown,
	[SCHEDOP_shutdown_code] = op_shutdown_code,
	[SCHEDOP_watchdog] = op_watchdog,
	[SCHEDOP_pin_override] = op_pin_override,
};

long sched_op(struct vcpu *caller, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0];

	if (cmd >= ARRAY_LEN(sched_ops))
		return -ENOSYS;
	return sched_ops[cmd](caller, args[1]);
}
