/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PC16550D. Names of registers and bits are its data sheet's (section 8). */
#include "uart16550.h"

#include "errno.h"
#include "string.h"

enum { REG_DATA, REG_IER, REG_IIR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR, REGS };
#define REG_FCR REG_IIR

#define IER_RX       0x01
#define IER_THRE     0x02
#define IER_LINE     0x04
#define IER_MODEM    0x08
#define IER_MASK     0x0f
#define IIR_NONE     0x01
#define IIR_MODEM    0x00
#define IIR_THRE     0x02
#define IIR_RX       0x04
#define IIR_LINE     0x06
#define IIR_TIMEOUT  0x0c
#define IIR_FIFO     0xc0
#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_CLEAR_TX 0x04
#define FCR_MASK     0xc9 /* the bits that are kept */
#define FCR_TRIGGER  6
#define LCR_BREAK    0x40
#define LCR_DLAB     0x80
#define MCR_DTR      0x01
#define MCR_RTS      0x02
#define MCR_OUT1     0x04
#define MCR_OUT2     0x08
#define MCR_LOOP     0x10
#define MCR_MASK     0x1f
#define LSR_READY    0x01
#define LSR_OVERRUN  0x02
#define LSR_BREAK    0x10
#define LSR_ERRORS   0x1e
#define LSR_THRE     0x20
#define LSR_TEMT     0x40
#define LSR_IN_FIFO  0x80
#define MSR_TERI     0x04
#define MSR_LINES    0xf0
#define MSR_CTS      CHAR_LINE_CTS
#define MSR_DSR      CHAR_LINE_DSR
#define MSR_RI       CHAR_LINE_RI
#define MSR_DCD      CHAR_LINE_DCD

#define FIFO_SIZE     16
#define CLOCK_HZ      1843200
#define RESET_DIVISOR 12 /* 9600; the chip leaves it undefined */

/* Both of FIFO_SIZE, the oldest first. errors: LSR bits of each byte. */
struct fifo {
	uint8_t bytes[FIFO_SIZE], errors[FIFO_SIZE];
	uint8_t count;
};

struct uart16550 {
	struct device *device;
	struct io_region region;
	struct irq_line *irq;
	struct char_backend *line;
	struct device_timer timeout; /* armed at timeout_at or before */
	struct fifo rx, tx;
	uint64_t timeout_at; /* when bytes have waited for too long; 0: none wait */
	uint16_t divisor;
	uint8_t ier, fcr, lcr, mcr, msr, scr;
	uint8_t overrun; /* LSR_OVERRUN or 0 */
	uint8_t outside; /* the modem lines as the other end drives them: MSR bits */
	bool thre_wanted; /* the transmitter became empty, or its interrupt was enabled, and nobody has seen it yet */
	bool timed_out;
	bool level;        /* of irq */
	bool transmitting; /* the other end is just being given bytes */
};

static const uint8_t trigger_levels[] = { 1, 4, 8, 14 };

static bool has_fifo(const struct uart16550 *s)
{
	return s->fcr & FCR_ENABLE;
}

static unsigned depth(const struct uart16550 *s)
{
	return has_fifo(s) ? FIFO_SIZE : 1;
}

static unsigned trigger(const struct uart16550 *s)
{
	return has_fifo(s) ? trigger_levels[s->fcr >> FCR_TRIGGER] : 1;
}

static uint8_t fifo_take(struct fifo *f)
{
	uint8_t byte = f->bytes[0];

	f->count--;
	memmove(f->bytes, f->bytes + 1, f->count);
	memmove(f->errors, f->errors + 1, f->count);
	return byte;
}

/* ---- status and interrupt ---- */

static uint8_t line_status(const struct uart16550 *s)
{
	uint8_t lsr = s->overrun;

	if (s->rx.count)
		lsr |= LSR_READY | s->rx.errors[0];
	if (!s->tx.count)
		lsr |= LSR_THRE | LSR_TEMT;
	for (unsigned i = 0; has_fifo(s) && i < s->rx.count; i++)
		if (s->rx.errors[i])
			lsr |= LSR_IN_FIFO;
	return lsr;
}

/* The identification register without its FIFO bits: the most urgent of what is enabled. */
static uint8_t cause(const struct uart16550 *s)
{
	if (s->ier & IER_LINE && line_status(s) & LSR_ERRORS)
		return IIR_LINE;
	if (s->ier & IER_RX && s->rx.count >= trigger(s))
		return IIR_RX;
	if (s->ier & IER_RX && s->timed_out)
		return IIR_TIMEOUT;
	if (s->ier & IER_THRE && s->thre_wanted)
		return IIR_THRE;
	if (s->ier & IER_MODEM && s->msr & ~MSR_LINES)
		return IIR_MODEM;
	return IIR_NONE;
}

