/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files event_*.c: the two ways to show ports to a guest, and single bits of memory that the guest writes too. */
#ifndef CORE_EVENT_OPS_H
#define CORE_EVENT_OPS_H

#include "domain.h"

#include <xen/event_channel.h>

/* All are called with the domain's delivery lock held and a port that exists. */
struct event_ops {
	const char *name;
	void (*set_pending)(struct domain *d, struct event_channel *chn, uint32_t port);
	void (*clear_pending)(struct domain *d, struct event_channel *chn, uint32_t port);
	void (*unmask)(struct domain *d, struct event_channel *chn, uint32_t port);
	bool (*is_pending)(struct domain *d, const struct event_channel *chn, uint32_t port);
	bool (*is_masked)(struct domain *d, uint32_t port);
	bool (*is_busy)(struct domain *d, uint32_t port); /* still on a queue: not to be reused */
	uint32_t (*nr_ports)(const struct domain *d);
	bool has_priority;
};
extern const struct event_ops event_ops_2l, event_ops_fifo;

/* The queues of one vcpu. delivery lock. */
struct fifo_vcpu {
	uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];
};
#define FIFO_WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define FIFO_MAX_PAGES      (EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_PER_PAGE)
struct event_fifo {
	uint32_t nr_pages;
	event_word_t *pages[FIFO_MAX_PAGES]; /* pinned */
	uint64_t gfns[FIFO_MAX_PAGES];       /* as the guest named them */
};

/* event_channels.lock or delivery held. */
static inline struct event_channel *event_channel_at(const struct event_channels *e, uint32_t port)
{
	if (unlikely(port >= e->nr_ports))
		return NULL;
	return &e->buckets[port >> EVENT_CHANNELS_BUCKET_SHIFT]
	                  [port & (EVENT_CHANNELS_PER_BUCKET - 1)];
}
/* In use, and the guest's to handle. */
static inline bool event_channel_is_usable(const struct event_channel *chn)
{
	return chn->state > PORT_RESERVED && !chn->fn;
}

/* event_channel.c; the first needs the lock. */
int must_check event_port_alloc(struct domain *d, struct event_channel **out);
/* A given port, which is free; needs the lock. -EINVAL: it cannot exist, -EEXIST, -ENOMEM. */
int must_check event_port_make(struct domain *d, uint32_t port, struct event_channel **out);
/* event_op.c: may d have bound this VIRQ, this PIRQ? */
bool event_virq_allowed(const struct domain *d, uint32_t virq);
bool event_pirq_allowed(const struct domain *d, uint32_t pirq);
void event_channels_lock_pair(struct domain *a, struct domain *b);
void event_channels_unlock_pair(struct domain *a, struct domain *b);
/* event_send.c; lock (of a sender or of d) held. */
void event_port_set_pending(struct domain *d, uint32_t port);
int must_check event_channel_send(struct domain *d, uint32_t port);
int must_check event_channel_unmask(struct domain *d, uint32_t port);

/* event_fifo_setup.c: as the hypercalls. */
int must_check event_fifo_init_control(struct domain *d, const struct evtchn_init_control *c);
int must_check event_fifo_expand_array(struct domain *d, uint64_t array_gfn);
/* Back to 2-level. Lock held, delivery not. */
void event_fifo_destroy(struct domain *d);

/* vcpu_info.c: where v's selector is; delivery held. */
static inline void *vcpu_info_selector(struct vcpu *v)
{
	return v->info + (v->domain->is_compat ? 4 : 8);
}

/*
 * Bit n of a bit string that the guest may write at the same time, at any alignment (a guest chooses where its vcpu_info lies). One locked
 * instruction each: no loop that a guest could keep busy. Bit strings of 32- and 64-bit words are the same bytes.
 */
static inline bool shared_bit_set(void *base, uint32_t n)
{
	bool was;

	__asm__ volatile("lock btsl %2, (%1)"
	                 : "=@ccc"(was)
	                 : "r"((uint8_t *)base + n / 32 * 4), "r"(n % 32)
	                 : "memory");
	return was;
}
static inline bool shared_bit_clear(void *base, uint32_t n)
{
	bool was;

	__asm__ volatile("lock btrl %2, (%1)"
	                 : "=@ccc"(was)
	                 : "r"((uint8_t *)base + n / 32 * 4), "r"(n % 32)
	                 : "memory");
	return was;
}
static inline bool shared_bit_test(const void *base, uint32_t n)
{
	return *((const volatile uint8_t *)base + n / 8) >> (n % 8) & 1;
}

#endif
