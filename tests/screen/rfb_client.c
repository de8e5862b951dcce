/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A viewer of raw pixels. */
#include "rfb_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t client_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

int client_connect(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

bool client_get(struct rfb_client *c, void *to, size_t n)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;
	uint8_t *at = to;

	while (n) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		ssize_t got;

		if (c->pump)
			c->pump();
		if (poll(&p, 1, 2) <= 0) {
			if (client_now_ms() > end)
				return false;
			continue;
		}
		got = recv(c->fd, at, n, 0);
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

bool client_put(struct rfb_client *c, const void *from, size_t n)
{
	return send(c->fd, from, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool resize(struct rfb_client *c, unsigned width, unsigned height)
{
	free(c->pixels);
	c->pixels = calloc((size_t)width * height, 4);
	c->width = width;
	c->height = height;
	return c->pixels != NULL;
}

static bool log_in(struct rfb_client *c, const char *password)
{
	uint8_t types[256], n, type = password ? 2 : 1, challenge[16];
	uint32_t result;

	if (!client_get(c, &n, 1) || !n || !client_get(c, types, n) || !memchr(types, type, n) ||
	    !client_put(c, &type, 1))
		return false;
	if (password) {
		if (!client_get(c, challenge, 16))
			return false;
		rfbEncryptBytes(challenge, (char *)(uintptr_t)password);
		if (!client_put(c, challenge, 16))
			return false;
	}
	return client_get(c, &result, 4) && !result;
}

bool client_start(struct rfb_client *c, unsigned port, const char *password, void (*pump)(void))
{
	uint8_t version[12], shared = 1, init[24];
	static const uint8_t format[20] = { 0,   0, 0,   0, 32,  24, 0, 1, 0,
		                            255, 0, 255, 0, 255, 16, 8, 0 };
	uint32_t name;
	char *text;
	bool good;

	*c = (struct rfb_client){
		.fd = client_connect(port), .pump = pump, .absolute = -1, .lamps = -1
	};
	if (c->fd < 0 || !client_get(c, version, 12) || !client_put(c, "RFB 003.008\n", 12) ||
	    !log_in(c, password) || !client_put(c, &shared, 1) || !client_get(c, init, 24))
		return false;
	memcpy(&name, init + 20, 4);
	text = malloc(ntohl(name) + 1u);
	good = client_get(c, text, ntohl(name));
	free(text);
	return good && client_put(c, format, 20) &&
	       resize(c, (unsigned)init[0] << 8 | init[1], (unsigned)init[2] << 8 | init[3]);
}

bool client_encodings(struct rfb_client *c, const int *encodings, unsigned n)
{
	uint8_t m[4 + 4 * 16] = { 2, 0, 0, (uint8_t)n };

	for (unsigned i = 0; i < n && i < 16; i++) {
		uint32_t e = htonl((uint32_t)encodings[i]);

		memcpy(m + 4 + 4 * i, &e, 4);
	}
	return client_put(c, m, 4 + 4 * n);
}

bool client_ask(struct rfb_client *c, bool incremental)
{
	const uint8_t m[10] = { 3,
		                incremental,
		                0,
		                0,
		                0,
		                0,
		                (uint8_t)(c->width >> 8),
		                (uint8_t)c->width,
		                (uint8_t)(c->height >> 8),
		                (uint8_t)c->height };

	return client_put(c, m, sizeof(m));
}

static bool raw(struct rfb_client *c, unsigned x, unsigned y, unsigned w, unsigned h)
{
	if (x + w > c->width || y + h > c->height)
		return false;
	for (unsigned i = 0; i < h; i++)
		if (!client_get(c, c->pixels + (size_t)(y + i) * c->width + x, 4 * w))
			return false;
	c->received += (uint64_t)w * h;
	return true;
}

static bool rectangle(struct rfb_client *c)
{
	uint8_t m[12], lamps;
	unsigned x, y, w, h;
	int encoding;

	if (!client_get(c, m, 12))
		return false;
	x = (unsigned)m[0] << 8 | m[1];
	y = (unsigned)m[2] << 8 | m[3];
	w = (unsigned)m[4] << 8 | m[5];
	h = (unsigned)m[6] << 8 | m[7];
	encoding =
		(int)((uint32_t)m[8] << 24 | (uint32_t)m[9] << 16 | (uint32_t)m[10] << 8 | m[11]);
	switch (encoding) {
	case 0: return raw(c, x, y, w, h);
	case -223: return resize(c, w, h);
	case -257: c->absolute = (int)x; return true;
	case -258: c->key_codes = true; return true;
	case -261:
		if (!client_get(c, &lamps, 1))
			return false;
		c->lamps = lamps;
		return true;
	}
	return false;
}

bool client_update(struct rfb_client *c)
{
	uint8_t m[4];
	unsigned n;

	if (!client_get(c, m, 4) || m[0])
		return false;
	n = (unsigned)m[2] << 8 | m[3];
	c->rectangles += n;
	while (n--)
		if (!rectangle(c))
			return false;
	return true;
}

bool client_key(struct rfb_client *c, bool down, uint32_t keysym)
{
	const uint8_t m[8] = { 4,
		               down,
		               0,
		               0,
		               (uint8_t)(keysym >> 24),
		               (uint8_t)(keysym >> 16),
		               (uint8_t)(keysym >> 8),
		               (uint8_t)keysym };

	return client_put(c, m, sizeof(m));
}

bool client_code(struct rfb_client *c, bool down, uint32_t keysym, uint32_t code)
{
	const uint8_t m[12] = { 255,
		                0,
		                0,
		                down,
		                (uint8_t)(keysym >> 24),
		                (uint8_t)(keysym >> 16),
		                (uint8_t)(keysym >> 8),
		                (uint8_t)keysym,
		                (uint8_t)(code >> 24),
		                (uint8_t)(code >> 16),
		                (uint8_t)(code >> 8),
		                (uint8_t)code };

	return client_put(c, m, sizeof(m));
}

bool client_pointer(struct rfb_client *c, int buttons, int x, int y)
{
	const uint8_t m[6] = { 5,          (uint8_t)buttons,  (uint8_t)(x >> 8),
		               (uint8_t)x, (uint8_t)(y >> 8), (uint8_t)y };

	return client_put(c, m, sizeof(m));
}

void client_end(struct rfb_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->pixels);
	c->pixels = NULL;
	c->fd = -1;
}
