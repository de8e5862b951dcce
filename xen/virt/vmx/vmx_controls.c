/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of VT-x's controls. Contract: vmx_controls.h. What we do without each of those that may be missing: README.md. */
#include "vmx_controls.h"
#include "virt_describe.h"
#include "vmcs.h"

/*
 * MUST: in use, no guest without it. ABLE: must be there, is switched on and off while guests run. MAY: in use where it is. FREE: must be possible to leave off;
 * what the CPU cannot leave off would cost exits that nobody handles.
 */
enum vmx_need { MUST, ABLE, MAY, FREE };

/* clang-format off */
static const struct {
	uint8_t group, need;
	uint32_t bit;
	const char *name;
} control_rows[] = {
	{ VMX_PIN,   MUST, PIN_EXTERNAL_INTERRUPT, "exits for interrupts" },
	{ VMX_PIN,   MUST, PIN_NMI,                "exits for NMIs" },
	{ VMX_PIN,   MUST, PIN_VIRTUAL_NMI,        "virtual NMIs" },
	{ VMX_PROC,  MUST, PROC_SECONDARY,         "secondary controls (and so no EPT)" },
	{ VMX_PROC2, MUST, PROC2_EPT,              "nested paging (EPT)" },
	{ VMX_PROC2, MUST, PROC2_UNRESTRICTED,     "unrestricted guest mode (guests in real mode)" },
	{ VMX_PROC,  ABLE, PROC_INTERRUPT_WINDOW,  "interrupt windows" },
	{ VMX_PROC,  ABLE, PROC_NMI_WINDOW,        "NMI windows" },
	{ VMX_PROC,  ABLE, PROC_RDTSC,             "exits for RDTSC" },
	{ VMX_PROC,  MUST, PROC_TSC_OFFSET,        "TSC offsets" },
	{ VMX_PROC,  MUST, PROC_HLT,               "exits for HLT" },
	{ VMX_PROC,  MUST, PROC_MWAIT,             "exits for MWAIT" },
	{ VMX_PROC,  MUST, PROC_MONITOR,           "exits for MONITOR" },
	{ VMX_PROC,  MUST, PROC_RDPMC,             "exits for RDPMC" },
	{ VMX_PROC,  MUST, PROC_DR,                "exits for debug registers" },
	{ VMX_PROC,  FREE, PROC_INVLPG,            "exits for INVLPG" },
	{ VMX_PROC,  FREE, PROC_CR3_LOAD,          "exits for writes to CR3" },
	{ VMX_PROC,  FREE, PROC_CR3_STORE,         "exits for reads of CR3" },
	{ VMX_PROC,  MAY,  PROC_TPR_SHADOW,        "TPR shadow" },
	{ VMX_PROC,  MAY,  PROC_IO_BITMAPS,        "I/O bitmaps" },
	{ VMX_PROC,  MAY,  PROC_MSR_BITMAP,        "MSR bitmaps" },
	{ VMX_PROC2, MAY,  PROC2_VPID,             "VPID" },
	{ VMX_PROC2, MAY,  PROC2_VECTORS,          "virtual interrupt delivery" },
	{ VMX_PROC2, MAY,  PROC2_X2APIC,           "x2APIC" },
	{ VMX_PROC2, MAY,  PROC2_APIC_REGISTERS,   "APIC registers" },
	{ VMX_PIN,   MAY,  PIN_POSTED,             "posted interrupts" },
	{ VMX_PROC2, MAY,  PROC2_WRITE_LOG,        "log of writes (PML)" },
	{ VMX_PROC2, MAY,  PROC2_WBINVD,           "exits for WBINVD" },
	{ VMX_PROC2, MAY,  PROC2_PAUSE_LOOP,       "exits for PAUSE loops" },
	{ VMX_PROC2, MAY,  PROC2_RDTSCP,           "RDTSCP" },
	{ VMX_PROC2, MAY,  PROC2_INVPCID,          "INVPCID" },
	{ VMX_PROC2, MAY,  PROC2_XSAVES,           "XSAVES" },
	{ VMX_EXIT,  MUST, EXIT_HOST_64,           "exits to 64-bit mode" },
	{ VMX_EXIT,  MUST, EXIT_SAVE_DEBUG,        "saving of debug controls" },
	{ VMX_EXIT,  FREE, EXIT_ACK,               "acknowledging of interrupts at exits" },
	{ VMX_EXIT,  MAY,  EXIT_LOAD_PAT,          "PAT at exits" },
	{ VMX_EXIT,  MAY,  EXIT_LOAD_EFER,         "EFER at exits" },
	{ VMX_ENTRY, MUST, ENTRY_LOAD_DEBUG,       "loading of debug controls" },
	{ VMX_ENTRY, ABLE, ENTRY_LONG_MODE,        "64-bit guests" },
	{ VMX_ENTRY, MAY,  ENTRY_LOAD_PAT,         "PAT at entries" },
	{ VMX_ENTRY, MAY,  ENTRY_LOAD_EFER,        "EFER at entries" },
};

