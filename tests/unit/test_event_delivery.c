/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reaches a guest at entry, in which order, and what wakes it. */
#include "exit_handlers.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"
#include "vlapic_registers.h"

#include <xen/sched.h>

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(2, 2, 16);
	v = d->vcpus[0];
	v->regs.rflags |= RFLAGS_IF;
	vlapic_write(v, APIC_SVR, 0x1ff);
	atomic_exchange(&v->requests, 0);
}

static void upcall_by_vector(uint8_t vector)
{
	CHECK_EQ(hvm_param_set(v, d, HVM_PARAM_CALLBACK_IRQ,
	                       (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | vector),
	         0);
}

static struct event injected(void)
{
	struct event e = script_of(v)->injected;

	script_of(v)->injected.type = EVENT_NONE;
	return e;
}

static void test_clean_entry(void)
{
	start();
	CHECK(vcpu_entry_is_clean(v));
	vlapic_set_irq(&v->lapic, 0x40, false);
	CHECK(!vcpu_entry_is_clean(v));
}

static void test_upcall_repeats_while_pending(void)
{
	start();
	upcall_by_vector(0xf3);
	v->info[0] = 1;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0xf3);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0xf3);
	v->info[1] = 1; /* not asked: the guest has an interrupt flag */
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0xf3);
	v->info[0] = 0;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
}

static void test_upcall_waits_for_if(void)
{
	start();
	upcall_by_vector(0xf3);
	v->info[0] = 1;
	v->regs.rflags &= ~RFLAGS_IF;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_INTERRUPT);
	v->regs.rflags |= RFLAGS_IF;
	v->exit = (struct vcpu_exit){ .kind = EXIT_WINDOW_OPEN };
	exit_dispatch(v);
	CHECK_EQ(script_of(v)->window, WINDOW_NONE);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0xf3);
}

static void test_upcall_goes_before_apic(void)
{
	start();
	upcall_by_vector(0xf3);
	v->info[0] = 1;
	vlapic_set_irq(&v->lapic, 0x99, false);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0xf3);
	CHECK_EQ(script_of(v)->window, WINDOW_INTERRUPT);
	CHECK_EQ(vlapic_pending_vector(v), 0x99);
	v->info[0] = 0;
	atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0x99);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	CHECK_EQ(v->lapic.highest_isr, 0x99);
}

static void test_exception_goes_first(void)
{
	start();
	vlapic_set_irq(&v->lapic, 0x99, false);
	vcpu_raise_gp(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, X86_GP);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_INTERRUPT);
}

static void test_shadow_holds_back(void)
{
	start();
	vlapic_set_irq(&v->lapic, 0x99, false);
	virt->set_interrupt_shadow(v, SHADOW_STI_MOV_SS);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_INTERRUPT);
	CHECK_EQ(script_of(v)->window_priority, 9);
}

/* CR8 is written without an exit, so what waits for that must have its window. */
static void test_tpr_holds_back(void)
{
	start();
	virt->set_reg(v, REG_CR8, 9);
	vlapic_set_irq(&v->lapic, 0x99, false);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_INTERRUPT);
	CHECK_EQ(script_of(v)->window_priority, 9);
	virt->set_reg(v, REG_CR8, 8); /* the guest wrote CR8 */
	v->exit = (struct vcpu_exit){ .kind = EXIT_WINDOW_OPEN };
	exit_dispatch(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0x99);
}

static void test_nmi(void)
{
	start();
	vcpu_request(v, VCPU_REQ_NMI);
	v->regs.rflags &= ~RFLAGS_IF; /* NMIs do not ask */
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NMI);
	vcpu_request(v, VCPU_REQ_NMI);
	virt->set_interrupt_shadow(v, SHADOW_NMI);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_NMI);
	CHECK(v->requests & VCPU_REQ_NMI);
}

static void halt(void);

/* One NMI that ends a HLT is one NMI. */
static void test_nmi_ends_halt_once(void)
{
	start();
	halt();
	vcpu_request(v, VCPU_REQ_NMI);
	sched_run();
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NMI);
	CHECK(!(v->requests & VCPU_REQ_NMI));
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
	CHECK_EQ(script_of(v)->window, WINDOW_NONE);
}

