/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl dump-core */
#include "cmd.h"
#include "dump.h"

bool cmd_dump_core(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (argc != 3 || argv[1][0] == '-')
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	if (!g.domid)
		return fail(&x->failure,
		            "the control domain cannot hold itself still: use its own kdump");
	return dump_core(x->h, &g, argv[2], &x->failure);
}
