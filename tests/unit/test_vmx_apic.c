/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC that the CPU serves: what is in the VMCS before an entry, what comes out after it, and who gets posted interrupts. SDM 29. */
#include "vmx.h"
#include "domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_apic.h"
#include "virt_event.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct vmx_cpu cpu;
static struct vmx_vcpu state;
static struct domain domain;
static struct vcpu vcpu;
static uint8_t page[PAGE_SIZE] __attribute__((aligned(64)));

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}
void vmx_enter(struct vcpu *v, bool is_launched)
{
}

static void start(uint32_t proc2, bool posts)
{
	fake_memory_restart(4u << 20, 2);
	fake_vmcs_reset();
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vmx_host, 0, sizeof(vmx_host));
	memset(page, 0, sizeof(page));
	vmx_host.controls.value[VMX_PROC2] = proc2;
	vmx_host.controls.value[VMX_PROC] = PROC_MSR_BITMAP | PROC_TPR_SHADOW;
	vmx_host.posts = posts;
	CHECK_EQ(virt_msr_maps_create(&vmx_msrs), 0);
	state = (struct vmx_vcpu){ .cpu = &cpu, .virtual_apic = page };
	percpu()->virt = &cpu;
	vcpu.virt = &state;
	vcpu.domain = &domain;
	vcpu.lapic.vcpu = &vcpu;
	vcpu.lapic.base_msr = VLAPIC_BASE | APIC_BASE_ENABLE;
	vcpu.lapic.svr = 0x1ff;
	vmx_apic_init(&vcpu);
}

#define ALL_OF_IT (PROC2_VECTORS | PROC2_X2APIC | PROC2_APIC_REGISTERS)

static bool traps(uint32_t offset, bool write)
{
	const uint8_t *map = state.msr_bitmap ? state.msr_bitmap : vmx_msrs.usual;

	return map_bit_get(map + (write ? 0x800 : 0), MSR_X2APIC_FIRST + offset / 16);
}

static void test_modes(void)
{
	start(ALL_OF_IT, false);
	CHECK(vcpu.lapic.by_cpu);
	CHECK_EQ(vmcs_read(VMCS_PROC2_CONTROLS), PROC2_VECTORS | PROC2_APIC_REGISTERS);
	vmx_apic_enter(&vcpu, &state);
	CHECK(traps(APIC_EOI, true) && traps(APIC_ID, false));

	vcpu.lapic.base_msr |= APIC_BASE_EXTD;
	vcpu.lapic.is_changed = true;
	vmx_apic_enter(&vcpu, &state);
	CHECK_EQ(vmcs_read(VMCS_PROC2_CONTROLS), ALL_OF_IT);
	CHECK(!traps(APIC_EOI, true) && traps(APIC_EOI, false));
	CHECK(!traps(APIC_TPR, true) && !traps(APIC_TPR, false));
	CHECK(!traps(APIC_SELF_IPI, true) && traps(APIC_SELF_IPI, false));
	CHECK(!traps(APIC_ID, false) && traps(APIC_ID, true));
	CHECK(traps(APIC_ICR, false) && traps(APIC_ICR, true));
	CHECK(traps(APIC_TIMER_CUR, false));
	CHECK(traps(APIC_DFR, false)); /* there is none in that mode: #GP */

	/* back, by way of off */
	vcpu.lapic.base_msr &= ~(uint64_t)APIC_BASE_EXTD;
	vcpu.lapic.is_changed = true;
	vmx_apic_enter(&vcpu, &state);
	CHECK_EQ(vmcs_read(VMCS_PROC2_CONTROLS), PROC2_VECTORS | PROC2_APIC_REGISTERS);
	for (uint32_t offset = 0; offset < 0x1000; offset += 16)
		CHECK(traps(offset, false) && traps(offset, true));
}

static void test_no_registers(void)
{
	start(PROC2_VECTORS | PROC2_X2APIC, false);
	vcpu.lapic.base_msr |= APIC_BASE_EXTD;
	vmx_apic_enter(&vcpu, &state);
	CHECK(!traps(APIC_EOI, true) && !traps(APIC_TPR, false) && traps(APIC_ID, false));

	start(0, false);
	CHECK(!vcpu.lapic.by_cpu);
}

