// SPDX-License-Identifier: GPL-2.0-or-later
/* The backend process, whole: disks, CDs, serial lines, networks, its end, and what it refuses. */
#include "backend_host.h"
#include "qemu_nbd.h"
#include "unit.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define H       (&backend_host)
#define SECTORS 2048u

static const struct devmodel_board board = {
	.has_link = 1,
	.nr_serials = 2,
	.drives = { { DEVMODEL_DRIVE_DISK, 0, SECTORS * 512 },
	            { DEVMODEL_DRIVE_DISK, 1, SECTORS * 512 },
	            { DEVMODEL_DRIVE_CDROM, 1, 0 } },
	.nics = { { 1, { 0, 0x16, 0x3e, 1, 2, 3 } } },
};

static char texts[8][256];
static const char *lines[10];

/* A description: each line a format and a path in the directory. */
static const char *line_with(unsigned i, const char *format, const char *name)
{
	snprintf(texts[i], sizeof(texts[i]), format, backend_path(name));
	return texts[i];
}

static void start(void)
{
	backend_machine(&board);
	backend_file("a.img", SECTORS * 512);
	backend_file("b.img", SECTORS * 512);
	lines[0] = line_with(0, "guest name=g log=%s", "g.log");
	lines[1] = line_with(1, "drive vdev=hda kind=disk access=w path=%s", "a.img");
	lines[2] = line_with(2, "drive vdev=hdb kind=disk access=r path=%s", "b.img");
	lines[3] = "drive vdev=hdc kind=cdrom access=r";
	lines[4] = "serial n=0 to=pty";
	lines[5] = line_with(5, "serial n=1 to=file:%s", "serial.txt");
	lines[6] = "nic n=0 mac=00:16:3e:01:02:03 net=user";
	lines[7] = NULL;
}

static void run(void)
{
	start();
	CHECK(backend_start(lines));
	CHECK(backend_attach());
}

static bool file_has(const char *name, uint64_t at, const void *bytes, size_t n)
{
	char back[4096];
	int fd = open(backend_path(name), O_RDONLY);
	ssize_t got = pread(fd, back, n, (off_t)at);

	close(fd);
	return got == (ssize_t)n && !memcmp(back, bytes, n);
}

static bool file_contains(const char *name, const char *text)
{
	static char all[65536];
	int fd = open(backend_path(name), O_RDONLY);
	ssize_t n = read(fd, all, sizeof(all) - 1);

	close(fd);
	all[n > 0 ? n : 0] = 0;
	return strstr(all, text) != NULL;
}

static void disks(void)
{
	uint8_t bytes[4096], back[4096];

	run();
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 100, 8, bytes, false), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, 100, 8, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	CHECK_EQ(backend_request(0, BLOCK_FLUSH, 0, 0, NULL, false), 0);
	CHECK(file_has("a.img", 100 * 512, bytes, sizeof(bytes)));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, SECTORS - 1, 1, bytes, true), 0);
	CHECK(file_has("a.img", (SECTORS - 1) * 512, bytes, 512));
	/* a discard leaves zeroes, and the size */
	CHECK_EQ(backend_request(0, BLOCK_DISCARD, 96, 16, NULL, false), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, 100, 8, back, false), 0);
	memset(bytes, 0, sizeof(bytes));
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	/* what cannot be */
	CHECK_EQ(backend_request(1, BLOCK_WRITE, 0, 1, bytes, false), -EROFS);
	CHECK_EQ(backend_request(1, BLOCK_READ, 0, 1, bytes, false), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, SECTORS, 1, bytes, false), -EIO);
	CHECK_EQ(backend_request(0, BLOCK_READ, UINT64_MAX, 8, bytes, false), -EIO);
	CHECK_EQ(backend_request(2, BLOCK_READ, 0, 4, bytes, false), -ENOMEDIUM);
	CHECK_EQ(backend_quit(), 0);
}

