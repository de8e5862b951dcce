/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests for tests of hypercalls: real domains and vcpus on the fake machine, with some RAM that is mapped one to one. */
#ifndef TESTS_GUEST_FAKE_H
#define TESTS_GUEST_FAKE_H

#include "domain.h"
#include "hypercall.h"

/* Where guest_call() puts the arguments, and the first page that a test may use as it likes. */
#define GUEST_ARGS_GFN 8
#define GUEST_FREE_GFN 16

/* A running domain with vcpus that are up, 64-bit code with a one-to-one page table, and nr_pages (at least 17) of RAM from gfn 0. */
struct domain *guest_create(uint16_t id, unsigned nr_vcpus, unsigned nr_pages, bool is_privileged);
/* Makes all its vcpus run 32-bit code without paging. */
void guest_set_compat(struct domain *d);
/* Destroys it and does the teardown to its end. */
void guest_destroy(struct domain *d);
/* Its memory at gfn, through the direct map; NULL: no page there. */
void *guest_page(struct domain *d, uint64_t gfn);

/*
 * A hypercall of v's with a struct argument (its first register is cmd, its third count): copied into the guest, and back out. Restarts until done.
 */
long guest_call(struct vcpu *v, hypercall_fn fn, uint64_t cmd, void *arg, size_t size,
                uint64_t count);

#endif
