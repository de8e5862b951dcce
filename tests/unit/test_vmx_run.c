/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stay in a VMX guest: which translations are dropped, and what an entry that is called off or refused leaves. SDM 26.7, 28.3. */
#include "vmx.h"
#include "virt_barriers.h"
#include "virt_event.h"
#include "domain.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct vmx_cpu cpu;
static struct percpu pc;
static struct vmx_vcpu state;
static struct domain domain;
static struct vcpu vcpu;
static uint8_t apic[PAGE_SIZE];

/* The CPU's part: what it was given, and what it answers. */
static unsigned nr_entries;
static uint64_t entered_vpid;
static bool entered_in_guest, entered_launched, refuse;
static uint32_t answer;

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}

void vmx_enter(struct vcpu *v, bool is_launched)
{
	nr_entries++;
	entered_vpid = vmcs_read(VMCS_VPID);
	entered_in_guest = pc.in_guest;
	entered_launched = is_launched;
	vmcs_write(VMCS_EXIT_REASON, answer);
	vmx_leave(v, refuse);
}

static struct virt_ops ops = { .get_reg = vmx_get_reg,
	                       .get_segment = vmx_get_segment,
	                       .dump = vmx_dump };

static void start(bool has_invvpid)
{
	virt = &ops; /* for dumps */
	fake_vmcs_reset();
	memset(&cpu, 0, sizeof(cpu));
	memset(&pc, 0, sizeof(pc));
	memset(&domain, 0, sizeof(domain));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vmx_host, 0, sizeof(vmx_host));
	vmx_host.has_invvpid = has_invvpid;
	vmx_host.controls.value[VMX_PROC2] = PROC2_VPID;
	cpu.tags.generation = 1;
	cpu.tags.next = 1;
	cpu.percpu = &pc;
	state = (struct vmx_vcpu){ .percpu = &pc,
		                   .cpu = &cpu,
		                   .virtual_apic = apic,
		                   .eptp = 0x5000 | EPTP_FLAGS,
		                   .attention = ATTENTION_TLB | ATTENTION_EPT };
	vcpu.virt = &state;
	vcpu.domain = &domain;
	vcpu.regs.rflags = RFLAGS_MBS;
	domain.p2m.generation = 1;
	nr_entries = 0;
	refuse = false;
	answer = VMX_EXIT_INTERRUPT;
}

static void enter(void)
{
	vmx_run(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_HOST_EVENT);
}

static void test_flush_only_when_asked(void)
{
	start(true);
	enter();
	CHECK_EQ(entered_vpid, 1);
	CHECK(entered_in_guest);
	CHECK(!entered_launched);
	CHECK(!pc.in_guest);
	CHECK_EQ(vcpu.flush_generation, 1);
	CHECK_EQ(fake_vmcs.invepts, 1);
	CHECK_EQ(fake_vmcs.invept_eptp, 0x5000 | EPTP_FLAGS);
	enter();
	CHECK(entered_launched);
	CHECK_EQ(fake_vmcs.invepts, 1);
	CHECK_EQ(fake_vmcs.invvpids, 0);
}

/* A CPU that drops the translations of one table does so; one that cannot drops all. */
static void test_narrowest_flush(void)
{
	start(true);
	vmx_host.invept_type = INVALIDATE_SINGLE;
	enter();
	CHECK_EQ(fake_vmcs.invept_type, INVALIDATE_SINGLE);
	start(true);
	vmx_host.invept_type = INVALIDATE_ALL;
	enter();
	CHECK_EQ(fake_vmcs.invept_type, INVALIDATE_ALL);
}

