/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second page walker. Each format is a list of levels; each entry is judged bit by bit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "walk_oracle.h"

struct level {
	unsigned low, high; /* bits of the linear address that index it */
	unsigned entry_size;
	bool large_allowed, has_rights;
	uint64_t reserved_always;
};

struct path {
	struct level levels[5];
	unsigned nr;
	uint64_t root;
};

struct rights {
	bool write, user, execute;
};

static void *oracle_page(struct walk_memory *m, gfn_t frame, bool write)
{
	struct oracle_memory *o = container_of(m, struct oracle_memory, memory);

	if (frame.v >= o->pages || (write && frame.v >= o->writable))
		return NULL;
	return o->bytes + frame.v * PAGE_SIZE;
}

void oracle_memory_init(struct oracle_memory *m, uint8_t *bytes, unsigned pages, unsigned writable)
{
	*m = (struct oracle_memory){ { oracle_page }, bytes, pages, writable };
}

static bool bit(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

static uint64_t bits(uint64_t v, unsigned low, unsigned high)
{
	uint64_t out = 0;

	for (unsigned n = low; n <= high; n++)
		out |= (uint64_t)bit(v, n) << (n - low);
	return out;
}

static bool any_bit(uint64_t v, unsigned low, unsigned high)
{
	return low <= high && bits(v, low, high) != 0;
}

static struct path make_path(const struct paging_mode *mode)
{
	struct path p = { .nr = 0 };

	if (!(mode->cr4 & CR4_PAE)) {
		p.levels[p.nr++] = (struct level){ 22, 31, 4, mode->cr4 & CR4_PSE, true, 0 };
		p.levels[p.nr++] = (struct level){ 12, 21, 4, false, true, 0 };
		p.root = mode->cr3 & 0xfffff000;
		return p;
	}
	if (!(mode->efer & EFER_LMA)) {
		p.levels[p.nr++] = (struct level){ 30, 31, 8, false, false, 0xfff00000000001c6 };
		p.levels[p.nr++] = (struct level){ 21, 29, 8, true, true, 0x7ff0000000000000 };
		p.levels[p.nr++] = (struct level){ 12, 20, 8, false, true, 0x7ff0000000000000 };
		p.root = mode->cr3 & 0xffffffe0;
		return p;
	}
	if (mode->cr4 & CR4_LA57)
		p.levels[p.nr++] = (struct level){ 48, 56, 8, false, true, 0x80 };
	p.levels[p.nr++] = (struct level){ 39, 47, 8, false, true, 0x80 };
	p.levels[p.nr++] = (struct level){ 30, 38, 8, true, true, 0 };
	p.levels[p.nr++] = (struct level){ 21, 29, 8, true, true, 0 };
	p.levels[p.nr++] = (struct level){ 12, 20, 8, false, true, 0 };
	p.root = mode->cr3 & 0x000ffffffffff000;
	return p;
}

static bool read_entry(const struct oracle_memory *m, uint64_t address, unsigned size,
                       uint64_t *entry)
{
	*entry = 0;
	if (address / PAGE_SIZE >= m->pages)
		return false;
	memcpy(entry, m->bytes + address, size);
	return true;
}

static bool entry_reserved(const struct paging_mode *mode, const struct level *l, uint64_t e,
                           bool large, unsigned maxphyaddr)
{
	if (l->entry_size == 4) {
		if (!large)
			return false;
		if (maxphyaddr >= 40)
			return bit(e, 21);
		return any_bit(e, 13 + (maxphyaddr > 32 ? maxphyaddr - 32 : 0), 21);
	}
	if ((e & l->reserved_always) || any_bit(e, maxphyaddr, 51))
		return true;
	if (bit(e, 63) && !(mode->efer & EFER_NXE))
		return true;
	return large && any_bit(e, 13, l->low - 1);
}

static bool allowed(const struct paging_mode *mode, unsigned access, struct rights r)
{
	bool user_access = access & WALK_USER, wp = mode->cr0 & CR0_WP;

	if (user_access) {
		if (!r.user)
			return false;
		if ((access & WALK_WRITE) && !r.write)
			return false;
		return !(access & WALK_FETCH) || r.execute;
	}
	if ((access & WALK_FETCH) && (!r.execute || (r.user && (mode->cr4 & CR4_SMEP))))
		return false;
	if ((access & WALK_WRITE) && !r.write && wp)
		return false;
	if (!(access & WALK_FETCH) && r.user && (mode->cr4 & CR4_SMAP))
		return (mode->rflags & RFLAGS_AC) && !(access & WALK_IMPLICIT);
	return true;
}

static bool key_allowed(const struct paging_mode *mode, unsigned access, struct rights r,
                        uint64_t leaf)
{
	unsigned key = (unsigned)bits(leaf, 59, 62);

	if (!(mode->cr4 & CR4_PKE) || !(mode->efer & EFER_LMA) || !r.user || (access & WALK_FETCH))
		return true;
	if (bit(mode->pkru, 2 * key))
		return false;
	if (!bit(mode->pkru, 2 * key + 1) || !(access & WALK_WRITE))
		return true;
	return !(access & WALK_USER) && !(mode->cr0 & CR0_WP);
}

static void fail(const struct paging_mode *mode, unsigned access, unsigned found,
                 struct oracle_answer *out)
{
	bool fetches_told =
		(mode->cr4 & CR4_SMEP) || ((mode->efer & EFER_NXE) && (mode->cr4 & CR4_PAE));

	out->ok = false;
	out->nr_marks = 0;
	out->fault_code = found;
	if (access & WALK_WRITE)
		out->fault_code += 2;
	if (access & WALK_USER)
		out->fault_code += 4;
	if ((access & WALK_FETCH) && fetches_told)
		out->fault_code += 16;
}

static void add_mark(struct oracle_answer *out, uint64_t address, uint64_t value, unsigned size)
{
	out->marks[out->nr_marks].address = address;
	out->marks[out->nr_marks].value = value;
	out->marks[out->nr_marks++].size = size;
}

static void finish(const struct level *l, uint64_t e, uint64_t linear, struct rights r,
                   struct oracle_answer *out)
{
	uint64_t frame = e & 0x000ffffffffff000;

	out->ok = true;
	out->page_shift = l->low;
	out->writable = r.write;
	out->user = r.user;
	if (l->entry_size == 4 && l->low == 22)
		frame = bits(e, 22, 31) << 22 | bits(e, 13, 20) << 32;
	out->gpa = (frame >> l->low << l->low) + bits(linear, 0, l->low - 1);
}

static void walk_path(const struct paging_mode *mode, const struct oracle_memory *m,
                      uint64_t linear, unsigned access, unsigned maxphyaddr,
                      struct oracle_answer *out)
{
	struct path p = make_path(mode);
	struct rights r = { true, true, true };
	uint64_t table = p.root, e;

	for (unsigned n = 0; n < p.nr; n++) {
		const struct level *l = &p.levels[n];
		uint64_t address = table + bits(linear, l->low, l->high) * l->entry_size;
		bool large, last;

		if (!read_entry(m, address, l->entry_size, &e) || !bit(e, 0)) {
			fail(mode, access, 0, out);
			return;
		}
		large = l->large_allowed && bit(e, 7);
		last = large || n == p.nr - 1;
		if (entry_reserved(mode, l, e, large, maxphyaddr)) {
			fail(mode, access, 9, out);
			return;
		}
		if (l->has_rights) {
			uint64_t marked = e | 0x20 | (last && (access & WALK_WRITE) ? 0x40 : 0);

			r.write = r.write && bit(e, 1);
			r.user = r.user && bit(e, 2);
			r.execute = r.execute && !bit(e, 63);
			if (marked != e)
				add_mark(out, address, marked, l->entry_size);
		}
		if (last) {
			if (!allowed(mode, access, r))
				fail(mode, access, 1, out);
			else if (!key_allowed(mode, access, r, e))
				fail(mode, access, 33, out);
			else
				finish(l, e, linear, r, out);
			return;
		}
		table = e & 0x000ffffffffff000;
	}
}

void oracle_walk(const struct paging_mode *mode, const struct oracle_memory *m, uint64_t linear,
                 unsigned access, unsigned maxphyaddr, struct oracle_answer *out)
{
	memset(out, 0, sizeof(*out));
	if (!(mode->cr0 & CR0_PG)) {
		out->ok = out->writable = out->user = true;
		out->gpa = linear & 0xffffffff;
		out->page_shift = 12;
		return;
	}
	if (mode->efer & EFER_LMA) {
		unsigned top = mode->cr4 & CR4_LA57 ? 56 : 47;
		uint64_t upper = linear >> top;

		if (upper != 0 && upper != ~0ull >> top)
			return; /* refused, with code 0 */
	} else {
		linear &= 0xffffffff;
	}
	walk_path(mode, m, linear, access, maxphyaddr, out);
}

/* True when memory is what it was with the marks put in. */
static bool memory_agrees(const struct oracle_memory *m, uint8_t *before,
                          const struct oracle_answer *a)
{
	/* Marking walks down from the top and ends where it cannot write. */
	for (unsigned n = 0; n < a->nr_marks; n++) {
		uint8_t value[8], *p = before + a->marks[n].address;

		memcpy(value, &a->marks[n].value, 8);
		if (a->marks[n].address / PAGE_SIZE >= m->writable)
			break;
		for (unsigned i = 0; i < a->marks[n].size; i++)
			p[i] |= value[i]; /* an entry met twice gathers both */
	}
	return !memcmp(before, m->bytes, (size_t)m->pages * PAGE_SIZE);
}

bool oracle_agrees(const struct paging_mode *mode, struct oracle_memory *m, uint64_t linear,
                   unsigned access, unsigned maxphyaddr)
{
	size_t size = (size_t)m->pages * PAGE_SIZE;
	uint8_t *before = malloc(size);
	struct oracle_answer want;
	struct guest_walk got = { .page_shift = 99 };
	bool same;
	int rc;

	memcpy(before, m->bytes, size);
	oracle_walk(mode, m, linear, access, maxphyaddr, &want);
	rc = guest_walk(mode, &m->memory, linear, access, maxphyaddr, &got);
	if (want.ok)
		same = rc == 0 && got.gpa.v == want.gpa && got.page_shift == want.page_shift &&
		       got.writable == want.writable && got.user == want.user;
	else
		same = rc < 0 && got.fault_code == want.fault_code;
	if (!same)
		printf("linear %#llx access %u: walked %d gpa %#llx shift %u w%d u%d code %#x, expected %d gpa %#llx shift %u "
		       "w%d u%d code %#x\n",
		       (unsigned long long)linear, access, rc, (unsigned long long)got.gpa.v,
		       got.page_shift, got.writable, got.user, got.fault_code, want.ok,
		       (unsigned long long)want.gpa, want.page_shift, want.writable, want.user,
		       want.fault_code);
	else if (!memory_agrees(m, before, &want)) {
		printf("linear %#llx access %u: accessed and dirty bits differ\n",
		       (unsigned long long)linear, access);
		same = false;
	}
	free(before);
	return same;
}
