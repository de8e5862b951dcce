/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's questions. */
#include "fw_cfg.h"

#include "string.h"

#define FW_CFG_PORTS 2

enum {
	ITEM_SIGNATURE = 0x00,
	ITEM_REVISION = 0x01,
};

struct fw_cfg {
	struct io_region ports;
	uint16_t item;
	uint32_t at; /* the byte that is read next */
};

/* All others, the boot menu's (0x0e) and the directory of files (0x19) among them, are zeros without end: no menu, no files. */
static const struct {
	uint16_t number;
	uint8_t size;
	uint8_t bytes[4];
} items[] = {
	{ ITEM_SIGNATURE, 4, "QEMU" },
	{ ITEM_REVISION, 4, { 1 } }, /* bit 0: by these ports. Not by DMA */
};

static uint8_t next_byte(struct fw_cfg *s)
{
	uint32_t at = s->at;

	if (at < ARRAY_LEN(items[0].bytes))
		s->at++;
	for (unsigned i = 0; i < ARRAY_LEN(items); i++)
		if (items[i].number == s->item && at < items[i].size)
			return items[i].bytes[at];
	return 0;
}

static enum io_result fw_cfg_access(struct io_region *r, struct io_access *a)
{
	struct fw_cfg *s = container_of(r, struct fw_cfg, ports);

	if (!a->is_write) {
		a->value = a->size == 1 ? next_byte(s) : 0xffff;
	} else if (a->size == 2) {
		s->item = (uint16_t)a->value;
		s->at = 0;
	}
	return IO_DONE;
}

static int fw_cfg_create(struct device *d, const void *config)
{
	struct fw_cfg *s = d->state;

	s->ports = (struct io_region){ .name = "fw_cfg",
		                       .base = FW_CFG_PORT,
		                       .size = FW_CFG_PORTS,
		                       .min_access = 1,
		                       .max_access = 2,
		                       .access = fw_cfg_access };
	return iobus_claim(d->ports->pio, &s->ports);
}

static void fw_cfg_reset(struct device *d)
{
	struct fw_cfg *s = d->state;

	s->item = 0;
	s->at = 0;
}

static void fw_cfg_destroy(struct device *d)
{
	struct fw_cfg *s = d->state;

	iobus_release(d->ports->pio, &s->ports);
}

static const struct save_field fw_cfg_saved[] = {
	SAVE_ONE(SAVE_U16, 1, struct fw_cfg, item),
	SAVE_ONE(SAVE_U32, 1, struct fw_cfg, at),
	SAVE_LAST,
};

const struct device_class fw_cfg_class = {
	.name = "fw_cfg",
	.state_size = sizeof(struct fw_cfg),
	.version = 1,
	.create = fw_cfg_create,
	.reset = fw_cfg_reset,
	.destroy = fw_cfg_destroy,
	.saved = fw_cfg_saved,
};