/* Requests past the device model's checks: it is the guest's. */
static void hostile_requests(void)
{
	static const struct link_block_request odd[] = {
		{ .tag = 1, .op = 9, .count = 1 },
		{ .tag = 2, .drive = 200, .count = 1 },
		{ .tag = 3, .drive = 3, .count = 1 },
		{ .tag = 4, .count = 1, .buffer = LINK_DATA },
		{ .tag = 5, .count = 2, .buffer = LINK_DATA - 512 },
		{ .tag = 6, .count = 1, .buffer = 1 },
		{ .tag = 7, .count = UINT32_MAX },
		{ .tag = 8, .count = 0 },
		{ .tag = 9, .sector = UINT64_MAX / 512, .count = 1 },
		{ .tag = 10, .op = BLOCK_DISCARD, .count = UINT32_MAX, .sector = 1 },
	};
	struct link_block *b;
	uint8_t bytes[512];
	uint32_t at;

	run();
	b = &H->link->block;
	at = b->answer_queue.produced;
	for (unsigned i = 0; i < ARRAY_LEN(odd); i++)
		b->requests[(b->request_queue.produced + i) % LINK_BLOCK_SLOTS] = odd[i];
	__atomic_store_n(&b->request_queue.produced,
	                 b->request_queue.produced + (uint32_t)ARRAY_LEN(odd), __ATOMIC_RELEASE);
	CHECK_EQ(write(H->look, "", 1), 1);
	for (unsigned i = 0; i < 3000; i++) {
		if (__atomic_load_n(&b->answer_queue.produced, __ATOMIC_ACQUIRE) - at ==
		    ARRAY_LEN(odd))
			break;
		usleep(10000);
	}
	CHECK_EQ(b->answer_queue.produced - at, ARRAY_LEN(odd));
	for (unsigned i = 0; i < ARRAY_LEN(odd); i++)
		CHECK_EQ(b->answers[(at + i) % LINK_BLOCK_SLOTS].error, -EIO);
	/* impossible indices: it stands still, and answers its keeper */
	__atomic_store_n(&b->request_queue.produced, b->request_queue.produced + 5000,
	                 __ATOMIC_RELEASE);
	H->link->serials[0].out.queue.produced += 0x80000000u;
	H->link->nics[0].out.queue.produced += 77777777u;
	H->link->texts[0].queue.produced += 12345678u;
	CHECK_EQ(write(H->look, "", 1), 1);
	CHECK(backend_ask("state", -1));
	/* its successor does as much as the device model has put right */
	backend_kill();
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	CHECK_EQ(backend_request(0, BLOCK_READ, 0, 1, bytes, false), 0);
	CHECK_EQ(backend_quit(), 0);
}

static void media(void)
{
	struct block_backend *cd;
	uint8_t bytes[2048];
	int fd;

	run();
	cd = link_disk(&H->board, 2);
	backend_file("cd.iso", 400 * 2048);
	fd = open(backend_path("cd.iso"), O_RDONLY);
	CHECK(backend_ask("cd-insert vdev=hdc name=cd.iso", fd));
	close(fd);
	CHECK_EQ(control_number(&H->line, "sectors", UINT64_MAX, 0), 1600);
	for (unsigned i = 0; i < 500 && cd->sectors != 1600; i++)
		backend_turn(20);
	CHECK_EQ(cd->sectors, 1600);
	CHECK_EQ(backend_request(2, BLOCK_READ, 0, 4, bytes, false), 0);
	/* locked: the guest is asked */
	cd->lock(cd, true);
	link_turn_over();
	CHECK(backend_ask("cd-eject vdev=hdc", -1));
	CHECK_EQ(control_number(&H->line, "asked", 1, 0), 1);
	CHECK_EQ(H->link->media[2].eject_wanted, 1);
	/* and does it */
	cd->lock(cd, false);
	cd->eject(cd);
	link_turn_over();
	CHECK(backend_wait_line("ejected"));
	CHECK_EQ(backend_request(2, BLOCK_READ, 0, 4, bytes, false), -ENOMEDIUM);
	CHECK(!backend_ask("cd-insert vdev=hda", -1));
	CHECK(!backend_ask("cd-insert vdev=hdc", -1));
	CHECK(!backend_ask("nonsense", -1));
	CHECK(backend_ask("state", -1));
	CHECK_EQ(backend_quit(), 0);
}

