/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit reasons of the hardware into neutral ones, the same as the twin's. SDM 27.2, appendix C. */
#include "vmx.h"
#include "virt_event.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct vmx_cpu cpu;
static struct vmx_vcpu state;
static uint8_t apic_page[PAGE_SIZE];
static struct vcpu vcpu;

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}

static void setup(void)
{
	fake_vmcs_reset();
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vmx_host, 0, sizeof(vmx_host));
	state.cpu = &cpu;
	state.virtual_apic = apic_page;
	vcpu.virt = &state;
	vmcs_write(VMCS_EXIT_LENGTH, 2);
}

static void decode(uint32_t reason, uint64_t qualification)
{
	vmcs_write(VMCS_QUALIFICATION, qualification);
	vmx_exit_decode(&vcpu, reason);
}

static void test_plain_kinds(void)
{
	static const struct {
		uint32_t reason;
		enum exit_kind kind;
		bool has_length;
	} rows[] = {
		{ VMX_EXIT_INTERRUPT, EXIT_HOST_EVENT, false },
		{ VMX_EXIT_INIT, EXIT_HOST_EVENT, false },
		{ VMX_EXIT_TRIPLE_FAULT, EXIT_TRIPLE_FAULT, false },
		{ VMX_EXIT_INTERRUPT_WINDOW, EXIT_WINDOW_OPEN, false },
		{ VMX_EXIT_NMI_WINDOW, EXIT_WINDOW_OPEN, false },
		{ VMX_EXIT_TPR, EXIT_WINDOW_OPEN, false },
		{ VMX_EXIT_RDTSC, EXIT_RDTSC, true },
		{ VMX_EXIT_RDTSCP, EXIT_RDTSC, true },
		{ VMX_EXIT_RDPMC, EXIT_RDPMC, true },
		{ VMX_EXIT_CPUID, EXIT_CPUID, true },
		{ VMX_EXIT_HLT, EXIT_HALT, true },
		{ VMX_EXIT_INVD, EXIT_INVD, true },
		{ VMX_EXIT_WBINVD, EXIT_INVD, true },
		{ VMX_EXIT_PAUSE, EXIT_PAUSE, true },
		{ VMX_EXIT_VMCALL, EXIT_HYPERCALL, true },
		{ VMX_EXIT_VMCLEAR, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_VMCLEAR + 1, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_VMXON, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_GETSEC, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_INVEPT, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_INVVPID, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_RSM, EXIT_VIRT_INSN, true },
		{ VMX_EXIT_MONITOR, EXIT_MWAIT, true },
		{ VMX_EXIT_MWAIT, EXIT_MWAIT, true },
		{ VMX_EXIT_XSETBV, EXIT_XSETBV, true },
		{ VMX_EXIT_EPT_MISCONFIG, EXIT_UNKNOWN, false },
		{ 14, EXIT_UNKNOWN, false }, /* INVLPG: not asked for */
		{ 57, EXIT_UNKNOWN, false },
		{ 0xffff, EXIT_UNKNOWN, false },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		setup();
		decode(rows[i].reason, 0);
		CHECK_EQ(vcpu.exit.kind, rows[i].kind);
		CHECK_EQ(vcpu.exit.insn_len, rows[i].has_length ? 2 : 0);
	}
}

static void test_port(void)
{
	setup();
	/* out 0x80, al: port, one byte */
	decode(VMX_EXIT_IO, 0x80ull << 16);
	CHECK_EQ(vcpu.exit.kind, EXIT_PIO);
	CHECK_EQ(vcpu.exit.pio.port, 0x80);
	CHECK_EQ(vcpu.exit.pio.size, 1);
	CHECK(vcpu.exit.pio.is_write);
	CHECK_EQ(vcpu.exit.insn_len, 2);
	/* in eax, dx */
	decode(VMX_EXIT_IO, 0xcfcull << 16 | 3 | IO_QUAL_IN);
	CHECK_EQ(vcpu.exit.pio.port, 0xcfc);
	CHECK_EQ(vcpu.exit.pio.size, 4);
	CHECK(!vcpu.exit.pio.is_write);
}

