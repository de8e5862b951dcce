/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HPET's registers and comparators. IA-PC HPET 1.0a, chapter 2. */
#include "vhpet.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "hvm_platform.h"
#include "string.h"

#define HPET_SIZE 0x400
/* Revision 1, three timers, 64 bits, legacy routes, Intel; and the period of a tick in femtoseconds */
#define ID        (0x8086a201ull | (uint64_t)HPET_TICK_NS * 1000000u << 32)
#define NEVER     UINT64_MAX
#define TICKS_MAX (1ull << 58) /* further away is never: so that nanoseconds do not overflow */
/*
 * A comparator that the counter has passed by so little was set too late by a guest that lost its CPU between reading one and writing the other: it matches at once, where the iron
 * would wait until the counter comes round. 1 ms
 */
#define PASSED_TICKS (1000000u / HPET_TICK_NS)

#define TIMER_SAVED(n)                                                      \
	SAVE_ONE(SAVE_U64, 1, struct vhpet, timers[n].config),              \
		SAVE_ONE(SAVE_U64, 1, struct vhpet, timers[n].comparator),  \
		SAVE_ONE(SAVE_U64, 1, struct vhpet, timers[n].period),      \
		SAVE_ONE(SAVE_U64, 1, struct vhpet, timers[n].due),         \
		SAVE_ONE(SAVE_U32, 1, struct vhpet, timers[n].tick.missed), \
		SAVE_ONE(SAVE_U32, 1, struct vhpet, timers[n].tick.backlog)

const struct save_field vhpet_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct vhpet, config),
	SAVE_ONE(SAVE_U64, 1, struct vhpet, status),
	SAVE_ONE(SAVE_U64, 1, struct vhpet, counter),
	TIMER_SAVED(0),
	TIMER_SAVED(1),
	TIMER_SAVED(2),
	SAVE_LAST,
};

static unsigned number_of(const struct vhpet *h, const struct vhpet_timer *t)
{
	return (unsigned)(t - h->timers);
}

static uint64_t ticks_now(const struct vhpet *h)
{
	return domain_now_ns(h->domain) / HPET_TICK_NS;
}

static bool is_enabled(const struct vhpet *h)
{
	return h->config & HPET_CONFIG_ENABLE;
}

static bool is_legacy(const struct vhpet *h)
{
	return (h->config & HPET_CONFIG_LEGACY) && is_enabled(h);
}

static uint64_t counter_at(const struct vhpet *h, uint64_t t)
{
	return is_enabled(h) ? h->counter + t : h->counter;
}

static uint64_t width_of(const struct vhpet_timer *t)
{
	return t->config & HPET_TIMER_32 ? UINT32_MAX : UINT64_MAX;
}

static bool is_periodic(const struct vhpet_timer *t)
{
	return (t->config & HPET_TIMER_PERIODIC) && t->period;
}

/* ---- interrupts; lock ---- */

/* Its line; IRQ_LINES: it has none. */
static unsigned line_of(const struct vhpet *h, const struct vhpet_timer *t)
{
	unsigned n = number_of(h, t), route = (t->config & HPET_TIMER_ROUTE) >> HPET_ROUTE_SHIFT;

	if (is_legacy(h) && n < 2)
		return n ? 8 : 0;
	return HPET_ROUTES >> route & 1 ? route : IRQ_LINES;
}

static bool interrupts(const struct vhpet *h, const struct vhpet_timer *t)
{
	return is_enabled(h) && (t->config & HPET_TIMER_ENABLE) && line_of(h, t) < IRQ_LINES;
}

/*
 * Level-triggered lines follow the status. Of the others an ISA interrupt stays high until the next edge, because the PICs forget one that goes low; a line that PCI devices
 * share is low but for a moment.
 */
static void line_follow(struct vhpet *h, struct vhpet_timer *t)
{
	unsigned n = number_of(h, t), line = line_of(h, t);
	bool by_level = t->config & HPET_TIMER_LEVEL;
	bool level = interrupts(h, t) && by_level && (h->status >> n & 1);

	if (!by_level && interrupts(h, t) && line < IRQ_ISA_LINES)
		return;
	irq_routing_source_set(h->domain, IRQ_SOURCE_HPET + n, line < IRQ_LINES ? line : 0, level);
}

static void interrupt_raise(struct vhpet *h, struct vhpet_timer *t)
{
	unsigned n = number_of(h, t);

	if (t->config & HPET_TIMER_LEVEL) {
		h->status |= 1ull << n;
		line_follow(h, t);
	} else if (interrupts(h, t)) {
		irq_routing_source_pulse(h->domain, IRQ_SOURCE_HPET + n, line_of(h, t));
		line_follow(h, t);
	}
}