/* Without RDTSCP there is no TSC_AUX, without IBRS no barrier: neither MSR is written (which would end this program), though vcpus take turns and have values. */
static void test_msrs_that_are_missing(void)
{
	start(true);
	state.lazy[LAZY_TSC_AUX] = 5;
	state.attention |= ATTENTION_CPU;
	enter();
	CHECK_EQ(nr_entries, 1);
	CHECK_EQ(cpu.lazy[LAZY_TSC_AUX], 0);
	cpu.tags.last_vcpu_id = 77;
	CHECK(tag_user_load(&cpu.tags, &state.tag, vmx_host.has_ibpb));
	CHECK_EQ(cpu.tags.last_vcpu_id, state.tag.id);
}

/* A changed p2m: INVEPT, which drops what is combined of both kinds too; the VPID stays. */
static void test_p2m_changed(void)
{
	start(true);
	enter();
	domain.p2m.generation = 2;
	enter();
	CHECK_EQ(fake_vmcs.invepts, 2);
	CHECK_EQ(fake_vmcs.invvpids, 0);
	CHECK_EQ(entered_vpid, 1);
	CHECK_EQ(vcpu.flush_generation, 2);
}

/* A changed CR3 and such: the linear ones, of this VPID or by another one. */
static void test_linear_changed(void)
{
	start(true);
	enter();
	state.attention |= ATTENTION_TLB;
	enter();
	CHECK_EQ(fake_vmcs.invvpids, 1);
	CHECK_EQ(fake_vmcs.invvpid_type, INVALIDATE_SINGLE);
	CHECK_EQ(fake_vmcs.invvpid_tag, 1);
	CHECK_EQ(fake_vmcs.invepts, 1);

	start(false);
	enter();
	state.attention |= ATTENTION_TLB;
	enter();
	CHECK_EQ(entered_vpid, 2);
	CHECK_EQ(fake_vmcs.invvpids, 0);
}

static void test_rollover(void)
{
	start(false);
	cpu.tags.next = VMX_NR_VPIDS - 1;
	enter();
	CHECK_EQ(entered_vpid, VMX_NR_VPIDS - 1);
	state.attention |= ATTENTION_TLB;
	enter();
	CHECK_EQ(entered_vpid, 1);
	CHECK_EQ(fake_vmcs.invvpid_type, INVALIDATE_ALL);
	CHECK_EQ(cpu.tags.generation, 2);
	CHECK_EQ(state.tag.generation, 2);
}

/* Its number may be another vcpu's by now: a flush of it is not enough. */
static void test_old_generation_takes_a_new_number(void)
{
	start(true);
	enter();
	cpu.tags.generation = 2;
	cpu.tags.next = 5;
	state.attention |= ATTENTION_TLB; /* as when it is loaded */
	enter();
	CHECK_EQ(entered_vpid, 5);
	CHECK_EQ(state.tag.generation, 2);
}

/* Without VPIDs each entry flushes: there is no tag, and no instruction for one. */
static void test_without_vpid(void)
{
	start(true);
	vmx_host.controls.value[VMX_PROC2] = 0;
	enter();
	state.attention |= ATTENTION_TLB;
	enter();
	CHECK_EQ(entered_vpid, 0);
	CHECK_EQ(fake_vmcs.invvpids, 0);
}

/* Called off: not entered, the flush still waits, and the event goes back to the core. */
static void test_called_off(void)
{
	struct event gp = event_exception_code(X86_GP, 0x18);

	start(true);
	enter();
	domain.p2m.generation = 2;
	state.cr0 = CR0_PE;
	CHECK(vmx_inject(&vcpu, &gp));
	pc.pending = PENDING_VCPU;
	enter();
	CHECK_EQ(nr_entries, 1);
	CHECK(!pc.in_guest);
	CHECK_EQ(vcpu.event.type, EVENT_EXCEPTION);
	CHECK_EQ(vcpu.event.error_code, 0x18);
	CHECK_EQ(vmcs_read(VMCS_ENTRY_EVENT), 0);
	CHECK_EQ(vcpu.flush_generation, 1);
	pc.pending = 0;
	enter();
	CHECK_EQ(fake_vmcs.invepts, 2);
}

