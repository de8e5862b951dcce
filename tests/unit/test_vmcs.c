/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCS's consistency rules: each broken alone, and named. SDM 26.2.1, 26.3. */
#include "vmcs.h"
#include "virt_event.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

/* A 64-bit guest that hardware would take. */
static void good(void)
{
	fake_vmcs_reset();
	vmcs_write(VMCS_PIN_CONTROLS, PIN_EXTERNAL_INTERRUPT | PIN_NMI | PIN_VIRTUAL_NMI);
	vmcs_write(VMCS_PROC_CONTROLS,
	           PROC_SECONDARY | PROC_IO_BITMAPS | PROC_MSR_BITMAP | PROC_TPR_SHADOW);
	vmcs_write(VMCS_PROC2_CONTROLS, PROC2_EPT | PROC2_VPID | PROC2_UNRESTRICTED);
	vmcs_write(VMCS_ENTRY_CONTROLS,
	           ENTRY_LONG_MODE | ENTRY_LOAD_EFER | ENTRY_LOAD_PAT | ENTRY_LOAD_DEBUG);
	vmcs_write(VMCS_VPID, 1);
	vmcs_write(VMCS_EPT_POINTER, 0x5000 | EPTP_FLAGS);
	vmcs_write(VMCS_LINK_POINTER, ~0ull);
	vmcs_write(GUEST_CR0, CR0_PE | CR0_PG | CR0_NE | CR0_ET | CR0_WP);
	vmcs_write(GUEST_CR3, 0x1000);
	vmcs_write(GUEST_CR4, CR4_PAE | CR4_VMXE);
	vmcs_write(GUEST_EFER, EFER_LME | EFER_LMA);
	vmcs_write(GUEST_PAT, 0x0007040600070406ull);
	vmcs_write(GUEST_DR7, 0x400);
	vmcs_write(GUEST_RFLAGS, RFLAGS_MBS);
	for (unsigned s = SEG_ES; s <= SEG_GS; s++) {
		vmcs_write(vmcs_rights(s), 0xc093);
		vmcs_write(vmcs_limit(s), 0xffffffff);
	}
	vmcs_write(vmcs_rights(SEG_CS), 0xa09b);
	vmcs_write(vmcs_rights(SEG_TR), 0x8b);
	vmcs_write(vmcs_limit(SEG_TR), 0x67);
	vmcs_write(vmcs_rights(SEG_LDTR), RIGHTS_UNUSABLE);
}

static void test_good(void)
{
	good();
	CHECK(!vmcs_check(&fake_limits));
}

/* Accessed and dirty bits are for CPUs that have them. */
static void test_ept_marks(void)
{
	struct virt_limits marks = fake_limits;
	const char *rule;

	good();
	vmcs_write(VMCS_EPT_POINTER, 0x5000 | EPTP_FLAGS | EPTP_MARKS);
	rule = vmcs_check(&fake_limits);
	CHECK(rule && strstr(rule, "nested page table"));
	marks.has_ept_marks = true;
	CHECK(!vmcs_check(&marks));
	vmcs_write(VMCS_EPT_POINTER, 0x5080 | EPTP_FLAGS);
	CHECK(vmcs_check(&marks));
}

/* Real mode, as after INIT. */
static void real_mode(void)
{
	good();
	vmcs_write(VMCS_ENTRY_CONTROLS, ENTRY_LOAD_EFER | ENTRY_LOAD_PAT | ENTRY_LOAD_DEBUG);
	vmcs_write(GUEST_CR0, CR0_NE | CR0_ET);
	vmcs_write(GUEST_CR4, CR4_VMXE);
	vmcs_write(GUEST_EFER, 0);
	for (unsigned s = SEG_ES; s <= SEG_GS; s++) {
		vmcs_write(vmcs_rights(s), s == SEG_CS ? 0x9b : 0x93);
		vmcs_write(vmcs_limit(s), 0xffff);
	}
	vmcs_write(vmcs_base(SEG_CS), 0xffff0000);
	vmcs_write(GUEST_RIP, 0xfff0);
}

static void test_real_mode(void)
{
	real_mode();
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(vmcs_rights(SEG_CS), 0x93); /* what a far jump in real mode leaves */
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(vmcs_rights(SEG_SS), 0xf3);
	CHECK(strstr(vmcs_check(&fake_limits), "26.3.1.2"));
}

