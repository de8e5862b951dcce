/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a vcpu's vcpu_info lies: in shared_info for the first 32, or on a page of the guest's own; and the change between the 64-bit and the 32-bit
 * layout of both. Guests write there at any time, so each word is read once, and at any alignment.
 */
#include "event_ops.h"

#include "errno.h"
#include "log.h"
#include "percpu.h"
#include "string.h"

#include <xen/xen.h>
#include <xen/foreign/x86_32.h>

#define INFO_SIZE sizeof(struct vcpu_info)

/*
 * For vcpus that have no place in shared_info, until they register one. Never read for a guest, its upcall byte stays 0: all domains may write into the same.
 */
static uint8_t dummy_info[DOMAIN_MAX_VCPUS - XEN_LEGACY_MAX_VCPUS][INFO_SIZE];

_Static_assert(sizeof(struct vcpu_info) == 64 && sizeof(struct vcpu_info_x86_32) == 64, "layout");
_Static_assert(offsetof(struct vcpu_info, evtchn_pending_sel) == 8, "layout");
_Static_assert(offsetof(struct vcpu_info_x86_32, evtchn_pending_sel) == 4, "layout");
_Static_assert(offsetof(struct vcpu_info, time) == 32, "layout");
_Static_assert(offsetof(struct vcpu_info_x86_32, time) == 32, "layout");
_Static_assert(offsetof(struct shared_info_x86_32, evtchn_mask) == 0x880, "layout");
_Static_assert(offsetof(struct shared_info_x86_32, arch.wc_sec_hi) == 0x924, "layout");
_Static_assert(offsetof(struct shared_info, arch) == 0xc10, "layout");

/* Where v's info is when the guest has registered none. */
static uint8_t *info_default(struct vcpu *v)
{
	if (v->id < XEN_LEGACY_MAX_VCPUS)
		return (uint8_t *)v->domain->shared_info + v->id * INFO_SIZE;
	return dummy_info[v->id - XEN_LEGACY_MAX_VCPUS];
}

static bool info_is_dummy(const struct vcpu *v)
{
	return v->id >= XEN_LEGACY_MAX_VCPUS && !v->info_page;
}

void event_channels_vcpu_init(struct vcpu *v)
{
	v->info = info_default(v);
	v->info_page = NULL;
	if (info_is_dummy(v))
		v->info[1] = 1;
	memset(v->virq_port, 0, sizeof(v->virq_port));
}

void event_channels_vcpu_destroy(struct vcpu *v)
{
	vcpu_info_reset(v);
	/* FIFO control blocks went with the domain's ports. */
	if (v->fifo || v->fifo_control)
		bug("%s vcpu %u: FIFO queues outlive the ports", v->domain->name, v->id);
}

static void info_show_all(struct vcpu *v)
{
	memset(vcpu_info_selector(v), 0xff, v->domain->is_compat ? 4 : 8);
	barrier_full();
	event_channel_upcall(v);
}

void event_channel_info_moved(struct vcpu *v)
{
	spin_lock(&v->domain->events.delivery);
	info_show_all(v);
	spin_unlock(&v->domain->events.delivery);
}

/*
 * A sender sets a port's pending bit before it looks for the selector, and both only under the delivery lock: what it told the old place is copied
 * or shown anew.
 */
int vcpu_info_register(struct vcpu *v, uint64_t gfn_, uint32_t offset)
{
	struct event_channels *e = &v->domain->events;
	uint8_t *page, *info;
	int r = -EINVAL;

	if (offset > PAGE_SIZE - INFO_SIZE || offset % (v->domain->is_compat ? 4 : 8))
		return -ENXIO;
	if (v != percpu()->current && read_once(v->is_up))
		return -EINVAL;
	if (guest_page_pin(v->domain, gfn(gfn_), (void **)&page))
		return -EINVAL;
	spin_lock(&e->lock);
	spin_lock(&e->delivery);
	if (!v->info_page) {
		info = page + offset;
		if (info_is_dummy(v)) {
			memset(info, 0, INFO_SIZE);
			info[1] = 1;
		} else {
			memcpy(info, v->info, INFO_SIZE);
		}
		v->info = info;
		v->info_page = page;
		v->info_gfn = gfn_;
		info_show_all(v);
		r = 0;
	}
	spin_unlock(&e->delivery);
	spin_unlock(&e->lock);
	if (r)
		guest_page_unpin(page);
	return r;
}