static size_t heard(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	memcpy(b->client, bytes, MIN(n, (size_t)16));
	return n;
}

static void serial_lines(void)
{
	struct char_backend *line, *debug;
	char pty[64], typed[17] = "", back[64] = "";
	struct pollfd p = { .events = POLLIN };

	start();
	CHECK(backend_start(lines));
	snprintf(pty, sizeof(pty), "%s", H->serial_path);
	CHECK(backend_attach());
	line = link_serial(0);
	debug = link_text(LINK_TEXT_DEBUG);
	debug->put(debug, (const uint8_t *)"firmware\n", 9);
	/* before anybody listens */
	CHECK_EQ(line->put(line, (const uint8_t *)"login: ", 7), 7);
	link_serial(1)->put(link_serial(1), (const uint8_t *)"second\n", 7);
	link_turn_over();
	CHECK(backend_ask("state", -1));
	p.fd = open(pty, O_RDWR | O_NOCTTY);
	CHECK(p.fd >= 0);
	CHECK(poll(&p, 1, 60000) == 1);
	CHECK_EQ(read(p.fd, back, sizeof(back)), 7);
	CHECK(!strcmp(back, "login: "));
	line->receive = heard;
	line->client = typed;
	CHECK_EQ(write(p.fd, "root\r", 5), 5);
	for (unsigned i = 0; i < 3000 && !typed[0]; i++)
		backend_turn(20);
	CHECK(!strcmp(typed, "root\r"));
	close(p.fd);
	CHECK_EQ(backend_quit(), 0);
	CHECK(file_contains("g.log", " debug firmware\n"));
	CHECK(file_contains("g.log", " serial0 login: \n"));
	CHECK(file_contains("serial.txt", "second\n"));
}

static bool terminal_says(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char said[64] = "";
	ssize_t n = poll(&p, 1, 60000) == 1 ? read(fd, said, sizeof(said) - 1) : -1;

	return n == (ssize_t)strlen(text) && !memcmp(said, text, (size_t)n);
}

/* Whoever has the keeper's pseudo-terminal open goes on with the next backend. */
static void serial_outlives(void)
{
	struct char_backend *line;
	char typed[17] = "";
	int fd;

	start();
	H->pty = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(H->pty > 0 && backend_start(lines) && backend_attach());
	fd = open(H->serial_path, O_RDWR | O_NOCTTY);
	CHECK(fd >= 0);
	line = link_serial(0);
	CHECK_EQ(line->put(line, (const uint8_t *)"one", 3), 3);
	link_turn_over();
	CHECK(terminal_says(fd, "one"));
	backend_kill();
	CHECK_EQ(write(fd, "root\r", 5), 5); /* while there is none */
	CHECK(backend_start(lines) && backend_attach());
	line = link_serial(0);
	line->receive = heard;
	line->client = typed;
	for (unsigned i = 0; i < 3000 && !typed[0]; i++)
		backend_turn(20);
	CHECK(!strcmp(typed, "root\r"));
	CHECK_EQ(line->put(line, (const uint8_t *)"two", 3), 3);
	link_turn_over();
	CHECK(terminal_says(fd, "two"));
	/* typed by somebody who has left meanwhile */
	backend_kill();
	typed[0] = 0;
	CHECK_EQ(write(fd, "quick\r", 6), 6);
	close(fd);
	CHECK(backend_start(lines) && backend_attach());
	line = link_serial(0);
	line->receive = heard;
	line->client = typed;
	for (unsigned i = 0; i < 3000 && !typed[0]; i++)
		backend_turn(20);
	CHECK(!memcmp(typed, "quick\r", 6));
	CHECK_EQ(backend_quit(), 0);
	close(H->pty);
	H->pty = 0;
}

static uint8_t frame_in[NET_FRAME_MAX];
static size_t frame_length;

static bool frame_receive(struct net_backend *b, const uint8_t *frame, size_t n)
{
	if (n >= 42 && frame[12] == 8 && frame[13] == 6 && frame[21] == 2) {
		memcpy(frame_in, frame, n);
		frame_length = n;
	}
	return true;
}

