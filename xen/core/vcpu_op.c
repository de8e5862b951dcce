/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercall vcpu_op (public xen/vcpu.h) and its elder sister set_timer_op: a guest's calls about its own vcpus. */
#include "domain.h"

#include "abi.h"
#include "errno.h"
#include "hypercall.h"

#include <xen/hvm/hvm_vcpu.h>
#include <xen/sched.h>

#define NS_A_MS 1000000ull

/* A register_*_memory_area: a pointer, in a union with 64 bits. */
struct area {
	uint64_t address;
};
static const struct abi_field area_fields[] = { { 0, 0, 8, 4 }, ABI_END };
static const struct abi_struct area_abi = { sizeof(struct area), 8, area_fields };

/* 32-bit: no padding at the end. */
static const struct abi_field singleshot_fields[] = { { 0, 0, 8, 8 }, { 8, 8, 4, 4 }, ABI_END };
static const struct abi_struct singleshot_abi = { sizeof(struct vcpu_set_singleshot_timer), 12,
	                                          singleshot_fields };

/* 32-bit: 64-bit fields at multiples of 4. */
static const struct abi_field runstate_fields[] = {
	{ 0, 0, 4, 4 }, { 8, 4, 8, 8 }, { 16, 12, 32, 32 }, ABI_END
};
static const struct abi_struct runstate_abi = { sizeof(struct vcpu_runstate_info), 44,
	                                        runstate_fields };

static const struct abi_struct periodic_abi = ABI_SAME(struct vcpu_set_periodic_timer);
static const struct abi_struct info_abi = ABI_SAME(struct vcpu_register_vcpu_info);
static const struct abi_struct context_abi = ABI_SAME(struct vcpu_hvm_context);

/* v: the vcpu that the call is about, one of the caller's domain. arg: a linear address. */
typedef long (*vcpu_op_fn)(struct vcpu *caller, struct vcpu *v, uint64_t arg);

static long op_initialise(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct vcpu_hvm_context ctx;
	long r;

	if (abi_get(caller, &context_abi, &ctx, arg, 0))
		return -EFAULT;
	spin_lock(&v->domain->lock);
	r = v->is_initialised ? -EEXIST : vcpu_set_context(v, &ctx);
	spin_unlock(&v->domain->lock);
	return r;
}

static long op_up(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	bool can;

	spin_lock(&v->domain->lock);
	can = v->is_initialised;
	if (can && !v->is_up)
		vcpu_up_locked(v);
	spin_unlock(&v->domain->lock);
	return can ? 0 : -EINVAL;
}

/* The last one that goes powers the domain off. */
static long op_down(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct domain *d = v->domain;
	bool others_up = false;
	struct vcpu *other;
	uint32_t i;

	spin_lock(&d->lock);
	domain_for_each_vcpu(d, other, i)
		others_up |= other != v && other->is_up;
	if (others_up)
		vcpu_down_locked(v);
	spin_unlock(&d->lock);
	if (!others_up) {
		domain_ending_note(d, "its last vcpu was taken down");
		domain_shutdown(d, SHUTDOWN_poweroff);
	}
	return 0;
}

static long op_is_up(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	return read_once(v->is_up);
}

static long op_get_runstate(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct vcpu_runstate_info info = { .state = 0 };
	struct sched_times s;

	sched_times_get(&v->sched, &s);
	info.state = (int)s.state;
	info.state_entry_time = s.since_ns - v->domain->time_offset_ns;
	for (unsigned i = 0; i < ARRAY_LEN(info.time); i++)
		info.time[i] = s.time_in[i];
	return abi_put(caller, &runstate_abi, &info, arg, 0);
}

/* Another vcpu's area is written when that one runs next: its address means something only there. */
static long op_register_runstate(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct area a;

	if (abi_get(caller, &area_abi, &a, arg, 0))
		return -EFAULT;
	spin_lock(&v->domain->lock);
	v->time.runstate_linear = a.address;
	v->time.runstate_compat = hypercall_is_compat(caller);
	write_once(v->time.runstate_registered, a.address != 0);
	spin_unlock(&v->domain->lock);
	if (v == caller)
		vcpu_runstate_update(v);
	else
		vcpu_request(v, VCPU_REQ_TIME);
	return 0;
}

