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

/*
 * A page that the guest's tables led to: kept for as long as nothing on the way has changed. It is trusted again only when the paging mode, the p2m's generation
 * and each guest table entry that was read are what they were.
 */
#define WALK_MEMO_SLOTS   8
#define WALK_MEMO_ENTRIES 4
struct walk_memo {
	uint64_t key; /* linear page | WALK_* it was judged for; 0 never occurs with host set */
	uint64_t generation;
	uint64_t cr3, mode[2];
	uint8_t *host; /* the page through the direct map; NULL: slot not used */
	uint64_t *entry[WALK_MEMO_ENTRIES], value[WALK_MEMO_ENTRIES];
	unsigned nr_entries;
};

/* What is known of the guest's address space; mode is read once an exit and forgotten by guest_walk_cache_reset(), also when the vcpu's paging mode changes. */
struct walk_cache {
	bool mode_valid;
	struct paging_mode mode;
	uint64_t mode_word[2]; /* all of mode that a translation depends on, beside CR3 */
	struct walk_memo memo[WALK_MEMO_SLOTS];
};

static inline void guest_walk_cache_reset(struct walk_cache *c)
{
	c->mode_valid = false;
}

/* The vcpu's paging mode, read once an exit; vcpu.h has the quick form, guest_paging_mode(). */
const struct paging_mode *guest_paging_mode_read(struct vcpu *v);

/*
 * Copies between a local and the guest's linear memory as an explicit supervisor access: with SMAP on, user pages are reached only with EFLAGS.AC set (Linux sets it
 * around the hypercalls of its tools). 0 or -EFAULT (some bytes may have been written then). Writes to ROM are lost, as the guest's own are. 32-bit callers' addresses
 * are truncated to 32 bits by the hypercall layer. v is the current vcpu.
 */
int must_check copy_from_guest(struct vcpu *v, void *to, uint64_t linear, size_t n);
int must_check copy_to_guest(struct vcpu *v, uint64_t linear, const void *from, size_t n);
int must_check clear_guest(struct vcpu *v, uint64_t linear, size_t n);

/*
 * The same as an access by the guest's own code at its current CPL (access: WALK_WRITE, WALK_FETCH, WALK_IMPLICIT for table accesses; WALK_USER is added at CPL 3).
 * -EFAULT: *fault holds the #PF (or #GP for a non-canonical address) to inject. -ENOENT: translated, but there is no RAM: the bus's business. Used by
 * instruction emulation.
 */
int must_check guest_read_linear(struct vcpu *v, void *to, uint64_t linear, size_t n,
                                 unsigned access, struct event *fault);
int must_check guest_write_linear(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                                  struct event *fault);
/* As the CPU writes its own tables (WALK_IMPLICIT): the supervisor's right at any CPL. */
int must_check guest_write_implicit(struct vcpu *v, uint64_t linear, const void *from, size_t n,
                                    struct event *fault);
/* linear -> gpa with the guest's rights, RAM or not; -EFAULT with *fault. */
int must_check guest_linear_to_gpa(struct vcpu *v, uint64_t linear, unsigned access, gpa_t *out,
                                   struct event *fault);

/*
 * Up to 15 bytes at CS:RIP. Returns how many could be read (fewer at a fault, which is in *fault; EVENT_NONE there: the code is not in RAM); 0: fault at the first.
 */
size_t guest_fetch_insn(struct vcpu *v, uint8_t bytes[15], struct event *fault);

/* By guest physical address; RAM only. -EFAULT. */
int must_check guest_read_gpa(struct domain *d, void *to, gpa_t from, size_t n);
int must_check guest_write_gpa(struct domain *d, gpa_t to, const void *from, size_t n);

/*
 * A page of the guest's own RAM that stays reachable and writable: host address with a reference held. -ENOENT, -EACCES as p2m_get_page(); -EACCES too for
 * pages that are not its own RAM.
 */
int must_check guest_page_pin(struct domain *d, gfn_t gfn, void **host);
/* Any address in the page; NULL is allowed. */
void guest_page_unpin(void *host);

#endif
