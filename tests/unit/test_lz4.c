/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/lz4.c, lz4_block.c, xxhash.c: both kinds of LZ4 files. */
#include "unit.h"
#include "errno.h"
#include "packer.h"

#define LEGACY "lz4 -qlc"

static void legacy_files(void)
{
	packer_check_format(LEGACY " -9", "LZ4 (legacy)", false, true);
	packer_check_format(LEGACY " -1", "LZ4 (legacy)", false, true);
	packer_check_round(LEGACY, PACKER_MIXED, 9000000); /* two blocks */
	packer_check_row("dd bs=1000 count=1 2>/dev/null | " LEGACY "; " LEGACY);
}

static void frames(void)
{
	packer_check_format("lz4 -qc -9", "LZ4", true, true);
	packer_check_format("lz4 -qc -1 -BX -B4", "LZ4", true, true);
	packer_check_round("lz4 -qc -BD -B4", PACKER_MIXED, 500000); /* linked blocks */
	packer_check_round("lz4 -qc --no-frame-crc", PACKER_CODE, 10000);
	packer_check_row("dd bs=1000 count=1 2>/dev/null | lz4 -qc; lz4 -qc");
}

static void size_in_the_frame(void)
{
	struct packer_file data = packer_data(PACKER_TEXT, 777);
	struct packer_file packed = packer_run("lz4 -qc --content-size /dev/stdin", data);
	struct packer_result r = packer_unpack(packed, 777);

	CHECK_EQ(r.rc, 0);
	CHECK_EQ(r.info.unpacked_size, 777);
	packer_free(&r.out);
	packer_free(&data);
	packer_free(&packed);
}

static void all_levels(void)
{
	char command[32];

	for (int level = 1; level <= 12; level++) {
		snprintf(command, sizeof(command), "lz4 -qc -%d", level);
		packer_check_round(command, PACKER_MIXED, 300000);
	}
}

UNIT_MAIN(UNIT(legacy_files), UNIT(frames), UNIT(size_in_the_frame), UNIT(all_levels))