static void test_string_port(void)
{
	uint64_t outs = 0x1f0ull << 16 | 1 | IO_QUAL_REP | IO_QUAL_STRING;

	setup();
	vmcs_write(VMCS_EXIT_INSN_INFO, SEG_FS << 15 | 1u << 7);
	decode(VMX_EXIT_IO, outs);
	CHECK_EQ(vcpu.exit.kind, EXIT_PIO_STRING);
	CHECK_EQ(vcpu.exit.pio.addr_size, 0);
	CHECK_EQ(vcpu.exit.pio.size, 2);
	CHECK(vcpu.exit.pio.rep);
	CHECK_EQ(vcpu.exit.pio.segment, 0xff);
	vmx_host.has_io_info = true;
	decode(VMX_EXIT_IO, outs);
	CHECK_EQ(vcpu.exit.pio.addr_size, 4);
	CHECK_EQ(vcpu.exit.pio.segment, SEG_FS);
	/* INS has no choice */
	decode(VMX_EXIT_IO, outs | IO_QUAL_IN);
	CHECK_EQ(vcpu.exit.pio.segment, SEG_ES);
}

static void test_msr(void)
{
	setup();
	vcpu.regs.r[GPR_RCX] = 0xffffffffc0000080ull;
	decode(VMX_EXIT_RDMSR, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_MSR_READ);
	CHECK_EQ(vcpu.exit.msr.index, 0xc0000080);
	decode(VMX_EXIT_WRMSR, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_MSR_WRITE);
}

static void test_control_registers(void)
{
	setup();
	decode(VMX_EXIT_CR, 4 | GPR_R15 << 8);
	CHECK_EQ(vcpu.exit.kind, EXIT_CR_ACCESS);
	CHECK_EQ(vcpu.exit.cr.cr, 4);
	CHECK(vcpu.exit.cr.is_write);
	CHECK_EQ(vcpu.exit.cr.gpr, GPR_R15);
	decode(VMX_EXIT_CR, 8 | CR_FROM << 4);
	CHECK_EQ(vcpu.exit.cr.cr, 8);
	CHECK(!vcpu.exit.cr.is_write);
	/* CLTS and LMSW are for the core to look at */
	decode(VMX_EXIT_CR, 2 << 4);
	CHECK(vcpu.exit.cr.is_write);
	CHECK_EQ(vcpu.exit.cr.gpr, 0xff);
	decode(VMX_EXIT_CR, 3 << 4);
	CHECK_EQ(vcpu.exit.cr.gpr, 0xff);
}

static void test_nested_fault(void)
{
	setup();
	vmcs_write(VMCS_GUEST_PHYSICAL, 0xfee00300);
	decode(VMX_EXIT_EPT_VIOLATION, EPT_QUAL_WRITE | EPT_QUAL_HAS_LINEAR | EPT_QUAL_TRANSLATED);
	CHECK_EQ(vcpu.exit.kind, EXIT_MMIO);
	CHECK_EQ(vcpu.exit.mmio.gpa.v, 0xfee00300);
	CHECK(vcpu.exit.mmio.is_write);
	CHECK(!vcpu.exit.mmio.is_present);
	CHECK(!vcpu.exit.mmio.is_fetch);
	CHECK(!vcpu.exit.mmio.in_walk);
	CHECK_EQ(vcpu.exit.insn_len, 0);
	decode(VMX_EXIT_EPT_VIOLATION, EPT_QUAL_FETCH | BIT(3) | EPT_QUAL_HAS_LINEAR);
	CHECK(vcpu.exit.mmio.is_present);
	CHECK(vcpu.exit.mmio.is_fetch);
	CHECK(vcpu.exit.mmio.in_walk);
	/* without a linear address: loading of PDPTEs, no walk of ours */
	decode(VMX_EXIT_EPT_VIOLATION, 1);
	CHECK(!vcpu.exit.mmio.in_walk);
}

/* An IRET that had unblocked NMIs before it faulted runs again: they are blocked as before it. */
static void test_iret_that_faults(void)
{
	setup();
	decode(VMX_EXIT_EPT_VIOLATION, EPT_QUAL_NMI_UNBLOCKED);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), BLOCKED_NMI);
	setup();
	vmcs_write(VMCS_VECTORING_EVENT, EVINFO_VALID | 0x31);
	decode(VMX_EXIT_EPT_VIOLATION, EPT_QUAL_NMI_UNBLOCKED);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), 0);
	setup();
	vmcs_write(VMCS_EXIT_EVENT,
	           EVINFO_VALID | EVINFO_NMI_UNBLOCKED | EVINFO_EXCEPTION << 8 | X86_UD);
	decode(VMX_EXIT_EXCEPTION, 0);
	CHECK_EQ(vmx_interrupt_shadow(&vcpu), SHADOW_NMI);
}

