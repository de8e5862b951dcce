/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that the daemon's state is in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "memory.h"

#define MAGIC      "Zazen store 1\n"
#define BOOT_ID    36u
#define HEAD       (sizeof(MAGIC) - 1 + BOOT_ID + 1)
#define MIN_GROWTH (1024u * 1024u)

struct frame {
	uint32_t len, sum;
};

/* CRC-32 as in IEEE 802.3. */
static void make_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
		table[i] = v;
	}
}

static uint32_t sum_of(const uint8_t *data, size_t len)
{
	static uint32_t table[256];
	uint32_t sum = ~0u;

	if (!table[1])
		make_table(table);
	while (len--)
		sum = sum >> 8 ^ table[(sum ^ *data++) & 0xff];
	return ~sum;
}

static void head(char out[HEAD + 1])
{
	char id[BOOT_ID + 2] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

	if (f) {
		if (!fgets(id, sizeof(id), f))
			id[0] = 0;
		fclose(f);
	}
	id[strcspn(id, "\n")] = 0;
	snprintf(out, HEAD + 1, "%s%-*.*s\n", MAGIC, (int)BOOT_ID, (int)BOOT_ID, id);
}

/* All of it, or -errno; the file may have a part of it then. */
static int write_all(int fd, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_frame(int fd, const struct buffer *records)
{
	struct frame f = { (uint32_t)records->len, sum_of(records->data, records->len) };
	struct buffer bytes = { 0 };
	int error;

	buffer_append(&bytes, &f, sizeof(f));
	buffer_append(&bytes, records->data, records->len);
	error = write_all(fd, bytes.data, bytes.len);
	buffer_free(&bytes);
	return error;
}

struct buffer *journal_records(struct journal *j)
{
	return &j->pending;
}

int journal_flush(struct journal *j)
{
	int error = 0;

	if (j->pending.len && j->fd >= 0 && !j->broken) {
		error = write_frame(j->fd, &j->pending);
		if (!error)
			j->size += sizeof(struct frame) + j->pending.len;
		else if (ftruncate(j->fd, (off_t)j->size))
			error = -errno;
		j->broken = error != 0;
	}
	j->pending.len = 0;
	return error;
}

bool journal_wants_rewrite(const struct journal *j)
{
	return j->fd >= 0 && (j->broken || j->size > 4 * j->base + MIN_GROWTH);
}

int journal_rewrite(struct journal *j, const struct buffer *records)
{
	char h[HEAD + 1];
	int fd = open(j->next, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), error;

	if (fd < 0)
		return -errno;
	head(h);
	error = write_all(fd, h, HEAD);
	if (!error)
		error = write_frame(fd, records);
	/* The lock is on the file: the new one is locked before anybody can find it. */
	if (!error && (flock(fd, LOCK_EX | LOCK_NB) || rename(j->next, j->file)))
		error = -errno;
	if (error) {
		close(fd);
		unlink(j->next);
		return error;
	}
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	j->size = j->base = HEAD + sizeof(struct frame) + records->len;
	j->pending.len = 0;
	j->broken = false;
	return 0;
}

/* Gives all whole frames away; returns where the first torn one begins, or 0 when the file is not of this boot. */
static uint64_t load_frames(const struct buffer *b, void (*load)(void *, struct reader *),
                            void *arg)
{
	struct frame f;
	char h[HEAD + 1];
	size_t at = HEAD;

	head(h);
	if (b->len < HEAD || memcmp(b->data, h, HEAD))
		return 0;
	while (b->len - at >= sizeof(f)) {
		struct reader r = { .bad = false };

		memcpy(&f, b->data + at, sizeof(f));
		if (f.len > b->len - at - sizeof(f))
			break;
		r.at = b->data + at + sizeof(f);
		r.end = r.at + f.len;
		if (sum_of(r.at, f.len) != f.sum)
			break;
		load(arg, &r);
		at += sizeof(f) + f.len;
	}
	return at;
}

static int read_all(int fd, struct buffer *b)
{
	uint8_t piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		buffer_append(b, piece, (size_t)n);
	return n < 0 ? -errno : 0;
}

static int load_file(struct journal *j, void (*load)(void *, struct reader *), void *arg)
{
	struct buffer b = { 0 }, none = { 0 };
	int error = read_all(j->fd, &b);

	if (!error) {
		j->loading = true;
		j->size = j->base = load_frames(&b, load, arg);
		j->loading = false;
		if (j->size && j->size < b.len)
			log_line(
				"%s: the last %llu bytes were not written whole; they are left out",
				j->file, (unsigned long long)(b.len - j->size));
		if (!j->size)
			error = journal_rewrite(j, &none);
		else if (ftruncate(j->fd, (off_t)j->size))
			error = -errno;
	}
	buffer_free(&b);
	return error;
}

/* The file that was locked is still the one of that name, and not one that its owner has just replaced. */
static bool is_current(const struct journal *j)
{
	struct stat mine, named;

	return !fstat(j->fd, &mine) && !stat(j->file, &named) && mine.st_ino == named.st_ino;
}

int journal_open(struct journal *j, const char *folder,
                 void (*load)(void *arg, struct reader *records), void *arg)
{
	size_t len = strlen(folder) + 20;
	int error = 0;

	j->file = memory_zeroed(len);
	j->next = memory_zeroed(len);
	snprintf(j->file, len, "%s/journal", folder);
	snprintf(j->next, len, "%s/journal.new", folder);
	j->fd = open(j->file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return -errno;
	if (flock(j->fd, LOCK_EX | LOCK_NB))
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (!is_current(j))
		error = -EBUSY;
	if (!error)
		error = load_file(j, load, arg);
	if (error)
		journal_close(j);
	return error;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->file);
	free(j->next);
	buffer_free(&j->pending);
	j->file = j->next = NULL;
	j->fd = -1;
}
