/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry of a grant table in use. The guest writes its entry whenever it likes: it is read as one word, judged, and claimed by changing that very word
 * (reading and writing bits); what was found then stands in the active entry until the last user has gone.
 */
#include "grant_ops.h"

#include "errno.h"
#include "heap.h"

/* An entry that changes this often while we look is not being used in good faith. */
#define CLAIM_TRIES 5

union grant_word {
	uint64_t raw;
	struct grant_entry_v1 entry;
};
_Static_assert(sizeof(union grant_word) == 8, "an entry is one word");

static struct grant_entry_v1 *entry_at(struct grant_table *t, uint32_t ref)
{
	return &t->frames[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

/* NULL: no memory. */
static struct active_grant *active_at(struct grant_table *t, uint32_t ref)
{
	struct active_grant **block = &t->active[ref / ACTIVE_PER_BLOCK];

	if (unlikely(!*block)) {
		*block = heap_alloc_array(ACTIVE_PER_BLOCK, sizeof(**block));
		if (!*block)
			return NULL;
	}
	return &(*block)[ref % ACTIVE_PER_BLOCK];
}

static bool entry_permits(const struct grant_entry_v1 *e, uint16_t domid, bool readonly,
                          bool for_map)
{
	uint16_t mask = GTF_type_mask | (for_map ? GTF_sub_page | GTF_PWT | GTF_PCD | GTF_PAT : 0);

	return (e->flags & mask) == GTF_permit_access && e->domid == domid &&
	       (readonly || !(e->flags & GTF_readonly));
}

/* Sets the bits that tell the guest that its page is in use. *gfn: what the claimed entry named. */
static int entry_claim(struct grant_entry_v1 *shared, uint16_t domid, bool readonly, bool for_map,
                       uint32_t *gfn_)
{
	uint64_t *word = (uint64_t *)shared;
	union grant_word old = { .raw = read_once(*word) }, new;

	for (unsigned i = 0; i < CLAIM_TRIES; i++) {
		if (!entry_permits(&old.entry, domid, readonly, for_map))
			return GNTST_general_error;
		new = old;
		new.entry.flags |= GTF_reading | (readonly ? 0 : GTF_writing);
		if (likely(atomic_compare_exchange(word, &old.raw, new.raw))) {
			*gfn_ = new.entry.frame;
			return GNTST_okay;
		}
	}
	return GNTST_general_error;
}

static void entry_release(struct grant_entry_v1 *shared, uint16_t bits)
{
	atomic_fetch_and(&shared->flags, (uint16_t)~bits);
}

int grant_frame_get(struct domain *d, uint64_t gfn_, bool readonly, mfn_t *out, enum p2m_type *type)
{
	if (p2m_get_page(&d->p2m, gfn(gfn_), !readonly, out, type))
		return GNTST_bad_page;
	if (likely(*type != P2M_GRANT_RW && *type != P2M_GRANT_RO))
		return GNTST_okay;
	/* What was lent is not lent on. */
	page_put(*out);
	return GNTST_bad_page;
}

static int active_begin(struct domain *owner, struct active_grant *a, uint32_t gfn_, uint16_t domid,
                        bool readonly, bool for_map)
{
	enum p2m_type type;
	mfn_t m;
	int r = grant_frame_get(owner, gfn_, readonly, &m, &type);

	if (r)
		return r;
	/* The control domain may see pages of others: those are not its own to lend. */
	if (for_map && !p2m_type_is_ram(type)) {
		page_put(m);
		return GNTST_general_error;
	}
	a->mfn = m;
	a->gfn = gfn_;
	a->domid = domid;
	return GNTST_okay;
}

/* It was in use for reading only: is the page writable too, and still the one that the entry names? */
static int active_upgrade(struct domain *owner, const struct active_grant *a, uint32_t gfn_)
{
	enum p2m_type type;
	mfn_t m;
	int r = grant_frame_get(owner, gfn_, false, &m, &type);

	if (r)
		return r;
	page_put(m);
	return mfn_equal(m, a->mfn) ? GNTST_okay : GNTST_general_error;
}

static int pin_locked(struct domain *owner, uint32_t ref, uint16_t domid, bool readonly,
                      bool for_map, mfn_t *out)
{
	struct grant_table *t = &owner->grants;
	struct grant_entry_v1 *shared;
	struct active_grant *a;
	bool in_use;
	uint32_t gfn_;
	int r;

	if (ref >= t->nr_frames * GRANTS_PER_FRAME)
		return GNTST_bad_gntref;
	shared = entry_at(t, ref);
	a = active_at(t, ref);
	if (!a)
		return GNTST_general_error;
	in_use = a->readers || a->writers;
	if (in_use && (a->domid != domid || MAX(a->readers, a->writers) >= GRANT_PINS_MAX))
		return GNTST_general_error;
	if (!in_use || (!readonly && !a->writers)) {
		r = entry_claim(shared, domid, readonly, for_map, &gfn_);
		if (r)
			return r;
		r = in_use ? active_upgrade(owner, a, gfn_)
		           : active_begin(owner, a, gfn_, domid, readonly, for_map);
		if (r) {
			entry_release(shared,
			              (in_use ? 0 : GTF_reading) | (readonly ? 0 : GTF_writing));
			return r;
		}
	}
	if (readonly)
		a->readers++;
	else
		a->writers++;
	*out = a->mfn;
	return GNTST_okay;
}

int grant_pin(struct domain *owner, uint32_t ref, uint16_t domid, bool readonly, bool for_map,
              mfn_t *out)
{
	int r;

	spin_lock(&owner->grants.lock);
	r = pin_locked(owner, ref, domid, readonly, for_map, out);
	spin_unlock(&owner->grants.lock);
	return r;
}

void grant_unpin(struct domain *owner, uint32_t ref, bool readonly)
{
	struct grant_table *t = &owner->grants;
	mfn_t unused = INVALID_MFN;
	struct active_grant *a;
	uint16_t bits = 0;

	spin_lock(&t->lock);
	a = &t->active[ref / ACTIVE_PER_BLOCK][ref % ACTIVE_PER_BLOCK];
	if (readonly) {
		a->readers--;
	} else {
		(void)p2m_mark_dirty(&owner->p2m, gfn(a->gfn));
		if (--a->writers == 0)
			bits = GTF_writing;
	}
	if (!a->readers && !a->writers) {
		bits |= GTF_reading;
		unused = a->mfn;
	}
	if (bits)
		entry_release(entry_at(t, ref), bits);
	spin_unlock(&t->lock);
	if (mfn_valid(unused))
		page_put(unused);
}

static bool is_in_use(struct grant_table *t, uint32_t ref)
{
	const struct active_grant *block = t->active[ref / ACTIVE_PER_BLOCK];
	const struct active_grant *a = block ? &block[ref % ACTIVE_PER_BLOCK] : NULL;

	return a && (a->readers || a->writers);
}

int grant_swap(struct domain *d, uint32_t a, uint32_t b)
{
	struct grant_table *t = &d->grants;
	int r = GNTST_okay;

	spin_lock(&t->lock);
	if (MAX(a, b) >= t->nr_frames * GRANTS_PER_FRAME) {
		r = GNTST_bad_gntref;
	} else if (a != b && (is_in_use(t, a) || is_in_use(t, b))) {
		r = GNTST_eagain;
	} else if (a != b) {
		struct grant_entry_v1 keep = *entry_at(t, a);

		*entry_at(t, a) = *entry_at(t, b);
		*entry_at(t, b) = keep;
	}
	spin_unlock(&t->lock);
	return r;
}
