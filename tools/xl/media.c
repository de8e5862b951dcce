/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl cd-insert, xl cd-eject */
#include "cmd.h"
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cmd_cd_insert(struct xl *x, int argc, char **argv)
{
	struct control_line answer;
	struct control_text t;
	struct guest_info g;
	char *path;
	bool done;
	int fd;

	if (argc != 4)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	fd = open(argv[3], O_RDONLY | O_CLOEXEC);
	path = realpath(argv[3], NULL);
	if (fd < 0 || !path) {
		free(path);
		return fail(&x->failure, "%s: %s. Say the path of an image or of a drive", argv[3],
		            strerror(errno));
	}
	control_begin(&t, "cd-insert");
	control_put(&t, "vdev", argv[2]);
	control_put(&t, "read-only", "1");
	control_put(&t, "name", path);
	control_put(&t, "path", path);
	done = keeper_ask(g.domid, &t, fd, &answer, &x->failure);
	close(fd);
	free(path);
	return done;
}

bool cmd_cd_eject(struct xl *x, int argc, char **argv)
{
	struct control_line answer;
	struct control_text t;
	struct guest_info g;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	control_begin(&t, "cd-eject");
	control_put(&t, "vdev", argv[2]);
	if (x->is_forced)
		control_put(&t, "force", "1");
	if (!keeper_ask(g.domid, &t, -1, &answer, &x->failure))
		return false;
	if (control_number(&answer, "asked", 1, 0))
		printf("%s: the guest has locked the drive and was asked to let go (xl -f cd-eject takes it out at once)\n",
		       g.name);
	return true;
}
