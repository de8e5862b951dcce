/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl why: of a guest that is there, what the hypervisor remembers; of one that is gone, what its keeper wrote down before. */
#include "cmd.h"
#include "ending.h"
#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINES 8 /* of what it said last */

static bool file_copy(const char *path)
{
	FILE *f = fopen(path, "re");
	char bytes[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, n, stdout);
	fclose(f);
	return true;
}

/* The last lines of its log. */
static void log_print(const char *name)
{
	char path[300], *lines[LINES] = { NULL }, *line = NULL;
	size_t size = 0, nr = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", PATHS_LOG, name);
	f = fopen(path, "re");
	while (f && getline(&line, &size, f) > 0) {
		free(lines[nr % LINES]);
		lines[nr++ % LINES] = line;
		line = NULL;
		size = 0;
	}
	if (f)
		fclose(f);
	free(line);
	if (nr)
		printf("what it said last (xl log %s):\n", name);
	for (size_t i = nr < LINES ? 0 : nr - LINES; i < nr; i++)
		printf("  %s", lines[i % LINES]);
	for (size_t i = 0; i < LINES; i++)
		free(lines[i]);
}

bool cmd_why(struct xl *x, int argc, char **argv)
{
	struct failure unused = { "" };
	struct guest_info g;
	char path[300];
	bool done = true;

	if (argc != 2 || argv[1][0] == '-' || strchr(argv[1], '/'))
		return xl_usage(x, argv[0]);
	if (!xl_connect(x))
		return false;
	if (!guest_find(x->h, x->s, argv[1], &g, &unused)) {
		snprintf(path, sizeof(path), "%s/%s.why", PATHS_LOG, argv[1]);
		if (!file_copy(path))
			return fail(
				&x->failure,
				"%s: no guest of this name is there, and none has ended by itself",
				argv[1]);
		log_print(argv[1]);
		return true;
	}
	if (!g.domid)
		return fail(&x->failure, "the control domain has not ended");
	done = ending_print(x->h, &g, stdout);
	snprintf(path, sizeof(path), "%s/%s.why", PATHS_LOG, g.name);
	if (!(g.flags & XEN_DOMINF_shutdown)) {
		printf("\nits last end before this:\n");
		if (!file_copy(path))
			printf("  none that is known\n");
	}
	log_print(g.name);
	return done;
}
