/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places that a program marks for the plugin marks.c: a no-operation with an address that nobody else uses. */
#ifndef BENCH_HVM_MARKS_H
#define BENCH_HVM_MARKS_H

/* NOPL with a displacement of four bytes, APM volume 3: 0f 1f /0. */
#define MARK_BYTES(n)                                   \
	{                                               \
		0x0f, 0x1f, 0x80, (n), 0x4d, 0x5a, 0x5a \
	}

static const char *const mark_names[] = { "create",    "created", "user-space",  "read",
	                                  "read-end",  "read64",  "read64-end",  "write",
	                                  "write-end", "random",  "random-end",  "send",
	                                  "send-end",  "receive", "receive-end", "destroy",
	                                  "destroyed" };
enum { MARKS = sizeof(mark_names) / sizeof(mark_names[0]) };

#endif