static enum irq_line_state last_edge(struct vhpet *h, const struct vhpet_timer *t)
{
	enum irq_line_state s;

	if (!interrupts(h, t))
		return IRQ_LINE_DEAF;
	s = irq_routing_line_state(h->domain, line_of(h, t));
	if (s == IRQ_LINE_DEAF || !(t->config & HPET_TIMER_LEVEL))
		return s;
	return h->status >> number_of(h, t) & 1 ? IRQ_LINE_WAITS : IRQ_LINE_TAKEN;
}

/* ---- comparators; lock ---- */

static uint64_t period_ns(const struct vhpet_timer *t)
{
	return MIN(t->period, TICKS_MAX) * HPET_TICK_NS;
}

static void timer_arm(struct vhpet *h, struct vhpet_timer *t)
{
	uint64_t at = t->due;

	/* An edge that would interrupt nobody is not waited for: it is found at the next look. */
	if (at == NEVER || !(t->config & (HPET_TIMER_ENABLE | HPET_TIMER_LEVEL))) {
		timer_cancel(&t->timer);
		return;
	}
	at *= HPET_TICK_NS;
	if (is_periodic(t))
		at = vtick_next(&t->tick, domain_now_ns(h->domain), at, period_ns(t));
	timer_set(&t->timer, at + h->domain->time_offset_ns);
}

/* When it matches, as it stands now. */
static void due_find(struct vhpet *h, struct vhpet_timer *t, uint64_t now)
{
	uint64_t ahead, counter = counter_at(h, now);

	t->due = NEVER;
	if (!is_enabled(h))
		return;
	ahead = (t->comparator - counter) & width_of(t);
	if (ahead > width_of(t) - PASSED_TICKS)
		ahead = 0;
	if (ahead < TICKS_MAX)
		t->due = now + ahead;
}

static void timer_changed(struct vhpet *h, struct vhpet_timer *t, uint64_t now)
{
	vtick_reset(&t->tick, h->domain);
	due_find(h, t, now);
	line_follow(h, t);
	timer_arm(h, t);
}

/* It has matched: how often, and when it does again. */
static uint64_t match(const struct vhpet *h, struct vhpet_timer *t, uint64_t now)
{
	uint64_t n = 1, counter = counter_at(h, now), mask = width_of(t);

	if (now < t->due)
		return 0;
	if (is_periodic(t)) {
		n += ((counter - t->comparator) & mask) / t->period;
		t->comparator = (t->comparator + n * t->period) & mask;
		t->due = ((t->comparator - counter) & mask);
		t->due = t->due < TICKS_MAX ? now + t->due : NEVER;
	} else if (t->config & HPET_TIMER_32) {
		/* the counter comes round */
		t->due += ((now - t->due) / (1ull << 32) + 1) << 32;
	} else {
		t->due = NEVER;
	}
	return n;
}

static void timer_advance(struct vhpet *h, struct vhpet_timer *t, uint64_t now)
{
	bool periodic = is_periodic(t);
	uint64_t n = match(h, t, now);

	if (!n && !t->tick.backlog)
		return;
	if (!periodic || vtick_due(&t->tick, h->domain, n, last_edge(h, t), period_ns(t)))
		interrupt_raise(h, t);
}

static uint64_t advance(struct vhpet *h)
{
	uint64_t now = ticks_now(h);

	for (unsigned i = 0; i < HPET_TIMERS && is_enabled(h); i++)
		timer_advance(h, &h->timers[i], now);
	return now;
}

static void timer_fired(struct vhpet *h, struct vhpet_timer *t)
{
	spin_lock(&h->lock);
	(void)advance(h);
	timer_arm(h, t);
	spin_unlock(&h->lock);
}

#define FIRED(n)                                                                      \
	static void timer_fired_##n(struct timer *timer)                              \
	{                                                                             \
		struct vhpet *h = container_of(timer, struct vhpet, timers[n].timer); \
                                                                                      \
		timer_fired(h, &h->timers[n]);                                        \
	}
FIRED(0)
FIRED(1)
FIRED(2)

/* ---- registers; lock, all is up to date ---- */

static uint64_t timer_read(const struct vhpet_timer *t, unsigned offset)
{
	switch (offset) {
	case 0:
		return t->config | HPET_TIMER_CAN_PERIODIC | HPET_TIMER_CAN_64 |
		       (uint64_t)HPET_ROUTES << 32;
	case HPET_TIMER_COMPARATOR: return t->comparator;
	default: return 0;
	}
}

