/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for the keeper's death. */
#include "guardian.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_MS 30000 /* a process that waits for a disk in the kernel may take its time */

/* Numbers of guardians: a new one has the number `issued`, and is the one who counts from when it is `newest`. */
struct guardian_words {
	atomic_uint issued, newest;
};

int process_handle(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0); /* closed when another program is started */
}

static void wait_end(int handle, int ms)
{
	struct pollfd p = { .fd = handle, .events = POLLIN };

	while (poll(&p, 1, ms) < 0 && errno == EINTR)
		;
}

void process_kill(int *handle)
{
	if (*handle < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, *handle, SIGKILL, NULL, 0);
	wait_end(*handle, KILL_MS);
	close(*handle);
	*handle = -1;
}

bool guardian_init(struct guardian *g, void (*forget)(void *context),
                   void (*take_over)(void *context), void *context)
{
	void *shared = mmap(NULL, sizeof(struct guardian_words), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*g = (struct guardian){
		.shared = shared == MAP_FAILED ? NULL : shared,
		.handle = -1,
		.forget = forget,
		.take_over = take_over,
		.context = context,
	};
	return g->shared;
}

/* The child's life. keeper is a handle of the parent. */
static _Noreturn void guard(struct guardian *g, int keeper, unsigned number)
{
	prctl(PR_SET_NAME, "zazen-guardian");
	if (g->handle >= 0)
		close(g->handle); /* the one before */
	g->pid = 0;
	g->handle = -1;
	g->forget(g->context);
	wait_end(keeper, -1);
	close(keeper);
	if (atomic_load(&g->shared->newest) == number)
		g->take_over(g->context);
	_exit(0);
}

static void put_away(struct guardian *g)
{
	if (!g->pid)
		return;
	process_kill(&g->handle);
	(void)waitpid(g->pid, NULL, 0);
	g->pid = 0;
}

bool guardian_renew(struct guardian *g)
{
	int self = g->shared ? process_handle(getpid()) : -1, handle;
	unsigned number;
	pid_t child;

	if (self < 0)
		return false;
	number = atomic_fetch_add(&g->shared->issued, 1) + 1;
	child = fork();
	if (child == 0)
		guard(g, self, number);
	close(self);
	if (child < 0)
		return false;
	handle = process_handle(child);
	if (handle < 0) {
		kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		return false;
	}
	/* between these two there are two of them, and one counts */
	atomic_store(&g->shared->newest, number);
	put_away(g);
	g->pid = child;
	g->handle = handle;
	return true;
}

void guardian_end(struct guardian *g)
{
	if (!g->shared)
		return;
	atomic_store(&g->shared->newest, 0);
	put_away(g);
	(void)munmap(g->shared, sizeof(struct guardian_words));
	g->shared = NULL;
}
