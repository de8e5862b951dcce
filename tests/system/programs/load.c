/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work for a guest's disk and network, and the other side of it:
 *   load write DISK       in a guest: numbered blocks, eight at a time, each eight flushed and then acknowledged by a line "ACK N"; blocks from before are read back. "ERROR ..." says what went wrong
 *   load check DISK LOG...  in dom0: all blocks up to the last number after ACK in a guest's log are on its disk, or what was written over them later; two words for each guest
 *   load net ADDRESS      in a guest: datagrams to and fro; a line "NET N" for every twenty that came back
 *   load echo             in dom0: sends them back
 *   load counters LOG...  in dom0: the last numbers after ACK, NET and ALIVE in logs of guests, three for each
 *   load strange LOG...   in dom0: what the guests say besides that, since "GUEST works"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BLOCK  4096
#define BATCH  8
#define PORT   7007
#define EVERY  20 /* answers */
#define TRIES  40 /* at a block that is just being written over */
#define ERRORS 20 /* that are told */
#define PAUSE_US \
	5000 /* several guests share a CPU, and who looks after them wants some of it, too */

static const uint64_t magic = 0x7a617a656e6c6f61;

struct block {
	uint64_t magic, number;
	uint64_t words[BLOCK / 8 - 3];
	uint64_t sum;
};

/* One line in one write, so that those of several processes do not mix. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[200];
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		exit(1);
}

static void error(const char *what, uint64_t number, const char *why)
{
	static unsigned told;

	if (told++ < ERRORS)
		say("ERROR %s block %llu: %s\n", what, (unsigned long long)number, why);
}

static uint64_t sum(const struct block *b)
{
	const uint64_t *w = (const uint64_t *)b;
	uint64_t s = 0xcbf29ce484222325;

	for (size_t i = 0; i < BLOCK / 8 - 1; i++)
		s = (s ^ w[i]) * 0x100000001b3;
	return s;
}

static void fill(struct block *b, uint64_t number)
{
	uint64_t x = number * 0x9e3779b97f4a7c15 + 1;

	b->magic = magic;
	b->number = number;
	for (size_t i = 0; i < BLOCK / 8 - 3; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		b->words[i] = x;
	}
	b->sum = sum(b);
}

static bool holds(const struct block *b, uint64_t number, uint64_t slots)
{
	return b->magic == magic && b->sum == sum(b) && b->number >= number &&
	       (b->number - number) % slots == 0;
}

static struct block *block_new(void)
{
	struct block *b = aligned_alloc(BLOCK, BLOCK);

	if (!b)
		exit(1);
	return b;
}

static off_t place(uint64_t number, uint64_t slots)
{
	return (off_t)(number % slots) * BLOCK;
}

/* ---- in a guest ---- */

/* One of those that were written last. */
static void read_back(int fd, struct block *b, uint64_t acked, uint64_t slots)
{
	static uint64_t x = 88172645463325252;
	uint64_t number;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	number = acked - x % (acked < slots ? acked : slots - BATCH);
	if (pread(fd, b, BLOCK, place(number, slots)) != BLOCK)
		error("read", number, strerror(errno));
	else if (!holds(b, number, slots) || b->number != number)
		error("read", number, "something else is there");
}

static int write_blocks(const char *path)
{
	struct block *b = block_new();
	int fd = open(path, O_RDWR | O_DIRECT);
	uint64_t slots = fd < 0 ? 0 : (uint64_t)lseek(fd, 0, SEEK_END) / BLOCK, n = 0;

	if (slots < 2 * BATCH) {
		say("ERROR %s: %s\n", path, strerror(errno));
		return 1;
	}
	for (;;) {
		bool done = true;

		for (unsigned i = 0; i < BATCH; i++) {
			fill(b, ++n);
			if (pwrite(fd, b, BLOCK, place(n, slots)) != BLOCK) {
				error("write", n, strerror(errno));
				done = false;
			}
		}
		if (fdatasync(fd) != 0) {
			error("flush", n, strerror(errno));
			done = false;
		}
		if (done)
			say("ACK %llu\n", (unsigned long long)n);
		read_back(fd, b, n, slots);
		usleep(PAUSE_US);
	}
}

static struct sockaddr_in address(const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		exit(1);
	return a;
}

/* What is lost is sent again; what comes back must be what was sent. */
static _Noreturn void net(const char *to)
{
	struct timeval patience = { .tv_usec = 200000 };
	struct sockaddr_in a = address(to);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t out[128] = { 0 }, in[128], n = 1;

	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (;;) {
		ssize_t got;

		for (size_t i = 0; i < 128; i++)
			out[i] = n + i;
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) != 0 ||
		    send(s, out, sizeof(out), 0) < 0)
			usleep(100000);
		got = recv(s, in, sizeof(in), 0);
		if (got < 0 || in[0] != n) /* lost, or one that was thought lost */
			continue;
		if (got != sizeof(in) || memcmp(in, out, sizeof(in)) != 0)
			error("network", n, "something else came back");
		if (n++ % EVERY == 0)
			say("NET %llu\n", (unsigned long long)n);
		usleep(PAUSE_US);
	}
}

