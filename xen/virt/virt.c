/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backend this computer can use. */
#include "virt_backend.h"
#include "virt_insn.h"
#include "errno.h"
#include "format.h"

static const struct virt_ops *const backends[] = { &svm_ops, &vmx_ops };
const struct virt_ops *virt;

int virt_select(char *why, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < ARRAY_LEN(backends); i++) {
		const char *reason = NULL;

		if (backends[i]->probe(&reason)) {
			virt = backends[i];
			return 0;
		}
		if (reason && at < size)
			at += format(why + at, size - at, "%s%s", at ? "; " : "", reason);
	}
	if (!at)
		format(why, size, "this CPU has neither AMD-V nor VT-x, or the firmware hides it");
	return -ENODEV;
}

bool virt_under_tcg(void)
{
	struct cpuid_leaf l;

	if (!(insn_cpuid(1, 0).c >> 31))
		return false;
	l = insn_cpuid(0x40000000, 0);
	return l.b == 0x54474354 && l.c == 0x43544743 && l.d == 0x47435447; /* "TCGTCGTCGTCG" */
}