static long op_register_time(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct area a;

	if (abi_get(caller, &area_abi, &a, arg, 0))
		return -EFAULT;
	spin_lock(&v->domain->lock);
	v->time.time_linear = a.address;
	write_once(v->time.time_registered, a.address != 0);
	spin_unlock(&v->domain->lock);
	vcpu_time_update(v);
	return 0;
}

static long op_set_periodic(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct vcpu_set_periodic_timer set;

	if (abi_get(caller, &periodic_abi, &set, arg, 0))
		return -EFAULT;
	if (set.period_ns < VCPU_PERIOD_MIN_NS || set.period_ns > VCPU_PERIOD_MAX_NS)
		return -EINVAL;
	write_once(v->periodic_ns, set.period_ns);
	timer_set(&v->periodic, machine_now_ns() + set.period_ns);
	return 0;
}

static long op_stop_periodic(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	write_once(v->periodic_ns, 0);
	timer_cancel(&v->periodic);
	return 0;
}

/*
 * VCPU_SSHOTTMR_future "can be ignored by the hypervisor" (xen/vcpu.h of 4.17), and Xen 4.17 does: a time in the past fires at once.
 */
static long op_set_singleshot(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct vcpu_set_singleshot_timer set;

	if (v != caller)
		return -EINVAL;
	if (abi_get(caller, &singleshot_abi, &set, arg, 0))
		return -EFAULT;
	timer_set(&v->singleshot, set.timeout_abs_ns + v->domain->time_offset_ns);
	return 0;
}

static long op_stop_singleshot(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	if (v != caller)
		return -EINVAL;
	timer_cancel(&v->singleshot);
	return 0;
}

static long op_register_info(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	struct vcpu_register_vcpu_info info;
	long r;

	if (abi_get(caller, &info_abi, &info, arg, 0))
		return -EFAULT;
	r = vcpu_info_register(v, info.mfn, info.offset);
	if (!r)
		vcpu_time_update(v);
	return r;
}

static long op_send_nmi(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	if (arg)
		return -EINVAL;
	vcpu_request(v, VCPU_REQ_NMI);
	return 0;
}

/* Only means something for vcpus that are pinned for good by an option of the hypervisor's, and there is none. */
static long op_get_physid(struct vcpu *caller, struct vcpu *v, uint64_t arg)
{
	return -EINVAL;
}

static const vcpu_op_fn vcpu_ops[] = {
	[VCPUOP_initialise] = op_initialise,
	[VCPUOP_up] = op_up,
	[VCPUOP_down] = op_down,
	[VCPUOP_is_up] = op_is_up,
	[VCPUOP_get_runstate_info] = op_get_runstate,
	[VCPUOP_register_runstate_memory_area] = op_register_runstate,
	[VCPUOP_set_periodic_timer] = op_set_periodic,
	[VCPUOP_stop_periodic_timer] = op_stop_periodic,
	[VCPUOP_set_singleshot_timer] = op_set_singleshot,
	[VCPUOP_stop_singleshot_timer] = op_stop_singleshot,
	[VCPUOP_register_vcpu_info] = op_register_info,
	[VCPUOP_send_nmi] = op_send_nmi,
	[VCPUOP_get_physid] = op_get_physid,
	[VCPUOP_register_vcpu_time_memory_area] = op_register_time,
};

long vcpu_op(struct vcpu *caller, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0];
	struct vcpu *v = domain_vcpu(caller->domain, (uint32_t)args[1]);

	if (!v)
		return -ENOENT;
	if (cmd >= ARRAY_LEN(vcpu_ops) || !vcpu_ops[cmd])
		return -ENOSYS;
	return vcpu_ops[cmd](caller, v, args[2]);
}

/*
 * 0 stops the timer. Nonsense (before time began, or months away) comes from guests whose clock has wrapped or stopped: they get an event soon, to look
 * at the clock again, as Xen gives them.
 */
long set_timer_op(struct vcpu *caller, uint64_t *args)
{
	uint64_t timeout =
		hypercall_is_compat(caller) ? (uint32_t)args[0] | args[1] << 32 : args[0];
	uint64_t now = domain_now_ns(caller->domain);

	if (!timeout) {
		timer_cancel(&caller->singleshot);
		return 0;
	}
	if ((int64_t)timeout < 0 || (timeout > now && (uint32_t)((timeout - now) >> 50)))
		timeout = now + 100 * NS_A_MS;
	timer_set(&caller->singleshot, timeout + caller->domain->time_offset_ns);
	return 0;
}
