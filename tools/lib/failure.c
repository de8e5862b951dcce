/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures in words. */
#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fail(struct failure *f, const char *format, ...)
{
	va_list list;

	if (!f->text[0]) {
		va_start(list, format);
		vsnprintf(f->text, sizeof(f->text), format, list);
		va_end(list);
	}
	return false;
}

static const struct {
	int error;
	const char *text;
} errors[] = {
	{ EACCES,
	  "the hypervisor speaks another version of its control interface: hypervisor and tools must be of one build" },
	{ EBUSY, "somebody else is changing it just now" },
	{ EEXIST, "it is there already" },
	{ EINVAL, "the hypervisor does not take it" },
	{ ENOENT, "there is no such thing" },
	{ ENOEXEC, "it is no program for this purpose: the hypervisor's log (xl dmesg) says more" },
	{ ENOMEM, "there is not enough free memory (xl info shows free_memory)" },
	{ ENOSPC, "a table of the hypervisor is full" },
	{ ENOSYS, "this hypervisor does not have it" },
	{ EOPNOTSUPP, "this machine or hypervisor does not have it" },
	{ EPERM, "it is not allowed" },
	{ ESRCH, "there is no such domain any more" },
};

const char *hypervisor_error(int error)
{
	for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == -error)
			return errors[i].text;
	return strerror(-error);
}
