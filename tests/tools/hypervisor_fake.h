/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hypervisor and a store of domains in memory, behind tools/lib/hypervisor.h and store.h: a few guests that tests look at and change. */
#ifndef TOOLS_HYPERVISOR_FAKE_H
#define TOOLS_HYPERVISOR_FAKE_H

#include "core_file.h"
#include "domain_history.h"
#include "hypervisor.h"
#include "store.h"

#define FAKE_GUESTS 4
#define FAKE_POOLS  3
#define FAKE_PAGES  64 /* of a guest, from gfn 0 */

struct fake_guest {
	bool is_there;
	uint8_t uuid[16];
	uint32_t flags; /* XEN_DOMINF_ */
	uint64_t pages, max_kib, cpu_ns;
	unsigned vcpus, max_vcpus, weight, cap, pauses, pool;
	bool has_page[FAKE_PAGES];
	uint8_t memory[FAKE_PAGES][4096];
	struct core_vcpu registers; /* of each vcpu that is up; RIP is one more for each */
	struct domain_history history;
};

extern struct fake_guest fake_guests[FAKE_GUESTS]; /* by domid */
/* Called when somebody looks at a domain: a guest that follows what it is asked for. NULL: none does. */
extern void (*fake_on_look)(uint32_t domid);

/* The control domain with 2 vcpus, and "win" as domain 1. */
void fake_world(void);
/* What stands there; NULL: nothing. */
const char *fake_store_value(const char *path);

#endif
