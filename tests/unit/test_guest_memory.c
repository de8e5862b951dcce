/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory: page crossings, the walk cache and its references, rights, faults, ROM, instruction fetch, pins. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "errno.h"
#include "guest_fake.h"
#include "guest_memory.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

/* guest_create()'s one-to-one tables: this is the directory of 2 MiB pages. */
#define PD_GFN 3
/* A table of 4 KiB pages for the first 2 MiB, so that tests can give single pages rights. */
#define PT_GFN 20

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	uint64_t *pt, *pd;

	fake_core_init(0, 2);
	d = guest_create(1, 1, 64, false);
	v = d->vcpus[0];
	pt = guest_page(d, PT_GFN);
	pd = guest_page(d, PD_GFN);
	for (uint64_t i = 0; i < 512; i++)
		pt[i] = i << 12 | PTE_P | PTE_W;
	pd[0] = PT_GFN << 12 | PTE_P | PTE_W | PTE_U;
	for (uint64_t g = 1; g < PD_GFN; g++)
		*(uint64_t *)guest_page(d, g) |= PTE_U;
}

static void next_exit(void)
{
	guest_walk_cache_reset(&v->walk);
}

static void pte_set(uint64_t page, uint64_t pte)
{
	((uint64_t *)guest_page(d, PT_GFN))[page] = pte;
	next_exit();
}

static uint32_t refs(uint64_t g)
{
	return page_of(virt_to_mfn(guest_page(d, g)))->refs;
}

static void test_copies_cross_pages(void)
{
	static uint8_t in[3 * PAGE_SIZE], out[3 * PAGE_SIZE];

	start();
	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + 1);
	/* linear 0x21000 and the following pages lie at gfns that do not follow each other */
	pte_set(0x22, 0x30000 | PTE_P | PTE_W);
	pte_set(0x23, 0x28000 | PTE_P | PTE_W);
	CHECK_EQ(copy_to_guest(v, 0x21800, in, 2 * PAGE_SIZE + 0x700), 0);
	CHECK(!memcmp((uint8_t *)guest_page(d, 0x21) + 0x800, in, 0x800));
	CHECK(!memcmp(guest_page(d, 0x30), in + 0x800, PAGE_SIZE));
	CHECK(!memcmp(guest_page(d, 0x28), in + 0x1800, 0xf00));
	next_exit();
	CHECK_EQ(copy_from_guest(v, out, 0x21800, 2 * PAGE_SIZE + 0x700), 0);
	CHECK(!memcmp(in, out, 2 * PAGE_SIZE + 0x700));
	CHECK_EQ(clear_guest(v, 0x21ffe, 4), 0);
	CHECK_EQ(((uint8_t *)guest_page(d, 0x21))[0xffd], in[0x7fd]);
	CHECK_EQ(((uint8_t *)guest_page(d, 0x21))[0xfff], 0);
	CHECK_EQ(((uint8_t *)guest_page(d, 0x30))[1], 0);
	CHECK_EQ(((uint8_t *)guest_page(d, 0x30))[2], in[0x802]);
	CHECK_EQ(copy_from_guest(v, out, 0x99, 0), 0);
}

