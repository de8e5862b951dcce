/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PIIX3's ISA bridge: configuration registers, interrupt links, reset and APM ports. */
#include "piix3.h"

#include "errno.h"
#include "i440fx.h"
#include "pci_function.h"

#define PIRQRC          0x60 /* four bytes, one a link */
#define PIRQRC_OFF      0x80
#define PIRQRC_IRQ      0x0f
#define PIRQRC_POSSIBLE 0xdef8 /* ISA interrupts that a link can go to: not 0, 1, 2, 8 and 13 */
#define LINKS           4

#define RESET_HARD 0x02
#define RESET_CPU  0x04

#define APM_PORTS 0xb2

struct piix3 {
	struct device *device;
	struct piix3_config config;
	struct pci_function function;
	struct io_region reset_port, apm;
	uint8_t reset_control;
	uint8_t apm_control, apm_status;
};

static const struct pci_ids ids = {
	.vendor = 0x8086,
	.device = 0x7000,
	.subsystem_vendor = BOARD_SUBSYSTEM_VENDOR,
	.subsystem = BOARD_SUBSYSTEM,
	.base_class = 0x06,
	.sub_class = 0x01,
};

static const struct pci_register registers[] = {
	{ PCI_COMMAND, 0x08, 0x07 }, /* ports, memory and master are fixed; special cycles */
	{ PCI_COMMAND + 1, 0x01, 0 }, { PCI_STATUS + 1, 0, 0x02 }, /* medium DEVSEL# */
	{ PCI_HEADER_TYPE, 0, 0x80 }, { 0x4c, 0xff, 0x4d },        /* IORT */
	{ 0x4e, 0xff, 0x03 },                                      /* XBCS */
	{ 0x4f, 0x01, 0x00 },         { 0x60, 0x8f, 0x80 },        /* PIRQRC */
	{ 0x61, 0x8f, 0x80 },         { 0x62, 0x8f, 0x80 },        { 0x63, 0x8f, 0x80 },
	{ 0x69, 0xfe, 0x02 },                               /* TOM */
	{ 0x6a, 0x94, 0x00, 0x80 },                         /* MSTAT */
	{ 0x70, 0xcf, 0x80 },                               /* MBIRQ0 */
	{ 0x76, 0x8f, 0x0c },                               /* MBDMA */
	{ 0x77, 0x8f, 0x0c },         { 0x78, 0xff, 0x02 }, /* PCSC */
	{ 0x79, 0xff, 0x00 },         { 0x80, 0x7f, 0x00 }, /* APICBASE */
	{ 0x82, 0x0f, 0x00 },                               /* DLC */
	{ 0xa0, 0x1f, 0x08 },                               /* SMICNTL */
	{ 0xa2, 0xff, 0x00 },                               /* SMIEN */
	{ 0xa4, 0xff, 0x00 },                               /* SEE */
	{ 0xa5, 0xff, 0x00 },         { 0xa7, 0xe0, 0x00 },        { 0xa8, 0xff, 0x0f }, /* FTMR */
	{ 0xaa, 0x00, 0x00, 0xff }, /* SMIREQ */
	{ 0xac, 0xff, 0x00 },       /* CTLTMR */
	{ 0xae, 0xff, 0x00 },       /* CTHTMR */
};

/* ---- links ---- */

static void link_update(struct piix3 *s, unsigned link)
{
	struct machine_port *m = s->device->ports->machine;
	uint8_t route = s->function.config[PIRQRC + link];
	unsigned irq = route & PIRQRC_IRQ;

	if (route & PIRQRC_OFF || !(PIRQRC_POSSIBLE >> irq & 1))
		irq = 0;
	m->set_link(m, link, irq);
}

static void function_written(struct pci_function *f, unsigned offset, unsigned size)
{
	struct piix3 *s = container_of(f, struct piix3, function);

	for (unsigned i = 0; i < LINKS; i++)
		if (PIRQRC + i >= offset && PIRQRC + i < offset + size)
			link_update(s, i);
}

