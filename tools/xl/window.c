/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xl window, and sdl=1: the window is a program of its own (vnc/window), which is handed connections to the screen, a new one after each restart of the guest. We stay beside it and hand them over: we may speak to
 * keepers, and it need not.
 */
#include "cmd.h"
#include "keeper.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HALF_SECOND   500000
#define FIRST_WAIT    120 /* halves of a second until the guest must be there, */
#define RESTART_WAIT  30  /* and until it must be there again */
#define NOT_FOUND     127
#define WINDOW_SOCKET 3

bool window_is_possible(void)
{
	const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY"),
		   *driver = getenv("SDL_VIDEODRIVER");

	return (x11 && *x11) || (wayland && *wayland) || (driver && *driver);
}

/* Who says sudo xl shows the guest's picture by a program of theirs, not of root's. */
static void become_user(void)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");

	if (geteuid() != 0 || !uid || !gid)
		return;
	if (setgroups(0, NULL) != 0 || setgid((gid_t)strtoul(gid, NULL, 10)) != 0 ||
	    setuid((uid_t)strtoul(uid, NULL, 10)) != 0)
		_exit(1);
}

static _Noreturn void window_run(int socket, const char *name)
{
	char path[300];

	become_user();
	path_library(path, sizeof(path), "zazen-window");
	if (dup2(socket, WINDOW_SOCKET) == WINDOW_SOCKET)
		execl(path, "zazen-window", name, (char *)NULL);
	_exit(NOT_FOUND);
}

/* A new connection to the screen of the guest that has this name now. */
static bool view(struct xl *x, const char *name, int window)
{
	struct failure unused = { "" };
	struct control_line answer;
	struct control_text t;
	struct guest_info g;
	int ends[2];
	bool done;

	if (!guest_find(x->h, x->s, name, &g, &unused) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	control_begin(&t, "view");
	done = keeper_ask(g.domid, &t, ends[0], &answer, &x->failure) &&
	       control_send_bytes(window, "", 1, ends[1]) == 0;
	close(ends[0]);
	close(ends[1]);
	return done;
}

/* Until the window is closed, or the guest is over. */
static void hand_over(struct xl *x, const char *name, int window)
{
	unsigned patience = FIRST_WAIT;
	char byte;

	while (read(window, &byte, 1) == 1) {
		unsigned tries = 0;

		while (!view(x, name, window)) {
			if (++tries > patience)
				return;
			usleep(HALF_SECOND);
		}
		patience = RESTART_WAIT;
		usleep(HALF_SECOND); /* not more often, whatever it does with them */
	}
}

/* False: it did not start. */
static bool window_keep(const char *name)
{
	struct xl x = { .h = NULL };
	int ends[2], status = 0;
	pid_t child;

	if (!xl_connect(&x) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return true;
	child = fork();
	if (child == 0)
		window_run(ends[1], name);
	close(ends[1]);
	hand_over(&x, name, ends[0]);
	close(ends[0]);
	return child > 0 && waitpid(child, &status, 0) == child &&
	       !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND);
}

static const char no_program[] =
	"the window's program does not start: install what it needs (apt-get install libsdl2-2.0-0 libvncclient1)";

void window_start(const char *name)
{
	pid_t child;

	if (!window_is_possible()) {
		fprintf(stderr,
		        "xl: %s: sdl=1: no window is opened: there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set). On one, xl window %s opens it\n",
		        name, name);
		return;
	}
	fflush(stdout);
	child = fork();
	if (child != 0)
		return;
	(void)setsid();
	if (!window_keep(name))
		fprintf(stderr, "xl: %s: %s\n", name, no_program);
	_exit(0);
}

bool cmd_window(struct xl *x, int argc, char **argv)
{
	struct failure no_view = { "" };
	struct control_line answer;
	struct control_text t;
	struct guest_info g;

	if (!xl_one_guest(x, argc, argv, &g))
		return false;
	if (!window_is_possible())
		return fail(
			&x->failure,
			"%s: there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set): say xl window %s on one, or xl vncviewer %s",
			g.name, g.name, g.name);
	/* Has it a screen at all? That a connection is missing is said of one that has. */
	control_begin(&t, "view");
	if (!keeper_ask(g.domid, &t, -1, &answer, &no_view) &&
	    !strstr(no_view.text, "no connection came along"))
		return fail(&x->failure, "%s", no_view.text);
	return window_keep(g.name) || fail(&x->failure, "%s: %s", g.name, no_program);
}
