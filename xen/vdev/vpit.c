/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interval timer's ports, port 0x61, and channel 0's interrupt. Intel 231244-006; port 0x61 as the PIIX3 has it (290550, 2.5.5.1). */
#include "vpit.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "hvm_platform.h"
#include "string.h"

#define PIT_PORT    0x40
#define PORT_61     0x61
#define CONTROL     3
#define READ_BACK   3
#define NO_COUNT    0x20
#define NO_STATUS   0x10
#define STATUS_OUT  0x80
#define STATUS_NULL 0x40

#define P61_GATE          0x01
#define P61_WRITABLE      0x0f
#define P61_REFRESH       0x10
#define P61_OUT           0x20
#define REFRESH_CLOCKS    18 /* about 15 us: the bit changes with each refresh of memory */
#define SPEAKER_CHANNEL   2
#define INTERRUPT_CHANNEL 0

#define CHANNEL_SAVED(n)                                                        \
	SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].mode),                     \
		SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].access),           \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].bcd),            \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].gate),           \
		SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].state),            \
		SAVE_ONE(SAVE_U32, 1, struct vpit, channel[n].count),           \
		SAVE_ONE(SAVE_U32, 1, struct vpit, channel[n].element),         \
		SAVE_ONE(SAVE_U64, 1, struct vpit, channel[n].start),           \
		SAVE_ONE(SAVE_U64, 1, struct vpit, channel[n].elapsed),         \
		SAVE_ONE(SAVE_U32, 1, struct vpit, channel[n].next_count),      \
		SAVE_ONE(SAVE_U64, 1, struct vpit, channel[n].next_at),         \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].next_low),       \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].write_high),     \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].read_high),      \
		SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].write_low),        \
		SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].latched),          \
		SAVE_ONE(SAVE_U16, 1, struct vpit, channel[n].latch),           \
		SAVE_ONE(SAVE_BOOL, 1, struct vpit, channel[n].status_latched), \
		SAVE_ONE(SAVE_U8, 1, struct vpit, channel[n].status)

const struct save_field vpit_saved[] = {
	CHANNEL_SAVED(0),
	CHANNEL_SAVED(1),
	CHANNEL_SAVED(2),
	SAVE_ONE(SAVE_U8, 1, struct vpit, control),
	SAVE_ONE(SAVE_U64, 1, struct vpit, seen),
	SAVE_ONE(SAVE_BOOL, 1, struct vpit, is_cut_off),
	SAVE_ONE(SAVE_U32, 1, struct vpit, tick.missed),
	SAVE_ONE(SAVE_U32, 1, struct vpit, tick.backlog),
	SAVE_LAST,
};

static uint64_t clock_now(const struct vpit *p)
{
	return time_to_counts(domain_now_ns(p->domain), PIT_HZ);
}

/* ---- channel 0's interrupt; lock ---- */

/* A wire that is high all the time but for the moment before an edge is what an edge-triggered input needs of a square wave. */
static void interrupt_follow(struct vpit *p, uint64_t t)
{
	const struct vpit_channel *c = &p->channel[INTERRUPT_CHANNEL];
	bool level = !p->is_cut_off && (vpit_channel_period(c) || vpit_channel_out(c, t));

	irq_routing_source_set(p->domain, IRQ_SOURCE_PIT, 0, level);
}

static uint64_t period_ns(const struct vpit *p)
{
	return counts_to_time(vpit_channel_period(&p->channel[INTERRUPT_CHANNEL]), PIT_HZ);
}

static enum irq_line_state last_edge(struct vpit *p)
{
	return irq_routing_line_state(p->domain, 0);
}

static void timer_arm(struct vpit *p, uint64_t t)
{
	const struct vpit_channel *c = &p->channel[INTERRUPT_CHANNEL];
	uint64_t next = vpit_channel_next(c, t), at, offset = p->domain->time_offset_ns;

	if (p->is_cut_off || next == UINT64_MAX) {
		timer_cancel(&p->timer);
		return;
	}
	at = counts_to_time(next, PIT_HZ);
	if (vpit_channel_period(c))
		at = vtick_next(&p->tick, domain_now_ns(p->domain), at, period_ns(p));
	timer_set(&p->timer, at + offset);
}

static void edges_raise(struct vpit *p, uint64_t n)
{
	if (p->is_cut_off)
		return;
	if (!vpit_channel_period(&p->channel[INTERRUPT_CHANNEL])) {
		if (n)
			irq_routing_source_pulse(p->domain, IRQ_SOURCE_PIT, 0);
		return;
	}
	if (!n && !p->tick.backlog)
		return;
	if (vtick_due(&p->tick, p->domain, n, last_edge(p), period_ns(p)))
		irq_routing_source_pulse(p->domain, IRQ_SOURCE_PIT, 0);
}

