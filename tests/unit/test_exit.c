/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exits and their handlers, driven by the scripted backend: what the guest sees in its registers afterwards. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/sched.h>

static struct domain *d;
static struct vcpu *v;

/* A guest in flat 32-bit mode whose code is at 0x1000. */
static void start(const void *code, size_t n)
{
	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	v->regs.rip = 0x1000;
	memcpy(fake_guest_page(d, 1), code, n);
}
#define START(...)                                              \
	do {                                                    \
		static const uint8_t code_[] = { __VA_ARGS__ }; \
		start(code_, sizeof(code_));                    \
	} while (0)

static void take(struct vcpu_exit e)
{
	v->exit = e;
	exit_dispatch(v);
}

static void check_exception(uint8_t vector)
{
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, vector);
	v->event.type = EVENT_NONE;
}

static void test_pio_unclaimed_floats_high(void)
{
	START(0xed);
	v->regs.r[GPR_RAX] = 0x1122334455667788;
	take((struct vcpu_exit){
		.kind = EXIT_PIO, .insn_len = 1, .pio = { .port = 0x1234, .size = 1 } });
	CHECK_EQ(v->regs.r[GPR_RAX], 0x11223344556677ff);
	take((struct vcpu_exit){
		.kind = EXIT_PIO, .insn_len = 1, .pio = { .port = 0x1234, .size = 2 } });
	CHECK_EQ(v->regs.r[GPR_RAX], 0x112233445566ffff);
	take((struct vcpu_exit){
		.kind = EXIT_PIO, .insn_len = 1, .pio = { .port = 0x1234, .size = 4 } });
	CHECK_EQ(v->regs.r[GPR_RAX], 0xffffffff);
	CHECK_EQ(v->regs.rip, 0x1003);
}

static void test_pio_string_in(void)
{
	uint8_t *page;

	START(0xf3, 0x66, 0x6d); /* rep insw */
	page = fake_guest_page(d, 2);
	v->regs.r[GPR_RDI] = 0x2ffe; /* crosses into page 3 */
	v->regs.r[GPR_RCX] = 3;
	v->regs.r[GPR_RDX] = 0x1234;
	take((struct vcpu_exit){ .kind = EXIT_PIO_STRING,
	                         .pio = { .port = 0x1234, .size = 2, .rep = true } });
	CHECK_EQ(v->regs.r[GPR_RCX], 0);
	CHECK_EQ(v->regs.r[GPR_RDI], 0x3004);
	CHECK_EQ(page[0xffe], 0xff);
	CHECK_EQ(page[0xffd], 0);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 3))[3], 0xff);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 3))[4], 0);
	CHECK_EQ(v->regs.rip, 0x1003);
}

static void test_pio_string_is_cut_in_batches(void)
{
	START(0xf3, 0x6e); /* rep outsb */
	v->regs.r[GPR_RSI] = 0x2000;
	v->regs.r[GPR_RCX] = 1000;
	take((struct vcpu_exit){
		.kind = EXIT_PIO_STRING,
		.pio = { .port = 0x99, .size = 1, .rep = true, .is_write = true } });
	CHECK(v->regs.r[GPR_RCX] > 0 && v->regs.r[GPR_RCX] < 1000);
	CHECK_EQ(v->regs.rip, 0x1000);
	for (int i = 0; i < 10 && v->regs.r[GPR_RCX]; i++)
		take((struct vcpu_exit){
			.kind = EXIT_PIO_STRING,
			.pio = { .port = 0x99, .size = 1, .rep = true, .is_write = true } });
	CHECK_EQ(v->regs.r[GPR_RCX], 0);
	CHECK_EQ(v->regs.r[GPR_RSI], 0x2000 + 1000);
	CHECK_EQ(v->regs.rip, 0x1002);
}

