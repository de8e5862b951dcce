/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/unpack.c, bzimage.c: what a file is, and its ends. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "packer.h"

static struct packer_file text(const char *s, size_t n)
{
	struct packer_file f = { malloc(n ? n : 1), n };

	memcpy(f.data, s, n);
	return f;
}

static void unknown_files(void)
{
	static const char *const files[] = { "", "E",
		                             "\x7f"
		                             "EL",
		                             "hello, world: no kernel" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct packer_file f = text(files[i], strlen(files[i]));
		struct packer_result r = packer_unpack(f, 10);

		CHECK_EQ(r.rc, -ENOEXEC);
		CHECK(!r.info.format);
		packer_free(&f);
	}
}

static void elf_is_not_packed(void)
{
	struct packer_file f = text("\x7f"
	                            "ELF and more",
	                            13);
	struct packer_result r = packer_unpack(f, 13);

	CHECK(!strcmp(r.info.format, "ELF") && !r.info.is_packed && !r.info.is_bzimage);
	CHECK(!r.info.offset && r.info.size == 13 && r.info.unpacked_size == 13);
	CHECK(!r.rc && r.out.size == 13 && !memcmp(r.out.data, f.data, 13));
	packer_free(&r.out);
	r = packer_unpack(f, 12);
	CHECK_EQ(r.rc, -ENOSPC);
	packer_free(&r.out);
	packer_free(&f);
}

static void elf_in_a_bzimage(void)
{
	struct packer_file f = text("\x7f"
	                            "ELF and more",
	                            13),
			   image = packer_bzimage(f, false, 0);
	struct packer_result r = packer_unpack(image, 13);

	CHECK(!strcmp(r.info.format, "ELF") && !r.info.is_packed && r.info.is_bzimage);
	CHECK(r.info.size == 13 && !memcmp(image.data + r.info.offset, f.data, 13));
	packer_free(&r.out);
	packer_free(&f);
	packer_free(&image);
}

/* A bzImage with one field changed. */
static int rc_of_image(size_t at, uint32_t value, size_t width)
{
	struct packer_file f = text("\x7f"
	                            "ELF and more",
	                            13),
			   image = packer_bzimage(f, false, 0);
	struct packer_result r;

	memcpy(image.data + at, &value, width);
	r = packer_unpack(image, 13);
	packer_free(&r.out);
	packer_free(&f);
	packer_free(&image);
	return r.rc;
}

static void damaged_bzimages(void)
{
	CHECK_EQ(rc_of_image(0x206, 0x208, 2), 0);
	CHECK_EQ(rc_of_image(0x206, 0x207, 2), -EOPNOTSUPP);
	CHECK_EQ(rc_of_image(0x1fe, 0, 2), -ENOEXEC);
	CHECK_EQ(rc_of_image(0x202, 0, 4), -ENOEXEC);
	CHECK_EQ(rc_of_image(0x248, 0xffffffff, 4), -EBADMSG);
	CHECK_EQ(rc_of_image(0x24c, 0xffffffff, 4), -EBADMSG);
	CHECK_EQ(rc_of_image(0x24c, 13 + 77, 4), -ENOSPC);
	CHECK_EQ(rc_of_image(0x24c, 13 + 78, 4), -EBADMSG);
	CHECK_EQ(rc_of_image(0x24c, 3, 4), -EBADMSG);
	CHECK_EQ(rc_of_image(0x248, 0, 4), -ENOEXEC);
	CHECK_EQ(rc_of_image(0x1f1, 0, 1), -EBADMSG); /* means 4 sectors */
}

static void bzimage_cut_at_every_length(void)
{
	struct packer_file f = text("\x7f"
	                            "ELF and more",
	                            13),
			   image = packer_bzimage(f, false, 0);

	for (size_t n = 0; n < image.size - 77; n++) {
		struct packer_file cut = text((const char *)image.data, n);
		struct packer_result r = packer_unpack(cut, 13);

		CHECK_EQ(r.rc, n < 0x250 ? -ENOEXEC : -EBADMSG);
		packer_free(&cut);
	}
	packer_free(&f);
	packer_free(&image);
}

static void work_area_is_aligned(void)
{
	struct packer_file data = packer_data(PACKER_TEXT, 10), packed = packer_run("gzip", data);
	struct unpack_info info;
	const char *why = NULL;
	uint8_t out[10], *work;
	uint64_t got;

	CHECK_EQ(unpack_probe(packed.data, packed.size, &info, &why), 0);
	work = aligned_alloc(UNPACK_WORK_ALIGN, align_up(info.work_size + 8, UNPACK_WORK_ALIGN));
	CHECK_EQ(unpack(packed.data, &info, out, 10, work + 8, &got, &why), -EINVAL);
	CHECK(why);
	free(work);
	packer_free(&data);
	packer_free(&packed);
}

UNIT_MAIN(UNIT(unknown_files), UNIT(elf_is_not_packed), UNIT(elf_in_a_bzimage),
          UNIT(damaged_bzimages), UNIT(bzimage_cut_at_every_length), UNIT(work_area_is_aligned))
