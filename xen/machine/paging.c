/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's own page tables. */
#include "paging.h"

#include "cpu.h"
#include "cpu_insn.h"
#include "image.h"
#include "layout.h"
#include "log.h"
#include "page_alloc.h"
#include "spinlock.h"
#include "string.h"

/* Levels count the page sizes: 0: 4 KiB, 1: 2 MiB, 2: 1 GiB; 3 is the root's. */
#define LEVEL_SHIFT(level) (PAGE_SHIFT + 9 * (level))
#define LEVEL_SIZE(level)  (1ull << LEVEL_SHIFT(level))

/* A software bit of entries that are not present: here is a guard page. */
#define ENTRY_GUARD BIT(9)

#define DIRECT_MAP_END (IO_MAP_BASE - DIRECT_MAP_BASE)
#define IO_MAP_END     (XEN_VIRT_BASE - IO_MAP_BASE)

#define FLAGS_DATA     (PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | PTE_NX)
#define FLAGS_CONST    (PTE_P | PTE_A | PTE_D | PTE_G | PTE_NX)
#define FLAGS_CODE     (PTE_P | PTE_A | PTE_D | PTE_G)
#define FLAGS_UNCACHED (FLAGS_DATA | PTE_PCD | PTE_PWT)

/* PAT as at power-on: entry 3 (PCD and PWT) is uncached. SDM 11.12.4 */
#define PAT_POWER_ON 0x0007040600070406ull

uint8_t *direct_map = (uint8_t *)DIRECT_MAP_BASE;
uint64_t paging_root;
uint64_t paging_root_version = 1;
uint64_t image_moved_by;

static uint64_t *root;
static paging_allocator allocate;
static uint64_t usable = ~PTE_NX; /* what this machine's entries may have */
static struct spinlock lock = SPINLOCK_INIT;

static uint64_t *new_table(void)
{
	hpa_t at = allocate();
	uint64_t *table = hpa_to_virt(at);

	memset(table, 0, PAGE_SIZE);
	return table;
}

static inline unsigned index_of(uint64_t linear, unsigned level)
{
	return linear >> LEVEL_SHIFT(level) & 511;
}

static inline uint64_t *table_of(uint64_t entry)
{
	return hpa_to_virt(hpa(entry & PTE_ADDR));
}

/* A large page becomes a table of the next smaller ones. */
static void split(uint64_t *entry, unsigned level)
{
	uint64_t *table = new_table();
	uint64_t flags = *entry & ~PTE_ADDR, base = *entry & PTE_ADDR;

	if (level == 1)
		flags &= ~PTE_PS;
	for (unsigned i = 0; i < 512; i++)
		table[i] = (base + i * LEVEL_SIZE(level - 1)) | flags;
	store_release(entry, virt_to_hpa(table).v | PTE_P | PTE_W | PTE_A);
}

/* The entry that maps linear at that level; tables on the way are made, large pages split. */
static uint64_t *entry_at(uint64_t linear, unsigned level)
{
	uint64_t *table = root;

	for (unsigned l = 3; l > level; l--) {
		uint64_t *e = &table[index_of(linear, l)];

		if (!(*e & PTE_P)) {
			store_release(e, virt_to_hpa(new_table()).v | PTE_P | PTE_W | PTE_A);
			if (l == 3)
				store_release(&paging_root_version, paging_root_version + 1);
		} else if (*e & PTE_PS) {
			split(e, l);
		}
		table = table_of(*e);
	}
	return &table[index_of(linear, level)];
}

/* The entry that decides about linear, without changing anything; NULL: a table is missing. */
static uint64_t *entry_find(uint64_t linear)
{
	uint64_t *table = root;

	for (unsigned l = 3;; l--) {
		uint64_t *e = &table[index_of(linear, l)];

		if (l == 0 || (*e & (PTE_P | PTE_PS)) == (PTE_P | PTE_PS))
			return e;
		if (!(*e & PTE_P))
			return NULL;
		table = table_of(*e);
	}
}

/* Maps [at, at + size), page aligned, with the largest pages that fit and max_level allows. */
static void map(uint64_t linear, uint64_t at, uint64_t size, uint64_t flags, unsigned max_level)
{
	while (size) {
		unsigned l = max_level;

		while (l && (((linear | at) & (LEVEL_SIZE(l) - 1)) || size < LEVEL_SIZE(l)))
			l--;
		*entry_at(linear, l) = at | (flags & usable) | (l ? PTE_PS : 0);
		linear += LEVEL_SIZE(l);
		at += LEVEL_SIZE(l);
		size -= LEVEL_SIZE(l);
	}
}

