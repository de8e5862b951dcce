/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels, public xen/event_channel.h: ports, the 2-level and the FIFO way to show them to a guest. */
#ifndef CORE_EVENT_CHANNEL_H
#define CORE_EVENT_CHANNEL_H

#include "save.h"
#include "spinlock.h"
#include "types.h"

struct domain;
struct vcpu;
struct event_fifo;
struct event_ops; /* 2-level or FIFO: how a port is set pending, masked, ... (event_ops.h) */

#define EVENT_CHANNELS_MAX          131071 /* last port of FIFO */
#define EVENT_CHANNELS_BUCKET_SHIFT 6
#define EVENT_CHANNELS_PER_BUCKET   (1u << EVENT_CHANNELS_BUCKET_SHIFT)
#define EVENT_PIRQS_MAX             256

enum port_state {
	PORT_FREE,
	PORT_RESERVED,
	PORT_UNBOUND,
	PORT_INTERDOMAIN,
	PORT_PIRQ,
	PORT_VIRQ,
	PORT_IPI,
};

/*
 * All fields: the domain's event_channels.lock (both domains' for an interdomain pair, lower domid first); the fifo ones and pending_hint: its
 * delivery lock; vcpu_id and priority of a port that can be sent to: both to write. A sender on the other end holds its own lock, which keeps the pair
 * together, and this domain's delivery lock.
 */
struct event_channel {
	uint8_t state;     /* enum port_state */
	uint8_t priority;  /* FIFO */
	bool pending_hint; /* pending, but its event word does not exist yet */
	uint8_t fifo_last_priority;
	uint16_t remote_domid;
	uint32_t vcpu_id;     /* which vcpu is told */
	uint32_t remote_port; /* interdomain; virq number; pirq */
	uint32_t fifo_last_vcpu;
	struct domain *remote; /* PORT_INTERDOMAIN */
	/* The hypervisor has this end, not the domain: what is sent to it. NULL: the domain has it */
	void (*fn)(struct domain *d, uint32_t port);
};
extern const struct save_field event_channel_saved[];

struct event_channels {
	struct spinlock lock; /* which ports exist and how they are bound */
	struct spinlock
		delivery; /* inside lock: ops, fifo, queues, vcpu.info. Nothing but vcpu_request() is called under it */
	/* both locks to write */
	const struct event_ops *ops;
	struct event_fifo *fifo;
	struct event_channel **buckets; /* nr_ports / EVENT_CHANNELS_PER_BUCKET of them */
	uint32_t nr_ports;              /* ports that have a bucket; the others do not exist */
	/* lock */
	uint32_t max_buckets;                 /* room in buckets */
	uint32_t max_port;                    /* limit from the config */
	uint32_t next_free_hint;              /* no free port is below */
	uint32_t reset_next;                  /* progress of EVTCHNOP_reset; 0: none under way */
	uint32_t teardown_next;               /* progress of event_channels_destroy() */
	uint64_t pirqs[EVENT_PIRQS_MAX / 64]; /* bound ones */
};

/* Before its vcpus. -ENOMEM. */
int must_check event_channels_init(struct domain *d, uint32_t max_port);
/* Closes some thousand ports a call; -EINTR: again. For a dying domain, or one that was never finished. */
int must_check event_channels_destroy(struct domain *d);
/* Needs d->shared_info. */
void event_channels_vcpu_init(struct vcpu *v);
void event_channels_vcpu_destroy(struct vcpu *v);

long event_channel_op(struct vcpu *caller, uint64_t *args);

/* A virtual interrupt for one vcpu, or for the domain (VIRQs that are global; delivered to the vcpu that bound it). Any CPU. */
void event_channel_send_virq(struct vcpu *v, unsigned virq);
void event_channel_send_global_virq(struct domain *d, unsigned virq);
/* Sets a port of d pending from the hypervisor's side. */
void event_channel_notify(struct domain *d, uint32_t port);
/*
 * A port of d's number space whose end the hypervisor has on d's behalf (its device model's): remote_domid may bind to it as to one that d offers, and as often as it was closed. What comes from there calls
 * fn, with the sender's event_channels.lock held: it takes no lock outside of that. d itself cannot send to it, close or move it; nor does a reset. Port number; -EINVAL: dying, -ENOSPC, -ENOMEM.
 */
int must_check event_channel_bind_hypervisor(struct domain *d, uint16_t remote_domid,
                                             void (*fn)(struct domain *d, uint32_t port));
/* Tells whoever is bound to such a port. False: nobody is. */
bool event_channel_tell_remote(struct domain *d, uint32_t port);
/* An unbound port for the builder (store, console). -EINVAL: dying, -ENOSPC, -ENOMEM. */
int must_check event_channel_alloc_unbound(struct domain *d, uint16_t remote_domid);
/* On the guest's behalf. -EINVAL: no such port, not in use, or not the guest's. */
int event_channel_close(struct domain *d, uint32_t port);
/* All ports closed and back to 2-level, as EVTCHNOP_reset and soft reset do. -EINTR: again, with resuming. -EBUSY: one is under way (or none, to be resumed). */
int must_check event_channels_reset(struct domain *d, bool resuming);

/* sched_op poll: is the port pending (and does it exist)? 1, 0, -EINVAL */
int event_channel_is_pending(struct domain *d, uint32_t port);

/* vcpu_info moved or changed its layout: shows what is pending anew. */
void event_channel_info_moved(struct vcpu *v);
/* Guest's upcall byte of v 0 -> 1: injects the per-vcpu vector if there is one, wakes and kicks. For the ops. */
void event_channel_upcall(struct vcpu *v);
/*
 * The local APIC of v was reset and has forgotten the upcall vector, while the upcall byte is still set: no event would raise it any more. Guests set a vcpu
 * up (vector, ports, vcpu_info) before they start it by INIT and SIPI.
 */
void event_channel_upcall_again(struct vcpu *v);
/* Wakes vcpus that poll for this port. For the ops. */
void event_channel_wake_pollers(struct domain *d, uint32_t port);
/*
 * VCPUOP_register_vcpu_info: gfn and offset in it. -ENXIO: straddles a page or is not aligned. -EINVAL: registered already, no writable page there, or v is up and not the
 * current vcpu.
 */
int must_check vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset);
/* The same for a restored vcpu that has not run: what lies there already is its vcpu_info. -EINVAL */
int must_check vcpu_info_restore(struct vcpu *v, uint64_t gfn, uint32_t offset);
/* Back to the place in shared_info. v must not run. */
void vcpu_info_reset(struct vcpu *v);
/* The domain's layout changes to the 32-bit (compat) or the 64-bit one: converts shared_info and each vcpu_info, and sets d->is_compat with it. */
void event_channel_convert_layout(struct domain *d, bool compat);

void event_channels_dump(struct domain *d);

#endif
