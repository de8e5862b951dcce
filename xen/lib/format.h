/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printf for the hypervisor. Conversions: %c %s %d %i %u %x %X %p %%, with flags - 0 # + space, width and
 * precision (also *), length modifiers hh h l ll z j t. No floating point, no %n.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include "types.h"

/*
 * Writes at most size bytes with the terminating zero (size 0 writes nothing, buf may be NULL then). Returns
 * the length that the whole text has, as snprintf does.
 */
size_t format_v(char *buf, size_t size, const char *fmt, va_list ap) printf_like(3, 0);
size_t format(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

#endif
