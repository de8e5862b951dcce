/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures of the public ABI between guest and hypervisor. 64-bit callers' have our own layout; those of 32-bit callers are translated field by field by a table.
 * A struct without longs, pointers or 64-bit fields at other offsets is the same in both and needs no table (fields NULL).
 */
#ifndef CORE_ABI_H
#define CORE_ABI_H

#include "types.h"

struct vcpu;

struct abi_field {
	uint16_t native_offset, compat_offset;
	uint16_t native_size,
		compat_size; /* widening is zero extension; narrowing cuts. Equal sizes: any number of bytes */
};

struct abi_struct {
	uint16_t native_size, compat_size;
	const struct abi_field *fields; /* ends with native_size 0; NULL: same bytes in both */
};

/* The same layout for both. */
#define ABI_SAME(type)                           \
	{                                        \
		sizeof(type), sizeof(type), NULL \
	}
/* field of a native struct type and of its packed 32-bit mirror. */
#define ABI_FIELD(native, compat, field)                                                        \
	{                                                                                       \
		offsetof(native, field), offsetof(compat, field), sizeof(((native *)0)->field), \
			sizeof(((compat *)0)->field)                                            \
	}
#define ABI_END            \
	{                  \
		0, 0, 0, 0 \
	}
/* Largest struct that may be described. */
#define ABI_MAX_SIZE 256

/*
 * Element i of the caller's array at handle (a linear address), to or from the native struct. 0 or -EFAULT (also when the address
 * wraps). put of a 32-bit caller writes the described fields only.
 */
int must_check abi_get(struct vcpu *v, const struct abi_struct *s, void *native, uint64_t handle,
                       uint64_t i);
int must_check abi_put(struct vcpu *v, const struct abi_struct *s, const void *native,
                       uint64_t handle, uint64_t i);
/* An array element of one unsigned long / xen_pfn_t, by the caller's width. */
int must_check abi_get_long(struct vcpu *v, uint64_t *value, uint64_t handle, uint64_t i);
int must_check abi_put_long(struct vcpu *v, uint64_t value, uint64_t handle, uint64_t i);

#endif
