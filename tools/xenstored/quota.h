/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain may make the daemon hold for it. Domain 0 and whoever comes by the socket are not held to it, but counted alike. */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

enum quota {
	QUOTA_NODES,        /* nodes that it owns */
	QUOTA_NODE_SIZE,    /* bytes of one node: value, last component of the name, permissions */
	QUOTA_PERMISSIONS,  /* entries of one node's permissions */
	QUOTA_WATCHES,      /* watches */
	QUOTA_TRANSACTIONS, /* transactions open at a time */
	QUOTA_MEMORY,       /* bytes of all that: nodes, watches, open transactions */
	QUOTA_OUTSTANDING,  /* bytes of replies and events that it has not taken yet */
	QUOTA_COUNT
};

struct quotas {
	uint64_t limit[QUOTA_COUNT];
};

/* Of the kinds that add up: nodes, watches, transactions, memory. */
struct account {
	uint64_t used[QUOTA_COUNT];
};

extern const struct quotas quota_defaults;

/* Whether with more of it the account stays in its limit. */
bool quota_allows(const struct quotas *q, const struct account *a, enum quota kind, uint64_t more);
void quota_charge(struct account *a, enum quota kind, int64_t change);

const char *quota_name(enum quota kind);
/* The kind of a name, or QUOTA_COUNT. */
enum quota quota_by_name(const char *name);

#endif
