/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's interrupt: causes and their mask, the throttle, causes that wait for more of their kind (SDM 13.4.17 to 13.4.21, 3.2.7, 3.4.3.1). */
#include "e1000_state.h"

#define ITR_UNIT_NS   256
#define DELAY_UNIT_NS 1024

static struct device_clock *clock_of(struct e1000 *s)
{
	return s->device->ports->clock;
}

static void line_set(struct e1000 *s, bool level)
{
	if (level != s->line)
		pci_function_intx(&s->function, level);
	s->line = level;
}

/* Between one interrupt and the next pass ITR units at least. */
void e1000_interrupt_update(struct e1000 *s)
{
	uint64_t now;

	if (!(*e1000_reg(s, ICR) & *e1000_reg(s, IMS))) {
		line_set(s, false);
		return;
	}
	if (s->line)
		return;
	now = e1000_now(s);
	if (now < s->quiet_until) {
		if (!s->throttle.armed)
			clock_of(s)->arm(clock_of(s), &s->throttle, s->quiet_until);
		return;
	}
	s->quiet_until = now + (uint64_t)*e1000_reg(s, ITR) * ITR_UNIT_NS;
	line_set(s, true);
}

static void throttle_elapsed(struct device_timer *t)
{
	e1000_interrupt_update(container_of(t, struct e1000, throttle));
}

void e1000_cause(struct e1000 *s, uint32_t causes)
{
	*e1000_reg(s, ICR) |= causes;
	e1000_interrupt_update(s);
}

/* ---- causes that wait ---- */

static uint64_t delay_end(const struct e1000_delay *d)
{
	return d->absolute_at ? MIN(d->packet_at, d->absolute_at) : d->packet_at;
}

void e1000_delay_begin(struct e1000 *s, struct e1000_delay *d, uint32_t packet, uint32_t absolute)
{
	uint64_t now = e1000_now(s);

	d->packet_at = now + (uint64_t)packet * DELAY_UNIT_NS;
	if (absolute && !d->absolute_at)
		d->absolute_at = now + (uint64_t)absolute * DELAY_UNIT_NS;
	if (!d->timer.armed || d->timer.at_ns > delay_end(d))
		clock_of(s)->arm(clock_of(s), &d->timer, delay_end(d));
}

void e1000_delay_flush(struct e1000 *s, struct e1000_delay *d)
{
	if (!d->packet_at)
		return;
	d->packet_at = d->absolute_at = 0;
	e1000_cause(s, d == &s->rx_delay ? INT_RXT0 : INT_TXDW);
}

/* The timer does not move with each packet: when it is too early it goes on. */
static void delay_elapsed(struct e1000 *s, struct e1000_delay *d)
{
	if (!d->packet_at)
		return;
	if (e1000_now(s) < delay_end(d))
		clock_of(s)->arm(clock_of(s), &d->timer, delay_end(d));
	else
		e1000_delay_flush(s, d);
}

static void rx_delay_elapsed(struct device_timer *t)
{
	struct e1000 *s = container_of(t, struct e1000, rx_delay.timer);

	delay_elapsed(s, &s->rx_delay);
}

static void tx_delay_elapsed(struct device_timer *t)
{
	struct e1000 *s = container_of(t, struct e1000, tx_delay.timer);

	delay_elapsed(s, &s->tx_delay);
}

void e1000_interrupt_init(struct e1000 *s)
{
	s->throttle.fn = throttle_elapsed;
	s->rx_delay.timer.fn = rx_delay_elapsed;
	s->tx_delay.timer.fn = tx_delay_elapsed;
}

void e1000_interrupt_reset(struct e1000 *s)
{
	struct device_clock *c = clock_of(s);

	c->cancel(c, &s->throttle);
	c->cancel(c, &s->rx_delay.timer);
	c->cancel(c, &s->tx_delay.timer);
	s->rx_delay.packet_at = s->rx_delay.absolute_at = 0;
	s->tx_delay.packet_at = s->tx_delay.absolute_at = 0;
	s->quiet_until = 0;
	line_set(s, false);
}

void e1000_interrupt_restored(struct e1000 *s)
{
	struct device_clock *c = clock_of(s);

	c->cancel(c, &s->throttle);
	c->cancel(c, &s->rx_delay.timer);
	c->cancel(c, &s->tx_delay.timer);
	if (s->rx_delay.packet_at)
		c->arm(c, &s->rx_delay.timer, delay_end(&s->rx_delay));
	if (s->tx_delay.packet_at)
		c->arm(c, &s->tx_delay.timer, delay_end(&s->tx_delay));
	if (*e1000_reg(s, ICR) & *e1000_reg(s, IMS) && s->line)
		pci_function_intx(&s->function, true);
	else
		s->line = false;
	e1000_interrupt_update(s);
}
