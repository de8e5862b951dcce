/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's own page tables, walked. guest_walk() tries the common case first: 64-bit mode, every accessed (and
 * dirty) bit set, nothing to object to. It runs once for each page that a hypercall touches. All else (other formats, faults,
 * marking) is for walk_any(): one loop for all formats; what differs is in a row of geometry. Reading and judging come first
 * and write nothing; only a walk that is allowed and finds an accessed or dirty bit missing goes on to set it.
 */
#include "guest_walk.h"
#include "atomic.h"
#include "errno.h"

#define MARK_ATTEMPTS 16
/* A PDPTE holds no rights. Bit 5 is let pass: under nested paging some CPUs mark these entries accessed as they walk. */
#define PDPTE_RESERVED (BIT(1) | BIT(2) | 0x1c0ull)

/* How one format cuts a linear address. */
struct walk_geometry {
	uint8_t top; /* shift of the highest level's index */
	uint8_t index_bits;
	uint8_t entry_shift;  /* log2 of an entry's size */
	uint64_t leaf_shifts; /* levels (bit n: shift n) at which PS maps a page */
	uint64_t reserved;    /* bits that no entry may have, whatever MAXPHYADDR is */
	uint64_t ps_checked;  /* PTE_PS where it is reserved at the other levels */
};

static const struct walk_geometry walk_2_levels = {
	.top = 22,
	.index_bits = 10,
	.entry_shift = 2,
};
static const struct walk_geometry walk_2_levels_pse = {
	.top = 22,
	.index_bits = 10,
	.entry_shift = 2,
	.leaf_shifts = BIT(22),
};
/* PAE, below the page-directory pointers. */
static const struct walk_geometry walk_pae = {
	.top = 21,
	.index_bits = 9,
	.entry_shift = 3,
	.leaf_shifts = BIT(21),
	.reserved = 0x7ff0000000000000ull,
	.ps_checked = PTE_PS,
};
static const struct walk_geometry walk_4_levels = {
	.top = 39,
	.index_bits = 9,
	.entry_shift = 3,
	.leaf_shifts = BIT(21) | BIT(30),
	.ps_checked = PTE_PS,
};
static const struct walk_geometry walk_5_levels = {
	.top = 48,
	.index_bits = 9,
	.entry_shift = 3,
	.leaf_shifts = BIT(21) | BIT(30),
	.ps_checked = PTE_PS,
};

/* One walk on its way. */
struct walker {
	struct walk_memory *mem;
	uint64_t linear;
	uint64_t reserved;
	uint64_t
		table; /* where the highest level lies; with PAE, the directory of this linear address */
	unsigned access;
	unsigned
		fault; /* PFEC_PRESENT and PFEC_RSVD, PFEC_PKEY as found; the rest comes with the access */
	unsigned shift; /* of the leaf */
	uint64_t all;   /* what every entry has */
	uint64_t leaf;
};

static inline uint64_t entry_read(const void *page, uint64_t index, unsigned entry_shift)
{
	return entry_shift == 3 ? read_once(((const uint64_t *)page)[index])
	                        : read_once(((const uint32_t *)page)[index]);
}

static inline uint64_t table_index(const struct walk_geometry *g, uint64_t linear, unsigned shift)
{
	return linear >> shift & ((1u << g->index_bits) - 1);
}

/* A leaf that maps a large page: its reserved bits, beyond those of all entries. */
static cold_fn uint64_t large_reserved(const struct walk_geometry *g, unsigned shift,
                                       unsigned maxphyaddr)
{
	/* PSE-36: bits 20:13 are the physical bits 39:32, of which MAXPHYADDR allows some (SDM table 4-4). */
	if (g->entry_shift == 2) {
		unsigned high = MIN(MAX(maxphyaddr, 32u), 40u) - 32;

		return (BIT(22) - 1) & ~(BIT(13 + high) - 1);
	}
	return (BIT(shift) - 1) & ~(BIT(13) - 1);
}