static void test_pio_string_zero_count(void)
{
	START(0xf3, 0x6c);
	v->regs.r[GPR_RDI] = 0x2000;
	v->regs.r[GPR_RCX] = 0;
	take((struct vcpu_exit){ .kind = EXIT_PIO_STRING,
	                         .pio = { .port = 0x99, .size = 1, .rep = true } });
	CHECK_EQ(v->regs.r[GPR_RDI], 0x2000);
	CHECK_EQ(v->regs.rip, 0x1002);
}

static struct vcpu_exit mmio_exit(uint64_t at, bool is_write)
{
	return (struct vcpu_exit){ .kind = EXIT_MMIO,
		                   .mmio = { .gpa = { at }, .is_write = is_write } };
}

static void test_mmio_unclaimed(void)
{
	START(0x8b, 0x03, /* mov eax, [ebx] */ 0x89, 0x03);
	v->regs.r[GPR_RBX] = 0xd0000000;
	take(mmio_exit(0xd0000000, false));
	CHECK_EQ(v->regs.r[GPR_RAX], 0xffffffff);
	CHECK_EQ(v->regs.rip, 0x1002);
	take(mmio_exit(0xd0000000, true));
	CHECK_EQ(v->regs.rip, 0x1004);
	CHECK_EQ(v->event.type, EVENT_NONE);
}

static void test_mmio_reaches_lapic(void)
{
	START(0x8b, 0x0b); /* mov ecx, [ebx] */
	v->regs.r[GPR_RBX] = VLAPIC_BASE + 0x30;
	take(mmio_exit(VLAPIC_BASE + 0x30, false));
	CHECK_EQ(v->regs.r[GPR_RCX], VLAPIC_VERSION);
}

/* Each vcpu's page is where its APIC_BASE says. */
static void test_lapic_moves(void)
{
	START(0x8b, 0x0b, 0x8b, 0x0b);
	v->lapic.base_msr = 0xd0000000 | (v->lapic.base_msr & 0xfff);
	v->regs.r[GPR_RBX] = 0xd0000030;
	take(mmio_exit(0xd0000030, false));
	CHECK_EQ(v->regs.r[GPR_RCX], VLAPIC_VERSION);
	v->regs.r[GPR_RBX] = VLAPIC_BASE + 0x30;
	take(mmio_exit(VLAPIC_BASE + 0x30, false));
	CHECK_EQ(v->regs.r[GPR_RCX], 0xffffffff);
}

static void test_mmio_crossing_from_ram(void)
{
	START(0x8b, 0x03);
	((uint8_t *)fake_guest_page(d, 63))[0xffe] = 0x11;
	((uint8_t *)fake_guest_page(d, 63))[0xfff] = 0x22;
	v->regs.r[GPR_RBX] = 0x3fffe; /* two bytes of RAM, two of nothing */
	take(mmio_exit(0x40000, false));
	CHECK_EQ(v->regs.r[GPR_RAX], 0xffff2211);
}

static void test_mmio_unknown_instruction(void)
{
	START(0x0f, 0xae, 0x03); /* fxsave [ebx] */
	v->regs.r[GPR_RBX] = 0xd0000000;
	take(mmio_exit(0xd0000000, true));
	check_exception(X86_UD);
	CHECK_EQ(v->regs.rip, 0x1000);
}

static void test_mmio_fetch_from_nowhere(void)
{
	START(0x90);
	v->regs.rip = 0xd0000000;
	take((struct vcpu_exit){ .kind = EXIT_MMIO,
	                         .mmio = { .gpa = { 0xd0000000 }, .is_fetch = true } });
	check_exception(X86_UD);
}

/* The page of the instruction went away before we could read it. */
static void test_instruction_gone(void)
{
	START(0x90);
	v->regs.rip = 0xd0000000;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	check_exception(X86_UD);
	CHECK_EQ(v->regs.rip, 0xd0000000);
}

