/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xenstored: the store of domain 0. Options, and the order of the start. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "server.h"
#include "socket.h"

struct options {
	const char *pid_file, *trace_file;
	char folder[200], socket[300];
	bool foreground, no_hypervisor, print_pid;
};

/* Static: half a megabyte of domains. */
static struct server server;
static volatile sig_atomic_t stop;

static const char usage[] =
	"usage: xenstored [options]: the store that domain 0 and its guests share\n"
	"  -F, --pid-file FILE     write the daemon's process id to FILE\n"
	"  -N, --no-fork           stay in the foreground, with messages on standard error\n"
	"  -P, --output-pid        print the daemon's process id\n"
	"  -T, --trace-file FILE   write a line for each request to FILE\n"
	"  -Q, --quota NAME=VALUE  a limit for each guest: nodes, node-size, node-permissions,\n"
	"                          watches, transactions, memory, outstanding\n"
	"      --no-hypervisor     serve the socket only, on a machine without a hypervisor\n"
	"  -H, --help              this text\n"
	"Its socket and its state are in $XENSTORED_RUNDIR (/var/run/xenstored); $XENSTORED_PATH names\n"
	"another socket. Killed or stopped, it goes on where it was when it is started again.\n";

static void on_signal(int number)
{
	stop = 1;
}

static int set_quota(const char *text)
{
	char name[64];
	unsigned long long value;
	enum quota kind = QUOTA_COUNT;

	if (sscanf(text, "%63[^=]=%llu", name, &value) == 2)
		kind = quota_by_name(name);
	if (kind == QUOTA_COUNT) {
		log_line("--quota %s: no such limit; see xenstored --help", text);
		return -EINVAL;
	}
	server.quotas.limit[kind] = value;
	return 0;
}

static const struct option long_options[] = {
	{ "pid-file", required_argument, NULL, 'F' },
	{ "no-fork", no_argument, NULL, 'N' },
	{ "output-pid", no_argument, NULL, 'P' },
	{ "trace-file", required_argument, NULL, 'T' },
	{ "quota", required_argument, NULL, 'Q' },
	{ "no-hypervisor", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'H' },
	{ NULL, 0, NULL, 0 },
};

static int parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "F:NPT:Q:H", long_options, NULL)) != -1) {
		switch (c) {
		case 'F': o->pid_file = optarg; break;
		case 'N': o->foreground = true; break;
		case 'P': o->print_pid = true; break;
		case 'T': o->trace_file = optarg; break;
		case 'n': o->no_hypervisor = true; break;
		case 'Q':
			if (set_quota(optarg))
				return -EINVAL;
			break;
		case 'H': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); return -EINVAL;
		}
	}
	return 0;
}

static void names(struct options *o)
{
	const char *folder = getenv("XENSTORED_RUNDIR"), *path = getenv("XENSTORED_PATH");

	snprintf(o->folder, sizeof(o->folder), "%s", folder ? folder : "/var/run/xenstored");
	if (path)
		snprintf(o->socket, sizeof(o->socket), "%s", path);
	else
		snprintf(o->socket, sizeof(o->socket), "%s/socket", o->folder);
	if (mkdir(o->folder, 0755) && errno != EEXIST)
		log_line("%s: %s", o->folder, strerror(errno));
}

/* Goes into the background; the parent waits until the child says that it serves, and ends as it says. Returns where to say it. */
static int fork_away(void)
{
	int pipes[2], null;
	char word;
	pid_t child;

	if (pipe(pipes))
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child) {
		close(pipes[1]);
		_exit(read(pipes[0], &word, 1) == 1 ? 0 : 1);
	}
	close(pipes[0]);
	setsid();
	null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	if (chdir("/"))
		log_line("/: %s", strerror(errno));
	return pipes[1];
}

/* systemd's words for "it serves", where systemd asks for them. */
static void tell_system(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address,
	           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		log_line("%s: %s", path, strerror(errno));
	close(fd);
}

static int write_pid(const char *file)
{
	FILE *f = fopen(file, "w");

	if (f && fprintf(f, "%d\n", (int)getpid()) > 0 && !fclose(f))
		return 0;
	log_line("%s: %s", file, strerror(errno));
	return -EIO;
}

static int start(const struct options *o)
{
	int error;

	server.hypervisor = o->no_hypervisor ? hypervisor_none() : hypervisor_xen();
	if (!server.hypervisor)
		return -ENODEV;
	error = server_open(&server, o->folder);
	if (error)
		return error;
	if (o->trace_file) {
		server.trace = fopen(o->trace_file, "ae");
		if (!server.trace)
			log_line("%s: %s", o->trace_file, strerror(errno));
	}
	error = socket_listen(&server, o->socket);
	if (error) {
		log_line("%s: %s", o->socket, strerror(-error));
		return error;
	}
	return o->pid_file ? write_pid(o->pid_file) : 0;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int ready = -1, error;

	server_init(&server, NULL);
	if (parse(&o, argc, argv))
		return 1;
	names(&o);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	if (!o.foreground && (ready = fork_away()) < 0) {
		log_line("cannot go into the background: %s", strerror(-ready));
		return 1;
	}
	if (start(&o))
		return 1;
	if (o.print_pid)
		printf("%d\n", (int)getpid());
	fflush(stdout);
	tell_system();
	if (ready >= 0) {
		log_to_system();
		dup2(STDIN_FILENO, STDERR_FILENO);
		if (write(ready, "", 1) != 1)
			return 1;
		close(ready);
	}
	do {
		error = server_step(&server, -1);
	} while (!error && !stop);
	if (error)
		log_line("cannot wait for requests: %s", strerror(-error));
	server_close(&server);
	return error ? 1 : 0;
}
