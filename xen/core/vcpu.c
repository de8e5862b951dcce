/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual CPU: its making and unmaking, reset, and the switch from one to another. */
#include "domain.h"

#include "cpupool.h"
#include "errno.h"
#include "exit_handlers.h"
#include "heap.h"
#include "log.h"
#include "string.h"

#define XCR0_X87 1ull

/* ---- its own timers ---- */

static void singleshot_fired(struct timer *t)
{
	event_channel_send_virq(container_of(t, struct vcpu, singleshot), VIRQ_TIMER);
}

/* What was missed while nobody looked is not made up for: one event, and the next at its due time. */
static void periodic_fired(struct timer *t)
{
	struct vcpu *v = container_of(t, struct vcpu, periodic);
	uint64_t period = read_once(v->periodic_ns), now = machine_now_ns();

	if (!period)
		return;
	event_channel_send_virq(v, VIRQ_TIMER);
	timer_set(t, t->at_ns + ((now - t->at_ns) / period + 1) * period);
}

static void poll_fired(struct timer *t)
{
	sched_wake(&container_of(t, struct vcpu, poll_timer)->sched);
}

static int timers_create(struct vcpu *v)
{
	unsigned cpu = v->sched.cpu;

	v->timers_cpu = cpu;
	if (timer_init(&v->singleshot, singleshot_fired, cpu) ||
	    timer_init(&v->periodic, periodic_fired, cpu) ||
	    timer_init(&v->poll_timer, poll_fired, cpu))
		return -ENOMEM;
	return vlapic_create(v);
}

static void timers_destroy(struct vcpu *v)
{
	timer_kill(&v->singleshot);
	timer_kill(&v->periodic);
	timer_kill(&v->poll_timer);
	vlapic_destroy(v);
}

/* A vcpu's timers follow it, so that their interrupts come where it runs. */
static void timers_follow(struct vcpu *v, unsigned cpu)
{
	if (likely(v->timers_cpu == cpu))
		return;
	v->timers_cpu = cpu;
	timer_move(&v->singleshot, cpu);
	timer_move(&v->periodic, cpu);
	timer_move(&v->poll_timer, cpu);
	vlapic_moved(v, cpu);
	atomic_fetch_or(&v->requests, VCPU_REQ_TIME);
}

/* ---- making ---- */

/* XSAVE wants 64 bytes of alignment; the heap aligns powers of two to their size. */
static void *fpu_area_alloc(void)
{
	size_t size = 64;

	while (size < machine_fpu_size())
		size *= 2;
	return heap_alloc(size);
}

/* Puts it in its slot; a paused domain (one that is being built is) gets it paused. */
static int slot_take(struct domain *d, struct vcpu *v)
{
	int err = 0;

	spin_lock(&d->lock);
	if (d->state != DOMAIN_BUILDING)
		err = -EINVAL;
	else if (d->vcpus[v->id])
		err = -EEXIST;
	if (!err) {
		if (d->pause_count)
			sched_pause(&v->sched);
		store_release(&d->vcpus[v->id], v);
	}
	spin_unlock(&d->lock);
	return err;
}

