/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory by linear address, by guest physical address, and pinned. */
#include "guest_translate.h"

#include "domain.h"
#include "errno.h"
#include "string.h"
#include "vcpu.h"
#include "virt_ops.h"

/* One page's part of an access: host address (NULL: lost write) and length. Between begin and end. */
static inline int chunk_find(struct vcpu *v, uint64_t *linear, size_t n, unsigned access,
                             uint8_t **host, size_t *len, struct event *fault)
{
	size_t offset = *linear & (PAGE_SIZE - 1);
	int rc;

	if (unlikely(!paging_long_mode(guest_paging_mode(v))))
		*linear = (uint32_t)*linear;
	rc = guest_translate(v, &v->walk, &v->domain->p2m, *linear, access, host, fault);
	if (unlikely(rc))
		return rc;
	*len = MIN(n, PAGE_SIZE - offset);
	if (*host)
		*host += offset;
	return 0;
}

/* The usual case: all in one page whose way is known. NULL: do it in full. The caller ends what this began. */
static inline uint8_t *quick_host(struct vcpu *v, uint64_t linear, size_t n, unsigned access,
                                  struct percpu **pc)
{
	uint8_t *host;

	if (unlikely((linear & (PAGE_SIZE - 1)) + n > PAGE_SIZE) ||
	    !paging_long_mode(guest_paging_mode(v)))
		return NULL;
	*pc = guest_touch_begin(&v->domain->p2m);
	host = guest_translate_known(&v->walk, &v->domain->p2m, linear, access);
	if (likely(host))
		return host + (linear & (PAGE_SIZE - 1));
	guest_touch_end(*pc);
	return NULL;
}

/* A begin and end for each page: p2m_flush() on another CPU waits for one page's bytes at most. */
static int linear_read(struct vcpu *v, void *to, uint64_t linear, size_t n, unsigned access,
                       struct event *fault)
{
	struct percpu *pc;
	uint8_t *host;
	size_t len;
	int rc;

	for (uint8_t *p = to; n; p += len, linear += len, n -= len) {
		pc = guest_touch_begin(&v->domain->p2m);
		rc = chunk_find(v, &linear, n, access, &host, &len, fault);
		if (likely(!rc))
			memcpy(p, host, len);
		guest_touch_end(pc);
		if (unlikely(rc))
			return rc;
	}
	return 0;
}

/* from NULL: zeroes. */
static int linear_write(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                        unsigned access, struct event *fault)
{
	const uint8_t *p = from;
	struct percpu *pc;
	uint8_t *host;
	size_t len;
	int rc;

	for (; n; linear += len, n -= len) {
		pc = guest_touch_begin(&v->domain->p2m);
		rc = chunk_find(v, &linear, n, access | WALK_WRITE, &host, &len, fault);
		if (likely(!rc) && host && p)
			memcpy(host, p, len);
		else if (!rc && host)
			memset(host, 0, len);
		guest_touch_end(pc);
		if (unlikely(rc))
			return rc;
		if (p)
			p += len;
	}
	return 0;
}

int copy_from_guest(struct vcpu *v, void *to, uint64_t linear, size_t n)
{
	struct event fault;
	struct percpu *pc;
	const uint8_t *host = quick_host(v, linear, n, WALK_READ, &pc);

	if (likely(host)) {
		memcpy(to, host, n);
		guest_touch_end(pc);
		return 0;
	}
	return linear_read(v, to, linear, n, WALK_READ, &fault) ? -EFAULT : 0;
}

int copy_to_guest(struct vcpu *v, uint64_t linear, const void *from, size_t n)
{
	struct event fault;
	struct percpu *pc;
	uint8_t *host = quick_host(v, linear, n, WALK_WRITE, &pc);

	if (likely(host)) {
		memcpy(host, from, n);
		guest_touch_end(pc);
		return 0;
	}
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

int guest_write_implicit(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                         struct event *fault)
{
	return linear_write(v, linear, from, n, WALK_WRITE | WALK_IMPLICIT, fault);
}

/* The usual case: 64-bit code, all 15 bytes in one page whose way is known. */
static inline bool fetch_quick(struct vcpu *v, const struct paging_mode *mode, uint8_t bytes[15])
{
	uint64_t rip = v->regs.rip, half[2];
	struct p2m *p2m = &v->domain->p2m;
	const uint8_t *host;
	struct percpu *pc;

	if (!paging_64bit_code(mode) || (rip & (PAGE_SIZE - 1)) > PAGE_SIZE - 15)
		return false;
	pc = guest_touch_begin(p2m);
	host = guest_translate_known(&v->walk, p2m, rip,
	                             WALK_FETCH | (mode->cpl == 3 ? WALK_USER : 0));
	if (likely(host)) {
		host += rip & (PAGE_SIZE - 1);
		__builtin_memcpy(&half[0], host, 8);
		__builtin_memcpy(&half[1], host + 7, 8);
	}
	guest_touch_end(pc);
	__builtin_memcpy(bytes, &half[0], 8);
	__builtin_memcpy(bytes + 7, &half[1], 8);
	return host;
}

static noinline_fn size_t fetch_slow(struct vcpu *v, const struct paging_mode *mode,
                                     uint8_t bytes[15], struct event *fault)
{
	uint64_t linear = v->regs.rip;
	unsigned access = own_access(v, WALK_FETCH);
	size_t done = 0, len;
	struct percpu *pc;
	uint8_t *host;
	int rc;

	fault->type = EVENT_NONE;
	if (!paging_64bit_code(mode)) {
		struct segment cs;

		virt->get_segment(v, SEG_CS, &cs);
		linear = (uint32_t)(cs.base + (uint32_t)linear);
	}
	while (done < 15) {
		if (!paging_64bit_code(mode))
			linear = (uint32_t)linear;
		pc = guest_touch_begin(&v->domain->p2m);
		rc = chunk_find(v, &linear, 15 - done, access, &host, &len, fault);
		if (likely(!rc))
			memcpy(bytes + done, host, len);
		guest_touch_end(pc);
		if (rc)
			break;
		done += len;
		linear += len;
	}
	return done;
}

size_t guest_fetch_insn(struct vcpu *v, uint8_t bytes[15], struct event *fault)
{
	const struct paging_mode *mode = guest_paging_mode(v);

	if (likely(fetch_quick(v, mode, bytes)))
		return 15;
	return fetch_slow(v, mode, bytes, fault);
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
