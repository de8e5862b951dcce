/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/bzip2.c: files of bzip2. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "packer.h"

static void files_of_bzip2(void)
{
	packer_check_rounds("bzip2", 300000);
	packer_check_round("bzip2", PACKER_TEXT, 0);
	packer_check_cuts("bzip2", "bzip2", PACKER_CODE, 1500);
	packer_check_cuts("bzip2", "bzip2", PACKER_TEXT, 500);
	packer_check_flips("bzip2", PACKER_CODE, 800, true);
	packer_check_flips("bzip2", PACKER_ZEROES, 2000, true);
	packer_check_room("bzip2", PACKER_CODE, 2000);
	packer_check_room("bzip2", PACKER_ZEROES, 5000);
	packer_check_bzimage("bzip2", true);
}

static void all_levels(void)
{
	char command[16];

	for (int level = 1; level <= 9; level++) {
		snprintf(command, sizeof(command), "bzip2 -%d", level);
		packer_check_round(command, PACKER_MIXED, 500000);
	}
	packer_check_round("bzip2 -1", PACKER_CODE, 250000); /* three blocks */
}

static void files_in_a_row(void)
{
	packer_check_row("dd bs=1000 count=1 2>/dev/null | bzip2; bzip2");
}

static void randomised_blocks(void)
{
	struct packer_file data = packer_data(PACKER_TEXT, 100), packed = packer_run("bzip2", data);
	struct packer_result r;

	packed.data[14] |= 0x80; /* behind the magics and the CRC */
	r = packer_unpack(packed, 100);
	CHECK_EQ(r.rc, -EOPNOTSUPP);
	packer_free(&r.out);
	packer_free(&data);
	packer_free(&packed);
}

UNIT_MAIN(UNIT(files_of_bzip2), UNIT(all_levels), UNIT(files_in_a_row), UNIT(randomised_blocks))
