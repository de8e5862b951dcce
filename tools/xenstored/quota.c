/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain may make the daemon hold for it. */
#include <string.h>

#include "quota.h"

static const char *const names[QUOTA_COUNT] = {
	[QUOTA_NODES] = "nodes",
	[QUOTA_NODE_SIZE] = "node-size",
	[QUOTA_PERMISSIONS] = "node-permissions",
	[QUOTA_WATCHES] = "watches",
	[QUOTA_TRANSACTIONS] = "transactions",
	[QUOTA_MEMORY] = "memory",
	[QUOTA_OUTSTANDING] = "outstanding",
};

/* Xen's own, which guests are used to; outstanding is counted in bytes here: 16 replies of the largest size. */
const struct quotas quota_defaults = { .limit = {
					       [QUOTA_NODES] = 1000,
					       [QUOTA_NODE_SIZE] = 2048,
					       [QUOTA_PERMISSIONS] = 5,
					       [QUOTA_WATCHES] = 128,
					       [QUOTA_TRANSACTIONS] = 10,
					       [QUOTA_MEMORY] = 2560 * 1024,
					       [QUOTA_OUTSTANDING] = 64 * 1024,
				       } };

bool quota_allows(const struct quotas *q, const struct account *a, enum quota kind, uint64_t more)
{
	uint64_t limit = q->limit[kind], used = a->used[kind];

	return used <= limit && more <= limit - used;
}

void quota_charge(struct account *a, enum quota kind, int64_t change)
{
	a->used[kind] += (uint64_t)change;
}

const char *quota_name(enum quota kind)
{
	return names[kind];
}

enum quota quota_by_name(const char *name)
{
	for (int i = 0; i < QUOTA_COUNT; i++) {
		if (!strcmp(names[i], name))
			return (enum quota)i;
	}
	return QUOTA_COUNT;
}
