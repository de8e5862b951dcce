/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables behind p2m.h, for its own files only. */
#ifndef CORE_P2M_TABLE_H
#define CORE_P2M_TABLE_H

#include "atomic.h"
#include "p2m.h"
#include "virt_ops.h"

#define P2M_LEVELS    4
#define P2M_TOP_LEVEL (P2M_LEVELS - 1)
#define P2M_ENTRIES   512u

/* Where a walk ended: a leaf, or the entry that is not there. */
struct p2m_slot {
	uint64_t *entry;
	uint64_t pte;
	unsigned level;
};

static inline uint64_t p2m_level_pages(unsigned level)
{
	return 1ull << (9 * level);
}
static inline unsigned p2m_index(uint64_t gfn, unsigned level)
{
	return gfn >> (9 * level) & (P2M_ENTRIES - 1);
}
static inline uint64_t *p2m_table_at(const struct nested_format *f, uint64_t pte)
{
	return (uint64_t *)(direct_map + (pte & f->address));
}
static inline bool p2m_is_table(const struct nested_format *f, uint64_t pte, unsigned level)
{
	return nested_is_present(f, pte) && !nested_is_leaf(f, pte, level);
}
static inline bool p2m_gfn_fits(const struct nested_format *f, uint64_t gfn)
{
	return !(gfn >> (f->gpa_bits - PAGE_SHIFT));
}

/* gfn must fit. */
static inline struct p2m_slot p2m_walk(const struct p2m *p2m, const struct nested_format *f,
                                       uint64_t gfn)
{
	uint64_t *table = p2m->root_table;
	unsigned level = P2M_TOP_LEVEL;

	for (;;) {
		uint64_t *entry = table + p2m_index(gfn, level);
		uint64_t pte = read_once(*entry);

		if (!level || !(pte & f->present) || (pte & f->large))
			return (struct p2m_slot){ entry, pte, level };
		table = p2m_table_at(f, pte);
		level--;
	}
}

/* A new table, counted and chained; NULL: no memory, or the domain has enough. Lock held. */
uint64_t *p2m_table_create(struct p2m *p2m);
/* Drops the references that an old leaf owned. */
void p2m_drop(uint64_t pte, unsigned level);
/* Keeps nr_entries right: one leaf more or less. */
void p2m_count(struct p2m *p2m, uint64_t pte, unsigned level, bool is_more);

/*
 * Finds gfn's entry at this level: splits what is larger, and with create makes the tables in between. Without, the walk may end at a hole above. When the entry is a table, goes on down
 * to where that ends. -ENOMEM. Lock held.
 */
int must_check p2m_slot_find(struct p2m *p2m, uint64_t gfn, unsigned level, bool create,
                             struct p2m_slot *out);
/* p2m_demand.c, lock held: keeps a page that the domain gives up where it owes some. False: let it go. Nobody uses it any more. */
bool p2m_demand_keep(struct p2m *p2m, mfn_t m);
/* For teardown: gives back kept pages; what is left of budget. */
unsigned p2m_demand_drop(struct p2m *p2m, unsigned budget);
/* Entries allow less than before, or lead elsewhere: returns when no CPU uses the old ones. Lock held. */
void p2m_translations_changed(struct p2m *p2m);

/* p2m_dirty.c: before the first entry; -ENOMEM. */
int must_check p2m_quiet_init(struct p2m *p2m);
/* n entries from gfn on have changed: they may be dirty now. */
void p2m_quiet_end(struct p2m *p2m, uint64_t gfn, uint64_t n);

/* The types whose entries own a reference on each page. */
static inline bool p2m_type_owns_reference(enum p2m_type t)
{
	return p2m_type_is_ram(t) || t == P2M_FOREIGN || t == P2M_SHARED;
}

#endif