/* Bytes that came with the exit are used, and completed when they end before the instruction does. */
static void test_bytes_from_the_hardware(void)
{
	START(0x8b, 0x03); /* mov (%ebx), %eax */
	script_of(v)->insn[0] = 0x8b;
	script_of(v)->insn[1] = 0x0b; /* another one: mov (%ebx), %ecx */
	script_of(v)->insn_len = 2;
	v->regs.r[GPR_RBX] = 0xd0000000;
	take(mmio_exit(0xd0000000, false));
	CHECK_EQ(v->regs.r[GPR_RCX], 0xffffffff);
	CHECK_EQ(v->regs.r[GPR_RAX], 0);
	v->regs.rip = 0x1000;
	script_of(v)->insn_len = 1;
	take(mmio_exit(0xd0000000, false));
	CHECK_EQ(v->regs.r[GPR_RAX], 0xffffffff);
	CHECK_EQ(v->regs.rip, 0x1002);
}

static void test_mmio_log_dirty(void)
{
	START(0x89, 0x03);
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(5), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	take(mmio_exit(0x5000, true));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(5)).type, P2M_RAM_RW);
	CHECK_EQ(v->regs.rip, 0x1000); /* runs again */
}

static void test_mmio_rom_drops_writes(void)
{
	uint8_t *page;

	START(0xc6, 0x03, 0x55); /* mov byte [ebx], 0x55 */
	page = fake_guest_page(d, 5);
	page[0] = 0x11;
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(5), P2M_RAM_RW, P2M_RAM_RO), 0);
	v->regs.r[GPR_RBX] = 0x5000;
	take(mmio_exit(0x5000, true));
	CHECK_EQ(page[0], 0x11);
	CHECK_EQ(v->regs.rip, 0x1003);
}

static void test_mmio_page_tables_nowhere_end_the_domain(void)
{
	START(0x90);
	take((struct vcpu_exit){ .kind = EXIT_MMIO,
	                         .mmio = { .gpa = { 0xd0000000 }, .in_walk = true } });
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
}

static void test_cpuid(void)
{
	START(0x0f, 0xa2);
	v->regs.r[GPR_RAX] = 0x40000000;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	CHECK_EQ(v->regs.r[GPR_RBX], 0x566e6558);
	CHECK_EQ(v->regs.rip, 0x1002);
	v->regs.rip = 0x1000;
	v->regs.r[GPR_RAX] = 0x40000004;
	v->regs.r[GPR_RCX] = 0;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	CHECK_EQ(v->regs.r[GPR_RBX], 0);
	CHECK_EQ(v->regs.r[GPR_RAX], 1 << 3 | 1 << 4);
	v->regs.rip = 0x1000;
	v->regs.r[GPR_RAX] = 1;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	CHECK(v->regs.r[GPR_RCX] & 1u << 31);
	v->regs.rip = 0x1000;
	v->regs.r[GPR_RAX] = 0x40000099;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	CHECK_EQ(v->regs.r[GPR_RAX], 0);
}

static void msr(bool write, uint32_t index, uint64_t value)
{
	v->regs.rip = 0x1000;
	v->regs.r[GPR_RCX] = index;
	v->regs.r[GPR_RAX] = (uint32_t)value;
	v->regs.r[GPR_RDX] = value >> 32;
	take((struct vcpu_exit){ .kind = write ? EXIT_MSR_WRITE : EXIT_MSR_READ, .insn_len = 2 });
}

static uint64_t msr_value(void)
{
	return v->regs.r[GPR_RDX] << 32 | (uint32_t)v->regs.r[GPR_RAX];
}

