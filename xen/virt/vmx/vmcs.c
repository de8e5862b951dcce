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

#define LINE_FIELDS 6
static const struct {
	const char *words;
	uint16_t fields[LINE_FIELDS];
} lines[] = {
	{ "last exit: %#llx, qualification %#llx, event %#llx, delivering %#llx",
	  { VMCS_EXIT_REASON, VMCS_QUALIFICATION, VMCS_EXIT_EVENT, VMCS_VECTORING_EVENT } },
	{ "guest physical %#llx, linear %#llx, nested table %llx, vpid %llu",
	  { VMCS_GUEST_PHYSICAL, VMCS_GUEST_LINEAR, VMCS_EPT_POINTER, VMCS_VPID } },
	{ "to inject %#llx, interruptibility %llx, pending debug %llx, tpr threshold %llu",
	  { VMCS_ENTRY_EVENT, GUEST_INTERRUPTIBILITY, GUEST_PENDING_DEBUG, VMCS_TPR_THRESHOLD } },
	{ "in hardware: cr0 %llx cr4 %llx, tsc offset %lld",
	  { GUEST_CR0, GUEST_CR4, VMCS_TSC_OFFSET } },
	{ "controls: pin %llx proc %llx %llx exit %llx entry %llx exceptions %llx",
	  { VMCS_PIN_CONTROLS, VMCS_PROC_CONTROLS, VMCS_PROC2_CONTROLS, VMCS_EXIT_CONTROLS,
	    VMCS_ENTRY_CONTROLS, VMCS_EXCEPTION_BITMAP } },
};

size_t vmcs_describe(unsigned n, char *buf, size_t size)
{
	unsigned long long v[LINE_FIELDS];

	if (n >= ARRAY_LEN(lines))
		return 0;
	for (unsigned i = 0; i < LINE_FIELDS; i++)
		v[i] = vmcs_read((enum vmcs_field)lines[n].fields[i]);
	return format(buf, size, lines[n].words, v[0], v[1], v[2], v[3], v[4], v[5]);
}
