/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of a transaction, kept by path. */
#ifndef XENSTORED_OVERLAY_H
#define XENSTORED_OVERLAY_H

#include "transaction.h"

struct entry *overlay_find(const struct transaction *t, const char *path);
/* Where the entry of that path is, or the first one after it. */
uint32_t overlay_index(const struct transaction *t, const char *path);
/* Puts an entry, whose path has none, in and charges for it. */
void overlay_add(struct transaction *t, struct entry *e);
/* Takes the last entry out and frees it. */
void overlay_drop_last(struct transaction *t);
/* What an entry holds changes: between these two calls. */
void overlay_change_begin(struct transaction *t, struct entry *e);
void overlay_change_end(struct transaction *t, struct entry *e);
/* Bytes that an entry costs the client. */
uint64_t overlay_cost(const char *path, uint32_t len, uint32_t nr_perms);

#endif
