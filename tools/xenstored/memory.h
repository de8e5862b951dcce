/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is there. What guests can make the daemon hold is bounded by quotas, so an allocation that fails is the machine's end and not a guest's doing:
 * the daemon says so and ends; its journal has everything, and it goes on where it was once it is started again.
 */
#ifndef XENSTORED_MEMORY_H
#define XENSTORED_MEMORY_H

#include <stddef.h>

void *memory_zeroed(size_t size);
void *memory_resize(void *p, size_t size);
void *memory_copy(const void *p, size_t size);
char *memory_string(const char *s);

#endif
