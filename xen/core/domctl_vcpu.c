/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: single vcpus. */
#include "domctl.h"

#include "devmodel.h"
#include "heap.h"
#include "save_records.h"
#include "string.h"

#include <xen/arch-x86/xen.h>
#include <xen/vcpu.h>

/* Stopped meanwhile, so that all of its state is in memory. NULL with the error. */
static struct vcpu *vcpu_of(struct control_call *c, uint32_t id, long *err)
{
	struct vcpu *v = domain_vcpu(c->d, id);

	*err = v ? 0 : id < c->d->max_vcpus ? -ESRCH : -EINVAL;
	return v;
}

long domctl_getvcpuinfo(struct control_call *c, void *member)
{
	struct xen_domctl_getvcpuinfo *x = member;
	struct sched_times times;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if (!v)
		return err;
	sched_times_get(&v->sched, &times);
	x->online = read_once(v->is_up);
	x->blocked = read_once(v->sched.blocked);
	x->running = read_once(v->sched.running);
	x->cpu_time = times.time_in[SCHED_RUNNING];
	x->cpu = read_once(v->sched.cpu);
	return 0;
}

/* ---- affinity ---- */

static int mask_get(struct control_call *c, const struct xenctl_bitmap *from, struct cpu_mask *out)
{
	memset(out, 0, sizeof(*out));
	return control_bitmap_get(c, out->bits, machine_nr_cpus(), from);
}

static int mask_put(struct control_call *c, const struct xenctl_bitmap *to,
                    const struct cpu_mask *mask)
{
	struct cpu_mask here = *mask;

	for (size_t n = machine_nr_cpus(); n < MAX_CPUS; n++)
		bitmap_clear(here.bits, n);
	return control_bitmap_put(c, to, here.bits, machine_nr_cpus());
}

#define AFFINITY_KINDS (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)
#define AFFINITY_FLAGS (AFFINITY_KINDS | XEN_VCPUAFFINITY_FORCE)

static int affinity_put(struct control_call *c, const struct xen_domctl_vcpuaffinity *x,
                        const struct cpu_mask *hard, const struct cpu_mask *soft)
{
	if ((x->flags & XEN_VCPUAFFINITY_HARD) && mask_put(c, &x->cpumap_hard, hard))
		return -EFAULT;
	if ((x->flags & XEN_VCPUAFFINITY_SOFT) && mask_put(c, &x->cpumap_soft, soft))
		return -EFAULT;
	return 0;
}

/* What the vcpu has pinned itself to goes only by force. */
static int pin_undo(struct vcpu *v, uint32_t flags)
{
	if (!v->is_pinned)
		return 0;
	if (!(flags & XEN_VCPUAFFINITY_FORCE))
		return flags & XEN_VCPUAFFINITY_HARD ? -EBUSY : 0;
	v->is_pinned = false;
	return sched_set_affinity(&v->sched, &v->unpinned_affinity, &v->sched.soft_affinity);
}

/* Given back: what holds now, soft within hard. */
long domctl_setvcpuaffinity(struct control_call *c, void *member)
{
	const struct xen_domctl_vcpuaffinity *x = member;
	struct cpu_mask hard, soft;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if ((x->flags & ~AFFINITY_FLAGS) || !(x->flags & AFFINITY_FLAGS))
		return -EINVAL;
	if (!v)
		return err;
	err = pin_undo(v, x->flags);
	if (err)
		return err;
	hard = v->sched.hard_affinity;
	soft = v->sched.soft_affinity;
	if ((x->flags & XEN_VCPUAFFINITY_HARD) && mask_get(c, &x->cpumap_hard, &hard))
		return -EFAULT;
	if ((x->flags & XEN_VCPUAFFINITY_SOFT) && mask_get(c, &x->cpumap_soft, &soft))
		return -EFAULT;
	err = sched_set_affinity(&v->sched, &hard, &soft);
	/* The device model's thread goes where the first vcpu may. */
	if (!err && !v->id && c->d->devmodel)
		err = sched_set_affinity(&c->d->devmodel->thread, &hard, &soft);
	if (err)
		return err;
	for (unsigned i = 0; i < ARRAY_LEN(soft.bits); i++)
		soft.bits[i] &= hard.bits[i];
	return affinity_put(c, x, &hard, &soft);
}

