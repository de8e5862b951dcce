/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware's reason becomes a neutral struct vcpu_exit: a row for each exit reason, and a small decoder where the kind needs more than its
 * name. Exit reasons: SDM appendix C; what comes with them: SDM 27.2.
 */
#include "vmx.h"
#include "machine.h"
#include "virt_apic.h"
#include "virt_event.h"

static uint64_t qualification(void)
{
	return vmcs_read(VMCS_QUALIFICATION);
}

static void decode_cr(struct vcpu *v)
{
	uint64_t q = qualification();
	unsigned type = CR_QUAL_TYPE(q);

	v->exit.cr.cr = CR_QUAL_NUMBER(q);
	v->exit.cr.is_write = type != CR_FROM;
	/* Else it is CLTS or LMSW. */
	v->exit.cr.gpr = type == CR_TO || type == CR_FROM ? CR_QUAL_GPR(q) : GPR_DECODE;
}

/* First use since the vcpu came to this CPU: from now on the debug registers are the guest's, and it simply tries again. */
static void decode_dr(struct vcpu *v)
{
	vmx_breakpoints_load(v);
	v->exit.insn_len = 0;
}

/* Both are this computer's own: our handlers take them, as if they had come here. An exit for an NMI blocks further ones until the handler's IRET (SDM 27.5.5). */
static void host_nmi(struct vcpu *v)
{
	v->exit.kind = EXIT_HOST_EVENT;
	__asm__ volatile("int $2" : : : "memory");
}

static void decode_mc(struct vcpu *v)
{
	v->exit.kind = EXIT_HOST_EVENT;
	__asm__ volatile("int $18" : : : "memory");
}

static void decode_exception(struct vcpu *v)
{
	uint32_t info = (uint32_t)vmcs_read(VMCS_EXIT_EVENT);
	bool has_error = info & EVINFO_ERROR_VALID;
	uint8_t vector = info & EVINFO_VECTOR;

	if (EVINFO_TYPE(info) == EVINFO_NMI) {
		host_nmi(v);
		return;
	}
	if (vector == X86_MC) {
		decode_mc(v);
		return;
	}
	/* In the delivery of an event, and for #DF, the bit says nothing (SDM 27.2.2). */
	if ((info & EVINFO_NMI_UNBLOCKED) && vector != X86_DF &&
	    !(vmcs_read(VMCS_VECTORING_EVENT) & EVINFO_VALID))
		vmx_event_iret_faulted(v->virt);
	v->exit.exception.vector = vector;
	v->exit.exception.has_error = has_error;
	v->exit.exception.error_code = has_error ? (uint32_t)vmcs_read(VMCS_EXIT_ERROR) : 0;
	v->exit.exception.cr2_or_dr6 = 0;
	if (vector == X86_DB)
		v->exit.exception.cr2_or_dr6 = vmx_event_debug(v, qualification());
	else if (vector == X86_PF)
		v->exit.exception.cr2_or_dr6 = qualification();
}

static void decode_io(struct vcpu *v)
{
	uint64_t q = qualification();
	uint32_t info;

	v->exit.pio.port = IO_QUAL_PORT(q);
	v->exit.pio.size = IO_QUAL_SIZE(q);
	v->exit.pio.is_write = !(q & IO_QUAL_IN);
	v->exit.pio.rep = q & IO_QUAL_REP;
	if (likely(!(q & IO_QUAL_STRING)))
		return;
	v->exit.kind = EXIT_PIO_STRING;
	v->exit.pio.addr_size = 0;
	v->exit.pio.segment = q & IO_QUAL_IN ? SEG_ES : SEGMENT_DECODE;
	if (!vmx_host.has_io_info)
		return;
	info = (uint32_t)vmcs_read(VMCS_EXIT_INSN_INFO);
	v->exit.pio.addr_size = (uint8_t)(2u << IO_INFO_ADDRESS(info));
	if (v->exit.pio.is_write)
		v->exit.pio.segment = IO_INFO_SEGMENT(info);
}

static void decode_msr(struct vcpu *v)
{
	v->exit.msr.index = (uint32_t)v->regs.r[GPR_RCX];
}