static const struct {
	enum vmcs_field field;
	uint64_t value;
	const char *words;
} broken[] = {
	{ VMCS_IO_BITMAP_B, 0x800, "I/O bitmap" },
	{ VMCS_MSR_BITMAP, 1ull << 40, "MSR bitmap" },
	{ VMCS_VIRTUAL_APIC, 8, "virtual APIC" },
	{ VMCS_TPR_THRESHOLD, 0x10, "threshold" },
	{ VMCS_VPID, 0, "VPID" },
	{ VMCS_EPT_POINTER, 0x5000, "nested page table" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | 1u << 8, "reserved type" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | EVINFO_NMI << 8 | 3, "vector" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | EVINFO_EXCEPTION << 8 | X86_GP, "error code" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | EVINFO_ERROR_VALID | EVINFO_EXCEPTION << 8 | X86_UD,
	  "error code" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | EVINFO_SOFT << 8 | 0x80, "length" },
	{ VMCS_ENTRY_EVENT, EVINFO_VALID | 0x31, "RFLAGS.IF" },
	{ GUEST_CR0, CR0_PE | CR0_PG | CR0_ET, "CR0" },
	{ GUEST_CR0, CR0_PG | CR0_NE | CR0_ET, "CR0.PG is set without" },
	{ GUEST_CR4, CR4_PAE, "CR4" },
	{ GUEST_CR4, CR4_PAE | CR4_VMXE | BIT(30), "CR4" },
	{ GUEST_CR4, CR4_VMXE, "long mode without" },
	{ GUEST_CR3, 1ull << 45, "CR3" },
	{ GUEST_DEBUGCTL, BIT(16), "DEBUGCTL" },
	{ GUEST_DR7, 1ull << 32, "DR7" },
	{ GUEST_SYSENTER_EIP, 1ull << 47, "SYSENTER" },
	{ GUEST_PAT, 2, "PAT" },
	{ GUEST_EFER, EFER_LME | EFER_LMA | EFER_SVME, "EFER has a bit" },
	{ GUEST_EFER, EFER_LME, "EFER.LMA" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_TR), 0x89, "TR" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_TR), 0x83, "TR" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_LDTR), 0x89, "LDTR" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_CS), 0xa091, "privilege|code" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_CS), 0xa0fb, "privilege" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_CS), 0xe09b, "CS.L and CS.D" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_SS), 0xc091, "SS is no stack" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_SS), 0xc083, "SS is no stack" },
	{ (enum vmcs_field)(GUEST_ES_SELECTOR + 2 * SEG_TR), 0x54, "TR" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_DS), 0xc092, "data segment" },
	{ (enum vmcs_field)(GUEST_ES_RIGHTS + 2 * SEG_FS), 0x4093, "granularity" },
	{ (enum vmcs_field)(GUEST_ES_BASE + 2 * SEG_GS), 1ull << 47, "base" },
	{ (enum vmcs_field)(GUEST_ES_BASE + 2 * SEG_DS), 1ull << 32, "base" },
	{ (enum vmcs_field)(GUEST_ES_LIMIT + 2 * SEG_GDTR), 0x10000, "GDTR" },
	{ GUEST_RIP, 1ull << 47, "RIP" },
	{ GUEST_RFLAGS, 0, "RFLAGS" },
	{ GUEST_RFLAGS, RFLAGS_MBS | BIT(3), "RFLAGS" },
	{ GUEST_RFLAGS, RFLAGS_MBS | RFLAGS_VM, "virtual-8086" },
	{ GUEST_ACTIVITY, 1, "activity" },
	{ GUEST_INTERRUPTIBILITY, BLOCKED_STI, "interruptibility" },
	{ GUEST_INTERRUPTIBILITY, BIT(4), "interruptibility" },
	{ GUEST_PENDING_DEBUG, BIT(5), "pending debug" },
	{ VMCS_LINK_POINTER, 0, "link pointer" },
};

static void test_each_rule(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(broken); i++) {
		const char *words, *wanted = broken[i].words;

		good();
		vmcs_write(broken[i].field, broken[i].value);
		words = vmcs_check(&fake_limits);
		CHECK(words != NULL);
		CHECK(words && strstr(words, "SDM 26."));
		if (!strchr(wanted, '|'))
			CHECK(words && strstr(words, wanted));
	}
}

