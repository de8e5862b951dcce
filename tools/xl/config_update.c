/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl config-update: another description, for a guest's next restart. */
#include "cmd.h"
#include "create_check.h"
#include "keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* In one form, which its keeper reads again. */
static bool hand_over(struct xl *x, const struct guest_info *g, const struct guest_config *config)
{
	int fd = memfd_create("description", MFD_CLOEXEC);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
	struct control_line answer;
	struct control_text t;
	bool done = to != NULL;

	if (done) {
		guest_config_write(config, to);
		done = fflush(to) == 0;
	}
	if (!done)
		fail(&x->failure, "%s: no memory for its description", g->name);
	control_begin(&t, "config-update");
	done = done && keeper_ask(g->domid, &t, fd, &answer, &x->failure);
	if (to)
		fclose(to);
	else if (fd >= 0)
		close(fd);
	return done;
}

/* Name and uuid are the guest's: the check is not to find them taken. */
static bool update(struct xl *x, const struct guest_info *g, struct guest_config *config,
                   struct messages *m)
{
	bool done;

	if (strcmp(config->name, g->name) != 0)
		notice_at(m, config->file, guest_config_line(config, "name"),
		          "the guest goes on being called %s (xl rename)", g->name);
	snprintf(config->name, sizeof(config->name), "%s", g->name);
	memcpy(config->uuid, g->uuid, sizeof(config->uuid));
	config->has_uuid = true;
	config_make_absolute(config);
	done = update_check(x, config, m) && hand_over(x, g, config);
	messages_print(m, stderr, true);
	if (done)
		printf("%s: this holds from its next restart on (xl reboot %s)\n", g->name,
		       g->name);
	return done;
}

bool cmd_config_update(struct xl *x, int argc, char **argv)
{
	struct guest_config *config = calloc(1, sizeof(*config));
	struct messages *m = calloc(1, sizeof(*m));
	struct guest_info g;
	bool done = config && m;

	if (done && argc < 3)
		done = xl_usage(x, argv[0]);
	done = done && xl_guest(x, argv[1], &g);
	if (done) {
		done = guest_config_read(config, argv[2], argv + 3, (size_t)(argc - 3), m);
		if (done)
			done = update(x, &g, config, m);
		else
			messages_print(m, stderr, true);
	}
	free(config);
	free(m);
	return done;
}
