/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 2-level way to show events: a pending and a mask bit for each port in shared_info, and in vcpu_info a selector with one bit for each word
 * of pending bits. The words are as wide as the guest's layout.
 */
#include "event_ops.h"

#include <xen/xen.h>

_Static_assert(offsetof(struct shared_info, evtchn_pending) == 0x800, "layout");
_Static_assert(offsetof(struct shared_info, evtchn_mask) == 0xa00, "layout");

static uint32_t two_level_nr_ports(const struct domain *d)
{
	return d->is_compat ? 1024 : 4096;
}

static inline void *pending_bits(const struct domain *d)
{
	return (uint8_t *)d->shared_info + 0x800;
}

static inline void *mask_bits(const struct domain *d)
{
	return (uint8_t *)d->shared_info + (d->is_compat ? 0x880 : 0xa00);
}

static inline void select_word(struct domain *d, struct event_channel *chn, uint32_t port)
{
	struct vcpu *v = d->vcpus[chn->vcpu_id];

	if (!shared_bit_set(vcpu_info_selector(v), port >> (d->is_compat ? 5 : 6)))
		event_channel_upcall(v);
}

static void two_level_set_pending(struct domain *d, struct event_channel *chn, uint32_t port)
{
	if (unlikely(port >= two_level_nr_ports(d)))
		return;
	if (shared_bit_set(pending_bits(d), port))
		return;
	if (!shared_bit_test(mask_bits(d), port))
		select_word(d, chn, port);
	event_channel_wake_pollers(d, port);
}

static void two_level_clear_pending(struct domain *d, struct event_channel *chn, uint32_t port)
{
	if (port < two_level_nr_ports(d))
		shared_bit_clear(pending_bits(d), port);
}

static void two_level_unmask(struct domain *d, struct event_channel *chn, uint32_t port)
{
	if (port >= two_level_nr_ports(d))
		return;
	if (shared_bit_clear(mask_bits(d), port) && shared_bit_test(pending_bits(d), port))
		select_word(d, chn, port);
}

static bool two_level_is_pending(struct domain *d, const struct event_channel *chn, uint32_t port)
{
	return port < two_level_nr_ports(d) && shared_bit_test(pending_bits(d), port);
}

static bool two_level_is_masked(struct domain *d, uint32_t port)
{
	return port >= two_level_nr_ports(d) || shared_bit_test(mask_bits(d), port);
}

static bool two_level_is_busy(struct domain *d, uint32_t port)
{
	return false;
}

const struct event_ops event_ops_2l = {
	.name = "2-level",
	.set_pending = two_level_set_pending,
	.clear_pending = two_level_clear_pending,
	.unmask = two_level_unmask,
	.is_pending = two_level_is_pending,
	.is_masked = two_level_is_masked,
	.is_busy = two_level_is_busy,
	.nr_ports = two_level_nr_ports,
};