/* The reasons are numbered as in struct vcpu_exit. An instruction has a length, INT n and its kin, too (SDM 27.2.5); another event that came by the gate may have an error code. */
static void decode_task_switch(struct vcpu *v)
{
	uint64_t q = qualification();
	uint32_t info = (uint32_t)vmcs_read(VMCS_VECTORING_EVENT);
	bool is_event = info & EVINFO_VALID, has_error = is_event && (info & EVINFO_ERROR_VALID);

	if (!is_event || EVINFO_TYPE(info) >= EVINFO_SOFT)
		v->exit.insn_len = (uint8_t)vmcs_read(VMCS_EXIT_LENGTH);
	v->exit.task.selector = TASK_QUAL_SELECTOR(q);
	v->exit.task.reason = TASK_QUAL_REASON(q);
	v->exit.task.has_error = has_error;
	v->exit.task.error_code = has_error ? (uint32_t)vmcs_read(VMCS_VECTORING_ERROR) : 0;
}

/* Only an IRET of its own: in the delivery of an event the bit says nothing (SDM 27.2.1, table 27-7). */
static void iret_settle(struct vcpu *v)
{
	if ((qualification() & EPT_QUAL_NMI_UNBLOCKED) &&
	    !(vmcs_read(VMCS_VECTORING_EVENT) & EVINFO_VALID))
		vmx_event_iret_faulted(v->virt);
}

static void decode_ept(struct vcpu *v)
{
	uint64_t q = qualification();

	iret_settle(v);
	v->exit.mmio.gpa = gpa(vmcs_read(VMCS_GUEST_PHYSICAL));
	v->exit.mmio.is_present = q & EPT_QUAL_RIGHTS;
	v->exit.mmio.is_write = q & EPT_QUAL_WRITE;
	v->exit.mmio.is_fetch = q & EPT_QUAL_FETCH;
	v->exit.mmio.in_walk = (q & EPT_QUAL_HAS_LINEAR) && !(q & EPT_QUAL_TRANSLATED);
}

/* Where interrupts are posted, exits acknowledge them. */
static void decode_interrupt(struct vcpu *v)
{
	uint32_t info = vmx_host.posts ? (uint32_t)vmcs_read(VMCS_EXIT_EVENT) : 0;

	if (info & EVINFO_VALID)
		machine_take_interrupt(info & EVINFO_VECTOR);
}

static void decode_eoi(struct vcpu *v)
{
	v->exit.apic.offset = APIC_EOI;
	v->exit.apic.value = (uint8_t)qualification();
}

static void decode_apic_write(struct vcpu *v)
{
	const struct vmx_vcpu *s = v->virt;

	v->exit.apic.offset = qualification() & 0xff0;
	v->exit.apic.value = *virt_apic_reg(s->virtual_apic, v->exit.apic.offset);
}

static void raw(struct vcpu *v, uint32_t reason)
{
	v->exit.kind = EXIT_UNKNOWN;
	v->exit.raw.code = reason;
	v->exit.raw.info1 = qualification();
	v->exit.raw.info2 = vmcs_read(VMCS_GUEST_PHYSICAL);
}

struct exit_row {
	uint8_t cause; /* enum exit_cause; CAUSE_NONE: nothing that we ask for */
	uint8_t kind;  /* enum exit_kind */
	void (*decode)(struct vcpu *v);
};