/* The CPU refuses, by the entry's failure or the instruction's: the domain does not hang, and an event does not stay in the slot. */
static void test_refused(void)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	start(true);
	CHECK(vmx_inject(&vcpu, &nmi));
	answer = VMX_REASON_ENTRY_FAILED | VMX_EXIT_BAD_STATE;
	vmx_run(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_BAD_ENTRY);
	CHECK_EQ(vcpu.exit.raw.code, answer);
	CHECK(!pc.in_guest);
	CHECK(!state.is_launched);
	CHECK(vmx_inject(&vcpu, &nmi));

	start(true);
	refuse = true;
	vmx_run(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_BAD_ENTRY);
	CHECK(!pc.in_guest);
}

/* The option: a broken rule is found before the CPU sees it. */
static void test_checked_before(void)
{
	start(true);
	vmx_host.checks_entries = true;
	state.attention |= ATTENTION_CHECK;
	vmx_run(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_BAD_ENTRY);
	CHECK_EQ(nr_entries, 0);
	CHECK(!pc.in_guest);
}

/* Registers with a field are written when they differ from what it has; CR2 has none. */
static void test_registers(void)
{
	unsigned writes;

	start(true);
	vcpu.regs.rip = 0x1000;
	state.cr2 = 0xabc;
	enter();
	CHECK_EQ(vmcs_read(GUEST_RIP), 0x1000);
	CHECK_EQ(fake_vmcs.cr2, 0xabc);
	fake_vmcs.cr2 = 0x77; /* the guest faults */
	writes = fake_vmcs.writes;
	enter();
	/* the exit reason, by the CPU above */
	CHECK_EQ(fake_vmcs.writes, writes + 1);
	CHECK_EQ(vmx_get_reg(&vcpu, REG_CR2), 0xabc);
}

/* An exit in the middle of a delivery, and in a shadow. */
static void test_after_exit(void)
{
	start(true);
	vmcs_write(VMCS_VECTORING_EVENT, EVINFO_VALID | 0x31);
	vmcs_write(GUEST_INTERRUPTIBILITY, BLOCKED_MOV_SS);
	enter();
	CHECK_EQ(vcpu.event.type, EVENT_INTERRUPT);
	CHECK_EQ(vcpu.event.vector, 0x31);
	CHECK(vcpu.exit.in_shadow);
	CHECK_EQ(state.attention, ATTENTION_SHADOW);
}

/* Before each entry, the cache first; not when the guest is not entered. */
static void test_barriers(void)
{
	start(true);
	enter();
	CHECK_EQ(fake_vmcs.l1d_flushes + fake_vmcs.buffer_clears, 0);
	vmx_host.barriers = BARRIER_VERW;
	enter();
	enter();
	CHECK_EQ(fake_vmcs.l1d_flushes, 0);
	CHECK_EQ(fake_vmcs.buffer_clears, 2);
	vmx_host.barriers = BARRIER_VERW | BARRIER_L1D;
	enter();
	CHECK_EQ(fake_vmcs.l1d_flushes, 1);
	CHECK_EQ(fake_vmcs.l1d_flushes_before_clear, 1);
	CHECK_EQ(fake_vmcs.buffer_clears, 3);
	pc.pending = 1;
	enter();
	CHECK_EQ(fake_vmcs.l1d_flushes, 1);
	CHECK_EQ(fake_vmcs.buffer_clears, 3);
}

UNIT_MAIN(UNIT(test_barriers), UNIT(test_flush_only_when_asked), UNIT(test_narrowest_flush),
          UNIT(test_msrs_that_are_missing), UNIT(test_p2m_changed), UNIT(test_linear_changed),
          UNIT(test_rollover), UNIT(test_old_generation_takes_a_new_number),
          UNIT(test_without_vpid), UNIT(test_called_off), UNIT(test_refused),
          UNIT(test_checked_before), UNIT(test_registers), UNIT(test_after_exit))