/* Two that come during a third are one, after IRET; HLT in the handler does not end for it. */
static void test_nmis_merge_while_blocked(void)
{
	start();
	virt->set_interrupt_shadow(v, SHADOW_NMI);
	vcpu_request(v, VCPU_REQ_NMI);
	vcpu_request(v, VCPU_REQ_NMI);
	CHECK(!vcpu_has_work(v));
	halt();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	vlapic_set_irq(&v->lapic, 0x40, false);
	sched_run();
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0x40);
	CHECK_EQ(script_of(v)->window, WINDOW_NMI);
	virt->set_interrupt_shadow(v, 0);
	v->exit = (struct vcpu_exit){ .kind = EXIT_WINDOW_OPEN };
	exit_dispatch(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NMI);
	virt->set_interrupt_shadow(v, 0);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().type, EVENT_NONE);
}

static void halt(void)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_HALT, .insn_len = 1 };
	exit_dispatch(v);
	sched_run();
}

static void test_halt_and_wake(void)
{
	start();
	v->regs.rip = 0x1000;
	halt();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	CHECK_EQ(v->regs.rip, 0x1001);
	vlapic_set_irq(&v->lapic, 0x40, false);
	sched_run();
	CHECK_EQ(v->sched.state, SCHED_RUNNING);
	CHECK(percpu()->current == v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(injected().vector, 0x40);
}

/* The interrupt came while the TPR was high; the guest has lowered it by CR8 since. */
static void test_halt_sees_cr8(void)
{
	start();
	virt->set_reg(v, REG_CR8, 15);
	vlapic_set_irq(&v->lapic, 0x40, false);
	CHECK(vcpu_prepare_entry(v));
	virt->set_reg(v, REG_CR8, 0);
	halt();
	CHECK(v->sched.state != SCHED_BLOCKED);
}

static void test_halt_with_work_goes_on(void)
{
	start();
	vlapic_set_irq(&v->lapic, 0x40, false);
	halt();
	CHECK_EQ(v->sched.state, SCHED_RUNNING);
}

static void test_false_wake_sleeps_again(void)
{
	start();
	halt();
	sched_wake(&v->sched);
	sched_run();
	CHECK(!vcpu_entry_is_clean(v) || v->halted);
	CHECK(!vcpu_prepare_entry(v));
	sched_run();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
}

/* A request whose reason is gone before the vcpu halts is still in the word: the next one must wake it all the same. */
static void test_stale_request_hides_no_other(void)
{
	start();
	upcall_by_vector(0xf3);
	vcpu_request(v, VCPU_REQ_EVENT);
	halt();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	v->info[0] = 1;
	vcpu_request(v, VCPU_REQ_EVENT);
	sched_run();
	CHECK_EQ(v->sched.state, SCHED_RUNNING);
	/* The same when it was woken for nothing and sleeps again: the bit comes after the word was taken. */
	CHECK(vcpu_prepare_entry(v));
	v->info[0] = 0;
	halt();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	vcpu_request(v, VCPU_REQ_EVENT);
	sched_run();
	CHECK(!vcpu_prepare_entry(v));
	sched_run();
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	vlapic_set_irq(&v->lapic, 0x40, false);
	sched_run();
	CHECK_EQ(v->sched.state, SCHED_RUNNING);
}

static void test_halt_for_ever_ends_the_domain(void)
{
	start();
	v->regs.rflags &= ~RFLAGS_IF;
	d->vcpus[1]->regs.rflags &= ~RFLAGS_IF;
	vcpu_down(d->vcpus[1]);
	CHECK_EQ(FAKE_END_OF(halt()), FAKE_END_POWER_OFF);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_poweroff);
}

static void run_on_cpu_1(struct vcpu *ap)
{
	fake_set_cpu(1);
	sched_run();
	CHECK(percpu()->current == ap);
	CHECK(!vcpu_prepare_entry(ap));
	fake_set_cpu(0);
}