/* clang-format off */
static const struct exit_row exit_rows[VMX_NR_EXITS] = {
	[VMX_EXIT_EXCEPTION]        = ROW_EVENT(EXIT_EXCEPTION,    decode_exception),
	[VMX_EXIT_INTERRUPT]        = ROW_EVENT(EXIT_HOST_EVENT,   decode_interrupt),
	[VMX_EXIT_TRIPLE_FAULT]     = ROW_EVENT(EXIT_TRIPLE_FAULT, NULL),
	[VMX_EXIT_INIT]             = ROW_EVENT(EXIT_HOST_EVENT,   NULL),
	[VMX_EXIT_SIPI]             = ROW_EVENT(EXIT_HOST_EVENT,   NULL),
	[VMX_EXIT_INTERRUPT_WINDOW] = ROW_EVENT(EXIT_WINDOW_OPEN,  NULL),
	[VMX_EXIT_NMI_WINDOW]       = ROW_EVENT(EXIT_WINDOW_OPEN,  NULL),
	[VMX_EXIT_TASK_SWITCH]      = ROW_EVENT(EXIT_TASK_SWITCH,  decode_task_switch),
	[VMX_EXIT_CPUID]            = ROW_INSN(EXIT_CPUID,         NULL),
	[VMX_EXIT_GETSEC]           = ROW_INSN(EXIT_VIRT_INSN,     NULL),
	[VMX_EXIT_HLT]              = ROW_INSN(EXIT_HALT,          NULL),
	[VMX_EXIT_INVD]             = ROW_INSN(EXIT_INVD,          NULL),
	[VMX_EXIT_RDPMC]            = ROW_INSN(EXIT_RDPMC,         NULL),
	[VMX_EXIT_RDTSC]            = ROW_INSN(EXIT_RDTSC,         NULL),
	[VMX_EXIT_RSM]              = ROW_INSN(EXIT_VIRT_INSN,     NULL),
	[VMX_EXIT_VMCALL]           = ROW_INSN(EXIT_HYPERCALL,     NULL),
	[VMX_EXIT_VMCLEAR ... VMX_EXIT_VMXON] = ROW_INSN(EXIT_VIRT_INSN, NULL),
	[VMX_EXIT_CR]               = ROW_INSN(EXIT_CR_ACCESS,     decode_cr),
	[VMX_EXIT_DR]               = ROW_INSN(EXIT_HOST_EVENT,    decode_dr),
	[VMX_EXIT_IO]               = ROW_INSN(EXIT_PIO,           decode_io),
	[VMX_EXIT_RDMSR]            = ROW_INSN(EXIT_MSR_READ,      decode_msr),
	[VMX_EXIT_WRMSR]            = ROW_INSN(EXIT_MSR_WRITE,     decode_msr),
	[VMX_EXIT_MWAIT]            = ROW_INSN(EXIT_MWAIT,         NULL),
	[VMX_EXIT_MONITOR]          = ROW_INSN(EXIT_MWAIT,         NULL),
	[VMX_EXIT_PAUSE]            = ROW_INSN(EXIT_PAUSE,         NULL),
	[VMX_EXIT_ENTRY_MC]         = ROW_EVENT(EXIT_HOST_EVENT,   decode_mc),
	[VMX_EXIT_TPR]              = ROW_EVENT(EXIT_WINDOW_OPEN,  NULL),
	[VMX_EXIT_EOI]              = ROW_EVENT(EXIT_APIC_WRITE,   decode_eoi),
	[VMX_EXIT_APIC_WRITE]       = ROW_EVENT(EXIT_APIC_WRITE,   decode_apic_write),
	[VMX_EXIT_EPT_VIOLATION]    = ROW_EVENT(EXIT_MMIO,         decode_ept),
	[VMX_EXIT_INVEPT]           = ROW_INSN(EXIT_VIRT_INSN,     NULL),
	[VMX_EXIT_RDTSCP]           = ROW_INSN(EXIT_RDTSC,         NULL),
	[VMX_EXIT_INVVPID]          = ROW_INSN(EXIT_VIRT_INSN,     NULL),
	[VMX_EXIT_WBINVD]           = ROW_INSN(EXIT_INVD,          NULL),
	[VMX_EXIT_XSETBV]           = ROW_INSN(EXIT_XSETBV,        NULL),
	[VMX_EXIT_LOG_FULL]         = ROW_EVENT(EXIT_HOST_EVENT,   iret_settle),
};
/* clang-format on */

void vmx_exit_decode(struct vcpu *v, uint32_t reason)
{
	uint32_t basic = reason & VMX_REASON_BASIC;
	const struct exit_row *row = &exit_rows[MIN(basic, VMX_NR_EXITS - 1u)];

	v->exit.insn_len = 0;
	if (unlikely(basic >= VMX_NR_EXITS || !row->cause)) {
		raw(v, reason);
		return;
	}
	v->exit.kind = row->kind;
	if (row->cause == CAUSE_INSN)
		v->exit.insn_len = (uint8_t)vmcs_read(VMCS_EXIT_LENGTH);
	if (row->decode)
		row->decode(v);
}

size_t vmx_insn_bytes(struct vcpu *v, uint8_t bytes[15])
{
	return 0; /* Intel's CPUs give none. */
}
