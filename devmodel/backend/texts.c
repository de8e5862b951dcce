/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port and the device model's lines, into the history. */
#include "texts.h"

#include <stdio.h>

static void lost_look(struct texts *t, unsigned kind)
{
	uint32_t lost = read_once(t->link->memory->texts[kind].lost);
	char text[80];

	if (lost == t->lost[kind])
		return;
	snprintf(text, sizeof(text), "(%u bytes were lost here)\n", lost - t->lost[kind]);
	t->lost[kind] = lost;
	history_put(t->history, t->sources[kind], text, (size_t)snprintf(NULL, 0, "%s", text));
}

static void look(void *context)
{
	struct texts *t = context;
	uint8_t bytes[LINK_BYTES_OUT];

	for (unsigned i = 0; i < LINK_TEXTS; i++) {
		struct link_bytes_out *from = &t->link->memory->texts[i];
		uint32_t n = link_waiting(&t->ends[i]);

		if (!n)
			continue;
		link_ring_get(bytes, from->bytes, LINK_BYTES_OUT, t->ends[i].index, n);
		model_consumed(t->link, &t->ends[i], n);
		history_put(t->history, t->sources[i], bytes, n);
		lost_look(t, i);
	}
}

static void attached(void *context)
{
	struct texts *t = context;

	for (unsigned i = 0; i < LINK_TEXTS; i++) {
		struct link_bytes_out *from = &t->link->memory->texts[i];

		t->ends[i] = model_consumer(&from->queue, LINK_BYTES_OUT);
		t->lost[i] = read_once(from->lost);
	}
}

void texts_start(struct texts *t, struct model_link *l, struct history *h)
{
	static const char *const names[LINK_TEXTS] = {
		[LINK_TEXT_DEBUG] = "debug", [LINK_TEXT_LOG] = "devices"
	};

	t->link = l;
	t->history = h;
	for (unsigned i = 0; i < LINK_TEXTS; i++)
		t->sources[i] = history_add_source(h, names[i]);
	model_link_add_part(l, attached, look, t);
}
