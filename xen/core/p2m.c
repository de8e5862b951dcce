/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's memory map: looking up, references, and waiting for other CPUs' translations. Changes are in p2m_update.c. */
#include "p2m_table.h"

#include "domain.h"
#include "errno.h"
#include "log.h"
#include "percpu.h"
#include "vcpu.h"

/* A guest can make us hold one table for each page that it maps somewhere far off; so tables have a quota. */
#define TABLES_BASE     1024
#define PAGES_PER_TABLE 256

const uint8_t p2m_access[NR_P2M_TYPES] = {
	[P2M_HOLE] = 0,
	[P2M_RAM_RW] = P2M_READ | P2M_WRITE | P2M_EXEC,
	[P2M_RAM_RO] = P2M_READ | P2M_EXEC,
	[P2M_RAM_LOGDIRTY] = P2M_READ | P2M_EXEC,
	[P2M_MMIO_DIRECT] = P2M_READ | P2M_WRITE,
	[P2M_GRANT_RW] = P2M_READ | P2M_WRITE,
	[P2M_GRANT_RO] = P2M_READ,
	[P2M_FOREIGN] = P2M_READ | P2M_WRITE,
	[P2M_SHARED] =
		P2M_READ | P2M_WRITE |
		P2M_EXEC, /* a BIOS that starts the other vcpus again writes code where the guest had put it */
};

static const char *const type_names[NR_P2M_TYPES] = {
	[P2M_HOLE] = "hole",         [P2M_RAM_RW] = "ram",
	[P2M_RAM_RO] = "rom",        [P2M_RAM_LOGDIRTY] = "ram-logdirty",
	[P2M_MMIO_DIRECT] = "mmio",  [P2M_GRANT_RW] = "grant",
	[P2M_GRANT_RO] = "grant-ro", [P2M_FOREIGN] = "foreign",
	[P2M_SHARED] = "shared",     [P2M_ON_DEMAND] = "on demand",
};

uint64_t p2m_max_table_pages(const struct p2m *p2m)
{
	return TABLES_BASE + p2m->domain->max_pages / PAGES_PER_TABLE;
}

uint64_t *p2m_table_create(struct p2m *p2m)
{
	mfn_t m;

	if (p2m->nr_table_pages >= p2m_max_table_pages(p2m))
		return NULL;
	m = page_alloc(NULL, 0, 0);
	if (!mfn_valid(m))
		return NULL;
	page_of(m)->user_tag = p2m->tables;
	p2m->tables = (uint32_t)m.v;
	p2m->nr_table_pages++;
	return mfn_to_virt(m);
}

int p2m_init(struct p2m *p2m, struct domain *d)
{
	*p2m = (struct p2m){ .domain = d, .root = INVALID_MFN };
	spin_init(&p2m->lock);
	p2m->root_table = p2m_table_create(p2m);
	if (!p2m->root_table)
		return -ENOMEM;
	p2m->root = virt_to_mfn(p2m->root_table);
	if (virt->nested->tells_writes && p2m_quiet_init(p2m)) {
		p2m_free(p2m);
		return -ENOMEM;
	}
	return 0;
}

void p2m_free(struct p2m *p2m)
{
	while (p2m->tables) {
		mfn_t m = mfn(p2m->tables);

		p2m->tables = page_of(m)->user_tag;
		p2m->nr_table_pages--;
		page_put(m);
	}
	p2m->root_table = NULL;
	p2m->root = INVALID_MFN;
	if (p2m->quiet)
		page_put(virt_to_mfn(p2m->quiet));
	p2m->quiet = NULL;
}

struct p2m_entry p2m_lookup(struct p2m *p2m, gfn_t gfn)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s;

	if (unlikely(!p2m_gfn_fits(f, gfn.v)))
		return (struct p2m_entry){ INVALID_MFN, P2M_HOLE, 0 };
	s = p2m_walk(p2m, f, gfn.v);
	if (!(s.pte & f->present))
		return (struct p2m_entry){ INVALID_MFN, nested_type(f, s.pte),
			                   (uint8_t)(9 * s.level) };
	return (struct p2m_entry){
		.mfn = mfn(nested_mfn(f, s.pte).v + (gfn.v & (p2m_level_pages(s.level) - 1))),
		.type = nested_type(f, s.pte),
		.order = (uint8_t)(9 * s.level),
	};
}

/* An entry from LOGDIRTY to RW. Locked writers see it because they take the old entry by exchange. False: it had changed. */
static bool slot_mark_dirty(struct p2m *p2m, const struct nested_format *f, uint64_t gfn,
                            struct p2m_slot *s)
{
	uint64_t old = s->pte;
	uint64_t new = nested_leaf(f, nested_mfn(f, old), s->level, P2M_RAM_RW);