/* What no single field breaks. */
static void test_together(void)
{
	good();
	vmcs_write(VMCS_ENTRY_EVENT, EVINFO_VALID | 0x31);
	vmcs_write(GUEST_RFLAGS, RFLAGS_MBS | RFLAGS_IF);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(GUEST_INTERRUPTIBILITY, BLOCKED_MOV_SS);
	CHECK(strstr(vmcs_check(&fake_limits), "blocked"));

	good();
	vmcs_write(GUEST_INTERRUPTIBILITY, BLOCKED_MOV_SS);
	vmcs_write(GUEST_RFLAGS, RFLAGS_MBS | RFLAGS_TF);
	CHECK(strstr(vmcs_check(&fake_limits), "RFLAGS.TF"));
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_BS);
	CHECK(!vmcs_check(&fake_limits));

	/* 32-bit with PAE: the four entries count */
	good();
	vmcs_write(VMCS_ENTRY_CONTROLS, ENTRY_LOAD_EFER);
	vmcs_write(GUEST_EFER, 0);
	vmcs_write(vmcs_rights(SEG_CS), 0xc09b);
	vmcs_write(GUEST_PDPTE0, PTE_P | PTE_W);
	CHECK(strstr(vmcs_check(&fake_limits), "PDPTE"));
	vmcs_write(GUEST_PDPTE0, PTE_P | 0x2000);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(GUEST_CR4, CR4_PAE | CR4_VMXE | CR4_PCIDE);
	CHECK(strstr(vmcs_check(&fake_limits), "PCIDE"));
}

static void expect_broken(const char *words)
{
	const char *rule = vmcs_check(&fake_limits);

	CHECK(rule && strstr(rule, words));
}

static void test_events_and_blocking(void)
{
	good();
	vmcs_write(VMCS_ENTRY_EVENT,
	           EVINFO_VALID | EVINFO_ERROR_VALID | EVINFO_EXCEPTION << 8 | X86_GP);
	vmcs_write(VMCS_ENTRY_ERROR, 0xffff);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(VMCS_ENTRY_ERROR, 0x10000);
	expect_broken("too large");

	good();
	vmcs_write(VMCS_ENTRY_EVENT, EVINFO_VALID | EVINFO_NMI << 8 | X86_NMI);
	vmcs_write(GUEST_RFLAGS, RFLAGS_MBS | RFLAGS_IF);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(GUEST_INTERRUPTIBILITY, BLOCKED_STI);
	expect_broken("blocked");
}

static void test_areas_and_pages(void)
{
	struct virt_limits marks = fake_limits;

	good();
	vmcs_write(VMCS_ENTRY_LOAD_COUNT, 2);
	vmcs_write(VMCS_ENTRY_MSR_LOAD, (1ull << 40) - 32);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(VMCS_ENTRY_MSR_LOAD, (1ull << 40) - 16);
	expect_broken("MSR area");

	good();
	vmcs_write(vmcs_rights(SEG_LDTR), 0x82);
	vmcs_write(vmcs_selector(SEG_LDTR), 0x48);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(vmcs_selector(SEG_LDTR), 0x4c);
	expect_broken("LDTR");

	marks.has_ept_marks = true;
	good();
	vmcs_write(VMCS_PROC2_CONTROLS,
	           PROC2_EPT | PROC2_VPID | PROC2_UNRESTRICTED | PROC2_WRITE_LOG);
	expect_broken("log of writes");
	vmcs_write(VMCS_EPT_POINTER, 0x5000 | EPTP_FLAGS | EPTP_MARKS);
	CHECK(!vmcs_check(&marks));
	vmcs_write(VMCS_WRITE_LOG, 0x1008);
	CHECK(vmcs_check(&marks));
}

static void test_posted_interrupts(void)
{
	good();
	vmcs_write(VMCS_PIN_CONTROLS,
	           PIN_EXTERNAL_INTERRUPT | PIN_NMI | PIN_VIRTUAL_NMI | PIN_POSTED);
	vmcs_write(VMCS_POSTED_DESCRIPTOR, 0x1040);
	expect_broken("posted");
	vmcs_write(VMCS_PROC2_CONTROLS,
	           PROC2_EPT | PROC2_VPID | PROC2_UNRESTRICTED | PROC2_VECTORS);
	expect_broken("posted");
	vmcs_write(VMCS_EXIT_CONTROLS, EXIT_ACK);
	CHECK(!vmcs_check(&fake_limits));
	vmcs_write(VMCS_POSTED_DESCRIPTOR, 0x1020);
	expect_broken("posted");
}

static void test_words(void)
{
	char line[200];
	unsigned n = 0;

	good();
	while (vmcs_describe(n, line, sizeof(line)))
		n++;
	CHECK_EQ(n, 5);
	CHECK(strstr(vmcs_error_name(7), "control field"));
	CHECK(vmcs_error_name(1000) != NULL);
}

UNIT_MAIN(UNIT(test_ept_marks), UNIT(test_good), UNIT(test_real_mode), UNIT(test_each_rule),
          UNIT(test_together), UNIT(test_events_and_blocking), UNIT(test_areas_and_pages),
          UNIT(test_posted_interrupts), UNIT(test_words))
