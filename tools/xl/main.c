/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl (and xm, its older name): guests on this machine. */
#include "cmd.h"

#include <string.h>
#include <unistd.h>

static bool global_options(struct xl *x, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+vNftT")) != -1) {
		switch (c) {
		case 'v': x->is_verbose = true; break;
		case 'N': x->is_dry = true; break;
		case 'f': x->is_forced = true; break;
		case 't':
		case 'T': break; /* Xen's: how its own messages look */
		default: return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct xl x;
	const struct command *c;
	bool done;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return !cmd_help(&x, 1, argv);
	if (!global_options(&x, argc, argv)) {
		fprintf(stderr, "xl: xl help shows what there is\n");
		return 1;
	}
	if (optind == argc)
		return !cmd_help(&x, 1, argv);
	c = command_find(argv[optind]);
	argc -= optind;
	argv += optind;
	optind = 0; /* glibc: begin anew, for the command's own options */
	done = c ? c->run(&x, argc, argv) : command_missing(&x, argv[0]);
	if (x.failure.text[0])
		fprintf(stderr, "xl: %s\n", x.failure.text);
	if (fflush(stdout) != 0)
		done = false;
	return !done;
}
