/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/guest_walk.c: rules one by one, then random tables against the oracle. */
#include <string.h>
#include "unit.h"
#include "walk_oracle.h"
#include "errno.h"

#define PAGES 8
static uint8_t bytes[PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static struct oracle_memory memory;

/* The rules' tests: tables in frames 1 to 4 (5), each used at index 3 (PAE and 64-bit) or 5 (32-bit). */
#define LINEAR_64 (3ull << 39 | 3ull << 30 | 3ull << 21 | 3ull << 12 | 0x123)
#define RW        (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

static uint64_t *slot(unsigned frame, unsigned index)
{
	return (uint64_t *)(bytes + frame * PAGE_SIZE) + index;
}

static const struct paging_mode long_mode = {
	.cr0 = CR0_PE | CR0_PG | CR0_WP,
	.cr3 = 0x1000,
	.cr4 = CR4_PAE,
	.efer = EFER_LMA | EFER_LME | EFER_NXE,
};

static void tables_64(void)
{
	memset(bytes, 0, sizeof(bytes));
	oracle_memory_init(&memory, bytes, PAGES, PAGES);
	*slot(1, 3) = 0x2000 | RW;
	*slot(2, 3) = 0x3000 | RW;
	*slot(3, 3) = 0x4000 | RW;
	*slot(4, 3) = 0xabcde000 | RW;
}

static int walk(const struct paging_mode *mode, uint64_t linear, unsigned access,
                struct guest_walk *out)
{
	return guest_walk(mode, &memory.memory, linear, access, 40, out);
}

static void expect_fault(const struct paging_mode *mode, uint64_t linear, unsigned access,
                         unsigned code)
{
	struct guest_walk out;

	CHECK_EQ(walk(mode, linear, access, &out), -EFAULT);
	CHECK_EQ(out.fault_code, code);
}

static void expect_page(const struct paging_mode *mode, uint64_t linear, unsigned access,
                        uint64_t address, unsigned shift)
{
	struct guest_walk out;

	CHECK_EQ(walk(mode, linear, access, &out), 0);
	CHECK_EQ(out.gpa.v, address);
	CHECK_EQ(out.page_shift, shift);
}

static void no_paging(void)
{
	struct paging_mode mode = { .cr0 = CR0_PE };

	oracle_memory_init(&memory, bytes, PAGES, PAGES);
	expect_page(&mode, 0x12345678, WALK_WRITE, 0x12345678, 12);
	expect_page(&mode, 0x100000010, WALK_READ, 0x10, 12);
}

static void four_levels(void)
{
	struct paging_mode mode = long_mode;

	tables_64();
	expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
	expect_page(&mode, LINEAR_64, WALK_WRITE | WALK_USER, 0xabcde123, 12);
	expect_fault(&mode, LINEAR_64 + 0x1000, WALK_READ, 0);
	expect_fault(&mode, LINEAR_64 + 0x1000, WALK_WRITE | WALK_USER, PFEC_WRITE | PFEC_USER);
	expect_fault(&mode, LINEAR_64 + 0x1000, WALK_FETCH, PFEC_FETCH);
	expect_fault(&mode, 0x800000000000, WALK_READ, 0);
	/* a table outside memory */
	*slot(3, 3) = 0x80000000 | RW;
	expect_fault(&mode, LINEAR_64, WALK_READ, 0);
	/* bits 11:0 of CR3 are not part of the address */
	tables_64();
	mode.cr3 |= 0x18 | 5;
	expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
}

static void large_pages(void)
{
	tables_64();
	*slot(3, 3) = 0x40000000 | RW | PTE_PS;
	expect_page(&long_mode, LINEAR_64, WALK_READ, 0x40003123, 21);
	*slot(3, 3) = 0x40000000 | RW | PTE_PS | BIT(12); /* PAT */
	expect_page(&long_mode, LINEAR_64, WALK_WRITE, 0x40003123, 21);
	*slot(3, 3) = 0x40002000 | RW | PTE_PS;
	expect_fault(&long_mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
	*slot(2, 3) = 0x40000000 | RW | PTE_PS;
	expect_page(&long_mode, LINEAR_64, WALK_READ, 0x40603123, 30);
	*slot(2, 3) = 0x40200000 | RW | PTE_PS;
	expect_fault(&long_mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
	*slot(1, 3) |= PTE_PS;
	expect_fault(&long_mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
}

static void reserved_bits(void)
{
	struct paging_mode mode = long_mode;

	for (unsigned frame = 1; frame <= 4; frame++) {
		tables_64();
		*slot(frame, 3) |= BIT(40);
		expect_fault(&mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
		*slot(frame, 3) ^= BIT(40) | BIT(52) | BIT(62);
		expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
		*slot(frame, 3) |= PTE_NX;
		expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
		expect_fault(&mode, LINEAR_64, WALK_FETCH, PFEC_PRESENT | PFEC_FETCH);
		mode.efer &= ~EFER_NXE;
		expect_fault(&mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
		mode.efer |= EFER_NXE;
	}
}

static void write_and_user(void)
{
	struct paging_mode no_wp = long_mode;
	struct guest_walk out;

	no_wp.cr0 &= ~CR0_WP;
	for (unsigned frame = 1; frame <= 4; frame++) {
		tables_64();
		*slot(frame, 3) &= ~PTE_W;
		expect_fault(&long_mode, LINEAR_64, WALK_WRITE, PFEC_PRESENT | PFEC_WRITE);
		expect_page(&no_wp, LINEAR_64, WALK_WRITE, 0xabcde123, 12);
		expect_fault(&no_wp, LINEAR_64, WALK_WRITE | WALK_USER,
		             PFEC_PRESENT | PFEC_WRITE | PFEC_USER);
		CHECK_EQ(walk(&long_mode, LINEAR_64, WALK_READ, &out), 0);
		CHECK(!out.writable && out.user);
		tables_64();
		*slot(frame, 3) &= ~PTE_U;
		expect_fault(&long_mode, LINEAR_64, WALK_USER, PFEC_PRESENT | PFEC_USER);
		CHECK_EQ(walk(&long_mode, LINEAR_64, WALK_READ, &out), 0);
		CHECK(out.writable && !out.user);
	}
}

static void smep_and_smap(void)
{
	struct paging_mode mode = long_mode;

	tables_64();
	mode.cr4 |= CR4_SMEP;
	expect_fault(&mode, LINEAR_64, WALK_FETCH, PFEC_PRESENT | PFEC_FETCH);
	expect_page(&mode, LINEAR_64, WALK_FETCH | WALK_USER, 0xabcde123, 12);
	expect_page(&mode, LINEAR_64, WALK_WRITE, 0xabcde123, 12);
	mode.cr4 ^= CR4_SMEP | CR4_SMAP;
	expect_fault(&mode, LINEAR_64, WALK_READ, PFEC_PRESENT);
	expect_fault(&mode, LINEAR_64, WALK_WRITE, PFEC_PRESENT | PFEC_WRITE);
	expect_page(&mode, LINEAR_64, WALK_FETCH, 0xabcde123, 12);
	expect_page(&mode, LINEAR_64, WALK_READ | WALK_USER, 0xabcde123, 12);
	mode.rflags = RFLAGS_AC;
	expect_page(&mode, LINEAR_64, WALK_WRITE, 0xabcde123, 12);
	expect_fault(&mode, LINEAR_64, WALK_WRITE | WALK_IMPLICIT, PFEC_PRESENT | PFEC_WRITE);
	*slot(4, 3) &= ~PTE_U;
	expect_page(&mode, LINEAR_64, WALK_WRITE | WALK_IMPLICIT, 0xabcde123, 12);
}

static void protection_keys(void)
{
	struct paging_mode mode = long_mode;

	tables_64();
	mode.cr4 |= CR4_PKE;
	*slot(4, 3) |= 5ull << 59;
	expect_page(&mode, LINEAR_64, WALK_WRITE, 0xabcde123, 12);
	mode.pkru = 2u << 10; /* key 5: no writes */
	expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
	expect_fault(&mode, LINEAR_64, WALK_WRITE, PFEC_PRESENT | PFEC_WRITE | PFEC_PKEY);
	mode.cr0 &= ~CR0_WP;
	expect_page(&mode, LINEAR_64, WALK_WRITE, 0xabcde123, 12);
	expect_fault(&mode, LINEAR_64, WALK_WRITE | WALK_USER,
	             PFEC_PRESENT | PFEC_WRITE | PFEC_USER | PFEC_PKEY);
	mode.pkru = 1u << 10; /* no access */
	expect_fault(&mode, LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_PKEY);
	expect_page(&mode, LINEAR_64, WALK_FETCH, 0xabcde123, 12);
	*slot(4, 3) &= ~PTE_U;
	expect_page(&mode, LINEAR_64, WALK_READ, 0xabcde123, 12);
}

static void five_levels(void)
{
	struct paging_mode mode = long_mode;

	tables_64();
	mode.cr4 |= CR4_LA57;
	mode.cr3 = 0x5000;
	*slot(5, 7) = 0x1000 | RW;
	expect_page(&mode, 7ull << 48 | LINEAR_64, WALK_READ, 0xabcde123, 12);
	expect_fault(&mode, LINEAR_64, WALK_READ, 0);
	expect_fault(&mode, 1ull << 57, WALK_READ, 0);
	*slot(5, 7) |= PTE_PS;
	expect_fault(&mode, 7ull << 48 | LINEAR_64, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
}

static void pae(void)
{
	struct paging_mode mode = {
		.cr0 = CR0_PE | CR0_PG | CR0_WP, .cr3 = 0x1020, .cr4 = CR4_PAE, .efer = EFER_NXE
	};
	uint64_t linear = 3ull << 30 | 3 << 21 | 3 << 12 | 0x45;

	tables_64();
	*slot(1, 4 + 3) = 0x3000 | PTE_P;
	expect_page(&mode, linear, WALK_WRITE | WALK_USER, 0xabcde045, 12);
	CHECK_EQ(*slot(1, 7), 0x3000 | PTE_P); /* no accessed bit here */
	expect_fault(&mode, linear - (1u << 30), WALK_READ, 0);
	*slot(1, 7) = 0x3000 | PTE_P | PTE_A; /* as a CPU may leave it */
	expect_page(&mode, linear, WALK_READ, 0xabcde045, 12);
	*slot(1, 7) = 0x3000 | PTE_P | PTE_W;
	expect_fault(&mode, linear, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
	*slot(1, 7) = 0x3000 | PTE_P | PTE_NX;
	expect_fault(&mode, linear, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
	*slot(1, 7) = 0x3000 | PTE_P | PTE_PWT;
	*slot(3, 3) |= BIT(52); /* ignored with 4 levels, reserved here */
	expect_fault(&mode, linear, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
	*slot(3, 3) = 0x200000 | RW | PTE_PS;
	expect_page(&mode, linear, WALK_READ, 0x203045, 21);
}

static void two_levels(void)
{
	struct paging_mode mode = { .cr0 = CR0_PE | CR0_PG, .cr3 = 0x1000, .efer = EFER_NXE };
	uint32_t *directory = (uint32_t *)slot(1, 0), *table = (uint32_t *)slot(2, 0);
	uint64_t linear = 5ull << 22 | 5 << 12 | 0x77;

	memset(bytes, 0, sizeof(bytes));
	directory[5] = 0x2000 | RW;
	table[5] = 0x9abcd000 | RW;
	expect_page(&mode, linear, WALK_READ, 0x9abcd077, 12);
	expect_page(&mode, linear | 1ull << 32, WALK_READ, 0x9abcd077, 12);
	expect_fault(&mode, linear + 0x1000, WALK_FETCH, 0); /* without PAE no fetch bit */
	directory[5] |= PTE_PS;                              /* without CR4.PSE of no account */
	expect_page(&mode, linear, WALK_READ, 0x9abcd077, 12);
	mode.cr4 = CR4_PSE;
	directory[5] = 0x9ac00000 | 0x7fu << 13 | RW | PTE_PS;
	expect_page(&mode, linear, WALK_READ, 0x7f9ac05077, 22);
	directory[5] |= BIT(21);
	expect_fault(&mode, linear, WALK_READ, PFEC_PRESENT | PFEC_RSVD);
}

static void marks(void)
{
	struct guest_walk out;

	tables_64();
	for (unsigned frame = 1; frame <= 4; frame++)
		*slot(frame, 3) &= ~(PTE_A | PTE_D);
	expect_fault(&long_mode, LINEAR_64 + 0x1000, WALK_READ, 0);
	CHECK_EQ(walk(&long_mode, LINEAR_64, WALK_READ, &out), 0);
	for (unsigned frame = 1; frame <= 4; frame++)
		CHECK_EQ(*slot(frame, 3) & (PTE_A | PTE_D), PTE_A);
	CHECK_EQ(walk(&long_mode, LINEAR_64, WALK_WRITE, &out), 0);
	for (unsigned frame = 1; frame <= 4; frame++)
		CHECK_EQ(*slot(frame, 3) & (PTE_A | PTE_D), frame == 4 ? PTE_A | PTE_D : PTE_A);
	/* tables that cannot be written */
	tables_64();
	memory.writable = 3;
	*slot(4, 3) &= ~PTE_D;
	CHECK_EQ(walk(&long_mode, LINEAR_64, WALK_WRITE, &out), 0);
	CHECK(!(*slot(4, 3) & PTE_D));
}

/* Another CPU takes the entry away between reading and marking. */
static unsigned thefts;
static void *stealing_page(struct walk_memory *m, gfn_t frame, bool write)
{
	if (write && frame.v == 4 && thefts) {
		thefts--;
		*slot(4, 3) ^= 0x1000;
	}
	return bytes + frame.v * PAGE_SIZE;
}

static void races(void)
{
	struct walk_memory stealing = { stealing_page };
	struct guest_walk out;

	tables_64();
	*slot(4, 3) &= ~PTE_D;
	thefts = 3;
	CHECK_EQ(guest_walk(&long_mode, &stealing, LINEAR_64, WALK_WRITE, 40, &out), 0);
	CHECK_EQ(thefts, 0);
	CHECK_EQ(out.gpa.v, 0xabcdf123);
	CHECK_EQ(*slot(4, 3), 0xabcdf000 | RW);
	tables_64();
	*slot(4, 3) &= ~PTE_D;
	thefts = 1000;
	CHECK_EQ(guest_walk(&long_mode, &stealing, LINEAR_64, WALK_WRITE, 40, &out), 0);
	CHECK(thefts > 900);
}

static uint64_t random64(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

/* Entries that mostly lead on, with now and then a bit wrong. */
static uint64_t random_entry(void)
{
	uint64_t e = (uint64_t)(rand() % (PAGES + 1)) << 12 | RW;

	if (rand() % 4 == 0)
		e &= ~(1ull << rand() % 8);
	if (rand() % 8 == 0)
		e |= 1ull << rand() % 64;
	if (rand() % 6 == 0)
		e |= PTE_PS;
	if (rand() % 12 == 0)
		e = (e & ~PTE_ADDR) | (random64() & 0xffffc0000000) | PTE_PS;
	return e;
}

static void random_mode(struct paging_mode *mode)
{
	static const uint64_t cr4_bits[] = {
		CR4_PSE, CR4_PAE, CR4_SMEP, CR4_SMAP, CR4_PKE, CR4_LA57
	};

	memset(mode, 0, sizeof(*mode));
	mode->cr0 = CR0_PE | CR0_PG | (rand() & 1 ? CR0_WP : 0);
	mode->cr3 = (uint64_t)(rand() % PAGES) << 12 | (rand() & 0xfe0);
	for (size_t i = 0; i < ARRAY_LEN(cr4_bits); i++)
		mode->cr4 |= rand() & 1 ? cr4_bits[i] : 0;
	if (rand() % 4) {
		mode->efer = EFER_LMA | EFER_LME;
		mode->cr4 |= CR4_PAE;
	}
	mode->efer |= rand() % 4 ? EFER_NXE : 0;
	mode->rflags = rand() & 1 ? RFLAGS_AC : 0;
	mode->pkru = (uint32_t)(random64() & random64());
	if (!(mode->efer & EFER_LMA))
		mode->cr3 &= 0xffffffff;
}

static void random_tables(void)
{
	srand(3);
	oracle_memory_init(&memory, bytes, PAGES, PAGES - 1);
	for (int round = 0; round < 400; round++) {
		for (unsigned i = 0; i < PAGES * 512; i++)
			*slot(0, i) = random_entry();
		for (int n = 0; n < 60; n++) {
			struct paging_mode mode;
			uint64_t linear = random64() & 0x7fffffffffff;
			unsigned access = rand() & 15;

			if (rand() & 1)
				linear |= 0xffff800000000000;
			random_mode(&mode);
			CHECK(oracle_agrees(&mode, &memory, linear, access, 32 + rand() % 21));
		}
	}
}

UNIT_MAIN(UNIT(no_paging), UNIT(four_levels), UNIT(large_pages), UNIT(reserved_bits),
          UNIT(write_and_user), UNIT(smep_and_smap), UNIT(protection_keys), UNIT(five_levels),
          UNIT(pae), UNIT(two_levels), UNIT(marks), UNIT(races), UNIT(random_tables))