/* ---- in dom0 ---- */

static int echo(void)
{
	struct sockaddr_in a = address("0.0.0.0");
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char bytes[2048];

	if (bind(s, (struct sockaddr *)&a, sizeof(a)) != 0) {
		perror("load echo");
		return 1;
	}
	for (;;) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(s, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);

		if (n > 0)
			(void)sendto(s, bytes, (size_t)n, 0, (struct sockaddr *)&from, size);
	}
}

static bool is_there(int fd, struct block *b, uint64_t number, uint64_t slots)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (pread(fd, b, BLOCK, place(number, slots)) == BLOCK && holds(b, number, slots))
			return true;
		usleep(50000);
	}
	return false;
}

static int check(const char *path, uint64_t acked)
{
	struct block *b = block_new();
	int fd = open(path, O_RDONLY);
	uint64_t slots = fd < 0 ? 0 : (uint64_t)lseek(fd, 0, SEEK_END) / BLOCK;
	uint64_t first = acked < slots ? 1 : acked - slots + 1;

	if (!slots) {
		printf("%s: %s\n", path, strerror(errno));
		return 1;
	}
	for (uint64_t n = first; n <= acked; n++) {
		if (is_there(fd, b, n, slots))
			continue;
		printf("%s: block %llu of %llu, which was flushed, is not there: it has number %llu\n",
		       path, (unsigned long long)n, (unsigned long long)acked,
		       (unsigned long long)b->number);
		return 1;
	}
	printf("%s: blocks %llu to %llu are there\n", path, (unsigned long long)first,
	       (unsigned long long)acked);
	return 0;
}

/* The last number after a word in the end of a log; 0: none. A line may have been cut in pieces: then it is the number of one of these. */
static unsigned long long last(const char *text, const char *word)
{
	const char *found = NULL;

	for (const char *p = text; (p = strstr(p, word)); p++)
		found = p;
	return found ? strtoull(found + strlen(word), NULL, 10) : 0;
}

/* The end of a file, whole lines; NULL: there is none. */
static char *tail(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END), most = sizeof(text) - 1;
	ssize_t n = fd < 0 ? -1 : pread(fd, text, (size_t)most, size > most ? size - most : 0);
	char *first;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NULL;
	text[n] = 0;
	first = size > most ? strchr(text, '\n') : text;
	return first ? first : text;
}

static void counters(const char *path)
{
	const char *text = tail(path);

	if (!text)
		text = "";
	printf("%llu %llu %llu ", last(text, " ACK "), last(text, " NET "), last(text, " ALIVE "));
}

/* Pairs of a disk and a guest's log. */
static int check_all(int nr, char **words)
{
	int failed = 0;

	for (int i = 0; i + 1 < nr; i += 2) {
		const char *text = tail(words[i + 1]);

		failed |= check(words[i], text ? last(text, " ACK ") : 0);
	}
	return failed;
}

/* Linux's driver of the e1000 says this when a frame has not left for two seconds, which is as long as a slow machine may take to start another backend. It then goes on. */
static bool is_late_frame(const char *said)
{
	static const char *const words[] = { "e1000",    "Tx Queue",    "TDH",        "TDT",
		                             "next_to_", "buffer_info", "time_stamp", "jiffies" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(said, words[i]))
			return true;
	return false;
}

/* Of a line that was cut in pieces, these may be any: they have the counters' letters. */
static bool is_strange(const char *line)
{
	const char *said = strstr(line, " serial0 ");

	if (!said)
		said = strstr(line, " console ");
	return said && !is_late_frame(said) && said[9 + strspn(said + 9, "ACKNETLIV 0123456789\r")];
}

static void strange(const char *path)
{
	char *text = tail(path), *works = text ? strstr(text, "GUEST works") : NULL, *rest = NULL,
	     *line;

	text = works ? works + strlen("GUEST works") : text;
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		if (is_strange(line))
			printf("%s: %s\n", path, line);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "write"))
		return write_blocks(argv[2]);
	if (argc > 3 && !strcmp(argv[1], "check"))
		return check_all(argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "net"))
		net(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "echo"))
		return echo();
	if (argc > 2 && !strcmp(argv[1], "counters")) {
		for (int i = 2; i < argc; i++)
			counters(argv[i]);
		printf("\n");
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "strange")) {
		for (int i = 2; i < argc; i++)
			strange(argv[i]);
		return 0;
	}
	fprintf(stderr,
	        "usage: load write DISK | check DISK N | net ADDRESS | echo | counters LOG... | strange LOG...\n");
	return 1;
}
