/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VT-x's side of an exit: the CPU stops with any reason and any contents of its exit fields, and whatever the core then sets (segments, events, shadows, TPR) goes into the
 * VMCS. Whatever they were, the neutral exit is one that exists, and what the backend settles itself breaks none of VM entry's rules.
 *
 * Input: steps of a byte each with what it needs; a missing byte is 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmx.h"
#include "virt_event.h"
#include "vmcs_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct vmx_host vmx_host;

static struct vmx_cpu cpu;
static struct percpu pc;
static struct vmx_vcpu state;
static struct vcpu vcpu;
static uint8_t apic[PAGE_SIZE];

static const uint8_t *input;
static size_t left;

static const struct virt_limits limits = {
	.cr0_must = CR0_NE,
	.cr0_may = 0xffffffff,
	.cr4_must = CR4_VMXE,
	.cr4_may = ~0ull,
	.efer_may = ~0ull,
	.physical_bits = 46,
};

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}
void vmx_enter(struct vcpu *v, bool is_launched)
{
}

static uint64_t take(unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && left; i++, left--)
		value |= (uint64_t)*input++ << 8 * i;
	return value;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_vmx: %s\n", what);
	abort();
}

static void start(void)
{
	fake_vmcs_reset();
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vmx_host, 0, sizeof(vmx_host));
	memset(apic, 0, sizeof(apic));
	vmx_host.limits = limits;
	vmx_host.cr0_hidden = CR0_NE;
	vmx_host.cr4_hidden = CR4_VMXE;
	vmx_host.has_io_info = true;
	vmx_host.controls.value[VMX_PROC] = PROC_TPR_SHADOW;
	cpu.percpu = &pc;
	state.cpu = &cpu;
	state.percpu = &pc;
	state.virtual_apic = apic;
	state.entry_controls = ENTRY_LOAD_EFER | ENTRY_LOAD_PAT;
	vcpu.virt = &state;
	vmx_state_reset(&vcpu);
	vmcs_write(VMCS_PIN_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMI);
	vmcs_write(VMCS_PROC2_CONTROLS, PROC2_EPT | PROC2_UNRESTRICTED);
	vmcs_write(VMCS_EPT_POINTER, 0x1000 | EPTP_FLAGS);
	vmcs_write(VMCS_LINK_POINTER, ~0ull);
}

/* Reasons that make the host's own handlers run, or the CPU's debug registers, are the machine's business. */
static bool is_hosts(uint32_t reason, uint32_t event)
{
	return reason == VMX_EXIT_DR || reason == VMX_EXIT_ENTRY_MC ||
	       (reason == VMX_EXIT_EXCEPTION &&
	        (EVINFO_TYPE(event) == EVINFO_NMI || (event & EVINFO_VECTOR) == X86_MC));
}

static void step_exit(void)
{
	static const uint16_t fields[] = { VMCS_QUALIFICATION,   VMCS_EXIT_EVENT,
		                           VMCS_EXIT_ERROR,      VMCS_VECTORING_EVENT,
		                           VMCS_VECTORING_ERROR, VMCS_EXIT_LENGTH,
		                           VMCS_EXIT_INSN_INFO,  VMCS_GUEST_PHYSICAL };
	uint32_t reason = (uint32_t)take(1), vectoring;

	for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
		vmcs_write((enum vmcs_field)fields[i], take(4));
	if (is_hosts(reason, (uint32_t)vmcs_read(VMCS_EXIT_EVENT)))
		return;
	vectoring = (uint32_t)vmcs_read(VMCS_VECTORING_EVENT);
	if (vectoring & EVINFO_VALID)
		vmx_event_take_back(&vcpu, vectoring, (uint32_t)vmcs_read(VMCS_VECTORING_ERROR));
	state.event_info = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
	vmx_exit_decode(&vcpu, reason);
	must(vcpu.exit.kind < NR_EXIT_KINDS, "an exit of no kind");
	if (vcpu.exit.kind == EXIT_CR_ACCESS)
		must(vcpu.exit.cr.cr < 16 && (vcpu.exit.cr.gpr < 16 || vcpu.exit.cr.gpr == 0xff),
		     "a control register that is none");
	must(vcpu.event.type <= EVENT_SOFT_EXCEPTION, "an event of no type");
}