/* The user-mode network answers for its gateway. */
static void user_network(void)
{
	static const uint8_t who_has[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,    0x16, 0x3e,
		                             1,    2,    3,    8,    6,    0,    1,    8,    0,
		                             6,    4,    0,    1,    0,    0x16, 0x3e, 1,    2,
		                             3,    10,   0,    2,    15,   0,    0,    0,    0,
		                             0,    0,    10,   0,    2,    2 };
	struct net_backend *b;

	run();
	b = link_net(&H->board, 0);
	b->receive = frame_receive;
	for (unsigned i = 0; i < 500 && !b->link_up; i++)
		backend_turn(20);
	CHECK(b->link_up);
	CHECK(b->send(b, who_has, sizeof(who_has)));
	link_turn_over();
	for (unsigned i = 0; i < 3000 && !frame_length; i++)
		backend_turn(20);
	CHECK(frame_length >= 42);
	CHECK(!memcmp(frame_in + 28, "\x0a\x00\x02\x02", 4));
	CHECK_EQ(backend_quit(), 0);
}

static bool fails_with(const char *line, const char *part)
{
	const char *one[] = { line, NULL };

	backend_machine(&board);
	if (backend_start(one))
		return false;
	return !strcmp(H->line.word, "error") && strstr(control_value(&H->line, "text"), part);
}

static void refusals(void)
{
	start();
	CHECK(fails_with("drive vdev=hda kind=disk access=w path=/no/such/file", "no such file"));
	CHECK(fails_with("drive vdev=hda kind=disk access=w", "only a CD drive can be empty"));
	CHECK(fails_with("drive vdev=sda kind=disk access=w path=/dev/null", "hda to hdd"));
	CHECK(fails_with("drive vdev=hda kind=disk access=w path=/dev/null",
	                 "neither a file nor a block device"));
	CHECK(fails_with(
		line_with(0, "drive vdev=hda kind=disk access=w format=odd path=%s", "a.img"),
		"no format"));
	backend_file("empty.img", 0);
	CHECK(fails_with(line_with(0, "drive vdev=hda kind=disk access=w path=%s", "empty.img"),
	                 "is empty"));
	CHECK(fails_with("nic n=0 bridge=nobridge0 ifname=a/b", "no name"));
	CHECK(fails_with("serial n=0 to=odd", "no kind"));
	CHECK(fails_with("serial n=0 to=tcp:127.0.0.1", "no port"));
	CHECK(fails_with("serial n=0 to=unix:/no/such/socket", "nobody answers"));
	CHECK(fails_with("serial n=0 to=file:/no/such/directory/x", "make its directory") ||
	      fails_with("serial n=0 to=file:/no/such/directory/x", "Make its directory"));
	CHECK(fails_with("guest name=x log=/no/such/directory/x", "make its directory"));
	CHECK(fails_with("odd thing=1", "nothing that this backend knows"));
}

static void image_formats(void)
{
	static const char qcow2[8] = "QFI\xfb";
	int fd;

	start();
	fd = open(backend_path("a.img"), O_RDWR);
	CHECK_EQ(write(fd, qcow2, sizeof(qcow2)), 8);
	close(fd);
	CHECK(fails_with(lines[1], "is a qcow2 image"));
}

static void qcow2_start(void)
{
	char command[300];

	start();
	snprintf(command, sizeof(command), "qemu-img create -q -f qcow2 %s 1M",
	         backend_path("q.img"));
	CHECK_EQ(system(command), 0);
	lines[1] = line_with(1, "drive vdev=hda kind=disk access=w format=qcow2 path=%s", "q.img");
	CHECK(backend_start(lines));
	CHECK(backend_attach());
}