long domctl_getvcpuaffinity(struct control_call *c, void *member)
{
	const struct xen_domctl_vcpuaffinity *x = member;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if ((x->flags & ~AFFINITY_KINDS) || !(x->flags & AFFINITY_KINDS))
		return -EINVAL;
	if (!v)
		return err;
	return affinity_put(c, x, v->is_pinned ? &v->unpinned_affinity : &v->sched.hard_affinity,
	                    &v->sched.soft_affinity);
}

/* ---- register context in the manner of PV guests: debuggers, dumps, and the return code of a suspended guest ---- */

struct register_place {
	uint8_t ours;
	uint16_t theirs;
};
#define GPR(ours, field)                                    \
	{                                                   \
		ours, offsetof(struct cpu_user_regs, field) \
	}
static const struct register_place gprs[NR_GPRS] = {
	GPR(GPR_RAX, rax),    GPR(GPR_RCX, rcx),    GPR(GPR_RDX, rdx),    GPR(GPR_RBX, rbx),
	GPR(GPR_RSP, rsp),    GPR(GPR_RBP, rbp),    GPR(GPR_RSI, rsi),    GPR(GPR_RDI, rdi),
	GPR(GPR_R8, r8),      GPR(GPR_R8 + 1, r9),  GPR(GPR_R8 + 2, r10), GPR(GPR_R8 + 3, r11),
	GPR(GPR_R8 + 4, r12), GPR(GPR_R8 + 5, r13), GPR(GPR_R8 + 6, r14), GPR(GPR_R8 + 7, r15),
};

static uint64_t *user_reg(struct cpu_user_regs *r, uint16_t at)
{
	return (uint64_t *)((uintptr_t)r + at);
}

static uint16_t selector(struct vcpu *v, enum segment_name name)
{
	struct segment s;

	virt->get_segment(v, name, &s);
	return s.selector;
}

static uint64_t base(struct vcpu *v, enum segment_name name)
{
	struct segment s;

	virt->get_segment(v, name, &s);
	return s.base;
}

static void context_fill(struct vcpu *v, struct vcpu_guest_context *x)
{
	memcpy(&x->fpu_ctxt, v->fpu_area, sizeof(x->fpu_ctxt));
	x->flags = VGCF_I387_VALID | (virt->get_cpl(v) ? 0 : VGCF_in_kernel) |
	           (v->is_up ? VGCF_online : 0);
	for (unsigned i = 0; i < ARRAY_LEN(gprs); i++)
		*user_reg(&x->user_regs, gprs[i].theirs) = v->regs.r[gprs[i].ours];
	x->user_regs.rip = v->regs.rip;
	x->user_regs.rflags = v->regs.rflags;
	x->user_regs.cs = selector(v, SEG_CS);
	x->user_regs.ss = selector(v, SEG_SS);
	x->user_regs.ds = selector(v, SEG_DS);
	x->user_regs.es = selector(v, SEG_ES);
	x->user_regs.fs = selector(v, SEG_FS);
	x->user_regs.gs = selector(v, SEG_GS);
	x->ctrlreg[0] = virt->get_reg(v, REG_CR0);
	x->ctrlreg[2] = virt->get_reg(v, REG_CR2);
	x->ctrlreg[3] = virt->get_reg(v, REG_CR3);
	x->ctrlreg[4] = virt->get_reg(v, REG_CR4);
	for (unsigned i = 0; i < ARRAY_LEN(v->dr); i++)
		x->debugreg[i] = v->dr[i];
	x->debugreg[6] = virt->get_reg(v, REG_DR6);
	x->debugreg[7] = virt->get_reg(v, REG_DR7);
	x->fs_base = base(v, SEG_FS);
	x->gs_base_kernel = base(v, SEG_GS);
	x->gs_base_user = virt->get_reg(v, REG_KERNEL_GS_BASE);
}

/* Of a vcpu that has a state only. */
long domctl_getvcpucontext(struct control_call *c, void *member)
{
	const struct xen_domctl_vcpucontext *x = member;
	struct vcpu_guest_context *context;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if (!v)
		return err;
	if (!v->is_initialised)
		return -ENODATA;
	context = heap_alloc(sizeof(*context));
	if (!context)
		return -ENOMEM;
	domain_pause(c->d);
	context_fill(v, context);
	domain_unpause(c->d);
	err = control_put(c, context, control_handle(x->ctxt), 0, sizeof(*context));
	heap_free(context);
	return err;
}

