// SPDX-License-Identifier: GPL-2.0-or-later
// obey: runs in a guest what dom0 writes to data/command in the guest's part of the store, each by a shell of its own that is not waited for.
#include <signal.h>
#include <xenstore.h>
#include "program.h"

#define COMMAND "data/command"

static void run(const char *command)
{
	if (fork())
		return;
	signal(SIGCHLD, SIG_DFL);
	setsid();
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

int main(void)
{
	struct xs_handle *store = xs_open(0);
	char *command;

	need(store != NULL, "obey-open");
	// Nobody waits for the shells.
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		command = xs_read(store, XBT_NULL, COMMAND, NULL);
		// Taken out, so that it is run once.
		if (command && *command && xs_rm(store, XBT_NULL, COMMAND))
			run(command);
		free(command);
		look_again_later();
	}
}
