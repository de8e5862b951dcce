/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's registers on top of the VMCS: the views that differ, what the CPU insists on, and what a change makes old. SDM 26.3.1. */
#include "vmx.h"
#include "domain.h"
#include "fake_domain.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct vmx_vcpu state;
static struct vcpu vcpu;
static uint8_t apic[PAGE_SIZE];
static unsigned borrowed, given_back;

/* The vcpu is loaded nowhere: whatever needs the VMCS borrows it once and gives it back. */
void vmx_borrow(struct vmx_vcpu *s)
{
	CHECK_EQ(borrowed, given_back);
	borrowed++;
}
void vmx_give_back(struct vmx_vcpu *s)
{
	given_back++;
}

static void setup(void)
{
	fake_vmcs_reset();
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vmx_host, 0, sizeof(vmx_host));
	vmx_host.limits = fake_limits;
	vmx_host.cr0_hidden = CR0_NE;
	vmx_host.cr4_hidden = CR4_VMXE | CR4_MCE;
	vmx_host.controls.value[VMX_PROC] = PROC_TPR_SHADOW;
	state.virtual_apic = apic;
	state.entry_controls = ENTRY_LOAD_EFER | ENTRY_LOAD_PAT;
	vcpu.virt = &state;
	vmx_state_reset(&vcpu);
	state.attention = 0;
	CHECK_EQ(borrowed, given_back);
}

static void test_power_on(void)
{
	struct segment s;

	setup();
	vmx_get_segment(&vcpu, SEG_CS, &s);
	CHECK_EQ(s.selector, 0xf000);
	CHECK_EQ(s.base, 0xffff0000);
	CHECK_EQ(s.attr, 0x9b);
	CHECK_EQ(vcpu.regs.rip, 0xfff0);
	CHECK_EQ(vcpu.regs.rflags, 2);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR0), 0x60000010);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR4), 0);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_DR6), 0xffff0ff0);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_DR7), 0x400);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_PAT), 0x0007040600070406);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_EFER), 0);
	CHECK_EQ(vmx_get_cpl(&vcpu), 0);
	/* and the CPU would take it */
	vmcs_write(VMCS_PIN_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMI);
	vmcs_write(VMCS_PROC2_CONTROLS, PROC2_EPT | PROC2_UNRESTRICTED);
	vmcs_write(VMCS_EPT_POINTER, 0x1000 | EPTP_FLAGS);
	vmcs_write(VMCS_LINK_POINTER, ~0ull);
	vmcs_write(GUEST_RFLAGS, RFLAGS_MBS);
	vmcs_write(GUEST_RIP, 0xfff0);
	CHECK(!vmcs_check(&fake_limits));
}

/* The guest may think that its caches are off, and that NE is clear; the CPU has it otherwise. */
static void test_hidden_bits(void)
{
	setup();
	CHECK_EQ(vmcs_read(GUEST_CR0) & (CR0_CD | CR0_NW | CR0_NE), CR0_NE);
	CHECK_EQ(vmcs_read(VMCS_CR0_SHADOW), 0x60000010);
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR0), CR0_PE | CR0_ET);
	vmx_set_reg(&vcpu, REG_CR4, CR4_PAE);
	CHECK_EQ(vmcs_read(GUEST_CR4), CR4_PAE | CR4_VMXE | CR4_MCE);
	CHECK_EQ(vmcs_read(VMCS_CR4_SHADOW), CR4_PAE);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR4), CR4_PAE);
}

/* TS and PGE are the guest's: it changes them without an exit. */
static void test_own_bits(void)
{
	setup();
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	vmcs_write(GUEST_CR0, vmcs_read(GUEST_CR0) | CR0_TS);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR0), CR0_PE | CR0_ET | CR0_TS);
	vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) | CR4_PGE);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR4), CR4_PGE);
	vmx_set_reg(&vcpu, REG_CR4, 0);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR4), 0);
	CHECK(state.attention & ATTENTION_TLB);
}

