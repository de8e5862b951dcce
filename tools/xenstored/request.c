/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: parsing, the table of them, and their replies. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "request.h"
#include "server.h"

#define PRIVILEGED 1u /* for domain 0 and the socket only */
#define IN_VIEW    2u /* it may be part of a transaction */

static const struct kind {
	const char *name;
	int (*handle)(struct request *r);
	unsigned int flags;
} kinds[XS_TYPE_COUNT] = {
	[XS_CONTROL] = { "control", request_control, PRIVILEGED },
	[XS_DIRECTORY] = { "directory", request_directory, IN_VIEW },
	[XS_READ] = { "read", request_read, IN_VIEW },
	[XS_GET_PERMS] = { "get-perms", request_get_perms, IN_VIEW },
	[XS_WATCH] = { "watch", request_watch, 0 },
	[XS_UNWATCH] = { "unwatch", request_unwatch, 0 },
	[XS_TRANSACTION_START] = { "transaction-start", request_transaction_start, 0 },
	[XS_TRANSACTION_END] = { "transaction-end", request_transaction_end, IN_VIEW },
	[XS_INTRODUCE] = { "introduce", request_introduce, PRIVILEGED },
	[XS_RELEASE] = { "release", request_release, PRIVILEGED },
	[XS_GET_DOMAIN_PATH] = { "get-domain-path", request_domain_path, 0 },
	[XS_WRITE] = { "write", request_write, IN_VIEW },
	[XS_MKDIR] = { "mkdir", request_mkdir, IN_VIEW },
	[XS_RM] = { "rm", request_rm, IN_VIEW },
	[XS_SET_PERMS] = { "set-perms", request_set_perms, IN_VIEW },
	[XS_IS_DOMAIN_INTRODUCED] = { "is-domain-introduced", request_is_introduced, 0 },
	[XS_RESUME] = { "resume", request_resume, PRIVILEGED },
	[XS_SET_TARGET] = { "set-target", request_set_target, PRIVILEGED },
	[XS_RESET_WATCHES] = { "reset-watches", request_reset_watches, 0 },
	[XS_DIRECTORY_PART] = { "directory-part", request_directory_part, IN_VIEW },
};

/* ---- parsing ---- */
const char *request_string(const struct request *r, uint32_t n)
{
	const char *s = r->data, *end = r->data + r->header.len, *nul;

	for (; s < end; s = nul + 1) {
		nul = memchr(s, 0, (size_t)(end - s));
		if (!nul)
			return NULL;
		if (!n--)
			return s;
	}
	return NULL;
}

uint32_t request_strings(const struct request *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->header.len; i++)
		n += !r->data[i];
	return n;
}

const char *request_rest(const struct request *r, uint32_t *len)
{
	const char *nul = memchr(r->data, 0, r->header.len);

	if (!nul)
		return NULL;
	*len = (uint32_t)(r->data + r->header.len - nul - 1);
	return nul + 1;
}

int request_number(const struct request *r, uint32_t n, uint64_t max, uint64_t *out)
{
	const char *s = request_string(r, n);
	char *end;

	if (!s || *s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return *end || errno || *out > max ? -EINVAL : 0;
}

int request_path(const struct request *r, char path[PATH_SIZE], bool special)
{
	const char *s = request_string(r, 0);

	return s ? path_resolve(path, s, r->connection->subject.domid, special) : -EINVAL;
}

int request_ok(struct request *r)
{
	buffer_append_string(&r->reply, "OK");
	return 0;
}

/* ---- replies ---- */
static void reply_error(const struct request *r, int error)
{
	const char *name = "EINVAL";

	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++) {
		if (xsd_errors[i].errnum == -error)
			name = xsd_errors[i].errstring;
	}
	connection_reply(r->connection, XS_ERROR, r->header.req_id, r->header.tx_id, name,
	                 strlen(name) + 1);
}

static int find_view(struct request *r, const struct kind *kind)
{
	struct connection *c = r->connection;

	r->view.server = c->server;
	r->view.connection = c;
	if (!(kind->flags & IN_VIEW) || !r->header.tx_id)
		return 0;
	r->view.transaction = transaction_find(c, r->header.tx_id);
	if (!r->view.transaction)
		return -ENOENT;
	/* Even a look makes the transaction grow; it must be possible to end it. */
	if (r->header.type != XS_TRANSACTION_END &&
	    !connection_allows(c, QUOTA_MEMORY, 2 * PATH_SIZE))
		return -ENOMEM;
	return 0;
}

static int dispatch(struct request *r)
{
	const struct kind *kind;
	int error;

	if (r->header.type >= XS_TYPE_COUNT || !kinds[r->header.type].handle)
		return -ENOSYS;
	kind = &kinds[r->header.type];
	if ((kind->flags & PRIVILEGED) && !r->connection->subject.privileged)
		return -EACCES;
	error = find_view(r, kind);
	return error ? error : kind->handle(r);
}

static void trace(const struct request *r, int error)
{
	FILE *f = r->connection->server->trace;
	const char *name = "?";

	if (!f)
		return;
	if (r->header.type < XS_TYPE_COUNT && kinds[r->header.type].name)
		name = kinds[r->header.type].name;
	fprintf(f, "domain %u%s: %s tx=%u ", r->connection->subject.domid,
	        r->connection->fd >= 0 ? " (socket)" : "", name, r->header.tx_id);
	for (uint32_t i = 0; i < r->header.len && i < 200; i++) {
		unsigned char byte = (unsigned char)r->data[i];

		fputc(byte ? (byte >= 0x20 && byte < 0x7f ? byte : '.') : ' ', f);
	}
	fprintf(f, "-> %s\n", error ? strerror(-error) : "ok");
	fflush(f);
}

void request_handle(struct connection *c)
{
	struct request r = { .connection = c, .data = (const char *)c->in + sizeof(r.header) };
	int error;

	memcpy(&r.header, c->in, sizeof(r.header));
	error = dispatch(&r);
	if (!error && r.reply.len > XENSTORE_PAYLOAD_MAX)
		error = -E2BIG;
	trace(&r, error);
	if (error)
		reply_error(&r, error);
	else
		connection_reply(c, r.header.type, r.header.req_id, r.header.tx_id, r.reply.data,
		                 r.reply.len);
	if (!error && r.fire)
		watch_send(r.fire, r.fire->path);
	buffer_free(&r.reply);
	c->in_len = 0;
}
