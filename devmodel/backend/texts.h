/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest says beside its serial lines: the debug port (firmware's), and the device model's own lines. Both go into the history. */
#ifndef BACKEND_TEXTS_H
#define BACKEND_TEXTS_H

#include "history.h"
#include "model_link.h"

struct texts {
	struct model_link *link;
	struct history *history;
	struct link_end ends[LINK_TEXTS];
	unsigned sources[LINK_TEXTS];
	uint32_t lost[LINK_TEXTS]; /* bytes, as far as the history says */
};

void texts_start(struct texts *t, struct model_link *l, struct history *h);

#endif
