/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/gzip.c, inflate.c: files of gzip itself, and headers that it does not write. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "packer.h"

static void files_of_gzip(void)
{
	packer_check_format("gzip -9", "gzip", true, false);
	packer_check_format("gzip -1", "gzip", true, true);
}

static void all_levels(void)
{
	char command[32];

	for (int level = 1; level <= 9; level++) {
		snprintf(command, sizeof(command), "gzip -%d", level);
		packer_check_round(command, PACKER_MIXED, 400000);
	}
}

static void members_in_a_row(void)
{
	packer_check_row("dd bs=1000 count=1 2>/dev/null | gzip; true | gzip -1; cat | gzip -9");
}

/* Raw deflate in a member with these header fields; the data is gzip's own. */
static struct packer_file with_header(struct packer_file packed, const char *fields, size_t n)
{
	struct packer_file f = { malloc(n + packed.size - 10), n + packed.size - 10 };

	memcpy(f.data, fields, n);
	memcpy(f.data + n, packed.data + 10, packed.size - 10);
	return f;
}

static int rc_with_header(const char *fields, size_t n)
{
	struct packer_file data = packer_data(PACKER_TEXT, 100),
			   packed = packer_run("gzip -n", data);
	struct packer_file f = with_header(packed, fields, n);
	struct packer_result r = packer_unpack(f, 100);

	if (!r.rc)
		CHECK(r.out.size == 100 && !memcmp(r.out.data, data.data, 100));
	packer_free(&data);
	packer_free(&packed);
	packer_free(&f);
	packer_free(&r.out);
	return r.rc;
}

#define RC(fields) rc_with_header(fields, sizeof(fields) - 1)

static void headers(void)
{
	CHECK_EQ(RC("\x1f\x8b\x08\x00zzzz\x00\x03"), 0);
	CHECK_EQ(RC("\x1f\x8b\x08\x08zzzz\x00\x03vmlinux\0"), 0);
	CHECK_EQ(RC("\x1f\x8b\x08\x1czzzz\x00\x03\x05\0extraname\0comment\0"), 0);
	CHECK_EQ(RC("\x1f\x8b\x08\x01zzzz\x00\x03"), 0);            /* "it may be text" */
	CHECK_EQ(RC("\x1f\x8b\x08\x02zzzz\x00\x03\0\0"), -EBADMSG); /* CRC of the header */
	CHECK_EQ(RC("\x1f\x8b\x07\x00zzzz\x00\x03"), -EOPNOTSUPP);  /* method */
	CHECK_EQ(RC("\x1f\x8b\x08\x20zzzz\x00\x03"), -EOPNOTSUPP);  /* flag */
	CHECK_EQ(RC("\x1f\x8b\x08\x04zzzz\x00\x03\xff\xff"),
	         -EBADMSG); /* a field larger than the file */
}

/* Deflate by hand, in a member whose trailer is never reached: what an encoder does not do. */
static int rc_of_deflate(const char *bytes, size_t n)
{
	struct packer_file f = { malloc(n + 10), n + 10 };
	struct packer_result r;

	memcpy(f.data, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
	memcpy(f.data + 10, bytes, n);
	r = packer_unpack(f, 1000);
	packer_free(&f);
	packer_free(&r.out);
	return r.rc;
}

static void damaged_blocks(void)
{
	CHECK_EQ(rc_of_deflate("\x07\0\0\0\0\0\0\0\0\0", 10), -EBADMSG); /* kind 3 */
	CHECK_EQ(rc_of_deflate("\x01\x01\0\0\0\0\0\0\0\0\0", 11),
	         -EBADMSG); /* plain, size not doubled */
	CHECK_EQ(rc_of_deflate("\x03\x02\0\0\0\0\0\0\0\0", 10),
	         -EBADMSG); /* a match at the start */
	CHECK_EQ(rc_of_deflate("\x05\0\0\0\0\0\0\0\0\0\0\0\0\0", 14),
	         -EBADMSG); /* no codes at all */
	CHECK_EQ(rc_of_deflate("\xff\xff\xff\xff\xff\xff\xff\xff", 8), -EBADMSG);
}

UNIT_MAIN(UNIT(files_of_gzip), UNIT(all_levels), UNIT(members_in_a_row), UNIT(headers),
          UNIT(damaged_blocks))
