/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/exit_cr.c, exit_msr.c and the small rows of exit.c: registers that an instruction reads or writes on its way through us. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "options.h"
#include "unit.h"
#include "virt_script.h"

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	v->regs.rip = 0x1000;
}

static void take(enum exit_kind kind, uint8_t insn_len)
{
	v->exit = (struct vcpu_exit){ .kind = kind, .insn_len = insn_len };
	exit_dispatch(v);
}

static void expect_exception(uint8_t vector)
{
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, vector);
	CHECK_EQ(v->regs.rip, 0x1000);
	v->event.type = EVENT_NONE;
}

static void expect_done(unsigned length)
{
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.rip, 0x1000 + length);
	v->regs.rip = 0x1000;
}

/* ---- debug registers ---- */

/* MOV DRn, EAX and back by the instruction's bytes. */
static void dr(bool write, unsigned n)
{
	uint8_t *code = fake_guest_page(d, 1);

	code[0] = 0x0f;
	code[1] = write ? 0x23 : 0x21;
	code[2] = (uint8_t)(0xc0 | n << 3);
	take(EXIT_DR_ACCESS, 0);
}

static void debug_registers(void)
{
	start();
	for (unsigned n = 0; n < 4; n++) {
		v->regs.r[GPR_RAX] = 0x1000 * n + 7;
		dr(true, n);
		expect_done(3);
		CHECK_EQ(v->dr[n], 0x1000 * n + 7);
	}
	v->regs.r[GPR_RAX] = 0;
	dr(false, 3);
	CHECK_EQ(v->regs.r[GPR_RAX], 0x3007);
	v->regs.rip = 0x1000;

	/* Fixed bits of DR6 and DR7, SDM 17.2.3 and 17.2.4. */
	v->regs.r[GPR_RAX] = 0xffffffff;
	dr(true, 6);
	expect_done(3);
	CHECK_EQ(virt->get_reg(v, REG_DR6), 0xffffefff);
	v->regs.r[GPR_RAX] = 0;
	dr(true, 7);
	expect_done(3);
	CHECK_EQ(virt->get_reg(v, REG_DR7), 0x400);
}

/* DR4 and DR5 are DR6 and DR7, until CR4.DE is set. */
static void debug_aliases(void)
{
	start();
	virt->set_reg(v, REG_DR7, 0x455);
	dr(false, 5);
	expect_done(3);
	CHECK_EQ(v->regs.r[GPR_RAX], 0x455);
	virt->set_reg(v, REG_CR4, CR4_DE);
	dr(false, 4);
	expect_exception(X86_UD);
	dr(true, 5);
	expect_exception(X86_UD);
}

static void debug_registers_64(void)
{
	start();
	script_set_long_mode(v, 0x2000);
	memcpy(script_of(v)->insn, (uint8_t[]){ 0x0f, 0x23, 0xf8 }, 3); /* mov %rax, %dr7 */
	script_of(v)->insn_len = 15;
	guest_walk_cache_reset(&v->walk);
	v->regs.r[GPR_RAX] = 1ull << 32;
	take(EXIT_DR_ACCESS, 0);
	expect_exception(X86_GP);
}

/* ---- control registers ---- */

static void cr_write(uint8_t cr, uint64_t value)
{
	v->regs.r[GPR_RBX] = value;
	v->exit = (struct vcpu_exit){ .kind = EXIT_CR_ACCESS,
		                      .insn_len = 3,
		                      .cr = { .cr = cr, .gpr = GPR_RBX, .is_write = true } };
	exit_dispatch(v);
}

static void control_registers(void)
{
	start();
	cr_write(2, 0xdeadbeef);
	expect_done(3);
	CHECK_EQ(virt->get_reg(v, REG_CR2), 0xdeadbeef);
	cr_write(8, 9);
	expect_done(3);
	CHECK_EQ(v->lapic.tpr, 0x90);
	CHECK_EQ(virt->get_reg(v, REG_CR8), 9);
	cr_write(8, 0x10);
	expect_exception(X86_GP);
	cr_write(5, 0);
	expect_exception(X86_UD);
	CHECK_EQ(v->lapic.tpr, 0x90);
}

