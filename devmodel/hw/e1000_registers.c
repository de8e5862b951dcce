/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's registers (SDM 13.4 to 13.7): a row each, with what it keeps, what it is at reset, and what happens. */
#include "e1000_state.h"
#include "string.h"

struct e1000_register {
	uint16_t offset, count; /* count of them, one after the other */
	uint32_t writable;
	uint32_t at_reset;
	bool stays; /* through a reset of the MAC */
	/* NULL: as it is stored. */
	uint32_t (*read)(struct e1000 *s, unsigned offset);
	/* Gets the whole value, and stores it itself. NULL: writable bits are stored */
	void (*write)(struct e1000 *s, unsigned offset, uint32_t value);
};

/* ---- control and status ---- */

#define CTRL_KEPT 0x58fc1be9u /* what neither resets something nor is reserved */

static void ctrl_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	if (value & CTRL_RST) {
		e1000_mac_reset(s);
		return;
	}
	*e1000_reg(s, CTRL) = value & CTRL_KEPT;
	if (value & CTRL_PHY_RST)
		e1000_phy_reset(s);
}

static uint32_t status_read(struct e1000 *s, unsigned offset)
{
	unsigned speed = e1000_link_speed(s);

	return (e1000_link_full_duplex(s) ? 0x1 : 0) | (e1000_link_is_up(s) ? 0x2 : 0) |
	       speed << 6 | speed << 8;
}

static uint32_t clear_by_reading(struct e1000 *s, unsigned offset)
{
	return e1000_statistics_read(s, offset);
}

/* ---- interrupts ---- */

static uint32_t icr_read(struct e1000 *s, unsigned offset)
{
	uint32_t value = *e1000_reg(s, ICR);

	*e1000_reg(s, ICR) = 0;
	e1000_interrupt_update(s);
	return value;
}

static void icr_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, ICR) &= ~value;
	e1000_interrupt_update(s);
}

static uint32_t write_only(struct e1000 *s, unsigned offset)
{
	return 0;
}

static void ics_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	e1000_cause(s, value & INT_ALL);
}

static void ims_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, IMS) |= value & INT_ALL;
	e1000_interrupt_update(s);
}

static void imc_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, IMS) &= ~value;
	e1000_interrupt_update(s);
}

#define FLUSH 0x80000000u

static void rdtr_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, RDTR) = value & 0xffff;
	if (value & FLUSH)
		e1000_delay_flush(s, &s->rx_delay);
}

static void tidv_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, TIDV) = value & 0xffff;
	if (value & FLUSH)
		e1000_delay_flush(s, &s->tx_delay);
}

/* What receiving has of the packet memory's 64 KiB is chosen, the rest is for transmitting (13.4.16). */
static void pba_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	uint32_t receive = value & 0x7f;

	*e1000_reg(s, offset) = (64 - MIN(receive, 64u)) << 16 | receive;
}

/* ---- rings ---- */

static void rctl_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, RCTL) = value & 0x07fffffe;
	e1000_receive_ready(s);
}

static void rdt_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, RDT) = value & 0xffff;
	e1000_receive_ready(s);
}

static void tctl_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, TCTL) = value & 0x03fffffa;
	e1000_transmit_run(s);
}

static void tdt_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, TDT) = value & 0xffff;
	e1000_transmit_run(s);
}

/* Even entries are the lower halves of addresses. */
static void ral_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	*e1000_reg(s, offset) = offset & 4 ? value & 0x8003ffff : value;
}

/* ---- the table, by offset ---- */

