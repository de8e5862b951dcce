/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/xz.c, lzma2.c, bcj_x86.c: files of xz, as Linux packs its kernels and otherwise. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "packer.h"

#define AS_LINUX "xz --check=crc32 --x86 --lzma2=dict=32MiB"

static void files_of_xz(void)
{
	packer_check_format(AS_LINUX, "xz", true, true);
	packer_check_format("xz -0 --block-size=999", "xz", true, true);
}

static void all_levels(void)
{
	char command[64];

	for (int level = 0; level <= 9; level++) {
		snprintf(command, sizeof(command), "xz -%d --memlimit=0", level);
		packer_check_round(command, PACKER_MIXED, 300000);
	}
}

static void properties(void)
{
	static const char *const lzma2[] = { "lc=0,lp=0,pb=0", "lc=4,lp=0,pb=4",
		                             "lc=0,lp=4,pb=1", "lc=2,lp=2,pb=3",
		                             "dict=4KiB",      "mf=hc3,mode=fast,nice=2" };
	char command[64];

	for (size_t i = 0; i < ARRAY_LEN(lzma2); i++) {
		snprintf(command, sizeof(command), "xz --lzma2=%s", lzma2[i]);
		packer_check_round(command, PACKER_MIXED, 300000);
		packer_check_round(command, PACKER_CODE, 100000);
	}
}

static void checks(void)
{
	static const char *const names[] = { "none", "crc32", "crc64", "sha256" };
	char command[64];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(command, sizeof(command), "xz --check=%s", names[i]);
		packer_check_round(command, PACKER_CODE, 50001);
	}
}

/* Bytes that look like branches, near and far, in and behind each other. */
static void fill_branches(struct packer_file f)
{
	static const uint8_t bytes[] = { 0xe8, 0xe9, 0, 0xff, 0xe8, 0, 0xff, 1, 0xfe, 0x80 };
	uint32_t seed = 1;

	for (size_t i = 0; i < f.size; i++) {
		seed = seed * 1103515245 + 12345;
		f.data[i] = bytes[(seed >> 16) % ARRAY_LEN(bytes)];
	}
}

static void x86_filter(void)
{
	static const char *const commands[] = { "xz -0 --x86 --lzma2=preset=0",
		                                "xz -0 --x86=start=64 --lzma2=preset=0",
		                                "xz --block-size=1003 --x86 --lzma2=preset=0" };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		for (size_t size = 1; size < 200000; size = size < 12 ? size + 1 : size * 5) {
			struct packer_file data = packer_data(PACKER_RANDOM, size), packed;
			struct packer_result r;

			fill_branches(data);
			packed = packer_run(commands[i], data);
			r = packer_unpack(packed, size);
			CHECK_EQ(r.rc, 0);
			CHECK(r.out.size == size && !memcmp(r.out.data, data.data, size));
			packer_free(&data);
			packer_free(&packed);
			packer_free(&r.out);
		}
}

static int rc_of(const char *command)
{
	struct packer_file data = packer_data(PACKER_TEXT, 100), packed = packer_run(command, data);
	struct packer_result r = packer_unpack(packed, 100);

	packer_free(&data);
	packer_free(&packed);
	packer_free(&r.out);
	return r.rc;
}

static void what_is_not_served(void)
{
	CHECK_EQ(rc_of("xz --arm --lzma2=preset=0"), -EOPNOTSUPP);
	CHECK_EQ(rc_of("xz --delta=dist=4 --lzma2=preset=0"), -EOPNOTSUPP);
	CHECK_EQ(rc_of("xz --x86 --x86 --lzma2=preset=0"), -EOPNOTSUPP);
}

static void what_may_follow(void)
{
	CHECK_EQ(rc_of("xz; printf '\\0\\0\\0\\0'"), 0);
	CHECK_EQ(rc_of("xz; printf '\\144\\0\\0\\0'"), 0);
	CHECK_EQ(rc_of("xz; printf '\\145\\0\\0\\0'"), -EBADMSG);
	CHECK_EQ(rc_of("xz; printf x"), -EBADMSG);
}

static void streams_in_a_row(void)
{
	packer_check_row(
		"xz < /dev/null; dd bs=1000 count=1 2>/dev/null | xz -0; xz --x86 --lzma2=preset=9");
}

UNIT_MAIN(UNIT(files_of_xz), UNIT(all_levels), UNIT(properties), UNIT(checks), UNIT(x86_filter),
          UNIT(what_is_not_served), UNIT(what_may_follow), UNIT(streams_in_a_row))