static void test_msr(void)
{
	START(0x0f, 0x32);
	msr(false, MSR_APIC_BASE, 0);
	CHECK_EQ(msr_value(), VLAPIC_BASE | 0x900);
	msr(false, 0x12345678, 0);
	check_exception(X86_GP);
	CHECK_EQ(v->regs.rip, 0x1000);
	msr(true, MSR_LSTAR, 0xffffffff81000000);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(virt->get_reg(v, REG_LSTAR), 0xffffffff81000000);
	msr(true, MSR_LSTAR, 0x8000000000000000);
	check_exception(X86_GP);
	msr(true, MSR_TSC_ADJUST, 1000);
	CHECK_EQ(v->tsc_offset - (v->msrs.tsc_adjust - 1000), v->tsc_offset);
	msr(true, MSR_GS_BASE, 0x1234000);
	msr(false, MSR_GS_BASE, 0);
	CHECK_EQ(msr_value(), 0x1234000);
	msr(true, MSR_XEN_HYPERCALL, 0x3001); /* no such page index */
	check_exception(X86_GP);
	msr(true, MSR_XEN_HYPERCALL, 0xd0000000); /* no RAM there */
	check_exception(X86_GP);
	msr(false, MSR_XEN_HYPERCALL, 0);
	check_exception(X86_GP);
}

/* A barrier that the guest asks for is carried out, not only accepted. */
static void test_msr_command(void)
{
	START(0x0f, 0x30);
	d->cpuid.extended[8].b |= 1u << 12; /* IBPB */
	msr(true, MSR_PRED_CMD, 1);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(fake_counts.commands, 1);
	msr(true, MSR_PRED_CMD, 0);
	CHECK_EQ(fake_counts.commands, 1);
}

static void test_hypercall_page(void)
{
	uint8_t *page;

	START(0x0f, 0x30);
	msr(true, MSR_XEN_HYPERCALL, 0x3000);
	CHECK_EQ(v->event.type, EVENT_NONE);
	page = fake_guest_page(d, 3);
	CHECK_EQ(page[17 * 32], 0xb8);
	CHECK_EQ(page[17 * 32 + 1], 17);
	CHECK_EQ(page[17 * 32 + 8], 0xc3);
	CHECK_EQ(page[23 * 32], 0x0f); /* iret: UD2 */
	CHECK_EQ(page[23 * 32 + 1], 0x0b);
	CHECK(d->is_compat); /* written by 32-bit code */
}

static void cr(bool write, uint8_t n, uint64_t value)
{
	uint8_t *page = fake_guest_page(d, 1);

	v->regs.rip = 0x1000;
	page[0] = 0x0f;
	page[1] = write ? 0x22 : 0x20;
	page[2] = 0xc0 | n << 3; /* eax */
	v->regs.r[GPR_RAX] = value;
	take((struct vcpu_exit){ .kind = EXIT_CR_ACCESS,
	                         .cr = { .cr = n, .gpr = 0xff, .is_write = write } });
}

static void test_control_registers(void)
{
	START(0);
	cr(false, 0, 0);
	CHECK_EQ(v->regs.r[GPR_RAX], virt->get_reg(v, REG_CR0));
	cr(true, 0, CR0_PG); /* PG without PE */
	check_exception(X86_GP);
	cr(true, 0, CR0_PE | CR0_NW); /* NW without CD */
	check_exception(X86_GP);
	cr(true, 0, CR0_PE | CR0_WP);
	CHECK_EQ(virt->get_reg(v, REG_CR0), CR0_PE | CR0_WP | CR0_ET);
	CHECK_EQ(v->regs.rip, 0x1003);
	cr(true, 4, CR4_VMXE);
	check_exception(X86_GP);
	cr(true, 4, CR4_PAE | CR4_PGE);
	CHECK_EQ(virt->get_reg(v, REG_CR4), CR4_PAE | CR4_PGE);
	msr(true, MSR_EFER, EFER_LME | EFER_NXE);
	CHECK_EQ(v->event.type, EVENT_NONE);
	/* Identity of the first 2 MiB, so that the code is still there. */
	*(uint64_t *)fake_guest_page(d, 5) = 0x6000 | PTE_P | PTE_W;
	*(uint64_t *)fake_guest_page(d, 6) = 0x7000 | PTE_P | PTE_W;
	*(uint64_t *)fake_guest_page(d, 7) = PTE_P | PTE_W | PTE_PS;
	cr(true, 3, 0x5000);
	cr(true, 0, CR0_PE | CR0_PG);
	CHECK(virt->get_reg(v, REG_EFER) & EFER_LMA);
	cr(true, 4, CR4_PGE); /* PAE off in long mode */
	check_exception(X86_GP);
	cr(true, 0, CR0_PE);
	CHECK(!(virt->get_reg(v, REG_EFER) & EFER_LMA));
	msr(true, MSR_EFER, EFER_SVME);
	check_exception(X86_GP);
	cr(true, 1, 0);
	check_exception(X86_UD);
}