static uint64_t register_read(const struct vhpet *h, unsigned offset, uint64_t now)
{
	unsigned n = (offset - HPET_REG_TIMER(0)) / 0x20;

	switch (offset) {
	case HPET_REG_ID: return ID;
	case HPET_REG_CONFIG: return h->config;
	case HPET_REG_STATUS: return h->status;
	case HPET_REG_COUNTER: return counter_at(h, now);
	}
	if (offset < HPET_REG_TIMER(0) || n >= HPET_TIMERS)
		return 0;
	return timer_read(&h->timers[n], offset & 0x1f);
}

static void config_write(struct vhpet *h, uint64_t v, uint64_t now)
{
	bool was_legacy = is_legacy(h);
	uint64_t counter = counter_at(h, now);
	struct hvm_platform *p = h->domain->platform;

	h->config = v & (HPET_CONFIG_ENABLE | HPET_CONFIG_LEGACY);
	h->counter = is_enabled(h) ? counter - now : counter;
	/* Who leaves the lines goes first. */
	if (!was_legacy && is_legacy(h)) {
		if (p->pit)
			vpit_cut_off(p->pit, true);
		if (p->rtc)
			vrtc_cut_off(p->rtc, true);
	}
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		timer_changed(h, &h->timers[i], now);
	if (was_legacy && !is_legacy(h)) {
		if (p->pit)
			vpit_cut_off(p->pit, false);
		if (p->rtc)
			vrtc_cut_off(p->rtc, false);
	}
}

static void status_write(struct vhpet *h, uint64_t clear)
{
	h->status &= ~clear;
	for (unsigned i = 0; i < HPET_TIMERS; i++) {
		if (!(clear >> i & 1))
			continue;
		h->timers[i].tick.waits = false;
		line_follow(h, &h->timers[i]);
		timer_arm(h, &h->timers[i]);
	}
}

static void counter_write(struct vhpet *h, uint64_t v, uint64_t mask, uint64_t now)
{
	uint64_t counter = (counter_at(h, now) & ~mask) | (v & mask);

	h->counter = is_enabled(h) ? counter - now : counter;
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		timer_changed(h, &h->timers[i], now);
}

/* A route that the timer has not got is not taken: that is how software finds out. */
static void timer_config_write(struct vhpet *h, struct vhpet_timer *t, uint64_t v, uint64_t now)
{
	unsigned route = (v & HPET_TIMER_ROUTE) >> HPET_ROUTE_SHIFT;
	uint64_t routed = HPET_ROUTES >> route & 1 ? v : t->config;

	t->config = (v & HPET_TIMER_WRITABLE) | (routed & HPET_TIMER_ROUTE);
	if (!(t->config & HPET_TIMER_LEVEL))
		h->status &= ~(1ull << number_of(h, t));
	t->comparator &= width_of(t);
	t->period &= width_of(t);
	timer_changed(h, t, now);
}

/*
 * Of a periodic timer a write is the period, and with the set bit, which it takes back, the comparator too (2.3.9.2.2). The upper half alone leaves the bit for the lower.
 */
static void comparator_write(struct vhpet *h, struct vhpet_timer *t, uint64_t v, uint64_t mask,
                             uint64_t now)
{
	mask &= width_of(t);
	if (!(t->config & HPET_TIMER_PERIODIC) || (t->config & HPET_TIMER_SET))
		t->comparator = (t->comparator & ~mask) | (v & mask);
	if (t->config & HPET_TIMER_PERIODIC)
		t->period = (t->period & ~mask) | (v & mask);
	if (mask & UINT32_MAX)
		t->config &= ~(uint64_t)HPET_TIMER_SET;
	timer_changed(h, t, now);
}

static void register_write(struct vhpet *h, unsigned offset, uint64_t v, uint64_t mask,
                           uint64_t now)
{
	unsigned n = (offset - HPET_REG_TIMER(0)) / 0x20;
	uint64_t whole = (register_read(h, offset, now) & ~mask) | (v & mask);

	switch (offset) {
	case HPET_REG_CONFIG: config_write(h, whole, now); return;
	case HPET_REG_STATUS: status_write(h, v & mask); return;
	case HPET_REG_COUNTER: counter_write(h, v, mask, now); return;
	}
	if (offset < HPET_REG_TIMER(0) || n >= HPET_TIMERS)
		return;
	if ((offset & 0x1f) == 0)
		timer_config_write(h, &h->timers[n], whole, now);
	else if ((offset & 0x1f) == HPET_TIMER_COMPARATOR)
		comparator_write(h, &h->timers[n], v, mask, now);
}

uint64_t vhpet_read(struct vhpet *h, unsigned offset)
{
	uint64_t v;

	spin_lock(&h->lock);
	v = register_read(h, offset, advance(h));
	spin_unlock(&h->lock);
	return v;
}

void vhpet_write(struct vhpet *h, unsigned offset, uint64_t value, uint64_t mask)
{
	spin_lock(&h->lock);
	register_write(h, offset, value, mask, advance(h));
	spin_unlock(&h->lock);
}

