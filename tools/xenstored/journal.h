/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that the daemon's state is in: frames of records, each frame with its length and sum, appended in one write(2) before anything that the records stand for
 * is told to anybody. A daemon that is killed leaves at most a torn frame at the end, of which nobody knows; it is cut off.
 *
 * No fsync: what was written is the kernel's when write(2) returns, and survives the process; and with the machine all domains end, whose state this is. The
 * folder is in /run, and the machine's boot id in the file's head keeps an old state from being taken for a new one's.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

struct journal {
	int fd;                /* -1: none is kept */
	char *file, *next;     /* names: the journal, and the one that is to replace it */
	struct buffer pending; /* records of the next frame */
	uint64_t size;         /* of the file */
	uint64_t base;         /* its size when it was made */
	bool loading;          /* records are being read: none is to be made */
	bool broken;           /* the last write failed: a new file is wanted */
};

/* Opens the journal of a folder, which is locked, and gives each frame to `load`; a new file when there is none of this boot. 0 or -errno. */
int journal_open(struct journal *j, const char *folder,
                 void (*load)(void *arg, struct reader *records), void *arg);
void journal_close(struct journal *j);

/* Where to append the next record. */
struct buffer *journal_records(struct journal *j);
/* Writes what is pending. 0 or -errno. */
int journal_flush(struct journal *j);

/* It has grown so much over what it began with that a new file is better, or it must be written anew. */
bool journal_wants_rewrite(const struct journal *j);
/* Begins a new file with these records in place of all others. 0 or -errno, and then nothing has changed. */
int journal_rewrite(struct journal *j, const struct buffer *records);

#endif