static void test_vectors(void)
{
	start(ALL_OF_IT, false);
	vcpu.lapic.irr[2] = 1u << 1; /* 0x41 */
	vmx_apic_enter(&vcpu, &state);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPT_STATUS), 0x41);
	CHECK_EQ(vcpu.lapic.irr[2], 0);
	/* delivered: in service */
	*virt_apic_reg(page, APIC_IRR + 0x20) = 0;
	*virt_apic_reg(page, APIC_ISR + 0x20) = 1u << 1;
	vmcs_write(GUEST_INTERRUPT_STATUS, 0x4100);
	vmx_apic_leave(&vcpu, &state);
	CHECK_EQ(vcpu.lapic.highest_isr, 0x41);
	vmx_apic_enter(&vcpu, &state);
	CHECK_EQ(vmcs_read(GUEST_INTERRUPT_STATUS), 0x4100);
	/* its end */
	*virt_apic_reg(page, APIC_ISR + 0x20) = 0;
	vmcs_write(GUEST_INTERRUPT_STATUS, 0);
	vmx_apic_leave(&vcpu, &state);
	CHECK_EQ(vcpu.lapic.highest_isr, 0);
	CHECK(virt_apic_is_idle(&vcpu.lapic));
}

static void test_level_triggered_ends_exit(void)
{
	start(ALL_OF_IT, false);
	vcpu.lapic.tmr[2] = 1u << 1;
	vcpu.lapic.tmr[7] = 1u << 31;
	vmx_apic_enter(&vcpu, &state);
	CHECK_EQ(vmcs_read(VMCS_EOI_EXITS), 0);
	CHECK_EQ(vmcs_read((enum vmcs_field)(VMCS_EOI_EXITS + 2)), 2);
	CHECK_EQ(vmcs_read((enum vmcs_field)(VMCS_EOI_EXITS + 6)), 1ull << 63);
	vmcs_write(VMCS_QUALIFICATION, 0x41);
	vmx_exit_decode(&vcpu, VMX_EXIT_EOI);
	CHECK_EQ(vcpu.exit.kind, EXIT_APIC_WRITE);
	CHECK_EQ(vcpu.exit.apic.offset, APIC_EOI);
	CHECK_EQ(vcpu.exit.apic.value, 0x41);
	*virt_apic_reg(page, APIC_SELF_IPI) = 3;
	vmcs_write(VMCS_QUALIFICATION, APIC_SELF_IPI);
	vmx_exit_decode(&vcpu, VMX_EXIT_APIC_WRITE);
	CHECK_EQ(vcpu.exit.apic.offset, APIC_SELF_IPI);
	CHECK_EQ(vcpu.exit.apic.value, 3);
}

static void test_post(void)
{
	struct percpu *other = percpu_of(1);
	unsigned before = fake_counts.notified[1];

	start(ALL_OF_IT, true);
	CHECK_EQ(vmcs_read(VMCS_POSTED_VECTOR), MACHINE_NOTIFY_VECTOR);
	CHECK(vmcs_read(VMCS_POSTED_DESCRIPTOR) % 64 == 0);
	vcpu.sched.cpu = 1;
	other->current = &vcpu;
	other->in_guest = true;
	CHECK(vmx_post(&vcpu));
	CHECK_EQ(fake_counts.notified[1], before + 1);
	other->in_guest = false; /* has left: it looks itself, and may sleep */
	CHECK(!vmx_post(&vcpu));
	other->in_guest = true;
	other->current = NULL;
	CHECK(!vmx_post(&vcpu));
	other->current = &vcpu;
	vcpu.sched.cpu = 0; /* this CPU, which is not in the guest */
	CHECK(!vmx_post(&vcpu));
	vcpu.sched.cpu = 1;
	vmx_host.posts = false;
	CHECK(!vmx_post(&vcpu));
	CHECK_EQ(fake_counts.notified[1], before + 1);
	other->current = NULL;
	other->in_guest = false;
}

/* Acknowledged by the exit: our handler must run here, or nobody ends it. */
static void test_acknowledged(void)
{
	unsigned before;

	start(ALL_OF_IT, true);
	before = fake_counts.interrupts;
	vmcs_write(VMCS_EXIT_EVENT, EVINFO_VALID | 0xf0);
	vmx_exit_decode(&vcpu, VMX_EXIT_INTERRUPT);
	CHECK_EQ(fake_counts.interrupts, before + 1);
	CHECK_EQ(fake_counts.last_interrupt, 0xf0);
	CHECK_EQ(vcpu.exit.kind, EXIT_HOST_EVENT);
	start(ALL_OF_IT, false);
	before = fake_counts.interrupts;
	vmcs_write(VMCS_EXIT_EVENT, EVINFO_VALID | 0xf0); /* of an earlier exit */
	vmx_exit_decode(&vcpu, VMX_EXIT_INTERRUPT);
	CHECK_EQ(fake_counts.interrupts, before);
}

UNIT_MAIN(UNIT(test_modes), UNIT(test_no_registers), UNIT(test_vectors),
          UNIT(test_level_triggered_ends_exit), UNIT(test_post), UNIT(test_acknowledged))