int vcpu_info_restore(struct vcpu *v, uint64_t gfn_, uint32_t offset)
{
	uint8_t *page;

	if (v->info_page || offset > PAGE_SIZE - INFO_SIZE ||
	    offset % (v->domain->is_compat ? 4 : 8))
		return -EINVAL;
	if (guest_page_pin(v->domain, gfn(gfn_), (void **)&page))
		return -EINVAL;
	spin_lock(&v->domain->events.delivery);
	v->info = page + offset;
	v->info_page = page;
	v->info_gfn = gfn_;
	spin_unlock(&v->domain->events.delivery);
	return 0;
}

void vcpu_info_reset(struct vcpu *v)
{
	struct event_channels *e = &v->domain->events;
	void *page;

	spin_lock(&e->lock);
	spin_lock(&e->delivery);
	page = v->info_page;
	v->info_page = NULL;
	v->info = info_default(v);
	spin_unlock(&e->delivery);
	spin_unlock(&e->lock);
	if (page)
		guest_page_unpin(page);
}

static uint64_t info_word(const uint8_t *info, unsigned offset, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, info + offset, size);
	return value;
}

/* One vcpu_info: bytes 0 and 1 and the time part stay where they are; the selector becomes all ones when there was anything in it. */
static void info_convert(uint8_t *info, bool compat)
{
	unsigned from = compat ? 8 : 4, to = compat ? 4 : 8;
	uint64_t selector = info_word(info, from, from) ? ~0ull : 0;
	uint64_t cr2 = info_word(info, from * 2, from);

	memset(info + 2, 0, 30);
	memcpy(info + to, &selector, to);
	memcpy(info + to * 2, &cr2, to);
}

/* The part of shared_info behind the vcpu_infos that both layouts have. */
struct shared_words {
	uint8_t pending[128], mask[128]; /* of the first 1024 ports */
	uint32_t wallclock[3], seconds_high;
	uint64_t arch[6];
};

static void words_from_native(struct shared_words *w, const struct shared_info *s)
{
	memcpy(w->pending, s->evtchn_pending, sizeof(w->pending));
	memcpy(w->mask, s->evtchn_mask, sizeof(w->mask));
	memcpy(w->wallclock, &s->wc_version, sizeof(w->wallclock));
	w->seconds_high = s->wc_sec_hi;
	memcpy(w->arch, &s->arch, sizeof(w->arch));
}

static void words_to_native(const struct shared_words *w, struct shared_info *s)
{
	memcpy(s->evtchn_pending, w->pending, sizeof(w->pending));
	memcpy(s->evtchn_mask, w->mask, sizeof(w->mask));
	memcpy(&s->wc_version, w->wallclock, sizeof(w->wallclock));
	s->wc_sec_hi = w->seconds_high;
	memcpy(&s->arch, w->arch, sizeof(w->arch));
}

static void words_from_compat(struct shared_words *w, const struct shared_info_x86_32 *s)
{
	memcpy(w->pending, s->evtchn_pending, sizeof(w->pending));
	memcpy(w->mask, s->evtchn_mask, sizeof(w->mask));
	memcpy(w->wallclock, &s->wc_version, sizeof(w->wallclock));
	w->seconds_high = s->arch.wc_sec_hi;
	for (unsigned i = 0; i < ARRAY_LEN(w->arch); i++)
		w->arch[i] = info_word((const uint8_t *)&s->arch, i * 4, 4);
}

static void words_to_compat(const struct shared_words *w, struct shared_info_x86_32 *s)
{
	memcpy(s->evtchn_pending, w->pending, sizeof(w->pending));
	memcpy(s->evtchn_mask, w->mask, sizeof(w->mask));
	memcpy(&s->wc_version, w->wallclock, sizeof(w->wallclock));
	s->arch.wc_sec_hi = w->seconds_high;
	for (unsigned i = 0; i < ARRAY_LEN(w->arch); i++)
		memcpy((uint8_t *)&s->arch + i * 4, &w->arch[i], 4);
}

static void shared_info_convert(void *shared_info, bool compat)
{
	uint8_t *behind = (uint8_t *)shared_info + 0x800;
	struct shared_words w;

	if (compat)
		words_from_native(&w, shared_info);
	else
		words_from_compat(&w, shared_info);
	memset(behind, 0, sizeof(struct shared_info) - 0x800);
	if (compat)
		words_to_compat(&w, shared_info);
	else
		words_to_native(&w, shared_info);
}

void event_channel_convert_layout(struct domain *d, bool compat)
{
	struct event_channels *e = &d->events;
	struct vcpu *v;
	uint32_t i;

	spin_lock(&e->lock);
	spin_lock(&e->delivery);
	if (d->is_compat != compat) {
		shared_info_convert(d->shared_info, compat);
		domain_for_each_vcpu(d, v, i)
			info_convert(v->info, compat);
		d->is_compat = compat;
	}
	spin_unlock(&e->delivery);
	spin_unlock(&e->lock);
}
