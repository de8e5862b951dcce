/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stay in an SVM guest: which ASID and flush it gets, and what an entry that is called off leaves. APM 15.16. */
#include "svm.h"
#include "virt_event.h"
#include "domain.h"
#include "machine_fake.h"
#include "unit.h"

#include <string.h>

struct svm_host svm_host;

static struct vmcb vmcb;
static struct svm_cpu cpu;
static struct percpu pc;
static struct svm_vcpu state;
static struct domain domain;
static struct vcpu vcpu;

/* The CPU's part: what it was given, and what it answers. */
static unsigned nr_entries;
static uint32_t entered_asid;
static uint8_t entered_flush;
static bool entered_in_guest;
static uint32_t entered_clean;
static uint64_t entered_rflags, entered_event;
static uint32_t entered_int_ctl, entered_int_vector;
static bool takes_virq;

void svm_enter(struct vcpu *v, uint64_t guest_vmcb_pa, uint64_t host_vmcb_pa)
{
	nr_entries++;
	entered_asid = vmcb.asid;
	entered_flush = vmcb.tlb_control;
	entered_clean = vmcb.clean;
	entered_rflags = vmcb.rflags;
	entered_event = vmcb.event_inj;
	entered_int_ctl = vmcb.int_ctl;
	entered_int_vector = vmcb.int_vector;
	if (takes_virq)
		vmcb.int_ctl &= ~VINTR_IRQ;
	entered_in_guest = pc.in_guest;
	vmcb.exit_code = SVM_EXIT_INTR;
	svm_leave(v);
}

static struct virt_ops ops = { .get_reg = svm_get_reg,
	                       .get_segment = svm_get_segment,
	                       .dump = svm_dump };

static void start(uint32_t features, uint32_t nr_asids)
{
	virt = &ops; /* for dumps */
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&cpu, 0, sizeof(cpu));
	memset(&pc, 0, sizeof(pc));
	memset(&state, 0, sizeof(state));
	memset(&domain, 0, sizeof(domain));
	memset(&vcpu, 0, sizeof(vcpu));
	svm_host.features = features;
	svm_host.limits.nr_asids = nr_asids;
	cpu.tags.generation = 1;
	cpu.tags.next = 1;
	cpu.percpu = &pc;
	state = (struct svm_vcpu){
		.vmcb = &vmcb, .percpu = &pc, .cpu = &cpu, .attention = ATTENTION_TLB
	};
	vcpu.virt = &state;
	vcpu.domain = &domain;
	vcpu.regs.rflags = RFLAGS_MBS;
	domain.p2m.generation = 1;
	nr_entries = 0;
}

static void enter(void)
{
	svm_run(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_HOST_EVENT);
}

static void test_flush_only_when_asked(void)
{
	start(1u << SVM_FLUSH_BY_ASID, 100);
	enter();
	CHECK_EQ(entered_asid, 1);
	CHECK(entered_in_guest);
	CHECK(!pc.in_guest);
	CHECK_EQ(vcpu.flush_generation, 1);
	enter();
	CHECK_EQ(entered_asid, 1);
	CHECK_EQ(entered_flush, TLB_KEEP);
	CHECK_EQ(entered_clean, CLEAN_ALL);
}

/* A changed p2m: with flush by ASID the same number is flushed, without it there is another number. */
static void test_p2m_changed(void)
{
	start(1u << SVM_FLUSH_BY_ASID, 100);
	enter();
	domain.p2m.generation = 2;
	enter();
	CHECK_EQ(entered_asid, 1);
	CHECK_EQ(entered_flush, TLB_FLUSH_GUEST);
	CHECK_EQ(vcpu.flush_generation, 2);

	start(0, 100);
	enter();
	domain.p2m.generation = 2;
	enter();
	CHECK_EQ(entered_asid, 2);
	CHECK_EQ(entered_flush, TLB_KEEP);
	CHECK(!(entered_clean & CLEAN_ASID));
	enter();
	CHECK_EQ(entered_asid, 2);
}

/* The numbers are used up: everything is flushed once and they start again, with a generation that the others see. */
static void test_rollover(void)
{
	start(0, 4);
	for (unsigned i = 1; i < 4; i++) {
		domain.p2m.generation = i;
		enter();
		CHECK_EQ(entered_asid, i);
		CHECK_EQ(entered_flush, TLB_KEEP);
	}
	domain.p2m.generation = 4;
	enter();
	CHECK_EQ(entered_asid, 1);
	CHECK_EQ(entered_flush, TLB_FLUSH_ALL);
	CHECK_EQ(cpu.tags.generation, 2);
	CHECK_EQ(state.tag.generation, 2);
	enter();
	CHECK_EQ(entered_flush, TLB_KEEP);
}

/* Its number may be another vcpu's by now: flush by ASID is not enough. */
static void test_old_generation_takes_a_new_number(void)
{
	start(1u << SVM_FLUSH_BY_ASID, 100);
	enter();
	cpu.tags.generation = 2;
	cpu.tags.next = 5;
	state.attention |= ATTENTION_TLB; /* as when it is loaded */
	enter();
	CHECK_EQ(entered_asid, 5);
	CHECK_EQ(state.tag.generation, 2);
}

