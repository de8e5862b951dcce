/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store of domains (xenstored), by libxenstore. Paths are made by formats.
 *
 * xenstored may be killed and started again at any time. A request that it took with it is made again, over a new connection, on which the watches are set again, too; for that it is waited STORE_PATIENCE_MS,
 * and when it has not come until then, each later request tries once. All requests here may be made twice.
 */
#ifndef TOOLS_STORE_H
#define TOOLS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#define STORE_PATH        256
#define STORE_TOKEN       16
#define STORE_PATIENCE_MS 5000

struct store;

/* NULL: errno; no xenstored runs, most likely. */
struct store *store_open(void);
void store_close(struct store *s);
/* Of a child process, for what it has of its parent's: it is let go, and the parent does not notice. */
void store_forget(struct store *s);

/* fn is called again and again, some 20 times a second, while a request waits for xenstored. It makes no requests. NULL: nothing. */
void store_while_waiting(struct store *s, void (*fn)(void *context), void *context);

/* It answers. False: xenstored has ended, and no other has started yet. */
bool store_is_alive(struct store *s);

/* The value, to be freed; NULL: errno, ENOENT among them. */
char *store_read(struct store *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
bool store_write(struct store *s, const char *value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
bool store_write_number(struct store *s, uint64_t value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
bool store_mkdir(struct store *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
bool store_remove(struct store *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* path belongs to owner; reader may read it, too (UINT32_MAX: nobody; the same as owner: nobody else). */
bool store_give(struct store *s, uint32_t owner, uint32_t reader, const char *path, ...)
	__attribute__((format(printf, 4, 5)));
/* Names below path; list and names are one allocation, to be freed. NULL: errno. */
char **store_list(struct store *s, unsigned *nr, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

bool store_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port);
bool store_release(struct store *s, uint32_t domid);

/* Watches: the descriptor is readable when something happened. */
int store_descriptor(struct store *s);
bool store_watch(struct store *s, const char *path, const char *token);
/* All watches that have this token. */
void store_unwatch(struct store *s, const char *token);
/* One event that waits; false: none. */
bool store_event(struct store *s);

/* Several changes that others see at once: store_end() false with errno EAGAIN: do it all again, also what failed. */
bool store_begin(struct store *s);
bool store_end(struct store *s, bool abort);

#endif
