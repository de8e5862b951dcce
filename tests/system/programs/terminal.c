// SPDX-License-Identifier: GPL-2.0-or-later
// terminal COMMAND...: runs the command on a terminal of its own, as a person at a keyboard would. What comes on standard input is typed, what the command
// writes goes to standard output. Ends with the command's status; the end of standard input types nothing more.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include "program.h"

// Moves what is there; 0: that was the end.
static int move(int from, int to)
{
	char text[4096];
	ssize_t n = read(from, text, sizeof(text)), done = 0, wrote;

	while (done < n) {
		wrote = write(to, text + done, n - done);
		if (wrote < 0 && errno != EINTR)
			return 0;
		done += wrote > 0 ? wrote : 0;
	}
	return n > 0 || (n < 0 && errno == EINTR);
}

int main(int argc, char **argv)
{
	struct pollfd files[2] = { { .fd = 0, .events = POLLIN }, { .events = POLLIN } };
	struct winsize size = { .ws_row = 25, .ws_col = 80 };
	int status, terminal;
	pid_t child;

	if (argc < 2)
		return 2;
	child = forkpty(&terminal, NULL, NULL, &size);
	if (!child) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		exit(127);
	}
	files[1].fd = terminal;
	while (child > 0 && (poll(files, 2, -1) > 0 || errno == EINTR)) {
		// A negative descriptor is not looked at.
		if ((files[0].revents & (POLLIN | POLLHUP)) && !move(0, terminal))
			files[0].fd = -1;
		if ((files[1].revents & (POLLIN | POLLHUP)) && !move(terminal, 1))
			break;
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
