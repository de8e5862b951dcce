/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's memory map, gfn to mfn: the nested page table itself, in the format that the vendor gives (virt_ops.h), with our type in its
 * software bits. 4 KiB, 2 MiB and 1 GiB entries; large ones are split when a part changes. A RAM entry owns one reference on each of its pages.
 */
#ifndef CORE_P2M_H
#define CORE_P2M_H

#include "spinlock.h"
#include "page_alloc.h"

struct domain;

enum p2m_type {
	P2M_HOLE,         /* nothing: an access is an EXIT_MMIO for the bus */
	P2M_RAM_RW,       /* own RAM */
	P2M_RAM_RO,       /* own RAM, writes are dropped (ROM) */
	P2M_RAM_LOGDIRTY, /* own RAM, clean: marked by the CPU, or write-protected until first written */
	P2M_MMIO_DIRECT, /* the machine's device memory (no page reference) */
	P2M_GRANT_RW,    /* another domain's page by grant; the grant map holds the reference */
	P2M_GRANT_RO,
	P2M_FOREIGN, /* another domain's page by privilege; this entry holds the reference */
	P2M_SHARED, /* a page of the hypervisor's given to the guest (shared_info, grant frames); entry holds the reference */
	P2M_ON_DEMAND, /* own RAM, all zero, that gets its page at the first touch: p2m_demand.c. Not present */
	NR_P2M_TYPES
};

#define P2M_READ  1u
#define P2M_WRITE 2u
#define P2M_EXEC  4u
/* Access of each type. */
extern const uint8_t p2m_access[NR_P2M_TYPES];
static inline bool p2m_type_is_ram(enum p2m_type t)
{
	return t == P2M_RAM_RW || t == P2M_RAM_RO || t == P2M_RAM_LOGDIRTY;
}
/* Backed by a page of memory that the hypervisor may touch through the direct map. */
static inline bool p2m_type_is_page(enum p2m_type t)
{
	return t != P2M_HOLE && t != P2M_MMIO_DIRECT && t != P2M_ON_DEMAND;
}

/* Pages that a domain has for the places where it has none yet. All zero; charged to the domain. p2m.lock */
struct p2m_demand {
	uint32_t single,
		large;   /* chains of 4 KiB and of 2 MiB pieces by struct page.user_tag; 0: end */
	uint64_t cached; /* pages in both */
	uint64_t sweep_gfn; /* where the search for zero pages goes on */
	uint64_t
		sweep_left; /* gfns that it has still to see since it last found one; 0: begins anew */
};

struct p2m {
	struct spinlock
		lock; /* writers. Readers walk without it: tables are freed only at domain death */
	struct domain *domain;
	mfn_t root;
	uint64_t *root_table; /* the same, in the direct map */
	uint64_t max_gfn;     /* highest gfn ever mapped */
	uint64_t
		generation; /* grows with each change that a TLB could hold; vcpus compare it before entry */
	bool is_closed; /* teardown has begun. lock */
	uint32_t
		tables; /* first of the chain of table pages by struct page.user_tag; 0: end. lock */
	uint64_t nr_table_pages;
	uint32_t
		loose; /* chain of own pages that are at no gfn (XENMEM_increase_reservation); 0: end. lock */
	struct p2m_demand demand;
	uint64_t
		*quiet; /* p2m_dirty.c: a page of bits, atomic; NULL: nobody says what is written */
	uint64_t teardown_gfn, teardown_mfn, teardown_left; /* progress of p2m_teardown() */
	uint64_t nr_entries[NR_P2M_TYPES];                  /* in 4 KiB pages; atomic */
};

struct p2m_entry {
	mfn_t mfn; /* of the very gfn asked for; INVALID_MFN for a hole */
	enum p2m_type type;
	uint8_t order;
};

/* In building, before anything else. -ENOMEM. */
int must_check p2m_init(struct p2m *p2m, struct domain *d);
/*
 * Drops what is mapped, some thousand pages a call; -EINTR: call again. From the first call on nothing can be mapped any more. No vcpu of the domain may run, but
 * others may still look things up: the tables stay until p2m_free(), which is called when the struct domain itself goes.
 */
int must_check p2m_teardown(struct p2m *p2m);
void p2m_free(struct p2m *p2m);

/* Without a lock, so it is old as soon as it returns: to touch the page, use p2m_get_page(). Never fails; beyond the guest's width there are holes. */
struct p2m_entry p2m_lookup(struct p2m *p2m, gfn_t gfn);

/*
 * Maps 2^order pages; replaced entries lose their references (RAM: the domain gives the page back). The caller passes the reference that the entry
 * will own; on an error it keeps it. order is 0, 9 or 18, gfn and mfn aligned to it. -ENOMEM: nothing changed (also when the domain has too many
 * table pages, or is being torn down); -EINVAL: beyond the guest's physical width. Other CPUs that run this domain do not use old translations
 * after the return.
 */
int must_check p2m_map(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned order, enum p2m_type type);
#define P2M_MASK(type) (1u << (type))
#define P2M_ANY        (P2M_MASK(NR_P2M_TYPES) - 1)
#define P2M_MASK_RAM                                                                \
	(P2M_MASK(P2M_RAM_RW) | P2M_MASK(P2M_RAM_RO) | P2M_MASK(P2M_RAM_LOGDIRTY) | \
	 P2M_MASK(P2M_ON_DEMAND))
