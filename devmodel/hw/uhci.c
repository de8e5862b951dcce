/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UHCI controller: registers (design guide 2.1), ports, frames' time, interrupt. */
#include "uhci.h"

#include "errno.h"
#include "i440fx.h"
#include "string.h"
#include "uhci_state.h"

enum { USBCMD = 0, USBSTS = 2, USBINTR = 4, FRNUM = 6, FRBASE = 8, SOFMOD = 12, PORTSC = 16 };
#define IO_SIZE 32

#define CMD_HCRESET 0x02
#define CMD_GRESET  0x04
#define CMD_KEPT    0xfd
#define STS_CLEARS  0x1f

#define INTR_ERROR  0x1
#define INTR_RESUME 0x2
#define INTR_IOC    0x4
#define INTR_SHORT  0x8

#define PORT_CONNECTED      0x0001
#define PORT_CHANGED        0x0002
#define PORT_ENABLED        0x0004
#define PORT_ENABLE_CHANGED 0x0008
#define PORT_D_PLUS         0x0010
#define PORT_RESUME         0x0040
#define PORT_ALWAYS         0x0080
#define PORT_RESET          0x0200
#define PORT_SUSPENDED      0x1000
#define PORT_WRITABLE       (PORT_ENABLED | PORT_RESUME | PORT_RESET | PORT_SUSPENDED)
#define PORT_CLEARS         (PORT_CHANGED | PORT_ENABLE_CHANGED)

#define LEGSUP        0xc0
#define LEGSUP_PIRQEN 0x20 /* in its second byte */

#define FRAME_NS     1000000
#define FRNUM_MASK   0x7ff
#define QUIET_FRAMES 64 /* after so many with nothing transferred we look every eight frames */
#define QUIET_PERIOD 8
#define CATCH_UP     32 /* frames that are walked in one call; those before are left out */

static const struct pci_ids ids = {
	.vendor = 0x8086,
	.device = 0x7020,
	.subsystem_vendor = BOARD_SUBSYSTEM_VENDOR,
	.subsystem = BOARD_SUBSYSTEM,
	.revision = 1,
	.base_class = 0x0c,
	.sub_class = 0x03,
	.pin = 4,
};

static const struct pci_register registers[] = {
	{ PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MASTER, 0 },
	{ PCI_STATUS, 0, 0x80 },
	{ PCI_STATUS + 1, 0, 0x02 },
	{ 0x0d, 0xf0, 0 },    /* latency */
	{ 0x60, 0x00, 0x10 }, /* USB 1.0 */
	{ LEGSUP, 0xbf, 0x00 },
	{ LEGSUP + 1, 0x20, 0x20, 0x8f },
};

/* ---- interrupt ---- */

static void interrupt_update(struct uhci *s)
{
	bool level = (s->status & STS_ERROR && s->enable & INTR_ERROR) ||
	             (s->status & STS_RESUME && s->enable & INTR_RESUME) ||
	             (s->status & STS_INT && ((s->ioc_seen && s->enable & INTR_IOC) ||
	                                      (s->short_seen && s->enable & INTR_SHORT))) ||
	             s->status & (STS_HSE | STS_HCPE);

	level = level && s->function.config[LEGSUP + 1] & LEGSUP_PIRQEN;
	if (level != s->line)
		pci_function_intx(&s->function, level);
	s->line = level;
}

/* ---- frames ---- */

static bool runs(const struct uhci *s)
{
	return s->command & CMD_RS && !(s->status & STS_HALTED);
}

static void timer_arm(struct uhci *s)
{
	struct device_clock *c = s->device->ports->clock;
	unsigned frames = s->quiet >= QUIET_FRAMES ? QUIET_PERIOD : 1;

	c->arm(c, &s->timer, s->frame_at + (uint64_t)frames * FRAME_NS);
}

static void frame_next(struct uhci *s, uint64_t frames)
{
	s->frame = (uint16_t)((s->frame + frames) & FRNUM_MASK);
	s->frame_at += frames * FRAME_NS;
}

/* All frames that are over; of those that were missed for long only the last. */
static void frames_run(struct uhci *s)
{
	struct device_clock *c = s->device->ports->clock;
	uint64_t over = (c->now_ns(c) - s->frame_at) / FRAME_NS;

	if (!runs(s) || c->now_ns(c) < s->frame_at)
		return;
	if (over > CATCH_UP) {
		frame_next(s, over - CATCH_UP);
		over = CATCH_UP;
	}
	while (over-- && runs(s)) {
		bool moved = uhci_frame_run(s);

		s->quiet = moved ? 0 : (uint8_t)MIN(s->quiet + 1, 255);
		frame_next(s, 1);
	}
	interrupt_update(s);
}

static void timer_elapsed(struct device_timer *t)
{
	struct uhci *s = container_of(t, struct uhci, timer);

	frames_run(s);
	if (runs(s))
		timer_arm(s);
}

