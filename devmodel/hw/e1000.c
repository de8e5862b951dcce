/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM as a PCI function: its BARs, its network, its life. */
#include "e1000.h"

#include "e1000_state.h"
#include "errno.h"
#include "i440fx.h"
#include "string.h"

#define MEMORY_SIZE 0x20000
#define IO_SIZE     64
#define IOADDR      0
#define IODATA      4
#define ROM_MIN     0x800
#define ROM_MAX     0x1000000
#define ROM_ROOM    0x20000

static const struct pci_ids ids = {
	.vendor = 0x8086,
	.device = 0x100e,
	.subsystem_vendor = BOARD_SUBSYSTEM_VENDOR,
	.subsystem = BOARD_SUBSYSTEM,
	.revision = 2,
	.base_class = 0x02,
	.pin = 1,
};

static const struct pci_register registers[] = {
	{ PCI_COMMAND, 0x57, 0 },     /* ports, memory, master, invalidate, PERR# */
	{ PCI_COMMAND + 1, 0x05, 0 }, /* SERR#, INTx off */
	{ PCI_STATUS, 0, 0x20 },
	{ PCI_STATUS + 1, 0, 0x02 },
	{ 0x0c, 0xff, 0 }, /* cache line */
	{ 0x0d, 0xfc, 0 }, /* latency */
	{ 0x3e, 0, 0xff }, /* MIN_GNT */
};

/* ---- accesses ---- */

static enum io_result memory_access(struct io_region *r, struct io_access *a)
{
	struct e1000 *s = container_of(r, struct e1000, function.bars[0].region);

	if (a->is_write)
		e1000_register_write(s, (uint32_t)a->addr, (uint32_t)a->value);
	else
		a->value = e1000_register_read(s, (uint32_t)a->addr);
	return IO_DONE;
}

/* A window on the same registers (SDM 13.2.2). */
static enum io_result io_access(struct io_region *r, struct io_access *a)
{
	struct e1000 *s = container_of(r, struct e1000, function.bars[2].region);
	uint32_t address = s->io_address & ~3u;

	if (a->addr == IOADDR && a->is_write)
		s->io_address = (uint32_t)a->value;
	else if (a->addr == IOADDR)
		a->value = s->io_address;
	else if (a->addr != IODATA || address >= MEMORY_SIZE)
		a->value = 0;
	else if (a->is_write)
		e1000_register_write(s, address, (uint32_t)a->value);
	else
		a->value = e1000_register_read(s, address);
	return IO_DONE;
}

static enum io_result rom_access(struct io_region *r, struct io_access *a)
{
	struct e1000 *s = container_of(r, struct e1000, function.rom.region);

	a->value = ~0ull;
	if (!a->is_write && s->config.rom && a->addr + a->size <= s->config.rom_size)
		memcpy(&a->value, s->config.rom + a->addr, a->size);
	return IO_DONE;
}

/* The guest may have let it be bus master just now. */
static void function_written(struct pci_function *f, unsigned offset, unsigned size)
{
	struct e1000 *s = container_of(f, struct e1000, function);

	if (offset > PCI_COMMAND || offset + size <= PCI_COMMAND)
		return;
	e1000_transmit_run(s);
	e1000_receive_ready(s);
}

/* ---- the network ---- */

static bool net_receive(struct net_backend *b, const uint8_t *frame, size_t n)
{
	struct e1000 *s = b->client;

	/* Nothing comes over a cable that is dead, or to a receiver that hears itself. */
	if (!e1000_link_is_up(s) || e1000_phy_loops(s))
		return true;
	s->rx_refused = !e1000_receive(s, frame, n);
	return !s->rx_refused;
}

static void net_writable(struct net_backend *b)
{
	e1000_transmit_run(b->client);
}

static void net_link_changed(struct net_backend *b)
{
	e1000_link_changed(b->client);
}

/* ---- the device ---- */

static uint32_t rom_bar_size(uint32_t size)
{
	uint32_t n = ROM_MIN;

	while (n < size)
		n *= 2;
	return n;
}

static void function_describe(struct e1000 *s)
{
	struct pci_function *f = &s->function;
	struct io_region row = { .name = "e1000", .min_access = 4, .max_access = 4 };

	f->bars[0].region = f->bars[2].region = f->rom.region = row;
	f->bars[0].region.size = MEMORY_SIZE;
	f->bars[0].region.access = memory_access;
	f->bars[2].is_io = true;
	f->bars[2].region.size = IO_SIZE;
	f->bars[2].region.access = io_access;
	f->rom.region.min_access = 1;
	f->rom.region.size = rom_bar_size(s->config.rom_size ? s->config.rom_size : ROM_ROOM);
	f->rom.region.access = rom_access;
	pci_function_init(f, s->config.devfn, &ids);
	pci_function_registers(f, registers, ARRAY_LEN(registers));
	f->written = function_written;
}

