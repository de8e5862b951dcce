/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linear addresses to pages of the host: the guest's tables walked, and the way kept for the next time. */
#include "guest_translate.h"

#include "domain.h"
#include "errno.h"
#include "vcpu.h"
#include "virt_ops.h"

/* Table pages that one guest_walk() asks for without having to mark an entry: five levels. */
#define WALKER_PAGES 5
/* Pages that may come on demand on one way: each table, and the page itself; once more when one was taken back meanwhile. */
#define DEMAND_TRIES 12

/* The memory that the walker reads tables from, and which pages it asked for, in order. */
struct walker {
	struct walk_memory mem;
	struct p2m *p2m;
	bool is_waiting; /* for a page that comes on demand: */
	gfn_t wants;
	unsigned nr; /* also counts those that did not fit */
	void *page[WALKER_PAGES];
};

/* All that a translation depends on, beside CR3 and the tables. CR0 and CR4 have no bits above 31, EFER none above 15. */
static void mode_words(const struct paging_mode *m, uint64_t word[2])
{
	word[0] = (uint32_t)m->cr0 | m->cr4 << 32;
	word[1] = (m->efer & 0xffff) | (uint64_t)m->cpl << 16 | (m->rflags & RFLAGS_AC) << 2 |
	          (uint64_t)m->pkru << 32;
}

const struct paging_mode *guest_paging_mode_read(struct vcpu *v)
{
	virt->get_paging(v, &v->walk.mode);
	mode_words(&v->walk.mode, v->walk.mode_word);
	v->walk.mode_valid = true;
	return &v->walk.mode;
}

/* The host page of a frame, NULL where no page is or it may not be written. Between begin and end. */
static uint8_t *frame_host(struct p2m *p2m, gfn_t gfn, bool write, struct p2m_entry *e)
{
	*e = p2m_lookup(p2m, gfn);
	if (write && unlikely(e->type == P2M_RAM_LOGDIRTY)) {
		(void)p2m_mark_dirty(p2m, gfn);
		*e = p2m_lookup(p2m, gfn);
	}
	if (!p2m_type_is_page(e->type) || (write && !(p2m_access[e->type] & P2M_WRITE)))
		return NULL;
	return mfn_to_virt(e->mfn);
}

static void *walker_page(struct walk_memory *mem, gfn_t gfn, bool write)
{
	struct walker *w = container_of(mem, struct walker, mem);
	struct p2m_entry e;
	void *host = frame_host(w->p2m, gfn, write, &e);

	if (unlikely(e.type == P2M_ON_DEMAND)) {
		w->is_waiting = true;
		w->wants = gfn;
	}
	if (w->nr < WALKER_PAGES)
		w->page[w->nr] = host;
	w->nr++;
	return host;
}

static int linear_walk(struct vcpu *v, struct walker *w, uint64_t linear, unsigned access,
                       gpa_t *out, struct event *fault)
{
	const struct paging_mode *mode = guest_paging_mode(v);
	unsigned maxphyaddr = v->domain->cpuid.extended[8].a & 0xff;
	struct guest_walk walk;
	int rc;

	if (paging_long_mode(mode) && !linear_is_canonical(mode, linear)) {
		*fault = event_exception_code(X86_GP, 0);
		return -EFAULT;
	}
	/* A policy without leaf 0x80000008 means 36 bits (SDM 4.1.4). */
	rc = guest_walk(mode, &w->mem, linear, access, maxphyaddr ? maxphyaddr : 36, &walk);
	if (rc) {
		*fault = event_page_fault(walk.fault_code, linear);
		return rc;
	}
	*out = walk.gpa;
	return 0;
}

/*
 * The entries that led to linear, when the walk was a plain one (nothing had to be marked) through tables of 8-byte entries. False: a way that is not kept.
 */
