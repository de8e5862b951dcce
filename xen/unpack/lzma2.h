/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZMA2: LZMA in chunks, as the blocks of xz hold it. */
#ifndef UNPACK_LZMA2_H
#define UNPACK_LZMA2_H

#include "lzma.h"
#include "stream.h"

/* The chunks up to the end mark, from s->in to s->out. l: work area. As unpack_fn. */
int lzma2_unpack(struct unpack_stream *s, struct lzma *l);

#endif
