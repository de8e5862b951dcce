/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl log: from the guest's first byte on. */
#include "cmd.h"
#include "paths.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool cmd_log(struct xl *x, int argc, char **argv)
{
	const struct timespec moment = { .tv_nsec = 200000000 };
	char path[300], bytes[4096];
	bool follows = false;
	struct guest_info g;
	size_t n;
	FILE *f;
	int c;

	while ((c = getopt(argc, argv, "f")) != -1) {
		if (c != 'f')
			return xl_usage(x, "log");
		follows = true;
	}
	if (optind != argc - 1)
		return xl_usage(x, "log");
	/* the log of a guest that is gone is there, too */
	snprintf(path, sizeof(path), "%s/%s.log", PATHS_LOG, argv[optind]);
	if (access(path, R_OK) != 0) {
		if (!xl_guest(x, argv[optind], &g))
			return false;
		snprintf(path, sizeof(path), "%s/%s.log", PATHS_LOG, g.name);
	}
	f = fopen(path, "re");
	if (!f)
		return fail(&x->failure, "%s: %s", path, strerror(errno));
	for (;;) {
		while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
			fwrite(bytes, 1, n, stdout);
		if (!follows)
			break;
		fflush(stdout);
		clearerr(f);
		nanosleep(&moment, NULL);
	}
	fclose(f);
	return true;
}