static bool walk_read(struct walker *w, const struct walk_geometry *g, unsigned maxphyaddr)
{
	uint64_t table = w->table, all = ~0ull, entry;
	uint64_t reserved = w->reserved;
	unsigned shift = g->top;

	for (;; shift -= g->index_bits) {
		const void *page = w->mem->page(w->mem, gfn(table >> PAGE_SHIFT), false);

		if (unlikely(!page))
			return false;
		entry = entry_read(page, table_index(g, w->linear, shift), g->entry_shift);
		if (!(entry & PTE_P))
			return false;
		all &= entry ^ PTE_NX;
		if (unlikely(entry & reserved))
			goto reserved;
		if (shift == PAGE_SHIFT)
			break;
		if (entry & PTE_PS) {
			if (g->leaf_shifts >> shift & 1) {
				if (entry & large_reserved(g, shift, maxphyaddr))
					goto reserved;
				break;
			}
			if (g->ps_checked)
				goto reserved;
		}
		table = entry & PTE_ADDR;
	}
	w->shift = shift;
	w->leaf = entry;
	w->all = all;
	return true;

reserved:
	w->fault = PFEC_PRESENT | PFEC_RSVD;
	return false;
}

/* The page-directory pointers: four entries of PAE mode, with neither rights nor accessed bits (SDM 4.4.1). */
static cold_fn bool walk_pae_start(struct walker *w, const struct paging_mode *mode)
{
	const uint8_t *page = w->mem->page(w->mem, gfn((uint32_t)mode->cr3 >> PAGE_SHIFT), false);
	uint64_t entry;

	if (!page)
		return false;
	entry = entry_read(page + (mode->cr3 & 0xfe0), w->linear >> 30, 3);
	if (!(entry & PTE_P))
		return false;
	if (entry & (w->reserved | PTE_NX | walk_pae.reserved | PDPTE_RESERVED)) {
		w->fault = PFEC_PRESENT | PFEC_RSVD;
		return false;
	}
	w->table = entry & PTE_ADDR;
	return true;
}

/* SDM 4.6.2. Only with 4 or 5 levels, for data, on pages that CPL 3 may reach. */
static cold_fn bool protection_key_allows(const struct paging_mode *mode, const struct walker *w)
{
	unsigned rights = mode->pkru >> (w->leaf >> 59 & 15) * 2;

	if (rights & 1)
		return false;
	return !(rights & 2) || !(w->access & WALK_WRITE) ||
	       (!(w->access & WALK_USER) && !(mode->cr0 & CR0_WP));
}

/* SDM 4.6.1 */
static inline bool rights_allow(const struct paging_mode *mode, const struct walker *w)
{
	unsigned access = w->access;

	if ((access & WALK_WRITE) && !(w->all & PTE_W) &&
	    ((access & WALK_USER) || (mode->cr0 & CR0_WP)))
		return false;
	/* Inverted in all. Where EFER.NXE is off it is a reserved bit, so it is clear in every entry. */
	if ((access & WALK_FETCH) && !(w->all & PTE_NX))
		return false;
	if (access & WALK_USER)
		return w->all & PTE_U;
	if (!(w->all & PTE_U))
		return true;
	if (access & WALK_FETCH)
		return !(mode->cr4 & CR4_SMEP);
	return !(mode->cr4 & CR4_SMAP) || (!(access & WALK_IMPLICIT) && (mode->rflags & RFLAGS_AC));
}

/* False: the table is in memory that cannot be written (where the CPU's write would be lost too). */
static bool entry_mark(struct walker *w, const struct walk_geometry *g, uint64_t table,
                       uint64_t index, uint64_t entry, uint64_t bits)
{
	void *page = w->mem->page(w->mem, gfn(table >> PAGE_SHIFT), true);

	if (!page)
		return false;
	/* When the entry was changed under us, the next round of walk_tables() sees what it is now. */
	if (g->entry_shift == 3) {
		(void)atomic_compare_exchange((uint64_t *)page + index, &entry, entry | bits);
	} else {
		uint32_t expected = entry;

		(void)atomic_compare_exchange((uint32_t *)page + index, &expected,
		                              expected | (uint32_t)bits);
	}
	return true;
}

/*
 * Sets the bits that are missing on the way to the leaf that was judged. The entries are read again: a present one may be
 * marked accessed at any time; the leaf is marked only when it is still the same. False: no use in looking again.
 */
