/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port 0xe9. */
#include "debugcon.h"

struct debugcon {
	struct io_region port;
	struct char_backend *output;
};

static enum io_result debugcon_access(struct io_region *r, struct io_access *a)
{
	struct debugcon *s = container_of(r, struct debugcon, port);
	uint8_t byte = (uint8_t)a->value;

	if (!a->is_write)
		a->value = DEBUGCON_PORT;
	else if (s->output)
		s->output->put(s->output, &byte, 1);
	return IO_DONE;
}

static int debugcon_create(struct device *d, const void *config)
{
	const struct debugcon_config *c = config;
	struct debugcon *s = d->state;

	s->output = c->output;
	s->port = (struct io_region){ .name = "debugcon",
		                      .base = DEBUGCON_PORT,
		                      .size = 1,
		                      .min_access = 1,
		                      .max_access = 1,
		                      .access = debugcon_access };
	return iobus_claim(d->ports->pio, &s->port);
}

static void debugcon_reset(struct device *d)
{
}

static void debugcon_destroy(struct device *d)
{
	struct debugcon *s = d->state;

	iobus_release(d->ports->pio, &s->port);
}

/* It remembers nothing. */
static const struct save_field debugcon_saved[] = { SAVE_LAST };

const struct device_class debugcon_class = {
	.name = "debugcon",
	.state_size = sizeof(struct debugcon),
	.version = 1,
	.create = debugcon_create,
	.reset = debugcon_reset,
	.destroy = debugcon_destroy,
	.saved = debugcon_saved,
};
