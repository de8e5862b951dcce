/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a guest's linear address to the host's, for guest_memory.c only. */
#ifndef CORE_GUEST_TRANSLATE_H
#define CORE_GUEST_TRANSLATE_H

#include "atomic.h"
#include "guest_memory.h"
#include "percpu.h"

/*
 * Guest memory is touched between these two. No page that the p2m shows after the begin can be freed before the end, because p2m_flush() waits for it; so no
 * reference is needed. In between: no lock, nothing that takes long, no second begin.
 */
static inline struct percpu *guest_touch_begin(struct p2m *p2m)
{
	struct percpu *pc = percpu();

	(void)atomic_exchange(&pc->touching, p2m);
	return pc;
}
static inline void guest_touch_end(struct percpu *pc)
{
	store_release(&pc->touching, NULL);
}

/*
 * The host page of linear for this access, between begin and end. *host NULL with 0: a write to ROM, which is lost. -EFAULT: *fault is what the guest's own access would have
 * raised. -ENOENT: translated, but no page of memory is there (fault->type is EVENT_NONE).
 */
int must_check guest_translate_slow(struct vcpu *v, uint64_t linear, unsigned access,
                                    uint8_t **host, struct event *fault);

static inline bool walk_memo_holds(const struct walk_cache *c, const struct walk_memo *m,
                                   const struct p2m *p2m)
{
	if (m->generation != read_once(p2m->generation) || m->cr3 != c->mode.cr3 ||
	    m->mode[0] != c->mode_word[0] || m->mode[1] != c->mode_word[1])
		return false;
	for (unsigned i = 0; i < m->nr_entries; i++)
		if (read_once(*m->entry[i]) != m->value[i])
			return false;
	return true;
}

static inline struct walk_memo *walk_memo_slot(struct walk_cache *c, uint64_t linear,
                                               unsigned access)
{
	return &c->memo[((linear >> PAGE_SHIFT) + access) % WALK_MEMO_SLOTS];
}

/* The page, when the way to it is known and nothing on it has changed; else NULL. The vcpu's mode must have been read. */
static inline uint8_t *guest_translate_known(struct walk_cache *c, const struct p2m *p2m,
                                             uint64_t linear, unsigned access)
{
	const struct walk_memo *m = walk_memo_slot(c, linear, access);

	if (unlikely(m->key != ((linear & PAGE_MASK) | access)) || !walk_memo_holds(c, m, p2m))
		return NULL;
	return m->host;
}

static inline int must_check guest_translate(struct vcpu *v, struct walk_cache *c, struct p2m *p2m,
                                             uint64_t linear, unsigned access, uint8_t **host,
                                             struct event *fault)
{
	*host = guest_translate_known(c, p2m, linear, access);
	return likely(*host) ? 0 : guest_translate_slow(v, linear, access, host, fault);
}

#endif
