/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HVM guest of tests/bench/hvm.sh does, and the control domain's part of it. Begin and end of each piece of work are marked (marks.h), so that the host's clock measures it.
 *   work mark NAME
 *   work read|write MARK FILE MIB KIB    sequentially, KIB at a time, past the page cache; written is flushed at the end
 *   work random FILE COUNT               so many reads of 4 KiB, one after the other, from places all over the first 32 MiB
 *   work send|receive ADDRESS PORT MIB   over TCP, to or from
 *   work serve PORT MIB                  the other side: takes what comes on PORT; gives MIB on PORT + 1
 */
#include "marks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096, SPAN = 32 * MIB };

static uint8_t buffer[MIB] __attribute__((aligned(4096)));

static void die(const char *what)
{
	fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The TSC is read before, as the plugin's clock of the machine is as old as the last read of one. */
#define PLACE(n)                                                \
	__asm__ volatile("rdtsc" : : : "eax", "edx", "memory"); \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x4d, 0x5a, 0x5a" : : "i"(n) : "memory")
#define CASE(n) \
	case n: PLACE(n); break

static void mark(const char *name, const char *more)
{
	char full[32];
	size_t i = 0;

	snprintf(full, sizeof(full), "%s%s", name, more);
	while (i < MARKS && strcmp(mark_names[i], full))
		i++;
	_Static_assert(MARKS == 17, "a case each");
	switch (i) {
		CASE(0);
		CASE(1);
		CASE(2);
		CASE(3);
		CASE(4);
		CASE(5);
		CASE(6);
		CASE(7);
		CASE(8);
		CASE(9);
		CASE(10);
		CASE(11);
		CASE(12);
		CASE(13);
		CASE(14);
		CASE(15);
		CASE(16);
	default: fprintf(stderr, "work: no mark %s\n", full); exit(1);
	}
}

/* ---- disk ---- */

static void sequential(const char *name, const char *file, int mib, int kib)
{
	int is_write = !strcmp(name, "write");
	int fd = open(file, (is_write ? O_WRONLY : O_RDONLY) | O_DIRECT);
	ssize_t want = kib * 1024L, n;

	if (fd < 0 || want > MIB)
		die(file);
	memset(buffer, 0x5a, sizeof(buffer));
	mark(name, "");
	for (long left = (long)mib * MIB; left > 0; left -= want) {
		n = is_write ? write(fd, buffer, (size_t)want) : read(fd, buffer, (size_t)want);
		if (n != want)
			die(file);
	}
	if (is_write && fdatasync(fd))
		die(file);
	mark(name, "-end");
	close(fd);
}

static void random_reads(const char *file, int count)
{
	int fd = open(file, O_RDONLY | O_DIRECT);
	uint32_t seed = 1;

	if (fd < 0)
		die(file);
	mark("random", "");
	for (int i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		if (pread(fd, buffer, PAGE, (seed >> 8) % (SPAN / PAGE) * PAGE) != PAGE)
			die(file);
	}
	mark("random", "-end");
	close(fd);
}

/* ---- network ---- */

/* A minute at most. */
static int call(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = 5 };
	int fd;

	inet_pton(AF_INET, address, &to.sin_addr);
	for (int i = 0; i < 12; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
			die("socket");
		if (!connect(fd, (struct sockaddr *)&to, sizeof(to))) {
			patience.tv_sec = 0;
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
			return fd;
		}
		close(fd);
		usleep(100000);
	}
	die(address);
	return -1;
}

static int listener(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4))
		die("listen");
	return fd;
}

static void give(int fd, int mib)
{
	ssize_t n;

	for (long left = (long)mib * MIB; left > 0; left -= n) {
		n = write(fd, buffer, 65536);
		if (n <= 0)
			die("write");
	}
	shutdown(fd, SHUT_WR);
}

static long take(int fd)
{
	long sum = 0;
	ssize_t n;

	while ((n = read(fd, buffer, 65536)) > 0)
		sum += n;
	return sum;
}

static void transfer(const char *name, const char *address, int port, int mib)
{
	int is_send = !strcmp(name, "send"), fd = call(address, port);

	mark(name, "");
	if (is_send)
		give(fd, mib);
	if (take(fd) != (is_send ? 0 : (long)mib * MIB))
		die(name);
	mark(name, "-end");
	close(fd);
}

static void serve(int port, int mib)
{
	int sink = listener(port), source = listener(port + 1);

	for (int way = fork() == 0;;) {
		int fd = accept(way ? source : sink, NULL, NULL);

		if (fd < 0)
			die("accept");
		if (way)
			give(fd, mib);
		take(fd);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "mark"))
		mark(argv[2], "");
	else if ((!strcmp(what, "read") || !strcmp(what, "write")) && argc == 6)
		sequential(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
	else if (!strcmp(what, "random") && argc == 4)
		random_reads(argv[2], atoi(argv[3]));
	else if ((!strcmp(what, "send") || !strcmp(what, "receive")) && argc == 5)
		transfer(what, argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (!strcmp(what, "serve") && argc == 4)
		serve(atoi(argv[2]), atoi(argv[3]));
	else
		return 1;
	return 0;
}
