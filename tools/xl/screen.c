/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl screen, xl vncviewer */
#include "cmd.h"
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cmd_screen(struct xl *x, int argc, char **argv)
{
	bool is_picture = argc == 3, done;
	struct control_line answer;
	struct control_text t;
	struct guest_info g;
	int fd = STDOUT_FILENO;

	if (argc < 2 || argc > 3)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	if (is_picture)
		fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(&x->failure, "%s: %s", argv[2], strerror(errno));
	control_begin(&t, "screen");
	control_put(&t, "format", is_picture ? "png" : "text");
	done = keeper_ask(g.domid, &t, fd, &answer, &x->failure);
	if (is_picture)
		close(fd);
	return done;
}

bool cmd_vncviewer(struct xl *x, int argc, char **argv)
{
	static const struct option longer[] = { { "autopass", no_argument, NULL, 'a' },
		                                { "vncviewer-autopass", no_argument, NULL, 'a' },
		                                { NULL, 0, NULL, 0 } };
	char *port, *address, target[128];
	struct guest_info g;
	int c;

	while ((c = getopt_long(argc, argv, "a", longer, NULL)) != -1) {
		if (c != 'a')
			return xl_usage(x, "vncviewer");
		fprintf(stderr,
		        "xl: passwords of screens are kept where xl cannot read them: the viewer asks for it\n");
	}
	if (optind != argc - 1)
		return xl_usage(x, "vncviewer");
	if (!xl_guest(x, argv[optind], &g))
		return false;
	port = store_read(x->s, "/local/domain/%u/console/vnc-port", g.domid);
	address = store_read(x->s, "/local/domain/%u/console/vnc-listen", g.domid);
	if (!port)
		return fail(&x->failure,
		            "%s: it has no screen on a port: write vnc=1 into its description",
		            g.name);
	snprintf(target, sizeof(target), "%s::%s",
	         address && strcmp(address, "0.0.0.0") != 0 ? address : "localhost", port);
	execlp("vncviewer", "vncviewer", target, (char *)NULL);
	return fail(
		&x->failure,
		"vncviewer: %s. Install one (apt-get install tigervnc-viewer), or point any VNC viewer at %s",
		strerror(errno), target);
}
