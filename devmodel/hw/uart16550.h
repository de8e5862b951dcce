/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A serial port: National's PC16550D in a PC. FIFOs with trigger levels and time-out, all interrupts, loopback, modem lines with their deltas, break.
 *
 * Bytes leave at once as long as the line's other end takes them, whatever the divisor says; they arrive when the receiver has room (FIFO or holding register), so nothing is overrun
 * but in loopback. Only the time-out interrupt counts in times of a character at the rate set. Bytes go whole, with any word length: firmware-less guests that never set one are
 * understood. As on a PC's board, the interrupt is let out by OUT2 (bit 3 of MCR); it stays so in loopback, where drivers look for their interrupt.
 */
#ifndef HW_UART16550_H
#define HW_UART16550_H

#include "backend.h"
#include "device.h"

/* Where a PC has them: COM1 to COM4. */
#define UART_COM1_PORT 0x3f8
#define UART_COM2_PORT 0x2f8
#define UART_COM3_PORT 0x3e8
#define UART_COM4_PORT 0x2e8
#define UART_COM1_IRQ  4 /* and COM3 */
#define UART_COM2_IRQ  3 /* and COM4 */

struct uart16550_config {
	uint16_t port;
	uint8_t irq;
	/* NULL: nothing is plugged in; what is sent is lost. Else the UART is its client. Carrier, DSR and CTS are on until lines_changed() says other. */
	struct char_backend *line;
};
extern const struct device_class uart16550_class;

#endif
