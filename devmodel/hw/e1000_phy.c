/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 82540EM's PHY, a Marvell 88E1011 reached by MDIC (SDM 13.4.7, 11): IEEE 802.3's registers (22.2.4, 28, 40) and the two that all drivers look at. The other end of the cable can do
 * all that we can.
 */
#include "e1000_state.h"

enum {
	PHY_CONTROL,
	PHY_STATUS,
	PHY_ID1,
	PHY_ID2,
	PHY_ADVERTISE,
	PHY_PARTNER,
	PHY_EXPANSION,
	PHY_NEXT_PAGE,
	PHY_PARTNER_PAGE,
	PHY_GIGABIT_CONTROL,
	PHY_GIGABIT_STATUS,
	PHY_EXTENDED_STATUS = 15,
	PHY_SPECIFIC_CONTROL,
	PHY_SPECIFIC_STATUS,
	PHY_INTERRUPT_ENABLE,
	PHY_EXTENDED_CONTROL = 20,
};

#define MDIC_OP_WRITE 1
#define MDIC_OP_READ  2
#define MDIC_READY    0x10000000u
#define MDIC_INT      0x20000000u
#define MDIC_ERROR    0x40000000u
#define MDIC_RESERVED 0x80000000u
#define OUR_ADDRESS   1

#define CONTROL_RESET    0x8000
#define CONTROL_LOOPBACK 0x4000
#define CONTROL_SPEED_0  0x2000
#define CONTROL_AN       0x1000
#define CONTROL_OFF      0x0c00 /* power down, isolate */
#define CONTROL_RESTART  0x0200
#define CONTROL_DUPLEX   0x0100
#define CONTROL_SPEED_1  0x0040

#define STATUS_ABILITIES 0x7949
#define STATUS_AN_DONE   0x0020
#define STATUS_LINK      0x0004

#define NEGOTIATION_NS 10000000 /* quicker than in life */

struct phy_register {
	uint16_t at_reset, writable;
};

static const struct phy_register phy_registers[PHY_REGISTERS] = {
	[PHY_CONTROL] = { CONTROL_AN | CONTROL_DUPLEX | CONTROL_SPEED_1, 0x7dc0 },
	[PHY_ID1] = { 0x0141, 0 },
	[PHY_ID2] = { 0x0c20, 0 },
	[PHY_ADVERTISE] = { 0x0de1, 0xbfff },
	[PHY_NEXT_PAGE] = { 0x2001, 0xbfff },
	[PHY_GIGABIT_CONTROL] = { 0x0e00, 0xff00 },
	[PHY_EXTENDED_STATUS] = { 0x3000, 0 },
	[PHY_SPECIFIC_CONTROL] = { 0x0068, 0xffff },
	[PHY_INTERRUPT_ENABLE] = { 0, 0xffff },
	[PHY_EXTENDED_CONTROL] = { 0x0c68, 0xffff },
	[24] = { 0x4100, 0xffff }, /* LED control */
	[29] = { 0, 0x001f },      /* page, and what is there: calibration that drivers write */
	[30] = { 0, 0xffff },
};

static bool cable_is_live(const struct e1000 *s)
{
	return s->config.net && s->config.net->link_up;
}

bool e1000_link_is_up(const struct e1000 *s)
{
	return cable_is_live(s) && !s->link_at && !(s->phy[PHY_CONTROL] & CONTROL_OFF);
}

bool e1000_phy_loops(const struct e1000 *s)
{
	return s->phy[PHY_CONTROL] & CONTROL_LOOPBACK;
}

static unsigned speed_set(const struct e1000 *s)
{
	if (s->phy[PHY_CONTROL] & CONTROL_SPEED_1)
		return 2;
	return s->phy[PHY_CONTROL] & CONTROL_SPEED_0 ? 1 : 0;
}

/* The best of what we tell the other end, which can do everything. */
unsigned e1000_link_speed(const struct e1000 *s)
{
	if (!(s->phy[PHY_CONTROL] & CONTROL_AN))
		return speed_set(s);
	if (s->phy[PHY_GIGABIT_CONTROL] & 0x0300)
		return 2;
	return s->phy[PHY_ADVERTISE] & 0x0180 ? 1 : 0;
}

bool e1000_link_full_duplex(const struct e1000 *s)
{
	static const uint16_t full[] = { 0x0040, 0x0100 };
	unsigned speed = e1000_link_speed(s);

	if (!(s->phy[PHY_CONTROL] & CONTROL_AN))
		return s->phy[PHY_CONTROL] & CONTROL_DUPLEX;
	if (speed == 2)
		return s->phy[PHY_GIGABIT_CONTROL] & 0x0200;
	return s->phy[PHY_ADVERTISE] & full[speed];
}

/* ---- negotiation ---- */

static void link_lost(struct e1000 *s, bool was_up)
{
	if (!was_up)
		return;
	s->link_was_lost = true;
	e1000_cause(s, INT_LSC);
}

