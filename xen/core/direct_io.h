/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the machine itself a domain may use: ports, frames that are no RAM, interrupts. The first domain is given nearly all of it at start; tools give others
 * what is passed through to them. Having a right is one thing, reaching the thing another: ports stop trapping when they are given, device memory is mapped by the
 * tools, or, for the first domain, at the first access.
 */
#ifndef CORE_DIRECT_IO_H
#define CORE_DIRECT_IO_H

#include "rangeset.h"
#include "spinlock.h"

struct domain;
struct io_access;

struct direct_io {
	struct spinlock lock; /* for all below */
	struct rangeset ports, frames, irqs;
	bool maps_on_fault; /* frames appear at their own gfn when they are touched. Set while building */
};

void direct_io_init(struct domain *d);
void direct_io_destroy(struct domain *d);

/*
 * Ports [first, last], at most 0xffff: given ones do not exit any more, but for those that a device on the domain's bus has claimed by then. -EINVAL, -ENOMEM, -E2BIG.
 */
int must_check direct_ports_give(struct domain *d, uint32_t first, uint32_t last);
int must_check direct_ports_take(struct domain *d, uint32_t first, uint32_t last);
/* An access that exited and that nobody on the bus has answered: made on the machine where the domain may. */
void direct_port_access(struct domain *d, struct io_access *a);

/* Rights to frames and interrupts. -EINVAL, -ENOMEM, -E2BIG. Taken frames stay mapped until the caller unmaps them. */
int must_check direct_frames_give(struct domain *d, uint64_t first, uint64_t last);
int must_check direct_frames_take(struct domain *d, uint64_t first, uint64_t last);
bool direct_frames_may(struct domain *d, uint64_t first, uint64_t last);
int must_check direct_irqs_give(struct domain *d, uint32_t first, uint32_t last);
int must_check direct_irqs_take(struct domain *d, uint32_t first, uint32_t last);
bool direct_irq_may(struct domain *d, uint32_t irq);

/* The domain touched a hole at gfn: maps the machine's frame of that number, with as much around it as may be. False: it may not. */
bool direct_frame_fault(struct domain *d, gfn_t gfn);

#endif
