/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block of LZ4: what both kinds of LZ4 files consist of. */
#ifndef UNPACK_LZ4_BLOCK_H
#define UNPACK_LZ4_BLOCK_H

#include "stream.h"

/* Unpacks the size bytes at s->in, which are there; matches may refer to window (at or before s->out) and later. As unpack_fn. */
int lz4_block_unpack(struct unpack_stream *s, size_t size, const uint8_t *window);

#endif
