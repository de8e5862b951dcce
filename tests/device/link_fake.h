/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link's memory in a test, and a scripted backend at its other end, which keeps the rules of devmodel_link.h: what devmodel/backend does, without files. */
#ifndef LINK_FAKE_H
#define LINK_FAKE_H

#include "device_fake.h"
#include "link.h"
#include "link_port.h"

extern struct fake_link {
	struct devmodel_link memory;
	bool is_bound;         /* somebody hears notifications */
	unsigned notified;     /* how often it was told */
	unsigned vram_written; /* how often link_vram_written() was called */
} fake_link;

/* All zeroes, and the device model's side started for this board. A backend is bound, and has not attached. */
void fake_link_start(const struct devmodel_board *b, struct device_ports *ports);
/* DEVMODEL_EVENT_LINK: one entry of the device model. */
void fake_link_look(void);

/* ---- the backend ---- */

struct fake_server {
	uint32_t requests, answers;                       /* its indices */
	uint32_t text[LINK_TEXTS], serial_out, serial_in; /* of the first line */
	uint32_t frames_out, frames_in, inputs;           /* of the first interface */
};
extern struct fake_server server;

/* A new one, which knows nothing of what was before: writes the epoch and is answered. */
void server_attach(uint32_t epoch);
/* The oldest request that it has not taken yet; false: none. */
bool server_request(struct link_block_request *r);
void server_answer(uint32_t tag, int32_t error);
/* Takes all requests, carries them out on a disk of so many sectors, answers and tells. How many there were. */
unsigned server_serve(uint8_t *disk, uint64_t sectors);
/* Bytes of the first serial line; how many there were, at most n. */
unsigned server_serial_get(uint8_t *bytes, unsigned n);
unsigned server_text_get(enum link_text kind, char *text, unsigned n);
void server_serial_put(const uint8_t *bytes, unsigned n);
/* A frame of the first interface; its length, 0: none. */
unsigned server_frame_get(uint8_t *frame);
bool server_frame_put(const uint8_t *frame, unsigned n);
void server_input(const struct input_event *e);

#endif
