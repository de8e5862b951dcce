/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 16550 serial port as the console: polled output, interrupt-driven input. */
#ifndef MACHINE_UART_H
#define MACHINE_UART_H

#include "types.h"

/* Port and baud rate from the options (0: 0x3f8, 115200). False: nobody answers there. Needs nothing. */
bool uart_init(uint16_t port, uint32_t baud);
bool uart_present(void);
/* Its first port. */
uint16_t uart_port(void);
/* LF becomes CR LF. Gives up on a character that is not taken within a bounded wait. */
void uart_put(const char *s, size_t n);
/* Before the power goes: until all of it is on the line, within the same wait. */
void uart_drain(void);
/* After ioapic_init(): input by interrupt to console_input(). irq 0: the port's usual one. */
void uart_enable_input(unsigned irq);

#endif
