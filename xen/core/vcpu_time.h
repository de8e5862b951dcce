/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time as a guest sees it: pvclock (vcpu_time_info), runstate areas, wall clock, TSC offset. Public xen/xen.h, xen/vcpu.h. */
#ifndef CORE_VCPU_TIME_H
#define CORE_VCPU_TIME_H

#include "types.h"

struct vcpu;
struct domain;

struct vcpu_time {
	/* where VCPUOP_register_* asked for copies: linear or gpa; domain->lock */
	uint64_t runstate_linear, time_linear;
	void *runstate_page, *time_page; /* pinned host addresses for the phys forms, NULL: none */
	bool runstate_registered, time_registered;
	bool runstate_compat; /* the area has the 32-bit layout */
	uint32_t version;
};

/* Writes vcpu_info's (and the registered) vcpu_time_info with the version protocol. */
void vcpu_time_update(struct vcpu *v);
/* Writes the runstate area after a state change (VMASST runstate_update_flag honoured). Called in v's context. */
void vcpu_runstate_update(struct vcpu *v);
/* shared_info's wall clock; on change of host wall time for all domains. */
void domain_wallclock_update(struct domain *d);
/* What the guest's clock shows now. */
uint64_t domain_now_ns(struct domain *d);

#endif
