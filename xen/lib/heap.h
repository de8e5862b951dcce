/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small objects. The declaration stands in lib so that the bus and pure code may allocate; the hypervisor's
 * implementation is xen/core/heap.c, a device model links its own.
 */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

#include "types.h"

/* Zeroed, aligned to 16 (and to its size from 64 bytes to a page when size is a power of two); NULL: no memory. */
void *must_check heap_alloc(size_t size);
/* Zeroed array; NULL also when n * size overflows. */
void *must_check heap_alloc_array(size_t n, size_t size);
/* NULL is allowed. A pointer that heap_alloc() did not return is our bug: bug(). */
void heap_free(void *p);

#endif
