/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 440FX host bridge. Register numbers are the data sheet's, chapter 3. */
#include "i440fx.h"

#include "errno.h"
#include "pci_function.h"

#define CONFIG_PORTS   0xcf8 /* CONFADD at 0, CONFDATA at 4 */
#define CONFADD_ENABLE 0x80000000u
#define CONFADD_MASK   0x80fffffcu /* the other bits are reserved: zero */

#define SMRAM        0x72
#define SMRAM_OPEN   0x40
#define SMRAM_CLOSED 0x20
#define SMRAM_LOCK   0x10
#define SMRAM_ENABLE 0x08
#define SMRAM_SEG_A  0x02

#define TRC           0x93
#define TRC_RESET_CPU 0x04

struct i440fx {
	struct device *device;
	struct pci_function function;
	struct io_region ports;
	uint32_t confadd;
	uint8_t smram, trc; /* what the registers were before the write that is going on */
};

static const struct pci_register registers[] = {
	{ PCI_COMMAND, 0x40, 0x06 },  /* memory and master are fixed; PERR# */
	{ PCI_COMMAND + 1, 0x01, 0 }, /* SERR# */
	{ PCI_STATUS, 0, 0x80 },
	{ PCI_STATUS + 1, 0, 0x02 }, /* medium DEVSEL#. Errors never happen */
	{ 0x0d, 0xf8, 0 },           /* latency timer */
	{ 0x50, 0xf7, 0x00 },        /* PMCCFG */
	{ 0x51, 0xf7, 0x00 },
	{ 0x52, 0xff, 0x00 }, /* DETURBO */
	{ 0x53, 0xff, 0x80 }, /* DBC */
	{ 0x54, 0x02, 0x00 }, /* AXC */
	{ 0x55, 0xff, 0x00 }, /* DRT */
	{ 0x56, 0xff, 0x00 },
	{ 0x57, 0xff, 0x01 }, /* DRAMC */
	{ 0x58, 0xff, 0x10 }, /* DRAMT */
	{ 0x59, 0x30, 0x00 }, /* PAM0: the segment at 0xf0000 only */
	{ 0x5a, 0x33, 0x00 },
	{ 0x5b, 0x33, 0x00 },
	{ 0x5c, 0x33, 0x00 },
	{ 0x5d, 0x33, 0x00 },
	{ 0x5e, 0x33, 0x00 },
	{ 0x5f, 0x33, 0x00 },
	{ 0x60, 0xff, 0x01 }, /* DRB */
	{ 0x61, 0xff, 0x01 },
	{ 0x62, 0xff, 0x01 },
	{ 0x63, 0xff, 0x01 },
	{ 0x64, 0xff, 0x01 },
	{ 0x65, 0xff, 0x01 },
	{ 0x66, 0xff, 0x01 },
	{ 0x67, 0xff, 0x01 },
	{ 0x68, 0xc0, 0x00 }, /* FDHC: no hole is ever made */
	{ 0x70, 0xf8, 0x20 }, /* MTT */
	{ 0x71, 0xff, 0x10 }, /* CLT */
	{ SMRAM, SMRAM_OPEN | SMRAM_CLOSED | SMRAM_LOCK | SMRAM_ENABLE, SMRAM_SEG_A },
	{ 0x90, 0xff, 0x00 }, /* ERRCMD */
	{ TRC, 0x0f, 0x00 },
};

static const struct pci_ids ids = {
	.vendor = 0x8086,
	.device = 0x1237,
	.subsystem_vendor = BOARD_SUBSYSTEM_VENDOR,
	.subsystem = BOARD_SUBSYSTEM,
	.revision = 2,
	.base_class = 0x06,
};

/* Once SMRAM is locked it cannot be opened, nor unlocked but by a reset. */
static void function_written(struct pci_function *f, unsigned offset, unsigned size)
{
	struct i440fx *s = container_of(f, struct i440fx, function);
	uint8_t *smram = &f->config[SMRAM];

	if (s->smram & SMRAM_LOCK)
		*smram = s->smram;
	else if (*smram & SMRAM_LOCK)
		*smram &= ~SMRAM_OPEN;
	s->smram = *smram;
	if (f->config[TRC] & TRC_RESET_CPU && !(s->trc & TRC_RESET_CPU))
		s->device->ports->machine->event(s->device->ports->machine, MACHINE_REBOOT);
	s->trc = f->config[TRC];
}