static void test_faults(void)
{
	uint8_t b[16] = { 0 };
	struct event e;

	start();
	pte_set(0x22, 0);
	CHECK_EQ(copy_from_guest(v, b, 0x22000, 1), -EFAULT);
	CHECK_EQ(copy_to_guest(v, 0x22000, b, 1), -EFAULT);
	CHECK_EQ(copy_from_guest(v, b, 0x21ff8, 16), -EFAULT);
	CHECK_EQ(copy_from_guest(v, b, 0x21ff8, 8), 0);
	CHECK_EQ(guest_read_linear(v, b, 0x21ff8, 16, WALK_READ, &e), -EFAULT);
	CHECK_EQ(e.vector, X86_PF);
	CHECK_EQ(e.cr2, 0x22000);
	CHECK_EQ(e.error_code, 0);
	CHECK_EQ(guest_write_linear(v, 0x22010, b, 1, &e), -EFAULT);
	CHECK_EQ(e.error_code, PFEC_WRITE);
	CHECK_EQ(e.cr2, 0x22010);
	pte_set(0x22, 0x22000 | PTE_P);
	CHECK_EQ(copy_from_guest(v, b, 0x22000, 1), 0);
	CHECK_EQ(copy_to_guest(v, 0x22000, b, 1), -EFAULT); /* read only, CR0.WP */
	CHECK_EQ(guest_write_linear(v, 0x22000, b, 1, &e), -EFAULT);
	CHECK_EQ(e.error_code, PFEC_WRITE | PFEC_PRESENT);
	/* Not canonical: #GP, never a wrapped address. */
	CHECK_EQ(copy_from_guest(v, b, 0x800000000000, 1), -EFAULT);
	CHECK_EQ(guest_read_linear(v, b, 0x800000000000, 1, WALK_READ, &e), -EFAULT);
	CHECK_EQ(e.vector, X86_GP);
	CHECK_EQ(copy_from_guest(v, b, UINT64_MAX - 3, 8), -EFAULT);
	/* Translated to nowhere: the hypercall fails, emulation goes to the bus. */
	pte_set(0x22, 0x500000 | PTE_P | PTE_W);
	CHECK_EQ(copy_from_guest(v, b, 0x22000, 1), -EFAULT);
	CHECK_EQ(guest_read_linear(v, b, 0x22000, 1, WALK_READ, &e), -ENOENT);
	CHECK_EQ(e.type, EVENT_NONE);
}

static void test_rights(void)
{
	struct script_vcpu *s;
	struct event e;
	gpa_t a;
	uint8_t b = 0;

	start();
	s = script_of(v);
	pte_set(0x22, 0x22000 | PTE_P | PTE_W | PTE_U);
	script_set_cpl(v, 3);
	next_exit();
	CHECK_EQ(guest_read_linear(v, &b, 0x22000, 1, WALK_READ, &e), 0);
	CHECK_EQ(guest_read_linear(v, &b, 0x21000, 1, WALK_READ, &e), -EFAULT);
	CHECK_EQ(e.error_code, PFEC_PRESENT | PFEC_USER);
	CHECK_EQ(guest_read_linear(v, &b, 0x21000, 1, WALK_IMPLICIT, &e), 0);
	CHECK_EQ(guest_linear_to_gpa(v, 0x22123, WALK_WRITE, &a, &e), 0);
	CHECK_EQ(a.v, 0x22123);
	/* SMAP: a supervisor's copy reaches user pages only with AC set. */
	script_set_cpl(v, 0);
	s->reg[REG_CR4] |= CR4_SMAP;
	next_exit();
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), -EFAULT);
	v->regs.rflags |= RFLAGS_AC;
	next_exit();
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
	CHECK_EQ(guest_read_linear(v, &b, 0x22000, 1, WALK_IMPLICIT, &e), -EFAULT);
}

/* A way that is known was judged for one kind of access; it may not serve a stronger one. */
static void test_known_ways_keep_rights_apart(void)
{
	uint8_t b = 0;

	start();
	pte_set(0x22, 0x22000 | PTE_P);
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
	CHECK_EQ(copy_to_guest(v, 0x22000, &b, 1), -EFAULT);
	CHECK_EQ(copy_to_guest(v, 0x23000, &b, 1), 0);
	CHECK_EQ(copy_from_guest(v, &b, 0x23fff, 1), 0);
}

/* Whatever changes on the way, the next access sees it, in the same exit or a later one: entries, CR3, rights, the p2m. */
static void test_known_ways_follow_changes(void)
{
	uint8_t b = 0;

	start();
	*(uint8_t *)guest_page(d, 0x22) = 0x22;
	*(uint8_t *)guest_page(d, 0x23) = 0x23;
	for (int round = 0; round < 3; round++) {
		pte_set(0x22, 0x22000 | PTE_P | PTE_W);
		CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
		CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
		CHECK_EQ(b, 0x22);
		pte_set(0x22, 0x23000 | PTE_P | PTE_W);
		CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
		CHECK_EQ(b, 0x23);
		pte_set(0x22, 0);
		CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), -EFAULT);
	}
	pte_set(0x22, 0x22000 | PTE_P | PTE_W);
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
	script_of(v)->reg[REG_CR4] |= CR4_SMAP;
	pte_set(0x22, 0x22000 | PTE_P | PTE_W | PTE_U);
	next_exit();
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), -EFAULT);
	v->regs.rflags |= RFLAGS_AC;
	next_exit();
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), 0);
	v->regs.rflags &= ~RFLAGS_AC;
	next_exit();
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), -EFAULT);
}

