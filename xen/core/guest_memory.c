/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory by linear address, by guest physical address, and pinned. */
#include "guest_memory.h"

#include "domain.h"
#include "errno.h"
#include "percpu.h"
#include "string.h"
#include "vcpu.h"
#include "virt_ops.h"

/* Table pages that one guest_walk() holds: five levels, and some to spare. */
#define WALKER_PAGES 8

struct walker {
	struct walk_memory mem;
	struct p2m *p2m;
	unsigned nr;
	struct {
		uint64_t gfn;
		bool write;
		void *host;
	} held[WALKER_PAGES];
};

void guest_walk_cache_drop(struct walk_cache *c)
{
	for (unsigned i = 0; i < c->nr; i++)
		page_put(virt_to_mfn(c->slot[i].host));
	c->nr = c->next = 0;
}

const struct paging_mode *guest_paging_mode(struct vcpu *v)
{
	if (!v->walk.mode_valid) {
		virt->get_paging(v, &v->walk.mode);
		v->walk.mode_valid = true;
	}
	return &v->walk.mode;
}

static void *walker_page(struct walk_memory *mem, gfn_t gfn, bool write)
{
	struct walker *w = container_of(mem, struct walker, mem);
	mfn_t m;

	for (unsigned i = 0; i < w->nr; i++)
		if (w->held[i].gfn == gfn.v && w->held[i].write >= write)
			return w->held[i].host;
	if (w->nr == WALKER_PAGES || p2m_get_page(w->p2m, gfn, write, &m, NULL))
		return NULL;
	w->held[w->nr].gfn = gfn.v;
	w->held[w->nr].write = write;
	w->held[w->nr].host = mfn_to_virt(m);
	return w->held[w->nr++].host;
}

/* linear to gpa by the guest's tables; -EFAULT with the event that the guest's own access would have had. */
static int linear_walk(struct vcpu *v, uint64_t linear, unsigned access, gpa_t *out,
                       struct event *fault)
{
	const struct paging_mode *mode = guest_paging_mode(v);
	struct walker w; /* held[] is filled as far as nr says */
	unsigned maxphyaddr = v->domain->cpuid.extended[8].a & 0xff;
	struct guest_walk walk;
	int rc;

	w.mem.page = walker_page;
	w.p2m = &v->domain->p2m;
	w.nr = 0;
	if (paging_long_mode(mode) && !linear_is_canonical(mode, linear)) {
		*fault = event_exception_code(X86_GP, 0);
		return -EFAULT;
	}
	/* A policy without leaf 0x80000008 means 36 bits (SDM 4.1.4). */
	rc = guest_walk(mode, &w.mem, linear, access, maxphyaddr ? maxphyaddr : 36, &walk);
	while (w.nr)
		page_put(virt_to_mfn(w.held[--w.nr].host));
	if (rc) {
		*fault = event_page_fault(walk.fault_code, linear);
		return rc;
	}
	*out = walk.gpa;
	return 0;
}

/* Keeps a page with its reference for the rest of the exit; the oldest slot goes. */
static void cache_add(struct walk_cache *c, uint64_t key, uint8_t *host)
{
	unsigned i;

	if (c->nr < WALK_CACHE_SLOTS) {
		i = c->nr++;
	} else {
		i = c->next++ % WALK_CACHE_SLOTS;
		page_put(virt_to_mfn(c->slot[i].host));
	}
	c->slot[i].key = key;
	c->slot[i].host = host;
}

/* The page was not in the cache. *host NULL with 0: a write that is lost. */
static cold_fn int page_walk(struct vcpu *v, uint64_t linear, unsigned access, uint8_t **host,
                             struct event *fault)
{
	gpa_t a;
	mfn_t m;
	int rc = linear_walk(v, linear, access, &a, fault);

	if (rc)
		return rc;
	rc = p2m_get_page(&v->domain->p2m, gpa_to_gfn(a), access & WALK_WRITE, &m, NULL);
	if (rc == -EACCES && p2m_lookup(&v->domain->p2m, gpa_to_gfn(a)).type == P2M_RAM_RO) {
		*host = NULL;
		return 0;
	}
	if (rc) {
		fault->type = EVENT_NONE;
		return -ENOENT;
	}
	*host = mfn_to_virt(m);
	cache_add(&v->walk, (linear & PAGE_MASK) | access, *host);
	return 0;
}

static inline int page_find(struct vcpu *v, uint64_t linear, unsigned access, uint8_t **host,
                            struct event *fault)
{
	const struct walk_cache *c = &v->walk;
	uint64_t key = (linear & PAGE_MASK) | access;

	/* A page that may be written may be read. */
	for (unsigned i = 0; i < c->nr; i++)
		if (c->slot[i].key == key || c->slot[i].key == (key | WALK_WRITE)) {
			*host = c->slot[i].host;
			return 0;
		}
	return page_walk(v, linear, access, host, fault);
}

/* One page's part of an access: host address (NULL: lost write) and length. */
static inline int chunk_find(struct vcpu *v, uint64_t *linear, size_t n, unsigned access,
                             uint8_t **host, size_t *len, struct event *fault)
{
	size_t offset = *linear & (PAGE_SIZE - 1);
	int rc;

	if (unlikely(!paging_long_mode(guest_paging_mode(v))))
		*linear = (uint32_t)*linear;
	rc = page_find(v, *linear, access, host, fault);
	if (unlikely(rc))
		return rc;
	*len = MIN(n, PAGE_SIZE - offset);
	if (*host)
		*host += offset;
	return 0;
}

