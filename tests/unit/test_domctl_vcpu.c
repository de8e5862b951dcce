/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/domctl_vcpu.c: what the tools ask and set of single vcpus. */
#include <string.h>

#include "errno.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;
static struct xen_domctl op;

static void start(unsigned nr_cpus)
{
	fake_control_machine(nr_cpus);
	d = fake_tool_domain(2, 16);
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
}

static long call(uint32_t cmd)
{
	op.cmd = cmd;
	op.domain = d->id;
	return fake_domctl(&op);
}

static void info(void)
{
	struct xen_domctl_getvcpuinfo *i = &op.u.getvcpuinfo;

	start(1);
	op = (struct xen_domctl){ .cmd = 0 };
	i->vcpu = 1;
	d->vcpus[1]->is_up = true;
	CHECK_EQ(call(XEN_DOMCTL_getvcpuinfo), 0);
	CHECK(i->online && !i->running);
	CHECK_EQ(i->cpu, 0);
	CHECK_EQ(i->cpu_time, 0);
	d->vcpus[1]->is_up = false;
	CHECK_EQ(call(XEN_DOMCTL_getvcpuinfo), 0);
	CHECK(!i->online);
	i->vcpu = 2;
	CHECK_EQ(call(XEN_DOMCTL_getvcpuinfo), -EINVAL);
	end();
}

static struct xen_domctl_vcpuaffinity *affinity(uint32_t flags)
{
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	op = (struct xen_domctl){ .cmd = 0 };
	a->vcpu = 1;
	a->flags = flags;
	a->cpumap_hard.bitmap.p = (void *)(uintptr_t)FAKE_BUFFER;
	a->cpumap_soft.bitmap.p = (void *)(uintptr_t)(FAKE_BUFFER + 8);
	a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 16;
	return a;
}

#define HARD (*(uint16_t *)fake_buffer(0))
#define SOFT (*(uint16_t *)fake_buffer(8))

static void affinities(void)
{
	struct cpu_mask pinned = { .bits = { 1 } };

	start(3);
	affinity(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT);
	CHECK_EQ(call(XEN_DOMCTL_getvcpuaffinity), 0);
	CHECK(HARD == 7 && SOFT == 7);
	affinity(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT);
	HARD = 0xfff6;
	SOFT = 0x0003;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), 0);
	/* What holds, soft within hard. */
	CHECK_EQ(HARD, 6);
	CHECK_EQ(SOFT, 2);
	CHECK_EQ(d->vcpus[1]->sched.hard_affinity.bits[0], 6);
	CHECK_EQ(d->vcpus[1]->sched.soft_affinity.bits[0], 3);
	CHECK_EQ(call(XEN_DOMCTL_getvcpuaffinity), 0);
	CHECK_EQ(SOFT, 3);
	/* One alone leaves the other. */
	affinity(XEN_VCPUAFFINITY_SOFT);
	SOFT = 4;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), 0);
	CHECK_EQ(d->vcpus[1]->sched.hard_affinity.bits[0], 6);
	affinity(XEN_VCPUAFFINITY_HARD);
	HARD = 0xfff8;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), -EINVAL);
	CHECK_EQ(d->vcpus[1]->sched.hard_affinity.bits[0], 6);
	affinity(0);
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), -EINVAL);
	affinity(8);
	CHECK_EQ(call(XEN_DOMCTL_getvcpuaffinity), -EINVAL);
	affinity(XEN_VCPUAFFINITY_HARD)->vcpu = 7;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), -EINVAL);
	/* What the vcpu itself holds on to goes by force only. */
	d->vcpus[1]->is_pinned = true;
	d->vcpus[1]->unpinned_affinity = d->vcpus[1]->sched.hard_affinity;
	CHECK_EQ(sched_set_affinity(&d->vcpus[1]->sched, &pinned, NULL), 0);
	affinity(XEN_VCPUAFFINITY_HARD);
	HARD = 2;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), -EBUSY);
	CHECK_EQ(call(XEN_DOMCTL_getvcpuaffinity), 0);
	CHECK_EQ(HARD, 6);
	affinity(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_FORCE);
	HARD = 2;
	CHECK_EQ(call(XEN_DOMCTL_setvcpuaffinity), 0);
	CHECK(!d->vcpus[1]->is_pinned);
	CHECK_EQ(d->vcpus[1]->sched.hard_affinity.bits[0], 2);
	end();
}

