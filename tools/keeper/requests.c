/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper's socket, and its other end in xl. */
#include "kept_guest.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void address_of(struct sockaddr_un *a, uint32_t domid)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	snprintf(a->sun_path, sizeof(a->sun_path), "%s/%u", PATHS_RUN, domid);
}

bool requests_open(struct kept_guest *k, struct failure *f)
{
	struct sockaddr_un a;

	address_of(&a, k->built.domid);
	(void)unlink(a.sun_path);
	k->request_socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (k->request_socket >= 0 &&
	    bind(k->request_socket, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    chmod(a.sun_path, 0600) == 0 && listen(k->request_socket, 8) == 0)
		return true;
	return fail(f, "%s: its keeper cannot listen at %s: %s", k->config.name, a.sun_path,
	            strerror(errno));
}

void requests_close(struct kept_guest *k)
{
	struct sockaddr_un a;

	if (k->request_socket < 0)
		return;
	close(k->request_socket);
	k->request_socket = -1;
	address_of(&a, k->built.domid);
	(void)unlink(a.sun_path);
}

/* ---- requests: from xl's words to the backend's ---- */

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, PATIENCE_MS) == 1;
}

/* A CD that stays in for the guest's next start. */
static void remember_cd(struct kept_guest *k, const struct control_line *l, bool is_in)
{
	const char *vdev = control_value(l, "vdev"), *path = control_value(l, "path");

	k->is_changed = true;
	for (size_t i = 0; i < k->config.nr_disks; i++) {
		struct config_disk *d = &k->config.disks[i];

		if (!vdev || strcmp(d->vdev, vdev) != 0)
			continue;
		snprintf(d->target, sizeof(d->target), "%s", is_in && path ? path : "");
		d->format = is_in ? DISK_RAW : DISK_EMPTY;
	}
}

static void pass_on(struct kept_guest *k, const struct control_line *l, int descriptor,
                    struct control_text *answer)
{
	struct control_line got;
	struct control_text t;
	struct failure f = { "" };

	control_begin(&t, l->word);
	for (unsigned i = 0; i < l->nr_args; i++)
		control_put(&t, l->args[i].name, l->args[i].value);
	if (!backend_ask(k, &t, descriptor, &got, &f)) {
		control_begin(answer, "failed");
		control_put(answer, "text", f.text);
		return;
	}
	if (strcmp(l->word, "cd-insert") == 0 || strcmp(l->word, "cd-eject") == 0)
		remember_cd(k, l, strcmp(l->word, "cd-insert") == 0);
	control_begin(answer, "done");
	for (unsigned i = 0; i < got.nr_args; i++)
		control_put(answer, got.args[i].name, got.args[i].value);
}

/* ---- requests that the keeper answers itself ---- */

/* Passwords stay here. */
static bool description(struct kept_guest *k, int descriptor, struct failure *f)
{
	struct guest_config *copy = malloc(sizeof(*copy));
	FILE *to = descriptor < 0 ? NULL : fdopen(dup(descriptor), "w");
	bool done = copy && to;

	if (done) {
		*copy = k->config;
		memset(copy->vnc_password, 0, sizeof(copy->vnc_password));
		guest_config_write(copy, to);
	}
	if (to)
		done = fclose(to) == 0 && done;
	free(copy);
	return done || fail(f, "%s: its description cannot be written", k->config.name);
}

/* From its next start on. What the guest is called stays: it is known by that. */
static bool config_update(struct kept_guest *k, int descriptor, struct failure *f)
{
	struct guest_config *g = malloc(sizeof(*g));
	struct messages *m = calloc(1, sizeof(*m));
	char path[40];
	bool done = g && m && descriptor >= 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	done = done && guest_config_read(g, path, NULL, 0, m);
	if (!done)
		fail(f, "%s: its new description cannot be read", k->config.name);
	else if (g->type != k->config.type)
		done = fail(f, "%s: its type stays %s: destroy it, and create it anew",
		            k->config.name, guest_type_name(k->config.type));
	if (done) {
		snprintf(g->file, sizeof(g->file), "%s", k->config.file);
		memcpy(g->name, k->config.name, sizeof(g->name));
		memcpy(g->uuid, k->config.uuid, sizeof(g->uuid));
		k->config = *g;
		k->is_changed = true;
		kept_note(k, "guest %s has another description from its next start on",
		          k->config.name);
	}
	free(g);
	free(m);
	return done;
}

static const struct {
	const char *word;
	bool (*serve)(struct kept_guest *k, int descriptor, struct failure *f);
} own[] = {
	{ "description", description },
	{ "config-update", config_update },
};

static void answer_self(struct kept_guest *k, unsigned n, int descriptor,
                        struct control_text *answer)
{
	struct failure f = { "" };

	if (own[n].serve(k, descriptor, &f)) {
		control_begin(answer, "done");
		return;
	}
	control_begin(answer, "failed");
	control_put(answer, "text", f.text);
}

static void answer_one(struct kept_guest *k, int client)
{
	static const char *const known[] = { "cd-insert", "cd-eject", "disk-resize",
		                             "screen",    "state",    "view" };
	struct control_text answer;
	struct control_line l;
	int descriptor = -1;

	if (!is_readable(client) || control_receive(client, &l, &descriptor) <= 0 ||
	    !control_parse(&l))
		return;
	control_begin(&answer, "failed");
	control_put(&answer, "text", "its keeper does not know this request");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], l.word) == 0)
			pass_on(k, &l, descriptor, &answer);
	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(own[i].word, l.word) == 0)
			answer_self(k, i, descriptor, &answer);
	if (descriptor >= 0)
		close(descriptor);
	(void)control_send(client, &answer, -1);
}

void requests_serve(struct kept_guest *k)
{
	int client = accept4(k->request_socket, NULL, NULL, SOCK_CLOEXEC);

	if (client < 0)
		return;
	answer_one(k, client);
	close(client);
}

/* ---- xl's end ---- */

void keeper_clean_up(struct store *s, uint32_t domid, const uint8_t uuid[16])
{
	struct sockaddr_un a;

	(void)store_nodes_remove_of(s, domid, uuid);
	address_of(&a, domid);
	(void)unlink(a.sun_path);
}

bool keeper_is_there(uint32_t domid)
{
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un a;
	bool is_there;

	address_of(&a, domid);
	is_there = s >= 0 && (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0 || errno == EAGAIN);
	if (s >= 0)
		close(s);
	return is_there;
}

bool keeper_ask(uint32_t domid, const struct control_text *request, int descriptor,
                struct control_line *answer, struct failure *f)
{
	struct sockaddr_un a;
	bool done = false;
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	address_of(&a, domid);
	if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof(a)) != 0)
		fail(f,
		     "domain %u has no keeper (%s: %s): it was not made by xl create, or its keeper was killed",
		     domid, a.sun_path, strerror(errno));
	else if (control_send(s, request, descriptor) != 0 || !is_readable(s) ||
	         control_receive(s, answer, NULL) <= 0 || !control_parse(answer))
		fail(f, "the keeper of domain %u does not answer", domid);
	else if (strcmp(answer->word, "done") != 0)
		fail(f, "%s",
		     control_value(answer, "text") ? control_value(answer, "text") : "refused");
	else
		done = true;
	if (s >= 0)
		close(s);
	return done;
}
