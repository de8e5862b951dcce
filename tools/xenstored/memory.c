/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is there, or the end of the process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void *present(void *p)
{
	if (p)
		return p;
	fputs("xenstored: no memory left in this machine; the state is kept, start xenstored again\n",
	      stderr);
	exit(1);
}

void *memory_zeroed(size_t size)
{
	return present(calloc(1, size ? size : 1));
}

void *memory_resize(void *p, size_t size)
{
	return present(realloc(p, size ? size : 1));
}

void *memory_copy(const void *p, size_t size)
{
	void *q = memory_zeroed(size);

	if (size)
		memcpy(q, p, size);
	return q;
}

char *memory_string(const char *s)
{
	return memory_copy(s, strlen(s) + 1);
}
