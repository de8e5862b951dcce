// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtest-compare [-n OPERATIONS] [-s SEED] [-q QEMU] [-b BOARD] [-t TABLE] [CHIP...] - the same script for our board and for QEMU's, chip by chip: the directed one, then random
 * sequences until so many operations are done. Prints "PASS chip" or "FAIL chip: what" lines and "END passed failed", as the system tests do.
 */
#include "compare.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK_BYTES  (4096u * 512)
#define DISK2_BYTES (700u * 512)
#define CD_BYTES    (100u * 2048)
#define SHOWN       20u

static const struct chip *const chips[] = { &chip_ata, &chip_atapi, &chip_ide_pci };

unsigned long operations;
static const struct chip *chip;
static char now[160];
static unsigned failures;
static uint64_t seed = 1;

/* ---- the table: chip|situation and key|ours|QEMU's|why; patterns as of a shell ---- */

static struct row {
	char *fields[5];
	unsigned long seen;
} rows[400];
static unsigned nr_rows;

static void table_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL, *place;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0 && nr_rows < 400) {
		char *p;
		unsigned n = 0;

		if (*line == '#' || *line == '\n')
			continue;
		p = strdup(line);
		for (p = strtok_r(p, "|\n", &place); p && n < 5; p = strtok_r(NULL, "|\n", &place))
			rows[nr_rows].fields[n++] = p;
		if (n == 5)
			nr_rows++;
		else
			printf("FAIL %s: a row needs five fields: %s", path, line);
	}
	if (!f) {
		printf("FAIL %s: cannot read it\n", path);
		exit(2);
	}
	free(line);
	fclose(f);
}

static bool explained(const char *key, const char *ours, const char *theirs)
{
	for (unsigned i = 0; i < nr_rows; i++) {
		char **f = rows[i].fields;

		if (!fnmatch(f[0], chip->name, 0) && !fnmatch(f[1], key, 0) &&
		    !fnmatch(f[2], ours, 0) && !fnmatch(f[3], theirs, 0)) {
			rows[i].seen++;
			return true;
		}
	}
	return false;
}

bool same(const char *key, uint32_t ours, uint32_t theirs)
{
	char full[256], a[16], b[16];

	operations++;
	if (ours == theirs)
		return true;
	snprintf(full, sizeof(full), "%s:%s", now, key);
	snprintf(a, sizeof(a), "%x", ours);
	snprintf(b, sizeof(b), "%x", theirs);
	if (explained(full, a, b))
		return false;
	if (failures++ < SHOWN)
		printf("FAIL %s: %s: ours %s, QEMU's %s (operation %lu, seed %llu)\n", chip->name,
		       full, a, b, operations, (unsigned long long)seed);
	return false;
}

void situation(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(now, sizeof(now), format, list);
	va_end(list);
}

/* ---- to both ---- */

void both_out(uint16_t port, unsigned size, uint32_t value)
{
	char letter = size == 1 ? 'b' : size == 2 ? 'w' : 'l';

	operations++;
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "out%c 0x%x 0x%x", letter, port, value);
}

void both_write(uint32_t gpa, const void *bytes, unsigned n)
{
	char *text = malloc(2 * n + 1);

	operations++;
	for (unsigned i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "write 0x%x 0x%x 0x%s", gpa, n, text);
	free(text);
}

bool both_in(const char *key, uint16_t port, unsigned size, uint32_t mask, uint32_t *value)
{
	uint32_t ours = peer_in(OURS, port, size), theirs = peer_in(THEIRS, port, size);

	if (value)
		*value = ours;
	return same(key, ours & mask, theirs & mask);
}