/* A page that is given away in the middle of an exit is gone at once, and nobody reads it any more. */
static void test_known_ways_hold_no_pages(void)
{
	uint64_t free;
	uint8_t b = 7;
	mfn_t m;

	start();
	CHECK_EQ(copy_to_guest(v, 0x22000, &b, 1), 0);
	CHECK_EQ(copy_to_guest(v, 0x22000, &b, 1), 0);
	CHECK_EQ(refs(0x22), 1);
	m = p2m_lookup(&d->p2m, gfn(0x22)).mfn;
	free = page_nr_free();
	CHECK_EQ(p2m_unmap(&d->p2m, gfn(0x22), 0), 0);
	CHECK_EQ(page_nr_free(), free + 1);
	CHECK_EQ(page_of(m)->refs, 0);
	CHECK_EQ(copy_from_guest(v, &b, 0x22000, 1), -EFAULT);
	CHECK_EQ(copy_to_guest(v, 0x22000, &b, 1), -EFAULT);
	CHECK(percpu()->touching == NULL);
}

/* p2m_flush() waits while another CPU is in the middle of a copy. */
static unsigned flush_waits;

static void *other_cpu_copies(void *arg)
{
	struct percpu *other = arg;

	for (int i = 0; i < 1000 && !read_once(flush_waits); i++)
		usleep(100);
	CHECK_EQ(flush_waits, 1);
	usleep(1000);
	write_once(flush_waits, 2);
	store_release(&other->touching, NULL);
	return NULL;
}

static void test_flush_waits_for_copies(void)
{
	pthread_t thread;

	start();
	flush_waits = 0;
	(void)atomic_exchange(&percpu_of(1)->touching, &d->p2m);
	CHECK_EQ(pthread_create(&thread, NULL, other_cpu_copies, percpu_of(1)), 0);
	write_once(flush_waits, 1);
	p2m_flush(&d->p2m);
	CHECK_EQ(flush_waits, 2);
	pthread_join(thread, NULL);
}

static void test_rom_and_foreign(void)
{
	uint8_t b = 0x55, r = 0;
	mfn_t m;

	start();
	*(uint8_t *)guest_page(d, 0x22) = 0x11;
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(0x22), P2M_RAM_RW, P2M_RAM_RO), 0);
	CHECK_EQ(copy_to_guest(v, 0x22000, &b, 1), 0); /* lost */
	CHECK_EQ(copy_from_guest(v, &r, 0x22000, 1), 0);
	CHECK_EQ(r, 0x11);
	CHECK_EQ(guest_write_gpa(d, gpa(0x22000), &b, 1), -EFAULT);
	m = page_alloc(NULL, 0, 0);
	CHECK_EQ(p2m_map(&d->p2m, gfn(0x23), m, 0, P2M_GRANT_RO), 0);
	next_exit();
	CHECK_EQ(copy_from_guest(v, &r, 0x23000, 1), 0);
	CHECK_EQ(copy_to_guest(v, 0x23000, &b, 1), -EFAULT);
	CHECK_EQ(p2m_map(&d->p2m, gfn(0x24), m, 0, P2M_GRANT_RW), 0);
	CHECK_EQ(copy_to_guest(v, 0x24000, &b, 1), 0);
	CHECK_EQ(*(uint8_t *)mfn_to_virt(m), 0x55);
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(0x25), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	CHECK_EQ(copy_from_guest(v, &r, 0x25000, 1), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x25)).type, P2M_RAM_LOGDIRTY);
	CHECK_EQ(copy_to_guest(v, 0x25000, &b, 1), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x25)).type, P2M_RAM_RW);
}