	if (!atomic_compare_exchange(s->entry, &old, new))
		return false;
	p2m_count(p2m, s->pte, s->level, false);
	p2m_count(p2m, new, s->level, true);
	p2m_quiet_end(p2m, align_down(gfn, p2m_level_pages(s->level)), p2m_level_pages(s->level));
	return true;
}

bool p2m_mark_dirty(struct p2m *p2m, gfn_t gfn)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s;

	if (!p2m_gfn_fits(f, gfn.v))
		return false;
	do {
		s = p2m_walk(p2m, f, gfn.v);
		if (!nested_is_present(f, s.pte) || nested_type(f, s.pte) != P2M_RAM_LOGDIRTY)
			return false;
	} while (!slot_mark_dirty(p2m, f, gfn.v, &s));
	return true;
}

int p2m_get_page(struct p2m *p2m, gfn_t gfn, bool write, mfn_t *out, enum p2m_type *type)
{
	const struct nested_format *f = virt->nested;

	if (unlikely(!p2m_gfn_fits(f, gfn.v)))
		return -ENOENT;
	for (;;) {
		struct p2m_slot s = p2m_walk(p2m, f, gfn.v);
		enum p2m_type t = nested_type(f, s.pte);
		mfn_t m;

		if (unlikely(t == P2M_ON_DEMAND)) {
			if (p2m_demand_wait(p2m, gfn))
				return -ENOENT;
			continue;
		}
		if (!(s.pte & f->present) || !p2m_type_is_page(t))
			return -ENOENT;
		if (write && unlikely(!(p2m_access[t] & P2M_WRITE))) {
			if (t != P2M_RAM_LOGDIRTY)
				return -EACCES;
			(void)slot_mark_dirty(p2m, f, gfn.v, &s);
			continue;
		}
		m = mfn(nested_mfn(f, s.pte).v + (gfn.v & (p2m_level_pages(s.level) - 1)));
		if (likely(page_get(m, NULL))) {
			/* The entry still stands, so it held the page when we took ours: the page is the one that was mapped. */
			if (likely(read_once(*s.entry) == s.pte)) {
				*out = m;
				if (type)
					*type = t;
				return 0;
			}
			page_put(m);
		} else if (read_once(*s.entry) == s.pte) {
			return -ENOENT;
		}
	}
}

/* The vcpu of d that this CPU runs in guest mode, or NULL. Compared before it is followed: another domain's may vanish any time. */
static struct vcpu *guest_on_cpu(const struct percpu *cpu, const struct domain *d)
{
	struct vcpu *current = read_once(cpu->current), *v;
	uint32_t i;

	if (!read_once(cpu->in_guest) || !current || !d->vcpus)
		return NULL;
	domain_for_each_vcpu(d, v, i)
		if (v == current)
			return v;
	return NULL;
}

void p2m_flush(struct p2m *p2m)
{
	uint64_t now = read_once(p2m->generation);

	/* A CPU sets in_guest, then looks at the generation; we changed the generation, then look at in_guest: one of us sees the other. */
	barrier_full();
	for (unsigned c = 0; c < machine_nr_cpus(); c++) {
		const struct percpu *cpu = percpu_of(c);
		struct vcpu *v = guest_on_cpu(cpu, p2m->domain);

		while (read_once(cpu->touching) == p2m)
			cpu_relax();
		if (!v || (int64_t)(read_once(v->flush_generation) - now) >= 0)
			continue;
		machine_kick_cpu(c);
		while (read_once(cpu->in_guest) && read_once(cpu->current) == v &&
		       (int64_t)(read_once(v->flush_generation) - now) < 0)
			cpu_relax();
	}
	barrier_full();
}

void p2m_dump(struct p2m *p2m)
{
	log_info("  p2m: root %#llx, %llu table pages, highest gfn %#llx, generation %llu",
	         (unsigned long long)p2m->root.v, (unsigned long long)p2m->nr_table_pages,
	         (unsigned long long)p2m->max_gfn, (unsigned long long)p2m->generation);
	for (unsigned t = 0; t < NR_P2M_TYPES; t++)
		if (p2m->nr_entries[t])
			log_info("    %s: %llu pages", type_names[t],
			         (unsigned long long)p2m->nr_entries[t]);
	if (p2m->demand.cached)
		log_info("    kept for touches: %llu pages",
		         (unsigned long long)p2m->demand.cached);
}