/* All that happened up to t. */
static void advance(struct vpit *p, uint64_t t)
{
	struct vpit_channel *c = &p->channel[INTERRUPT_CHANNEL];
	uint64_t n = 0, from = p->seen;

	if (c->next_count && c->state == PIT_RUNNING && vpit_channel_period(c) && t >= c->next_at) {
		n = vpit_channel_edges(c, from, c->next_at);
		from = MAX(from, c->next_at);
	}
	for (unsigned i = 0; i < PIT_CHANNELS; i++)
		vpit_channel_advance(&p->channel[i], t);
	n += vpit_channel_edges(c, from, t);
	p->seen = t;
	edges_raise(p, n);
}

static void timer_fired(struct timer *timer)
{
	struct vpit *p = container_of(timer, struct vpit, timer);
	uint64_t t;

	spin_lock(&p->lock);
	t = clock_now(p);
	advance(p, t);
	timer_arm(p, t);
	spin_unlock(&p->lock);
}

/* The guest has changed channel 0. */
static void channel_changed(struct vpit *p, unsigned channel, uint64_t t)
{
	if (channel != INTERRUPT_CHANNEL)
		return;
	vtick_reset(&p->tick, p->domain);
	interrupt_follow(p, t);
	timer_arm(p, t);
}

void vpit_cut_off(struct vpit *p, bool cut_off)
{
	uint64_t t;

	spin_lock(&p->lock);
	if (p->is_cut_off != cut_off) {
		t = clock_now(p);
		advance(p, t);
		p->is_cut_off = cut_off;
		channel_changed(p, INTERRUPT_CHANNEL, t);
	}
	spin_unlock(&p->lock);
}

/* ---- ports 0x40 to 0x43; lock ---- */

static void latch_count(struct vpit_channel *c, uint64_t t)
{
	if (c->latched)
		return;
	c->latch = vpit_channel_value(c, t);
	c->latched = c->access == 3 ? 2 : 1;
}

static void latch_status(struct vpit_channel *c, uint64_t t)
{
	if (c->status_latched)
		return;
	c->status = (uint8_t)((vpit_channel_out(c, t) ? STATUS_OUT : 0) |
	                      (vpit_channel_is_null(c, t) ? STATUS_NULL : 0) | c->access << 4 |
	                      c->mode << 1 | c->bcd);
	c->status_latched = true;
}

static void read_back(struct vpit *p, uint8_t word, uint64_t t)
{
	for (unsigned i = 0; i < PIT_CHANNELS; i++) {
		if (!(word >> (i + 1) & 1))
			continue;
		if (!(word & NO_COUNT))
			latch_count(&p->channel[i], t);
		if (!(word & NO_STATUS))
			latch_status(&p->channel[i], t);
	}
}

static void control_write(struct vpit *p, uint8_t word, uint64_t t)
{
	unsigned channel = word >> 6;

	if (channel == READ_BACK) {
		read_back(p, word, t);
	} else if (!(word & 0x30)) {
		latch_count(&p->channel[channel], t);
	} else {
		vpit_channel_control(&p->channel[channel], word, t);
		channel_changed(p, channel, t);
	}
}

static void count_write(struct vpit *p, unsigned channel, uint8_t v, uint64_t t)
{
	struct vpit_channel *c = &p->channel[channel];

	if (c->access == 3 && !c->write_high) {
		c->write_low = v;
		c->write_high = true;
		vpit_channel_half_written(c, t);
	} else {
		uint16_t whole = c->access == 1 ? v : (uint16_t)(v << 8);

		if (c->access == 3)
			whole |= c->write_low;
		c->write_high = false;
		vpit_channel_count(c, whole, t);
	}
	channel_changed(p, channel, t);
}

static uint8_t count_read(struct vpit_channel *c, uint64_t t)
{
	uint16_t value = vpit_channel_value(c, t);
	bool high = c->access == 2;

	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	if (c->access == 3) {
		high = c->read_high;
		c->read_high = !high;
	}
	if (c->latched) {
		value = c->latch;
		c->latched--;
	}
	return (uint8_t)(high ? value >> 8 : value);
}

static enum io_result pit_access(struct io_region *r, struct io_access *a)
{
	struct vpit *p = container_of(r, struct vpit, ports);
	uint64_t t;

