/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl top: what domains use, from one look to the next. */
#include "cmd.h"
#include "json.h"

#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DELAY_S     3
#define DELAY_MAX_S 3600

struct look {
	double at_s;
	struct guest_info *all;
	size_t nr;
	struct xen_sysctl_physinfo machine;
};

struct asked {
	bool is_batch, is_json;
	uint64_t times, delay_s; /* times 0: until q */
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool look_take(struct xl *x, struct look *l)
{
	free(l->all);
	l->all = guests_get(x->h, x->s, &l->nr, &x->failure);
	l->at_s = now_s();
	return l->all && xl_physinfo(x, &l->machine);
}

/* Of one CPU, since the look before; a domain that was not there yet: since its start. */
static double cpu_percent(const struct look *before, const struct look *now,
                          const struct guest_info *g)
{
	double passed = now->at_s - before->at_s;

	for (size_t i = 0; i < before->nr; i++)
		if (before->all[i].domid == g->domid && passed > 0 &&
		    g->cpu_ns >= before->all[i].cpu_ns)
			return (double)(g->cpu_ns - before->all[i].cpu_ns) / 1e7 / passed;
	return passed > 0 ? (double)g->cpu_ns / 1e7 / passed : 0;
}

static double share(uint64_t kib, const struct look *l)
{
	return l->machine.total_pages ? (double)kib * 25 / (double)l->machine.total_pages : 0;
}

static void row(const struct look *before, const struct look *now, const struct guest_info *g)
{
	char state[7];
	bool is_limited = g->max_memory_kib < now->machine.total_pages * 4;

	guest_state(state, g);
	printf("%20.20s %6s %10.0f %6.1f %10llu %6.1f ", g->name, state, (double)g->cpu_ns / 1e9,
	       cpu_percent(before, now, g), (unsigned long long)g->memory_kib,
	       share(g->memory_kib, now));
	if (is_limited)
		printf("%10llu %9.1f", (unsigned long long)g->max_memory_kib,
		       share(g->max_memory_kib, now));
	else
		printf("%10s %9s", "no limit", "n/a");
	printf(" %5u\n", g->vcpus);
}

static void table(const struct look *before, const struct look *now)
{
	time_t t = time(NULL);
	char when[16];

	strftime(when, sizeof(when), "%H:%M:%S", localtime(&t));
	printf("xl top - %s   Zazen %s\n", when, ZAZEN_VERSION);
	printf("%zu domains, %u CPUs @ %u MHz; memory: %llu KiB, %llu KiB free\n", now->nr,
	       now->machine.nr_cpus, now->machine.cpu_khz / 1000,
	       (unsigned long long)now->machine.total_pages * 4,
	       (unsigned long long)now->machine.free_pages * 4);
	printf("%20s %6s %10s %6s %10s %6s %10s %9s %5s\n", "NAME", "STATE", "CPU(sec)", "CPU(%)",
	       "MEM(k)", "MEM(%)", "MAXMEM(k)", "MAXMEM(%)", "VCPUS");
	for (size_t i = 0; i < now->nr; i++)
		row(before, now, &now->all[i]);
}

static void json(const struct look *before, const struct look *now)
{
	printf("[\n");
	for (size_t i = 0; i < now->nr; i++) {
		const struct guest_info *g = &now->all[i];
		char state[7];

		guest_state(state, g);
		printf("%s    {\n        \"domid\": %u,\n        \"name\": ", i ? ",\n" : "",
		       g->domid);
		json_text(g->name);
		printf(",\n        \"state\": \"%s\",\n        \"cpu_seconds\": %.1f,\n        \"cpu_percent\": %.1f,\n"
		       "        \"memory_kib\": %llu,\n        \"max_memory_kib\": %llu,\n        \"vcpus\": %u\n    }",
		       state, (double)g->cpu_ns / 1e9, cpu_percent(before, now, g),
		       (unsigned long long)g->memory_kib, (unsigned long long)g->max_memory_kib,
		       g->vcpus);
	}
	printf("\n]\n");
}

/* Until the next look. False: q was pressed. */
static bool wait_key(uint64_t seconds, bool has_keys)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	double end = now_s() + (double)seconds, left;
	char key;

	while ((left = end - now_s()) > 0) {
		if (poll(&p, has_keys ? 1 : 0, (int)(left * 1000) + 1) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q' || key == 3)
			return false;
		return true; /* any other key: look at once */
	}
	return true;
}

static bool show(struct xl *x, const struct asked *a, bool has_keys)
{
	struct look looks[2] = { 0 };
	bool done = look_take(x, &looks[0]), goes_on = true;

	for (uint64_t n = 0; done && goes_on && (!a->times || n < a->times); n++) {
		struct look *before = &looks[n % 2], *now = &looks[(n + 1) % 2];

		/* the first table on a screen comes at once; figures for somebody else are of a whole interval */
		if (n || a->is_batch)
			goes_on = wait_key(a->delay_s, has_keys);
		done = goes_on && look_take(x, now);
		if (!done)
			break;
		if (!a->is_batch)
			printf("\033[H\033[J");
		(a->is_json ? json : table)(before, now);
		fflush(stdout);
	}
	free(looks[0].all);
	free(looks[1].all);
	return done || !goes_on;
}

static bool options_read(struct xl *x, int argc, char **argv, struct asked *a)
{
	static const struct option longer[] = { { "batch", no_argument, NULL, 'b' },
		                                { "iterations", required_argument, NULL, 'i' },
		                                { "delay", required_argument, NULL, 'd' },
		                                { "json", no_argument, NULL, 'j' },
		                                { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "bi:d:j", longer, NULL)) != -1) {
		bool done = true;

		switch (c) {
		case 'b': a->is_batch = true; break;
		case 'j': a->is_json = a->is_batch = true; break;
		case 'i': done = xl_number(optarg, &a->times); break;
		case 'd': done = xl_number(optarg, &a->delay_s) && a->delay_s <= DELAY_MAX_S; break;
		default: done = false; break;
		}
		if (!done)
			return xl_usage(x, "top");
	}
	if (a->is_batch && !a->times)
		a->times = 1;
	return optind == argc || xl_usage(x, "top");
}

bool cmd_top(struct xl *x, int argc, char **argv)
{
	struct asked a = { .delay_s = 0 };
	struct termios before, raw;
	bool done, has_keys;

	if (!options_read(x, argc, argv, &a) || !xl_connect(x))
		return false;
	if (!a.delay_s)
		a.delay_s = a.is_batch ? 1 : DELAY_S;
	if (!a.is_batch && !isatty(STDOUT_FILENO))
		a.is_batch = true, a.times = a.times ? a.times : 1;
	has_keys = !a.is_batch && tcgetattr(STDIN_FILENO, &before) == 0;
	if (has_keys) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	done = show(x, &a, has_keys);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return done;
}
