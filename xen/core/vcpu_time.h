/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time as a guest sees it: pvclock (vcpu_time_info), runstate areas, wall clock, TSC offset. Public xen/xen.h, xen/vcpu.h. */
#ifndef CORE_VCPU_TIME_H
#define CORE_VCPU_TIME_H

#include "save.h"
#include "types.h"

struct vcpu;
struct domain;

struct vcpu_time {
	/* where VCPUOP_register_* asked for copies: linear addresses; 0: nowhere. Own CPU, or domain->lock while the vcpu does not run */
	uint64_t runstate_linear, time_linear;
	bool runstate_registered, time_registered;
	bool runstate_compat; /* the area has the 32-bit layout */
};

extern const struct save_field vcpu_time_saved[];

/* Writes vcpu_info's vcpu_time_info with the version protocol, and the registered copy: that one in v's own context only, else it follows before the next entry. */
void vcpu_time_update(struct vcpu *v);
/* Writes the runstate area after a state change (VMASST runstate_update_flag honoured). Only in v's context: else nothing. Failures are the guest's own. */
void vcpu_runstate_update(struct vcpu *v);
/* shared_info's wall clock; on change of host wall time for all domains. */
void domain_wallclock_update(struct domain *d);
/* What the guest's clock shows now. */
uint64_t domain_now_ns(struct domain *d);

#endif
