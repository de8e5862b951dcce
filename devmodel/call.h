/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the hypervisor (devmodel_abi.h). */
#ifndef DEVMODEL_CALL_H
#define DEVMODEL_CALL_H

#include "devmodel_abi.h"

static inline int64_t devmodel_call(enum devmodel_call number, uint64_t a, uint64_t b, uint64_t c,
                                    uint64_t d)
{
	register uint64_t rcx __asm__("rcx") = d;
	int64_t answer;

	__asm__ volatile("int %1"
	                 : "=a"(answer)
	                 : "i"(DEVMODEL_CALL_VECTOR), "0"((uint64_t)number), "D"(a), "S"(b), "d"(c),
	                   "r"(rcx)
	                 : "memory", "cc");
	return answer;
}

static inline struct devmodel_shared *devmodel_shared(void)
{
	return (struct devmodel_shared *)DEVMODEL_SHARED;
}

/* Text of any length to one of the guest's logs. */
void devmodel_text(enum devmodel_text kind, const uint8_t *bytes, size_t n);

#endif
