/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzzers of the core share (each includes two_domains.c whole): a machine that is started anew for each input at little cost, three domains on it, the input as a
 * stream of bytes, and the accounts that must be even in the end.
 *
 * Small objects come from the host's malloc here, one each, so that AddressSanitizer sees who uses them after their end or beyond it.
 */
#ifndef TESTS_FUZZ_TWO_DOMAINS_H
#define TESTS_FUZZ_TWO_DOMAINS_H

#include "domain.h"
#include "guest_memory.h"
#include "virt_script.h"

#define FUZZ_RAM MIB(4)
#define FUZZ_PAGES \
	24u /* RAM of each domain, from gfn 0; linear addresses are guest physical ones */
#define FUZZ_PML4    0x1000u /* page tables of 64-bit vcpus: this page and the two after it */
#define FUZZ_DATA    0x8000u /* pages for arguments */
#define FUZZ_CONTROL 7u      /* ids: the control domain, and its two guests */
#define FUZZ_GUEST_A 1u
#define FUZZ_GUEST_B 2u

enum { FUZZ_NR_DOMAINS = 3, FUZZ_VCPUS = 2 };
extern struct domain *fuzz_domains[FUZZ_NR_DOMAINS]; /* control, A, B; a reference each */

/* ---- the input: zeroes when it is over ---- */
void fuzz_input(const uint8_t *data, size_t size);
bool fuzz_input_over(void);
uint8_t fuzz_byte(void);
uint64_t fuzz_raw(unsigned bytes);
/* One of n by a byte. */
#define fuzz_pick(table) ((table)[fuzz_byte() % ARRAY_LEN(table)])

/*
 * The machine and its domains. wide: bit n, vcpus of domain n run 64-bit code. Afterwards every n-th allocation of a small object fails (0: none does), and
 * at most pages_left pages are free.
 */
void fuzz_start(unsigned wide, unsigned fail_every, uint64_t pages_left);
/* Ends all domains and aborts unless nothing of them is left. */
void fuzz_end(void);

/* A vcpu's mode: 0 64-bit, 1 32-bit without paging, 2 real, 3 user code, 4 64-bit with compatibility code segment. */
void fuzz_set_mode(struct vcpu *v, unsigned mode);
/* The guest's own store to its memory; what is not there is left out. */
void fuzz_guest_store(struct domain *d, uint64_t gpa_value, const void *from, size_t n);
/* Goes round the CPU loop with v to do this exit, until it has (or has no way to). True: done. */
bool fuzz_exit(struct vcpu *v, const struct vcpu_exit *e);
/* The same with what the guest does before it. */
bool fuzz_step(struct vcpu *v, const struct script_step *step);
/* Time goes on, and everybody has turns. */
void fuzz_let_run(uint64_t ns);

#endif