/* General registers, debug registers and whether it is online: what a guest with its own memory management has of it. */
static long context_apply(struct vcpu *v, struct vcpu_guest_context *x)
{
	uint64_t rflags = x->user_regs.rflags | RFLAGS_MBS;

	if (vcpu_registers_refused(virt->get_reg(v, REG_CR4), x->user_regs.rip, rflags) ||
	    (x->debugreg[6] | x->debugreg[7]) >> 32)
		return -EINVAL;
	for (unsigned i = 0; i < ARRAY_LEN(gprs); i++)
		v->regs.r[gprs[i].ours] = *user_reg(&x->user_regs, gprs[i].theirs);
	v->regs.rip = x->user_regs.rip;
	v->regs.rflags = rflags;
	for (unsigned i = 0; i < ARRAY_LEN(v->dr); i++)
		v->dr[i] = x->debugreg[i];
	virt->set_reg(v, REG_DR6, x->debugreg[6]);
	virt->set_reg(v, REG_DR7, x->debugreg[7]);
	spin_lock(&v->domain->lock);
	v->is_initialised = true;
	if (x->flags & VGCF_online)
		vcpu_up_locked(v);
	else
		vcpu_down_locked(v);
	spin_unlock(&v->domain->lock);
	return 0;
}

/* No context: back to power-on. */
long domctl_setvcpucontext(struct control_call *c, void *member)
{
	const struct xen_domctl_vcpucontext *x = member;
	struct vcpu_guest_context *context;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if (!v)
		return err;
	if (!control_handle(x->ctxt)) {
		domain_pause(c->d);
		spin_lock(&c->d->lock);
		vcpu_down_locked(v);
		v->is_initialised = false;
		spin_unlock(&c->d->lock);
		vcpu_reset(v, false);
		domain_unpause(c->d);
		return 0;
	}
	context = heap_alloc(sizeof(*context));
	if (!context)
		return -ENOMEM;
	err = control_get(c, context, control_handle(x->ctxt), 0, sizeof(*context));
	if (!err) {
		domain_pause(c->d);
		err = context_apply(v, context);
		domain_unpause(c->d);
	}
	heap_free(context);
	return err;
}

/* ---- buttons ---- */

/* The power and sleep buttons are chips of a board that PVH guests have not. */
/* The buttons are on the board that the device model plays. */
static long button(struct domain *d, uint32_t event)
{
	if (!d->devmodel)
		return -EOPNOTSUPP;
	devmodel_raise(d->devmodel, event);
	return 0;
}

long domctl_sendtrigger(struct control_call *c, void *member)
{
	const struct xen_domctl_sendtrigger *x = member;
	long err;
	struct vcpu *v = vcpu_of(c, x->vcpu, &err);

	if (!v)
		return -ESRCH;
	switch (x->trigger) {
	case XEN_DOMCTL_SENDTRIGGER_NMI: vcpu_request(v, VCPU_REQ_NMI); return 0;
	case XEN_DOMCTL_SENDTRIGGER_POWER: return button(c->d, DEVMODEL_EVENT_POWER_BUTTON);
	case XEN_DOMCTL_SENDTRIGGER_SLEEP: return button(c->d, DEVMODEL_EVENT_SLEEP_BUTTON);
	default: return -ENOSYS;
	}
}

/* ---- what only PV guests' savers want: ours have their records of hardware state ---- */

static long pv_only(struct control_call *c, uint32_t id)
{
	return domain_vcpu(c->d, id) ? -EINVAL : -ESRCH;
}

long domctl_get_vcpu_msrs(struct control_call *c, void *member)
{
	return pv_only(c, ((const struct xen_domctl_vcpu_msrs *)member)->vcpu);
}

long domctl_set_vcpu_msrs(struct control_call *c, void *member)
{
	return pv_only(c, ((const struct xen_domctl_vcpu_msrs *)member)->vcpu);
}

long domctl_getvcpuextstate(struct control_call *c, void *member)
{
	return pv_only(c, ((const struct xen_domctl_vcpuextstate *)member)->vcpu);
}

long domctl_setvcpuextstate(struct control_call *c, void *member)
{
	return pv_only(c, ((const struct xen_domctl_vcpuextstate *)member)->vcpu);
}
