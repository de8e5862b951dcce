/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl console */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE 0x1d /* ^] */

static struct termios before;

static bool raw(int fd, struct termios *was)
{
	struct termios t;

	if (tcgetattr(fd, &t) != 0)
		return false;
	if (was)
		*was = t;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t) == 0;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return true;
}

/* What comes from one side goes to the other; false: it is over. */
static bool relay(int from, int to, bool is_keyboard)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes));
	const char *leave = n > 0 && is_keyboard ? memchr(bytes, LEAVE, (size_t)n) : NULL;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (leave) {
		(void)write_all(to, bytes, (size_t)(leave - bytes));
		return false;
	}
	return write_all(to, bytes, (size_t)n);
}

bool console_attach(struct xl *x, const char *tty)
{
	bool is_terminal;
	int fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return fail(&x->failure, "%s: %s", tty, strerror(errno));
	(void)raw(fd, NULL);
	is_terminal = raw(STDIN_FILENO, &before);
	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
			                { .fd = STDIN_FILENO, .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents && !relay(fd, STDOUT_FILENO, false))
			break;
		if (fds[1].revents && !relay(STDIN_FILENO, fd, true))
			break;
	}
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	close(fd);
	putchar('\n');
	return true;
}

bool cmd_console(struct xl *x, int argc, char **argv)
{
	const char *type = NULL;
	unsigned number = 0;
	struct guest_info g;
	bool done;
	char *tty;
	int c;

	while ((c = getopt(argc, argv, "t:n:e:")) != -1) {
		if (c == 't')
			type = optarg;
		else if (c == 'n')
			number = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == '?')
			return xl_usage(x, "console");
	}
	if (optind != argc - 1)
		return xl_usage(x, "console");
	if (!xl_guest(x, argv[optind], &g))
		return false;
	tty = type && strcmp(type, "pv") == 0
	              ? NULL
	              : store_read(x->s, "/local/domain/%u/serial/%u/tty", g.domid, number);
	if (!tty && (!type || strcmp(type, "pv") == 0))
		tty = store_read(x->s, "/local/domain/%u/console/tty", g.domid);
	if (!tty)
		return fail(&x->failure,
		            "%s: it has no console: write serial=\"pty\" into its description",
		            g.name);
	done = console_attach(x, tty);
	free(tty);
	return done;
}
