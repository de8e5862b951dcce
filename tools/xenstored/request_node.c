/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on nodes: DIRECTORY, DIRECTORY_PART, READ, WRITE, MKDIR, RM, GET_PERMS, SET_PERMS. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "request.h"
#include "server.h"

/* Of a node that is not there: may its asker know so? The nearest node above it says. */
static int missing(const struct request *r, const char *path, uint8_t wants)
{
	char above[PATH_SIZE];
	struct sight sight;

	strcpy(above, path);
	while (path_to_parent(above)) {
		if (view_peek(&r->view, above, &sight))
			return perms_of(sight.perms, &r->connection->subject) & wants ? -ENOENT
			                                                              : -EACCES;
	}
	return -ENOENT;
}

/* The node of a path, with the right to do that to it. */
static int get(const struct request *r, const char *path, uint8_t wants, struct sight *sight)
{
	if (!view_get(&r->view, path, sight))
		return missing(r, path, wants);
	return (perms_of(sight->perms, &r->connection->subject) & wants) == wants ? 0 : -EACCES;
}

/* The same from the request's only string. */
static int get_only(const struct request *r, bool special, uint8_t wants, char path[PATH_SIZE],
                    struct sight *sight)
{
	uint32_t rest;
	int error;

	if (!request_rest(r, &rest) || rest)
		return -EINVAL;
	error = request_path(r, path, special);
	return error ? error : get(r, path, wants, sight);
}

int request_read(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	int error = get_only(r, false, PERM_READ, path, &sight);

	if (!error)
		buffer_append(&r->reply, sight.value, sight.len);
	return error;
}

int request_get_perms(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	int error = get_only(r, true, PERM_READ, path, &sight);

	if (!error)
		perms_format(sight.perms, &r->reply);
	return error;
}

int request_directory(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	int error = get_only(r, false, PERM_READ, path, &sight);

	if (!error)
		view_list(&r->view, path, &r->reply);
	return error;
}

/* From an offset that begins a name, as many names as fit; an empty one after the last says that it is the last. */
int request_directory_part(struct request *r)
{
	char path[PATH_SIZE];
	struct buffer names = { 0 };
	struct sight sight;
	uint64_t from;
	size_t len, room;
	int error = request_path(r, path, false);

	if (error || request_strings(r) != 2 || request_number(r, 1, UINT32_MAX, &from))
		return -EINVAL;
	error = get(r, path, PERM_READ, &sight);
	if (error)
		return error;
	view_list(&r->view, path, &names);
	buffer_append_format(&r->reply, "%llu", (unsigned long long)sight.child_gen);
	buffer_append(&r->reply, "", 1);
	room = XENSTORE_PAYLOAD_MAX - r->reply.len - 1;
	if (from > names.len) {
		error = -EINVAL;
	} else {
		len = names.len - from;
		while (len > room || (len && names.data[from + len - 1]))
			len--;
		buffer_append(&r->reply, names.data ? names.data + from : NULL, len);
		if (from + len == names.len)
			buffer_append(&r->reply, "", 1);
	}
	buffer_free(&names);
	return error;
}

/* ---- changes ---- */
/* Permissions of a node that one makes under another: the parent's, but it is one's own. */
static void inherit(const struct request *r, const struct perms *parent, struct perms *out)
{
	perms_copy(out, parent);
	if (!r->connection->subject.privileged)
		out->entry[0].domid = r->connection->subject.domid;
}

/* The nearest node above that is there; how many are missing between is for the caller to see. */
static int nearest(const struct request *r, const char *path, char above[PATH_SIZE],
                   struct sight *sight)
{
	strcpy(above, path);
	while (path_to_parent(above)) {
		if (!view_peek(&r->view, above, sight))
			continue;
		/* Now it depends on it. */
		view_get(&r->view, above, sight);
		return perms_of(sight->perms, &r->connection->subject) & PERM_WRITE ? 0 : -EACCES;
	}
	return -ENOENT;
}