static inline int linear_read(struct vcpu *v, void *to, uint64_t linear, size_t n, unsigned access,
                              struct event *fault)
{
	uint8_t *host;
	size_t len;
	int rc;

	for (uint8_t *p = to; n; p += len, linear += len, n -= len) {
		rc = chunk_find(v, &linear, n, access, &host, &len, fault);
		if (rc)
			return rc;
		memcpy(p, host, len);
	}
	return 0;
}

/* from NULL: zeroes. */
static inline int linear_write(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                               unsigned access, struct event *fault)
{
	const uint8_t *p = from;
	uint8_t *host;
	size_t len;
	int rc;

	for (; n; linear += len, n -= len) {
		rc = chunk_find(v, &linear, n, access | WALK_WRITE, &host, &len, fault);
		if (rc)
			return rc;
		if (host && p)
			memcpy(host, p, len);
		else if (host)
			memset(host, 0, len);
		if (p)
			p += len;
	}
	return 0;
}

int copy_from_guest(struct vcpu *v, void *to, uint64_t linear, size_t n)
{
	struct event fault;

	return linear_read(v, to, linear, n, WALK_READ, &fault) ? -EFAULT : 0;
}

int copy_to_guest(struct vcpu *v, uint64_t linear, const void *from, size_t n)
{
	struct event fault;

	return linear_write(v, linear, from, n, WALK_WRITE, &fault) ? -EFAULT : 0;
}

int clear_guest(struct vcpu *v, uint64_t linear, size_t n)
{
	struct event fault;

	return linear_write(v, linear, NULL, n, WALK_WRITE, &fault) ? -EFAULT : 0;
}

/* The rights of the guest's own code. Implicit accesses (descriptor tables, TSS) are the supervisor's at any CPL. */
static unsigned own_access(struct vcpu *v, unsigned access)
{
	if (access & WALK_IMPLICIT)
		return access;
	return access | (guest_paging_mode(v)->cpl == 3 ? WALK_USER : 0);
}

int guest_read_linear(struct vcpu *v, void *to, uint64_t linear, size_t n, unsigned access,
                      struct event *fault)
{
	return linear_read(v, to, linear, n, own_access(v, access & ~WALK_WRITE), fault);
}

int guest_write_linear(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                       struct event *fault)
{
	return linear_write(v, linear, from, n, own_access(v, WALK_WRITE), fault);
}

int guest_linear_to_gpa(struct vcpu *v, uint64_t linear, unsigned access, gpa_t *out,
                        struct event *fault)
{
	if (!paging_long_mode(guest_paging_mode(v)))
		linear = (uint32_t)linear;
	return linear_walk(v, linear, own_access(v, access), out, fault);
}

size_t guest_fetch_insn(struct vcpu *v, uint8_t bytes[15], struct event *fault)
{
	const struct paging_mode *mode = guest_paging_mode(v);
	uint64_t linear = v->regs.rip;
	unsigned access = own_access(v, WALK_FETCH);
	size_t done = 0, len;
	uint8_t *host;

	fault->type = EVENT_NONE;
	if (!paging_64bit_code(mode)) {
		struct segment cs;

		virt->get_segment(v, SEG_CS, &cs);
		linear = (uint32_t)(cs.base + (uint32_t)linear);
	}
	while (done < 15) {
		if (!paging_64bit_code(mode))
			linear = (uint32_t)linear;
		if (chunk_find(v, &linear, 15 - done, access, &host, &len, fault))
			break;
		memcpy(bytes + done, host, len);
		done += len;
		linear += len;
	}
	return done;
}

/* ---- by guest physical address ------------------------------------------------------------------- */

int guest_read_gpa(struct domain *d, void *to, gpa_t from, size_t n)
{
	uint8_t *p = to;

	while (n) {
		size_t offset = from.v & (PAGE_SIZE - 1), len = MIN(n, PAGE_SIZE - offset);
		mfn_t m;

		if (p2m_get_page(&d->p2m, gpa_to_gfn(from), false, &m, NULL))
			return -EFAULT;
		memcpy(p, (uint8_t *)mfn_to_virt(m) + offset, len);
		page_put(m);
		p += len;
		from.v += len;
		n -= len;
	}
	return 0;
}

int guest_write_gpa(struct domain *d, gpa_t to, const void *from, size_t n)
{
	const uint8_t *p = from;

	while (n) {
		size_t offset = to.v & (PAGE_SIZE - 1), len = MIN(n, PAGE_SIZE - offset);
		mfn_t m;

		if (p2m_get_page(&d->p2m, gpa_to_gfn(to), true, &m, NULL))
			return -EFAULT;
		memcpy((uint8_t *)mfn_to_virt(m) + offset, p, len);
		page_put(m);
		p += len;
		to.v += len;
		n -= len;
	}
	return 0;
}

int guest_page_pin(struct domain *d, gfn_t gfn, void **host)
{
	enum p2m_type type;
	mfn_t m;
	int rc = p2m_get_page(&d->p2m, gfn, true, &m, &type);

	if (rc)
		return rc;
	if (!p2m_type_is_ram(type)) {
		page_put(m);
		return -EACCES;
	}
	*host = mfn_to_virt(m);
	return 0;
}

void guest_page_unpin(void *host)
{
	if (host)
		page_put(virt_to_mfn(host));
}
