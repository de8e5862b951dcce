/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store as the tools use it, with the real xenstored behind it, on its socket alone, killed and started again while they do. */
#include "unit.h"

#include "store.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static pid_t daemon_pid;

static void daemon_start(unsigned after_ms)
{
	daemon_pid = fork();
	if (daemon_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		usleep(after_ms * 1000);
		execl("build/xenstored", "xenstored", "-N", "--no-hypervisor", (char *)NULL);
		_exit(127);
	}
	CHECK(daemon_pid > 0);
}

static void daemon_kill(void)
{
	CHECK_EQ(kill(daemon_pid, SIGKILL), 0);
	CHECK_EQ(waitpid(daemon_pid, NULL, 0), daemon_pid);
}

static struct store *begin(void)
{
	struct store *s = NULL;

	snprintf(folder, sizeof(folder), "/tmp/zazen-store-XXXXXX");
	CHECK(mkdtemp(folder));
	setenv("XENSTORED_RUNDIR", folder, 1);
	unsetenv("XENSTORED_PATH");
	signal(SIGPIPE, SIG_IGN);
	daemon_start(0);
	for (unsigned i = 0; i < 600 && !s; i++) {
		s = store_open();
		if (!s)
			usleep(100000);
	}
	CHECK(s);
	return s;
}

static void end(struct store *s)
{
	char command[100];

	store_close(s);
	daemon_kill();
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	CHECK_EQ(system(command), 0);
}

static bool is(struct store *s, const char *path, const char *wanted)
{
	char *value = store_read(s, "%s", path);
	bool same = value && !strcmp(value, wanted);

	free(value);
	return same;
}

static void killed_between_requests(void)
{
	struct store *s = begin();

	CHECK(store_write(s, "one", "/tool/test/%d", 1));
	for (unsigned i = 0; i < 3; i++) {
		daemon_kill();
		daemon_start(i * 200);
		CHECK(is(s, "/tool/test/1", "one"));
		CHECK(store_write_number(s, i, "/tool/test/n"));
	}
	CHECK(is(s, "/tool/test/n", "2"));
	errno = 0;
	CHECK(!store_read(s, "/tool/test/none"));
	CHECK_EQ(errno, ENOENT);
	end(s);
}

static void away_for_long(void)
{
	struct store *s = begin();

	CHECK(store_write(s, "one", "/tool/test/1"));
	daemon_kill();
	CHECK(!store_read(s, "/tool/test/1")); /* after some patience */
	CHECK(errno != ENOENT);
	CHECK(!store_is_alive(s)); /* at once */
	CHECK(!store_remove(s, "/tool/test/1"));
	daemon_start(0);
	for (unsigned i = 0; i < 600 && !store_is_alive(s); i++)
		usleep(100000);
	CHECK(is(s, "/tool/test/1", "one"));
	end(s);
}

static bool event_comes(struct store *s)
{
	for (unsigned i = 0; i < 300; i++) {
		struct pollfd p = { .fd = store_descriptor(s), .events = POLLIN };

		if (store_event(s))
			return true;
		(void)poll(&p, 1, 100);
	}
	return false;
}

static void watches_stay(void)
{
	struct store *s = begin(), *other;

	CHECK(store_watch(s, "/tool/test/a", "a"));
	CHECK(store_watch(s, "/tool/test/b", "b"));
	CHECK(event_comes(s) && event_comes(s)); /* the first of each comes by itself */
	store_unwatch(s, "b");
	daemon_kill();
	daemon_start(0);
	CHECK(store_is_alive(s));
	CHECK(event_comes(s));
	usleep(200000);
	while (store_event(s))
		;
	other = store_open();
	CHECK(other);
	CHECK(store_write(other, "1", "/tool/test/b"));
	CHECK(store_write(other, "1", "/tool/test/a"));
	CHECK(event_comes(s));
	usleep(200000);
	CHECK(!store_event(s)); /* of b there is none */
	store_close(other);
	end(s);
}

static void transactions_begin_again(void)
{
	struct store *s = begin();
	bool is_killed = false, done;

	CHECK(store_write(s, "old", "/tool/test/1"));
	do {
		done = store_begin(s) && store_write(s, "new", "/tool/test/1");
		if (!is_killed) {
			daemon_kill();
			daemon_start(0);
			is_killed = true;
			CHECK(!store_write(s, "new", "/tool/test/2"));
			CHECK(!store_read(s, "/tool/test/1"));
		} else {
			done = done && store_write(s, "new", "/tool/test/2");
		}
		done = store_end(s, false) && done;
		CHECK(done || errno == EAGAIN);
	} while (!done);
	CHECK(is(s, "/tool/test/1", "new"));
	CHECK(is(s, "/tool/test/2", "new"));
	/* killed just before the end */
	CHECK(store_begin(s));
	CHECK(store_write(s, "newer", "/tool/test/1"));
	daemon_kill();
	daemon_start(0);
	CHECK(!store_end(s, false));
	CHECK_EQ(errno, EAGAIN);
	CHECK(is(s, "/tool/test/1", "new"));
	end(s);
}

/* What a child process lets go of stays its parent's. */
static void children_forget(void)
{
	struct store *s = begin();
	pid_t child;

	CHECK(store_watch(s, "/tool/test/a", "a")); /* now there is a thread */
	CHECK(event_comes(s));
	child = fork();
	if (child == 0) {
		struct store *own;

		store_forget(s);
		own = store_open();
		_exit(own && store_write(own, "child", "/tool/test/a") ? 0 : 1);
	}
	CHECK_EQ(waitpid(child, &(int){ 0 }, 0), child);
	CHECK(event_comes(s));
	CHECK(is(s, "/tool/test/a", "child"));
	end(s);
}

/* Its socket is there and nobody listens; the kernel, which would wait, is not asked. */
static void count(void *context)
{
	(*(unsigned *)context)++;
}

/* Who waits for it has something else to look after. */
static void while_it_waits(void)
{
	struct store *s = begin();
	unsigned n = 0;

	store_while_waiting(s, count, &n);
	CHECK(store_write(s, "one", "/tool/test"));
	CHECK_EQ(n, 0);
	daemon_kill();
	daemon_start(400);
	CHECK(store_write(s, "two", "/tool/test"));
	CHECK(n >= 2);
	end(s);
}

static void not_there(void)
{
	struct store *s = begin();

	daemon_kill();
	errno = 0;
	CHECK(!store_open());
	CHECK_EQ(errno, ECONNREFUSED);
	daemon_start(0);
	CHECK(store_write(s, "one", "/tool/test/1"));
	end(s);
}

UNIT_MAIN(UNIT(killed_between_requests), UNIT(away_for_long), UNIT(while_it_waits), UNIT(not_there),
          UNIT(watches_stay), UNIT(transactions_begin_again), UNIT(children_forget))
