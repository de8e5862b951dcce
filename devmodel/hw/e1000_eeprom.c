/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's EEPROM, a 93C46 of 64 words: read by EERD (SDM 13.4.4), or bit by bit over EECD (SDM 13.4.3) as Microwire devices are. */
#include "e1000_state.h"
#include "i440fx.h"

#define EECD_SK 0x001
#define EECD_CS 0x002
#define EECD_DI 0x004
#define EECD_DO 0x008

#define EECD_REQ  0x040
#define EECD_GNT  0x080
#define EECD_PRES 0x100
#define EECD_KEPT (EECD_SK | EECD_CS | EECD_DI | EECD_REQ | 0x30)

#define EERD_START 0x01
#define EERD_DONE  0x10

#define WORD_COMPATIBILITY 0x03
#define WORD_INIT_1        0x0a
#define WORD_SUBSYSTEM     0x0b
#define WORD_CHECKSUM      0x3f
#define CHECKSUM           0xbaba /* the sum of all words */

/* A command: the start bit, two of operation, six of address. */
#define COMMAND_BITS 9
#define OP_EXTENDED  0
#define OP_WRITE     1
#define OP_READ      2
#define OP_ERASE     3
/* The address' upper two bits in an extended one. */
#define EXTENDED_WRITE_ALL 1
#define EXTENDED_ERASE_ALL 2
#define EXTENDED_ENABLE    3

void e1000_eeprom_init(struct e1000 *s)
{
	uint16_t *w = s->eeprom, sum = 0;

	for (unsigned i = 0; s->config.net && i < 3; i++)
		w[i] = (uint16_t)(s->config.net->mac[2 * i] | s->config.net->mac[2 * i + 1] << 8);
	w[WORD_COMPATIBILITY] = 0;
	w[WORD_INIT_1] = 0x4000; /* valid; ids are the chip's own */
	w[WORD_SUBSYSTEM] = BOARD_SUBSYSTEM;
	w[WORD_SUBSYSTEM + 1] = BOARD_SUBSYSTEM_VENDOR;
	w[WORD_SUBSYSTEM + 2] = 0x100e;
	w[WORD_SUBSYSTEM + 3] = 0x8086;
	for (unsigned i = 0; i < WORD_CHECKSUM; i++)
		sum += w[i];
	w[WORD_CHECKSUM] = CHECKSUM - sum;
}

void e1000_eerd_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	unsigned address = value >> 8 & 0xff;

	*e1000_reg(s, EERD) = value & 0xff00;
	if (value & EERD_START)
		*e1000_reg(s, EERD) |= EERD_DONE | (uint32_t)s->eeprom[address % EEPROM_WORDS]
		                                           << 16;
}

/* ---- Microwire ---- */

static void fill(struct e1000 *s, uint16_t value)
{
	for (unsigned i = 0; i < EEPROM_WORDS; i++)
		s->eeprom[i] = value;
}

/* The command is there. */
static void command_begin(struct e1000 *s)
{
	unsigned op = s->eeprom_in >> 6 & 3, address = s->eeprom_in & 0x3f;

	if (op == OP_READ)
		s->eeprom_out = s->eeprom[address];
	else if (op == OP_ERASE && s->eeprom_may_write)
		s->eeprom[address] = 0xffff;
	else if (op == OP_EXTENDED && address >> 4 == EXTENDED_ERASE_ALL && s->eeprom_may_write)
		fill(s, 0xffff);
	else if (op == OP_EXTENDED && (address >> 4 == EXTENDED_ENABLE || !(address >> 4)))
		s->eeprom_may_write = address >> 4 == EXTENDED_ENABLE;
	/* A read begins with a zero; the others are ready at once. */
	s->eeprom_reading = op == OP_READ;
	s->eeprom_do = !s->eeprom_reading;
}

/* The 16 bits that follow it are there. */
static void command_data(struct e1000 *s)
{
	uint32_t command = s->eeprom_in >> 16;
	unsigned op = command >> 6 & 3, address = command & 0x3f;

	if (op == OP_WRITE && s->eeprom_may_write)
		s->eeprom[address] = (uint16_t)s->eeprom_in;
	else if (op == OP_EXTENDED && address >> 4 == EXTENDED_WRITE_ALL && s->eeprom_may_write)
		fill(s, (uint16_t)s->eeprom_in);
}

/* Reading goes on with the next word as long as the chip is selected. */
static void read_next(struct e1000 *s)
{
	unsigned done = s->eeprom_count - COMMAND_BITS;

	if (done && done % 16 == 0) {
		uint32_t next = (s->eeprom_in + 1) & 0x3f;

		s->eeprom_in = (s->eeprom_in & ~0x3fu) | next;
		s->eeprom_out = s->eeprom[next];
		s->eeprom_count = COMMAND_BITS;
	}
	s->eeprom_do = s->eeprom_out >> 15;
	s->eeprom_out = (uint16_t)(s->eeprom_out << 1);
	s->eeprom_count++;
}

/* The clock rises. */
static void bit_in(struct e1000 *s, bool bit)
{
	if (s->eeprom_reading) {
		read_next(s);
		return;
	}
	if (s->eeprom_count == COMMAND_BITS + 16 || (!s->eeprom_count && !bit))
		return;
	s->eeprom_in = s->eeprom_in << 1 | bit;
	s->eeprom_count++;
	if (s->eeprom_count == COMMAND_BITS)
		command_begin(s);
	else if (s->eeprom_count == COMMAND_BITS + 16)
		command_data(s);
}

uint32_t e1000_eecd_read(struct e1000 *s, unsigned offset)
{
	uint32_t value = *e1000_reg(s, EECD);

	return value | EECD_PRES | (value & EECD_REQ ? EECD_GNT : 0) | (s->eeprom_do ? EECD_DO : 0);
}

void e1000_eecd_write(struct e1000 *s, unsigned offset, uint32_t value)
{
	uint32_t before = *e1000_reg(s, EECD);

	*e1000_reg(s, EECD) = value & EECD_KEPT;
	if (!(value & EECD_CS)) {
		s->eeprom_in = 0;
		s->eeprom_count = 0;
		s->eeprom_reading = false;
		s->eeprom_do = true; /* pulled up */
	} else if (value & EECD_SK && !(before & EECD_SK)) {
		bit_in(s, value & EECD_DI);
	}
}

bool e1000_eeprom_is_possible(const struct e1000 *s)
{
	return s->eeprom_count <= COMMAND_BITS + 16 &&
	       (!s->eeprom_reading || s->eeprom_count >= COMMAND_BITS);
}
