/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/lzma.c, lzma_alone.c: .lzma files. They have no checksum. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "packer.h"

static void files_with_end_marker(void)
{
	packer_check_format("xz --format=lzma -9", "LZMA", false, true);
	packer_check_format("xz --format=lzma -0", "LZMA", false, true);
}

/* The size in the header, with the end marker behind the data, and another size. */
static void size_in_the_header(void)
{
	const size_t size = 5000;
	struct packer_file data = packer_data(PACKER_CODE, size);
	struct packer_file packed = packer_run("xz --format=lzma -6", data);
	struct packer_result r;
	uint64_t says;

	for (int more = -1; more <= 1; more++) {
		says = size + (uint64_t)more;
		memcpy(packed.data + 5, &says, sizeof(says));
		r = packer_unpack(packed, size + 1);
		CHECK_EQ(r.info.unpacked_size, says);
		CHECK_EQ(r.rc, more ? -EBADMSG : 0);
		packer_free(&r.out);
	}
	says = size;
	memcpy(packed.data + 5, &says, sizeof(says));
	r = packer_unpack(packed, size - 1);
	CHECK_EQ(r.rc, -ENOSPC);
	packer_free(&r.out);
	packer_free(&data);
	packer_free(&packed);
}

static void properties_not_served(void)
{
	struct packer_file data = packer_data(PACKER_TEXT, 500);
	struct packer_file packed = packer_run("xz --format=lzma", data);
	struct packer_result r;

	packed.data[0] = 8; /* lc 8: not even the magic of what kernels are packed with */
	r = packer_unpack(packed, 500);
	CHECK_EQ(r.rc, -ENOEXEC);
	packer_free(&r.out);
	packer_free(&data);
	packer_free(&packed);
}

UNIT_MAIN(UNIT(files_with_end_marker), UNIT(size_in_the_header), UNIT(properties_not_served))
