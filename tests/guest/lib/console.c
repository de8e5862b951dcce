/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console by hypercall, and a small printf. */
#include "guest.h"

void console_write(const char *text, size_t length)
{
	hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, length, (ulong_t)text, 0, 0);
}

struct output {
	char *buf;
	size_t size, used;
};

static void put(struct output *o, char c)
{
	if (o->used + 1 < o->size)
		o->buf[o->used++] = c;
}

static void put_number(struct output *o, uint64_t v, unsigned base, bool minus, int width, char pad)
{
	char digits[24];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	if (minus)
		digits[n++] = '-';
	for (int i = n; i < width; i++)
		put(o, pad);
	while (n)
		put(o, digits[--n]);
}

static uint64_t next_number(va_list *ap, int longs, bool is_signed)
{
	if (longs > 1)
		return va_arg(*ap, unsigned long long);
	if (longs)
		return is_signed ? (uint64_t)va_arg(*ap, long) : va_arg(*ap, unsigned long);
	return is_signed ? (uint64_t)va_arg(*ap, int) : va_arg(*ap, unsigned);
}

static void put_conversion(struct output *o, char kind, va_list *ap, int longs, int width, char pad)
{
	uint64_t v;

	switch (kind) {
	case 's':
		for (const char *s = va_arg(*ap, const char *); *s; s++, width--)
			put(o, *s);
		while (width-- > 0)
			put(o, ' ');
		break;
	case 'c': put(o, (char)va_arg(*ap, int)); break;
	case 'p': put_number(o, (ulong_t)va_arg(*ap, void *), 16, false, width, pad); break;
	case 'd':
		v = next_number(ap, longs, true);
		put_number(o, (int64_t)v < 0 ? -v : v, 10, (int64_t)v < 0, width, pad);
		break;
	case 'u': put_number(o, next_number(ap, longs, false), 10, false, width, pad); break;
	case 'x': put_number(o, next_number(ap, longs, false), 16, false, width, pad); break;
	default: put(o, kind); break;
	}
}

void print_v(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output o = { buf, size, 0 };
	va_list ap;

	va_copy(ap, args);
	for (; *fmt; fmt++) {
		int width = 0, longs = 0;
		char pad = ' ';

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		if (*++fmt == '0')
			pad = '0';
		while (*fmt >= '0' && *fmt <= '9')
			width = width * 10 + *fmt++ - '0';
		while (*fmt == 'l')
			longs++, fmt++;
		put_conversion(&o, *fmt, &ap, longs, width, pad);
	}
	va_end(ap);
	buf[o.used] = 0;
}

void print_to(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_v(buf, size, fmt, ap);
	va_end(ap);
}

void print(const char *fmt, ...)
{
	char buf[256];
	va_list ap;

	va_start(ap, fmt);
	print_v(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	console_write(buf, strlen(buf));
}