/* Of what may be missing: what is of no use, or not allowed, without another one. In this order. */
static const struct {
	uint8_t group;
	uint32_t bit;
	uint8_t needs_group;
	uint32_t needs;
} need_rows[] = {
	{ VMX_PROC2, PROC2_VECTORS,        VMX_PROC,  PROC_TPR_SHADOW }, /* SDM 26.2.1.1 */
	{ VMX_PROC2, PROC2_X2APIC,         VMX_PROC2, PROC2_VECTORS },
	{ VMX_PROC2, PROC2_X2APIC,         VMX_PROC,  PROC_MSR_BITMAP }, /* else they exit anyway */
	{ VMX_PROC2, PROC2_APIC_REGISTERS, VMX_PROC2, PROC2_X2APIC }, /* the page in memory exits always */
	{ VMX_PIN,   PIN_POSTED,           VMX_PROC2, PROC2_VECTORS }, /* SDM 26.2.1.1 */
	{ VMX_EXIT,  EXIT_LOAD_PAT,        VMX_ENTRY, ENTRY_LOAD_PAT }, /* both, or in the MSR areas */
	{ VMX_ENTRY, ENTRY_LOAD_PAT,       VMX_EXIT,  EXIT_LOAD_PAT },
	{ VMX_EXIT,  EXIT_LOAD_EFER,       VMX_ENTRY, ENTRY_LOAD_EFER },
	{ VMX_ENTRY, ENTRY_LOAD_EFER,      VMX_EXIT,  EXIT_LOAD_EFER },
};
/* clang-format on */

static void group_read(uint64_t msr, struct vmx_controls *c, enum vmx_control_group g)
{
	c->allowed0[g] = (uint32_t)msr;
	c->allowed1[g] = (uint32_t)(msr >> 32);
	c->value[g] = c->allowed0[g];
}

static void groups_read(uint64_t (*read)(uint32_t msr), struct vmx_controls *c)
{
	bool exact = read(MSR_VMX_BASIC) & VMX_BASIC_TRUE;

	group_read(read(exact ? MSR_VMX_TRUE_PIN : MSR_VMX_PIN), c, VMX_PIN);
	group_read(read(exact ? MSR_VMX_TRUE_PROC : MSR_VMX_PROC), c, VMX_PROC);
	group_read(read(exact ? MSR_VMX_TRUE_EXIT : MSR_VMX_EXIT), c, VMX_EXIT);
	group_read(read(exact ? MSR_VMX_TRUE_ENTRY : MSR_VMX_ENTRY), c, VMX_ENTRY);
	group_read(c->allowed1[VMX_PROC] & PROC_SECONDARY ? read(MSR_VMX_PROC2) : 0, c, VMX_PROC2);
}

/* One row. False: no guest without it, or with it. */
static bool control_choose(struct vmx_controls *c, unsigned row)
{
	unsigned g = control_rows[row].group;
	uint32_t bit = control_rows[row].bit;
	bool can = c->allowed1[g] & bit, forced = c->allowed0[g] & bit;

	switch (control_rows[row].need) {
	case ABLE: return can && !forced;
	case FREE: return !forced;
	default:
		if (can)
			c->value[g] |= bit;
		return can || control_rows[row].need == MAY;
	}
}

/* What is of use with others only, and the price of what is there. */
static void controls_settle(struct vmx_controls *c)
{
	for (unsigned i = 0; i < ARRAY_LEN(need_rows); i++)
		if (!vmx_control_on(c, need_rows[i].needs_group, need_rows[i].needs))
			c->value[need_rows[i].group] &= ~need_rows[i].bit;
	/* Interrupts that exits acknowledge are the price of posted ones (SDM 26.2.1.1). */
	if (!(c->allowed1[VMX_EXIT] & EXIT_ACK))
		c->value[VMX_PIN] &= ~PIN_POSTED;
	else if (vmx_control_on(c, VMX_PIN, PIN_POSTED))
		c->value[VMX_EXIT] |= EXIT_ACK;
	/* Each a guest's own exits, where the means to choose are missing. */
	if (!vmx_control_on(c, VMX_PROC, PROC_IO_BITMAPS))
		c->value[VMX_PROC] |= PROC_IO;
	if (!vmx_control_on(c, VMX_PROC, PROC_TPR_SHADOW))
		c->value[VMX_PROC] |= PROC_CR8_LOAD | PROC_CR8_STORE;
}

const char *vmx_controls_choose(uint64_t (*read)(uint32_t msr), struct vmx_controls *out)
{
	groups_read(read, out);
	for (unsigned i = 0; i < ARRAY_LEN(control_rows); i++)
		if (!control_choose(out, i))
			return control_rows[i].name;
	controls_settle(out);
	return NULL;
}

static const char *control_name(const void *controls, unsigned i, bool *is_on)
{
	if (i >= ARRAY_LEN(control_rows))
		return NULL;
	*is_on = vmx_control_on(controls, control_rows[i].group, control_rows[i].bit);
	return control_rows[i].need == MAY ? control_rows[i].name : "";
}

size_t vmx_controls_describe(const struct vmx_controls *c, char *buf, size_t size)
{
	return virt_describe_features(buf, size, control_name, c);
}
