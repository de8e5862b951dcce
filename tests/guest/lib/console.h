/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console by hypercall, and a small printf: %d %u %x %p %s %c with l, ll, width and zero padding. */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include <stdarg.h>
#include "types.h"

void console_write(const char *text, size_t length);

/* Each call is one CONSOLEIO_write, cut at 255 bytes. */
void print(const char *fmt, ...) printf_like(1, 2);
void print_v(char *buf, size_t size, const char *fmt, va_list ap) printf_like(3, 0);
void print_to(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

#endif
