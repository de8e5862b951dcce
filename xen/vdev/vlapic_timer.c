// SPDX-License-Identifier: GPL-2.0-or-later
/* The APIC timer: one-shot, periodic and TSC deadline. SDM 10.5.4. */
#include "vlapic_registers.h"

/* The bus clock that guests measure: 100 MHz. */
#define BUS_NS 10ull
/* A periodic timer fires at most this often; ticks in between are merged, as a masked CPU would merge them. */
#define PERIOD_MIN_NS 50000ull
/* Deadlines are waited for in spans of this many ticks at most: further ahead the conversion to nanoseconds would overflow on slow counters. */
#define DEADLINE_MAX_TICKS (1ull << 50)

/* SDM 10.5.4, figure 10-10: bits 3, 1, 0. */
unsigned vlapic_timer_divisor(const struct vlapic *l)
{
	unsigned code = (l->timer_divide & 3) | (l->timer_divide >> 1 & 4);

	return code == 7 ? 1 : 2u << code;
}

uint64_t vlapic_timer_tick_ns(const struct vlapic *l)
{
	return BUS_NS * vlapic_timer_divisor(l);
}

static void timer_fire(struct timer *t)
{
	struct vlapic *l = container_of(t, struct vlapic, timer);
	uint32_t lvt = l->lvt[LVT_TIMER];
	uint64_t now = machine_now_ns(), period;

	if (l->deadline_cut && LVT_TIMER_MODE(lvt) == TIMER_TSC_DEADLINE) {
		vlapic_timer_deadline(l, l->tsc_deadline);
		return;
	}
	switch (LVT_TIMER_MODE(lvt)) {
	case TIMER_PERIODIC:
		period = MAX(l->timer_initial * vlapic_timer_tick_ns(l), PERIOD_MIN_NS);
		/* Ticks that were slept through are merged into this one. */
		timer_set(t, now + period - (now - l->timer_start_ns) % period);
		break;
	case TIMER_TSC_DEADLINE: l->tsc_deadline = 0; /* fallthrough */
	default: l->timer_armed = false;
	}
	if (!(lvt & LVT_MASKED) && vlapic_enabled(l))
		vlapic_set_irq(l, (uint8_t)lvt, false);
}

int vlapic_timer_create(struct vlapic *l)
{
	return timer_init(&l->timer, timer_fire, l->vcpu->sched.cpu);
}

void vlapic_timer_stop(struct vlapic *l)
{
	timer_cancel(&l->timer);
	l->timer_armed = false;
}

void vlapic_timer_start(struct vlapic *l, uint32_t initial)
{
	uint64_t span;

	if (LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_TSC_DEADLINE)
		return;
	vlapic_timer_stop(l);
	l->timer_initial = initial;
	l->timer_start_ns = machine_now_ns();
	if (!initial)
		return;
	span = initial * vlapic_timer_tick_ns(l);
	if (LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_PERIODIC)
		span = MAX(span, PERIOD_MIN_NS);
	l->timer_armed = true;
	timer_set(&l->timer, l->timer_start_ns + span);
}

uint32_t vlapic_timer_current(const struct vlapic *l)
{
	uint64_t elapsed;

	if (!l->timer_initial || LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_TSC_DEADLINE)
		return 0;
	elapsed = (machine_now_ns() - l->timer_start_ns) / vlapic_timer_tick_ns(l);
	if (LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_PERIODIC)
		return l->timer_initial - (uint32_t)(elapsed % l->timer_initial);
	return elapsed >= l->timer_initial ? 0 : l->timer_initial - (uint32_t)elapsed;
}

void vlapic_timer_lvt_changed(struct vlapic *l, uint32_t old)
{
	uint32_t now = LVT_TIMER_MODE(l->lvt[LVT_TIMER]), before = LVT_TIMER_MODE(old);

	if (now == before)
		return;
	if (now == TIMER_TSC_DEADLINE || before == TIMER_TSC_DEADLINE) {
		vlapic_timer_stop(l);
		l->timer_initial = 0;
		l->tsc_deadline = 0;
	} else if (now == TIMER_PERIODIC && !l->timer_armed && l->timer_initial) {
		vlapic_timer_start(l, l->timer_initial);
	}
}

/* The count in progress goes on at the new speed from where it is. */
void vlapic_timer_divide_changed(struct vlapic *l, uint32_t value)
{
	uint32_t left = vlapic_timer_current(l), initial = l->timer_initial;
	uint64_t done;

	l->timer_divide = value & 0xb;
	if (!l->timer_armed || !left)
		return;
	done = (uint64_t)(initial - left) * vlapic_timer_tick_ns(l);
	l->timer_start_ns = machine_now_ns() - done;
	timer_set(&l->timer, machine_now_ns() + left * vlapic_timer_tick_ns(l));
}

void vlapic_timer_deadline(struct vlapic *l, uint64_t tsc)
{
	uint64_t host, now, left;

	if (LVT_TIMER_MODE(l->lvt[LVT_TIMER]) != TIMER_TSC_DEADLINE)
		return;
	l->tsc_deadline = tsc;
	if (!tsc) {
		vlapic_timer_stop(l);
		return;
	}
	l->timer_armed = true;
	/* Both sides of the comparison are the guest's counter, which began anywhere. */
	host = machine_tsc();
	now = host + l->vcpu->tsc_offset;
	left = tsc > now ? tsc - now : 0;
	l->deadline_cut = left > DEADLINE_MAX_TICKS;
	left = MIN(left, DEADLINE_MAX_TICKS);
	timer_set(&l->timer, machine_tsc_to_ns(host + left));
}

void vlapic_timer_resume(struct vlapic *l)
{
	uint64_t span = l->timer_initial * vlapic_timer_tick_ns(l), now = machine_now_ns();

	switch (LVT_TIMER_MODE(l->lvt[LVT_TIMER])) {
	case TIMER_TSC_DEADLINE: vlapic_timer_deadline(l, l->tsc_deadline); break;
	case TIMER_PERIODIC:
		span = MAX(span, PERIOD_MIN_NS);
		timer_set(&l->timer, now + span - (now - l->timer_start_ns) % span);
		break;
	default: timer_set(&l->timer, l->timer_start_ns + span);
	}
}

void vlapic_timer_deadline_again(struct vcpu *v)
{
	vlapic_timer_deadline(&v->lapic, v->lapic.tsc_deadline);
}

void vlapic_moved(struct vcpu *v, unsigned cpu)
{
	timer_move(&v->lapic.timer, cpu);
}
