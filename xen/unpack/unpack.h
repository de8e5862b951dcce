/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a kernel file, as a boot loader gives it, to the image in it: a bzImage's payload, or a bare file; packed with gzip, bzip2, LZMA, xz,
 * LZO (lzop), LZ4 or zstd, or not at all. Pure: no state of its own, no allocation, no recursion; frames are small, large tables are in the
 * work area that the caller hands in. Nothing in the file is believed; every read and write is bounded. General registers only.
 *
 * How a builder uses it:
 *
 *	struct unpack_info info;
 *	const char *why;
 *
 *	rc = unpack_probe(file, file_size, &info, &why);
 *	if (rc) say info.format (when it has one) and why;
 *	if (!info.is_packed) use file + info.offset, info.size bytes, where they are; no unpack() is needed;
 *	else {
 *		out_size = info.unpacked_size;	check it first: the file says it. 0: it says nothing (bzip2, LZO, mostly
 *						LZMA and LZ4 outside a bzImage), so choose a limit
 *		allocate out (out_size bytes) and work (info.work_size bytes, aligned to 16);
 *		rc = unpack(file, &info, out, out_size, work, &got, &why);
 *		if (rc) log("kernel: %s data: %s", info.format, why);
 *		free work; the image is out, got bytes; what follows got is untouched or scratch;
 *	}
 *
 * All buffers are the caller's, before and afterwards; nothing of them is remembered. The file is only read, and must not change meanwhile
 * (copy it first if somebody else can write to it). file, out and work must not overlap. No locks, any context; time grows with the sizes of
 * file and out: seconds for a large kernel in an emulated machine.
 */
#ifndef UNPACK_UNPACK_H
#define UNPACK_UNPACK_H

#include "types.h"

struct unpack_format;

struct unpack_info {
	const char *format; /* "xz", ...; "ELF": not packed; NULL: not known */
	bool is_bzimage;    /* the image is a payload in one, packed or not */
	bool is_packed;
	uint64_t offset, size;  /* where the (packed) image is in the file; inside it */
	uint64_t unpacked_size; /* of the image, as the file says; 0: it does not say */
	size_t work_size; /* bytes of work area that unpack() wants; at most UNPACK_WORK_MAX */
	const struct unpack_format *how; /* for unpack() */
};

#define UNPACK_WORK_MAX   MIB(4)
#define UNPACK_WORK_ALIGN 16

/*
 * What a file is. Reads its ends only. *why is a reason in words, always set on errors.
 * 0; -ENOEXEC: neither a bzImage nor a format that is known; -EOPNOTSUPP: a bzImage older than boot protocol 2.08, which does not say where
 * its payload is; -EBADMSG: a bzImage whose payload is not inside the file.
 */
int must_check unpack_probe(const void *file, uint64_t size, struct unpack_info *info,
                            const char **why);

/*
 * Unpacks the image that *info (of the same file) names into out. *got: the bytes of the image; on errors, those written until then, which are
 * worth nothing. All checksums that the format has are verified (not the SHA-256 of xz). After the packed data only zeroes, or the size of
 * the result in four bytes as Linux appends it, may follow.
 * 0; -EBADMSG: the data is damaged or cut; -ENOSPC: out_size is too small; -EOPNOTSUPP: a variant that is not served; -EINVAL: the work
 * area is not aligned. *why is always set on errors: a sentence in plain words, without the format's name.
 */
int must_check unpack(const void *file, const struct unpack_info *info, void *out,
                      uint64_t out_size, void *work, uint64_t *got, const char **why);

#endif
