/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In dom0: the processes of a guest and of the store.
 *   victims kill KIND GUEST   waits until there is one of that kind (store, keeper, guardian, backend) and kills it at once (kill -9); its number is printed. A keeper has its guardian then: who kills both in
 *                             one moment leaves a guest without a keeper
 *   victims whole GUEST...    whether there are one store, and one keeper, guardian and backend for each guest, and no others; what there is, is printed
 *   victims memory GUEST...   what each keeper, guardian and backend holds of memory, in KiB: all that is resident, and its share of it when what is shared is divided
 * A keeper and its guardian are known by the log that they write to, a backend by its parent.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST     256
#define LOOK_US  2000
#define PATIENCE 30000 /* looks */

enum kind { STORE, KEEPER, GUARDIAN, BACKEND, NR_KINDS };

static const struct {
	const char *name, *process;
} kinds[NR_KINDS] = {
	[STORE] = { "store", "xenstored" },
	[KEEPER] = { "keeper", "zazen-keeper" },
	[GUARDIAN] = { "guardian", "zazen-guardian" },
	[BACKEND] = { "backend", "zazen-backend" },
};

struct process {
	int pid, parent;
	enum kind kind;
	char guest[64]; /* of a keeper or guardian */
};

static struct process all[MOST];
static int nr;

/* Of /proc/PID/stat: number (name) state parent; a zombie is none. */
static bool stat_read(int pid, char name[32], int *parent)
{
	char path[64], text[256], state, *open, *close;
	FILE *f;
	bool done;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	done = fgets(text, sizeof(text), f) && (open = strchr(text, '(')) &&
	       (close = strrchr(text, ')')) && sscanf(close + 1, " %c %d", &state, parent) == 2 &&
	       state != 'Z' && state != 'X';
	fclose(f);
	if (!done)
		return false;
	*close = 0;
	snprintf(name, 32, "%s", open + 1);
	return true;
}

/* The guest whose NAME.keeper.log it has open. */
static void guest_find(struct process *p)
{
	char path[64], target[256], *begin, *end;
	DIR *d;
	struct dirent *e;

	snprintf(path, sizeof(path), "/proc/%d/fd", p->pid);
	d = opendir(path);
	while (d && (e = readdir(d)) && !p->guest[0]) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = 0;
		begin = strrchr(target, '/');
		end = strstr(target, ".keeper.log");
		if (begin && end)
			snprintf(p->guest, sizeof(p->guest), "%.*s", (int)(end - begin - 1),
			         begin + 1);
	}
	if (d)
		closedir(d);
}

static void look(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	nr = 0;
	while (d && (e = readdir(d)) && nr < MOST) {
		struct process *p = &all[nr];
		char name[32];

		*p = (struct process){ .pid = atoi(e->d_name), .kind = NR_KINDS };
		if (p->pid <= 0 || !stat_read(p->pid, name, &p->parent))
			continue;
		for (int k = 0; k < NR_KINDS; k++)
			if (!strcmp(name, kinds[k].process))
				p->kind = (enum kind)k;
		if (p->kind == NR_KINDS)
			continue;
		if (p->kind == KEEPER || p->kind == GUARDIAN)
			guest_find(p);
		nr++;
	}
	if (d)
		closedir(d);
}

static const struct process *by_number(int pid)
{
	for (int i = 0; i < nr; i++)
		if (all[i].pid == pid)
			return &all[i];
	return NULL;
}

static bool is_of(const struct process *p, enum kind kind, const char *guest)
{
	const struct process *parent = by_number(p->parent);

	if (p->kind != kind)
		return false;
	switch (kind) {
	case STORE: return true;
	case BACKEND: return parent && parent->kind == KEEPER && !strcmp(parent->guest, guest);
	/* a child that is to be something else has its parent's name for a moment */
	case KEEPER: return !strcmp(p->guest, guest) && !(parent && parent->kind == KEEPER);
	default: return !strcmp(p->guest, guest);
	}
}

static const struct process *find(enum kind kind, const char *guest)
{
	for (int i = 0; i < nr; i++)
		if (is_of(&all[i], kind, guest))
			return &all[i];
	return NULL;
}

static int count(enum kind kind, const char *guest)
{
	int n = 0;

	for (int i = 0; i < nr; i++)
		n += guest ? is_of(&all[i], kind, guest) : all[i].kind == kind;
	return n;
}

static void print_all(void)
{
	for (int i = 0; i < nr; i++)
		printf("%s %s %d of %d, ", kinds[all[i].kind].name, all[i].guest, all[i].pid,
		       all[i].parent);
	printf("\n");
}

static int kill_one(const char *name, const char *guest)
{
	int k = 0;

	while (k < NR_KINDS && strcmp(name, kinds[k].name) != 0)
		k++;
	for (int i = 0; i < PATIENCE && k < NR_KINDS; i++) {
		const struct process *p;

		look();
		p = k == KEEPER && !find(GUARDIAN, guest) ? NULL : find((enum kind)k, guest);
		if (p && kill(p->pid, SIGKILL) == 0) {
			printf("%d\n", p->pid);
			return 0;
		}
		usleep(LOOK_US);
	}
	printf("no %s of %s: ", name, guest);
	print_all();
	return 1;
}

static int whole(int nr_guests, char **guests)
{
	bool done;

	look();
	done = count(STORE, NULL) == 1;
	for (int k = KEEPER; k < NR_KINDS && done; k++) {
		done = count((enum kind)k, NULL) == nr_guests;
		for (int i = 0; i < nr_guests && done; i++)
			done = count((enum kind)k, guests[i]) == 1;
	}
	print_all();
	return !done;
}

/* The number after a word in /proc/PID/FILE. */
static long field(int pid, const char *file, const char *word)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	f = fopen(path, "r");
	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)))
			value = strtol(line + strlen(word), NULL, 10);
	if (f)
		fclose(f);
	return value;
}

static int memory(int nr_guests, char **guests)
{
	look();
	for (int i = 0; i < nr_guests; i++)
		for (int k = KEEPER; k < NR_KINDS; k++) {
			const struct process *p = find((enum kind)k, guests[i]);

			if (p)
				printf("MEMORY %s %s: %ld KiB resident, its share %ld KiB\n",
				       guests[i], kinds[k].name, field(p->pid, "status", "VmRSS:"),
				       field(p->pid, "smaps_rollup", "Pss:"));
		}
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, 65536);
	if (argc == 4 && !strcmp(argv[1], "kill"))
		return kill_one(argv[2], argv[3]);
	if (argc > 2 && !strcmp(argv[1], "whole"))
		return whole(argc - 2, argv + 2);
	if (argc > 2 && !strcmp(argv[1], "memory"))
		return memory(argc - 2, argv + 2);
	fprintf(stderr, "usage: victims kill KIND GUEST | whole GUEST... | memory GUEST...\n");
	return 1;
}
