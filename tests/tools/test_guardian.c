/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keepers that die with and without a word, at any moment, and their guardians. A keeper here counts, and the one who takes over tells what the last known count was. */
#include "unit.h"

#include "guardian.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000

struct told {
	pid_t pid;
	int count;
};

static struct guardian g;
static int count, ends[2];    /* what keepers tell the test */
static volatile int *is_over; /* for all of them */

static void tell(void)
{
	struct told t = { getpid(), count };

	if (write(ends[1], &t, sizeof(t)) != (ssize_t)sizeof(t))
		_exit(1);
}

static bool hear(struct told *t, int ms)
{
	struct pollfd p = { .fd = ends[0], .events = POLLIN };

	return poll(&p, 1, ms) == 1 && read(ends[0], t, sizeof(*t)) == (ssize_t)sizeof(*t);
}

static void forget(void *context)
{
}

/* The next keeper knows what its copy knew, tells it, and waits. */
static void take_over(void *context)
{
	if (*is_over || !guardian_renew(&g))
		_exit(1);
	tell();
	while (!*is_over)
		pause();
	_exit(0);
}

/* Forks; in the child there is a guardian, and 0 is returned. */
static pid_t keeper_begin(void)
{
	pid_t child;

	is_over =
		mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(is_over != MAP_FAILED);
	CHECK_EQ(pipe(ends), 0);
	count = 0;
	child = fork();
	if (child == 0 && (!guardian_init(&g, forget, take_over, NULL) || !guardian_renew(&g)))
		_exit(1);
	return child;
}

/* One that has counted to nr, and whose guardian knows the count `known`. */
static pid_t keeper(int known, int nr)
{
	struct told t;
	pid_t child = keeper_begin();

	if (child == 0) {
		for (count = 1; count < nr; count++)
			if (count <= known && !guardian_renew(&g))
				_exit(1);
		tell();
		pause();
		_exit(0);
	}
	CHECK(hear(&t, PATIENCE_MS));
	CHECK_EQ(t.count, nr);
	return child;
}

static void killed(pid_t child)
{
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);
}

static void finish(pid_t last)
{
	*is_over = 1;
	if (last)
		kill(last, SIGKILL);
	close(ends[0]);
	close(ends[1]);
}

static void the_newest_takes_over(void)
{
	struct told t;
	pid_t first = keeper(7, 9);

	killed(first);
	CHECK(hear(&t, PATIENCE_MS));
	CHECK(t.pid != first);
	CHECK_EQ(t.count, 7);
	first = t.pid;
	CHECK(!hear(&t, 200)); /* one, and no more */
	finish(first);
}

static void killed_again_and_again(void)
{
	struct told t;
	pid_t before = keeper(3, 3);

	killed(before);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(hear(&t, PATIENCE_MS));
		CHECK(t.pid != before);
		CHECK_EQ(t.count, 2);
		before = t.pid;
		CHECK_EQ(kill(t.pid, SIGKILL), 0);
	}
	CHECK(hear(&t, PATIENCE_MS));
	finish(t.pid);
}

/* Killed while it makes copies, at different moments: exactly one takes over. */
static void killed_while_it_renews(void)
{
	for (unsigned i = 0; i < 20; i++) {
		struct told t;
		pid_t child = keeper_begin();

		if (child == 0) {
			tell();
			for (;;)
				(void)guardian_renew(&g);
		}
		CHECK(hear(&t, PATIENCE_MS));
		usleep(i * 313 % 5000);
		killed(child);
		CHECK(hear(&t, PATIENCE_MS));
		child = t.pid;
		CHECK(!hear(&t, 20));
		finish(child);
	}
}

static void a_word_before(void)
{
	struct told t;
	pid_t child = keeper_begin();
	int status;

	if (child == 0) {
		guardian_end(&g);
		_exit(waitpid(-1, NULL, WNOHANG) == -1 ? 0 : 2); /* and no child is left */
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK(!hear(&t, 200));
	finish(0);
}

/* The keeper hears of its guardian's death, and has another one. */
static void the_guardian_dies(void)
{
	struct told t;
	pid_t child = keeper_begin();

	if (child == 0) {
		for (count = 1; count < 4; count++) {
			struct pollfd p = { .fd = g.handle, .events = POLLIN };

			kill(g.pid, SIGKILL);
			if (poll(&p, 1, PATIENCE_MS) != 1 || !guardian_renew(&g))
				_exit(1);
		}
		tell();
		pause();
		_exit(0);
	}
	CHECK(hear(&t, PATIENCE_MS));
	killed(child);
	CHECK(hear(&t, PATIENCE_MS));
	CHECK_EQ(t.count, 3);
	finish(t.pid);
}

UNIT_MAIN(UNIT(the_newest_takes_over), UNIT(killed_again_and_again), UNIT(killed_while_it_renews),
          UNIT(a_word_before), UNIT(the_guardian_dies))