static void test_clts_and_lmsw(void)
{
	START(0x0f, 0x06, 0x0f, 0x01, 0xf0); /* clts; lmsw ax */
	virt->set_reg(v, REG_CR0, CR0_PE | CR0_ET | CR0_TS);
	take((struct vcpu_exit){ .kind = EXIT_CR_ACCESS,
	                         .cr = { .cr = 0, .gpr = 0xff, .is_write = true } });
	CHECK_EQ(virt->get_reg(v, REG_CR0), CR0_PE | CR0_ET);
	CHECK_EQ(v->regs.rip, 0x1002);
	v->regs.r[GPR_RAX] = CR0_TS; /* PE stays */
	take((struct vcpu_exit){ .kind = EXIT_CR_ACCESS,
	                         .cr = { .cr = 0, .gpr = 0xff, .is_write = true } });
	CHECK_EQ(virt->get_reg(v, REG_CR0), CR0_PE | CR0_ET | CR0_TS);
	CHECK_EQ(v->regs.rip, 0x1005);
}

static void test_other_vendor_hypercall_at_ud(void)
{
	START(0x0f, 0x01, 0xc1); /* vmcall */
	v->regs.r[GPR_RAX] = 17; /* xen_version(version) */
	v->regs.r[GPR_RBX] = 0;
	take((struct vcpu_exit){ .kind = EXIT_EXCEPTION, .exception = { .vector = X86_UD } });
	CHECK_EQ(v->regs.r[GPR_RAX], 4 << 16 | 17);
	CHECK_EQ(v->regs.rip, 0x1003);
	((uint8_t *)fake_guest_page(d, 1))[3] = 0x0f;
	((uint8_t *)fake_guest_page(d, 1))[4] = 0x0b;
	take((struct vcpu_exit){ .kind = EXIT_EXCEPTION, .exception = { .vector = X86_UD } });
	check_exception(X86_UD);
}

/* With a LOCK prefix it is no hypercall of any vendor. */
/* The areas that are written before an entry are written in the mode that was interrupted; the exit comes from another one. */
static void test_mode_is_read_after_the_guest_has_run(void)
{
	struct segment user, kernel;

	START(0x0f, 0x01, 0xd9);
	virt->get_segment(v, SEG_SS, &kernel);
	user = kernel;
	user.attr |= 0x60;
	virt->set_segment(v, SEG_SS, &user);
	guest_walk_cache_reset(&v->walk);
	CHECK_EQ(guest_paging_mode(v)->cpl, 3);
	virt->set_segment(v, SEG_SS, &kernel);
	v->regs.r[GPR_RAX] = __HYPERVISOR_xen_version;
	v->regs.r[GPR_RBX] = 0;
	take((struct vcpu_exit){ .kind = EXIT_HYPERCALL, .insn_len = 3 });
	CHECK_EQ(v->regs.r[GPR_RAX], 4 << 16 | 17);
}

static void test_locked_hypercall_is_undefined(void)
{
	START(0xf0, 0x0f, 0x01, 0xc1);
	v->regs.r[GPR_RAX] = 17;
	take((struct vcpu_exit){ .kind = EXIT_EXCEPTION, .exception = { .vector = X86_UD } });
	check_exception(X86_UD);
	CHECK_EQ(v->regs.rip, 0x1000);
}

