/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap of devices on the host: malloc, so that AddressSanitizer sees each object. */
#include <stdlib.h>

#include "heap.h"

void *heap_alloc(size_t size)
{
	return calloc(1, size ? size : 1);
}

void *heap_alloc_array(size_t n, size_t size)
{
	return calloc(n ? n : 1, size ? size : 1);
}

void heap_free(void *p)
{
	free(p);
}