static const struct e1000_register table[] = {
	{ CTRL, 1, CTRL_KEPT, 0x00000201, .write = ctrl_write },
	{ 0x0004, 1, CTRL_KEPT, 0x00000201, .write = ctrl_write }, /* the same one again */
	{ STATUS, 1, .read = status_read },
	{ EECD, 1, 0x77, 0x10, true, e1000_eecd_read, e1000_eecd_write },
	{ EERD, 1, 0xffffff10, 0, true, .write = e1000_eerd_write },
	{ 0x0018, 1, 0x00ffffe0, 0 }, /* CTRL_EXT */
	{ MDIC, 1, 0x7fffffff, 0, .write = e1000_mdic_write },
	{ 0x0028, 1, ~0u, 0 }, /* FCAL, FCAH */
	{ 0x002c, 1, 0xffff, 0 },
	{ FCT, 1, 0xffff, 0 },
	{ VET, 1, 0xffff, 0x8100 },
	{ ICR, 1, INT_ALL, 0, .read = icr_read, .write = icr_write },
	{ ITR, 1, 0xffff, 0 },
	{ ICS, 1, 0, 0, .read = write_only, .write = ics_write },
	{ IMS, 1, INT_ALL, 0, .write = ims_write },
	{ IMC, 1, 0, 0, .read = write_only, .write = imc_write },
	{ RCTL, 1, 0x07fffffe, 0, .write = rctl_write },
	{ 0x0170, 1, 0xffff, 0 },     /* FCTTV */
	{ 0x0178, 1, 0xc000ffff, 0 }, /* TXCW */
	{ 0x0180, 1, 0, 0 },          /* RXCW */
	{ TCTL, 1, 0x03fffffa, 0, .write = tctl_write },
	{ 0x0410, 1, 0x3fffffff, 0x00602008 },                     /* TIPG */
	{ 0x0458, 1, 0xffff, 0 },                                  /* AIT */
	{ 0x0e00, 1, 0xcfcfcfcf, 0x07068302 },                     /* LEDCTL */
	{ 0x1000, 1, 0x007f007f, 0x00100030, .write = pba_write }, /* PBA */
	{ 0x2160, 1, 0x8000fff8, 0 },                              /* FCRTL, FCRTH */
	{ 0x2168, 1, 0x0000fff8, 0 },
	{ 0x2410, 1, 0x1fff, 0 }, /* the receive FIFO's pointers */
	{ 0x2418, 1, 0x1fff, 0 },
	{ 0x2420, 1, 0x1fff, 0 },
	{ 0x2428, 1, 0x1fff, 0 },
	{ 0x2430, 1, 0x1fff, 0 },
	{ RDBAL, 1, 0xfffffff0, 0 },
	{ RDBAH, 1, ~0u, 0 },
	{ RDLEN, 1, 0x000fff80, 0 },
	{ RDH, 1, 0xffff, 0 },
	{ RDT, 1, 0xffff, 0, .write = rdt_write },
	{ RDTR, 1, 0xffff, 0, .write = rdtr_write },
	{ 0x2828, 1, 0x013f3f3f, 0x00010000 }, /* RXDCTL */
	{ RADV, 1, 0xffff, 0 },
	{ RSRPD, 1, 0x0fff, 0 },
	{ 0x3000, 1, 0x3, 0 },    /* TXDMAC */
	{ 0x3410, 1, 0x07ff, 0 }, /* the transmit FIFO's pointers */
	{ 0x3418, 1, 0x07ff, 0 },
	{ 0x3420, 1, 0x07ff, 0 },
	{ 0x3428, 1, 0x07ff, 0 },
	{ 0x3430, 1, 0x1fff, 0 },
	{ TDBAL, 1, 0xfffffff0, 0 },
	{ TDBAH, 1, ~0u, 0 },
	{ TDLEN, 1, 0x000fff80, 0 },
	{ TDH, 1, 0xffff, 0 },
	{ TDT, 1, 0xffff, 0, .write = tdt_write },
	{ TIDV, 1, 0xffff, 0, .write = tidv_write },
	{ TXDCTL, 1, 0xff3f3f3f, 0 },
	{ TADV, 1, 0xffff, 0 },
	{ 0x3830, 1, 0xffffffff, 0x01000400 }, /* TSPMT */
	{ STATS, 64, .read = clear_by_reading },
	{ RXCSUM, 1, 0x7ff, 0 },
	{ MTA, 128, ~0u, 0, true },
	{ RAL, 32, ~0u, 0, .write = ral_write },
	{ VFTA, 128, ~0u, 0, true },
	{ 0x5800, 1, 0x0000000f, 0, true }, /* WUC, WUFC, WUS */
	{ 0x5808, 1, 0x000f00ff, 0, true },
	{ 0x5810, 1, 0x000f00ff, 0, true },
	{ 0x5820, 1, 0xffffffff, 0, true }, /* MANC */
	{ 0x5838, 1, 0x0001000f, 0, true }, /* IPAV, and the addresses */
	{ 0x5840, 7, ~0u, 0, true },
	{ 0x5880, 4, ~0u, 0, true },
	{ 0x5900, 1, 0x0fff, 0, true }, /* WUPL */
	{ 0x5f00, 7, 0x07ff, 0, true }, /* FFLT */
};

