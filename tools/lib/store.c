/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store. */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

struct store {
	struct xs_handle *xs;
	xs_transaction_t transaction; /* XBT_NULL: none */
};

#define PATH_OF(name, format)                               \
	char name[STORE_PATH];                              \
	va_list name##_list;                                \
	va_start(name##_list, format);                      \
	vsnprintf(name, sizeof(name), format, name##_list); \
	va_end(name##_list)

struct store *store_open(void)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->transaction = XBT_NULL;
	s->xs = xs_open(0);
	if (s->xs)
		return s;
	free(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (s)
		xs_close(s->xs);
	free(s);
}

bool store_is_alive(struct store *s)
{
	unsigned length;
	void *value = xs_read(s->xs, XBT_NULL, "/local", &length);
	bool is_answer = value || errno == ENOENT || errno == EACCES;

	free(value);
	return is_answer;
}

char *store_read(struct store *s, const char *format, ...)
{
	unsigned length;

	PATH_OF(path, format);
	return xs_read(s->xs, s->transaction, path, &length);
}

bool store_write(struct store *s, const char *value, const char *format, ...)
{
	PATH_OF(path, format);
	return xs_write(s->xs, s->transaction, path, value, (unsigned)strlen(value));
}

bool store_write_number(struct store *s, uint64_t value, const char *format, ...)
{
	char text[24];

	PATH_OF(path, format);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return xs_write(s->xs, s->transaction, path, text, (unsigned)strlen(text));
}

bool store_mkdir(struct store *s, const char *format, ...)
{
	PATH_OF(path, format);
	return xs_mkdir(s->xs, s->transaction, path);
}

bool store_remove(struct store *s, const char *format, ...)
{
	PATH_OF(path, format);
	return xs_rm(s->xs, s->transaction, path);
}

bool store_give(struct store *s, uint32_t owner, uint32_t reader, const char *format, ...)
{
	struct xs_permissions p[2] = { { .id = owner, .perms = XS_PERM_NONE },
		                       { .id = reader, .perms = XS_PERM_READ } };

	PATH_OF(path, format);
	return xs_set_permissions(s->xs, s->transaction, path, p,
	                          reader == UINT32_MAX || reader == owner ? 1 : 2);
}

char **store_list(struct store *s, unsigned *nr, const char *format, ...)
{
	PATH_OF(path, format);
	return xs_directory(s->xs, s->transaction, path, nr);
}

bool store_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port)
{
	return xs_introduce_domain(s->xs, domid, gfn, port);
}

bool store_release(struct store *s, uint32_t domid)
{
	return xs_release_domain(s->xs, domid);
}

int store_descriptor(struct store *s)
{
	return xs_fileno(s->xs);
}

bool store_watch(struct store *s, const char *path, const char *token)
{
	return xs_watch(s->xs, path, token);
}

bool store_event(struct store *s)
{
	char **event = xs_check_watch(s->xs);

	free(event);
	return event;
}

bool store_begin(struct store *s)
{
	s->transaction = xs_transaction_start(s->xs);
	return s->transaction != XBT_NULL;
}

bool store_end(struct store *s, bool abort)
{
	xs_transaction_t t = s->transaction;

	s->transaction = XBT_NULL;
	return xs_transaction_end(s->xs, t, abort);
}
