/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/errno.h>

#include <xen/hvm/hvm_vcpu.h>
#include <xen/vcpu.h>

static struct domain *d;
static struct vcpu *target;

static void setup(void)
{
	fake_core_init(MIB(64), 1);
	d = fixture_domain(false, 2);
	d->cpuid.max_basic = 7;
	d->cpuid.max_extended = 0x80000008;
	d->cpuid.basic[1].d = ~0u;
	d->cpuid.extended[1].d = ~0u;
	CHECK_EQ(domain_start(d), 0);
	fixture_run(d->vcpus[0]);
	target = d->vcpus[1];
	target->is_initialised = false;
}

static long initialise(const struct vcpu_hvm_context *c)
{
	fixture_write(d, FIXTURE_DATA, c, sizeof(*c));
	return fixture_call(d->vcpus[0], vcpu_op, VCPUOP_initialise, 1, FIXTURE_DATA);
}

static struct vcpu_hvm_context good_64(void)
{
	return (struct vcpu_hvm_context){
		.mode = VCPU_HVM_MODE_64B,
		.cpu_regs.x86_64 = { .rip = 0xffffffff81000000,
		                     .rsp = 0x9000,
		                     .rdi = 7,
		                     .cr0 = CR0_PG | CR0_PE | CR0_WP,
		                     .cr3 = 0x5000,
		                     .cr4 = CR4_PAE,
		                     .efer = EFER_LME },
	};
}

static struct vcpu_hvm_context good_32(void)
{
	return (struct vcpu_hvm_context){
		.mode = VCPU_HVM_MODE_32B,
		.cpu_regs.x86_32 = { .eip = 0x100000,
		                     .esp = 0x9000,
		                     .eax = 9,
		                     .cr0 = CR0_PE,
		                     .cs_limit = 0xffffffff,
		                     .ds_limit = 0xffffffff,
		                     .ss_limit = 0xffffffff,
		                     .es_limit = 0xffffffff,
		                     .tr_limit = 0x67,
		                     .cs_ar = 0xc9b,
		                     .ds_ar = 0xc93,
		                     .ss_ar = 0xc93,
		                     .es_ar = 0xc93,
		                     .tr_ar = 0x8b },
	};
}

static void starts_64bit(void)
{
	struct vcpu_hvm_context c = good_64();
	struct segment s;

	setup();
	CHECK_EQ(initialise(&c), 0);
	CHECK(target->is_initialised);
	CHECK(!target->is_up);
	CHECK_EQ(target->regs.rip, 0xffffffff81000000);
	CHECK_EQ(target->regs.r[GPR_RDI], 7);
	CHECK_EQ(target->regs.r[GPR_RDX], 0);
	CHECK_EQ(target->regs.rflags, RFLAGS_MBS);
	CHECK_EQ(virt->get_reg(target, REG_CR3), 0x5000);
	CHECK_EQ(virt->get_reg(target, REG_EFER), EFER_LME | EFER_LMA);
	CHECK(virt->get_reg(target, REG_CR0) & CR0_ET);
	virt->get_segment(target, SEG_CS, &s);
	CHECK_EQ(s.attr, 0xa9b);
	CHECK_EQ(initialise(&c), -XEN_EEXIST);
	CHECK_EQ(fixture_call(d->vcpus[0], vcpu_op, VCPUOP_initialise, 1, 0xdead0000), -XEN_EFAULT);
	CHECK_EQ(fixture_call(d->vcpus[0], vcpu_op, VCPUOP_up, 1, 0), 0);
	fixture_run(target);
	fixture_end(d);
}

static void starts_32bit(void)
{
	struct vcpu_hvm_context c = good_32();
	struct segment s;

	setup();
	c.cpu_regs.x86_32.ds_ar = 0;
	c.cpu_regs.x86_32.cs_base = 0x10;
	CHECK_EQ(initialise(&c), 0);
	CHECK_EQ(target->regs.rip, 0x100000);
	CHECK_EQ(target->regs.r[GPR_RAX], 9);
	virt->get_segment(target, SEG_CS, &s);
	CHECK_EQ(s.base, 0x10);
	virt->get_segment(target, SEG_TR, &s);
	CHECK_EQ(s.limit, 0x67);
	CHECK_EQ(virt->get_reg(target, REG_EFER), 0);
	fixture_end(d);
}

#define REFUSED(make, change)                                     \
	do {                                                      \
		struct vcpu_hvm_context c = make();               \
		struct vcpu_hvm_x86_32 *r32 = &c.cpu_regs.x86_32; \
		struct vcpu_hvm_x86_64 *r64 = &c.cpu_regs.x86_64; \
		(void)r32, (void)r64;                             \
		change;                                           \
		target->regs.rip = 0x1234;                        \
		CHECK_EQ(initialise(&c), -XEN_EINVAL);            \
		CHECK(!target->is_initialised);                   \
		CHECK_EQ(target->regs.rip, 0x1234);               \
	} while (0)

static void refuses_bad_64(void)
{
	setup();
	REFUSED(good_64, c.pad = 1);
	REFUSED(good_64, c.mode = 2);
	REFUSED(good_64, r64->rip = 0x800000000000);
	REFUSED(good_64, r64->cr0 &= ~CR0_PG);
	REFUSED(good_64, r64->cr0 &= ~CR0_PE);
	REFUSED(good_64, r64->cr0 |= CR0_NW);
	REFUSED(good_64, r64->cr0 |= 1ull << 32);
	REFUSED(good_64, r64->cr4 = 0);
	REFUSED(good_64, r64->cr4 |= 1ull << 40);
	REFUSED(good_64, r64->efer = 0);
	REFUSED(good_64, r64->efer |= EFER_SVME);
	REFUSED(good_64, r64->efer |= 1ull << 50);
	fixture_end(d);
}

static void refuses_bad_32(void)
{
	setup();
	REFUSED(good_32, r32->pad1 = 1);
	REFUSED(good_32, r32->pad2[2] = 1);
	REFUSED(good_32, r32->cs_ar = 0);
	REFUSED(good_32, r32->ss_ar = 0);
	REFUSED(good_32, r32->tr_ar = 0);
	REFUSED(good_32, r32->cs_ar |= 0x1000);
	REFUSED(good_32, r32->cs_ar = 0xc93);
	REFUSED(good_32, r32->cs_ar = 0xc8b);
	REFUSED(good_32, r32->ss_ar = 0xc9b);
	REFUSED(good_32, r32->ss_ar = 0xc91);
	REFUSED(good_32, r32->ss_ar |= 0x60);
	REFUSED(good_32, r32->ds_ar = 0xc99);
	REFUSED(good_32, (r32->cs_ar |= 0x60, r32->ss_ar |= 0x60));
	REFUSED(good_32, r32->tr_ar = 0x93);
	REFUSED(good_32, r32->tr_ar = 0x89);
	REFUSED(good_32, (r32->cs_ar &= ~0x800, r32->cs_limit = 0xffff));
	REFUSED(good_32, r32->efer = EFER_LMA);
	REFUSED(good_32, r32->cr0 |= CR0_NW);
	REFUSED(good_32, r32->efer = EFER_LMA | EFER_LME);
	fixture_end(d);
}

UNIT_MAIN(UNIT(starts_64bit), UNIT(starts_32bit), UNIT(refuses_bad_64), UNIT(refuses_bad_32))
