/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A doubly linked ring whose head is a node. A node that is in no list points to itself. No locking. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}
#define list_entry(node, type, member) container_of(node, type, member)

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}
static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}
static inline void list_insert_between(struct list *n, struct list *prev, struct list *next)
{
	n->prev = prev;
	n->next = next;
	prev->next = n;
	next->prev = n;
}
static inline void list_add_head(struct list *l, struct list *n)
{
	list_insert_between(n, l, l->next);
}
static inline void list_add_tail(struct list *l, struct list *n)
{
	list_insert_between(n, l->prev, l);
}
/* Takes n out of its list and leaves it pointing to itself; harmless when it is in none. */
static inline void list_remove(struct list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}
/* First node, or NULL. */
static inline struct list *list_first(const struct list *l)
{
	return list_empty(l) ? NULL : l->next;
}

#define list_for_each(pos, l) for (pos = (l)->next; pos != (l); pos = pos->next)
/* Allows pos to be removed in the body. */
#define list_for_each_safe(pos, tmp, l) \
	for (pos = (l)->next, tmp = pos->next; pos != (l); pos = tmp, tmp = pos->next)

#endif