/* For each register the number of its row and one, or 0: found at once, as a guest waits for each access. The same for all cards. */
static uint8_t row_numbers[REGISTERS_END / 4];
_Static_assert(ARRAY_LEN(table) < UINT8_MAX, "a row's number is a byte");

static void rows_number(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(table); i++)
		for (unsigned n = 0; n < table[i].count; n++)
			row_numbers[table[i].offset / 4 + n] = (uint8_t)(i + 1);
}

/* The row of the register at offset, or NULL. */
static const struct e1000_register *row_of(uint32_t offset)
{
	unsigned row = offset < REGISTERS_END ? row_numbers[offset / 4] : 0;

	return row ? &table[row - 1] : NULL;
}

/* CTRL stands there twice. */
static unsigned canonical(uint32_t offset)
{
	return offset == CTRL + 4 ? CTRL : offset;
}

uint32_t e1000_register_read(struct e1000 *s, uint32_t offset)
{
	const struct e1000_register *r = row_of(offset);

	if (!r)
		return 0;
	offset = canonical(offset);
	return r->read ? r->read(s, offset) : *e1000_reg(s, offset);
}

void e1000_register_write(struct e1000 *s, uint32_t offset, uint32_t value)
{
	const struct e1000_register *r = row_of(offset);

	if (!r)
		return;
	offset = canonical(offset);
	if (r->write)
		r->write(s, offset, value);
	else
		*e1000_reg(s, offset) =
			(*e1000_reg(s, offset) & ~r->writable) | (value & r->writable);
}

/* The first receive address is what the EEPROM says. */
static void address_load(struct e1000 *s)
{
	const uint16_t *mac = s->eeprom;

	*e1000_reg(s, RAL) = mac[0] | (uint32_t)mac[1] << 16;
	*e1000_reg(s, RAL + 4) = mac[2] | RAH_AV;
}

void e1000_mac_reset(struct e1000 *s)
{
	rows_number();
	for (unsigned i = 0; i < ARRAY_LEN(table); i++)
		for (unsigned n = 0; !table[i].stays && n < table[i].count; n++)
			*e1000_reg(s, table[i].offset + 4 * n) = table[i].at_reset;
	*e1000_reg(s, CTRL + 4) = 0;
	address_load(s);
	e1000_interrupt_reset(s);
	e1000_transmit_reset(s);
	e1000_receive_ready(s);
}

void e1000_registers_reset(struct e1000 *s)
{
	memset(s->regs, 0, sizeof(s->regs));
	for (unsigned i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].stays)
			*e1000_reg(s, table[i].offset) = table[i].at_reset;
	e1000_mac_reset(s);
}

bool e1000_registers_are_possible(const struct e1000 *s)
{
	for (unsigned i = 0; i < REGISTERS_END / 4; i++) {
		const struct e1000_register *r = row_of(4 * i);
		uint32_t possible = 0;

		if (r && 4 * i != CTRL + 4)
			possible = r->offset == STATS ? ~0u : r->writable | r->at_reset;
		if (s->regs[i] & ~possible)
			return false;
	}
	return true;
}