static void context(void)
{
	struct vcpu_guest_context x = { .flags = 0 };
	struct vcpu *v;

	start(1);
	v = d->vcpus[1];
	op = (struct xen_domctl){ .cmd = 0 };
	op.u.vcpucontext.vcpu = 1;
	op.u.vcpucontext.ctxt.p = (void *)(uintptr_t)FAKE_BUFFER;
	CHECK_EQ(call(XEN_DOMCTL_getvcpucontext), -ENODATA);
	x.flags = VGCF_online;
	x.user_regs.rip = 0x1234;
	x.user_regs.rax = 0x55;
	x.user_regs.r15 = 15;
	x.user_regs.rflags = RFLAGS_IF;
	x.debugreg[2] = 2;
	x.debugreg[7] = 0x401;
	fake_buffer_write(0, &x, sizeof(x));
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), 0);
	CHECK(v->is_up && v->is_initialised);
	CHECK_EQ(v->regs.rip, 0x1234);
	CHECK_EQ(v->regs.r[GPR_R8 + 7], 15);
	CHECK_EQ(v->regs.rflags, RFLAGS_IF | RFLAGS_MBS);
	CHECK_EQ(virt->get_reg(v, REG_DR7), 0x401);
	virt->set_reg(v, REG_CR3, 0x5000);
	CHECK_EQ(call(XEN_DOMCTL_getvcpucontext), 0);
	fake_buffer_read(0, &x, sizeof(x));
	CHECK(x.flags & VGCF_online);
	CHECK(x.user_regs.rip == 0x1234 && x.user_regs.rax == 0x55 && x.user_regs.r15 == 15);
	CHECK_EQ(x.ctrlreg[3], 0x5000);
	CHECK_EQ(x.debugreg[2], 2);
	x.user_regs.rip = 1ull << 52;
	fake_buffer_write(0, &x, sizeof(x));
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), -EINVAL);
	x.user_regs.rip = 0;
	x.debugreg[7] = 1ull << 40;
	fake_buffer_write(0, &x, sizeof(x));
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), -EINVAL);
	CHECK_EQ(v->regs.rip, 0x1234);
	/* Offline again by its flag, and all the way back without a context. */
	x.debugreg[7] = 0x400;
	x.flags = 0;
	fake_buffer_write(0, &x, sizeof(x));
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), 0);
	CHECK(!v->is_up && v->is_initialised);
	op.u.vcpucontext.ctxt.p = NULL;
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), 0);
	CHECK(!v->is_initialised);
	CHECK_EQ(v->regs.rip, 0xfff0);
	op.u.vcpucontext.ctxt.p = (void *)(uintptr_t)(1ull << 40);
	CHECK_EQ(call(XEN_DOMCTL_setvcpucontext), -EFAULT);
	op.domain = 0;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	end();
}

static void triggers(void)
{
	start(1);
	op = (struct xen_domctl){ .cmd = 0 };
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
	op.u.sendtrigger.vcpu = 1;
	CHECK_EQ(call(XEN_DOMCTL_sendtrigger), 0);
	CHECK(d->vcpus[1]->requests & VCPU_REQ_NMI);
	CHECK(!(d->vcpus[0]->requests & VCPU_REQ_NMI));
	op.u.sendtrigger.vcpu = 2;
	CHECK_EQ(call(XEN_DOMCTL_sendtrigger), -ESRCH);
	op.u.sendtrigger.vcpu = 1;
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	CHECK_EQ(call(XEN_DOMCTL_sendtrigger), -EOPNOTSUPP);
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_RESET;
	CHECK_EQ(call(XEN_DOMCTL_sendtrigger), -ENOSYS);
	end();
}

static void only_for_pv(void)
{
	static const uint32_t calls[] = { XEN_DOMCTL_get_vcpu_msrs, XEN_DOMCTL_set_vcpu_msrs,
		                          XEN_DOMCTL_getvcpuextstate, XEN_DOMCTL_setvcpuextstate };

	start(1);
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		op = (struct xen_domctl){ .cmd = 0 };
		op.u.vcpu_msrs.vcpu = 1;
		CHECK_EQ(call(calls[i]), -EINVAL);
		op = (struct xen_domctl){ .cmd = 0 };
		op.u.vcpu_msrs.vcpu = 2;
		CHECK_EQ(call(calls[i]), -ESRCH);
	}
	end();
}

UNIT_MAIN(UNIT(only_for_pv), UNIT(info), UNIT(affinities), UNIT(context), UNIT(triggers))
