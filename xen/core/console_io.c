// SPDX-License-Identifier: GPL-2.0-or-later
/* console_io: the console of the first domain, and a log line for the others. Public xen/xen.h. */
#include "console.h"
#include "domain.h"
#include "hypercall.h"
#include "log.h"

#include <xen/xen.h>

#define CHUNK 128u

static long console_write(struct vcpu *v, uint32_t count, uint64_t buffer)
{
	char text[CHUNK];

	for (uint32_t done = 0, n; done < count; done += n) {
		n = MIN(count - done, CHUNK);
		if (copy_from_guest(v, text, buffer + done, n))
			return -EFAULT;
		log_guest_text(v->domain, text, n);
	}
	return 0;
}

static long console_read_op(struct vcpu *v, uint32_t count, uint64_t buffer)
{
	char text[CHUNK];
	size_t n = console_read(text, MIN(count, CHUNK));

	return copy_to_guest(v, buffer, text, n) ? -EFAULT : (long)n;
}

/* Longer writes are restarted in pieces, so that no caller holds the CPU for long. */
#define WRITE_AT_ONCE 4096u

long console_io_op(struct vcpu *v, uint64_t *args)
{
	uint32_t count = (uint32_t)args[1], n = MIN(count, WRITE_AT_ONCE);
	long err;

	if (count > 0x7fffffff)
		return -EINVAL;
	switch ((uint32_t)args[0]) {
	case CONSOLEIO_write:
		err = console_write(v, n, args[2]);
		if (err || n == count)
			return err;
		args[1] = count - n;
		args[2] += n;
		return HYPERCALL_RESTART;
	case CONSOLEIO_read:
		return v->domain->is_privileged ? console_read_op(v, count, args[2]) : -EPERM;
	default: return -ENOSYS;
	}
}
