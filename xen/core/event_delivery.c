// SPDX-License-Identifier: GPL-2.0-or-later
/* What a vcpu looks at before it enters: resets, raised exceptions, NMIs, event-channel upcalls, APIC interrupts; and when it may sleep. */
#include "exit_handlers.h"
#include "domain.h"
#include "hvm_platform.h"
#include "log.h"

#include <xen/sched.h>

void vcpu_kick(struct vcpu *v)
{
	unsigned cpu = read_once(v->sched.cpu);
	struct percpu *pc = percpu();

	if (cpu != pc->cpu && read_once(percpu_of(cpu)->current) == v)
		percpu_raise(cpu, PENDING_VCPU);
}

void vcpu_request(struct vcpu *v, uint32_t bits)
{
	uint32_t old = atomic_fetch_or(&v->requests, bits);

	/* Whoever set these bits first has woken it, and nobody has looked at them since. */
	if ((old & bits) == bits)
		return;
	sched_wake(&v->sched);
	vcpu_kick(v);
}

/*
 * In this order: who finds its bit still set has made its reason visible before that, and we look after it; who finds it clear wakes us after our sched_block_prepare().
 * What the bit stood for is looked at when the vcpu goes on.
 */
void vcpu_sleep_prepare(struct vcpu *v)
{
	sched_block_prepare(&v->sched);
	atomic_fetch_or(&v->requests, VCPU_REQ_HALTED);
	atomic_fetch_and(&v->requests, ~(uint32_t)VCPU_REQ_EVENT);
}

void vcpu_triple_fault(struct vcpu *v)
{
	uint64_t reason = v->domain->hvm_params.value[HVM_PARAM_TRIPLE_FAULT_REASON];

	log_guest(v->domain, LOG_WARNING, "vcpu %u: triple fault at %#lx", v->id, v->regs.rip);
	domain_ending_note(
		v->domain,
		"vcpu %u: triple fault at %#lx: an exception could not be delivered, nor the double fault after it",
		v->id, v->regs.rip);
	domain_shutdown(v->domain, (uint32_t)reason);
}

void vcpu_raise(struct vcpu *v, struct event e)
{
	bool triple = false;

	history_note(&v->history, HISTORY_OF_RAISED, v->regs.rip, 0, e.vector,
	             e.has_error ? e.error_code : 0);
	if (v->event.type != EVENT_NONE)
		e = event_combine(&v->event, &e, &triple);
	if (triple) {
		v->event.type = EVENT_NONE;
		vcpu_triple_fault(v);
		return;
	}
	v->event = e;
}

/* The upcall byte is set and the guest asked for a vector for it. The mask byte beside it is for guests without an interrupt flag of their own. */
static bool upcall_is_due(const struct vcpu *v)
{
	return read_once(v->info[0]) && v->domain->hvm_params.callback == CALLBACK_VECTOR;
}

/* The PICs ask for it. */
static bool extint_is_due(struct vcpu *v)
{
	return unlikely(v->domain->platform) && hvm_platform_extint_waits(v);
}

/* A guest that is told of events by an interrupt line: the line follows the upcall byte of the first vcpu. */
static void callback_line_sync(struct vcpu *v)
{
	if (unlikely(v->domain->platform) && v->id == 0)
		irq_routing_callback_sync(v->domain);
}

bool vcpu_has_work(struct vcpu *v)
{
	uint32_t requests = read_once(v->requests);

	if (requests & VCPU_REQ_RESET)
		return true;
	/* A second one, during the first: it waits for IRET, and HLT does not end for it. */
	if ((requests & VCPU_REQ_NMI) && !(virt->interrupt_shadow(v) & SHADOW_NMI))
		return true;
	if (v->event.type != EVENT_NONE)
		return true;
	if (!(v->regs.rflags & RFLAGS_IF))
		return false;
	return upcall_is_due(v) || extint_is_due(v) || vlapic_pending_vector(v) >= 0;
}

static bool can_take_interrupt(struct vcpu *v, unsigned shadow)
{
	return (v->regs.rflags & RFLAGS_IF) && !(shadow & SHADOW_STI_MOV_SS);
}

/* APM 15.21.4: a priority above all classes, for what TPR does not hold back. */
#define PRIORITY_ANY 16

static void open_interrupt_window(struct vcpu *v, uint8_t priority)
{
	virt->open_window(v, WINDOW_INTERRUPT, priority);
}

