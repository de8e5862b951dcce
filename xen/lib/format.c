/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printf for the hypervisor. */
#include "format.h"
#include "string.h"

/* Where the text goes. at counts also what did not fit. */
struct sink {
	char *buf;
	size_t size, at;
};

/* One conversion: %[flags][width][.precision][length]letter */
struct spec {
	bool left, zero, alternate, plus, space;
	int width;
	int precision;    /* -1: none given */
	uint8_t int_size; /* bytes of the argument */
	char letter;
};

static void put(struct sink *s, char c)
{
	if (s->at + 1 < s->size)
		s->buf[s->at] = c;
	s->at++;
}

static void put_many(struct sink *s, char c, int n)
{
	while (n-- > 0)
		put(s, c);
}

static void put_text(struct sink *s, const struct spec *spec, const char *text)
{
	/* Not strlen: with a precision, text need not end in a zero. */
	size_t max = spec->precision >= 0 ? (size_t)spec->precision : SIZE_MAX;
	size_t len = strnlen(text ? text : "(null)", max);
	int pad = len < (size_t)spec->width ? spec->width - (int)len : 0;

	if (!text)
		text = "(null)";
	if (!spec->left)
		put_many(s, ' ', pad);
	for (size_t i = 0; i < len; i++)
		put(s, text[i]);
	if (spec->left)
		put_many(s, ' ', pad);
}

static void put_number(struct sink *s, const struct spec *spec, uint64_t value, const char *prefix)
{
	const char *digits = spec->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned base = spec->letter == 'x' || spec->letter == 'X' ? 16 : 10;
	int prefix_len = (int)strlen(prefix), len = 0, zeroes, pad;
	char text[20];

	for (; value; value /= base)
		text[len++] = digits[value % base];
	if (!len && spec->precision != 0)
		text[len++] = '0';
	zeroes = MAX(spec->precision - len, 0);
	pad = MAX(spec->width - prefix_len - zeroes - len, 0);
	if (spec->zero && !spec->left && spec->precision < 0) {
		zeroes += pad;
		pad = 0;
	}
	if (!spec->left)
		put_many(s, ' ', pad);
	for (; *prefix; prefix++)
		put(s, *prefix);
	put_many(s, '0', zeroes);
	while (len)
		put(s, text[--len]);
	if (spec->left)
		put_many(s, ' ', pad);
}

static void put_signed(struct sink *s, const struct spec *spec, int64_t value)
{
	const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	/* Shorter types came through int64_t, so their sign is already right. */
	put_number(s, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, sign);
}

static void put_unsigned(struct sink *s, const struct spec *spec, uint64_t value)
{
	bool hex = spec->letter != 'u';

	put_number(s, spec, value,
	           !hex || !spec->alternate || !value ? ""
	           : spec->letter == 'X'              ? "0X"
	                                              : "0x");
}

static const char *parse_flags(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-': spec->left = true; break;
		case '0': spec->zero = true; break;
		case '#': spec->alternate = true; break;
		case '+': spec->plus = true; break;
		case ' ': spec->space = true; break;
		default: return fmt;
		}
	}
}

static const char *parse_decimal(const char *fmt, int *value)
{
	for (*value = 0; *fmt >= '0' && *fmt <= '9'; fmt++)
		*value = MIN(*value * 10 + (*fmt - '0'), 100000);
	return fmt;
}

static const char *parse_length(const char *fmt, struct spec *spec)
{
	bool twice = fmt[0] && fmt[1] == fmt[0];

	switch (*fmt) {
	case 'h': spec->int_size = twice ? 1 : 2; break;
	case 'l': spec->int_size = 8; break;
	case 'z':
	case 'j':
	case 't': spec->int_size = 8; return fmt + 1;
	default: spec->int_size = 4; return fmt;
	}
	return fmt + 1 + twice;
}

static uint64_t next_unsigned(const struct spec *spec, va_list *ap)
{
	switch (spec->int_size) {
	case 8: return va_arg(*ap, uint64_t);
	case 2: return (uint16_t)va_arg(*ap, unsigned);
	case 1: return (uint8_t)va_arg(*ap, unsigned);
	default: return va_arg(*ap, unsigned);
	}
}

static int64_t next_signed(const struct spec *spec, va_list *ap)
{
	switch (spec->int_size) {
	case 8: return va_arg(*ap, int64_t);
	case 2: return (int16_t)va_arg(*ap, int);
	case 1: return (int8_t)va_arg(*ap, int);
	default: return va_arg(*ap, int);
	}
}

/* All of a conversion but its letter, which the returned pointer stands at. */
static const char *parse_spec(const char *fmt, struct spec *spec, va_list *ap)
{
	fmt = parse_flags(fmt, spec);
	if (*fmt == '*') {
		spec->width = MAX(va_arg(*ap, int), -INT32_MAX);
		fmt++;
		if (spec->width < 0) {
			spec->left = true;
			spec->width = -spec->width;
		}
	} else {
		fmt = parse_decimal(fmt, &spec->width);
	}
	if (*fmt == '.') {
		if (*++fmt == '*') {
			spec->precision = MAX(va_arg(*ap, int), -1);
			fmt++;
		} else {
			fmt = parse_decimal(fmt, &spec->precision);
		}
	}
	return parse_length(fmt, spec);
}

/* fmt stands after the '%'; returns what follows the conversion. An unknown letter prints as it stands. */
static const char *convert(struct sink *s, const char *fmt, va_list *ap)
{
	struct spec spec = { .precision = -1 };

	fmt = parse_spec(fmt, &spec, ap);
	spec.letter = *fmt;
	switch (spec.letter) {
	case 'd':
	case 'i': put_signed(s, &spec, next_signed(&spec, ap)); break;
	case 'u':
	case 'x':
	case 'X': put_unsigned(s, &spec, next_unsigned(&spec, ap)); break;
	case 'p':
		spec.letter = 'x';
		put_number(s, &spec, (uintptr_t)va_arg(*ap, void *), "0x");
		break;
	case 's': put_text(s, &spec, va_arg(*ap, const char *)); break;
	case 'c':
		put_many(s, ' ', spec.left ? 0 : spec.width - 1);
		put(s, (char)va_arg(*ap, int));
		put_many(s, ' ', spec.left ? spec.width - 1 : 0);
		break;
	case '%': put(s, '%'); break;
	case 0: return fmt;
	default: put(s, '%'); put(s, spec.letter);
	}
	return fmt + 1;
}

size_t format_v(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink s = { buf, size, 0 };
	va_list copy; /* its address can be handed on; that of a parameter cannot */

	va_copy(copy, ap);
	while (*fmt) {
		if (*fmt == '%')
			fmt = convert(&s, fmt + 1, &copy);
		else
			put(&s, *fmt++);
	}
	va_end(copy);
	if (size)
		buf[MIN(s.at, size - 1)] = 0;
	return s.at;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = format_v(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
