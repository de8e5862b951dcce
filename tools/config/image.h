/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file that shall be a disk holds, told by its first and last bytes: the formats' own descriptions (qcow2's
 * interoperability document, Microsoft's VHD and VHDX specifications, VMware's virtual disk format, ECMA-119). Nothing
 * of it is believed: every number is checked against the file's size.
 */
#ifndef CONFIG_IMAGE_H
#define CONFIG_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_config.h"

enum image_kind {
	IMAGE_RAW, /* or what nobody knows */
	IMAGE_ISO,
	IMAGE_QCOW,
	IMAGE_QCOW2,
	IMAGE_VHD,
	IMAGE_VHD_FIXED, /* raw, with a footer */
	IMAGE_VMDK,
	IMAGE_QED,
	IMAGE_VHDX,
	IMAGE_VDI,
	IMAGE_COMPRESSED /* gzip, xz, zstd, bzip2, zip */
};

struct image_facts {
	enum image_kind kind;
	uint64_t file_size, virtual_size; /* bytes; virtual_size 0: not known */
	bool is_truncated, is_damaged, is_encrypted, has_backing;
};

/* Bytes of a file: as many as are there, at most n. Negative: it cannot be read. */
struct image_source {
	long (*read)(void *context, uint64_t offset, void *to, size_t n);
	void *context;
	uint64_t size;
};

/* False: it cannot be read. */
bool image_probe(const struct image_source *s, struct image_facts *f);
/* In the words of format=; what format= has no word for, in its own. */
const char *image_kind_name(enum image_kind kind);
const char *disk_format_name(enum disk_format format);
/* A file of this kind may be used with format=. */
bool image_fits(enum image_kind kind, enum disk_format format);

#endif
