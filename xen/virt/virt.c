/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backend this computer can use. */
#include "virt_ops.h"
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
