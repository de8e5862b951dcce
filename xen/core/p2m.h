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
	P2M_RAM_LOGDIRTY, /* own RAM, write-protected until first written */
	P2M_MMIO_DIRECT,  /* the machine's device memory (no page reference) */
	P2M_GRANT_RW,     /* another domain's page by grant; the grant map holds the reference */
	P2M_GRANT_RO,
	P2M_FOREIGN, /* another domain's page by privilege; this entry holds the reference */
	P2M_SHARED, /* a page of the hypervisor's given to the guest (shared_info, grant frames); entry holds the reference */
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
	return t != P2M_HOLE && t != P2M_MMIO_DIRECT;
}

struct p2m {
	struct spinlock
		lock; /* writers. Readers walk without it: tables are freed only at domain death */
	struct domain *domain;
	mfn_t root;
	uint64_t max_gfn; /* highest gfn ever mapped */
	uint32_t
		generation; /* grows with each change that a TLB could hold; vcpus compare it before entry */
	uint64_t nr_table_pages;
	uint64_t teardown_gfn;             /* progress of p2m_teardown() */
	uint64_t nr_entries[NR_P2M_TYPES]; /* in 4 KiB pages */
};

struct p2m_entry {
	mfn_t mfn; /* of the very gfn asked for; INVALID_MFN for a hole */
	enum p2m_type type;
	uint8_t order;
};

int must_check p2m_init(struct p2m *p2m, struct domain *d);
/* Drops what is mapped, some thousand entries a call; -EINTR: call again. Then frees the tables. No vcpu may run any more. */
int must_check p2m_teardown(struct p2m *p2m);

struct p2m_entry p2m_lookup(struct p2m *p2m, gfn_t gfn);

/*
 * Maps 2^order pages; replaced entries lose their references (RAM: the domain gives the page back). The caller passes the reference that the entry
 * will own. order is 0, 9 or 18, gfn and mfn aligned to it. -ENOMEM (nothing changed), -EINVAL beyond the guest's physical width.
 * Other CPUs that run this domain do not use old translations after the return.
 */
int must_check p2m_map(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned order, enum p2m_type type);
/* To a hole; the same rules. -ENOMEM only when a large entry had to be split. */
int must_check p2m_unmap(struct p2m *p2m, gfn_t gfn, unsigned order);
/* Changes the type if it is from now: 0, -EBUSY when it is not. */
int must_check p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to);

/*
 * Removes gfn's entry only when it still is (mfn, type), and gives its reference to the caller instead of dropping it. -ENOENT.
 */
int must_check p2m_remove(struct p2m *p2m, gfn_t gfn, mfn_t mfn, enum p2m_type type);

/*
 * Gives a referenced page for gfn (caller drops it with page_put): only types with p2m_type_is_page, and for write only writable ones. *type may be
 * NULL. -ENOENT: nothing or no page there. -EACCES: not writable.
 */
int must_check p2m_get_page(struct p2m *p2m, gfn_t gfn, bool write, mfn_t *mfn,
                            enum p2m_type *type);

/* Waits until no CPU is in guest mode on a vcpu of d with translations older than now. Any lock may be held. */
void p2m_flush(struct p2m *p2m);
void p2m_dump(struct p2m *p2m);

#endif
