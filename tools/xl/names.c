/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl domid, xl domname, xl rename */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

bool cmd_domid(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (!xl_one_guest(x, argc, argv, &g))
		return false;
	printf("%u\n", g.domid);
	return true;
}

bool cmd_domname(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (!xl_one_guest(x, argc, argv, &g))
		return false;
	printf("%s\n", g.name);
	return true;
}

bool cmd_rename(struct xl *x, int argc, char **argv)
{
	struct failure unused = { "" };
	struct guest_info g, other;
	char *vm;
	bool done;

	if (argc != 3 || !argv[2][0] || strpbrk(argv[2], "/ \t\n"))
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	if (guest_find(x->h, x->s, argv[2], &other, &unused))
		return fail(&x->failure, "%s: domain %u is called that: choose another name",
		            argv[2], other.domid);
	vm = store_read(x->s, "/local/domain/%u/vm", g.domid);
	done = store_write(x->s, argv[2], "/local/domain/%u/name", g.domid) &&
	       (!vm || store_write(x->s, argv[2], "%s/name", vm));
	free(vm);
	return done || fail(&x->failure, "%s: the store does not take its new name", g.name);
}
