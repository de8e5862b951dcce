/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums of the packed formats. Tables are made by the user in memory of its own: 16 KiB that nobody needs after boot should not be in the image.
 * A running value begins as each function says, and the value after the last part is the checksum.
 */
#ifndef UNPACK_CHECKSUM_H
#define UNPACK_CHECKSUM_H

#include "types.h"

/* Of up to 64 bits, lowest bit first. Eight tables: the change that a byte makes, when 0 to 7 more bytes follow it. */
struct crc {
	uint64_t ones; /* as many as it has bits: begun and ended inverted */
	uint64_t table[8][256];
};

/* CRC-32 of gzip, xz and lzop (IEEE 802.3). */
void crc32_init(struct crc *c);
/* CRC-64 of xz (ECMA-182). */
void crc64_init(struct crc *c);
/* sum with n bytes more; begins with 0. */
uint64_t crc_add(const struct crc *c, uint64_t sum, const uint8_t *data, size_t n);

/* Adler-32 of lzop; begins with 1. */
uint32_t adler32(uint32_t sum, const uint8_t *data, size_t n);

/* xxHash of LZ4 frames and of zstd, of all of the data, seed 0 (xxhash.c). */
uint32_t xxh32(const uint8_t *data, size_t n);
uint64_t xxh64(const uint8_t *data, size_t n);

#endif
