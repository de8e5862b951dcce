/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl pause, xl unpause */
#include "cmd.h"

bool cmd_pause(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (!xl_one_guest(x, argc, argv, &g))
		return false;
	if (!g.domid)
		return fail(&x->failure,
		            "%s: the control domain cannot be paused: nobody could let it go on",
		            g.name);
	return xl_domctl(x, &g, XEN_DOMCTL_pausedomain, "it cannot be paused");
}

bool cmd_unpause(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	return xl_one_guest(x, argc, argv, &g) &&
	       xl_domctl(x, &g, XEN_DOMCTL_unpausedomain, "it cannot go on");
}