/* The place of the first byte that differs is what is compared. */
bool both_read(const char *key, uint32_t gpa, unsigned n)
{
	char *ours = strdup(peer_ask(OURS, "read 0x%x 0x%x", gpa, n));
	const char *theirs = peer_ask(THEIRS, "read 0x%x 0x%x", gpa, n);
	char place[64];
	bool good = true;

	for (unsigned i = 0; i < n && good; i++)
		if (strncmp(ours + 2 + 2 * i, theirs + 2 + 2 * i, 2)) {
			char digits[2][3] = { { ours[2 + 2 * i], ours[3 + 2 * i] },
				              { theirs[2 + 2 * i], theirs[3 + 2 * i] } };

			snprintf(place, sizeof(place), "%s.%u", key, i);
			good = same(place, (uint32_t)strtoul(digits[0], NULL, 16),
			            (uint32_t)strtoul(digits[1], NULL, 16));
		}
	operations++;
	free(ours);
	return good;
}

bool both_wire(const char *key, unsigned irq)
{
	return same(key, peer_wire(OURS, irq), peer_wire(THEIRS, irq));
}

uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((seed >> 33) % n);
}

/* ---- the run ---- */

static void image_make(const char *path, unsigned bytes, unsigned salt)
{
	FILE *f = fopen(path, "wb");

	for (unsigned i = 0; i < bytes; i++)
		fputc((int)((i * 31 + i / 512 + salt) & 0xff), f);
	fclose(f);
}

static void machines_start(const char *qemu, const char *board, const char *dir)
{
	static char files[3][300], drives[3][400];
	static const unsigned sizes[] = { DISK_BYTES, DISK2_BYTES, CD_BYTES };

	for (unsigned i = 0; i < 3; i++) {
		snprintf(files[i], sizeof(files[i]), "%s:%s/%u", i < 2 ? "disk" : "cdrom", dir, i);
		image_make(strchr(files[i], ':') + 1, sizes[i], i * 7);
		snprintf(drives[i], sizeof(drives[i]),
		         "if=ide,index=%u,media=%s,format=raw,file=%s", i, i < 2 ? "disk" : "cdrom",
		         strchr(files[i], ':') + 1);
	}
	peers_start((const char *const[]){ board, files[0], files[1], files[2], NULL },
	            (const char *const[]){ qemu, "-machine", "pc,accel=tcg", "-S", "-nodefaults",
	                                   "-display", "none", "-m", "16", "-qtest", "stdio",
	                                   "-drive", drives[0], "-drive", drives[1], "-drive",
	                                   drives[2], NULL });
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "irq_intercept_in ioapic");
}

static bool chosen(const char *name, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return n == 0;
}

static bool chip_run(const struct chip *c, unsigned long goal)
{
	chip = c;
	failures = 0;
	operations = 0;
	situation("start");
	c->start();
	c->directed();
	while (operations < goal && failures < SHOWN)
		c->random();
	if (failures)
		printf("FAIL %s: %u differences that the table does not explain\n", c->name,
		       failures);
	else
		printf("PASS %s: %lu operations\n", c->name, operations);
	return !failures;
}

int main(int argc, char **argv)
{
	const char *qemu = "qemu-system-x86_64", *board = "build/qtest-board",
		   *table = "tests/qtest/differences";
	char dir[] = "/tmp/zazen-qtest.XXXXXX", path[300];
	unsigned long goal = 3000;
	unsigned passed = 0, failed = 0;
	bool show = false;
	int option;

	while ((option = getopt(argc, argv, "n:s:q:b:t:v")) != -1)
		switch (option) {
		case 'n': goal = strtoul(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'q': qemu = optarg; break;
		case 'b': board = optarg; break;
		case 't': table = optarg; break;
		case 'v': show = true; break;
		default: return 2;
		}
	table_read(table);
	if (!mkdtemp(dir))
		return 2;
	machines_start(qemu, board, dir);
	for (unsigned i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chosen(chips[i]->name, argv + optind, argc - optind)) {
			if (chip_run(chips[i], goal))
				passed++;
			else
				failed++;
		}
	peers_stop();
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%u", dir, i);
		unlink(path);
	}
	rmdir(dir);
	for (unsigned i = 0; show && i < nr_rows; i++)
		printf("seen %6lu: %s|%s|%s|%s\n", rows[i].seen, rows[i].fields[0],
		       rows[i].fields[1], rows[i].fields[2], rows[i].fields[3]);
	printf("END %u %u\n", passed, failed);
	return failed != 0;
}