/* An NMI into the slot, or a window for it. True: the slot is used. */
static bool deliver_nmi(struct vcpu *v, unsigned shadow, bool slot_free)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	if (slot_free && !(shadow & (SHADOW_NMI | SHADOW_STI_MOV_SS)) && virt->inject(v, &nmi))
		return true;
	atomic_fetch_or(&v->requests, VCPU_REQ_NMI);
	virt->open_window(v, WINDOW_NMI, 0);
	return false;
}

static bool inject_vector(struct vcpu *v, uint8_t vector)
{
	struct event e = { .type = EVENT_INTERRUPT, .vector = vector };

	return virt->inject(v, &e);
}

static bool inject_extint(void *v, uint8_t vector)
{
	return inject_vector(v, vector);
}

/* Interrupts by order: event-channel upcall, the PICs', then the APIC's highest. What finds no slot opens a window. */
static void deliver_interrupts(struct vcpu *v, unsigned shadow, bool slot_free)
{
	bool open = slot_free && can_take_interrupt(v, shadow);
	int vector;

	vlapic_sync_cr8(v);
	if (upcall_is_due(v)) {
		if (!open || !inject_vector(v, v->domain->hvm_params.callback_vector)) {
			open_interrupt_window(v, PRIORITY_ANY);
			return;
		}
		open = false;
	}
	if (extint_is_due(v)) {
		if (!open || !hvm_platform_extint_take(v, inject_extint)) {
			open_interrupt_window(v, PRIORITY_ANY);
			return;
		}
		open = false;
	}
	if (v->lapic.by_cpu)
		return;
	vector = vlapic_waiting_vector(v);
	if (vector < 0)
		return;
	/* What the TPR holds back needs its window too: CR8 is written without an exit. */
	if (open && (uint8_t)vector >> 4 > vlapic_get_cr8(&v->lapic) &&
	    inject_vector(v, (uint8_t)vector)) {
		vlapic_accept(v, (uint8_t)vector);
		vector = vlapic_waiting_vector(v);
		if (vector < 0)
			return;
	}
	open_interrupt_window(v, (uint8_t)vector >> 4);
}

static void deliver_events(struct vcpu *v, uint32_t requests)
{
	unsigned shadow = virt->interrupt_shadow(v);
	bool slot_free = true;

	if (v->event.type != EVENT_NONE) {
		/* Refused only when an entry that never happened left one in the slot: that one goes first. */
		if (virt->inject(v, &v->event))
			v->event.type = EVENT_NONE;
		slot_free = false;
	}
	if (requests & VCPU_REQ_NMI)
		slot_free = !deliver_nmi(v, shadow, slot_free) && slot_free;
	deliver_interrupts(v, shadow, slot_free);
}

bool vcpu_prepare_entry(struct vcpu *v)
{
	uint32_t requests = atomic_exchange(&v->requests, 0);

	if (unlikely(requests & VCPU_REQ_RESET)) {
		/* The time areas outlive an INIT. */
		atomic_fetch_or(&v->requests, requests & VCPU_REQ_TIME);
		vcpu_init_received(v);
		return false;
	}
	if (requests & VCPU_REQ_TIME) {
		vcpu_time_update(v);
		vcpu_runstate_update(v);
	}
	callback_line_sync(v);
	if (v->halted) {
		vcpu_sleep_prepare(v);
		callback_line_sync(v);
		/* The NMI bit was taken out above: put it back where has_work looks. */
		atomic_fetch_or(&v->requests, requests & VCPU_REQ_NMI);
		if (!vcpu_has_work(v)) {
			sched_block(&v->sched);
			return false;
		}
		atomic_fetch_and(&v->requests, ~(uint32_t)VCPU_REQ_HALTED);
		v->halted = false;
		/* Out again, or it would be delivered now and once more later. */
		requests |= atomic_fetch_and(&v->requests, ~(uint32_t)VCPU_REQ_NMI) & VCPU_REQ_NMI;
	}
	deliver_events(v, requests);
	return true;
}

void vcpu_halt(struct vcpu *v)
{
	vcpu_sleep_prepare(v);
	callback_line_sync(v);
	vlapic_sync_cr8(v);
	if (vcpu_has_work(v))
		return;
	if (!(v->regs.rflags & RFLAGS_IF)) {
		vcpu_down_forever(v);
		return;
	}
	v->halted = true;
	sched_block(&v->sched);
}