/* Makes a node that is not there, and those above it that are not; all or none. */
static int make(const struct request *r, const char *path, const void *value, uint32_t len)
{
	char above[PATH_SIZE], part[PATH_SIZE], first[PATH_SIZE] = "";
	struct sight sight;
	struct perms perms;
	size_t at;
	int error = nearest(r, path, above, &sight);

	if (error)
		return error;
	inherit(r, sight.perms, &perms);
	at = above[1] ? strlen(above) : 0;
	while (!error && path[at]) {
		at += 1 + strcspn(path + at + 1, "/");
		memcpy(part, path, at);
		part[at] = 0;
		if (path[at])
			error = view_put(&r->view, part, "", 0, &perms);
		else
			error = view_put(&r->view, part, value, len, &perms);
		if (!first[0])
			strcpy(first, part);
		else if (error)
			view_remove(&r->view, first);
	}
	perms_free(&perms);
	if (!error && !r->view.transaction) {
		view_get(&r->view, path, &sight);
		watch_fire(r->view.server, path, NULL, sight.perms, false);
	}
	return error;
}

int request_write(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	struct perms perms;
	uint32_t len;
	const char *value = request_rest(r, &len);
	int error = request_path(r, path, false);

	if (!value || error)
		return -EINVAL;
	if (!view_peek(&r->view, path, &sight)) {
		error = make(r, path, value, len);
		return error ? error : request_ok(r);
	}
	error = get(r, path, PERM_WRITE, &sight);
	if (error)
		return error;
	perms_copy(&perms, sight.perms);
	error = view_put(&r->view, path, value, len, &perms);
	if (!error && !r->view.transaction)
		watch_fire(r->view.server, path, &perms, &perms, false);
	perms_free(&perms);
	return error ? error : request_ok(r);
}

int request_mkdir(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	uint32_t rest;
	int error = request_path(r, path, false);

	if (error || !request_rest(r, &rest) || rest)
		return -EINVAL;
	if (view_peek(&r->view, path, &sight))
		error = get(r, path, PERM_WRITE, &sight);
	else
		error = make(r, path, "", 0);
	return error ? error : request_ok(r);
}

/* It is no error that the node is not there, if its parent is. */
static int rm_missing(struct request *r, const char *path)
{
	char above[PATH_SIZE];
	struct sight sight;
	int error = missing(r, path, PERM_WRITE);

	strcpy(above, path);
	if (error != -ENOENT || !path_to_parent(above) || !view_get(&r->view, above, &sight))
		return error;
	return request_ok(r);
}

int request_rm(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	uint32_t rest;
	int error = request_path(r, path, false);

	if (error || !path[1] || !request_rest(r, &rest) || rest)
		return -EINVAL;
	if (!view_get(&r->view, path, &sight))
		return rm_missing(r, path);
	error = get(r, path, PERM_WRITE, &sight);
	if (!error)
		error = view_remove(&r->view, path);
	return error ? error : request_ok(r);
}

int request_set_perms(struct request *r)
{
	char path[PATH_SIZE];
	struct sight sight;
	struct perms perms, before;
	uint32_t len;
	const char *text = request_rest(r, &len);
	int error = request_path(r, path, true);

	if (!text || error || perms_parse(&perms, text, len))
		return -EINVAL;
	error = get(r, path, PERM_OWNER, &sight);
	if (!error && !r->connection->subject.privileged &&
	    perms.entry[0].domid != sight.perms->entry[0].domid)
		error = -EPERM;
	if (!error) {
		perms_copy(&before, sight.perms);
		error = view_put(&r->view, path, sight.value, sight.len, &perms);
		if (!error && !r->view.transaction && path[0] == '/')
			watch_fire(r->view.server, path, &before, &perms, false);
		perms_free(&before);
	}
	perms_free(&perms);
	return error ? error : request_ok(r);
}
