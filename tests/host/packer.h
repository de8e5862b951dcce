/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packed files for tests of xen/unpack, made by the real programs when the test runs; and what holds for every format: round trips, files
 * that are cut or damaged, too little room. All buffers have exactly their size, so that AddressSanitizer sees each step beyond them.
 */
#ifndef TESTS_HOST_PACKER_H
#define TESTS_HOST_PACKER_H

#include "unpack.h"

struct packer_file {
	uint8_t *data; /* of malloc() */
	size_t size;
};

enum packer_kind {
	PACKER_CODE,   /* x86 code: of this program */
	PACKER_TEXT,   /* words again and again */
	PACKER_ZEROES, /* and other short periods, with random lengths */
	PACKER_RANDOM,
	PACKER_MIXED, /* parts of all of them, which makes blocks of different kinds */
	PACKER_KINDS,
};

/* size bytes to pack; the same for the same arguments (but for PACKER_CODE, which the compiler decides). */
struct packer_file packer_data(enum packer_kind kind, size_t size);
/* What the shell command makes of data on its standard input; a command that fails ends the program. */
struct packer_file packer_run(const char *command, struct packer_file data);
void packer_free(struct packer_file *f);

/* unpack_probe() and unpack() on a file, into room bytes. Bytes behind *got are not there in *out. */
struct packer_result {
	int rc;
	const char *why;
	struct unpack_info info;
	struct packer_file out;
};
struct packer_result packer_unpack(struct packer_file packed, uint64_t room);

/* Each fails the running test (unit.h) on the first thing that is wrong. command: as packer_run(). */
void packer_check_round(const char *command, enum packer_kind kind, size_t size);
/* The same for several streams in one file, of which the file may say the size of one only. */
void packer_check_row(const char *command);
/* The sizes and kinds that are worth it, up to size. */
void packer_check_rounds(const char *command, size_t size);
/* Every file that is cut short is an error. The format's name is also checked, on the whole one. */
void packer_check_cuts(const char *command, const char *format, enum packer_kind kind, size_t size);
/* Each byte changed: an error; or, as with fields that nobody reads, the same result. checked false: the format cannot tell; no more than no crash is asked. */
void packer_check_flips(const char *command, enum packer_kind kind, size_t size, bool checked);
/* One byte too little room is -ENOSPC; exactly enough is enough. */
void packer_check_room(const char *command, enum packer_kind kind, size_t size);
/* In a bzImage, with the size appended. */
void packer_check_bzimage(const char *command, bool append_size);
/* All of them, in sizes that take a second or two. */
void packer_check_format(const char *command, const char *format, bool checked, bool append_size);

/* A bzImage with this payload. */
struct packer_file packer_bzimage(struct packer_file payload, bool append, uint32_t appended);

#endif
