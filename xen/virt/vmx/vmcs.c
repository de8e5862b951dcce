/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCS's contents, exits and errors in words. Contract: vmcs.h; its rules are in vmcs_check.c. */
#include "vmcs.h"
#include "format.h"

static const char *const exit_names[VMX_NR_EXITS] = {
	[VMX_EXIT_EXCEPTION] = "exception or nmi",
	[VMX_EXIT_INTERRUPT] = "physical interrupt",
	[VMX_EXIT_TRIPLE_FAULT] = "triple fault",
	[VMX_EXIT_INIT] = "init",
	[VMX_EXIT_SIPI] = "sipi",
	[VMX_EXIT_INTERRUPT_WINDOW] = "interrupt window",
	[VMX_EXIT_NMI_WINDOW] = "nmi window",
	[VMX_EXIT_TASK_SWITCH] = "task switch",
	[VMX_EXIT_CPUID] = "cpuid",
	[VMX_EXIT_GETSEC] = "getsec",
	[VMX_EXIT_HLT] = "hlt",
	[VMX_EXIT_INVD] = "invd",
	[VMX_EXIT_RDPMC] = "rdpmc",
	[VMX_EXIT_RDTSC] = "rdtsc",
	[VMX_EXIT_RSM] = "rsm",
	[VMX_EXIT_VMCALL] = "vmcall",
	[VMX_EXIT_CR] = "control register access",
	[VMX_EXIT_DR] = "debug register access",
	[VMX_EXIT_IO] = "port access",
	[VMX_EXIT_RDMSR] = "rdmsr",
	[VMX_EXIT_WRMSR] = "wrmsr",
	[VMX_EXIT_BAD_STATE] = "state refused",
	[VMX_EXIT_BAD_MSR] = "msr refused",
	[VMX_EXIT_MWAIT] = "mwait",
	[VMX_EXIT_MONITOR] = "monitor",
	[VMX_EXIT_PAUSE] = "pause",
	[VMX_EXIT_ENTRY_MC] = "machine check at entry",
	[VMX_EXIT_TPR] = "tpr below threshold",
	[VMX_EXIT_EPT_VIOLATION] = "nested page fault",
	[VMX_EXIT_EPT_MISCONFIG] = "nested entry refused",
	[VMX_EXIT_INVEPT] = "invept",
	[VMX_EXIT_RDTSCP] = "rdtscp",
	[VMX_EXIT_INVVPID] = "invvpid",
	[VMX_EXIT_WBINVD] = "wbinvd",
	[VMX_EXIT_XSETBV] = "xsetbv",
};

const char *vmcs_exit_name(uint32_t reason)
{
	reason &= VMX_REASON_BASIC;
	if (reason >= VMX_EXIT_VMCLEAR && reason <= VMX_EXIT_VMXON)
		return "virtualisation instruction";
	return reason < ARRAY_LEN(exit_names) && exit_names[reason] ? exit_names[reason]
	                                                            : "unknown";
}

/* SDM table 30-1, those that our own instructions can meet. */
static const char *const error_names[] = {
	[2] = "VMCLEAR with an address that is none (SDM 30.4, error 2)",
	[4] = "VMLAUNCH of a VMCS that is launched already (SDM 30.4, error 4)",
	[5] = "VMRESUME of a VMCS that was not launched (SDM 30.4, error 5)",
	[7] = "a control field is not valid (SDM 26.2.1, error 7)",
	[8] = "a host field is not valid (SDM 26.2.2, error 8)",
	[9] = "VMPTRLD with an address that is none (SDM 30.4, error 9)",
	[11] = "the VMCS has another revision than the CPU (SDM 30.4, error 11)",
	[12] = "a field that this CPU does not have (SDM 30.4, error 12)",
	[26] = "an entry in the shadow of MOV SS (SDM 26.1, error 26)",
	[28] = "an operand of INVEPT or INVVPID is not valid (SDM 30.4, error 28)",
};