/* The tablet has something to say. */
static void tablet_news(struct usb_tablet *t)
{
	struct uhci *s = container_of(t, struct uhci, tablet);

	if (s->ports[0] & PORT_SUSPENDED && t->remote_wakeup) {
		s->ports[0] |= PORT_RESUME;
		s->status |= STS_RESUME;
		interrupt_update(s);
	} else if (runs(s) && s->quiet) {
		s->quiet = 0;
		frames_run(s);
		timer_arm(s);
	}
}

/* ---- ports ---- */

static bool has_device(const struct uhci *s, unsigned port)
{
	return !port && s->tablet.input;
}

static void port_reset(struct uhci *s, unsigned port)
{
	s->ports[port] = has_device(s, port) ? PORT_CONNECTED | PORT_CHANGED : 0;
	if (has_device(s, port))
		usb_tablet_reset(&s->tablet);
}

static uint16_t port_read(const struct uhci *s, unsigned port)
{
	return s->ports[port] | PORT_ALWAYS | (has_device(s, port) ? PORT_D_PLUS : 0);
}

static void port_write(struct uhci *s, unsigned port, uint16_t value)
{
	uint16_t *p = &s->ports[port];
	bool begins = value & PORT_RESET && !(*p & PORT_RESET);

	*p = (*p & ~PORT_WRITABLE) | (value & PORT_WRITABLE);
	*p &= ~(value & PORT_CLEARS);
	if (*p & PORT_RESET || !has_device(s, port))
		*p &= ~PORT_ENABLED;
	if (begins && has_device(s, port))
		usb_tablet_reset(&s->tablet);
}

/* ---- registers ---- */

static void controller_reset(struct uhci *s)
{
	struct device_clock *c = s->device->ports->clock;

	c->cancel(c, &s->timer);
	s->command = s->enable = s->frame = 0;
	s->status = STS_HALTED;
	s->frame_base = 0;
	s->sof_modify = 0x40;
	s->short_seen = s->ioc_seen = false;
	s->quiet = 0;
	for (unsigned i = 0; i < UHCI_PORTS; i++)
		port_reset(s, i);
	interrupt_update(s);
}

static void command_write(struct uhci *s, uint16_t value)
{
	struct device_clock *c = s->device->ports->clock;
	bool ran = runs(s);

	if (value & CMD_HCRESET) {
		controller_reset(s);
		return;
	}
	if (value & CMD_GRESET && !(s->command & CMD_GRESET))
		controller_reset(s);
	s->command = value & CMD_KEPT;
	if (s->command & CMD_RS && !ran) {
		s->status &= ~STS_HALTED;
		s->frame_at = c->now_ns(c);
		s->quiet = 0;
		timer_arm(s);
	} else if (!(s->command & CMD_RS)) {
		s->status |= STS_HALTED;
		c->cancel(c, &s->timer);
	}
}

static void status_write(struct uhci *s, uint16_t value)
{
	s->status &= ~(value & STS_CLEARS);
	if (!(s->status & STS_INT))
		s->short_seen = s->ioc_seen = false;
	interrupt_update(s);
}

static uint16_t word_read(struct uhci *s, unsigned reg)
{
	switch (reg) {
	case USBCMD: return s->command;
	case USBSTS: return s->status;
	case USBINTR: return s->enable;
	case FRNUM: return s->frame;
	case FRBASE: return (uint16_t)s->frame_base;
	case FRBASE + 2: return (uint16_t)(s->frame_base >> 16);
	case SOFMOD: return s->sof_modify;
	case PORTSC: return port_read(s, 0);
	case PORTSC + 2: return port_read(s, 1);
	case PORTSC + 4:
	case PORTSC + 6: return 0xff7f; /* no port: bit 7 tells (design guide 2.1.7) */
	default: return 0;
	}
}

static void word_write(struct uhci *s, unsigned reg, uint16_t value)
{
	switch (reg) {
	case USBCMD: command_write(s, value); break;
	case USBSTS: status_write(s, value); break;
	case USBINTR:
		s->enable = value & 0xf;
		interrupt_update(s);
		break;
	case FRNUM:
		if (s->status & STS_HALTED)
			s->frame = value & FRNUM_MASK;
		break;
	case FRBASE: s->frame_base = (s->frame_base & 0xffff0000) | (value & 0xf000); break;
	case FRBASE + 2: s->frame_base = (s->frame_base & 0xffff) | (uint32_t)value << 16; break;
	case SOFMOD: s->sof_modify = value & 0x7f; break;
	case PORTSC: port_write(s, 0, value); break;
	case PORTSC + 2: port_write(s, 1, value); break;
	}
}

/* A byte is written as a word with the other byte as it is, but for bits that ones clear. */
static void byte_write(struct uhci *s, unsigned reg, uint8_t value)
{
	unsigned shift = 8 * (reg & 1), word = reg & ~1u;
	uint16_t old = word_read(s, word);

	if (word == USBSTS)
		old = 0;
	if (word >= PORTSC)
		old &= ~PORT_CLEARS;
	word_write(s, word, (uint16_t)((old & ~(0xff << shift)) | value << shift));
}

