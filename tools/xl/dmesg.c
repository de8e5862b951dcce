/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl dmesg, xl debug-keys: the hypervisor's console. */
#include "cmd.h"

#include <string.h>

#define PIECE 16384u

bool cmd_dmesg(struct xl *x, int argc, char **argv)
{
	bool clears = argc == 2 && strcmp(argv[1], "-c") == 0;
	uint32_t index = 0;
	char *buffer;
	int rc = 0;

	if (argc > 2 || (argc == 2 && !clears))
		return xl_usage(x, argv[0]);
	if (!xl_connect_hypervisor(x))
		return false;
	buffer = hypervisor_buffer(x->h, PIECE);
	while (buffer) {
		struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
		struct xen_sysctl_readconsole *r = &op.u.readconsole;

		r->incremental = 1;
		r->index = index;
		r->count = PIECE;
		set_xen_guest_handle(r->buffer, buffer);
		rc = hypervisor_sysctl(x->h, &op);
		if (rc < 0 || !r->count)
			break;
		fwrite(buffer, 1, r->count, stdout);
		index = r->index;
	}
	if (buffer && rc == 0 && clears) {
		struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };

		op.u.readconsole.clear = 1;
		op.u.readconsole.count = PIECE;
		set_xen_guest_handle(op.u.readconsole.buffer, buffer);
		rc = hypervisor_sysctl(x->h, &op);
	}
	hypervisor_buffer_free(x->h, buffer, PIECE);
	return (buffer && rc >= 0) ||
	       fail(&x->failure, "the hypervisor's log: %s", hypervisor_error(rc));
}

bool cmd_debug_keys(struct xl *x, int argc, char **argv)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_debug_keys };
	char *keys;
	int rc = -1;

	if (argc != 2)
		return xl_usage(x, argv[0]);
	if (!xl_connect_hypervisor(x))
		return false;
	keys = hypervisor_buffer(x->h, strlen(argv[1]) + 1);
	if (keys) {
		strcpy(keys, argv[1]);
		set_xen_guest_handle(op.u.debug_keys.keys, keys);
		op.u.debug_keys.nr_keys = (uint32_t)strlen(argv[1]);
		rc = hypervisor_sysctl(x->h, &op);
	}
	hypervisor_buffer_free(x->h, keys, strlen(argv[1]) + 1);
	return rc == 0 || fail(&x->failure, "debug keys: %s", hypervisor_error(rc));
}
