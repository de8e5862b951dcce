/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block of LZO1X: what lzop's files consist of. */
#ifndef UNPACK_LZO_BLOCK_H
#define UNPACK_LZO_BLOCK_H

#include "stream.h"

/* Unpacks the size bytes at s->in, which are there; the block's own end mark must be their end. As unpack_fn. */
int lzo_block_unpack(struct unpack_stream *s, size_t size);

#endif
