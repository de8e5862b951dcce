/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 16550 as the console. */
#include "uart.h"

#include "atomic.h"
#include "console.h"
#include "cpu_insn.h"
#include "ioapic.h"
#include "log.h"
#include "traps.h"

enum uart_register {
	UART_DATA = 0, /* divisor low with LCR.DLAB */
	UART_IER = 1,  /* divisor high */
	UART_FCR = 2,
	UART_IIR = 2,
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_SCRATCH = 7,
};

#define IER_RECEIVED      0x01
#define FCR_ENABLE_CLEAR  0x07
#define LCR_8N1           0x03
#define LCR_DLAB          0x80
#define MCR_DTR_RTS_OUT2  0x0b
#define LSR_DATA          0x01
#define LSR_TRANSMIT_FREE 0x20
#define LSR_TRANSMIT_IDLE 0x40

#define FIFO_SIZE 16
/* A FIFO empties in 1.4 ms at 115,200 baud; a poll takes about a microsecond on hardware. Slow rates are allowed for. */
#define MAX_POLLS 200000

#define VECTOR_UART VECTOR_LAST_DEVICE

static uint16_t base;
static bool present;
static bool stuck; /* it stopped taking characters: one poll only from now on, until it takes one */

static uint8_t get(enum uart_register r)
{
	return in8((uint16_t)(base + r));
}

static void set(enum uart_register r, uint8_t v)
{
	out8((uint16_t)(base + r), v);
}

bool uart_present(void)
{
	return present;
}

uint16_t uart_port(void)
{
	return base;
}

bool uart_init(uint16_t port, uint32_t baud)
{
	uint32_t divisor = 115200 / (baud ? MIN(baud, 115200u) : 115200);

	base = port ? port : 0x3f8;
	set(UART_SCRATCH, 0xa5);
	if (get(UART_SCRATCH) != 0xa5)
		return false;
	set(UART_SCRATCH, 0x5a);
	if (get(UART_SCRATCH) != 0x5a || get(UART_LSR) == 0xff)
		return false;
	set(UART_IER, 0);
	set(UART_LCR, LCR_DLAB | LCR_8N1);
	set(UART_DATA, (uint8_t)divisor);
	set(UART_IER, (uint8_t)(divisor >> 8));
	set(UART_LCR, LCR_8N1);
	set(UART_FCR, FCR_ENABLE_CLEAR);
	set(UART_MCR, MCR_DTR_RTS_OUT2);
	present = true;
	return true;
}

/* Until the transmit FIFO is empty (LSR_TRANSMIT_FREE), or the last bit is on the line, too (LSR_TRANSMIT_IDLE). */
static bool wait_for(uint8_t state)
{
	for (unsigned i = 0; i < (stuck ? 1 : MAX_POLLS); i++) {
		if (get(UART_LSR) & state) {
			stuck = false;
			return true;
		}
		cpu_relax();
	}
	stuck = true;
	return false;
}

static void put_byte(uint8_t c, unsigned *room)
{
	if (!*room) {
		if (!wait_for(LSR_TRANSMIT_FREE))
			return;
		*room = FIFO_SIZE;
	}
	set(UART_DATA, c);
	(*room)--;
}

void uart_drain(void)
{
	if (present)
		(void)wait_for(LSR_TRANSMIT_IDLE);
}

void uart_put(const char *s, size_t n)
{
	unsigned room = 0;

	if (!present)
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			put_byte('\r', &room);
		put_byte((uint8_t)s[i], &room);
	}
}

/* Bounded: a port that always says "data" would hold the CPU for ever. */
static void uart_interrupt(uint8_t vector)
{
	for (unsigned i = 0; i < 4 * FIFO_SIZE && (get(UART_LSR) & LSR_DATA); i++)
		console_input(get(UART_DATA));
	(void)get(UART_IIR);
	/* The line stays up while there is more, and the next interrupt wants an edge. */
	if (get(UART_LSR) & LSR_DATA) {
		set(UART_IER, 0);
		set(UART_IER, IER_RECEIVED);
	}
}

void uart_enable_input(unsigned irq)
{
	if (!present)
		return;
	if (!irq)
		irq = base == 0x2f8 || base == 0x2e8 ? 3 : 4;
	trap_set_irq(VECTOR_UART, uart_interrupt);
	if (ioapic_route_isa(irq, VECTOR_UART)) {
		log_warning("com1: no IO-APIC has interrupt %u: no console input", irq);
		return;
	}
	/* what came before is stale, and an edge may be gone */
	for (unsigned i = 0; i < FIFO_SIZE && (get(UART_LSR) & LSR_DATA); i++)
		console_input(get(UART_DATA));
	set(UART_IER, IER_RECEIVED);
}