/* Called off: not entered, the flush still waits, and the event goes back to the core. */
static void test_refused(void)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	start(1u << SVM_FLUSH_BY_ASID, 100);
	enter();
	domain.p2m.generation = 2;
	CHECK(svm_inject(&vcpu, &nmi));
	pc.pending = PENDING_VCPU;
	enter();
	CHECK_EQ(nr_entries, 1);
	CHECK(!pc.in_guest);
	CHECK_EQ(vcpu.event.type, EVENT_NMI);
	CHECK_EQ(vmcb.event_inj, 0);
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
	CHECK_EQ(vcpu.flush_generation, 1);
	pc.pending = 0;
	enter();
	CHECK_EQ(entered_flush, TLB_FLUSH_GUEST);
}

/* The step's TF is the CPU's only: the guest's flags do not have it when something else came first, and the next entry has it again. */
static void test_step_stays_ours(void)
{
	start(0, 100);
	vmcb.interrupt_shadow = VMCB_SHADOW;
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	enter();
	CHECK(entered_rflags & RFLAGS_TF);
	CHECK(!(vcpu.regs.rflags & RFLAGS_TF));
	enter();
	CHECK(entered_rflags & RFLAGS_TF);
	CHECK(!(vcpu.regs.rflags & RFLAGS_TF));
}

/* Where injection into user mode is not to be had, an interrupt goes in as a virtual one; the guest has it, or the core has it again. All other events go in as ever. */
static void test_virtual_interrupt(void)
{
	const struct event interrupt = { .type = EVENT_INTERRUPT, .vector = 0x51 },
			   nmi = { .type = EVENT_NMI, .vector = X86_NMI };
	unsigned before;

	start(0, 100);
	svm_host.is_emulated = takes_virq = true;
	before = fake_counts.notified[0];
	CHECK(svm_inject(&vcpu, &interrupt));
	enter();
	CHECK(entered_event & EVINFO_VALID && !(entered_int_ctl & VINTR_IRQ));
	CHECK_EQ(fake_counts.notified[0], ++before); /* which ends the stay at once */
	/* into a kernel only where that is asked for */
	svm_host.virq_in_kernel = true;
	CHECK(svm_inject(&vcpu, &interrupt));
	enter();
	CHECK(!(entered_event & EVINFO_VALID) && entered_int_ctl & VINTR_IRQ);
	svm_host.virq_in_kernel = false;
	vmcb.cpl = 3;
	CHECK(svm_inject(&vcpu, &interrupt));
	enter();
	CHECK(!(entered_event & EVINFO_VALID) && entered_int_ctl & VINTR_IRQ);
	CHECK_EQ(entered_int_vector, 0x51);
	CHECK(!(vmcb.int_ctl & VINTR_IRQ) && !state.is_injected);
	CHECK_EQ(vcpu.event.type, EVENT_NONE);
	enter();
	CHECK(!(entered_int_ctl & VINTR_IRQ));
	takes_virq = false;
	CHECK(svm_inject(&vcpu, &interrupt));
	enter();
	CHECK_EQ(vcpu.event.type, EVENT_INTERRUPT);
	CHECK_EQ(vcpu.event.vector, 0x51);
	CHECK(!(vmcb.int_ctl & VINTR_IRQ));
	vcpu.event.type = EVENT_NONE;
	CHECK(svm_inject(&vcpu, &nmi));
	enter();
	CHECK(entered_event & EVINFO_VALID && !(entered_int_ctl & VINTR_IRQ));
	CHECK_EQ(fake_counts.notified[0], before);
	svm_host.is_emulated = false;
}

static void nothing(struct timer *t)
{
}

/* A window beside it: it waits, and what wants it is looked for again after a run that a timer ends. */
static void test_virtual_interrupt_and_window(void)
{
	const struct event interrupt = { .type = EVENT_INTERRUPT, .vector = 0x51 };

	start(0, 100);
	fake_core_init(16 << 20, 1);
	CHECK_EQ(timer_init(&cpu.virq_timer, nothing, 0), 0);
	svm_host.is_emulated = takes_virq = true;
	vcpu.requests = 0;
	vmcb.cpl = 3;
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 6);
	CHECK(svm_inject(&vcpu, &interrupt));
	enter();
	CHECK(!(entered_event & EVINFO_VALID) && entered_int_ctl & VINTR_IRQ);
	CHECK_EQ(entered_int_vector, 0x51);
	CHECK_EQ(entered_int_ctl & VINTR_PRIO_MASK, VINTR_PRIO(15));
	CHECK(!(vmcb.intercept[ICEPT_MISC1] & ICEPT_VINTR));
	CHECK(timer_is_set(&cpu.virq_timer));
	CHECK_EQ(vcpu.requests, VCPU_REQ_EVENT);
	CHECK_EQ(vcpu.event.type, EVENT_NONE);
	svm_host.is_emulated = false;
}

UNIT_MAIN(UNIT(test_flush_only_when_asked), UNIT(test_p2m_changed), UNIT(test_rollover),
          UNIT(test_old_generation_takes_a_new_number), UNIT(test_refused),
          UNIT(test_step_stays_ours), UNIT(test_virtual_interrupt),
          UNIT(test_virtual_interrupt_and_window))
