/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log as xl dmesg reads it, and debug keys from the tools. */
#include "sysctl.h"

#include "console.h"
#include "log.h"

#define CHUNK 256u

/* The caller's index counts the same bytes as ours, in 32 bits. What is not kept or not to be shown any more: from the beginning. */
static uint64_t read_from(const struct xen_sysctl_readconsole *r)
{
	uint64_t begin, end;
	uint32_t behind;

	log_span(&begin, &end);
	if (!r->incremental)
		return begin;
	behind = (uint32_t)end - r->index;
	return behind <= end - begin ? end - behind : begin;
}

/* At most the ring: no longer than that is the time it takes. */
long sysctl_readconsole(struct control_call *c, void *member)
{
	struct xen_sysctl_readconsole *r = member;
	uint64_t at = read_from(r);
	uint32_t done = 0;
	char text[CHUNK];

	while (done < r->count) {
		size_t n = log_read(&at, text, MIN(r->count - done, CHUNK), false);

		if (!n)
			break;
		if (control_put(c, text, control_handle(r->buffer) + done, 0, n))
			return -EFAULT;
		done += (uint32_t)n;
	}
	if (r->clear)
		(void)log_read(&at, text, 0, true);
	r->count = done;
	r->index = (uint32_t)at;
	return 0;
}

/* They are done when this CPU leaves the call; those that do not fit wait for that. */
long sysctl_debug_keys(struct control_call *c, void *member)
{
	struct xen_sysctl_debug_keys *k = member;
	uint64_t at = control_handle(k->keys);
	char key;

	for (; k->nr_keys; k->nr_keys--, at++) {
		if (control_get(c, &key, at, 0, 1))
			return -EFAULT;
		if (console_key(key))
			continue;
		set_xen_guest_handle(k->keys, (const char *)(uintptr_t)at);
		c->copy_back = true;
		return HYPERCALL_RESTART;
	}
	return 0;
}
