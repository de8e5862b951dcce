/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which controls are used on which CPU, and what a CPU is refused for. SDM appendix A. */
#include "vmx_controls.h"
#include "unit.h"
#include "vmcs.h"

#include <string.h>

/* What the capability MSRs say: allowed-1 bits in the high half, must-be-1 in the low. */
static uint64_t basic, pin, proc, proc2, at_exit, at_entry;
static bool asked_proc2;

static uint64_t read_msr(uint32_t msr)
{
	switch (msr) {
	case MSR_VMX_BASIC: return basic;
	case MSR_VMX_TRUE_PIN: return pin;
	case MSR_VMX_TRUE_PROC: return proc;
	case MSR_VMX_TRUE_EXIT: return at_exit;
	case MSR_VMX_TRUE_ENTRY: return at_entry;
	case MSR_VMX_PROC2: asked_proc2 = true; return proc2;
	/* the old ones: what was fixed once is fixed for ever */
	case MSR_VMX_PIN: return pin | 0x16;
	case MSR_VMX_PROC: return proc | 0x0401e172;
	case MSR_VMX_EXIT: return at_exit | 0x36dff;
	case MSR_VMX_ENTRY: return at_entry | 0x11ff;
	default: return 0;
	}
}

#define ALL 0xffffffff00000000ull
static void all_there(void)
{
	basic = VMX_BASIC_TRUE;
	pin = ALL | 0x16;
	proc = ALL | 0x04006172;
	proc2 = ALL;
	at_exit = ALL | 0x36dfb;
	at_entry = ALL | 0x11fb;
	asked_proc2 = false;
}

static void take(uint64_t *msr, uint32_t bit)
{
	*msr &= ~((uint64_t)bit << 32);
}

static void test_all(void)
{
	struct vmx_controls c;

	all_there();
	CHECK(!vmx_controls_choose(read_msr, &c));
	CHECK_EQ(c.value[VMX_PIN] & 0x16, 0x16);
	CHECK(vmx_control_on(&c, VMX_PROC2, PROC2_EPT));
	CHECK(vmx_control_on(&c, VMX_PROC2, PROC2_UNRESTRICTED));
	CHECK(vmx_control_on(&c, VMX_PROC, PROC_MSR_BITMAP));
	CHECK(!vmx_control_on(&c, VMX_PROC, PROC_IO));
	CHECK(!vmx_control_on(&c, VMX_PROC, PROC_CR3_LOAD | PROC_CR3_STORE | PROC_INVLPG));
	CHECK(!vmx_control_on(&c, VMX_PROC, PROC_CR8_LOAD | PROC_CR8_STORE));
	CHECK(!vmx_control_on(&c, VMX_PROC, PROC_INTERRUPT_WINDOW | PROC_NMI_WINDOW | PROC_RDTSC));
	CHECK(!vmx_control_on(&c, VMX_ENTRY, ENTRY_LONG_MODE));
	/* nothing that is not in the table */
	CHECK_EQ(c.value[VMX_PROC2] &
	                 ~(PROC2_EPT | PROC2_RDTSCP | PROC2_VPID | PROC2_WBINVD |
	                   PROC2_UNRESTRICTED | PROC2_PAUSE_LOOP | PROC2_INVPCID | PROC2_XSAVES |
	                   PROC2_VECTORS | PROC2_X2APIC | PROC2_APIC_REGISTERS | PROC2_WRITE_LOG),
	         0);
	CHECK(vmx_control_on(&c, VMX_PROC2, PROC2_VECTORS));
	CHECK(vmx_control_on(&c, VMX_PROC2, PROC2_X2APIC));
	CHECK(vmx_control_on(&c, VMX_PROC2, PROC2_APIC_REGISTERS));
	CHECK(vmx_control_on(&c, VMX_PIN, PIN_POSTED));
	CHECK(vmx_control_on(&c, VMX_EXIT, EXIT_ACK));
}

