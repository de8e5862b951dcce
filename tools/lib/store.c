/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store. */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xenstore.h>
#include <xenstore_lib.h>

struct watch {
	char path[STORE_PATH], token[STORE_TOKEN];
};

struct store {
	struct xs_handle *xs;
	xs_transaction_t transaction; /* XBT_NULL: none */
	bool is_broken; /* the transaction's connection is gone: it must begin again */
	bool is_given_up;
	void (*while_waiting)(void *context);
	void *waiting_context;
	struct watch *watches;
	size_t nr_watches;
};

#define PATH_OF(name, format)                               \
	char name[STORE_PATH];                              \
	va_list name##_list;                                \
	va_start(name##_list, format);                      \
	vsnprintf(name, sizeof(name), format, name##_list); \
	va_end(name##_list)

/*
 * Not by the kernel, which waits for ever for a daemon that does not run. XS_OPEN_SOCKETONLY says that, but 4.17's library tries the kernel's device all the same when the socket fails; with this variable
 * the device's path is the socket's.
 */
static struct xs_handle *open_socket(void)
{
	const char *path = getenv("XENSTORED_PATH") ? NULL : xs_daemon_socket();

	if (path)
		setenv("XENSTORED_PATH", path, 1);
	return xs_open(XS_OPEN_SOCKETONLY);
}

struct store *store_open(void)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->transaction = XBT_NULL;
	s->xs = open_socket();
	if (s->xs)
		return s;
	free(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->xs)
		xs_close(s->xs);
	free(s->watches);
	free(s);
}

void store_forget(struct store *s)
{
	if (!s)
		return;
	if (s->xs)
		xs_daemon_destroy_postfork(s->xs);
	free(s->watches);
	free(s);
}

/* ---- a connection that is gone ---- */

static bool answers(struct store *s)
{
	unsigned length;
	void *value = s->xs ? xs_read(s->xs, XBT_NULL, "/local", &length) : NULL;
	bool is_answer = value || (s->xs && (errno == ENOENT || errno == EACCES));

	free(value);
	return is_answer;
}

static bool connect_again(struct store *s)
{
	struct xs_handle *xs = open_socket();
	bool done = xs;

	for (size_t i = 0; i < s->nr_watches && done; i++)
		done = xs_watch(xs, s->watches[i].path, s->watches[i].token);
	if (!done) {
		if (xs)
			xs_close(xs);
		return false;
	}
	if (s->xs)
		xs_close(s->xs);
	s->xs = xs;
	s->is_given_up = false;
	return true;
}

void store_while_waiting(struct store *s, void (*fn)(void *context), void *context)
{
	s->while_waiting = fn;
	s->waiting_context = context;
}

static void wait_a_moment(struct store *s)
{
	const struct timespec moment = { .tv_nsec = 50000000 };

	nanosleep(&moment, NULL);
	if (s->while_waiting)
		s->while_waiting(s->waiting_context);
}

/* After a request that failed: true: it is to be made again, for it was the connection. errno stays otherwise. */
static bool renewed(struct store *s)
{
	int error = errno;
	bool is_new = false;

	/* what the library says of a connection that ends */
	if (error != EPIPE && error != EBADF && error != EINVAL && error != EIO &&
	    error != ECONNRESET && error != ENOTCONN)
		return false;
	if (!s->is_given_up && answers(s)) {
		errno = error;
		return false;
	}
	for (unsigned i = 0; i < (s->is_given_up ? 1 : STORE_PATIENCE_MS / 50) && !is_new; i++) {
		is_new = connect_again(s);
		if (!is_new && !s->is_given_up)
			wait_a_moment(s);
	}
	s->is_given_up = !is_new;
	errno = is_new ? EAGAIN : EPIPE;
	if (s->transaction == XBT_NULL)
		return is_new;
	s->is_broken = is_new;
	return false;
}

bool store_is_alive(struct store *s)
{
	if (answers(s))
		return true;
	errno = EPIPE;
	return renewed(s);
}

/* ---- nodes ---- */

/* Without a connection there is nothing to ask. */
#define ASK(s, request)                                 \
	({                                              \
		__typeof__(request) answer_ = 0;        \
		do {                                    \
			errno = EPIPE;                  \
			if ((s)->xs && !(s)->is_broken) \
				answer_ = (request);    \
		} while (!answer_ && renewed(s));       \
		answer_;                                \
	})

char *store_read(struct store *s, const char *format, ...)
{
	unsigned length;

	PATH_OF(path, format);
	return ASK(s, (char *)xs_read(s->xs, s->transaction, path, &length));
}

bool store_write(struct store *s, const char *value, const char *format, ...)
{
	PATH_OF(path, format);
	return ASK(s, xs_write(s->xs, s->transaction, path, value, (unsigned)strlen(value)));
}

bool store_write_number(struct store *s, uint64_t value, const char *format, ...)
{
	char text[24];

	PATH_OF(path, format);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return ASK(s, xs_write(s->xs, s->transaction, path, text, (unsigned)strlen(text)));
}

bool store_mkdir(struct store *s, const char *format, ...)
{
	PATH_OF(path, format);
	return ASK(s, xs_mkdir(s->xs, s->transaction, path));
}

bool store_remove(struct store *s, const char *format, ...)
{
	PATH_OF(path, format);
	return ASK(s, xs_rm(s->xs, s->transaction, path));
}

bool store_give(struct store *s, uint32_t owner, uint32_t reader, const char *format, ...)
{
	struct xs_permissions p[2] = { { .id = owner, .perms = XS_PERM_NONE },
		                       { .id = reader, .perms = XS_PERM_READ } };

	PATH_OF(path, format);
	return ASK(s, xs_set_permissions(s->xs, s->transaction, path, p,
	                                 reader == UINT32_MAX || reader == owner ? 1 : 2));
}

char **store_list(struct store *s, unsigned *nr, const char *format, ...)
{
	PATH_OF(path, format);
	return ASK(s, xs_directory(s->xs, s->transaction, path, nr));
}

bool store_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port)
{
	return ASK(s, xs_introduce_domain(s->xs, domid, gfn, port));
}

bool store_release(struct store *s, uint32_t domid)
{
	return ASK(s, xs_release_domain(s->xs, domid));
}

/* ---- watches ---- */

int store_descriptor(struct store *s)
{
	return s->xs ? xs_fileno(s->xs) : -1;
}

/* On the list first: who connects again sets it. */
bool store_watch(struct store *s, const char *path, const char *token)
{
	struct watch *all = realloc(s->watches, (s->nr_watches + 1) * sizeof(*all));

	if (!all)
		return false;
	s->watches = all;
	snprintf(all[s->nr_watches].path, sizeof(all->path), "%s", path);
	snprintf(all[s->nr_watches].token, sizeof(all->token), "%s", token);
	s->nr_watches++;
	errno = EPIPE;
	return (s->xs && xs_watch(s->xs, path, token)) || errno == EEXIST || renewed(s);
}

void store_unwatch(struct store *s, const char *token)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nr_watches; i++) {
		if (strcmp(s->watches[i].token, token) != 0)
			s->watches[kept++] = s->watches[i];
		else if (s->xs)
			(void)xs_unwatch(s->xs, s->watches[i].path, token);
	}
	s->nr_watches = kept;
}

bool store_event(struct store *s)
{
	char **event = s->xs ? xs_check_watch(s->xs) : NULL;
	bool is_there = event;

	free(event);
	return is_there;
}

/* ---- transactions ---- */

bool store_begin(struct store *s)
{
	s->is_broken = false;
	s->transaction = ASK(s, xs_transaction_start(s->xs));
	return s->transaction != XBT_NULL;
}

bool store_end(struct store *s, bool abort)
{
	xs_transaction_t t = s->transaction;
	bool done = false;

	if (t != XBT_NULL && s->xs && !s->is_broken)
		done = xs_transaction_end(s->xs, t, abort);
	if (!done && t != XBT_NULL && !s->is_broken)
		(void)renewed(s); /* it may have been taken: then it is made twice */
	s->transaction = XBT_NULL;
	if (s->is_broken)
		errno = EAGAIN;
	s->is_broken = false;
	return done;
}
