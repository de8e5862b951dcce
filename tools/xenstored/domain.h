/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains that the daemon knows: those introduced, and those that own a node or are named in permissions. A domain's end takes its nodes and its name in
 * permissions away, for its number will be another's.
 */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "quota.h"

#define DOMAIN_IDS 0x10000u
#define DOMAIN_FIRST_RESERVED \
	0x7ff0u /* DOMID_FIRST_RESERVED of xen.h: from here on none is a domain */

struct server;
struct connection;
struct node;

struct domain {
	struct server *server;
	uint32_t domid;
	uint32_t target; /* SET_TARGET, or PERMS_NO_TARGET */
	bool introduced;
	bool shutdown;      /* @releaseDomain told of its shutdown */
	uint8_t handle[16]; /* when it was introduced */
	uint64_t gfn;       /* of INTRODUCE */
	uint32_t port;      /* of INTRODUCE: its own end */
	struct account account;
	struct connection *connection; /* its ring; NULL when it is not introduced */
};

struct domains {
	struct domain *by_id[DOMAIN_IDS];
};

/* NULL when it is not known. */
struct domain *domain_find(struct server *s, uint32_t domid);
/* Known from now on. */
struct domain *domain_know(struct server *s, uint32_t domid);

/* INTRODUCE; once more for one that is: its ring is bound anew. 0, -ENOENT (no such domain), -EINVAL (no such ring). */
int domain_introduce(struct server *s, uint32_t domid, uint64_t gfn, uint32_t port);
/* Domain 0's own kernel, if it has a ring. */
void domain_introduce_self(struct server *s);
/* RELEASE: 0 or -ENOENT. */
int domain_release(struct server *s, uint32_t domid);
int domain_set_target(struct server *s, uint32_t domid, uint32_t target);
/* RESUME: its next shutdown is told again. */
int domain_resume(struct server *s, uint32_t domid);

/* Asks the hypervisor about each domain that is known; tells of those that shut down, drops those that are no more. */
void domain_sweep(struct server *s);

/* For the journal: introduced without an event, the ring to be connected by domain_reconnect. */
void domain_connect_all(struct server *s);
void domain_free_all(struct server *s);

#endif