/* ---- ports ---- */

/* A reset begins when the CPU bit goes from 0 to 1; either kind starts the whole machine again. */
static enum io_result reset_access(struct io_region *r, struct io_access *a)
{
	struct piix3 *s = container_of(r, struct piix3, reset_port);
	struct machine_port *m = s->device->ports->machine;
	uint8_t before = s->reset_control;

	if (!a->is_write) {
		a->value = s->reset_control;
		return IO_DONE;
	}
	s->reset_control = (uint8_t)a->value & (RESET_HARD | RESET_CPU);
	if (s->reset_control & ~before & RESET_CPU)
		m->event(m, MACHINE_REBOOT);
	return IO_DONE;
}

static enum io_result apm_access(struct io_region *r, struct io_access *a)
{
	struct piix3 *s = container_of(r, struct piix3, apm);
	uint8_t *reg = a->addr ? &s->apm_status : &s->apm_control;

	if (!a->is_write) {
		a->value = *reg;
		return IO_DONE;
	}
	*reg = (uint8_t)a->value;
	if (reg == &s->apm_control && s->config.apm_command)
		s->config.apm_command(s->config.client, *reg);
	return IO_DONE;
}

/* ---- the device ---- */

static int piix3_create(struct device *d, const void *config)
{
	struct piix3 *s = d->state;
	struct pci_bus *bus = d->ports->pci;
	int error;

	s->device = d;
	s->config = *(const struct piix3_config *)config;
	pci_function_init(&s->function, PCI_DEVFN(1, 0), &ids);
	pci_function_registers(&s->function, registers, ARRAY_LEN(registers));
	s->function.written = function_written;
	s->reset_port = (struct io_region){ .name = "reset", .access = reset_access };
	s->apm = (struct io_region){ .name = "APM",
		                     .base = APM_PORTS,
		                     .size = 2,
		                     .min_access = 1,
		                     .max_access = 1,
		                     .access = apm_access };
	if (bus->reset_port)
		return -EEXIST;
	error = pci_function_add(bus, &s->function);
	if (error)
		return error;
	error = iobus_claim(d->ports->pio, &s->apm);
	if (error) {
		pci_function_remove(&s->function);
		return error;
	}
	bus->reset_port = &s->reset_port;
	return 0;
}

static void piix3_destroy(struct device *d)
{
	struct piix3 *s = d->state;

	d->ports->pci->reset_port = NULL;
	iobus_release(d->ports->pio, &s->apm);
	pci_function_remove(&s->function);
}

static void links_update(struct piix3 *s)
{
	for (unsigned i = 0; i < LINKS; i++)
		link_update(s, i);
}

static void piix3_reset(struct device *d)
{
	struct piix3 *s = d->state;

	pci_function_reset(&s->function);
	s->reset_control = 0;
	s->apm_control = s->apm_status = 0;
	links_update(s);
}

static int piix3_restored(struct device *d)
{
	struct piix3 *s = d->state;
	int error = pci_function_restored(&s->function);

	if (error || s->reset_control & ~(RESET_HARD | RESET_CPU))
		return -EINVAL;
	links_update(s);
	return 0;
}

static const struct save_field piix3_saved[] = {
	SAVE_BLOB(1, struct piix3, function.config),
	SAVE_ONE(SAVE_U8, 1, struct piix3, reset_control),
	SAVE_ONE(SAVE_U8, 1, struct piix3, apm_control),
	SAVE_ONE(SAVE_U8, 1, struct piix3, apm_status),
	SAVE_LAST,
};

const struct device_class piix3_class = {
	.name = "piix3",
	.state_size = sizeof(struct piix3),
	.version = 1,
	.create = piix3_create,
	.reset = piix3_reset,
	.destroy = piix3_destroy,
	.saved = piix3_saved,
	.restored = piix3_restored,
};