/* Each repetition is a step: the trap comes with the instruction not yet done. */
static void test_single_step_in_string_io(void)
{
	START(0xf3, 0x6c); /* rep insb */
	v->regs.rflags |= RFLAGS_TF;
	v->regs.r[GPR_RCX] = 2;
	v->regs.r[GPR_RDI] = 0x2000;
	for (unsigned i = 1; i <= 2; i++) {
		take((struct vcpu_exit){ .kind = EXIT_PIO_STRING,
		                         .pio = { .port = 0x1234, .size = 1, .rep = true } });
		check_exception(X86_DB);
		CHECK_EQ(v->regs.r[GPR_RCX], 2 - i);
		CHECK_EQ(v->regs.rip, i == 2 ? 0x1002 : 0x1000);
	}
}

static void test_single_step_over_an_exit(void)
{
	START(0x0f, 0xa2);
	v->regs.rflags |= RFLAGS_TF;
	take((struct vcpu_exit){ .kind = EXIT_CPUID });
	check_exception(X86_DB);
	CHECK(virt->get_reg(v, REG_DR6) & BIT(14));
}

static void test_shadow_ends_with_the_instruction(void)
{
	START(0x0f, 0xa2);
	virt->set_interrupt_shadow(v, SHADOW_STI_MOV_SS);
	take((struct vcpu_exit){ .kind = EXIT_CPUID, .in_shadow = true });
	CHECK_EQ(virt->interrupt_shadow(v), 0);
}

static void test_eip_wraps(void)
{
	START(0x90);
	v->regs.rip = 0xffffffff;
	take((struct vcpu_exit){
		.kind = EXIT_PIO, .insn_len = 1, .pio = { .port = 0x80, .size = 1 } });
	CHECK_EQ(v->regs.rip, 0);
}

static void test_triple_fault(void)
{
	START(0);
	take((struct vcpu_exit){ .kind = EXIT_TRIPLE_FAULT });
	CHECK_EQ(d->shutdown_code, SHUTDOWN_reboot);
}

static void test_double_fault_rules(void)
{
	START(0);
	vcpu_raise(v, event_exception_code(X86_GP, 0));
	vcpu_raise(v, event_page_fault(2, 0x1234));
	CHECK_EQ(v->event.vector, X86_PF); /* #GP then #PF is no double fault; see SDM table 6-5 */
	vcpu_raise(v, event_exception_code(X86_GP, 0));
	CHECK_EQ(v->event.vector, X86_DF);
	vcpu_raise(v, event_exception_code(X86_GP, 0));
	CHECK(d->is_shut_down);
}

static void test_no_unknown_exit_survives(void)
{
	START(0);
	take((struct vcpu_exit){ .kind = EXIT_UNKNOWN, .raw = { 1, 2, 3 } });
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
}

static void xsetbv(uint32_t rcx, uint64_t value)
{
	v->regs.r[GPR_RCX] = rcx;
	v->regs.r[GPR_RAX] = (uint32_t)value;
	v->regs.r[GPR_RDX] = value >> 32;
	take((struct vcpu_exit){ .kind = EXIT_XSETBV, .insn_len = 3 });
}

static void test_xsetbv(void)
{
	START(0x0f, 0x01, 0xd1);
	d->cpuid.xstate[0].a = 7;
	d->cpuid.basic[1].c |= 1u << 26;
	xsetbv(0, 7);
	check_exception(X86_UD); /* CR4.OSXSAVE is off */
	script_of(v)->reg[REG_CR4] = CR4_OSXSAVE;
	xsetbv(1, 7);
	check_exception(X86_GP);
	xsetbv(0, 6);
	check_exception(X86_GP);
	xsetbv(0, 0xf);
	check_exception(X86_GP);
	CHECK_EQ(v->xcr0, 1);
	CHECK_EQ(v->regs.rip, 0x1000);
	xsetbv(0, 7);
	CHECK_EQ(v->xcr0, 7);
	CHECK_EQ(fake_xcr0[0], 7);
	CHECK_EQ(v->regs.rip, 0x1003);
}

