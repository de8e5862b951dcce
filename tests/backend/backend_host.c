// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeper and device model of a backend process under test. */
#include "backend_host.h"

#include "link_port.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VRAM    (MIB(1) + DEVMODEL_VRAM_HIDDEN)
#define WAIT_MS 60000

struct backend_host backend_host;
#define H (&backend_host)

/* ---- the device model's calls ---- */

struct devmodel_link *link_memory(void)
{
	return H->link;
}

bool link_notify(void)
{
	return H->look >= 0 && send(H->look, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

void link_vram_written(void)
{
}

/* ---- files ---- */

static void directory_remove(void)
{
	char command[100];

	backend_kill();
	snprintf(command, sizeof(command), "rm -rf %s", H->directory);
	(void)!system(command);
}

const char *backend_path(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", H->directory, name);
	return path;
}

void backend_file(const char *name, uint64_t size)
{
	int fd = open(backend_path(name), O_RDWR | O_CREAT | O_TRUNC, 0666);

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		abort();
	close(fd);
}

/* ---- the machine ---- */

void backend_machine(const struct devmodel_board *b)
{
	if (!H->directory[0]) {
		strcpy(H->directory, "/tmp/zazen-backend.XXXXXX");
		if (!mkdtemp(H->directory))
			abort();
		atexit(directory_remove);
	}
	backend_kill();
	if (H->link) {
		munmap(H->link, DEVMODEL_LINK_SIZE);
		close(H->memory);
		munmap(H->pv, sizeof(*H->pv));
		close(H->pv_memory);
	}
	H->memory = memfd_create("link", MFD_CLOEXEC);
	if (H->memory < 0 || ftruncate(H->memory, (off_t)(DEVMODEL_LINK_SIZE + VRAM)) != 0)
		abort();
	H->link = mmap(NULL, DEVMODEL_LINK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, H->memory, 0);
	H->pv_memory = memfd_create("grants", MFD_CLOEXEC);
	if (H->pv_memory < 0 || ftruncate(H->pv_memory, sizeof(*H->pv)) != 0)
		abort();
	H->pv = mmap(NULL, sizeof(*H->pv), PROT_READ | PROT_WRITE, MAP_SHARED, H->pv_memory, 0);
	H->board = *b;
	H->look = -1;
	link_start(&H->board, &fake_machine_new()->ports);
}

void backend_turn(int ms)
{
	struct pollfd p = { .fd = H->look, .events = POLLIN };
	char bytes[64];

	if (H->look >= 0 && poll(&p, 1, ms) > 0)
		while (recv(H->look, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
	link_look();
	link_turn_over();
}

/* ---- the guest's grants and ports ---- */

/* The process's end of the ports, which it is started with. */
static int ports_open(void)
{
	struct control_text t;
	int pair[2];

	if (H->pv_events > 0)
		close(H->pv_events);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	H->pv_events = pair[0];
	control_begin(&t, "grants");
	(void)control_send(H->pv_events, &t, H->pv_memory);
	return pair[1];
}

void backend_pv_tell(uint32_t port)
{
	const struct pv_told told = { port };

	(void)send(H->pv_events, &told, sizeof(told), MSG_NOSIGNAL);
}

bool backend_pv_told(uint32_t port)
{
	struct pollfd p = { .fd = H->pv_events, .events = POLLIN };
	struct pv_told told;

	while (poll(&p, 1, WAIT_MS) > 0 &&
	       recv(H->pv_events, &told, sizeof(told), 0) == sizeof(told))
		if (told.port == port)
			return true;
	return false;
}

/* ---- the process ---- */

#define PV_FD 60 /* the process's end: pv= of "attach" */

static void program_run(int control, int ports)
{
	char path[512], option[32];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	path[n > 0 ? n : 0] = 0;
	*strrchr(path, '/') = 0;
	strcpy(strrchr(path, '/'), "/zazen-backend-test");
	snprintf(option, sizeof(option), "--control=%d", control);
	(void)fcntl(control, F_SETFD, 0);
	(void)dup2(ports, PV_FD);
	execl(path, path, option, (char *)NULL);
	_exit(127);
}

static void say(const char *text, int descriptor)
{
	struct control_text t;

	control_begin(&t, text); /* test's lines are written out */
	(void)control_send(H->control, &t, descriptor);
}

bool backend_wait_line(const char *word)
{
	struct pollfd p = { .fd = H->control, .events = POLLIN };

	for (;;) {
		if (poll(&p, 1, WAIT_MS) <= 0 || control_receive(H->control, &H->line, NULL) <= 0 ||
		    !control_parse(&H->line))
			return false;
		if (!strcmp(H->line.word, "serial") && control_value(&H->line, "path"))
			snprintf(H->serial_path, sizeof(H->serial_path), "%s",
			         control_value(&H->line, "path"));
		if (!strcmp(H->line.word, "console") && control_value(&H->line, "path"))
			snprintf(H->console_path, sizeof(H->console_path), "%s",
			         control_value(&H->line, "path"));
		if (!strcmp(H->line.word, word))
			return true;
		if (!strcmp(H->line.word, "error") || !strcmp(H->line.word, "failed"))
			return false;
	}
}

bool backend_start(const char *const *lines)
{
	int pair[2], ports = ports_open();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	H->pid = fork();
	if (H->pid == 0)
		program_run(pair[1], ports);
	close(pair[1]);
	close(ports);
	H->control = pair[0];
	for (; *lines; lines++)
		say(*lines, H->pty && strstr(*lines, "to=pty") ? H->pty : -1);
	say("open", -1);
	if (backend_wait_line("ready"))
		return true;
	waitpid(H->pid, NULL, 0);
	H->pid = 0;
	close(H->control);
	return false;
}

bool backend_attach(void)
{
	struct control_text t;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	H->look = pair[0];
	control_begin(&t, "memory");
	(void)control_send(H->look, &t, H->memory);
	say("attach domid=5 port=7 pv=60", pair[1]);
	close(pair[1]);
	for (int waited = 0; waited < WAIT_MS; waited += 20) {
		struct pollfd p = { .fd = H->control, .events = POLLIN };

		backend_turn(20);
		if (poll(&p, 1, 0) > 0)
			return backend_wait_line("attached");
	}
	return false;
}

bool backend_attach_pvh(void)
{
	say("attach domid=5 console=2 pv=60", -1);
	return backend_wait_line("attached");
}

bool backend_ask(const char *text, int descriptor)
{
	say(text, descriptor);
	return backend_wait_line("done");
}

void backend_kill(void)
{
	if (H->pid <= 0)
		return;
	kill(H->pid, SIGKILL);
	waitpid(H->pid, NULL, 0);
	H->pid = 0;
	close(H->control);
	if (H->look >= 0)
		close(H->look);
	H->look = -1;
}

int backend_quit(void)
{
	int status = -1;

	if (!backend_ask("quit", -1))
		return -1;
	waitpid(H->pid, &status, 0);
	H->pid = 0;
	close(H->control);
	if (H->look >= 0)
		close(H->look);
	H->look = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- requests ---- */

static int answer_said;
static bool is_answered;

static void done(struct block_request *r, int error)
{
	answer_said = error;
	is_answered = true;
}

static struct block_request pending;
static uint8_t pending_bytes[512];

void backend_submit_write(unsigned drive, uint64_t sector, uint8_t byte)
{
	struct block_backend *b = link_disk(&H->board, drive);

	memset(pending_bytes, byte, sizeof(pending_bytes));
	pending = (struct block_request){ .op = BLOCK_WRITE,
		                          .sector = sector,
		                          .count = 1,
		                          .buffer = pending_bytes,
		                          .done = done };
	is_answered = false;
	b->submit(b, &pending);
	link_turn_over();
}

int backend_pending(void)
{
	for (int waited = 0; !is_answered && waited < WAIT_MS; waited += 20)
		backend_turn(20);
	return is_answered ? answer_said : -1000;
}

int backend_request(unsigned drive, enum block_op op, uint64_t sector, uint32_t count, void *bytes,
                    bool fua)
{
	struct block_backend *b = link_disk(&H->board, drive);
	struct block_request r = { .op = op,
		                   .sector = sector,
		                   .count = count,
		                   .fua = fua,
		                   .buffer = bytes,
		                   .done = done };

	is_answered = false;
	b->submit(b, &r);
	link_turn_over();
	for (int waited = 0; !is_answered && waited < WAIT_MS; waited += 20)
		backend_turn(20);
	if (is_answered)
		return answer_said;
	b->cancel(b, &r);
	return -1000;
}
