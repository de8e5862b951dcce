/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A viewer, played by a test: RFC 6143 with raw pixels. Whoever waits for the server calls pump() meanwhile, which plays the device model. */
#ifndef RFB_CLIENT_H
#define RFB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_PATIENCE_MS 60000

struct rfb_client {
	int fd;
	void (*pump)(void);
	unsigned width, height;
	uint32_t *pixels;  /* 0x00rrggbb */
	uint64_t received; /* pixels, in all */
	unsigned rectangles;
	bool key_codes;      /* the server said so */
	int absolute, lamps; /* what the server said; -1: nothing */
};

int64_t client_now_ms(void);
/* A connection and no word; -1: refused. */
int client_connect(unsigned port);
/* False: the server closed, or nothing came for CLIENT_PATIENCE_MS. */
bool client_get(struct rfb_client *c, void *to, size_t n);
bool client_put(struct rfb_client *c, const void *from, size_t n);
/* As far as a picture can be asked for; password NULL: none. False: refused. */
bool client_start(struct rfb_client *c, unsigned port, const char *password, void (*pump)(void));
bool client_encodings(struct rfb_client *c, const int *encodings, unsigned n);
bool client_ask(struct rfb_client *c, bool incremental);
/* One update. */
bool client_update(struct rfb_client *c);
bool client_key(struct rfb_client *c, bool down, uint32_t keysym);
bool client_code(struct rfb_client *c, bool down, uint32_t keysym, uint32_t code);
bool client_pointer(struct rfb_client *c, int buttons, int x, int y);
void client_end(struct rfb_client *c);

#endif