static enum io_result hpet_access(struct io_region *r, struct io_access *a)
{
	struct vhpet *h = container_of(r, struct vhpet, region);
	unsigned offset = (unsigned)a->addr & ~7u, shift = a->addr & 4 ? 32 : 0;
	uint64_t mask = a->size == 8 ? UINT64_MAX : (uint64_t)UINT32_MAX << shift;

	if (!read_once(h->domain->hvm_params.value[HVM_PARAM_HPET_ENABLED]))
		return IO_UNCLAIMED;
	if (a->is_write)
		vhpet_write(h, offset, a->value << shift, mask);
	else
		a->value = vhpet_read(h, offset) >> shift;
	return IO_DONE;
}

/* ---- life ---- */

static void registers_reset(struct vhpet *h)
{
	h->config = h->status = h->counter = 0;
	for (unsigned i = 0; i < HPET_TIMERS; i++) {
		struct vhpet_timer *t = &h->timers[i];

		t->config = t->period = 0;
		t->comparator = UINT64_MAX;
		t->due = NEVER;
	}
}

/* The PIT and the RTC are reset by themselves, and have their lines back then. */
void vhpet_reset(struct vhpet *h)
{
	spin_lock(&h->lock);
	registers_reset(h);
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		timer_changed(h, &h->timers[i], 0);
	spin_unlock(&h->lock);
}

void vhpet_stop(struct vhpet *h)
{
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		timer_kill(&h->timers[i].timer);
}

int vhpet_create(struct domain *d, struct vhpet **out)
{
	static void (*const fired[HPET_TIMERS])(struct timer * t) = { timer_fired_0, timer_fired_1,
		                                                      timer_fired_2 };
	struct vhpet *h = heap_alloc(sizeof(*h));
	int err = 0;

	if (!h)
		return -ENOMEM;
	spin_init(&h->lock);
	h->domain = d;
	h->region = (struct io_region){ "HPET", HPET_BASE, HPET_SIZE, 4, 8, hpet_access };
	registers_reset(h);
	for (unsigned i = 0; i < HPET_TIMERS && !err; i++)
		err = timer_init(&h->timers[i].timer, fired[i], percpu()->cpu);
	err = err ? err : iobus_claim(&d->mmio, &h->region);
	if (err) {
		vhpet_stop(h);
		heap_free(h);
		return err;
	}
	*out = h;
	return 0;
}

void vhpet_destroy(struct vhpet *h)
{
	iobus_release(&h->domain->mmio, &h->region);
	vhpet_stop(h);
	heap_free(h);
}

/* ---- saved and restored ---- */

void vhpet_save(struct vhpet *h, struct vhpet *out)
{
	spin_lock(&h->lock);
	save_copy(vhpet_saved, out, h);
	spin_unlock(&h->lock);
}

static bool timer_valid(const struct vhpet *in, const struct vhpet_timer *t, uint64_t now)
{
	unsigned route = (t->config & HPET_TIMER_ROUTE) >> HPET_ROUTE_SHIFT;

	if (t->config & ~(uint64_t)(HPET_TIMER_WRITABLE | HPET_TIMER_ROUTE))
		return false;
	if (route && !(HPET_ROUTES >> route & 1))
		return false;
	if ((t->comparator | t->period) & ~width_of(t))
		return false;
	return t->due == NEVER || (is_enabled(in) && t->due <= now + TICKS_MAX);
}

static bool state_valid(const struct vhpet *in, uint64_t now)
{
	if ((in->config & ~(uint64_t)(HPET_CONFIG_ENABLE | HPET_CONFIG_LEGACY)) ||
	    in->status >> HPET_TIMERS)
		return false;
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		if (!timer_valid(in, &in->timers[i], now))
			return false;
	return true;
}

int vhpet_restore(struct vhpet *h, const struct vhpet *in)
{
	bool good;

	spin_lock(&h->lock);
	good = state_valid(in, ticks_now(h));
	if (good) {
		save_copy(vhpet_saved, h, in);
		for (unsigned i = 0; i < HPET_TIMERS; i++)
			timer_arm(h, &h->timers[i]);
	}
	spin_unlock(&h->lock);
	return good ? 0 : -EINVAL;
}

int vhpet_load(struct vhpet *h, const struct vhpet *in)
{
	uint64_t now, config = in->config;
	bool good;

	spin_lock(&h->lock);
	now = ticks_now(h);
	config_write(h, 0, now);
	good = state_valid(in, now);
	if (good) {
		save_copy(vhpet_saved, h, in);
		h->config = 0;
		config_write(h, config, now);
	}
	spin_unlock(&h->lock);
	return good ? 0 : -EINVAL;
}