static cold_fn bool walk_mark(struct walker *w, const struct walk_geometry *g)
{
	uint64_t table = w->table;

	for (unsigned shift = g->top;; shift -= g->index_bits) {
		const void *page = w->mem->page(w->mem, gfn(table >> PAGE_SHIFT), false);
		uint64_t index = table_index(g, w->linear, shift), entry, bits = PTE_A;

		if (!page)
			return true;
		entry = entry_read(page, index, g->entry_shift);
		if (!(entry & PTE_P) || (entry & w->reserved) ||
		    (shift == w->shift && entry != w->leaf))
			return true;
		if (shift == w->shift && (w->access & WALK_WRITE))
			bits |= PTE_D;
		if ((entry & bits) != bits && !entry_mark(w, g, table, index, entry, bits))
			return false;
		if (shift == w->shift)
			return true;
		table = entry & PTE_ADDR;
	}
}

static inline bool marks_missing(const struct walker *w)
{
	return !(w->all & PTE_A) || ((w->access & WALK_WRITE) && !(w->leaf & PTE_D));
}

static cold_fn int walk_fault(const struct walker *w, const struct paging_mode *mode,
                              struct guest_walk *out)
{
	unsigned code = w->fault;

	if (w->access & WALK_WRITE)
		code |= PFEC_WRITE;
	if (w->access & WALK_USER)
		code |= PFEC_USER;
	/* SDM 4.7: the bit exists only where fetches can be told apart. */
	if ((w->access & WALK_FETCH) &&
	    ((mode->cr4 & CR4_SMEP) || ((mode->cr4 & CR4_PAE) && (mode->efer & EFER_NXE))))
		code |= PFEC_FETCH;
	out->fault_code = code;
	return -EFAULT;
}

static inline uint64_t leaf_address(const struct walker *w, const struct walk_geometry *g)
{
	uint64_t offset = BIT(w->shift) - 1;
	uint64_t base = w->leaf & PTE_ADDR & ~offset;

	if (g->entry_shift == 2 && w->shift == 22)
		base |= (w->leaf >> 13 & 0xff) << 32;
	return base | (w->linear & offset);
}

static int walk_tables(struct walker *w, const struct walk_geometry *g,
                       const struct paging_mode *mode, unsigned maxphyaddr, struct guest_walk *out)
{
	for (unsigned attempt = 0;; attempt++) {
		w->fault = 0;
		if (!walk_read(w, g, maxphyaddr))
			return walk_fault(w, mode, out);
		w->fault = PFEC_PRESENT;
		if (unlikely(!rights_allow(mode, w)))
			return walk_fault(w, mode, out);
		if (unlikely(mode->cr4 & CR4_PKE) && paging_long_mode(mode) && (w->all & PTE_U) &&
		    !(w->access & WALK_FETCH) && !protection_key_allows(mode, w)) {
			w->fault |= PFEC_PKEY;
			return walk_fault(w, mode, out);
		}
		/* Entries that change as fast as we look leave us without the mark, not without an end. */
		if (!marks_missing(w) || attempt == MARK_ATTEMPTS || !walk_mark(w, g))
			break;
	}
	out->gpa = gpa(leaf_address(w, g));
	out->page_shift = w->shift;
	out->writable = w->all & PTE_W;
	out->user = w->all & PTE_U;
	return 0;
}

static cold_fn int walk_32bit(struct walker *w, const struct paging_mode *mode, unsigned maxphyaddr,
                              struct guest_walk *out)
{
	w->linear = (uint32_t)w->linear;
	if (!(mode->cr0 & CR0_PG)) {
		*out = (struct guest_walk){
			.gpa = gpa(w->linear),
			.page_shift = PAGE_SHIFT,
			.writable = true,
			.user = true,
		};
		return 0;
	}
	if (mode->cr4 & CR4_PAE) {
		if (!walk_pae_start(w, mode))
			return walk_fault(w, mode, out);
		w->reserved |= walk_pae.reserved;
		return walk_tables(w, &walk_pae, mode, maxphyaddr, out);
	}
	w->table = mode->cr3 & 0xfffff000;
	w->reserved = 0;
	return walk_tables(w, mode->cr4 & CR4_PSE ? &walk_2_levels_pse : &walk_2_levels, mode,
	                   maxphyaddr, out);
}

