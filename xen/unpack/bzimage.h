/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux's bzImage for x86 (its boot protocol): where the packed kernel is in it. */
#ifndef UNPACK_BZIMAGE_H
#define UNPACK_BZIMAGE_H

#include "types.h"

struct bzimage {
	uint64_t offset, size; /* of the payload, inside the file; size is 4 or more */
};

/* Has the file a setup header? */
bool bzimage_is(const uint8_t *file, uint64_t size);
/* 0; -EOPNOTSUPP or -EBADMSG as unpack_probe() says, with *why. */
int must_check bzimage_parse(const uint8_t *file, uint64_t size, struct bzimage *out,
                             const char **why);

#endif
