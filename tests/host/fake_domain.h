/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains on the fake machine, for tests of what guests ask: one way to build them, and the three that tests want them in.
 *   fake_*     running, flat 32-bit code without paging, the machine with it
 *   guest_*    running, 64-bit code; hypercalls with a struct as argument
 *   fixture_*  in building, 64-bit code; and what lets several CPUs go on
 */
#ifndef TESTS_FAKE_DOMAIN_H
#define TESTS_FAKE_DOMAIN_H

#include "domain.h"
#include "hypercall.h"

/*
 * In building: RAM from gfn 0, vcpus that are initialised and down, the CPUID policy of fake_cpuid(). mapped: 64-bit code with page tables at FAKE_CR3 that map so
 * many times 2 MiB to themselves; 0: 32-bit code without paging. Aborts when it cannot.
 */
#define FAKE_CR3 0x1000u /* pages 1 to 3 */
struct domain *fake_domain_build(const struct domain_config *config, uint64_t pages,
                                 unsigned mapped);

/* ---- running, 32-bit ---- */

/*
 * fake_core_init() with nr_cpus CPUs, and a domain with nr_vcpus vcpus up and pages of RAM from gfn 0. The first one made is privileged. vcpu 0 is
 * the current one of CPU 0, in flat unpaged 32-bit mode: linear addresses are guest physical ones.
 */
struct domain *fake_domain_machine(unsigned nr_cpus, unsigned nr_vcpus, uint64_t pages);
/* Set by a fuzzer that makes it for each input: a machine after the first keeps its RAM's bytes (fake_core_restart). */
extern bool fake_domain_keeps_ram;
/* One more domain on the same machine. */
struct domain *fake_domain_add(unsigned nr_vcpus, uint64_t pages, bool privileged);
/* Host address of a guest page of d; NULL: none there. */
void *fake_guest_page(struct domain *d, uint64_t gfn_number);
/* The cpuid_reader of that machine. */
struct cpuid_leaf fake_cpuid(uint32_t leaf, uint32_t subleaf);
/* Makes v the current vcpu of the calling thread's CPU. */
void fake_make_current(struct vcpu *v);

/* ---- running, 64-bit ---- */

/* Where guest_call() puts the arguments, and the first page that a test may use as it likes. */
#define GUEST_ARGS_GFN 8
#define GUEST_FREE_GFN 16

/* A running domain with vcpus that are up, 64-bit code with a one-to-one page table, and nr_pages (at least 17) of RAM from gfn 0. */
struct domain *guest_create(uint16_t id, unsigned nr_vcpus, unsigned nr_pages, bool is_privileged);
/* Makes all its vcpus run 32-bit code without paging. */
void guest_set_compat(struct domain *d);
/* Destroys it and does the teardown to its end. */
void guest_destroy(struct domain *d);

/*
 * A hypercall of v's with a struct argument (its first register is cmd, its third count): copied into the guest, and back out. Restarts until done.
 */
long guest_call(struct vcpu *v, hypercall_fn fn, uint64_t cmd, void *arg, size_t size,
                uint64_t count);

/* ---- in building, 64-bit ---- */

#define FIXTURE_PAGES 64
#define FIXTURE_CR3   FAKE_CR3
#define FIXTURE_DATA  0x8000u /* pages for arguments from here */

/* With FIXTURE_PAGES pages, of which the first 2 MiB are mapped. privileged: id 0, else the next free one. */
struct domain *fixture_domain(bool privileged, unsigned vcpus);
/* Host address of a guest physical one. */
uint8_t *fixture_at(struct domain *d, uint64_t at);
void fixture_write(struct domain *d, uint64_t at, const void *from, size_t n);
/* All CPUs do what is pending until nothing is; the second lets time pass before. */
void fixture_settle(void);
void fixture_advance(uint64_t ns);
/* Gives a domain up and lets time pass until it is gone. */
void fixture_end(struct domain *d);
/* Makes v the current vcpu of this CPU, by its turn. */
void fixture_run(struct vcpu *v);
/* A hypercall of the current vcpu's. */
long fixture_call(struct vcpu *v, hypercall_fn fn, uint64_t a0, uint64_t a1, uint64_t a2);

#endif