/* ---- XSETBV ---- */

static void xsetbv(uint32_t index, uint64_t value)
{
	v->regs.r[GPR_RCX] = index;
	v->regs.r[GPR_RAX] = (uint32_t)value;
	v->regs.r[GPR_RDX] = value >> 32;
	take(EXIT_XSETBV, 3);
}

static void extended_state(void)
{
	unsigned loads;

	start();
	xsetbv(0, 1);
	expect_exception(X86_UD); /* CR4.OSXSAVE is clear */
	virt->set_reg(v, REG_CR4, CR4_OSXSAVE);
	d->cpuid.basic[1].c |= 1u << 26;
	d->cpuid.xstate[0].a = 7;
	loads = fake_counts.fpu_loads;
	xsetbv(0, 7);
	expect_done(3);
	CHECK_EQ(v->xcr0, 7);
	CHECK_EQ(fake_xcr0[0], 7);
	CHECK_EQ(fake_counts.fpu_loads, loads + 1);
	xsetbv(0, 6); /* x87 cannot be off */
	expect_exception(X86_GP);
	xsetbv(0, 5); /* AVX needs SSE */
	expect_exception(X86_GP);
	xsetbv(0, 1ull << 40);
	expect_exception(X86_GP);
	xsetbv(1, 7);
	expect_exception(X86_GP);
	script_set_cpl(v, 3);
	xsetbv(0, 7);
	expect_exception(X86_GP);
	CHECK_EQ(v->xcr0, 7);
}

/* ---- MSRs that reach into the rest of the machine ---- */

static uint64_t msr_read(uint32_t index)
{
	v->regs.r[GPR_RCX] = index;
	v->regs.r[GPR_RAX] = v->regs.r[GPR_RDX] = 0;
	take(EXIT_MSR_READ, 2);
	return v->regs.r[GPR_RDX] << 32 | v->regs.r[GPR_RAX];
}

static void msr_write(uint32_t index, uint64_t value)
{
	v->regs.r[GPR_RCX] = index;
	v->regs.r[GPR_RAX] = (uint32_t)value;
	v->regs.r[GPR_RDX] = value >> 32;
	take(EXIT_MSR_WRITE, 2);
}

/* The TSC, its adjustment and what the hardware adds are one state. SDM 17.17.3 */
static void time_stamp_counter(void)
{
	uint64_t tsc;

	start();
	fake_set_now(1000);
	tsc = machine_tsc();
	CHECK_EQ(msr_read(MSR_TSC), tsc);
	expect_done(2);
	msr_write(MSR_TSC, tsc + 5000);
	expect_done(2);
	CHECK_EQ(msr_read(MSR_TSC), tsc + 5000);
	expect_done(2);
	CHECK_EQ(msr_read(MSR_TSC_ADJUST), 5000);
	expect_done(2);
	CHECK_EQ(script_of(v)->tsc_offset, 5000);
	CHECK(v->requests & VCPU_REQ_TIME);
	msr_write(MSR_TSC_ADJUST, 2000);
	expect_done(2);
	CHECK_EQ(script_of(v)->tsc_offset, 2000);
	fake_advance(10);
	take(EXIT_RDTSC, 2);
	expect_done(2);
	CHECK_EQ(v->regs.r[GPR_RDX] << 32 | v->regs.r[GPR_RAX], machine_tsc() + 2000);
}