static enum io_result io_access(struct io_region *r, struct io_access *a)
{
	struct uhci *s = container_of(r, struct uhci, function.bars[4].region);
	unsigned reg = (unsigned)a->addr;

	/* What the driver looks at is as new as the time. */
	frames_run(s);
	if (a->is_write && a->size == 1)
		byte_write(s, reg, (uint8_t)a->value);
	else if (a->is_write)
		word_write(s, reg, (uint16_t)a->value);
	else
		a->value = word_read(s, reg & ~1u) >> 8 * (reg & 1);
	return IO_DONE;
}

static void function_written(struct pci_function *f, unsigned offset, unsigned size)
{
	interrupt_update(container_of(f, struct uhci, function));
}

/* ---- the device ---- */

static int uhci_create(struct device *d, const void *config)
{
	const struct uhci_config *c = config;
	struct uhci *s = d->state;
	struct pci_function *f = &s->function;
	int error;

	s->device = d;
	s->timer.fn = timer_elapsed;
	s->tablet.news = tablet_news;
	f->bars[4] = (struct pci_bar){ .is_io = true,
		                       .region = { .name = "uhci",
		                                   .size = IO_SIZE,
		                                   .min_access = 1,
		                                   .max_access = 2,
		                                   .access = io_access } };
	pci_function_init(f, PCI_DEVFN(1, 2), &ids);
	pci_function_registers(f, registers, ARRAY_LEN(registers));
	f->written = function_written;
	error = pci_function_add(d->ports->pci, f);
	if (!error)
		usb_tablet_init(&s->tablet, c->tablet);
	return error;
}

static void uhci_destroy(struct device *d)
{
	struct uhci *s = d->state;

	d->ports->clock->cancel(d->ports->clock, &s->timer);
	usb_tablet_end(&s->tablet);
	pci_function_intx(&s->function, false);
	pci_function_remove(&s->function);
}

static void uhci_reset(struct device *d)
{
	struct uhci *s = d->state;

	pci_function_reset(&s->function);
	s->line = false;
	controller_reset(s);
}

static bool port_is_possible(const struct uhci *s, unsigned port)
{
	uint16_t possible = PORT_WRITABLE | PORT_CLEARS;

	if (has_device(s, port))
		possible |= PORT_CONNECTED;
	return !(s->ports[port] & ~possible);
}

static int uhci_restored(struct device *d)
{
	struct uhci *s = d->state;
	struct device_clock *c = d->ports->clock;

	if (s->command & ~CMD_KEPT || s->status & ~(STS_CLEARS | STS_HALTED) || s->enable & ~0xf ||
	    s->frame & ~FRNUM_MASK || s->frame_base & 0xfff || s->sof_modify & 0x80 ||
	    !port_is_possible(s, 0) || !port_is_possible(s, 1) ||
	    !usb_tablet_is_possible(&s->tablet) || pci_function_restored(&s->function))
		return -EINVAL;
	c->cancel(c, &s->timer);
	s->frame_at = MIN(s->frame_at, c->now_ns(c));
	if (runs(s))
		timer_arm(s);
	s->line = false;
	interrupt_update(s);
	return 0;
}

static const struct save_field uhci_saved[] = {
	SAVE_BLOB(1, struct uhci, function.config),
	SAVE_ONE(SAVE_U64, 1, struct uhci, frame_at),
	SAVE_ONE(SAVE_U32, 1, struct uhci, frame_base),
	SAVE_ONE(SAVE_U16, 1, struct uhci, command),
	SAVE_ONE(SAVE_U16, 1, struct uhci, status),
	SAVE_ONE(SAVE_U16, 1, struct uhci, enable),
	SAVE_ONE(SAVE_U16, 1, struct uhci, frame),
	SAVE_ONE(SAVE_U8, 1, struct uhci, sof_modify),
	SAVE_ONE(SAVE_BOOL, 1, struct uhci, short_seen),
	SAVE_ONE(SAVE_BOOL, 1, struct uhci, ioc_seen),
	SAVE_ARRAY(SAVE_U16, 1, struct uhci, ports),
	SAVE_ONE(SAVE_U8, 1, struct uhci, quiet),
	USB_TABLET_SAVED(struct uhci, tablet),
	SAVE_LAST,
};

const struct device_class uhci_class = {
	.name = "uhci",
	.state_size = sizeof(struct uhci),
	.version = 1,
	.create = uhci_create,
	.reset = uhci_reset,
	.destroy = uhci_destroy,
	.saved = uhci_saved,
	.restored = uhci_restored,
};

bool uhci_tablet_is_in_use(const struct device *d)
{
	const struct uhci *s = d->state;

	return s && s->tablet.input && s->tablet.configuration;
}
