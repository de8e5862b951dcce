/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains as the hypervisor and the store know them: number, name, state. */
#ifndef TOOLS_GUESTS_H
#define TOOLS_GUESTS_H

#include "failure.h"
#include "hypervisor.h"
#include "store.h"

#define GUEST_NAME 64

struct guest_info {
	uint32_t domid;
	char name
		[GUEST_NAME]; /* "(null)" for one that the store does not know, as xl's users know it */
	uint8_t uuid[16];
	uint32_t flags; /* XEN_DOMINF_ */
	uint64_t memory_kib, max_memory_kib, cpu_ns;
	unsigned vcpus, max_vcpu_id, ssidref, cpupool;
};

/* One; false: there is none. s NULL: without its name. */
bool guest_get(struct hypervisor *h, struct store *s, uint32_t domid, struct guest_info *g);
/* All, by number; *nr of them, to be freed. NULL: failure. */
struct guest_info *guests_get(struct hypervisor *h, struct store *s, size_t *nr, struct failure *f);
/* A name or a number, as xl takes both. */
bool guest_find(struct hypervisor *h, struct store *s, const char *who, struct guest_info *g,
                struct failure *f);
/* The six letters of xl list: running, blocked, paused, shutdown, crashed, dying. */
void guest_state(char to[7], const struct guest_info *g);
/* Why it has ended: SHUTDOWN_ code; only for one that is shut down. */
unsigned guest_end_reason(const struct guest_info *g);

#endif