const char *vmcs_error_name(uint32_t error)
{
	return error < ARRAY_LEN(error_names) && error_names[error]
	               ? error_names[error]
	               : "the instruction failed for a reason that is not told";
}

#define READ(field) ((unsigned long long)vmcs_read(field))

static size_t describe_exit(char *buf, size_t size)
{
	uint32_t reason = (uint32_t)vmcs_read(VMCS_EXIT_REASON);

	return format(buf, size,
	              "last exit: %s (%#x), qualification %#llx, event %#llx, delivering %#llx",
	              vmcs_exit_name(reason), reason, READ(VMCS_QUALIFICATION),
	              READ(VMCS_EXIT_EVENT), READ(VMCS_VECTORING_EVENT));
}
static size_t describe_memory(char *buf, size_t size)
{
	return format(buf, size, "guest physical %#llx, linear %#llx, nested table %llx, vpid %llu",
	              READ(VMCS_GUEST_PHYSICAL), READ(VMCS_GUEST_LINEAR), READ(VMCS_EPT_POINTER),
	              READ(VMCS_VPID));
}
static size_t describe_events(char *buf, size_t size)
{
	return format(
		buf, size,
		"to inject %#llx, interruptibility %llx, pending debug %llx, tpr threshold %llu",
		READ(VMCS_ENTRY_EVENT), READ(GUEST_INTERRUPTIBILITY), READ(GUEST_PENDING_DEBUG),
		READ(VMCS_TPR_THRESHOLD));
}
static size_t describe_registers(char *buf, size_t size)
{
	return format(buf, size,
	              "cr0 %llx cr3 %llx cr4 %llx dr7 %llx rip %llx rsp %llx rflags %llx",
	              READ(GUEST_CR0), READ(GUEST_CR3), READ(GUEST_CR4), READ(GUEST_DR7),
	              READ(GUEST_RIP), READ(GUEST_RSP), READ(GUEST_RFLAGS));
}
static size_t describe_syscall(char *buf, size_t size)
{
	return format(buf, size,
	              "sysenter cs %llx esp %llx eip %llx, debugctl %llx, tsc offset %lld",
	              READ(GUEST_SYSENTER_CS), READ(GUEST_SYSENTER_ESP), READ(GUEST_SYSENTER_EIP),
	              READ(GUEST_DEBUGCTL), (long long)vmcs_read(VMCS_TSC_OFFSET));
}
static size_t describe_controls(char *buf, size_t size)
{
	return format(
		buf, size, "controls: pin %llx proc %llx %llx exit %llx entry %llx exceptions %llx",
		READ(VMCS_PIN_CONTROLS), READ(VMCS_PROC_CONTROLS), READ(VMCS_PROC2_CONTROLS),
		READ(VMCS_EXIT_CONTROLS), READ(VMCS_ENTRY_CONTROLS), READ(VMCS_EXCEPTION_BITMAP));
}

size_t vmcs_describe(unsigned n, char *buf, size_t size)
{
	static size_t (*const lines[])(char *, size_t) = {
		describe_exit,      describe_memory,  describe_events,
		describe_registers, describe_syscall, describe_controls,
	};
	static const char *const names[NR_SEGS] = { "es", "cs",   "ss", "ds",   "fs",
		                                    "gs", "ldtr", "tr", "gdtr", "idtr" };
	enum segment_name s;

	if (n < ARRAY_LEN(lines))
		return lines[n](buf, size);
	s = (enum segment_name)(n - ARRAY_LEN(lines));
	if (s >= NR_SEGS)
		return 0;
	if (s >= SEG_GDTR)
		return format(buf, size, "%-4s limit %08llx base %llx", names[s],
		              READ(vmcs_limit(s)), READ(vmcs_base(s)));
	return format(buf, size, "%-4s %04llx rights %05llx limit %08llx base %llx", names[s],
	              READ(vmcs_selector(s)), READ(vmcs_rights(s)), READ(vmcs_limit(s)),
	              READ(vmcs_base(s)));
}
