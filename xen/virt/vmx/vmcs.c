/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCS's contents and errors in words. Contract: vmcs.h; its rules are in vmcs_check.c. */
#include "vmcs.h"
#include "format.h"

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
	return format(buf, size,
	              "last exit: %#llx, qualification %#llx, event %#llx, delivering %#llx",
	              READ(VMCS_EXIT_REASON), READ(VMCS_QUALIFICATION), READ(VMCS_EXIT_EVENT),
	              READ(VMCS_VECTORING_EVENT));
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
	return format(buf, size, "in hardware: cr0 %llx cr4 %llx, tsc offset %lld", READ(GUEST_CR0),
	              READ(GUEST_CR4), (long long)vmcs_read(VMCS_TSC_OFFSET));
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
		describe_exit,      describe_memory,   describe_events,
		describe_registers, describe_controls,
	};

	return n < ARRAY_LEN(lines) ? lines[n](buf, size) : 0;
}
