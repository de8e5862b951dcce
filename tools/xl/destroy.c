/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl destroy */
#include "cmd.h"
#include "keeper.h"

#include <errno.h>
#include <time.h>

/* Until its memory is free and its keeper has let go of its disks, so that whoever comes next finds them. */
static void wait_gone(struct xl *x, uint32_t domid)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	struct guest_info g;

	for (unsigned i = 0;
	     i < 1000 && (guest_get(x->h, NULL, domid, &g) || keeper_is_there(domid)); i++)
		nanosleep(&moment, NULL);
}

bool cmd_destroy(struct xl *x, int argc, char **argv)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct guest_info g;
	struct xen_domctl op = { .cmd = XEN_DOMCTL_destroydomain };
	bool has_keeper;
	int rc;

	if (!xl_one_guest(x, argc, argv, &g))
		return false;
	if (g.domid == 0)
		return fail(
			&x->failure,
			"the control domain cannot be destroyed: power off the machine instead");
	op.domain = (domid_t)g.domid;
	has_keeper = keeper_is_there(g.domid);
	while ((rc = hypervisor_domctl(x->h, &op)) == -EAGAIN)
		nanosleep(&moment, NULL);
	if (rc < 0 && rc != -ESRCH)
		return fail(&x->failure, "%s: %s", g.name, hypervisor_error(rc));
	wait_gone(x, g.domid);
	if (!has_keeper)
		keeper_clean_up(x->s, g.domid, g.uuid);
	return true;
}
