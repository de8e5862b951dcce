// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtest-compare [-n OPERATIONS] [-s SEED] [-q QEMU] [-b FOLDER-OF-BOARDS] [-t TABLE] [-v] [-T] [CHIP...] - the same script for our board and for QEMU's, chip by chip: the directed one, then random
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

static const struct chip *const chips[] = {
	&chip_ata,        &chip_atapi,     &chip_config_ide, &chip_config_host, &chip_config_isa,
	&chip_config_usb, &chip_config_pm, &chip_config_vga, &chip_config_net,  &chip_pic,
	&chip_pit,        &chip_rtc,       &chip_ioapic,     &chip_hpet,        &chip_uart,
	&chip_i8042,      &chip_debugcon,  &chip_fw_cfg,     &chip_pm,          &chip_vga,
	&chip_vga_direct, &chip_vbe,       &chip_e1000,      &chip_uhci,        &chip_dma,
};

unsigned long operations;
static const struct chip *chip;
static char now[160];
static unsigned failures;
static bool trace;
static uint64_t seed = 1;

/*
 * ---- the table: chip|situation and key|ours|QEMU's|why; patterns as of a shell. Ours may also be ^BITS: both differ in no other bits than these; or +N or -N: ours is at most so many more or less ----
 */

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

static bool value_fits(const char *pattern, const char *ours, const char *theirs)
{
	uint32_t a = (uint32_t)strtoul(ours, NULL, 16), b = (uint32_t)strtoul(theirs, NULL, 16);
	uint32_t n = (uint32_t)strtoul(pattern + 1, NULL, 16);

	switch (*pattern) {
	case '^': return !((a ^ b) & ~n);
	case '+': return a - b <= n;
	case '-': return b - a <= n;
	default: return !fnmatch(pattern, ours, 0);
	}
}