/* ---- this CPU ---- */

void paging_cpu_init(void)
{
	const struct cpu_features *f = &cpu_features;
	/* PSE does nothing in this mode; guests have it, and an emulator flushes what it knows of pages, once more each way, where the two differ. */
	uint64_t cr4 = CR4_PAE | CR4_PSE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE | CR4_MCE;

	msr_write(MSR_EFER, msr_read(MSR_EFER) | (f->nx ? EFER_NXE : 0));
	msr_write(MSR_PAT, PAT_POWER_ON);
	cr0_write(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
	cr4 |= f->pge ? CR4_PGE : 0;
	cr4 |= f->smep ? CR4_SMEP : 0;
	cr4 |= f->smap ? CR4_SMAP : 0;
	cr4 |= f->umip ? CR4_UMIP : 0;
	cr4 |= f->fsgsbase ? CR4_FSGSBASE : 0;
	cr4 |= f->xsave ? CR4_OSXSAVE : 0;
	cr4_write(cr4);
}

/* With the global ones. */
static void flush_all(void)
{
	uint64_t cr4 = cr4_read();

	cr4_write(cr4 & ~CR4_PGE);
	cr3_write(paging_root);
	cr4_write(cr4);
}

/* ---- start-up ---- */

uint64_t image_phys(const void *p)
{
	return (uint64_t)p - XEN_VIRT_BASE + image_moved_by;
}

static void map_section(uint8_t *start, uint8_t *end, uint64_t flags)
{
	uint64_t at = image_phys(start);

	map((uint64_t)start, at, (uint64_t)(end - start), flags, 0);
	/* the same memory by its other name: never writable where it is not here, never executable */
	map(DIRECT_MAP_BASE + at, at, (uint64_t)(end - start), flags | PTE_NX, 1);
}

/*
 * Copies the image to its new place and runs there: the final tables map the copy. The stack is in the image too, so nothing may be written between the
 * copy and the new CR3; the boot tables, with which the copy is made, have no global entries.
 */
static void image_move(void)
{
	void *to = (void *)(DIRECT_MAP_BASE + image_phys(image_start)), *from = image_start;
	uint64_t n = (uint64_t)(image_end - image_start);

	__asm__ volatile("cld; rep movsb; movq %3, %%cr3"
	                 : "+D"(to), "+S"(from), "+c"(n)
	                 : "r"(paging_root)
	                 : "memory");
}

void paging_init(const struct paging_range *ram, unsigned nr, paging_allocator alloc,
                 uint64_t image_at)
{
	unsigned largest = cpu_features.gib_pages ? 2 : 1;

	paging_cpu_init();
	if (cpu_features.nx)
		usable |= PTE_NX;
	if (!cpu_features.pge)
		usable &= ~PTE_G;
	allocate = alloc;
	image_moved_by = image_at - XEN_LOAD_ADDRESS;
	root = new_table();
	paging_root = virt_to_hpa(root).v;
	if (paging_root >= GIB(4))
		bug("the page tables' root is above 4 GiB");
	for (unsigned i = 0; i < nr; i++) {
		uint64_t base = align_down(ram[i].base, PAGE_SIZE),
			 end = align_up(ram[i].end, PAGE_SIZE);

		if (base >= end || end > DIRECT_MAP_END)
			continue;
		map(DIRECT_MAP_BASE + base, base, end - base, FLAGS_DATA, largest);
	}
	/* what a PC has below 1 MiB: the VGA's window, then ROMs, where the RSDP may be */
	map(DIRECT_MAP_BASE + 0xa0000, 0xa0000, 0x20000, FLAGS_UNCACHED, 0);
	map(DIRECT_MAP_BASE + 0xc0000, 0xc0000, 0x40000, FLAGS_CONST, 0);
	map_section(image_start, text_start, FLAGS_CONST);
	map_section(text_start, text_end, FLAGS_CODE);
	map_section(rodata_start, rodata_end, FLAGS_CONST);
	map_section(data_start, data_end, FLAGS_DATA);
	image_move();
	flush_all();
	cpu_guard_first();
}

static hpa_t allocate_page(void)
{
	void *p = page_alloc_virt(0);

	if (!p)
		bug("no memory for the hypervisor's page tables");
	return virt_to_hpa(p);
}

void paging_use_page_alloc(void)
{
	allocate = allocate_page;
}

/* ---- later ---- */

/* Maps what is not mapped yet in [base, base + size) with one flag set; page by page, so that overlapping requests meet. */
static void map_missing(uint64_t region, uint64_t base, uint64_t size, uint64_t flags)
{
	uint64_t end = align_up(base + size, PAGE_SIZE);

	spin_lock(&lock);
	for (uint64_t at = align_down(base, PAGE_SIZE); at < end; at += PAGE_SIZE) {
		uint64_t *e = entry_find(region + at);

		if (e && (*e & PTE_P))
			continue;
		if (is_aligned(at, LEVEL_SIZE(1)) && end - at >= LEVEL_SIZE(1) && !e) {
			map(region + at, at, LEVEL_SIZE(1), flags, 1);
			at += LEVEL_SIZE(1) - PAGE_SIZE;
			continue;
		}
		map(region + at, at, PAGE_SIZE, flags, 0);
	}
	spin_unlock(&lock);
}

void *io_map(hpa_t base, uint64_t size)
{
	if (base.v >= IO_MAP_END || size > IO_MAP_END - base.v)
		bug("device registers at %#lx are out of reach", base.v);
	map_missing(IO_MAP_BASE, base.v, size, FLAGS_UNCACHED);
	return (uint8_t *)IO_MAP_BASE + base.v;
}

const void *firmware_map(hpa_t base, uint64_t size)
{
	uint64_t limit = MIN(1ull << cpu_features.physical_bits, DIRECT_MAP_END);

	if (base.v >= limit || size > limit - base.v)
		return NULL;
	map_missing(DIRECT_MAP_BASE, base.v, size, FLAGS_CONST);
	return hpa_to_virt(base);
}

/* Both names of a page of RAM; the image's one is 0 when it is not of the image. */
static void aliases(const void *page, uint64_t alias[2])
{
	uint64_t linear = (uint64_t)page;

	alias[0] = linear;
	if (linear >= XEN_VIRT_BASE)
		alias[1] = DIRECT_MAP_BASE + image_phys(page);
	else
		alias[1] = 0;
}

void paging_guard(const void *page)
{
	uint64_t alias[2];

	aliases(page, alias);
	spin_lock(&lock);
	for (unsigned i = 0; i < 2 && alias[i]; i++) {
		*entry_at(alias[i], 0) = ENTRY_GUARD;
		tlb_flush_page((void *)alias[i]);
	}
	spin_unlock(&lock);
}

void paging_unguard(const void *page)
{
	uint64_t linear = (uint64_t)page;

	spin_lock(&lock);
	map(linear, linear - DIRECT_MAP_BASE, PAGE_SIZE, FLAGS_DATA, 0);
	spin_unlock(&lock);
}

bool paging_is_guard(uint64_t linear)
{
	uint64_t *e;

	if (!root || linear < DIRECT_MAP_BASE)
		return false;
	e = entry_find(linear);
	return e && !(*e & PTE_P) && (*e & ENTRY_GUARD);
}

bool paging_is_mapped(uint64_t linear)
{
	uint64_t *e;

	if (!root) /* the boot tables: the image only, to be safe */
		return linear >= (uint64_t)image_start && linear < (uint64_t)image_end;
	if (linear < DIRECT_MAP_BASE)
		return false;
	e = entry_find(linear);
	return e && (*e & PTE_P);
}

/* ---- the trampoline's tables: root, and three below it for one low page ---- */

uint64_t paging_trampoline_root(hpa_t page)
{
	mfn_t top = page_alloc(NULL, 0, PAGE_ALLOC_BELOW_4G);
	uint64_t *level[4];

	if (!mfn_valid(top))
		return 0;
	level[3] = mfn_to_virt(top);
	memcpy(level[3] + 256, root + 256, PAGE_SIZE / 2);
	for (int l = 2; l >= 0; l--) {
		level[l] = new_table();
		level[l + 1][0] = virt_to_hpa(level[l]).v | PTE_P | PTE_W;
	}
	level[0][page.v >> PAGE_SHIFT & 511] = page.v | PTE_P | PTE_W;
	return mfn_to_hpa(top).v;
}

void paging_trampoline_free(uint64_t trampoline_root)
{
	uint64_t *table = hpa_to_virt(hpa(trampoline_root));

	for (int l = 3; l >= 0; l--) {
		uint64_t next = table[0];

		page_free_virt(table, 0);
		table = table_of(next);
	}
}