static void test_unpaged(void)
{
	uint8_t in[4] = { 1, 2, 3, 4 }, out[4] = { 0 };

	start();
	guest_set_compat(d);
	CHECK_EQ(copy_to_guest(v, 0x22ffe, in, 4), 0);
	CHECK_EQ(((uint8_t *)guest_page(d, 0x23))[1], 4);
	CHECK_EQ(copy_from_guest(v, out, 0x22ffe, 4), 0);
	CHECK(!memcmp(in, out, 4));
	/* 32-bit linear addresses wrap. */
	*(uint8_t *)guest_page(d, 0) = 0x99;
	CHECK_EQ(copy_from_guest(v, out, 0x100000000, 1), 0);
	CHECK_EQ(out[0], 0x99);
}

static void test_fetch(void)
{
	uint8_t bytes[15];
	struct event e;

	start();
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		((uint8_t *)guest_page(d, 0x22))[i] = (uint8_t)i;
	v->regs.rip = 0x22010;
	CHECK_EQ(guest_fetch_insn(v, bytes, &e), 15);
	CHECK_EQ(bytes[14], 0x1e);
	v->regs.rip = 0x22ffd;
	pte_set(0x23, 0);
	CHECK_EQ(guest_fetch_insn(v, bytes, &e), 3);
	CHECK_EQ(bytes[2], 0xff);
	CHECK_EQ(e.vector, X86_PF);
	CHECK_EQ(e.cr2, 0x23000);
	pte_set(0x22, 0x22000 | PTE_P | PTE_NX);
	CHECK_EQ(guest_fetch_insn(v, bytes, &e), 0);
	CHECK_EQ(e.error_code, PFEC_PRESENT | PFEC_FETCH);
	CHECK_EQ(e.cr2, 0x22ffd);
	pte_set(0x22, 0x500000 | PTE_P);
	CHECK_EQ(guest_fetch_insn(v, bytes, &e), 0);
	CHECK_EQ(e.type, EVENT_NONE);
	/* Outside 64-bit mode CS has a base. */
	guest_set_compat(d);
	script_of(v)->segment[SEG_CS].base = 0x22000;
	v->regs.rip = 0x20;
	CHECK_EQ(guest_fetch_insn(v, bytes, &e), 15);
	CHECK_EQ(bytes[0], 0x20);
}

static void test_gpa_and_pins(void)
{
	uint8_t in[6] = "hello", out[6];
	void *host;

	start();
	CHECK_EQ(guest_write_gpa(d, gpa(0x22ffd), in, 6), 0);
	CHECK_EQ(guest_read_gpa(d, out, gpa(0x22ffd), 6), 0);
	CHECK(!memcmp(in, out, 6));
	CHECK_EQ(guest_read_gpa(d, out, gpa(0x3fffd), 6), -EFAULT);
	CHECK_EQ(guest_read_gpa(d, out, gpa(UINT64_MAX), 6), -EFAULT);
	CHECK_EQ(guest_page_pin(d, gfn(0x22), &host), 0);
	CHECK(host == guest_page(d, 0x22));
	CHECK_EQ(refs(0x22), 2);
	guest_page_unpin((uint8_t *)host + 100);
	CHECK_EQ(refs(0x22), 1);
	guest_page_unpin(NULL);
	CHECK_EQ(guest_page_pin(d, gfn(0x4000), &host), -ENOENT);
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(0x22), P2M_RAM_RW, P2M_RAM_RO), 0);
	CHECK_EQ(guest_page_pin(d, gfn(0x22), &host), -EACCES);
	CHECK_EQ(p2m_map(&d->p2m, gfn(0x22), page_alloc(NULL, 0, 0), 0, P2M_SHARED), 0);
	CHECK_EQ(guest_page_pin(d, gfn(0x22), &host), -EACCES);
}

UNIT_MAIN(UNIT(test_copies_cross_pages), UNIT(test_faults), UNIT(test_rights),
          UNIT(test_known_ways_keep_rights_apart), UNIT(test_known_ways_follow_changes),
          UNIT(test_known_ways_hold_no_pages), UNIT(test_flush_waits_for_copies),
          UNIT(test_rom_and_foreign), UNIT(test_unpaged), UNIT(test_fetch), UNIT(test_gpa_and_pins))