static void negotiate(struct e1000 *s)
{
	struct device_clock *c = s->device->ports->clock;
	bool was_up = e1000_link_is_up(s);

	s->link_at = c->now_ns(c) + NEGOTIATION_NS;
	c->arm(c, &s->link_timer, s->link_at);
	link_lost(s, was_up);
}

static void negotiated(struct device_timer *t)
{
	struct e1000 *s = container_of(t, struct e1000, link_timer);

	s->link_at = 0;
	if (e1000_link_is_up(s))
		e1000_cause(s, INT_LSC);
	e1000_receive_ready(s);
}

void e1000_link_changed(struct e1000 *s)
{
	if (cable_is_live(s)) {
		negotiate(s);
	} else {
		s->link_was_lost = true;
		e1000_cause(s, INT_LSC);
	}
}

static void defaults(struct e1000 *s)
{
	for (unsigned i = 0; i < PHY_REGISTERS; i++)
		s->phy[i] = phy_registers[i].at_reset;
}

/* Power-on was long ago when the guest begins: the link is up. */
void e1000_phy_init(struct e1000 *s)
{
	struct device_clock *c = s->device->ports->clock;

	s->link_timer.fn = negotiated;
	c->cancel(c, &s->link_timer);
	s->link_at = 0;
	s->link_was_lost = false;
	defaults(s);
}

void e1000_phy_reset(struct e1000 *s)
{
	defaults(s);
	negotiate(s);
}

void e1000_phy_restored(struct e1000 *s)
{
	struct device_clock *c = s->device->ports->clock;

	c->cancel(c, &s->link_timer);
	if (s->link_at)
		c->arm(c, &s->link_timer, s->link_at);
}

/* ---- registers ---- */

static uint16_t status_read(struct e1000 *s)
{
	bool up = e1000_link_is_up(s);
	uint16_t status = STATUS_ABILITIES;

	if (up && s->phy[PHY_CONTROL] & CONTROL_AN)
		status |= STATUS_AN_DONE;
	if (up && !s->link_was_lost) /* a loss is told once */
		status |= STATUS_LINK;
	s->link_was_lost = false;
	return status;
}

static uint16_t specific_status(const struct e1000 *s)
{
	uint16_t value = (uint16_t)(e1000_link_speed(s) << 14);

	if (e1000_link_full_duplex(s))
		value |= 0x2000;
	if (e1000_link_is_up(s))
		value |= 0x0c00; /* resolved, and up now */
	return value;
}

static uint16_t phy_read(struct e1000 *s, unsigned reg)
{
	bool negotiated = e1000_link_is_up(s) && s->phy[PHY_CONTROL] & CONTROL_AN;

	switch (reg) {
	case PHY_STATUS: return status_read(s);
	case PHY_PARTNER: return negotiated ? 0x45e1 : 0;
	case PHY_EXPANSION: return negotiated ? 0x0005 : 0x0004;
	case PHY_PARTNER_PAGE: return 0;
	case PHY_GIGABIT_STATUS: return negotiated ? 0x7c00 : 0;
	case PHY_SPECIFIC_STATUS: return specific_status(s);
	default: return s->phy[reg];
	}
}

static void control_write(struct e1000 *s, uint16_t value)
{
	bool was_up = e1000_link_is_up(s);

	if (value & CONTROL_RESET) {
		/* Its own defaults come back; what it tells the other end stays. */
		s->phy[PHY_CONTROL] = phy_registers[PHY_CONTROL].at_reset;
		negotiate(s);
		return;
	}
	s->phy[PHY_CONTROL] = value & phy_registers[PHY_CONTROL].writable;
	if (value & CONTROL_RESTART && value & CONTROL_AN)
		negotiate(s);
	else if (was_up && !e1000_link_is_up(s))
		link_lost(s, was_up);
	else if (!was_up && e1000_link_is_up(s))
		negotiate(s);
}

static void phy_write(struct e1000 *s, unsigned reg, uint16_t value)
{
	uint16_t writable = phy_registers[reg].writable;

	if (reg == PHY_CONTROL)
		control_write(s, value);
	else
		s->phy[reg] = (s->phy[reg] & ~writable) | (value & writable);
}

void e1000_mdic_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	unsigned reg = value >> 16 & 0x1f, address = value >> 21 & 0x1f, op = value >> 26 & 3;

	value &= ~(MDIC_RESERVED | MDIC_READY | MDIC_ERROR);
	if (address != OUR_ADDRESS)
		value |= MDIC_ERROR;
	else if (op == MDIC_OP_READ)
		value = (value & 0xffff0000) | phy_read(s, reg);
	else if (op == MDIC_OP_WRITE)
		phy_write(s, reg, (uint16_t)value);
	else
		value |= MDIC_ERROR;
	*e1000_reg(s, MDIC) = value | MDIC_READY;
	if (value & MDIC_INT)
		e1000_cause(s, INT_MDAC);
}
