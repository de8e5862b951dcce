/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels, public xen/event_channel.h: ports, the 2-level and the FIFO way to show them to a guest. */
#ifndef CORE_EVENT_CHANNEL_H
#define CORE_EVENT_CHANNEL_H

#include "spinlock.h"
#include "types.h"

struct domain;
struct vcpu;

#define EVENT_CHANNELS_MAX        131071 /* last port of FIFO */
#define EVENT_CHANNELS_PER_BUCKET 128

enum port_state {
	PORT_FREE,
	PORT_RESERVED,
	PORT_UNBOUND,
	PORT_INTERDOMAIN,
	PORT_PIRQ,
	PORT_VIRQ,
	PORT_IPI,
	PORT_HYPERVISOR, /* its other end is the hypervisor: fn is called */
};

/* All fields: the domain's event_channels.lock (both domains' for an interdomain pair, lower domid first). */
struct event_channel {
	uint8_t state;    /* enum port_state */
	uint8_t priority; /* FIFO */
	bool pending_hint;
	uint16_t remote_domid;
	uint32_t vcpu_id;     /* which vcpu is told */
	uint32_t remote_port; /* interdomain; virq number; pirq */
	struct domain *remote;
	uint32_t fifo_last_vcpu;
	uint8_t fifo_last_priority;
	void (*fn)(struct domain *d, uint32_t port);
};

struct event_ops; /* 2-level or FIFO: how a port is set pending, masked, ... */

struct event_channels {
	struct spinlock lock;
	const struct event_ops *ops;
	struct event_channel *
		*buckets; /* of EVENT_CHANNELS_PER_BUCKET each, filled as ports are used */
	uint32_t nr_buckets;
	uint32_t max_port; /* limit from the config */
	uint32_t next_free_hint;
	struct event_fifo *fifo;
	uint32_t reset_next; /* progress of EVTCHNOP_reset */
};

int must_check event_channels_init(struct domain *d, uint32_t max_port);
/* Closes some thousand ports a call; -EINTR: again. For a dying domain. */
int must_check event_channels_destroy(struct domain *d);
void event_channels_vcpu_init(struct vcpu *v);
void event_channels_vcpu_destroy(struct vcpu *v);

long event_channel_op(struct vcpu *caller, uint64_t *args);

/* A virtual interrupt for one vcpu, or for the domain (VIRQs that are global; delivered to the vcpu that bound it). Any CPU. */
void event_channel_send_virq(struct vcpu *v, unsigned virq);
void event_channel_send_global_virq(struct domain *d, unsigned virq);
/* Sets a port of d pending from the hypervisor's side. */
void event_channel_notify(struct domain *d, uint32_t port);
/* A port whose other end is the hypervisor (console, store, device models). Port number or negative errno. */
int must_check event_channel_bind_hypervisor(struct domain *d, uint32_t vcpu_id,
                                             void (*fn)(struct domain *d, uint32_t port));
/* An unbound port for the builder (store, console). */
int must_check event_channel_alloc_unbound(struct domain *d, uint16_t remote_domid);

/* sched_op poll: is the port pending (and does it exist)? -EINVAL */
int event_channel_is_pending(struct domain *d, uint32_t port);

/* vcpu_info moved or changed its layout: shows what is pending anew. */
void event_channel_info_moved(struct vcpu *v);
/* Guest's upcall byte of v 0 -> 1: injects the per-vcpu vector if there is one, wakes and kicks. For the ops. */
void event_channel_upcall(struct vcpu *v);
/* Wakes vcpus that poll for this port. For the ops. */
void event_channel_wake_pollers(struct domain *d, uint32_t port);
/* VCPUOP_register_vcpu_info (and vcpu_info in shared_info for id < 32): gpa page and offset. -EINVAL, -ENOENT... */
int must_check vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset);
void vcpu_info_reset(struct vcpu *v);

void event_channels_dump(struct domain *d);

#endif
