/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on the connection's own things: WATCH, UNWATCH, RESET_WATCHES, TRANSACTION_START, TRANSACTION_END. */
#include <errno.h>
#include <string.h>

#include "connection.h"
#include "request.h"
#include "server.h"
#include "state.h"

/* A watch is a path and a token, and what comes after them is not looked at. */
static int watch_of(const struct request *r, char path[PATH_SIZE], const char **token,
                    bool *relative)
{
	*token = request_string(r, 1);
	if (!*token)
		return -EINVAL;
	*relative = r->data[0] != '/' && r->data[0] != '@';
	return request_path(r, path, true);
}

int request_watch(struct request *r)
{
	char path[PATH_SIZE];
	const char *token;
	bool relative;
	int error = watch_of(r, path, &token, &relative);

	if (!error)
		error = watch_add(r->connection, path, token, relative, &r->fire);
	return error ? error : request_ok(r);
}

int request_unwatch(struct request *r)
{
	char path[PATH_SIZE];
	const char *token;
	bool relative;
	int error = watch_of(r, path, &token, &relative);

	if (!error)
		error = watch_remove(r->connection, path, token);
	return error ? error : request_ok(r);
}

int request_reset_watches(struct request *r)
{
	struct list *pos, *next;

	list_for_each_safe(pos, next, &r->connection->watches) {
		struct watch *w = list_entry(pos, struct watch, in_connection);

		watch_remove(r->connection, w->path, w->token);
	}
	list_for_each_safe(pos, next, &r->connection->transactions)
		transaction_end(list_entry(pos, struct transaction, list), false);
	return request_ok(r);
}

int request_transaction_start(struct request *r)
{
	uint32_t id;
	int error;

	if (r->header.tx_id)
		return -EBUSY;
	error = transaction_start(r->connection, &id);
	if (error)
		return error;
	buffer_append_format(&r->reply, "%u", id);
	buffer_append(&r->reply, "", 1);
	return 0;
}

int request_transaction_end(struct request *r)
{
	const char *how = request_string(r, 0);
	int error;

	if (!how || (strcmp(how, "T") && strcmp(how, "F")))
		return -EINVAL;
	if (!r->view.transaction)
		return -ENOENT;
	error = transaction_end(r->view.transaction, *how == 'T');
	return error ? error : request_ok(r);
}