/* Each part of the local APIC that the CPU serves, without what it needs. */
static void test_apic(void)
{
	static const struct {
		uint64_t *msr;
		uint32_t bit;
		bool vectors, x2apic, registers, posted;
	} rows[] = {
		{ &proc, PROC_TPR_SHADOW, false, false, false, false },
		{ &proc2, PROC2_VECTORS, false, false, false, false },
		{ &proc, PROC_MSR_BITMAP, true, false, false, true },
		{ &proc2, PROC2_X2APIC, true, false, false, true },
		{ &proc2, PROC2_APIC_REGISTERS, true, true, false, true },
		{ &pin, PIN_POSTED, true, true, true, false },
		{ &at_exit, EXIT_ACK, true, true, true, false },
	};
	struct vmx_controls c;

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		all_there();
		take(rows[i].msr, rows[i].bit);
		CHECK(!vmx_controls_choose(read_msr, &c));
		CHECK_EQ(vmx_control_on(&c, VMX_PROC2, PROC2_VECTORS), rows[i].vectors);
		CHECK_EQ(vmx_control_on(&c, VMX_PROC2, PROC2_X2APIC), rows[i].x2apic);
		CHECK_EQ(vmx_control_on(&c, VMX_PROC2, PROC2_APIC_REGISTERS), rows[i].registers);
		CHECK_EQ(vmx_control_on(&c, VMX_PIN, PIN_POSTED), rows[i].posted);
		/* an exit takes no interrupt that nobody would handle */
		CHECK_EQ(vmx_control_on(&c, VMX_EXIT, EXIT_ACK), rows[i].posted);
	}
}

static void test_required(void)
{
	struct vmx_controls c;
	static const struct {
		uint64_t *msr;
		uint32_t bit;
		const char *words;
	} rows[] = {
		{ &pin, PIN_VIRTUAL_NMI, "virtual NMIs" },
		{ &proc, PROC_SECONDARY, "EPT" },
		{ &proc2, PROC2_EPT, "nested paging (EPT)" },
		{ &proc2, PROC2_UNRESTRICTED, "unrestricted guest mode" },
		{ &proc, PROC_INTERRUPT_WINDOW, "interrupt windows" },
		{ &proc, PROC_NMI_WINDOW, "NMI windows" },
		{ &proc, PROC_TSC_OFFSET, "TSC offsets" },
		{ &proc, PROC_DR, "debug registers" },
		{ &at_exit, EXIT_HOST_64, "64-bit mode" },
		{ &at_entry, ENTRY_LONG_MODE, "64-bit guests" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why;

		all_there();
		take(rows[i].msr, rows[i].bit);
		why = vmx_controls_choose(read_msr, &c);
		CHECK(why && strstr(why, rows[i].words));
	}
	/* a CPU without secondary controls has no such MSR */
	all_there();
	take(&proc, PROC_SECONDARY);
	CHECK(vmx_controls_choose(read_msr, &c));
	CHECK(!asked_proc2);
}

/* The old MSRs know no way to leave CR3 to the guest. */
static void test_what_must_be_off(void)
{
	struct vmx_controls c;
	const char *why;

	all_there();
	basic = 0;
	why = vmx_controls_choose(read_msr, &c);
	CHECK(why && strstr(why, "CR3"));
	all_there();
	proc |= PROC_RDTSC;
	why = vmx_controls_choose(read_msr, &c);
	CHECK(why && strstr(why, "RDTSC"));
}

static void test_optional(void)
{
	struct vmx_controls c;
	char text[500];

	all_there();
	take(&proc, PROC_IO_BITMAPS | PROC_MSR_BITMAP | PROC_TPR_SHADOW);
	take(&proc2, PROC2_VPID | PROC2_PAUSE_LOOP | PROC2_WRITE_LOG);
	CHECK(!vmx_controls_choose(read_msr, &c));
	CHECK(vmx_control_on(&c, VMX_PROC, PROC_IO));
	CHECK_EQ(c.value[VMX_PROC] & (PROC_CR8_LOAD | PROC_CR8_STORE),
	         PROC_CR8_LOAD | PROC_CR8_STORE);
	vmx_controls_describe(&c, text, sizeof(text));
	CHECK(strstr(text, "; with "));
	CHECK(strstr(
		text,
		"; without TPR shadow, I/O bitmaps, MSR bitmaps, VPID, virtual interrupt delivery, x2APIC, APIC registers, posted interrupts, log of writes (PML), exits for PAUSE loops"));
}

/* PAT and EFER change hands at both doors or at none. */
static void test_pairs(void)
{
	struct vmx_controls c;

	all_there();
	take(&at_exit, EXIT_LOAD_EFER);
	take(&at_entry, ENTRY_LOAD_PAT);
	CHECK(!vmx_controls_choose(read_msr, &c));
	CHECK(!vmx_control_on(&c, VMX_ENTRY, ENTRY_LOAD_EFER));
	CHECK(!vmx_control_on(&c, VMX_EXIT, EXIT_LOAD_PAT));
}

UNIT_MAIN(UNIT(test_all), UNIT(test_apic), UNIT(test_required), UNIT(test_what_must_be_off),
          UNIT(test_optional), UNIT(test_pairs))
