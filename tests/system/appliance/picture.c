/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture A.png [B.png]: what a test asks about pictures of a screen, in one line: "width=800 height=600 dark=120 colours=345 differ=17"; dark and differ (of A from B) in thousandths of its pixels. */
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DARK 0x30 /* no part of the colour is brighter */

struct picture {
	uint32_t width, height;
	uint32_t *pixels;
};

static void take(struct picture *p, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION };

	if (!png_image_begin_read_from_file(&image, path)) {
		fprintf(stderr, "picture: %s: %s\n", path, image.message);
		exit(1);
	}
	image.format = PNG_FORMAT_BGRA;
	p->width = image.width;
	p->height = image.height;
	p->pixels = malloc(PNG_IMAGE_SIZE(image));
	if (!p->pixels || !png_image_finish_read(&image, NULL, p->pixels, 0, NULL)) {
		fprintf(stderr, "picture: %s: %s\n", path, image.message);
		exit(1);
	}
}

static unsigned thousandths(uint64_t part, const struct picture *p)
{
	uint64_t all = (uint64_t)p->width * p->height;

	return (unsigned)((part * 1000 + all - 1) / all); /* one pixel is not none */
}

static unsigned dark(const struct picture *p)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < (uint64_t)p->width * p->height; i++)
		n += (p->pixels[i] & 0xff) <= DARK && (p->pixels[i] >> 8 & 0xff) <= DARK &&
		     (p->pixels[i] >> 16 & 0xff) <= DARK;
	return thousandths(n, p);
}

static unsigned colours(const struct picture *p)
{
	static uint8_t seen[(1 << 24) / 8];
	unsigned n = 0;

	for (uint64_t i = 0; i < (uint64_t)p->width * p->height; i++) {
		uint32_t v = p->pixels[i] & 0xffffff;

		n += !(seen[v / 8] >> v % 8 & 1);
		seen[v / 8] |= (uint8_t)(1u << v % 8);
	}
	return n;
}

static unsigned differ(const struct picture *a, const struct picture *b)
{
	uint64_t n = 0;

	if (a->width != b->width || a->height != b->height)
		return 1000;
	for (uint64_t i = 0; i < (uint64_t)a->width * a->height; i++)
		n += (a->pixels[i] ^ b->pixels[i]) << 8 != 0;
	return thousandths(n, a);
}

int main(int argc, char **argv)
{
	struct picture a, b;

	if (argc < 2)
		return 1;
	take(&a, argv[1]);
	printf("width=%u height=%u dark=%u colours=%u", a.width, a.height, dark(&a), colours(&a));
	if (argc > 2) {
		take(&b, argv[2]);
		printf(" differ=%u", differ(&a, &b));
	}
	putchar('\n');
	return 0;
}