static void irq_update(struct uart16550 *s)
{
	bool level = s->mcr & MCR_OUT2 && cause(s) != IIR_NONE;

	if (level != s->level)
		irq_line_set(s->irq, level);
	s->level = level;
}

/* ---- time-out ---- */

static uint64_t character_ns(const struct uart16550 *s)
{
	unsigned half_bits = 2 * (1 + 5 + (s->lcr & 3)) + 2;
	uint64_t divisor = s->divisor ? s->divisor : 0x10000;

	if (s->lcr & 0x08) /* parity */
		half_bits += 2;
	if (s->lcr & 0x04) /* two stop bits, or one and a half */
		half_bits += s->lcr & 3 ? 2 : 1;
	return divisor * 16 * half_bits * (1000000000 / 2 / 100) / (CLOCK_HZ / 100);
}

/* The time of four characters begins anew with each one that comes or is read. The timer only ever moves when it has run out: that spares a call a byte. */
static void timeout_restart(struct uart16550 *s)
{
	struct device_clock *c = s->device->ports->clock;

	s->timed_out = false;
	s->timeout_at = 0;
	if (!has_fifo(s) || !s->rx.count)
		return;
	s->timeout_at = c->now_ns(c) + 4 * character_ns(s);
	if (!s->timeout.armed || s->timeout.at_ns > s->timeout_at)
		c->arm(c, &s->timeout, s->timeout_at);
}

static void timeout_elapsed(struct device_timer *t)
{
	struct uart16550 *s = container_of(t, struct uart16550, timeout);
	struct device_clock *c = s->device->ports->clock;

	if (!s->timeout_at)
		return;
	if (c->now_ns(c) < s->timeout_at) {
		c->arm(c, t, s->timeout_at);
		return;
	}
	s->timeout_at = 0;
	s->timed_out = true;
	irq_update(s);
}

/* ---- receiver ---- */

static void receive_byte(struct uart16550 *s, uint8_t byte, uint8_t errors)
{
	if (s->rx.count == depth(s)) {
		/* The FIFO keeps what it has; the holding register is overwritten. */
		s->overrun = LSR_OVERRUN;
		if (has_fifo(s))
			return;
		s->rx.count = 0;
	}
	s->rx.bytes[s->rx.count] = byte;
	s->rx.errors[s->rx.count++] = errors;
}

static bool listens(const struct uart16550 *s)
{
	return !(s->mcr & MCR_LOOP) && s->rx.count < depth(s);
}

/* The other end may send again. Only once all was read: the interrupt has gone then, and each new one is an edge, which is what an ISA interrupt controller sees. */
static void ask_for_more(struct uart16550 *s)
{
	if (s->line && s->line->room && !s->rx.count && listens(s))
		s->line->room(s->line);
}

static size_t line_receive(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	struct uart16550 *s = b->client;
	size_t taken = 0;

	while (taken < n && listens(s))
		receive_byte(s, bytes[taken++], 0);
	if (taken) {
		timeout_restart(s);
		irq_update(s);
	}
	return taken;
}

static void line_break(struct char_backend *b)
{
	struct uart16550 *s = b->client;

	if (s->mcr & MCR_LOOP)
		return;
	receive_byte(s, 0, LSR_BREAK);
	timeout_restart(s);
	irq_update(s);
}

static uint8_t read_data(struct uart16550 *s)
{
	uint8_t byte = s->rx.bytes[0];

	/* An empty receiver gives its last byte again. */
	if (!s->rx.count)
		return byte;
	fifo_take(&s->rx);
	timeout_restart(s);
	irq_update(s);
	ask_for_more(s);
	return byte;
}

static uint8_t read_line_status(struct uart16550 *s)
{
	uint8_t lsr = line_status(s);

	s->overrun = 0;
	s->rx.errors[0] = 0;
	if (lsr & LSR_ERRORS)
		irq_update(s);
	return lsr;
}

/* ---- transmitter ---- */

static void loop_back(struct uart16550 *s)
{
	for (unsigned i = 0; i < s->tx.count; i++)
		receive_byte(s, s->tx.bytes[i], 0);
	timeout_restart(s);
}

/* What waits goes as far as the other end takes it. */
static void transmit(struct uart16550 *s)
{
	size_t taken = s->tx.count;

	if (!taken || s->transmitting)
		return;
	s->transmitting = true;
	if (s->mcr & MCR_LOOP)
		loop_back(s);
	else if (s->line)
		taken = MIN(taken, s->line->put(s->line, s->tx.bytes, taken));
	s->transmitting = false;
	s->tx.count -= (uint8_t)taken;
	memmove(s->tx.bytes, s->tx.bytes + taken, s->tx.count);
	s->thre_wanted = !s->tx.count;
	irq_update(s);
}