static bool explained(const char *key, const char *ours, const char *theirs)
{
	for (unsigned i = 0; i < nr_rows; i++) {
		char **f = rows[i].fields;

		if (!fnmatch(f[0], chip->name, 0) && !fnmatch(f[1], key, 0) &&
		    value_fits(f[2], ours, theirs) && !fnmatch(f[3], theirs, 0)) {
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
		printf("%s differs: %s: ours %s, QEMU's %s (operation %lu, seed %llu)\n",
		       chip->name, full, a, b, operations, (unsigned long long)seed);
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
	if (trace)
		printf("out%c 0x%x 0x%x\n", letter, port, value);
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

void both_fill(uint32_t gpa, uint8_t value, unsigned n)
{
	operations++;
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "memset 0x%x 0x%x 0x%x", gpa, n, value);
}

bool both_in(const char *key, uint16_t port, unsigned size, uint32_t mask, uint32_t *value)
{
	uint32_t ours = peer_in(OURS, port, size), theirs = peer_in(THEIRS, port, size);

	if (value)
		*value = ours;
	if (trace)
		printf("in %x: %x %x\n", port, ours, theirs);
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

void both_store(uint32_t gpa, unsigned size, uint64_t value)
{
	operations++;
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "write%c 0x%x 0x%llx", "?bwwllllq"[size], gpa,
		         (unsigned long long)value);
}

bool both_load(const char *key, uint32_t gpa, unsigned size, uint32_t mask, uint32_t *value)
{
	uint32_t v[PEERS];

	for (unsigned i = 0; i < PEERS; i++)
		v[i] = (uint32_t)strtoull(peer_ask(i, "read%c 0x%x", "?bwwllllq"[size], gpa), NULL,
		                          16);
	if (value)
		*value = v[OURS];
	return same(key, v[OURS] & mask, v[THEIRS] & mask);
}

static uint64_t now_ns;

void ours_wait(uint64_t ns)
{
	operations++;
	now_ns += ns;
	peer_ask(OURS, "clock_set %llu", (unsigned long long)now_ns);
}

void both_line(const char *path, unsigned n, unsigned ours, bool level)
{
	operations++;
	if (trace)
		printf("wire %u %u\n", ours, level);
	peer_ask(OURS, "wire %u %u", ours, level);
	peer_ask(THEIRS, "set_irq_in %s unnamed-gpio-in %u %u", path, n, level);
}

void both_wires(unsigned n)
{
	char key[24];

	for (unsigned i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "line %u", i);
		both_wire(key, i);
	}
}

static void config_select(unsigned devfn, unsigned offset)
{
	both_out(0xcf8, 4, 0x80000000u | devfn << 8 | (offset & 0xfc));
}

void both_config_write(unsigned devfn, unsigned offset, unsigned size, uint32_t value)
{
	config_select(devfn, offset);
	both_out((uint16_t)(0xcfc + (offset & 3)), size, value);
}

bool both_config(const char *key, unsigned devfn, unsigned offset, unsigned size)
{
	config_select(devfn, offset);
	return both_in(key, (uint16_t)(0xcfc + (offset & 3)), size, ~0u, NULL);
}

void regs_random(const struct reg *regs, unsigned n)
{
	const struct reg *r = &regs[random_below(n)];
	uint32_t value = random_below(0x7fffffff) << 1 ^ random_below(0x10000);

	if (r->mask)
		value &= r->mask;
	value |= r->set;
	if (r->size < 4)
		value &= (1u << 8 * r->size) - 1;
	if ((r->how & REG_W) && (!(r->how & REG_R) || random_below(2))) {
		if (r->how & REG_MEMORY)
			both_store(r->at, r->size, value);
		else
			both_out((uint16_t)r->at, r->size, value);
	} else if (r->how & REG_MEMORY) {
		both_load(r->name, r->at, r->size, ~0u, NULL);
	} else {
		both_in(r->name, (uint16_t)r->at, r->size, ~0u, NULL);
	}
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

static char files[3][300], drives[3][400];

static void images_make(const char *dir)
{
	static const unsigned sizes[] = { DISK_BYTES, DISK2_BYTES, CD_BYTES };

	for (unsigned i = 0; i < 3; i++) {
		snprintf(files[i], sizeof(files[i]), "%s:%s/%u", i < 2 ? "disk" : "cdrom", dir, i);
		image_make(strchr(files[i], ':') + 1, sizes[i], i * 7);
		snprintf(drives[i], sizeof(drives[i]),
		         "if=ide,index=%u,media=%s,format=raw,snapshot=on,file=%s", i,
		         i < 2 ? "disk" : "cdrom", strchr(files[i], ':') + 1);
	}
}

/* Fresh ones for each chip, so that none depends on another. */
static void machines_start(const char *qemu, const char *boards, const struct chip *c)
{
	char board[300];
	const char *arguments[40] = {
		qemu,
		"-machine",
		"pc,accel=tcg",
		"-S",
		"-nodefaults",
		"-display",
		"none",
		"-m",
		"16",
		"-qtest",
		"stdio",
		"-drive",
		drives[0],
		"-drive",
		drives[1],
		"-drive",
		drives[2],
		"-rtc",
		"base=2023-11-14T22:13:20,clock=vm",
	};
	unsigned n = 19;

	for (unsigned i = 0; i < COUNT(c->more) && c->more[i]; i++)
		arguments[n++] = c->more[i];
	snprintf(board, sizeof(board), "%s/qtest-%s", boards, c->is_vdev ? "vdev" : "board");
	peers_start((const char *const[]){ board, files[0], files[1], files[2], NULL }, arguments);
	now_ns = 0;
	for (unsigned i = 0; i < PEERS; i++)
		peer_ask(i, "irq_intercept_in ioapic");
}

/* Where QEMU's two PICs are in its tree of objects: it numbers them as it makes them. */
char pic_paths[2][64];

static void pics_find(const char *qemu)
{
	char command[400], *line = NULL;
	size_t size = 0;
	unsigned found = 0, n;
	FILE *f;

	snprintf(
		command, sizeof(command),
		"(echo info qom-tree; echo quit) | %s -machine pc,accel=tcg -S -nodefaults -display none "
		"-monitor stdio 2> /dev/null",
		qemu);
	f = popen(command, "r");
	while (f && getline(&line, &size, f) > 0 && found < 2) {
		char *at = strstr(line, "/device["), *is = strstr(line, "(isa-i8259)");

		if (at && is && at < is && sscanf(at, "/device[%u]", &n) == 1)
			snprintf(pic_paths[found++], sizeof(pic_paths[0]),
			         "/machine/unattached/device[%u]", n);
	}
	while (f && getline(&line, &size, f) > 0)
		;
	if (f)
		pclose(f);
	free(line);
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
	if (c->directed)
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
	const char *qemu = "qemu-system-x86_64", *board = "build",
		   *table = "tests/qtest/differences";
	char dir[] = "/tmp/zazen-qtest.XXXXXX", path[300];
	unsigned long goal = 3000;
	unsigned passed = 0, failed = 0;
	bool show = false;
	int option;

	while ((option = getopt(argc, argv, "n:s:q:b:t:vT")) != -1)
		switch (option) {
		case 'n': goal = strtoul(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'q': qemu = optarg; break;
		case 'b': board = optarg; break;
		case 't': table = optarg; break;
		case 'v': show = true; break;
		case 'T': trace = true; break;
		default: return 2;
		}
	table_read(table);
	if (!mkdtemp(dir))
		return 2;
	images_make(dir);
	pics_find(qemu);
	for (unsigned i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chosen(chips[i]->name, argv + optind, argc - optind)) {
			machines_start(qemu, board, chips[i]);
			if (chip_run(chips[i], goal))
				passed++;
			else
				failed++;
			peers_stop();
		}
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
