/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may do what with a node. The first entry names its owner, who may everything, and what everybody may who is in no other entry; each further entry is of one
 * domain. On the wire an entry is a letter and a number: n0, r5, w7, b3.
 */
#ifndef XENSTORED_PERMS_H
#define XENSTORED_PERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 4u

#define PERMS_NO_TARGET 0xffffffffu

struct perm {
	uint32_t domid;
	uint8_t may; /* PERM_READ, PERM_WRITE */
};

struct perms {
	struct perm *entry;
	uint32_t nr; /* at least 1 */
};

/* Who asks. */
struct subject {
	uint32_t domid;
	uint32_t target; /* the domain that it acts for as well, or PERMS_NO_TARGET */
	bool privileged;
};

void perms_copy(struct perms *to, const struct perms *from);
void perms_free(struct perms *p);
/* One owner, and what all others may. */
void perms_single(struct perms *p, uint32_t owner, uint8_t others);
bool perms_equal(const struct perms *a, const struct perms *b);

/* Everything that who may: PERM_ bits. */
uint8_t perms_of(const struct perms *p, const struct subject *who);

/* Strings with their nuls, each an entry, at least one. Returns 0 or -EINVAL; p is set on success only. */
int perms_parse(struct perms *p, const char *text, uint32_t len);
void perms_format(const struct perms *p, struct buffer *out);

/* Takes the entries of a domain, but not its ownership, away. Returns whether there were some. */
bool perms_forget(struct perms *p, uint32_t domid);
bool perms_mention(const struct perms *p, uint32_t domid);

void perms_save(const struct perms *p, struct buffer *out);
/* Makes the reader bad when there are none. */
void perms_load(struct perms *p, struct reader *r);

#endif
