/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/lib/save.c */
#include <string.h>
#include "unit.h"
#include "save.h"
#include "errno.h"

struct state {
	uint8_t byte;
	bool flag;
	uint16_t half;
	uint32_t word[3];
	uint64_t big;
	char text[5];
	int private;
	uint64_t newer;
};

static const struct save_field fields[] = {
	SAVE_ONE(SAVE_U8, 1, struct state, byte),   SAVE_ONE(SAVE_BOOL, 1, struct state, flag),
	SAVE_ONE(SAVE_U16, 1, struct state, half),  SAVE_ARRAY(SAVE_U32, 1, struct state, word),
	SAVE_ONE(SAVE_U64, 2, struct state, newer), SAVE_ONE(SAVE_U64, 1, struct state, big),
	SAVE_BLOB(1, struct state, text),           SAVE_LAST,
};

#define SIZE_1 (1 + 1 + 2 + 12 + 8 + 5)
#define SIZE_2 (SIZE_1 + 8)

static const struct state sample = {
	.byte = 0x11,
	.flag = true,
	.half = 0x2233,
	.word = { 1, 2, 0x44556677 },
	.big = 0x8899aabbccddeeff,
	.text = { 'h', 'e', 'l', 'l', 'o' },
	.private = 7,
	.newer = 99,
};

static void sizes(void)
{
	CHECK_EQ(save_size(fields, 1), SIZE_1);
	CHECK_EQ(save_size(fields, 2), SIZE_2);
}

static void layout(void)
{
	static const uint8_t want[SIZE_1] = { 0x11, 1,    0x33, 0x22, 1,    0,    0,    0,
		                              2,    0,    0,    0,    0x77, 0x66, 0x55, 0x44,
		                              0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88,
		                              'h',  'e',  'l',  'l',  'o' };
	uint8_t buf[SIZE_1];

	CHECK_EQ(save_write(fields, 1, &sample, buf, sizeof(buf)), SIZE_1);
	CHECK(!memcmp(buf, want, SIZE_1));
	CHECK_EQ(save_write(fields, 1, &sample, buf, SIZE_1 - 1), -ENOSPC);
}

static void round_trip(void)
{
	uint8_t buf[SIZE_2];
	struct state s;

	memset(&s, 0xee, sizeof(s));
	s.private = 3;
	CHECK_EQ(save_write(fields, 2, &sample, buf, sizeof(buf)), SIZE_2);
	CHECK_EQ(save_read(fields, 2, &s, buf, SIZE_2), 0);
	CHECK_EQ(s.byte, sample.byte);
	CHECK(s.flag);
	CHECK_EQ(s.half, sample.half);
	CHECK(!memcmp(s.word, sample.word, sizeof(s.word)));
	CHECK_EQ(s.big, sample.big);
	CHECK_EQ(s.newer, 99);
	CHECK(!memcmp(s.text, "hello", 5));
	CHECK_EQ(s.private, 3);
}

static void older_record(void)
{
	uint8_t buf[SIZE_1];
	struct state s = { .newer = 5 };

	CHECK_EQ(save_write(fields, 1, &sample, buf, sizeof(buf)), SIZE_1);
	CHECK_EQ(save_read(fields, 1, &s, buf, SIZE_1), 0);
	CHECK_EQ(s.newer, 5);
	CHECK_EQ(s.big, sample.big);
}

static void refusals(void)
{
	uint8_t buf[SIZE_2 + 1] = { 0 };
	struct state s = { .byte = 77 };

	CHECK_EQ(save_write(fields, 2, &sample, buf, sizeof(buf)), SIZE_2);
	CHECK_EQ(save_read(fields, 2, &s, buf, SIZE_2 - 1), -EINVAL);
	CHECK_EQ(save_read(fields, 2, &s, buf, SIZE_2 + 1), -EINVAL);
	CHECK_EQ(save_read(fields, 1, &s, buf, SIZE_2), -EINVAL);
	buf[1] = 2;
	CHECK_EQ(save_read(fields, 2, &s, buf, SIZE_2), -EINVAL);
	CHECK_EQ(s.byte, 77);
}

UNIT_MAIN(UNIT(sizes), UNIT(layout), UNIT(round_trip), UNIT(older_record), UNIT(refusals))