static void line_writable(struct char_backend *b)
{
	transmit(b->client);
}

static void write_data(struct uart16550 *s, uint8_t byte)
{
	s->thre_wanted = false;
	if (s->tx.count == depth(s))
		s->tx.count--; /* the guest did not look: the last one is overwritten */
	s->tx.bytes[s->tx.count++] = byte;
	irq_update(s); /* it falls before it rises again: an edge */
	transmit(s);
}

/* ---- modem lines ---- */

static uint8_t modem_lines(const struct uart16550 *s)
{
	if (!(s->mcr & MCR_LOOP))
		return s->outside;
	return (s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0) |
	       (s->mcr & MCR_OUT1 ? MSR_RI : 0) | (s->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

/* The delta bits lie four below their lines; that of RI tells the end of ringing only. */
static void modem_update(struct uart16550 *s)
{
	uint8_t lines = modem_lines(s), changed = (s->msr ^ lines) & MSR_LINES;

	if (lines & MSR_RI)
		changed &= ~MSR_RI;
	s->msr = (s->msr & ~MSR_LINES) | lines | changed >> 4;
	irq_update(s);
}

static void line_lines_changed(struct char_backend *b, uint8_t lines)
{
	struct uart16550 *s = b->client;

	s->outside = lines & MSR_LINES;
	modem_update(s);
}

static uint8_t read_modem_status(struct uart16550 *s)
{
	uint8_t msr = s->msr;

	s->msr &= MSR_LINES;
	irq_update(s);
	return msr;
}

/* The pins that the other end sees: DTR, RTS and the break. In loopback they are idle. */
static uint8_t pins(const struct uart16550 *s)
{
	return s->mcr & MCR_LOOP ? 0 : (s->mcr & (MCR_DTR | MCR_RTS)) | (s->lcr & LCR_BREAK);
}

static void tell_line(struct uart16550 *s, uint8_t before)
{
	struct char_backend *b = s->line;
	uint8_t now = pins(s), changed = now ^ before;

	if (b && b->set_break && changed & LCR_BREAK)
		b->set_break(b, now & LCR_BREAK);
	if (b && b->set_lines && changed & (MCR_DTR | MCR_RTS))
		b->set_lines(b, now & MCR_DTR, now & MCR_RTS);
}

static void write_mcr(struct uart16550 *s, uint8_t mcr)
{
	uint8_t before = pins(s);

	s->mcr = mcr & MCR_MASK;
	tell_line(s, before);
	modem_update(s);
	transmit(s);
	ask_for_more(s);
}

static void write_lcr(struct uart16550 *s, uint8_t lcr)
{
	uint8_t before = pins(s);

	s->lcr = lcr;
	tell_line(s, before);
}

/* ---- registers ---- */

static void write_ier(struct uart16550 *s, uint8_t ier)
{
	/* Enabling it with an empty transmitter interrupts at once. */
	if (ier & ~s->ier & IER_THRE && !s->tx.count)
		s->thre_wanted = true;
	s->ier = ier & IER_MASK;
	irq_update(s);
}

static void write_fcr(struct uart16550 *s, uint8_t fcr)
{
	/* A change of mode empties both; the other bits count only with the first. */
	if ((fcr ^ s->fcr) & FCR_ENABLE)
		fcr |= FCR_CLEAR_RX | FCR_CLEAR_TX;
	else if (!(fcr & FCR_ENABLE))
		return;
	if (fcr & FCR_CLEAR_RX)
		s->rx.count = 0;
	if (fcr & FCR_CLEAR_TX && s->tx.count) {
		s->tx.count = 0;
		s->thre_wanted = true;
	}
	s->fcr = fcr & FCR_ENABLE ? fcr & FCR_MASK : 0;
	timeout_restart(s);
	irq_update(s);
	ask_for_more(s);
}

static uint8_t read_iir(struct uart16550 *s)
{
	uint8_t iir = cause(s);

	if (iir == IIR_THRE) {
		s->thre_wanted = false;
		irq_update(s);
	}
	return iir | (has_fifo(s) ? IIR_FIFO : 0);
}

static uint8_t read_register(struct uart16550 *s, unsigned reg)
{
	bool dlab = s->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA: return dlab ? (uint8_t)s->divisor : read_data(s);
	case REG_IER: return dlab ? (uint8_t)(s->divisor >> 8) : s->ier;
	case REG_IIR: return read_iir(s);
	case REG_LCR: return s->lcr;
	case REG_MCR: return s->mcr;
	case REG_LSR: return read_line_status(s);
	case REG_MSR: return read_modem_status(s);
	default: return s->scr;
	}
}

/* LSR and MSR are for the factory's tests when they are written: nothing happens. */
static void write_register(struct uart16550 *s, unsigned reg, uint8_t value)
{
	bool dlab = s->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		if (dlab)
			s->divisor = (s->divisor & 0xff00) | value;
		else
			write_data(s, value);
		break;
	case REG_IER:
		if (dlab)
			s->divisor = (uint16_t)(value << 8) | (s->divisor & 0xff);
		else
			write_ier(s, value);
		break;
	case REG_FCR: write_fcr(s, value); break;
	case REG_LCR: write_lcr(s, value); break;
	case REG_MCR: write_mcr(s, value); break;
	case REG_SCR: s->scr = value; break;
	}
}