/* By qemu-nbd; killed on the way, the next one waits until the image is free. */
static void qcow2_images(void)
{
	char command[300];
	uint8_t bytes[512], back[512];

	qcow2_start();
	memset(bytes, 0x5a, sizeof(bytes));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 77, 1, bytes, true), 0);
	CHECK_EQ(backend_request(0, BLOCK_FLUSH, 0, 0, NULL, false), 0);
	CHECK_EQ(backend_request(0, BLOCK_DISCARD, 0, 64, NULL, false), 0);
	backend_kill();
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	CHECK_EQ(backend_request(0, BLOCK_READ, 77, 1, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	CHECK_EQ(backend_request(0, BLOCK_READ, SECTORS, 1, back, false), -EIO);
	CHECK_EQ(backend_quit(), 0);
	snprintf(command, sizeof(command), "qemu-img check -q %s", backend_path("q.img"));
	CHECK_EQ(system(command), 0);
}

/* The number behind "Name:" of a process's status, in this base. */
static uint64_t status_of(pid_t pid, const char *name, int base)
{
	char path[64], line[256];
	uint64_t value = UINT64_MAX;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtoull(line + strlen(name), NULL, base);
	if (f)
		fclose(f);
	return value;
}

/* The qemu-nbd of our backend; 0: there is none. */
static pid_t qemu_nbd_find(void)
{
	char name[300];
	struct dirent *e;
	DIR *d = opendir("/proc");
	pid_t found = 0;

	while (d && (e = readdir(d))) {
		FILE *f;

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    status_of(atoi(e->d_name), "PPid:", 10) != (uint64_t)backend_host.pid)
			continue;
		snprintf(name, sizeof(name), "/proc/%s/comm", e->d_name);
		f = fopen(name, "r");
		if (f && fgets(name, sizeof(name), f) && !strcmp(name, "qemu-nbd\n"))
			found = atoi(e->d_name);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return found;
}

static bool is_elsewhere(pid_t pid, const char *space)
{
	char path[64], theirs[64] = "", ours[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, space);
	(void)!readlink(path, theirs, sizeof(theirs) - 1);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", space);
	(void)!readlink(path, ours, sizeof(ours) - 1);
	return theirs[0] && strcmp(theirs, ours) != 0;
}

/* What it sees: this file, or not. */
static bool sees(pid_t pid, const char *file)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, file);
	return access(path, F_OK) == 0;
}

/* qemu-nbd has no rights but to its image, which nobody but root may read. */
static void qemu_nbd_is_confined(void)
{
	char command[700], base[128];
	uint8_t bytes[512], back[512];
	pid_t pid;

	start();
	backend_file("other.img", 4096);
	snprintf(base, sizeof(base), "%s", backend_path("base.img"));
	snprintf(
		command, sizeof(command),
		"umask 077; cd %s && qemu-img create -q -f raw base.img 1M && printf 'from below' | dd of=base.img bs=512 seek=9 conv=notrunc status=none && "
		"qemu-img create -q -f qcow2 -b base.img -F raw middle.img && qemu-img create -q -f qcow2 -b %s/middle.img -F qcow2 q.img",
		backend_host.directory, backend_host.directory);
	CHECK_EQ(system(command), 0);
	lines[1] = line_with(1, "drive vdev=hda kind=disk access=w format=qcow2 path=%s", "q.img");
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	pid = qemu_nbd_find();
	CHECK(pid > 0);
	CHECK_EQ(status_of(pid, "NoNewPrivs:", 10), 1);
	CHECK_EQ(status_of(pid, "Seccomp:", 10), 2);
	if (geteuid() == 0) {
		CHECK_EQ(status_of(pid, "Uid:", 10), QEMU_NBD_UID + (uint32_t)pid);
		CHECK_EQ(status_of(pid, "Gid:", 10), QEMU_NBD_UID + (uint32_t)pid);
		CHECK_EQ(status_of(pid, "CapEff:", 16), 1u << CAP_DAC_OVERRIDE);
		CHECK_EQ(status_of(pid, "CapBnd:", 16), 1u << CAP_DAC_OVERRIDE);
		CHECK(is_elsewhere(pid, "net") && is_elsewhere(pid, "mnt") &&
		      is_elsewhere(pid, "ipc"));
		CHECK(sees(pid, backend_path("q.img")) && sees(pid, backend_path("middle.img")) &&
		      sees(pid, base));
		CHECK(!sees(pid, backend_path("other.img")) && !sees(pid, "/etc/passwd") &&
		      !sees(pid, "/usr/bin/env") && !sees(pid, "/proc/self") &&
		      !sees(pid, "/root"));
	}
	CHECK_EQ(backend_request(0, BLOCK_READ, 9, 1, back, false), 0);
	CHECK(!memcmp(back, "from below", 10));
	memset(bytes, 0x77, sizeof(bytes));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 9, 1, bytes, true), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, 9, 1, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	CHECK_EQ(backend_quit(), 0);
	CHECK(file_has("base.img", 9 * 512, "from below", 10));
	/* of many files, and below many folders */
	snprintf(
		command, sizeof(command),
		"cd %s && mkdir -p a/b && qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse a/b/v.vmdk 5G",
		backend_host.directory);
	CHECK_EQ(system(command), 0);
	lines[1] =
		line_with(1, "drive vdev=hda kind=disk access=w format=vmdk path=%s", "a/b/v.vmdk");
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	CHECK_EQ(backend_request(0, BLOCK_WRITE, (5ull << 30) / 512 - 1, 1, bytes, true), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, (5ull << 30) / 512 - 1, 1, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	CHECK_EQ(backend_quit(), 0);
}