static void test_long_mode(void)
{
	struct paging_mode m;
	struct segment cs = { 8, 0xa9b, 0xffffffff, 0 }, tss16 = { 0x28, 0x83, 0x67, 0x1000 };

	setup();
	vmx_set_segment(&vcpu, SEG_TR, &tss16);
	vmx_set_reg(&vcpu, REG_EFER, EFER_LME | EFER_NXE);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_EFER), EFER_LME | EFER_NXE);
	CHECK(!(vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_LONG_MODE));
	vmx_set_reg(&vcpu, REG_CR4, CR4_PAE);
	vmx_set_reg(&vcpu, REG_CR3, 0x5000);
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_PG | CR0_ET);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_EFER), EFER_LME | EFER_LMA | EFER_NXE);
	CHECK(vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_LONG_MODE);
	CHECK_EQ(vmcs_read(GUEST_EFER), EFER_LME | EFER_LMA | EFER_NXE);
	CHECK_EQ(vmcs_read(vmcs_rights(SEG_TR)), 0x8b); /* a 64-bit TSS */
	vmx_set_segment(&vcpu, SEG_CS, &cs);
	vmx_get_paging(&vcpu, &m);
	CHECK(paging_64bit_code(&m));
	CHECK_EQ(m.cr3, 0x5000);
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_EFER), EFER_LME | EFER_NXE);
	CHECK(!(vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_LONG_MODE));
}

/* Without the controls EFER, PAT and always SPEC_CTRL are exchanged by the MSR areas. */
static void test_areas(void)
{
	setup();
	state.entry_controls = 0;
	vmx_host.efer = EFER_NXE;
	vmx_set_reg(&vcpu, REG_EFER, EFER_SCE);
	CHECK_EQ(state.nr_area, 1);
	CHECK_EQ(state.area.guest[0].index, MSR_EFER);
	CHECK_EQ(state.area.guest[0].value, EFER_SCE);
	CHECK_EQ(state.area.host[0].value, EFER_NXE);
	vmx_set_reg(&vcpu, REG_SPEC_CTRL, 1);
	vmx_set_reg(&vcpu, REG_PAT, 0x0606060606060606);
	CHECK_EQ(vmcs_read(VMCS_ENTRY_LOAD_COUNT), 3);
	CHECK_EQ(vmcs_read(VMCS_EXIT_LOAD_COUNT), 3);
	vmx_set_reg(&vcpu, REG_EFER, EFER_NXE);
	CHECK_EQ(state.area.guest[0].value, EFER_NXE);
	vmx_set_reg(&vcpu, REG_SPEC_CTRL, 0);
	CHECK_EQ(vmcs_read(VMCS_EXIT_LOAD_COUNT), 2);
	CHECK_EQ(state.area.guest[1].index, MSR_PAT);
	CHECK_EQ(state.area.guest[1].value, 0x0606060606060606);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_SPEC_CTRL), 0);
}

static uint64_t rights_after(enum segment_name name, uint16_t attr, uint32_t limit)
{
	struct segment s = { 0x10, attr, limit, 0 };

	vmx_set_segment(&vcpu, name, &s);
	return vmcs_read(vmcs_rights(name));
}

/* What descriptors may say and the CPU refuses. */
static void test_segments_settled(void)
{
	struct segment s;

	setup();
	CHECK_EQ(rights_after(SEG_DS, 0xc92, 0xffffffff), 0xc093); /* not accessed */
	CHECK_EQ(rights_after(SEG_TR, 0x089, 0x67), 0x8b);         /* not busy */
	CHECK_EQ(rights_after(SEG_TR, 0, 0), 0x83);                /* no TR at all */
	CHECK_EQ(rights_after(SEG_ES, 0, 0), RIGHTS_UNUSABLE);
	vmx_get_segment(&vcpu, SEG_ES, &s);
	CHECK(!(s.attr & SEG_ATTR_P));
	CHECK_EQ(rights_after(SEG_FS, 0xc93, 0xfff0), 0x4093); /* small and granular */
	CHECK_EQ(rights_after(SEG_GS, 0x493, 0xfffff0ff), 0xc093);
	CHECK_EQ(vmcs_read(vmcs_limit(SEG_GS)), 0xffffffff);
	CHECK_EQ(rights_after(SEG_LDTR, 0x82, 0xffff), 0x82);
	/* neither of the two is from an LDT */
	s = (struct segment){ 0x4c, 0x8b, 0x67, 0 };
	vmx_set_segment(&vcpu, SEG_TR, &s);
	CHECK_EQ(vmcs_read(vmcs_selector(SEG_TR)), 0x48);
	vmx_set_segment(&vcpu, SEG_FS, &s);
	CHECK_EQ(vmcs_read(vmcs_selector(SEG_FS)), 0x4c);
	/* CPL is SS's privilege, of an unusable SS too */
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK_EQ(rights_after(SEG_SS, 0x60, 0), RIGHTS_UNUSABLE | 0x60);
	CHECK_EQ(vmx_get_cpl(&vcpu), 3);
	vcpu.regs.rflags |= RFLAGS_VM;
	CHECK_EQ(vmx_get_cpl(&vcpu), 3);
	vmx_set_reg(&vcpu, REG_CR0, CR0_ET);
	CHECK_EQ(vmx_get_cpl(&vcpu), 0);
}

