/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl cd-insert, xl cd-eject */
#include "cmd.h"
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that is meant: as it stands there, or in the words of disk= (file:/images/x.iso, phy:cdrom). It is in d where it is not what itself. */
static const char *medium_of(const char *vdev, const char *what, struct config_disk *d)
{
	struct messages *m = calloc(1, sizeof(*m));
	char text[CONFIG_TEXT + 64];
	bool is_spec;

	snprintf(text, sizeof(text), "vdev=%s,access=r,devtype=cdrom,target=%s", vdev, what);
	is_spec = m && access(what, F_OK) != 0 && disk_spec_parse(d, text, "", 0, true, m) &&
	          access(d->target, F_OK) == 0;
	free(m);
	return is_spec ? d->target : what;
}

bool cmd_cd_insert(struct xl *x, int argc, char **argv)
{
	struct config_disk d;
	const char *medium;
	struct control_line answer;
	struct control_text t;
	struct guest_info g;
	struct stat s;
	char *path;
	bool done;
	int fd;

	if (argc != 4)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	medium = medium_of(argv[2], argv[3], &d);
	fd = open(medium, O_RDONLY | O_CLOEXEC);
	path = realpath(medium, NULL);
	if (fd >= 0 && fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
		close(fd);
		free(path);
		return fail(&x->failure, "%s: this is a folder; name the image in it", argv[3]);
	}
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