/* With its qemu-nbd the backend goes; the next one does what was not done. */
static void qemu_nbd_is_killed(void)
{
	uint8_t bytes[512], back[512];
	siginfo_t end;

	qcow2_start();
	memset(bytes, 0x33, sizeof(bytes));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 5, 1, bytes, true), 0);
	CHECK_EQ(kill(qemu_nbd_find(), SIGKILL), 0);
	backend_submit_write(0, 6, 0x44);
	CHECK_EQ(waitid(P_PID, (id_t)backend_host.pid, &end, WEXITED | WNOWAIT), 0);
	CHECK(end.si_code == CLD_EXITED && end.si_status == 1);
	backend_kill();
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	CHECK_EQ(backend_pending(), 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, 5, 1, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	memset(bytes, 0x44, sizeof(bytes));
	CHECK_EQ(backend_request(0, BLOCK_READ, 6, 1, back, false), 0);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
	CHECK_EQ(backend_quit(), 0);
}

/* Who is killed leaves a disk with everything that was flushed, and its successor goes on. */
static void killed(void)
{
	static uint8_t expected[SECTORS];
	uint8_t bytes[512];

	run();
	memset(expected, 0, sizeof(expected));
	srand(7);
	for (unsigned life = 1; life <= 100; life++) {
		unsigned at;

		for (unsigned i = (unsigned)rand() % 4; i; i--) {
			at = (unsigned)rand() % SECTORS;
			memset(bytes, (int)life, sizeof(bytes));
			CHECK_EQ(backend_request(0, BLOCK_WRITE, at, 1, bytes, false), 0);
			expected[at] = (uint8_t)life;
		}
		CHECK_EQ(backend_request(0, BLOCK_FLUSH, 0, 0, NULL, false), 0);
		/* with a request on its way, for a while that nobody knows */
		at = (unsigned)rand() % SECTORS;
		backend_submit_write(0, at, (uint8_t)life);
		expected[at] = (uint8_t)life;
		usleep((unsigned)rand() % 1000);
		backend_kill();
		CHECK(backend_start(lines));
		CHECK(backend_attach());
		CHECK_EQ(backend_pending(), 0);
	}
	CHECK_EQ(backend_quit(), 0);
	for (unsigned i = 0; i < SECTORS; i++) {
		memset(bytes, expected[i], sizeof(bytes));
		CHECK(file_has("a.img", (uint64_t)i * 512, bytes, sizeof(bytes)));
	}
}

UNIT_MAIN(UNIT(disks), UNIT(hostile_requests), UNIT(media), UNIT(serial_lines),
          UNIT(serial_outlives), UNIT(user_network), UNIT(refusals), UNIT(image_formats),
          UNIT(qcow2_images), UNIT(qemu_nbd_is_confined), UNIT(qemu_nbd_is_killed), UNIT(killed))