	spin_lock(&p->lock);
	t = clock_now(p);
	advance(p, t);
	if (a->is_write && a->addr == CONTROL)
		control_write(p, (uint8_t)a->value, t);
	else if (a->is_write)
		count_write(p, (unsigned)a->addr, (uint8_t)a->value, t);
	else
		a->value = a->addr == CONTROL ? 0xff : count_read(&p->channel[a->addr], t);
	spin_unlock(&p->lock);
	return IO_DONE;
}

/* ---- port 0x61 ---- */

static enum io_result port_61_access(struct io_region *r, struct io_access *a)
{
	struct vpit *p = container_of(r, struct vpit, port_61);
	struct vpit_channel *c = &p->channel[SPEAKER_CHANNEL];
	uint64_t t;

	spin_lock(&p->lock);
	t = clock_now(p);
	advance(p, t);
	if (a->is_write) {
		p->control = a->value & P61_WRITABLE;
		vpit_channel_gate(c, p->control & P61_GATE, t);
	} else {
		a->value = p->control | (t / REFRESH_CLOCKS & 1 ? P61_REFRESH : 0) |
		           (vpit_channel_out(c, t) ? P61_OUT : 0);
	}
	spin_unlock(&p->lock);
	return IO_DONE;
}

/* ---- life ---- */

/* After power-on the chip is in no defined state: all channels wait for their control words. */
static void channels_reset(struct vpit *p)
{
	memset(p->channel, 0, sizeof(p->channel));
	for (unsigned i = 0; i < PIT_CHANNELS; i++) {
		p->channel[i].access = 3;
		p->channel[i].gate = i != SPEAKER_CHANNEL;
	}
	p->control = 0;
}

void vpit_reset(struct vpit *p)
{
	spin_lock(&p->lock);
	channels_reset(p);
	p->is_cut_off = false;
	p->seen = clock_now(p);
	channel_changed(p, INTERRUPT_CHANNEL, p->seen);
	spin_unlock(&p->lock);
}

int vpit_create(struct domain *d, struct vpit **out)
{
	struct vpit *p = heap_alloc(sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	spin_init(&p->lock);
	p->domain = d;
	p->ports = (struct io_region){ "PIT", PIT_PORT, 4, 1, 1, pit_access };
	p->port_61 = (struct io_region){ "port 61", PORT_61, 1, 1, 1, port_61_access };
	channels_reset(p);
	err = timer_init(&p->timer, timer_fired, percpu()->cpu);
	err = err ? err : iobus_claim(&d->pio, &p->ports);
	if (!err) {
		err = iobus_claim(&d->pio, &p->port_61);
		if (err)
			iobus_release(&d->pio, &p->ports);
	}
	if (err) {
		timer_kill(&p->timer);
		heap_free(p);
		return err;
	}
	*out = p;
	return 0;
}

void vpit_stop(struct vpit *p)
{
	timer_kill(&p->timer);
}

void vpit_destroy(struct vpit *p)
{
	iobus_release(&p->domain->pio, &p->ports);
	iobus_release(&p->domain->pio, &p->port_61);
	timer_kill(&p->timer);
	heap_free(p);
}

/* ---- saved and restored ---- */

void vpit_save(struct vpit *p, struct vpit *out)
{
	spin_lock(&p->lock);
	save_copy(vpit_saved, out, p);
	spin_unlock(&p->lock);
}

static bool channel_valid(const struct vpit_channel *c, uint64_t now)
{
	uint32_t least = c->mode == 2 || c->mode == 3 ? 2 : 1;

	if (c->mode > 5 || c->access < 1 || c->access > 3 || c->state > PIT_HELD || c->latched > 2)
		return false;
	if (c->count > 65536 || c->next_count > 65536 || c->element > 65536)
		return false;
	if (c->state != PIT_IDLE && c->count < least)
		return false;
	if ((c->count && c->count < least) || (c->next_count && c->next_count < least))
		return false;
	/* far enough from the ends of time that nothing overflows; clocks may differ by a little */
	return c->start <= now + PIT_HZ && c->elapsed <= now + 1 && c->next_at <= now + 2 * 65536;
}

int vpit_restore(struct vpit *p, const struct vpit *in)
{
	uint64_t now;
	int err = 0;

	spin_lock(&p->lock);
	now = clock_now(p);
	for (unsigned i = 0; i < PIT_CHANNELS; i++)
		if (!channel_valid(&in->channel[i], now) ||
		    in->channel[i].gate != (i != SPEAKER_CHANNEL || (in->control & P61_GATE)))
			err = -EINVAL;
	if (in->control & ~P61_WRITABLE)
		err = -EINVAL;
	if (!err) {
		save_copy(vpit_saved, p, in);
		p->seen = MIN(p->seen, now);
		timer_arm(p, now);
	}
	spin_unlock(&p->lock);
	return err;
}
