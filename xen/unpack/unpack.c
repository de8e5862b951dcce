// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats; what a file is; and what may stand between and after its streams. */
#include "unpack.h"
#include "bytes.h"
#include "bzimage.h"
#include "string.h"
#include "stream.h"

#define APPENDED_SIZE 4 /* Linux puts the unpacked size behind the payload of a bzImage */

static const struct unpack_format elf_format = { .name = "ELF",
	                                         .magic = { 0x7f, 'E', 'L', 'F' },
	                                         .magic_size = 4 };

static const struct unpack_format *const formats[] = {
	&elf_format, &gzip_format,       &bzip2_format,     &xz_format,   &lzma_format,
	&lzo_format, &lz4_legacy_format, &lz4_frame_format, &zstd_format,
};

static bool format_fits(const struct unpack_format *f, const uint8_t *p, uint64_t size)
{
	return size >= f->magic_size && !memcmp(p, f->magic, f->magic_size);
}

static const struct unpack_format *format_find(const uint8_t *p, uint64_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (format_fits(formats[i], p, size))
			return formats[i];
	return NULL;
}

static uint64_t unpacked_size_of(const uint8_t *image, const struct unpack_info *info)
{
	const struct unpack_format *f = info->how;

	if (!f->unpack)
		return info->size;
	if (info->is_bzimage)
		return get_le32(image + info->size - APPENDED_SIZE);
	return f->unpacked_size ? f->unpacked_size(image, info->size) : 0;
}

int unpack_probe(const void *file, uint64_t size, struct unpack_info *info, const char **why)
{
	const uint8_t *image = file;

	*info = (struct unpack_info){ .size = size };
	if (bzimage_is(file, size)) {
		struct bzimage bz;
		int rc = bzimage_parse(file, size, &bz, why);

		if (rc)
			return rc;
		info->is_bzimage = true;
		info->offset = bz.offset;
		info->size = bz.size;
		image += bz.offset;
	}
	info->how = format_find(image, info->size);
	if (!info->how) {
		*why = info->is_bzimage
		               ? "a bzImage whose kernel is packed in an unknown way"
		               : "neither an ELF file, nor a bzImage, nor packed in a known way";
		return -ENOEXEC;
	}
	info->format = info->how->name;
	info->is_packed = info->how->unpack;
	info->work_size = info->how->work_size;
	info->unpacked_size = unpacked_size_of(image, info);
	return 0;
}

/* The rest of a file is nothing, or padding, or the appended size. */
static bool is_end(const struct unpack_stream *s)
{
	uint64_t left = stream_left(s);

	if (left == APPENDED_SIZE && get_le32(s->in) == (uint32_t)(s->out - s->out_start))
		return true;
	for (const uint8_t *p = s->in; p < s->in_end; p++)
		if (*p)
			return false;
	return true;
}

static int unpack_streams(struct unpack_stream *s, const struct unpack_format *f)
{
	do {
		int rc = f->unpack(s);

		if (rc)
			return rc;
		s->is_first = false;
		if (is_end(s))
			return 0;
	} while (format_fits(f, s->in, stream_left(s)));
	return stream_damaged(s, "something else follows the packed data");
}

int unpack(const void *file, const struct unpack_info *info, void *out, uint64_t out_size,
           void *work, uint64_t *got, const char **why)
{
	const uint8_t *image = (const uint8_t *)file + info->offset;
	struct unpack_stream s = {
		.in = image,
		.in_end = image + info->size,
		.out = out,
		.out_end = (uint8_t *)out + out_size,
		.out_start = out,
		.work = work,
		.is_first = true,
	};
	int rc = 0;

	*got = 0;
	if ((uintptr_t)work % UNPACK_WORK_ALIGN) {
		*why = "the work area is not aligned";
		return -EINVAL;
	}
	if (info->is_packed) {
		rc = unpack_streams(&s, info->how);
	} else if (info->size > out_size) {
		rc = stream_full(&s);
	} else {
		memcpy(out, image, info->size);
		s.out += info->size;
	}
	*got = (uint64_t)(s.out - s.out_start);
	if (rc)
		*why = s.why;
	return rc;
}
