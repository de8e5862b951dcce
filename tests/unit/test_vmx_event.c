/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events into a VMX guest: the injection field, what comes back from a delivery cut short, windows, shadows. SDM 24.8.3, 26.5, 27.2.4. */
#include "vmx.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct vmx_cpu cpu;
static struct vmx_vcpu state;
static struct vcpu vcpu;
static uint8_t apic[PAGE_SIZE];

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
	memset(apic, 0, sizeof(apic));
	vmx_host.controls.value[VMX_PROC] = PROC_TPR_SHADOW;
	state.cpu = &cpu;
	state.cr0 = CR0_PE;
	state.virtual_apic = apic;
	vcpu.virt = &state;
	vcpu.regs.rip = 0x1000;
	vcpu.regs.rflags = RFLAGS_MBS;
}

static void test_inject(void)
{
	struct event irq = { .type = EVENT_INTERRUPT, .vector = 0x31 };
	struct event pf = event_page_fault(PFEC_WRITE, 0xdead000);

	setup();
	CHECK(vmx_inject(&vcpu, &irq));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000031);
	CHECK(!vmx_inject(&vcpu, &pf));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000031);

	setup();
	CHECK(vmx_inject(&vcpu, &pf));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000b0e);
	CHECK_EQ(vmcs_read(VMCS_ENTRY_ERROR), PFEC_WRITE);
	CHECK_EQ(state.cr2, 0xdead000);
	CHECK(state.attention & ATTENTION_EVENT);
}

/* The CPU wants an error code exactly where the exception has one, whatever the event says. */
static void test_error_codes(void)
{
	struct event gp = event_exception_code(X86_GP, 0x18), ud = event_exception(X86_UD);

	setup();
	state.cr0 = 0; /* real mode has none */
	CHECK(vmx_inject(&vcpu, &gp));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x8000030d);
	setup();
	gp.has_error = false;
	gp.error_code = 0;
	CHECK(vmx_inject(&vcpu, &gp));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000b0d);
	setup();
	gp.error_code = 0x5550018; /* as wide as the CPU takes it */
	CHECK(vmx_inject(&vcpu, &gp));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_ERROR), 0x18);
	setup();
	ud.has_error = true;
	CHECK(vmx_inject(&vcpu, &ud));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000306);
}

static void test_cut_short(void)
{
	setup();
	vmx_event_take_back(&vcpu, 0x80000031, 0);
	CHECK_EQ(vcpu.event.type, EVENT_INTERRUPT);
	CHECK_EQ(vcpu.event.vector, 0x31);
	CHECK(!vcpu.event.has_error);

	setup();
	state.cr2 = 0xabc;
	vmx_event_take_back(&vcpu, 0x80000b0e, 2);
	CHECK_EQ(vcpu.event.type, EVENT_EXCEPTION);
	CHECK_EQ(vcpu.event.vector, X86_PF);
	CHECK_EQ(vcpu.event.error_code, 2);
	CHECK_EQ(vcpu.event.cr2, 0xabc);

	/* An NMI that was not delivered blocks none. */
	setup();
	state.interruptibility = BLOCKED_NMI;
	vmx_event_take_back(&vcpu, 0x80000202, 0);
	CHECK_EQ(vcpu.event.type, EVENT_NMI);
	CHECK_EQ(vmx_interrupt_shadow(&vcpu), 0);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), 0);
}

/* The guest's own INT n, INT3, INTO and INT1: RIP is still on them, so they simply run again. */
static void test_software_runs_again(void)
{
	static const uint32_t infos[] = { 0x80000480, 0x80000603, 0x80000604, 0x80000501 };

	setup();
	for (unsigned i = 0; i < ARRAY_LEN(infos); i++)
		vmx_event_take_back(&vcpu, infos[i], 0);
	CHECK_EQ(vcpu.event.type, EVENT_NONE);
	CHECK_EQ(vcpu.regs.rip, 0x1000);
}

static void test_soft_exception_injected(void)
{
	struct event bp = { .type = EVENT_SOFT_EXCEPTION, .vector = X86_BP, .insn_len = 1 };

	setup();
	CHECK(vmx_inject(&vcpu, &bp));
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0x80000603);
	CHECK_EQ(vmcs_read(VMCS_ENTRY_LENGTH), 1);
	CHECK_EQ(vcpu.regs.rip, 0x1000);
	vmx_event_take_back(&vcpu, 0x80000603, 0);
	CHECK_EQ(vcpu.event.type, EVENT_SOFT_EXCEPTION);
	CHECK_EQ(vcpu.event.insn_len, 1);
}

