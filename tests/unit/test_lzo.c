/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/lzo.c, lzo_block.c: files of lzop. */
#include "unit.h"
#include "errno.h"
#include "packer.h"

static void files_of_lzop(void)
{
	packer_check_format("lzop -9", "LZO", true, true);
	packer_check_format("lzop -1", "LZO", true, true);
}

static void all_levels(void)
{
	char command[32];

	for (int level = 1; level <= 9; level++) {
		snprintf(command, sizeof(command), "lzop -%d", level);
		packer_check_round(command, PACKER_MIXED, 700000);
	}
}

static void with_and_without_checksums(void)
{
	packer_check_flips("lzop --crc32", PACKER_CODE, 1000, true);
	packer_check_round("lzop -F", PACKER_CODE, 10000);
	packer_check_round("lzop -C", PACKER_MIXED, 300000);
	packer_check_flips("lzop -F", PACKER_MIXED, 3000, false);
}

static void files_in_a_row(void)
{
	packer_check_row("dd bs=1000 count=1 2>/dev/null | lzop; lzop");
}

UNIT_MAIN(UNIT(files_of_lzop), UNIT(all_levels), UNIT(with_and_without_checksums),
          UNIT(files_in_a_row))