/* ---- configuration mechanism #1 ---- */

static void confdata_access(struct i440fx *s, struct io_access *a)
{
	struct pci_bus *bus = s->device->ports->pci;
	uint8_t devfn = (uint8_t)(s->confadd >> 8);
	unsigned offset = (s->confadd & 0xfc) + (unsigned)(a->addr & 3);

	/* There is no bus but 0 behind it. */
	if (!(s->confadd & CONFADD_ENABLE) || (s->confadd >> 16 & 0xff))
		a->value = ~0ull;
	else if (a->is_write)
		pci_bus_write(bus, devfn, offset, a->size, (uint32_t)a->value);
	else
		a->value = pci_bus_read(bus, devfn, offset, a->size);
}

/* Bytes and words at the address register are none of its business: they go on, to the reset port that lies below it. */
static enum io_result pass_on(struct i440fx *s, struct io_access *a)
{
	struct io_region *port = s->device->ports->pci->reset_port;
	struct io_access byte = { .size = 1, .is_write = a->is_write };

	if (!port || a->addr > 1 || a->addr + a->size <= 1)
		return IO_UNCLAIMED;
	byte.value = a->value >> (a->addr ? 0 : 8) & 0xff;
	port->access(port, &byte);
	if (!a->is_write)
		a->value = a->addr ? byte.value & 0xff : (byte.value & 0xff) << 8 | 0xff;
	return IO_DONE;
}

static enum io_result ports_access(struct io_region *r, struct io_access *a)
{
	struct i440fx *s = container_of(r, struct i440fx, ports);

	if (a->addr >= 4)
		confdata_access(s, a);
	else if (a->size != 4)
		return pass_on(s, a);
	else if (a->is_write)
		s->confadd = (uint32_t)a->value & CONFADD_MASK;
	else
		a->value = s->confadd;
	return IO_DONE;
}

/* ---- the device ---- */

static int i440fx_create(struct device *d, const void *config)
{
	struct i440fx *s = d->state;
	int error;

	s->device = d;
	pci_function_init(&s->function, PCI_DEVFN(0, 0), &ids);
	pci_function_registers(&s->function, registers, ARRAY_LEN(registers));
	s->function.written = function_written;
	s->ports = (struct io_region){ .name = "PCI configuration",
		                       .base = CONFIG_PORTS,
		                       .size = 8,
		                       .min_access = 1,
		                       .max_access = 4,
		                       .access = ports_access };
	error = pci_function_add(d->ports->pci, &s->function);
	if (error)
		return error;
	error = iobus_claim(d->ports->pio, &s->ports);
	if (error)
		pci_function_remove(&s->function);
	return error;
}

static void i440fx_destroy(struct device *d)
{
	struct i440fx *s = d->state;

	iobus_release(d->ports->pio, &s->ports);
	pci_function_remove(&s->function);
}

static void i440fx_reset(struct device *d)
{
	struct i440fx *s = d->state;

	pci_function_reset(&s->function);
	s->confadd = 0;
	s->smram = s->function.config[SMRAM];
	s->trc = 0;
}

static int i440fx_restored(struct device *d)
{
	struct i440fx *s = d->state;

	s->smram = s->function.config[SMRAM];
	s->trc = s->function.config[TRC];
	return s->confadd & ~CONFADD_MASK ? -EINVAL : pci_function_restored(&s->function);
}

static const struct save_field i440fx_saved[] = {
	SAVE_BLOB(1, struct i440fx, function.config),
	SAVE_ONE(SAVE_U32, 1, struct i440fx, confadd),
	SAVE_LAST,
};

const struct device_class i440fx_class = {
	.name = "i440fx",
	.state_size = sizeof(struct i440fx),
	.version = 1,
	.create = i440fx_create,
	.reset = i440fx_reset,
	.destroy = i440fx_destroy,
	.saved = i440fx_saved,
	.restored = i440fx_restored,
};
