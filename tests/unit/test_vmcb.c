/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCB's consistency rules: each broken alone, and named. APM volume 2, 15.5.1, 15.20. */
#include "vmcb.h"
#include "virt_event.h"
#include "unit.h"

#include <string.h>

static const struct virt_limits limits = {
	.cr0_may = 0xffffffff,
	.cr4_may = 0x3706ff,
	.efer_may = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME,
	.physical_bits = 40,
	.nr_asids = 16,
};

/* A 64-bit guest that hardware would take. */
static struct vmcb good(void)
{
	struct vmcb m;

	memset(&m, 0, sizeof(m));
	m.intercept[ICEPT_MISC2] = ICEPT_VMRUN;
	m.asid = 1;
	m.nested_ctl = NESTED_PAGING;
	m.nested_cr3 = 0x5000;
	m.iopm_pa = 0x10000;
	m.msrpm_pa = 0x20000;
	m.cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_WP;
	m.cr3 = 0x1000;
	m.cr4 = CR4_PAE;
	m.efer = EFER_SVME | EFER_LME | EFER_LMA;
	m.cs.attr = 0x29b;
	m.dr6 = 0xffff0ff0;
	m.dr7 = 0x400;
	m.g_pat = 0x0007040600070406ull;
	return m;
}

static const char *broken(const struct vmcb *m)
{
	return vmcb_check(m, &limits, VMCB_CHECK_ALL);
}

static bool names(const char *rule, const char *word)
{
	return rule && strstr(rule, word);
}

static void test_good(void)
{
	struct vmcb m = good();

	CHECK(!broken(&m));
	/* 32-bit without paging, and the event types that exist */
	m.cr0 = CR0_PE | CR0_ET;
	m.cr4 = 0;
	m.efer = EFER_SVME;
	m.cs.attr = 0xc9b;
	CHECK(!broken(&m));
	for (unsigned vector = 0; vector < 256; vector++) {
		m.event_inj = EVINFO_VALID | vector;
		CHECK(!broken(&m));
	}
	m.event_inj = EVINFO_VALID | EVINFO_EXCEPTION << 8 | EVINFO_ERROR_VALID | X86_PF;
	CHECK(!broken(&m));
	m.event_inj = EVINFO_VALID | EVINFO_NMI << 8 | X86_NMI;
	CHECK(!broken(&m));
}

#define BREAKS(word, statement)                   \
	do {                                      \
		struct vmcb m = good();           \
		statement;                        \
		CHECK(names(broken(&m), (word))); \
	} while (0)

static void test_control_registers(void)
{
	BREAKS("SVME", m.efer &= ~EFER_SVME);
	BREAKS("CR0.NW", m.cr0 |= CR0_NW);
	BREAKS("CR0 has", m.cr0 |= BIT(32));
	BREAKS("without CR0.PE", m.cr0 &= ~CR0_PE);
	BREAKS("CR3", m.cr3 |= BIT(40));
	BREAKS("CR4 has", m.cr4 |= BIT(31));
	BREAKS("CR4 has", m.cr4 |= BIT(63));
	BREAKS("EFER has", m.efer |= BIT(1));
	BREAKS("EFER.LMA", m.efer &= ~EFER_LMA);
	BREAKS("EFER.LMA", m.cr0 &= ~CR0_PG);
	BREAKS("CR4.PAE", m.cr4 = 0);
	BREAKS("CS.L", m.cs.attr |= SEG_ATTR_DB);
}

static void test_cr3_outside_long_mode(void)
{
	struct vmcb m = good();

	m.efer = EFER_SVME;
	m.cs.attr = 0xc9b;
	m.cr3 = 0xfffff000;
	CHECK(!broken(&m));
}

static void test_cache_bits(void)
{
	struct vmcb m = good();

	m.cr0 |= CR0_CD | CR0_NW;
	CHECK(!broken(&m));
}

static void test_debug_and_pat(void)
{
	BREAKS("DR6", m.dr6 |= BIT(32));
	BREAKS("DR7", m.dr7 |= BIT(63));
	for (unsigned slot = 0; slot < 8; slot++)
		for (uint64_t type = 0; type < 256; type++) {
			bool valid = type == 0 || type == 1 || (type >= 4 && type <= 7);
			struct vmcb m = good();

			m.g_pat &= ~(0xffull << 8 * slot);
			m.g_pat |= type << 8 * slot;
			CHECK_EQ(names(broken(&m), "PAT"), !valid);
		}
}

static void test_control_area(void)
{
	BREAKS("VMRUN", m.intercept[ICEPT_MISC2] = 0);
	BREAKS("bitmap", m.iopm_pa = (1ull << 40) - 0x2000);
	BREAKS("bitmap", m.msrpm_pa = (1ull << 40) - 0x1000);
	BREAKS("ASID", m.asid = 0);
	BREAKS("ASID", m.asid = 16);
	BREAKS("nested page table", m.nested_cr3 = 0x5001);
	BREAKS("nested page table", m.nested_cr3 = 1ull << 40);
	BREAKS("nested paging is off", m.nested_ctl = 0);
}

static void test_events(void)
{
	const unsigned reserved[] = { 1, 5, 6, 7 };

	for (unsigned i = 0; i < ARRAY_LEN(reserved); i++)
		BREAKS("reserved type", m.event_inj = EVINFO_VALID | reserved[i] << 8);
	BREAKS("vector", m.event_inj = EVINFO_VALID | EVINFO_EXCEPTION << 8 | X86_NMI);
	BREAKS("vector", m.event_inj = EVINFO_VALID | EVINFO_EXCEPTION << 8 | 32);
}

static void test_groups(void)
{
	struct vmcb m = good();

	m.efer = 0;
	CHECK(!vmcb_check(&m, &limits, VMCB_CHECK_EVENT));
	CHECK(!vmcb_check(&m, &limits, VMCB_CHECK_CONTROL));
	CHECK(vmcb_check(&m, &limits, VMCB_CHECK_STATE));
}

static void test_words(void)
{
	struct vmcb m = good();
	char line[160];
	unsigned n = 0;

	m.exit_code = SVM_EXIT_NPF;
	CHECK(vmcb_describe(&m, 0, line, sizeof(line)) > 0);
	CHECK(strstr(line, "0x400"));
	while (vmcb_describe(&m, n, line, sizeof(line)) > 0) {
		CHECK(strlen(line) < sizeof(line) - 1);
		n++;
	}
	CHECK_EQ(n, 5);
}

UNIT_MAIN(UNIT(test_good), UNIT(test_control_registers), UNIT(test_cr3_outside_long_mode),
          UNIT(test_cache_bits), UNIT(test_debug_and_pat), UNIT(test_control_area),
          UNIT(test_events), UNIT(test_groups), UNIT(test_words))
