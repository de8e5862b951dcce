/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backend this computer can use. */
#include "virt_ops.h"
#include "cpuid.h"
#include "errno.h"
#include "format.h"

#define CPUID_1_VMX BIT(5) /* ECX */

static const struct virt_ops *const backends[] = { &svm_ops };
const struct virt_ops *virt;

static bool cpu_has_vmx(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return c & CPUID_1_VMX;
}

int virt_select(char *why, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < ARRAY_LEN(backends); i++) {
		const char *reason = NULL;

		if (backends[i]->probe(&reason)) {
			virt = backends[i];
			return 0;
		}
		if (at < size)
			at += format(why + at, size - at, "%s%s", at ? "; " : "", reason);
	}
	if (cpu_has_vmx())
		format(why, size, "this CPU has VT-x, which this version does not use yet");
	return -ENODEV;
}
