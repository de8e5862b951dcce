/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's platform device and the unplug protocol. */
#include "xen_platform.h"

#include "errno.h"
#include "pci_function.h"

#define PORTS 0x10 /* the fixed ones */
#define PORT_MAGIC \
	0 /* words: reads the magic number, writes unplug; double words: the driver's build */
#define PORT_VERSION    2 /* bytes: reads the version, writes log; words: the driver's product */
#define MAGIC           0x49d2
#define VERSION         1
#define UNPLUG_ALL      0x0f
#define BAR_IO_SIZE     0x100
#define BAR_LOG         8 /* a port of the BAR that logs, too */
#define BAR_MEMORY_SIZE 0x1000000
#define LINE_SIZE       128

struct xen_platform {
	struct device *device;
	struct xen_platform_config config;
	struct pci_function function;
	struct io_region fixed;
	uint8_t unplugged;
	uint16_t product;
	uint32_t build;
	uint8_t line[LINE_SIZE]; /* of the guest's log, so far */
	uint8_t line_length;     /* below LINE_SIZE */
};

static const struct pci_ids ids = {
	.vendor = 0x5853,
	.device = 0x0001,
	.subsystem_vendor = 0x5853,
	.subsystem = 0x0001,
	.revision = 1,
	.base_class = 0xff,
	.sub_class = 0x80,
	.pin = 1,
};

static void log_byte(struct xen_platform *s, uint8_t byte)
{
	struct machine_port *m = s->device->ports->machine;

	if (byte >= ' ' && byte < 0x7f)
		s->line[s->line_length++] = byte;
	if (byte != '\n' && s->line_length < LINE_SIZE - 1)
		return;
	s->line[s->line_length] = 0;
	m->log(m, (const char *)s->line);
	s->line_length = 0;
}

static void unplug(struct xen_platform *s, unsigned what)
{
	what &= UNPLUG_ALL;
	s->unplugged |= (uint8_t)what;
	if (what)
		s->config.unplug(s->config.client, what);
}

static void fixed_write(struct xen_platform *s, const struct io_access *a)
{
	if (a->addr == PORT_MAGIC && a->size == 2)
		unplug(s, (unsigned)a->value);
	else if (a->addr == PORT_MAGIC && a->size == 4)
		s->build = (uint32_t)a->value;
	else if (a->addr == PORT_VERSION && a->size == 1)
		log_byte(s, (uint8_t)a->value);
	else if (a->addr == PORT_VERSION && a->size == 2)
		s->product = (uint16_t)a->value;
}

static enum io_result fixed_access(struct io_region *r, struct io_access *a)
{
	struct xen_platform *s = container_of(r, struct xen_platform, fixed);

	if (a->is_write)
		fixed_write(s, a);
	else if (a->addr == PORT_MAGIC && a->size == 2)
		a->value = MAGIC;
	else if (a->addr == PORT_VERSION && a->size == 1)
		a->value = VERSION;
	else
		a->value = ~0ull;
	return IO_DONE;
}

static enum io_result bar_io_access(struct io_region *r, struct io_access *a)
{
	struct xen_platform *s = container_of(r, struct xen_platform, function.bars[0].region);

	if (!a->is_write)
		a->value = 0;
	else if (a->addr == BAR_LOG)
		log_byte(s, (uint8_t)a->value);
	return IO_DONE;
}

static enum io_result bar_memory_access(struct io_region *r, struct io_access *a)
{
	return IO_UNCLAIMED;
}

/* ---- the device ---- */

static void function_describe(struct xen_platform *s)
{
	struct pci_function *f = &s->function;

	f->bars[0] = (struct pci_bar){ .is_io = true,
		                       .region = { .name = "Xen platform",
		                                   .size = BAR_IO_SIZE,
		                                   .min_access = 1,
		                                   .max_access = 1,
		                                   .access = bar_io_access } };
	f->bars[1] = (struct pci_bar){ .prefetchable = true,
		                       .region = { .name = "Xen platform",
		                                   .size = BAR_MEMORY_SIZE,
		                                   .min_access = 1,
		                                   .max_access = 8,
		                                   .access = bar_memory_access } };
	pci_function_init(f, PCI_DEVFN(2, 0), &ids);
}

static int xen_platform_create(struct device *d, const void *config)
{
	struct xen_platform *s = d->state;
	int error;

	s->device = d;
	s->config = *(const struct xen_platform_config *)config;
	s->fixed = (struct io_region){ .name = "Xen unplug",
		                       .base = PORTS,
		                       .size = 4,
		                       .min_access = 1,
		                       .max_access = 4,
		                       .access = fixed_access };
	function_describe(s);
	error = pci_function_add(d->ports->pci, &s->function);
	if (error || !s->config.unplug)
		return error;
	error = iobus_claim(d->ports->pio, &s->fixed);
	if (error)
		pci_function_remove(&s->function);
	return error;
}

static void xen_platform_destroy(struct device *d)
{
	struct xen_platform *s = d->state;

	if (s->config.unplug)
		iobus_release(d->ports->pio, &s->fixed);
	pci_function_remove(&s->function);
}

static void xen_platform_reset(struct device *d)
{
	struct xen_platform *s = d->state;

	pci_function_reset(&s->function);
	s->unplugged = 0;
	s->product = 0;
	s->build = 0;
	s->line_length = 0;
}

static int xen_platform_restored(struct device *d)
{
	struct xen_platform *s = d->state;

	if (pci_function_restored(&s->function) || s->line_length >= LINE_SIZE - 1 ||
	    s->unplugged & ~UNPLUG_ALL || (s->unplugged && !s->config.unplug))
		return -EINVAL;
	unplug(s, s->unplugged);
	return 0;
}

static const struct save_field xen_platform_saved[] = {
	SAVE_BLOB(1, struct xen_platform, function.config),
	SAVE_ONE(SAVE_U8, 1, struct xen_platform, unplugged),
	SAVE_ONE(SAVE_U16, 1, struct xen_platform, product),
	SAVE_ONE(SAVE_U32, 1, struct xen_platform, build),
	SAVE_BLOB(1, struct xen_platform, line),
	SAVE_ONE(SAVE_U8, 1, struct xen_platform, line_length),
	SAVE_LAST,
};

const struct device_class xen_platform_class = {
	.name = "xen_platform",
	.state_size = sizeof(struct xen_platform),
	.version = 1,
	.create = xen_platform_create,
	.reset = xen_platform_reset,
	.destroy = xen_platform_destroy,
	.saved = xen_platform_saved,
	.restored = xen_platform_restored,
};
