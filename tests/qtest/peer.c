// SPDX-License-Identifier: GPL-2.0-or-later
/* The two machines as child processes, and the protocol with each. */
#define _GNU_SOURCE
#include "compare.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct peer {
	const char *name;
	pid_t pid;
	FILE *to, *from;
	char *line;
	size_t size;
	bool wires[64];
} peers[PEERS] = { { .name = "ours" }, { .name = "QEMU" } };

static void peer_start(struct peer *p, const char *const arguments[])
{
	int in[2], out[2], nowhere;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		exit(2);
	p->pid = fork();
	if (!p->pid) {
		nowhere = open("/dev/null", O_WRONLY);
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (p == &peers[THEIRS])
			dup2(nowhere, 2); /* its log of the protocol */
		execvp(arguments[0], (char *const *)arguments);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->to = fdopen(in[1], "w");
	p->from = fdopen(out[0], "r");
}

void peers_start(const char *const ours[], const char *const theirs[])
{
	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < PEERS; i++)
		memset(peers[i].wires, 0, sizeof(peers[i].wires));
	peer_start(&peers[OURS], ours);
	peer_start(&peers[THEIRS], theirs);
}

void peers_stop(void)
{
	for (unsigned i = 0; i < PEERS; i++) {
		fclose(peers[i].to);
		kill(peers[i].pid, SIGTERM);
		waitpid(peers[i].pid, NULL, 0);
		fclose(peers[i].from);
		free(peers[i].line);
		peers[i].line = NULL;
		peers[i].size = 0;
	}
}

/* Lines about wires may come at any time. */
static bool wire_line(struct peer *p)
{
	unsigned n;

	if (sscanf(p->line, "IRQ raise %u", &n) == 1 && n < 64)
		p->wires[n] = true;
	else if (sscanf(p->line, "IRQ lower %u", &n) == 1 && n < 64)
		p->wires[n] = false;
	else
		return false;
	return true;
}

const char *peer_ask(unsigned peer, const char *format, ...)
{
	struct peer *p = &peers[peer];
	va_list list;

	va_start(list, format);
	vfprintf(p->to, format, list);
	va_end(list);
	fputc('\n', p->to);
	fflush(p->to);
	do {
		if (getline(&p->line, &p->size, p->from) <= 0) {
			printf("FAIL %s: the program is gone\n", p->name);
			exit(2);
		}
	} while (wire_line(p));
	if (strncmp(p->line, "OK", 2)) {
		printf("FAIL %s: %s", p->name, p->line);
		exit(2);
	}
	return p->line + 2 + strspn(p->line + 2, " ");
}

bool peer_wire(unsigned peer, unsigned irq)
{
	return peers[peer].wires[irq];
}

uint32_t peer_in(unsigned peer, uint16_t port, unsigned size)
{
	return (uint32_t)strtoul(peer_ask(peer, "in%c 0x%x",
	                                  size == 1   ? 'b'
	                                  : size == 2 ? 'w'
	                                              : 'l',
	                                  port),
	                         NULL, 16);
}
