/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block that describes the monitor. */
#include "vga_edid.h"

#include "string.h"

enum { /* where things are */
       EDID_STANDARD = 38,
       EDID_DETAILED = 54, /* four descriptors of 18 bytes */
       EDID_SUM = 127,
};

#define ASPECT(width, height)          \
	((width)*10 == (height)*16 ? 0 \
	 : (width)*3 == (height)*4 ? 1 \
	 : (width)*4 == (height)*5 ? 2 \
	                           : 3)
#define STANDARD(width, height) (uint8_t)((width) / 8 - 31), ASPECT(width, height) << 6

static const uint8_t edid_base[] = {
	0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, /* magic */
	0x68, 0x3a,                                     /* ZAZ */
	0x01, 0x00, 0x01, 0x00, 0x00, 0x00,             /* product, serial number */
	0, 34, 1, 4,                                    /* 2024; version 1.4 */
	0xa0,                                           /* digital, 8 bits a colour */
	0, 0, 120,                                      /* size in cm, gamma 2.2 */
	0x06,                                           /* sRGB; the first timing is preferred */
	0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54, /* sRGB's primaries */
	0x21, 0x08, 0x00, /* 640 by 480, 800 by 600, 1024 by 768 at 60 Hz */
	/* at 60 Hz as well: */
	STANDARD(1280, 720), STANDARD(1280, 800), STANDARD(1280, 1024), STANDARD(1440, 900),
	STANDARD(1600, 1200), STANDARD(1680, 1050), STANDARD(1920, 1080), STANDARD(1920, 1200)
};
_Static_assert(sizeof(edid_base) == EDID_DETAILED, "the fixed part ends where descriptors begin");

/* VESA CVT with reduced blanking at 60 Hz. */
static void detailed_timing(uint8_t *d, unsigned width, unsigned height)
{
	unsigned line_ns = (16666667 - 460000) / height, v_blank = 460000 / line_ns + 1;
	unsigned h_blank = 160, h_front = 48, h_sync = 32, v_front = 3, v_sync = 6;
	unsigned clock, mm_x = width * 254 / 960, mm_y = height * 254 / 960;

	if (v_blank < v_front + v_sync + 6)
		v_blank = v_front + v_sync + 6;
	clock = (width + h_blank) * (height + v_blank) / 1000 * 60 / 10; /* in 10 kHz */
	d[0] = (uint8_t)clock;
	d[1] = (uint8_t)(clock >> 8);
	d[2] = (uint8_t)width;
	d[3] = (uint8_t)h_blank;
	d[4] = (uint8_t)(width >> 8 << 4 | h_blank >> 8);
	d[5] = (uint8_t)height;
	d[6] = (uint8_t)v_blank;
	d[7] = (uint8_t)(height >> 8 << 4 | v_blank >> 8);
	d[8] = (uint8_t)h_front;
	d[9] = (uint8_t)h_sync;
	d[10] = (uint8_t)(v_front << 4 | v_sync);
	d[11] = 0;
	d[12] = (uint8_t)mm_x;
	d[13] = (uint8_t)mm_y;
	d[14] = (uint8_t)(mm_x >> 8 << 4 | mm_y >> 8);
	d[15] = d[16] = 0;
	d[17] = 0x1a; /* digital separate syncs, horizontal positive */
}

static void text(uint8_t *d, uint8_t tag, const char *s)
{
	size_t n = strlen(s);

	d[3] = tag;
	memcpy(d + 5, s, n);
	d[5 + n] = '\n';
	for (size_t i = 6 + n; i < 18; i++)
		d[i] = ' ';
}

void vga_edid_make(uint8_t edid[VGA_EDID_SIZE], unsigned width, unsigned height)
{
	/* 50 to 75 Hz, 30 to 160 kHz, at most 300 MHz */
	static const uint8_t limits[18] = { 0,  0,   0,    0xfd, 0,   50,  75,  30,  160,
		                            30, 0x1, '\n', ' ',  ' ', ' ', ' ', ' ', ' ' };
	uint8_t sum = 0;

	memset(edid, 0, VGA_EDID_SIZE);
	memcpy(edid, edid_base, sizeof(edid_base));
	edid[21] = (uint8_t)(width * 254 / 9600);
	edid[22] = (uint8_t)(height * 254 / 9600);
	detailed_timing(edid + EDID_DETAILED, width, height);
	detailed_timing(edid + EDID_DETAILED + 18, 2560, 1600);
	memcpy(edid + EDID_DETAILED + 36, limits, sizeof(limits));
	text(edid + EDID_DETAILED + 54, 0xfc, "Zazen");
	for (unsigned i = 0; i < EDID_SUM; i++)
		sum = (uint8_t)(sum + edid[i]);
	edid[EDID_SUM] = (uint8_t)-sum;
}