int vcpu_create(struct domain *d, uint32_t id, struct vcpu **out)
{
	struct vcpu *v;
	int err = -ENOMEM;

	if (id >= d->max_vcpus)
		return -EINVAL;
	v = heap_alloc(sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->domain = d;
	v->id = id;
	history_init(&v->history);
	v->sipi_vector = -1;
	v->requests = VCPU_REQ_TIME;
	sched_unit_init(&v->sched, v, &d->share);
	event_channels_vcpu_init(v);
	v->fpu_area = fpu_area_alloc();
	if (!v->fpu_area || timers_create(v))
		goto fail_timers;
	err = virt->vcpu_create(v);
	if (err)
		goto fail_timers;
	vcpu_reset(v, false);
	err = slot_take(d, v);
	if (err)
		goto fail_slot;
	cpupool_vcpu_enter(v);
	*out = v;
	return 0;

fail_slot:
	virt->vcpu_destroy(v);
fail_timers:
	timers_destroy(v);
	heap_free(v->fpu_area);
	heap_free(v);
	return err;
}

void vcpu_destroy(struct vcpu *v)
{
	struct domain *d = v->domain;

	sched_unit_destroy(&v->sched);
	timers_destroy(v);
	event_channels_vcpu_destroy(v);
	spin_lock(&d->lock);
	d->vcpus[v->id] = NULL;
	spin_unlock(&d->lock);
	virt->vcpu_destroy(v);
	heap_free(v->fpu_area);
	heap_free(v);
}

/* ---- reset ---- */

/* SDM table 9-1. INIT leaves FPU, XCR0 and most MSRs as they are. */
void vcpu_reset(struct vcpu *v, bool init)
{
	if (v != percpu()->current)
		sched_pause_wait(&v->sched);
	memset(&v->regs, 0, sizeof(v->regs));
	v->regs.rip = 0xfff0;
	v->regs.rflags = RFLAGS_MBS;
	v->regs.r[GPR_RDX] = v->domain->cpuid.basic[1].a;
	memset(v->dr, 0, sizeof(v->dr));
	v->event.type = EVENT_NONE;
	v->halted = false;
	v->nmi_masked_by_soft = false;
	v->fpu_stop = 0;
	atomic_fetch_and(&v->requests, ~(uint32_t)(VCPU_REQ_NMI | VCPU_REQ_WINDOW));
	guest_walk_cache_reset(&v->walk);
	virt->vcpu_reset(v);
	vlapic_reset(v, init);
	if (init) {
		/* The backend has reset them; a guest that writes the old value again would change nothing. */
		vcpu_msrs_apply(v);
		return;
	}
	v->xcr0 = XCR0_X87;
	machine_fpu_init(v->fpu_area);
	guest_msrs_reset(&v->msrs, false);
}

void vcpu_sipi(struct vcpu *v, uint8_t vector)
{
	struct segment cs = { .selector = (uint16_t)(vector << 8),
		              .attr = 0x09b,
		              .limit = 0xffff,
		              .base = (uint64_t)vector << 12 };

	virt->set_segment(v, SEG_CS, &cs);
	v->regs.rip = 0;
}

/* is_up and the unit change together: of an up and a down at one time, the later one counts for both. */
void vcpu_up_locked(struct vcpu *v)
{
	v->is_up = true;
	v->wait_for_sipi = false;
	sched_unit_start(&v->sched);
}

void vcpu_down_locked(struct vcpu *v)
{
	v->is_up = false;
	sched_unit_stop(&v->sched);
}

void vcpu_up(struct vcpu *v)
{
	spin_lock(&v->domain->lock);
	vcpu_up_locked(v);
	spin_unlock(&v->domain->lock);
}

void vcpu_down(struct vcpu *v)
{
	spin_lock(&v->domain->lock);
	vcpu_down_locked(v);
	spin_unlock(&v->domain->lock);
}

/* ---- on a CPU ---- */

void vcpu_switch(struct vcpu *from, struct vcpu *to)
{
	if (from) {
		virt->vcpu_unload(from);
		machine_fpu_save(from->fpu_area, from->xcr0);
	}
	if (to) {
		timers_follow(to, percpu()->cpu);
		machine_fpu_load(to->fpu_area, to->xcr0);
		virt->vcpu_load(to);
	}
}

void vcpu_scheduled(struct vcpu *v)
{
	if (v->time.runstate_registered)
		atomic_fetch_or(&v->requests, VCPU_REQ_TIME);
	if (unlikely(v->polling)) {
		write_once(v->polling, false);
		timer_cancel(&v->poll_timer);
	}
}

/* ---- for people ---- */

static void regs_dump(const struct guest_regs *g)
{
	static const char names[NR_GPRS][4] = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP",
		                                "RSI", "RDI", "R8",  "R9",  "R10", "R11",
		                                "R12", "R13", "R14", "R15" };

	for (unsigned i = 0; i < NR_GPRS; i += 4)
		log_info("    %3s %016llx %3s %016llx %3s %016llx %3s %016llx", names[i],
		         (unsigned long long)g->r[i], names[i + 1], (unsigned long long)g->r[i + 1],
		         names[i + 2], (unsigned long long)g->r[i + 2], names[i + 3],
		         (unsigned long long)g->r[i + 3]);
	log_info("    RIP %016llx RFLAGS %08llx", (unsigned long long)g->rip,
	         (unsigned long long)g->rflags);
}

void vcpu_dump(struct vcpu *v)
{
	static const char *const states[] = { "running", "runnable", "blocked", "offline" };

	log_info("  %s v%u: %s on CPU %u%s%s%s, pauses %u, requests %#x", v->domain->name, v->id,
	         states[v->sched.state], v->sched.cpu, v->is_up ? ", up" : ", down",
	         v->halted ? ", halted" : "", v->polling ? ", polling" : "", v->sched.pause_count,
	         v->requests);
	if (!domain_is_dying(v->domain))
		log_info("    upcall pending %u, masked %u", v->info[0], v->info[1]);
	log_info("    last exit %s", exit_kind_name(v->exit.kind));
	regs_dump(&v->regs);
	if (virt)
		virt->dump(v);
}
