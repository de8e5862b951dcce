/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl console */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE 0x1d /* ^] */

static struct termios before;
static char leaving = LEAVE; /* the character that leaves */

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

/* What the guest says; false: it is over. */
static bool hear(int tty)
{
	char bytes[4096];
	ssize_t n = read(tty, bytes, sizeof(bytes));

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	return write_all(STDOUT_FILENO, bytes, (size_t)n);
}

/* What was typed and the guest has not taken yet. It may stand still: ^] is heard all the same. */
struct typed {
	char bytes[16384];
	size_t n;
	bool is_all; /* no more comes: what is there still goes to the guest */
};

/* Typed text that a guest does not take for so long is refused with a bell. */
static void keep(struct typed *t, const char *bytes, size_t n)
{
	if (n > sizeof(t->bytes) - t->n) {
		(void)write_all(STDERR_FILENO, "\a", 1);
		return;
	}
	memcpy(t->bytes + t->n, bytes, n);
	t->n += n;
}

/* False: it is over. */
static bool hand_over(struct typed *t, int tty)
{
	ssize_t done = write(tty, t->bytes, t->n);

	if (done < 0)
		return errno == EINTR || errno == EAGAIN;
	t->n -= (size_t)done;
	memmove(t->bytes, t->bytes + done, t->n);
	return true;
}

/* False: it is over. */
static bool type(struct typed *t)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	const char *leave = n > 0 ? memchr(bytes, leaving, (size_t)n) : NULL;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	t->is_all = n == 0;
	keep(t, bytes, leave ? (size_t)(leave - bytes) : (size_t)n);
	return !leave;
}

/* Until it is over. */
static void relay(int tty)
{
	struct typed typed = { .n = 0 };
	bool goes_on = true;

	while (goes_on && (typed.n || !typed.is_all)) {
		struct pollfd fds[] = { { .fd = tty, .events = POLLIN | (typed.n ? POLLOUT : 0) },
			                { .fd = typed.is_all ? -1 : STDIN_FILENO,
			                  .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			goes_on = type(&typed);
		if (typed.n && (fds[0].revents & POLLOUT || !goes_on))
			goes_on = hand_over(&typed, tty) && goes_on;
		if (fds[0].revents & ~POLLOUT)
			goes_on = hear(tty) && goes_on;
	}
}

bool console_attach(struct xl *x, const char *tty)
{
	bool is_terminal;
	int fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return fail(&x->failure, "%s: %s", tty, strerror(errno));
	(void)raw(fd, NULL);
	is_terminal = raw(STDIN_FILENO, &before);
	relay(fd);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	close(fd);
	putchar('\n');
	return true;
}

/* A character, or ^ and the key that is held with Control. */
static bool leaving_set(const char *text)
{
	size_t n = strlen(text);

	if (n == 1)
		leaving = text[0];
	else if (n == 2 && text[0] == '^')
		leaving = (char)(text[1] & 0x1f);
	return n == 1 || (n == 2 && text[0] == '^');
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
		else if (c == 'e' && !leaving_set(optarg))
			return fail(&x->failure,
			            "%s: what leaves the console is a character, or like ^]",
			            optarg);
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
	if (!tty && !g.domid)
		return fail(
			&x->failure,
			"%s: this is the control domain: its console is the machine's, not a guest's",
			g.name);
	if (!tty)
		return fail(&x->failure,
		            "%s: it has no console: write serial=\"pty\" into its description",
		            g.name);
	done = console_attach(x, tty);
	free(tty);
	return done;
}
