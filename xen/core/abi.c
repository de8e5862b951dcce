/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures of the public ABI, from and to callers of both widths. */
#include "abi.h"

#include "errno.h"
#include "guest_memory.h"
#include "hypercall.h"
#include "log.h"
#include "string.h"

/* The linear address of element i; -EFAULT when the array runs over the end of the caller's address space. */
static int element_address(uint64_t handle, uint64_t i, size_t size, bool is_compat, uint64_t *out)
{
	uint64_t offset, end;

	if (is_compat)
		handle = (uint32_t)handle;
	if (__builtin_mul_overflow(i, size, &offset) ||
	    __builtin_add_overflow(handle, offset, out) ||
	    __builtin_add_overflow(*out, size - 1, &end))
		return -EFAULT;
	return is_compat && end > UINT32_MAX ? -EFAULT : 0;
}

static void struct_check(const struct abi_struct *s)
{
	if (s->native_size > ABI_MAX_SIZE || s->compat_size > ABI_MAX_SIZE)
		bug("abi_struct of %u and %u bytes", s->native_size, s->compat_size);
}

/* Little-endian: widening leaves the zeroes above, narrowing takes the low bytes. */
static void field_widen(const struct abi_field *f, uint8_t *native, const uint8_t *compat)
{
	memset(native + f->native_offset, 0, f->native_size);
	memcpy(native + f->native_offset, compat + f->compat_offset,
	       MIN(f->native_size, f->compat_size));
}

static void field_narrow(const struct abi_field *f, uint8_t *compat, const uint8_t *native)
{
	memset(compat + f->compat_offset, 0, f->compat_size);
	memcpy(compat + f->compat_offset, native + f->native_offset,
	       MIN(f->native_size, f->compat_size));
}

static int compat_get(struct vcpu *v, const struct abi_struct *s, void *native, uint64_t address)
{
	uint8_t compat[ABI_MAX_SIZE];
	int rc = copy_from_guest(v, compat, address, s->compat_size);

	if (rc)
		return rc;
	memset(native, 0, s->native_size);
	for (const struct abi_field *f = s->fields; f->native_size; f++)
		field_widen(f, native, compat);
	return 0;
}

/* Fields that follow each other are written in one go; bytes between fields stay the guest's. */
static int compat_put(struct vcpu *v, const struct abi_struct *s, const void *native,
                      uint64_t address)
{
	uint8_t compat[ABI_MAX_SIZE];
	const struct abi_field *f = s->fields;

	while (f->native_size) {
		unsigned start = f->compat_offset, end = start;

		for (; f->native_size && f->compat_offset == end; f++) {
			field_narrow(f, compat, native);
			end += f->compat_size;
		}
		if (copy_to_guest(v, address + start, compat + start, end - start))
			return -EFAULT;
	}
	return 0;
}

int abi_get(struct vcpu *v, const struct abi_struct *s, void *native, uint64_t handle, uint64_t i)
{
	bool is_compat = hypercall_is_compat(v);
	uint64_t address;

	struct_check(s);
	if (element_address(handle, i, is_compat ? s->compat_size : s->native_size, is_compat,
	                    &address))
		return -EFAULT;
	if (is_compat && s->fields)
		return compat_get(v, s, native, address);
	return copy_from_guest(v, native, address, s->native_size);
}

int abi_put(struct vcpu *v, const struct abi_struct *s, const void *native, uint64_t handle,
            uint64_t i)
{
	bool is_compat = hypercall_is_compat(v);
	uint64_t address;

	struct_check(s);
	if (element_address(handle, i, is_compat ? s->compat_size : s->native_size, is_compat,
	                    &address))
		return -EFAULT;
	if (is_compat && s->fields)
		return compat_put(v, s, native, address);
	return copy_to_guest(v, address, native, s->native_size);
}

int abi_get_long(struct vcpu *v, uint64_t *value, uint64_t handle, uint64_t i)
{
	bool is_compat = hypercall_is_compat(v);
	size_t size = is_compat ? 4 : 8;
	uint64_t address, read = 0;

	if (element_address(handle, i, size, is_compat, &address) ||
	    copy_from_guest(v, &read, address, size))
		return -EFAULT;
	*value = read;
	return 0;
}

int abi_put_long(struct vcpu *v, uint64_t value, uint64_t handle, uint64_t i)
{
	bool is_compat = hypercall_is_compat(v);
	size_t size = is_compat ? 4 : 8;
	uint64_t address;

	if (element_address(handle, i, size, is_compat, &address))
		return -EFAULT;
	return copy_to_guest(v, address, &value, size);
}