static enum io_result uart_access(struct io_region *r, struct io_access *a)
{
	struct uart16550 *s = container_of(r, struct uart16550, region);

	if (a->is_write)
		write_register(s, (unsigned)a->addr, (uint8_t)a->value);
	else
		a->value = read_register(s, (unsigned)a->addr);
	return IO_DONE;
}

/* ---- the device ---- */

static int uart_create(struct device *d, const void *config)
{
	const struct uart16550_config *c = config;
	struct uart16550 *s = d->state;
	int error;

	s->device = d;
	s->line = c->line;
	s->irq = d->ports->isa_irq(d->ports, c->irq);
	s->timeout.fn = timeout_elapsed;
	s->region = (struct io_region){ .name = "uart16550",
		                        .base = c->port,
		                        .size = REGS,
		                        .min_access = 1,
		                        .max_access = 1,
		                        .access = uart_access };
	error = iobus_claim(d->ports->pio, &s->region);
	if (error || !s->line)
		return error;
	s->outside = MSR_CTS | MSR_DSR | MSR_DCD;
	s->line->client = s;
	s->line->receive = line_receive;
	s->line->receive_break = line_break;
	s->line->writable = line_writable;
	s->line->lines_changed = line_lines_changed;
	return 0;
}

static void uart_destroy(struct device *d)
{
	struct uart16550 *s = d->state;

	d->ports->clock->cancel(d->ports->clock, &s->timeout);
	iobus_release(d->ports->pio, &s->region);
	irq_line_set(s->irq, false);
}

static void uart_reset(struct device *d)
{
	struct uart16550 *s = d->state;
	uint8_t before = pins(s);

	s->rx = s->tx = (struct fifo){ 0 };
	s->ier = s->fcr = s->lcr = s->mcr = s->scr = 0;
	s->overrun = 0;
	s->thre_wanted = false;
	s->divisor = RESET_DIVISOR;
	s->msr = s->outside;
	tell_line(s, before);
	timeout_restart(s);
	irq_update(s);
}

static int uart_restored(struct device *d)
{
	struct uart16550 *s = d->state;
	struct device_clock *c = d->ports->clock;

	if (s->rx.count > depth(s) || s->tx.count > depth(s) || s->ier & ~IER_MASK ||
	    s->fcr & ~FCR_MASK || s->mcr & ~MCR_MASK || s->overrun & ~LSR_OVERRUN)
		return -EINVAL;
	for (unsigned i = 0; i < FIFO_SIZE; i++)
		if (s->rx.errors[i] & ~LSR_ERRORS)
			return -EINVAL;
	c->cancel(c, &s->timeout);
	if (s->timeout_at)
		c->arm(c, &s->timeout, s->timeout_at);
	tell_line(s, 0); /* the other end knows nothing yet */
	modem_update(s); /* its lines are those of now */
	transmit(s);
	ask_for_more(s);
	return 0;
}

static const struct save_field uart_saved[] = {
	SAVE_BLOB(1, struct uart16550, rx.bytes),
	SAVE_BLOB(1, struct uart16550, rx.errors),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, rx.count),
	SAVE_BLOB(1, struct uart16550, tx.bytes),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, tx.count),
	SAVE_ONE(SAVE_U64, 1, struct uart16550, timeout_at),
	SAVE_ONE(SAVE_U16, 1, struct uart16550, divisor),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, ier),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, fcr),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, lcr),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, mcr),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, msr),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, scr),
	SAVE_ONE(SAVE_U8, 1, struct uart16550, overrun),
	SAVE_ONE(SAVE_BOOL, 1, struct uart16550, thre_wanted),
	SAVE_ONE(SAVE_BOOL, 1, struct uart16550, timed_out),
	SAVE_LAST,
};

const struct device_class uart16550_class = {
	.name = "uart16550",
	.state_size = sizeof(struct uart16550),
	.version = 1,
	.create = uart_create,
	.reset = uart_reset,
	.destroy = uart_destroy,
	.saved = uart_saved,
	.restored = uart_restored,
};