static void test_exceptions(void)
{
	setup();
	vmcs_write(VMCS_EXIT_EVENT,
	           EVINFO_VALID | EVINFO_ERROR_VALID | EVINFO_EXCEPTION << 8 | X86_AC);
	vmcs_write(VMCS_EXIT_ERROR, 0);
	decode(VMX_EXIT_EXCEPTION, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_EXCEPTION);
	CHECK_EQ(vcpu.exit.exception.vector, X86_AC);
	CHECK(vcpu.exit.exception.has_error);
	CHECK_EQ(vcpu.exit.insn_len, 0);
	vmcs_write(VMCS_EXIT_EVENT, EVINFO_VALID | EVINFO_EXCEPTION << 8 | X86_UD);
	decode(VMX_EXIT_EXCEPTION, 0);
	CHECK_EQ(vcpu.exit.exception.vector, X86_UD);
	CHECK(!vcpu.exit.exception.has_error);
}

/* The exit leaves DR6 and DR7 to us. */
static void test_debug_exception(void)
{
	setup();
	state.dr6 = 0xffff0ff0 | BIT(1) | BIT(14);
	vmcs_write(GUEST_DR7, 0x400 | BIT(13));
	vmcs_write(VMCS_EXIT_EVENT, EVINFO_VALID | EVINFO_EXCEPTION << 8 | X86_DB);
	decode(VMX_EXIT_EXCEPTION, BIT(0) | BIT(12));
	CHECK_EQ(vcpu.exit.exception.vector, X86_DB);
	CHECK_EQ(vcpu.exit.exception.cr2_or_dr6, 0xffff0ff0 | BIT(0) | BIT(14));
	CHECK_EQ(state.dr6, 0xffff0ff0 | BIT(0) | BIT(14));
	CHECK_EQ(vmcs_read(GUEST_DR7), 0x400);
}

static void test_task_switch(void)
{
	setup();
	decode(VMX_EXIT_TASK_SWITCH, 0x28 | 2ull << 30);
	CHECK_EQ(vcpu.exit.kind, EXIT_TASK_SWITCH);
	CHECK_EQ(vcpu.exit.task.selector, 0x28);
	CHECK_EQ(vcpu.exit.task.reason, 2);
	CHECK_EQ(vcpu.exit.insn_len, 2);
	CHECK(!vcpu.exit.task.has_error);
	/* a double fault through a task gate */
	vmcs_write(VMCS_VECTORING_EVENT,
	           EVINFO_VALID | EVINFO_ERROR_VALID | EVINFO_EXCEPTION << 8 | X86_DF);
	vmcs_write(VMCS_VECTORING_ERROR, 0);
	decode(VMX_EXIT_TASK_SWITCH, 0x30 | 3ull << 30);
	CHECK_EQ(vcpu.exit.task.reason, 3);
	CHECK(vcpu.exit.task.has_error);
	CHECK_EQ(vcpu.exit.insn_len, 0);
	/* INT n */
	vmcs_write(VMCS_VECTORING_EVENT, EVINFO_VALID | EVINFO_SOFT << 8 | 0x41);
	decode(VMX_EXIT_TASK_SWITCH, 0x30 | 3ull << 30);
	CHECK(!vcpu.exit.task.has_error);
	CHECK_EQ(vcpu.exit.insn_len, 2);
}

static void test_unknown_tells_all(void)
{
	setup();
	vmcs_write(VMCS_GUEST_PHYSICAL, 0x1234000);
	decode(VMX_EXIT_EPT_MISCONFIG, 5);
	CHECK_EQ(vcpu.exit.raw.code, VMX_EXIT_EPT_MISCONFIG);
	CHECK_EQ(vcpu.exit.raw.info1, 5);
	CHECK_EQ(vcpu.exit.raw.info2, 0x1234000);
}

UNIT_MAIN(UNIT(test_plain_kinds), UNIT(test_port), UNIT(test_string_port), UNIT(test_msr),
          UNIT(test_control_registers), UNIT(test_nested_fault), UNIT(test_iret_that_faults),
          UNIT(test_exceptions), UNIT(test_debug_exception), UNIT(test_task_switch),
          UNIT(test_unknown_tells_all))