/* The same, only when all that is there now is of a type in over (P2M_MASK bits): else -EBUSY and nothing changed. type P2M_HOLE: unmaps. */
int must_check p2m_replace(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned order,
                           enum p2m_type type, uint32_t over);
/* To a hole; the same rules. -ENOMEM only when a large entry had to be split. */
int must_check p2m_unmap(struct p2m *p2m, gfn_t gfn, unsigned order);
/*
 * Changes the type of a 4 KiB page if it is from now: 0; -EBUSY when it is not; -ENOMEM when a large entry had to be split. Both are own RAM (p2m_type_is_ram), else
 * -EINVAL.
 */
int must_check p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to);

/*
 * Removes gfn's 4 KiB entry only when it still is (mfn, type), and gives its reference to the caller instead of dropping it. -ENOENT; -ENOMEM when a
 * large entry had to be split. Works during teardown too.
 */
int must_check p2m_remove(struct p2m *p2m, gfn_t gfn, mfn_t mfn, enum p2m_type type);
/*
 * Of the n entries from gfn on, removes each that still is mfns[i] with a type in types (P2M_MASK bits), and drops its reference. Large ones in one step. One for which there is no
 * memory to split a large entry stays. n is the caller's to bound.
 */
void p2m_remove_listed(struct p2m *p2m, gfn_t gfn, const mfn_t *mfns, uint64_t n, uint32_t types);

/*
 * Gives a referenced page for gfn (caller drops it with page_put): only types with p2m_type_is_page, and for write only writable ones. *type may be
 * NULL. -ENOENT: nothing or no page there. -EACCES: not writable. What is there on demand comes now, for which p2m.lock is taken.
 */
int must_check p2m_get_page(struct p2m *p2m, gfn_t gfn, bool write, mfn_t *mfn,
                            enum p2m_type *type);

/*
 * We write to gfn for the guest, or it faulted: P2M_RAM_LOGDIRTY becomes P2M_RAM_RW (so what is P2M_RAM_RW is dirty). No lock. False: it is of another type. A CPU with the
 * old translation faults once more and finds the entry writable: so a fault whose entry allows the access is simply tried again.
 */
bool p2m_mark_dirty(struct p2m *p2m, gfn_t gfn);
/*
 * Which of the own RAM pages from gfn on (a multiple of P2M_SCAN) are dirty (nested_is_dirty()): bits[]. With clean they are P2M_RAM_LOGDIRTY afterwards, so each is told of once and once more when
 * it is written again. Returns how many gfns the answer is for: P2M_SCAN, or more, all clean, where there is a large hole. -ENOMEM: a large entry could not be split; nothing is lost.
 */
#define P2M_SCAN     512u
#define P2M_SCAN_MAX 262144 /* gfns that one answer is for at most */
long must_check p2m_dirty_scan(struct p2m *p2m, uint64_t gfn, bool clean,
                               uint64_t bits[P2M_SCAN / 64]);
/* The same for nr pages from any gfn on, not beyond the next multiple of P2M_SCAN: bit 0 is gfn's. 0, -ENOMEM. */
int must_check p2m_dirty_range(struct p2m *p2m, uint64_t gfn, unsigned nr, bool clean,
                               uint64_t bits[P2M_SCAN / 64]);
/*
 * gfn may have become dirty: the CPU has marked it, and says so (nested_format.tells_writes). Regions of P2M_SCAN pages of which nobody says that since they were cleaned are not looked
 * at again. Any CPU, no lock.
 */
void p2m_written(struct p2m *p2m, gfn_t gfn);
/* Keeps 2^order own pages that are at no gfn, so that teardown finds them; takes over their references. -EINVAL: being torn down. */
int must_check p2m_add_loose(struct p2m *p2m, mfn_t mfn, unsigned order);
/* How many pages tables may take: p2m.c. */
uint64_t p2m_max_table_pages(const struct p2m *p2m);

/*
 * Populate on demand (p2m_demand.c). mark: 2^order pages are there at the first touch; order and alignment as for p2m_map(). -EBUSY: there is something already;
 * -ENOMEM, -EINVAL.
 */
int must_check p2m_demand_mark(struct p2m *p2m, gfn_t gfn, unsigned order);
/*
 * gfn is touched: 0 when the entry is worth another look. -ENOMEM: no page is left for it, nor a table. -EAGAIN: looked for zero pages for a while and found none yet. The
 * second form goes on looking for as long as a hypercall may. Not between guest_touch_begin() and its end.
 */
int must_check p2m_demand_touch(struct p2m *p2m, gfn_t gfn);
int must_check p2m_demand_wait(struct p2m *p2m, gfn_t gfn);
/*
 * The domain shall have so many pages, those kept for touches counted: Xen's rules, in the source. -EINTR: made a step, call again. -ENOMEM.
 */
int must_check p2m_demand_set_target(struct p2m *p2m, uint64_t pages);
/* Places were given up: gives back some of what is kept beyond the places that are left. */
void p2m_demand_trim(struct p2m *p2m);

/* Waits until no CPU is in guest mode on a vcpu of d with translations older than now. Any lock may be held. */
void p2m_flush(struct p2m *p2m);
void p2m_dump(struct p2m *p2m);

#endif
