/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress lines, then a terminal. */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LEAVE 1 /* ^A, then x */

struct console {
	struct terminal *terminal;
	double began;
	char line[512];
	size_t length;
	bool is_ready, is_person, has_failed, has_spoken, is_escaped, is_stdin_over;
	struct termios before;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void raw(struct console *c)
{
	struct termios t = c->before;

	if (!c->is_person)
		return;
	cfmakeraw(&t);
	t.c_oflag |= OPOST | ONLCR;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void ready(struct console *c)
{
	c->is_ready = true;
	if (c->terminal->ready)
		c->terminal->ready();
	raw(c);
}

static void progress(struct console *c, const char *text)
{
	printf("%7.1f s  %s\n", now() - c->began, text);
	fflush(stdout);
}

/* A line of the console. The hypervisor marks the control domain's. */
static void take_line(struct console *c)
{
	const char *text;

	c->line[c->length] = 0;
	text = c->line;
	c->length = 0;
	if (strncmp(text, "(d0) ", 5) == 0)
		text += 5;
	if (strncmp(text, "zazen: ", 7) != 0)
		return;
	text += 7;
	if (strcmp(text, "ready") == 0) {
		ready(c);
		return;
	}
	progress(c, text);
	if (strncmp(text, "error: ", 7) != 0)
		return;
	c->has_failed = true;
	raw(c); /* its shell comes */
}

static void take_output(struct console *c, const char *bytes, size_t n)
{
	bool is_shown =
		c->terminal->is_raw_from_start || c->is_ready || (c->has_failed && c->is_person);

	if (c->terminal->log) {
		fwrite(bytes, 1, n, c->terminal->log);
		fflush(c->terminal->log);
	}
	if (!c->has_spoken && !is_shown)
		progress(c, "the hypervisor starts");
	c->has_spoken = true;
	if (is_shown) {
		fwrite(bytes, 1, n, stdout);
		fflush(stdout);
	}
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			take_line(c);
		else if (bytes[i] != '\r' && c->length < sizeof(c->line) - 1)
			c->line[c->length++] = bytes[i];
	}
}

/* False: the person leaves. */
static bool take_input(struct console *c, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c->is_escaped && (bytes[i] == 'x' || bytes[i] == 'X'))
			return false;
		c->is_escaped = bytes[i] == LEAVE;
		if (write(c->terminal->to_machine, &bytes[i], 1) != 1 && errno != EINTR)
			return true;
	}
	return true;
}

static enum terminal_end loop(struct console *c)
{
	char bytes[4096];

	for (;;) {
		struct pollfd fds[] = { { .fd = c->terminal->from_machine, .events = POLLIN },
			                { .fd = c->is_stdin_over ? -1 : STDIN_FILENO,
			                  .events = POLLIN },
			                { .fd = c->terminal->stop, .events = POLLIN } };
		ssize_t n;

		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return TERMINAL_MACHINE_ENDED;
		}
		if (fds[2].revents)
			return TERMINAL_STOPPED;
		if (fds[0].revents) {
			n = read(c->terminal->from_machine, bytes, sizeof(bytes));
			if (n <= 0)
				return TERMINAL_MACHINE_ENDED;
			take_output(c, bytes, (size_t)n);
			if (c->has_failed && !c->is_person)
				return TERMINAL_FAILED;
		}
		if (fds[1].revents) {
			n = read(STDIN_FILENO, bytes, sizeof(bytes));
			if (n <= 0)
				c->is_stdin_over = true;
			else if (!take_input(c, bytes, (size_t)n))
				return TERMINAL_LEFT;
		}
	}
}

enum terminal_end terminal_run(struct terminal *t)
{
	struct console c = { .terminal = t, .began = now() };
	enum terminal_end end;

	c.is_person = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &c.before) == 0;
	if (t->is_raw_from_start)
		raw(&c);
	end = loop(&c);
	if (c.is_person)
		tcsetattr(STDIN_FILENO, TCSANOW, &c.before);
	return end;
}