/* A data segment as descriptors and tools may have it. */
static void step_segment(void)
{
	static const uint8_t names[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS, SEG_TR, SEG_LDTR };
	enum segment_name name = (enum segment_name)names[take(1) % ARRAY_LEN(names)];
	struct segment s = { .selector = (uint16_t)take(2), .attr = (uint16_t)(take(2) & 0xfff) };

	s.limit = (uint32_t)take(4);
	s.base = take(8);
	if (name < SEG_LDTR)
		s.attr = (s.attr & ~0x8u) | SEG_ATTR_S;
	else
		s.attr = (s.attr & ~0x1fu) | (name == SEG_TR ? 9 : 2);
	vmx_set_segment(&vcpu, name, &s);
}

static void step_table(void)
{
	struct segment s = { .limit = (uint32_t)take(4) };

	s.base = take(8);
	vmx_set_segment(&vcpu, take(1) & 1 ? SEG_GDTR : SEG_IDTR, &s);
}

/* As the core injects: interrupts and NMIs only when nothing blocks them. */
static void step_inject(void)
{
	struct event e = { .type = (enum event_type)(take(1) % 5 + 1), .vector = (uint8_t)take(1) };
	unsigned shadow = vmx_interrupt_shadow(&vcpu);

	e.has_error = take(1) & 1;
	e.error_code = (uint32_t)take(4);
	e.insn_len = (uint8_t)(1 + take(1) % 15);
	if (e.type == EVENT_EXCEPTION)
		e.vector = (e.vector & 31) == X86_NMI ? X86_GP : e.vector & 31;
	if (e.type == EVENT_NMI)
		e.vector = X86_NMI;
	if ((e.type == EVENT_INTERRUPT && (shadow || !(vcpu.regs.rflags & RFLAGS_IF))) ||
	    (e.type == EVENT_NMI && shadow))
		return;
	(void)vmx_inject(&vcpu, &e);
}

static void step_register(void)
{
	static const uint8_t regs[] = { REG_CR8,      REG_SYSENTER_ESP, REG_SYSENTER_EIP,
		                        REG_STAR,     REG_LSTAR,        REG_KERNEL_GS_BASE,
		                        REG_DEBUGCTL, REG_SPEC_CTRL };
	enum vcpu_reg r = (enum vcpu_reg)regs[take(1) % ARRAY_LEN(regs)];

	vmx_set_reg(&vcpu, r, take(8));
}

static void step_flags(void)
{
	vcpu.regs.rflags = RFLAGS_MBS | (take(2) & (RFLAGS_IF | RFLAGS_TF));
	vmx_set_interrupt_shadow(&vcpu, (unsigned)take(1) & (SHADOW_STI_MOV_SS | SHADOW_NMI));
	/* Whoever changes them now does not deliver what was to go in under others. */
	state.event_info = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
}

static void step_mode(void)
{
	vmx_set_reg(&vcpu, REG_CR0, take(1) & 1 ? CR0_PE | CR0_ET : CR0_ET);
	state.event_info = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
}

static void step_window(void)
{
	vmx_open_window(&vcpu, (enum window)(take(1) % 3), (uint8_t)(take(1) % 17));
	must(state.tpr_threshold <= vmx_get_reg(&vcpu, REG_CR8), "a threshold above the TPR");
}

static void step_check(void)
{
	const char *rule;

	vmcs_write(GUEST_RFLAGS, vcpu.regs.rflags);
	vmx_event_shadow_settle(&vcpu);
	rule = vmcs_check(&limits);
	must(!rule, rule ? rule : "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[])(
		void) = { step_exit,     step_segment, step_table, step_inject,
		          step_register, step_flags,   step_mode,  step_window };

	input = data;
	left = size;
	start();
	step_check();
	while (left) {
		steps[take(1) % ARRAY_LEN(steps)]();
		step_check();
	}
	return 0;
}