static int e1000_create(struct device *d, const void *config)
{
	struct e1000 *s = d->state;
	struct net_backend *net;
	int error;

	s->device = d;
	s->config = *(const struct e1000_config *)config;
	if (s->config.rom_size > ROM_MAX)
		return -EINVAL;
	function_describe(s);
	error = pci_function_add(d->ports->pci, &s->function);
	if (error)
		return error;
	e1000_interrupt_init(s);
	e1000_transmit_init(s);
	e1000_eeprom_init(s);
	net = s->config.net;
	if (!net)
		return 0;
	net->client = s;
	net->receive = net_receive;
	net->writable = net_writable;
	net->link_changed = net_link_changed;
	return 0;
}

static void e1000_destroy(struct device *d)
{
	struct e1000 *s = d->state;
	struct net_backend *net = s->config.net;

	e1000_phy_init(s);
	e1000_interrupt_reset(s);
	e1000_transmit_reset(s);
	pci_function_remove(&s->function);
	if (!net)
		return;
	net->client = NULL;
	net->receive = NULL;
	net->writable = NULL;
	net->link_changed = NULL;
}

static void e1000_reset(struct device *d)
{
	struct e1000 *s = d->state;

	pci_function_reset(&s->function);
	e1000_phy_init(s);
	e1000_registers_reset(s);
	e1000_transmit_reset(s);
	s->io_address = 0;
	s->eeprom_in = 0;
	s->eeprom_count = 0;
	s->eeprom_do = true;
	s->eeprom_reading = false;
	s->eeprom_may_write = false;
}

static int e1000_restored(struct device *d)
{
	struct e1000 *s = d->state;

	if (!e1000_registers_are_possible(s) || !e1000_transmit_is_possible(s) ||
	    !e1000_eeprom_is_possible(s) || pci_function_restored(&s->function))
		return -EINVAL;
	s->device->ports->clock->cancel(s->device->ports->clock, &s->more);
	e1000_phy_restored(s);
	e1000_interrupt_restored(s);
	e1000_transmit_run(s);
	s->rx_refused = s->config.net; /* whatever it held back for the state before */
	e1000_receive_ready(s);
	return 0;
}

#define SAVE_DELAY(name)                                     \
	SAVE_ONE(SAVE_U64, 1, struct e1000, name.packet_at), \
		SAVE_ONE(SAVE_U64, 1, struct e1000, name.absolute_at)
#define SAVE_CONTEXT(name)                                                 \
	SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.ip.start),              \
		SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.ip.offset),     \
		SAVE_ONE(SAVE_U16, 1, struct e1000, tx.name.ip.end),       \
		SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.tcp.start),     \
		SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.tcp.offset),    \
		SAVE_ONE(SAVE_U16, 1, struct e1000, tx.name.tcp.end),      \
		SAVE_ONE(SAVE_U16, 1, struct e1000, tx.name.mss),          \
		SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.header_length), \
		SAVE_ONE(SAVE_U8, 1, struct e1000, tx.name.command)

static const struct save_field e1000_saved[] = {
	SAVE_BLOB(1, struct e1000, function.config),
	SAVE_ARRAY(SAVE_U32, 1, struct e1000, regs),
	SAVE_ONE(SAVE_U32, 1, struct e1000, io_address),
	SAVE_ONE(SAVE_U64, 1, struct e1000, quiet_until),
	SAVE_DELAY(rx_delay),
	SAVE_DELAY(tx_delay),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, line),
	SAVE_ARRAY(SAVE_U16, 1, struct e1000, eeprom),
	SAVE_ONE(SAVE_U32, 1, struct e1000, eeprom_in),
	SAVE_ONE(SAVE_U16, 1, struct e1000, eeprom_out),
	SAVE_ONE(SAVE_U8, 1, struct e1000, eeprom_count),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, eeprom_do),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, eeprom_reading),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, eeprom_may_write),
	SAVE_ARRAY(SAVE_U16, 1, struct e1000, phy),
	SAVE_ONE(SAVE_U64, 1, struct e1000, link_at),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, link_was_lost),
	SAVE_CONTEXT(context),
	SAVE_CONTEXT(tso_context),
	SAVE_CONTEXT(active),
	SAVE_ONE(SAVE_U32, 1, struct e1000, tx.offset),
	SAVE_ONE(SAVE_U32, 1, struct e1000, tx.size),
	SAVE_ONE(SAVE_U32, 1, struct e1000, tx.segments),
	SAVE_ONE(SAVE_U16, 1, struct e1000, tx.tag),
	SAVE_ONE(SAVE_U8, 1, struct e1000, tx.options),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.started),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.tso),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.have_header),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.tagged),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.bad),
	SAVE_ONE(SAVE_BOOL, 1, struct e1000, tx.ready),
	SAVE_BLOB(1, struct e1000, tx.header),
	SAVE_BLOB(1, struct e1000, tx.frame),
	SAVE_LAST,
};

const struct device_class e1000_class = {
	.name = "e1000",
	.state_size = sizeof(struct e1000),
	.version = 1,
	.create = e1000_create,
	.reset = e1000_reset,
	.destroy = e1000_destroy,
	.saved = e1000_saved,
	.restored = e1000_restored,
};
