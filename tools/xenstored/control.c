/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CONTROL: what an administrator asks of the daemon itself, by xenstore-control. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "log.h"
#include "request.h"
#include "server.h"

static int control_help(struct request *r);

static int control_print(struct request *r)
{
	const char *text = request_string(r, 1);

	if (!text)
		return -EINVAL;
	log_line("%s", text);
	return request_ok(r);
}

static void count_node(void *arg, const char *path, struct node *node)
{
	++*(uint64_t *)arg;
}

static int control_memreport(struct request *r)
{
	struct server *s = r->view.server;
	uint64_t nodes = 0;

	store_walk(&s->store, &s->store.root, count_node, &nodes);
	buffer_append_format(&r->reply, "%llu nodes; journal of %llu bytes%s\n",
	                     (unsigned long long)nodes, (unsigned long long)s->journal.size,
	                     s->journal.broken ? ", which cannot be written" : "");
	for (uint32_t i = 0; i < DOMAIN_IDS && r->reply.len < XENSTORE_PAYLOAD_MAX - 200; i++) {
		const struct domain *d = s->domains.by_id[i];

		if (d)
			buffer_append_format(&r->reply,
			                     "domain %u%s: %llu nodes, %llu watches, %llu bytes\n",
			                     i, d->introduced ? "" : " (not introduced)",
			                     (unsigned long long)d->account.used[QUOTA_NODES],
			                     (unsigned long long)d->account.used[QUOTA_WATCHES],
			                     (unsigned long long)d->account.used[QUOTA_MEMORY]);
	}
	buffer_append(&r->reply, "", 1);
	return 0;
}

static int quota_set(struct request *r)
{
	const char *name = request_string(r, 2);
	enum quota kind = name ? quota_by_name(name) : QUOTA_COUNT;
	uint64_t value;

	if (kind == QUOTA_COUNT || request_number(r, 3, INT64_MAX, &value))
		return -EINVAL;
	r->view.server->quotas.limit[kind] = value;
	return request_ok(r);
}

/* Alone: the limits; a domain's number: what it uses; set NAME VALUE: another limit, until the daemon ends. */
static int control_quota(struct request *r)
{
	struct server *s = r->view.server;
	const char *what = request_string(r, 1);
	const struct domain *d = NULL;
	uint64_t domid;

	if (what && !strcmp(what, "set"))
		return quota_set(r);
	if (what) {
		if (request_number(r, 1, DOMAIN_IDS - 1, &domid))
			return -EINVAL;
		d = domain_find(s, (uint32_t)domid);
		if (!d)
			return -ENOENT;
	}
	for (int i = 0; i < QUOTA_COUNT; i++)
		buffer_append_format(
			&r->reply, "%-18s %llu\n", quota_name((enum quota)i),
			(unsigned long long)(d ? d->account.used[i] : s->quotas.limit[i]));
	buffer_append(&r->reply, "", 1);
	return 0;
}

static int control_log(struct request *r)
{
	struct server *s = r->view.server;
	const char *how = request_string(r, 1);

	if (!how || (strcmp(how, "on") && strcmp(how, "off")))
		return -EINVAL;
	s->trace = strcmp(how, "on") ? NULL : stderr;
	return request_ok(r);
}

struct inspection {
	struct account *found; /* of each domain */
	uint64_t last_gen;
	bool bad;
};

static void inspect_node(void *arg, const char *path, struct node *node)
{
	struct inspection *i = arg;
	struct account *a = &i->found[node->perms.entry[0].domid & (DOMAIN_IDS - 1)];

	quota_charge(a, QUOTA_NODES, 1);
	if (node->gen > i->last_gen || node->child_gen > i->last_gen)
		i->bad = true;
	for (uint32_t n = 0; n < node->nr_children; n++) {
		if (node->child[n]->parent != node ||
		    (n && strcmp(node->child[n - 1]->name, node->child[n]->name) >= 0))
			i->bad = true;
	}
}

/* The tree is in order, and the accounts are what is there. */
static int control_check(struct request *r)
{
	struct server *s = r->view.server;
	struct inspection i = { .last_gen = s->store.generation };

	i.found = calloc(DOMAIN_IDS, sizeof(i.found[0]));
	if (!i.found)
		return -ENOMEM;
	store_walk(&s->store, &s->store.root, inspect_node, &i);
	for (uint32_t n = 1; n < DOMAIN_IDS; n++) {
		const struct domain *d = s->domains.by_id[n];

		if (i.found[n].used[QUOTA_NODES] != (d ? d->account.used[QUOTA_NODES] : 0))
			i.bad = true;
	}
	free(i.found);
	buffer_append_string(&r->reply, i.bad ? "the store is damaged" : "OK");
	return 0;
}

static const struct command {
	const char *name, *arguments;
	int (*handle)(struct request *r);
} commands[] = {
	{ "check", "", control_check },
	{ "help", "", control_help },
	{ "log", "on|off", control_log },
	{ "memreport", "", control_memreport },
	{ "print", "<string>", control_print },
	{ "quota", "[set <name> <value>|<domid>]", control_quota },
};

static int control_help(struct request *r)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		buffer_append_format(&r->reply, "%-15s %s\n", commands[i].name,
		                     commands[i].arguments);
	buffer_append(&r->reply, "", 1);
	return 0;
}

int request_control(struct request *r)
{
	const char *name = request_string(r, 0);

	for (size_t i = 0; name && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name))
			return commands[i].handle(r);
	}
	return -EINVAL;
}