static void test_interrupt_window(void)
{
	setup();
	apic[VIRTUAL_APIC_TPR] = 0x50;
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), PROC_INTERRUPT_WINDOW);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 0);
	vmx_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), 0);
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 16);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), PROC_INTERRUPT_WINDOW);
}

static void test_window_behind_tpr(void)
{
	setup();
	apic[VIRTUAL_APIC_TPR] = 0x70;
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), 0);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 7);
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 8);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), PROC_INTERRUPT_WINDOW);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 0);
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 5);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 5);
	/* A threshold above the TPR would be refused: a TPR that comes down takes it along. */
	vmx_set_reg(&vcpu, REG_CR8, 2);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR8), 2);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 2);
	vmx_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 0);
}

/* Without a TPR shadow every write to CR8 comes to us: nothing to open. */
static void test_window_without_tpr_shadow(void)
{
	setup();
	vmx_host.controls.value[VMX_PROC] = 0;
	apic[VIRTUAL_APIC_TPR] = 0x70;
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), 0);
	CHECK_EQ(vmcs_read(VMCS_TPR_THRESHOLD), 0);
}

static void test_nmi_window(void)
{
	setup();
	vmx_open_window(&vcpu, WINDOW_NMI, 0);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), PROC_NMI_WINDOW);
	vmx_open_window(&vcpu, WINDOW_INTERRUPT, 16);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), PROC_NMI_WINDOW | PROC_INTERRUPT_WINDOW);
	vmx_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), 0);
}

static void test_shadow(void)
{
	setup();
	state.interruptibility = BLOCKED_MOV_SS | BLOCKED_NMI;
	CHECK_EQ(vmx_interrupt_shadow(&vcpu), SHADOW_STI_MOV_SS | SHADOW_NMI);
	vmx_set_interrupt_shadow(&vcpu, SHADOW_STI_MOV_SS);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), BLOCKED_MOV_SS);
	vmx_set_interrupt_shadow(&vcpu, SHADOW_NMI);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), BLOCKED_NMI);
	/* from a saved state */
	vmx_set_interrupt_shadow(&vcpu, SHADOW_STI_MOV_SS);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), BLOCKED_MOV_SS);
	setup();
	vcpu.regs.rflags |= RFLAGS_IF;
	vmx_set_interrupt_shadow(&vcpu, SHADOW_STI_MOV_SS);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), BLOCKED_STI);
	/* an instruction in it cleared IF by emulation */
	vcpu.regs.rflags &= ~RFLAGS_IF;
	vmx_event_shadow_settle(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPTIBILITY), 0);
}

/* The single step that waits for the end of a shadow: pending while it lasts, gone when the core has raised it itself. */
static void test_step_in_shadow(void)
{
	setup();
	vcpu.regs.rflags |= RFLAGS_TF;
	vmx_set_interrupt_shadow(&vcpu, SHADOW_STI_MOV_SS);
	CHECK(state.attention & ATTENTION_SHADOW);
	vmx_event_shadow_settle(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_PENDING_DEBUG), PENDING_BS);
	state.debugctl = BIT(1); /* it steps branches only */
	vmx_event_shadow_settle(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_PENDING_DEBUG), 0);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_BS | BIT(12) | BIT(0));
	vmx_set_interrupt_shadow(&vcpu, 0);
	CHECK_EQ(vmcs_read(GUEST_PENDING_DEBUG), BIT(12) | BIT(0));
}

static void test_reset(void)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	setup();
	CHECK(vmx_inject(&vcpu, &nmi));
	state.interruptibility = BLOCKED_NMI;
	vmx_open_window(&vcpu, WINDOW_NMI, 0);
	vmx_event_reset(&vcpu);
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0);
	CHECK_EQ(vmcs_read(VMCS_PROC_CONTROLS), 0);
	CHECK_EQ(vmx_interrupt_shadow(&vcpu), 0);
	CHECK(vmx_inject(&vcpu, &nmi));
}

UNIT_MAIN(UNIT(test_inject), UNIT(test_error_codes), UNIT(test_cut_short),
          UNIT(test_software_runs_again), UNIT(test_soft_exception_injected),
          UNIT(test_interrupt_window), UNIT(test_window_behind_tpr),
          UNIT(test_window_without_tpr_shadow), UNIT(test_nmi_window), UNIT(test_shadow),
          UNIT(test_step_in_shadow), UNIT(test_reset))