static void test_init_sipi(void)
{
	struct vcpu *ap;
	struct segment cs;

	start();
	ap = d->vcpus[1];
	vcpu_down(ap);
	ap->regs.r[GPR_RBX] = 77;
	ap->msrs.pat = 0x0606060606060606;
	virt->set_reg(ap, REG_PAT, ap->msrs.pat);
	vcpu_init_send(ap);
	CHECK(ap->wait_for_sipi);
	vcpu_sipi_send(ap, 0x12);
	CHECK(ap->is_up && ap->is_initialised);
	/* Nobody but the target itself touches its state: another CPU may still hold it. */
	CHECK_EQ(ap->regs.r[GPR_RBX], 77);
	vcpu_sipi_send(ap, 0x56); /* it is on its way already */
	atomic_fetch_or(&ap->requests, VCPU_REQ_TIME);
	run_on_cpu_1(ap);
	CHECK_EQ(ap->requests, VCPU_REQ_TIME);
	CHECK_EQ(ap->regs.rip, 0);
	CHECK_EQ(ap->regs.r[GPR_RBX], 0);
	CHECK_EQ(virt->get_reg(ap, REG_PAT), ap->msrs.pat); /* INIT leaves MSRs alone */
	virt->get_segment(ap, SEG_CS, &cs);
	CHECK_EQ(cs.base, 0x12000);
	CHECK_EQ(cs.selector, 0x1200);
	vcpu_sipi_send(ap, 0x34); /* running: ignored */
	virt->get_segment(ap, SEG_CS, &cs);
	CHECK_EQ(cs.base, 0x12000);
}

static void test_init_of_a_running_vcpu(void)
{
	start();
	v->regs.r[GPR_RBX] = 77;
	vcpu_init_send(v);
	vcpu_sipi_send(v, 0x9a); /* before the INIT was taken */
	CHECK(!vcpu_prepare_entry(v));
	CHECK(v->is_up);
	CHECK_EQ(v->regs.r[GPR_RBX], 0);
	vcpu_init_send(v);
	CHECK(!vcpu_prepare_entry(v));
	CHECK(!v->is_up && v->wait_for_sipi);
}

/* A vcpu that others took down while it is still in its CPU: a SIPI for it neither waits nor gets lost. */
static void test_sipi_for_a_vcpu_on_its_way_down(void)
{
	struct segment cs;

	start();
	vcpu_init_send(v);
	atomic_exchange(&v->requests, 0); /* the target has seen it, and comes to take it ... */
	vcpu_sipi_send(v, 0x9a);
	vcpu_init_received(v); /* ... now */
	CHECK(v->is_up);
	virt->get_segment(v, SEG_CS, &cs);
	CHECK_EQ(cs.base, 0x9a000);
	vcpu_down(v);
	vcpu_init_send(v);
	vcpu_sipi_send(v, 0x9b);
	CHECK(v->is_up);
	CHECK(!vcpu_prepare_entry(v));
	virt->get_segment(v, SEG_CS, &cs);
	CHECK_EQ(cs.base, 0x9b000);
	/* Started in another way, it waits for none any more. */
	vcpu_init_send(v);
	CHECK(!vcpu_prepare_entry(v));
	CHECK(!v->is_up && v->wait_for_sipi);
	vcpu_up(v);
	CHECK(v->is_up && !v->wait_for_sipi);
	vcpu_request(v, VCPU_REQ_RESET); /* of an INIT that came together with one that was taken */
	CHECK(!vcpu_prepare_entry(v));
	CHECK(v->is_up);
}

UNIT_MAIN(UNIT(test_clean_entry), UNIT(test_upcall_repeats_while_pending),
          UNIT(test_upcall_waits_for_if), UNIT(test_upcall_goes_before_apic),
          UNIT(test_exception_goes_first), UNIT(test_shadow_holds_back), UNIT(test_tpr_holds_back),
          UNIT(test_halt_sees_cr8), UNIT(test_nmi), UNIT(test_nmi_ends_halt_once),
          UNIT(test_nmis_merge_while_blocked), UNIT(test_halt_and_wake),
          UNIT(test_halt_with_work_goes_on), UNIT(test_false_wake_sleeps_again),
          UNIT(test_stale_request_hides_no_other), UNIT(test_halt_for_ever_ends_the_domain),
          UNIT(test_init_sipi), UNIT(test_init_of_a_running_vcpu),
          UNIT(test_sipi_for_a_vcpu_on_its_way_down))
