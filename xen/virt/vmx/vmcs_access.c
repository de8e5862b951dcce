/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two instructions that reach the current VMCS. Tests link an array instead (tests/host/vmcs_fake.c). */
#include "vmcs.h"

uint64_t vmcs_read(enum vmcs_field field)
{
	uint64_t value = 0;

	__asm__ volatile("vmread %1, %0" : "+r"(value) : "r"((uint64_t)field) : "cc");
	return value;
}

void vmcs_write(enum vmcs_field field, uint64_t value)
{
	__asm__ volatile("vmwrite %0, %1" : : "r"(value), "r"((uint64_t)field) : "cc", "memory");
}