static void system_call_msrs(void)
{
	static const struct {
		uint32_t index;
		enum vcpu_reg reg;
		uint64_t value, stored;
	} msrs[] = {
		{ MSR_STAR, REG_STAR, 0x23001000000000, 0x23001000000000 },
		{ MSR_LSTAR, REG_LSTAR, 0xffffffff81000000, 0xffffffff81000000 },
		{ MSR_CSTAR, REG_CSTAR, 0x7fffffffffff, 0x7fffffffffff },
		{ MSR_FMASK, REG_FMASK, 0x47700, 0x47700 },
		{ MSR_KERNEL_GS_BASE, REG_KERNEL_GS_BASE, 0xffff888000000000, 0xffff888000000000 },
		{ MSR_SYSENTER_CS, REG_SYSENTER_CS, 0x12345, 0x2345 },
		{ MSR_SYSENTER_ESP, REG_SYSENTER_ESP, 0x1000, 0x1000 },
		{ MSR_SYSENTER_EIP, REG_SYSENTER_EIP, 0x2000, 0x2000 },
	};

	start();
	for (size_t i = 0; i < ARRAY_LEN(msrs); i++) {
		msr_write(msrs[i].index, msrs[i].value);
		expect_done(2);
		CHECK_EQ(virt->get_reg(v, msrs[i].reg), msrs[i].stored);
		CHECK_EQ(msr_read(msrs[i].index), msrs[i].stored);
		expect_done(2);
	}
	msr_write(MSR_FMASK, 1ull << 32);
	expect_exception(X86_GP);
	msr_write(MSR_CSTAR, 1ull << 47);
	expect_exception(X86_GP);
}

/* INIT leaves MSRs as they are, and the hardware has what RDMSR shows. SDM table 10-1 */
static void msrs_outlive_init(void)
{
	start();
	d->cpuid.extended[1].d |= 1u << 27; /* RDTSCP */
	msr_write(MSR_TSC_AUX, 0x42);
	expect_done(2);
	msr_write(MSR_PAT, 0x0606060606060606);
	expect_done(2);
	vcpu_reset(v, true);
	CHECK_EQ(virt->get_reg(v, REG_TSC_AUX), 0x42);
	CHECK_EQ(virt->get_reg(v, REG_PAT), 0x0606060606060606);
	CHECK_EQ(msr_read(MSR_TSC_AUX), 0x42);
}

/* LMA follows; LME cannot change under paging; bits that CPUID does not offer are refused. */
static void efer(void)
{
	start();
	msr_write(MSR_EFER, EFER_LME | EFER_LMA | EFER_SCE);
	expect_done(2);
	CHECK_EQ(msr_read(MSR_EFER), EFER_LME | EFER_SCE);
	expect_done(2);
	msr_write(MSR_EFER, EFER_SVME);
	expect_exception(X86_GP);
	script_set_long_mode(v, 0x2000);
	guest_walk_cache_reset(&v->walk);
	msr_write(MSR_EFER, EFER_LMA | EFER_SCE);
	expect_exception(X86_GP);
	CHECK_EQ(msr_read(MSR_EFER), EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE);
}

/* ---- instructions that need no more than a line ---- */

static void plain_instructions(void)
{
	start();
	take(EXIT_INVD, 2);
	expect_done(2);
	take(EXIT_RDPMC, 2);
	expect_exception(X86_GP);
	take(EXIT_MWAIT, 3);
	expect_exception(X86_UD);
	take(EXIT_VIRT_INSN, 3);
	expect_exception(X86_UD);
	take(EXIT_PAUSE, 2);
	expect_done(2);
	CHECK(percpu()->pending & PENDING_SCHED || v->sched.yielded);
	take(EXIT_HOST_EVENT, 0);
	expect_done(0);
	CHECK(fake_counts.irq_windows >= 1);
}

UNIT_MAIN(UNIT(debug_registers), UNIT(debug_aliases), UNIT(debug_registers_64),
          UNIT(control_registers), UNIT(extended_state), UNIT(time_stamp_counter),
          UNIT(system_call_msrs), UNIT(msrs_outlive_init), UNIT(efer), UNIT(plain_instructions))
