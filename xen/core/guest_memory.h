/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one way to guest memory. By linear address (hypercall arguments, instruction bytes) with the guest's own page tables and rights, by gpa, or by
 * a pinned page. Walks are cached for the length of an exit, so a hypercall's copies cost one walk a page.
 */
#ifndef CORE_GUEST_MEMORY_H
#define CORE_GUEST_MEMORY_H

#include "event.h"
#include "guest_walk.h"
#include "p2m.h"

struct vcpu;
struct domain;

/* What the last walks of this exit found; emptied by guest_walk_cache_reset(). */
#define WALK_CACHE_SLOTS 4
struct walk_cache {
	uint8_t nr; /* slots used; 0 after reset */
	uint8_t next;
	bool mode_valid;
	struct paging_mode mode; /* read once an exit */
	struct {
		uint64_t page;   /* linear >> 12 */
		uint32_t access; /* WALK_* it was judged for */
		uint8_t *host;   /* that page through the direct map */
	} slot[WALK_CACHE_SLOTS];
};

static inline void guest_walk_cache_reset(struct walk_cache *c)
{
	c->nr = 0;
	c->mode_valid = false;
}

/* The vcpu's paging mode, read once an exit. */
const struct paging_mode *guest_paging_mode(struct vcpu *v);

/*
 * Copies between a local and the guest's linear memory as an implicit supervisor access. 0 or -EFAULT (some bytes may have been written
 * then). 32-bit callers' addresses are truncated to 32 bits by the hypercall layer. v is the current vcpu.
 */
int must_check copy_from_guest(struct vcpu *v, void *to, uint64_t linear, size_t n);
int must_check copy_to_guest(struct vcpu *v, uint64_t linear, const void *from, size_t n);
int must_check clear_guest(struct vcpu *v, uint64_t linear, size_t n);

/*
 * The same as an access by the guest's own code (current CPL): on -EFAULT *fault holds the #PF to inject. Used by instruction emulation.
 */
int must_check guest_read_linear(struct vcpu *v, void *to, uint64_t linear, size_t n,
                                 unsigned access, struct event *fault);
int must_check guest_write_linear(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                                  struct event *fault);
/* linear -> gpa with the guest's rights; -EFAULT with *fault. */
int must_check guest_linear_to_gpa(struct vcpu *v, uint64_t linear, unsigned access, gpa_t *out,
                                   struct event *fault);

/*
 * Up to 15 bytes at CS:RIP. Returns how many could be read (fewer at a fault, whose #PF is in *fault); 0: fault at the first.
 */
size_t guest_fetch_insn(struct vcpu *v, uint8_t bytes[15], struct event *fault);

/* By guest physical address; RAM only. -EFAULT. */
int must_check guest_read_gpa(struct domain *d, void *to, gpa_t from, size_t n);
int must_check guest_write_gpa(struct domain *d, gpa_t to, const void *from, size_t n);

/* A page of the guest's that stays reachable: host address with a reference held. -ENOENT, -EACCES as p2m_get_page(); write is asked for. */
int must_check guest_page_pin(struct domain *d, gfn_t gfn, void **host);
void guest_page_unpin(void *host);

#endif