/* Not canonical: cut off, where the CPU would refuse the entry or fault in our hands. */
static void test_canonical(void)
{
	struct segment gs = { .attr = 0xc93, .limit = 0xffffffff, .base = 1ull << 47 };

	setup();
	vmx_set_segment(&vcpu, SEG_GS, &gs);
	CHECK_EQ(vmcs_read(vmcs_base(SEG_GS)), 0xffff800000000000);
	vmx_set_reg(&vcpu, REG_LSTAR, 0x1234ull << 48 | 5);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_LSTAR), 5);
	vmx_set_reg(&vcpu, REG_SYSENTER_EIP, 1ull << 47);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_SYSENTER_EIP), 0xffff800000000000);
	vmx_set_reg(&vcpu, REG_KERNEL_GS_BASE, 1ull << 47);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_KERNEL_GS_BASE), 0xffff800000000000);
}

static void test_what_wants_a_flush(void)
{
	setup();
	vmx_set_reg(&vcpu, REG_DEBUGCTL, 0x41);
	CHECK_EQ(vmcs_read(GUEST_DEBUGCTL), 1);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_DEBUGCTL), 0x41);
	vmx_set_reg(&vcpu, REG_STAR, 5);
	CHECK(!(state.attention & ATTENTION_TLB));
	CHECK(state.attention & ATTENTION_CPU);
	vmx_set_reg(&vcpu, REG_CR3, 0x1000);
	CHECK(state.attention & ATTENTION_TLB);
	CHECK(state.attention & ATTENTION_PDPTE);
	state.attention = 0;
	vmx_set_reg(&vcpu, REG_CR0, CR0_ET | CR0_MP);
	CHECK(!(state.attention & ATTENTION_TLB));
	vmx_set_reg(&vcpu, REG_CR0, CR0_ET | CR0_WP);
	CHECK(state.attention & ATTENTION_TLB);
}

/* PAE paging set by us: the four entries come from memory, and none with reserved bits. */
static void test_pdptes(void)
{
	struct domain *d = fake_domain_machine(1, 1, 64);
	uint64_t entries[4] = { 0x2001, 0x3000, 0x4003, 0x5001 };

	setup();
	vcpu.domain = d;
	CHECK_EQ(guest_write_gpa(d, gpa(0x1020), entries, sizeof(entries)), 0);
	vmx_set_reg(&vcpu, REG_CR3, 0x1020);
	vmx_set_reg(&vcpu, REG_CR4, CR4_PAE);
	vmx_pdptes_load(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_PDPTE0), 0); /* no paging yet */
	vmx_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_PG | CR0_ET);
	vmx_pdptes_load(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_PDPTE0), 0x2001);
	CHECK_EQ(vmcs_read(GUEST_PDPTE0 + 2), 0); /* not present */
	CHECK_EQ(vmcs_read(GUEST_PDPTE0 + 4), 0); /* bit 1 is reserved */
	CHECK_EQ(vmcs_read(GUEST_PDPTE0 + 6), 0x5001);
	/* no memory there */
	vmx_set_reg(&vcpu, REG_CR3, 0xf0000000);
	vmx_pdptes_load(&vcpu);
	CHECK_EQ(vmcs_read(GUEST_PDPTE0 + 6), 0);
}

UNIT_MAIN(UNIT(test_power_on), UNIT(test_hidden_bits), UNIT(test_own_bits), UNIT(test_long_mode),
          UNIT(test_areas), UNIT(test_segments_settled), UNIT(test_canonical),
          UNIT(test_what_wants_a_flush), UNIT(test_pdptes))
