// SPDX-License-Identifier: GPL-2.0-or-later
/* console_io: the console of the first domain, and a log line for the others. Public xen/xen.h. */
#include "console.h"
#include "domain.h"
#include "hypercall.h"
#include "log.h"

#include <xen/xen.h>

#define CHUNK 128u

/* A slow line holds every CPU that has something to say: so it gives way after any piece. Bytes written, or -EFAULT. */
static long console_write(struct vcpu *v, uint32_t count, uint64_t buffer)
{
	char text[CHUNK];
	uint32_t done = 0, n;

	while (done < count && !(done && hypercall_should_restart())) {
		n = MIN(count - done, CHUNK);
		if (copy_from_guest(v, text, buffer + done, n))
			return -EFAULT;
		log_guest_text(v->domain, text, n);
		done += n;
	}
	return done;
}

static long console_read_op(struct vcpu *v, uint32_t count, uint64_t buffer)
{
	char text[CHUNK];
	size_t n = console_read(text, MIN(count, CHUNK));

	return copy_to_guest(v, buffer, text, n) ? -EFAULT : (long)n;
}

long console_io_op(struct vcpu *v, uint64_t *args)
{
	uint32_t count = (uint32_t)args[1];
	long done;

	if (count > 0x7fffffff)
		return -EINVAL;
	switch ((uint32_t)args[0]) {
	case CONSOLEIO_write:
		done = console_write(v, count, args[2]);
		if (done < 0)
			return done;
		if ((uint32_t)done == count)
			return 0;
		args[1] = count - (uint32_t)done;
		args[2] += (uint64_t)done;
		return HYPERCALL_RESTART;
	case CONSOLEIO_read:
		return v->domain->is_privileged ? console_read_op(v, count, args[2]) : -EPERM;
	default: return -ENOSYS;
	}
}