/* Sub-leaves of the time leaf. */
static void test_time_leaves(void)
{
	START(0x0f, 0xa2);
	v->tsc_offset = 0x123456789ull;
	v->regs.r[GPR_RAX] = 0x40000003;
	v->regs.r[GPR_RCX] = 1;
	take((struct vcpu_exit){ .kind = EXIT_CPUID, .insn_len = 2 });
	CHECK_EQ(v->regs.r[GPR_RAX], 0x23456789);
	CHECK_EQ(v->regs.r[GPR_RBX], 1);
	CHECK_EQ(v->regs.r[GPR_RCX], 0x80000000);
	v->regs.r[GPR_RAX] = 0x40000003;
	v->regs.r[GPR_RCX] = 2;
	take((struct vcpu_exit){ .kind = EXIT_CPUID, .insn_len = 2 });
	CHECK_EQ(v->regs.r[GPR_RAX], FAKE_TSC_KHZ);
	v->regs.r[GPR_RAX] = 0x40000003;
	v->regs.r[GPR_RCX] = 3;
	take((struct vcpu_exit){ .kind = EXIT_CPUID, .insn_len = 2 });
	CHECK_EQ(v->regs.r[GPR_RAX] | v->regs.r[GPR_RBX] | v->regs.r[GPR_RCX], 0);
}

/* A page lent for reading only: not ROM, whose writes are lost. */
static void test_write_to_readonly_grant(void)
{
	mfn_t m;

	START(0x89, 0x07); /* mov %eax, (%edi) */
	m = page_alloc(NULL, 0, 0);
	CHECK_EQ(p2m_map(&d->p2m, gfn(0x80), m, 0, P2M_GRANT_RO), 0);
	v->regs.r[GPR_RDI] = 0x80010;
	v->regs.r[GPR_RAX] = 0x55;
	take((struct vcpu_exit){
		.kind = EXIT_MMIO,
		.mmio = { .gpa = gpa(0x80010), .is_write = true, .is_present = true } });
	check_exception(X86_GP);
	CHECK_EQ(*(uint32_t *)((uint8_t *)mfn_to_virt(m) + 0x10), 0);
}

UNIT_MAIN(UNIT(test_pio_unclaimed_floats_high), UNIT(test_pio_string_in),
          UNIT(test_pio_string_is_cut_in_batches), UNIT(test_pio_string_zero_count),
          UNIT(test_mmio_unclaimed), UNIT(test_mmio_reaches_lapic), UNIT(test_lapic_moves),
          UNIT(test_mmio_crossing_from_ram), UNIT(test_mmio_unknown_instruction),
          UNIT(test_mmio_fetch_from_nowhere), UNIT(test_mmio_log_dirty),
          UNIT(test_instruction_gone), UNIT(test_bytes_from_the_hardware),
          UNIT(test_mmio_rom_drops_writes), UNIT(test_mmio_page_tables_nowhere_end_the_domain),
          UNIT(test_cpuid), UNIT(test_xsetbv), UNIT(test_time_leaves),
          UNIT(test_write_to_readonly_grant), UNIT(test_msr), UNIT(test_msr_command),
          UNIT(test_hypercall_page), UNIT(test_control_registers), UNIT(test_clts_and_lmsw),
          UNIT(test_other_vendor_hypercall_at_ud), UNIT(test_single_step_over_an_exit),
          UNIT(test_single_step_in_string_io), UNIT(test_mode_is_read_after_the_guest_has_run),
          UNIT(test_locked_hypercall_is_undefined), UNIT(test_shadow_ends_with_the_instruction),
          UNIT(test_eip_wraps), UNIT(test_triple_fault), UNIT(test_double_fault_rules),
          UNIT(test_no_unknown_exit_survives))
