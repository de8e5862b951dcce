/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels, 2-level. */
#ifndef GUEST_EVENT_H
#define GUEST_EVENT_H

#include "types.h"
#include <xen/xen.h>
#include <xen/event_channel.h>

#define EVENT_PORTS 1024

extern volatile struct shared_info *shared;

/* Maps shared_info (done at start). */
bool shared_info_map(void);

/* Callback by VECTOR_CALLBACK; upcalls are then counted and dispatched. */
void event_init(void);

/* The handler of the callback: reads this CPU's pending ports, clears and counts them. */
void event_upcall(struct trap_frame *frame);

extern volatile unsigned event_upcalls;            /* all CPUs together */
extern volatile unsigned event_count[EVENT_PORTS]; /* by port */
extern volatile unsigned event_cpu[EVENT_PORTS];   /* CPU that saw it last */

/* Ports, or a negative error. */
long event_alloc_unbound(domid_t remote);
long event_bind_interdomain(domid_t remote, evtchn_port_t port);
long event_bind_ipi(unsigned vcpu);
long event_bind_virq(unsigned virq, unsigned vcpu);
long event_bind_vcpu(evtchn_port_t port, unsigned vcpu);
long event_send(evtchn_port_t port);
long event_close(evtchn_port_t port);
long event_unmask_call(evtchn_port_t port);

static inline void event_mask(evtchn_port_t port)
{
	bit_set(shared->evtchn_mask, port);
}
/* Without a hypercall: for a port that is not pending. */
static inline void event_unmask(evtchn_port_t port)
{
	bit_clear(shared->evtchn_mask, port);
}

#endif
