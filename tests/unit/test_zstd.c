/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/zstd*.c: files of zstd. */
#include "unit.h"
#include "errno.h"
#include "packer.h"

static void files_of_zstd(void)
{
	packer_check_format("zstd -qc -19", "zstd", true, true);
	packer_check_format("zstd -qc -1", "zstd", true, true);
}

static void all_levels(void)
{
	char command[48];

	for (int level = 1; level <= 22; level += 3) {
		snprintf(command, sizeof(command), "zstd -qc --ultra -%d", level);
		packer_check_round(command, PACKER_MIXED, 500000);
	}
	packer_check_round("zstd -qc --fast=5", PACKER_MIXED, 500000);
	packer_check_round("zstd -qc --ultra -22", PACKER_MIXED,
	                   3000000); /* as Linux; repeated tables */
}

static void without_checksum(void)
{
	packer_check_flips("zstd -qc --no-check -19", PACKER_CODE, 1500, false);
	packer_check_flips("zstd -qc --no-check -19", PACKER_TEXT, 1500, false);
	packer_check_flips("zstd -qc --no-check -1", PACKER_ZEROES, 3000, false);
}

static void frames_in_a_row(void)
{
	packer_check_row("dd bs=1000 count=1 2>/dev/null | zstd -qc; zstd -qc -19");
}

UNIT_MAIN(UNIT(files_of_zstd), UNIT(all_levels), UNIT(without_checksum), UNIT(frames_in_a_row))