static bool memo_entries(struct walk_memo *m, const struct walker *w,
                         const struct paging_mode *mode, uint64_t linear)
{
	unsigned shift = 39, i = 0;

	m->nr_entries = 0;
	if (!(mode->cr0 & CR0_PG))
		return true;
	if (!(mode->cr4 & CR4_PAE) || (mode->cr4 & CR4_LA57) || w->nr > WALK_MEMO_ENTRIES)
		return false;
	if (!paging_long_mode(mode)) {
		m->entry[i++] =
			(uint64_t *)((uint8_t *)w->page[0] + (mode->cr3 & 0xfe0)) + (linear >> 30);
		shift = 21;
	}
	for (; i < w->nr; i++, shift -= 9) {
		if (shift < PAGE_SHIFT)
			return false;
		m->entry[i] = (uint64_t *)w->page[i] + (linear >> shift & 511);
	}
	for (i = 0; i < w->nr; i++)
		m->value[i] = read_once(*m->entry[i]);
	m->nr_entries = w->nr;
	return true;
}

/*
 * generation was read before the walk. A guest that changes its tables while they are walked may find an older way kept than the one that was judged: like
 * a TLB's, and to a page of its own either way.
 */
static void memo_keep(struct vcpu *v, const struct walker *w, uint64_t linear, unsigned access,
                      uint64_t generation, uint8_t *host)
{
	struct walk_cache *c = &v->walk;
	struct walk_memo *m = walk_memo_slot(c, linear, access);

	m->host = NULL;
	if (!memo_entries(m, w, &c->mode, linear))
		return;
	m->key = (linear & PAGE_MASK) | access;
	m->generation = generation;
	m->cr3 = c->mode.cr3;
	m->mode[0] = c->mode_word[0];
	m->mode[1] = c->mode_word[1];
	m->host = host;
}

static int translate(struct vcpu *v, struct walker *w, uint64_t linear, unsigned access,
                     uint8_t **host, struct event *fault)
{
	struct p2m *p2m = w->p2m;
	uint64_t generation = read_once(p2m->generation);
	struct p2m_entry e;
	gpa_t a;
	int rc = linear_walk(v, w, linear, access, &a, fault);

	if (rc)
		return rc;
	*host = frame_host(p2m, gpa_to_gfn(a), access & WALK_WRITE, &e);
	if (*host) {
		memo_keep(v, w, linear, access, generation, *host);
		return 0;
	}
	if (e.type == P2M_RAM_RO)
		return 0;
	if (e.type == P2M_ON_DEMAND) {
		w->is_waiting = true;
		w->wants = gpa_to_gfn(a);
	}
	fault->type = EVENT_NONE;
	return -ENOENT;
}

/*
 * The page that the way ended at comes now, and the way is to be gone once more: true. Its making waits for those who touch the domain's memory, so not while we do. A domain that
 * takes back its pages as fast as they come gets no more than a few.
 */
static bool walker_page_comes(struct walker *w, unsigned *tries)
{
	bool comes;

	if (likely(!w->is_waiting) || ++*tries > DEMAND_TRIES)
		return false;
	guest_touch_end(percpu());
	comes = !p2m_demand_wait(w->p2m, w->wants);
	(void)guest_touch_begin(w->p2m);
	return comes;
}

int guest_translate_slow(struct vcpu *v, uint64_t linear, unsigned access, uint8_t **host,
                         struct event *fault)
{
	unsigned tries = 0;
	struct walker w;
	int rc;

	do {
		w = (struct walker){ .mem.page = walker_page, .p2m = &v->domain->p2m };
		rc = translate(v, &w, linear, access, host, fault);
	} while (unlikely(rc) && walker_page_comes(&w, &tries));
	return rc;
}

int guest_linear_to_gpa(struct vcpu *v, uint64_t linear, unsigned access, gpa_t *out,
                        struct event *fault)
{
	const struct paging_mode *mode = guest_paging_mode(v);
	unsigned tries = 0;
	struct walker w;
	struct percpu *pc;
	int rc;

	if (!paging_long_mode(mode))
		linear = (uint32_t)linear;
	if (mode->cpl == 3 && !(access & WALK_IMPLICIT))
		access |= WALK_USER;
	pc = guest_touch_begin(&v->domain->p2m);
	do {
		w = (struct walker){ .mem.page = walker_page, .p2m = &v->domain->p2m };
		rc = linear_walk(v, &w, linear, access, out, fault);
	} while (unlikely(rc) && walker_page_comes(&w, &tries));
	guest_touch_end(pc);
	return rc;
}