static __attribute__((noinline)) int walk_any(const struct paging_mode *mode,
                                              struct walk_memory *mem, uint64_t linear,
                                              unsigned access, unsigned maxphyaddr,
                                              struct guest_walk *out)
{
	struct walker w = { .mem = mem, .linear = linear, .access = access };

	w.reserved = PTE_ADDR & ~0ull << maxphyaddr;
	if (!(mode->efer & EFER_NXE))
		w.reserved |= PTE_NX;
	if (!(mode->cr0 & CR0_PG) || !paging_long_mode(mode))
		return walk_32bit(&w, mode, maxphyaddr, out);
	if (!linear_is_canonical(mode, linear)) {
		out->fault_code = 0;
		return -EFAULT;
	}
	w.table = mode->cr3 & PTE_ADDR;
	return walk_tables(&w, mode->cr4 & CR4_LA57 ? &walk_5_levels : &walk_4_levels, mode,
	                   maxphyaddr, out);
}

/*
 * The short way gathers what all entries have in one word: bits 11:0 as they are (rights, accessed), the others inverted, so that one
 * comparison tells about missing rights as well as about bits that no entry may have.
 */
#define COMMON_FLIP (~0xfffull)

/* The entry of linear in a table, or 0 when the table is not in memory. */
static inline __attribute__((always_inline)) uint64_t table_step(struct walk_memory *mem,
                                                                 uint64_t table, uint64_t linear,
                                                                 unsigned shift, uint64_t *common)
{
	const uint64_t *page = mem->page(mem, gfn((table & PTE_ADDR) >> PAGE_SHIFT), false);
	uint64_t entry;

	if (unlikely(!page))
		return 0;
	entry = read_once(page[linear >> shift & 511]);
	*common &= entry ^ COMMON_FLIP;
	return entry;
}

/* What common must have for the short way. WALK_USER is the same bit as PTE_U. */
static inline uint64_t common_wanted(const struct paging_mode *mode, unsigned access,
                                     unsigned maxphyaddr)
{
	uint64_t wanted = PTE_P | PTE_A | (access & WALK_WRITE) * PTE_W | (access & WALK_USER);

	if ((access & WALK_FETCH) || !(mode->efer & EFER_NXE))
		wanted |= PTE_NX;
	return wanted | (PTE_ADDR & ~0ull << maxphyaddr);
}

int guest_walk(const struct paging_mode *mode, struct walk_memory *mem, uint64_t linear,
               unsigned access, unsigned maxphyaddr_bits, struct guest_walk *out)
{
	uint64_t common = ~0ull, offset, entry;
	unsigned shift = 30;

	if (!paging_long_mode(mode) || (mode->cr4 & CR4_LA57) ||
	    (uint64_t)((int64_t)(linear << 16) >> 16) != linear)
		goto any;
	entry = table_step(mem, mode->cr3, linear, 39, &common);
	if ((entry & (PTE_P | PTE_PS)) != PTE_P)
		goto any;
	entry = table_step(mem, entry, linear, 30, &common);
	if ((entry & (PTE_P | PTE_PS)) != PTE_P)
		goto leaf;
	shift = 21;
	entry = table_step(mem, entry, linear, 21, &common);
	if ((entry & (PTE_P | PTE_PS)) != PTE_P)
		goto leaf;
	shift = PAGE_SHIFT;
	entry = table_step(mem, entry, linear, PAGE_SHIFT, &common);
leaf:
	/* A leaf, or not present; 0 also when there was no table, of which common knows nothing. */
	offset = BIT(shift) - 1;
	if (!(entry & PTE_P) || (~common & common_wanted(mode, access, maxphyaddr_bits)) ||
	    (entry & offset & ~(BIT(13) - 1)))
		goto any;
	/* Pages of CPL 3 are the matter of SMEP, SMAP and protection keys. */
	if (((common & PTE_U) && (mode->cr4 & (CR4_SMEP | CR4_SMAP | CR4_PKE))) ||
	    ((access & WALK_WRITE) && !(entry & PTE_D)))
		goto any;
	out->gpa = gpa((entry & PTE_ADDR & ~offset) | (linear & offset));
	out->page_shift = shift;
	out->writable = common & PTE_W;
	out->user = common & PTE_U;
	return 0;

any:
	return walk_any(mode, mem, linear, access, maxphyaddr_bits, out);
}
