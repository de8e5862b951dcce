/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved-field tables: each state that a guest could notice is a row, from the day it is written. Save, restore
 * and migration walk the tables; nobody serialises by hand. Little-endian, packed, in table order.
 */
#ifndef LIB_SAVE_H
#define LIB_SAVE_H

#include "types.h"

enum save_type { SAVE_END, SAVE_U8, SAVE_U16, SAVE_U32, SAVE_U64, SAVE_BOOL, SAVE_BYTES };

struct save_field {
	enum save_type type;
	uint16_t since;  /* first version of the record that holds the field */
	uint32_t offset; /* in the state */
	uint32_t count;  /* elements; for SAVE_BYTES, bytes */
	const char *name;
};

#define SAVE_ONE(stype, ver, state, field)                    \
	{                                                     \
		stype, ver, offsetof(state, field), 1, #field \
	}
#define SAVE_ARRAY(stype, ver, state, field)                                               \
	{                                                                                  \
		stype, ver, offsetof(state, field), ARRAY_LEN(((state *)0)->field), #field \
	}
#define SAVE_BLOB(ver, state, field)                                                         \
	{                                                                                    \
		SAVE_BYTES, ver, offsetof(state, field), sizeof(((state *)0)->field), #field \
	}
#define SAVE_LAST                \
	{                        \
		.type = SAVE_END \
	}

/* Bytes that a record of this version takes. */
size_t save_size(const struct save_field *fields, uint16_t version);
/* Writes the newest form of state. Returns the bytes written, or -ENOSPC. */
long must_check save_write(const struct save_field *fields, uint16_t version, const void *state,
                           void *buf, size_t size);
/*
 * Reads a record of the given version into state. Fields newer than the record are left as they are.
 * -EINVAL: the record is too short or too long, or a bool is neither 0 nor 1; state is unchanged then.
 */
int must_check save_read(const struct save_field *fields, uint16_t version, void *state,
                         const void *buf, size_t size);
/* The saved fields of one state into another of the same type. */
void save_copy(const struct save_field *fields, void *to, const void *from);

#endif
