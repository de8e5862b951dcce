/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where vcpu_info lies, and the change between the two layouts. */
#include <string.h>

#include "errno.h"
#include "event_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "percpu.h"
#include "unit.h"

#include <xen/xen.h>
#include <xen/foreign/x86_32.h>

static struct domain *d;

static void start(unsigned nr_vcpus)
{
	fake_core_init(0, 1);
	d = guest_create(1, nr_vcpus, 32, false);
	percpu()->current = d->vcpus[0];
}

static uint32_t ipi_to(uint32_t vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };

	CHECK_EQ(guest_call(d->vcpus[0], event_channel_op, EVTCHNOP_bind_ipi, &b, sizeof(b), 0), 0);
	return b.port;
}

static void registers_once(void)
{
	struct vcpu *v;
	uint8_t *page;

	start(2);
	v = d->vcpus[0];
	page = fake_guest_page(d, 20);
	memset(page, 0xaa, 4096);
	v->info[1] = 1;
	((struct vcpu_info *)v->info)->arch.cr2 = 0x1234;
	CHECK(vcpu_info_register(v, 20, 4096 - 63));
	CHECK(vcpu_info_register(v, 20, 0xffffffff));
	CHECK_EQ(vcpu_info_register(v, 5000, 0), -EINVAL);
	CHECK_EQ(vcpu_info_register(d->vcpus[1], 20, 0),
	         -EINVAL); /* it is up, and not the caller */
	CHECK(v->info == (uint8_t *)d->shared_info);
	CHECK_EQ(vcpu_info_register(v, 20, 4096 - 64), 0);
	CHECK(v->info == page + 4096 - 64);
	CHECK_EQ(v->info[0], 1);
	CHECK_EQ(v->info[1], 1);
	CHECK_EQ(((struct vcpu_info *)v->info)->evtchn_pending_sel, ~0ull);
	CHECK_EQ(((struct vcpu_info *)v->info)->arch.cr2, 0x1234);
	CHECK_EQ(page[4096 - 65], 0xaa);
	CHECK_EQ(vcpu_info_register(v, 21, 0), -EINVAL);
	/* The page stays as long as it is needed, also when the guest takes it out of its memory. */
	CHECK_EQ(p2m_unmap(&d->p2m, gfn(20), 0), 0);
	v->info[0] = 0;
	event_channel_info_moved(v);
	CHECK_EQ(page[4096 - 64], 1);
	vcpu_info_reset(v);
	CHECK(v->info == (uint8_t *)d->shared_info);
	CHECK_EQ(vcpu_info_register(v, 21, 0), 0);
	guest_destroy(d);
}

static void above_32_waits_for_registration(void)
{
	struct evtchn_send s;
	struct vcpu *v;

	start(40);
	v = d->vcpus[39];
	s.port = ipi_to(39);
	CHECK_EQ(guest_call(d->vcpus[0], event_channel_op, EVTCHNOP_send, &s, sizeof(s), 0), 0);
	CHECK_EQ(event_channel_is_pending(d, s.port), 1);
	CHECK_EQ(v->info[0], 0); /* shared with vcpu 39 of any domain */
	memset(fake_guest_page(d, 20), 0xaa, 4096);
	percpu()->current = v;
	CHECK_EQ(vcpu_info_register(v, 20, 64), 0);
	CHECK_EQ(v->info[0], 1);
	CHECK_EQ(v->info[1], 1);
	CHECK_EQ(((struct vcpu_info *)v->info)->arch.cr2, 0);
	CHECK_EQ(((struct vcpu_info *)v->info)->evtchn_pending_sel, ~0ull);
	guest_destroy(d);
}

static void layouts_convert(void)
{
	struct shared_info *s;
	struct shared_info_x86_32 *c;
	struct vcpu_info *moved;
	struct vcpu_info_x86_32 *moved_c;

	start(3);
	s = d->shared_info;
	c = d->shared_info;
	CHECK_EQ(vcpu_info_register(d->vcpus[0], 20, 128), 0);
	moved = (void *)d->vcpus[0]->info;
	moved_c = (void *)moved;
	moved->arch.cr2 = 0x1122334455;
	moved->time.version = 77;
	s->vcpu_info[1].evtchn_pending_sel = 1ull << 40;
	s->vcpu_info[1].evtchn_upcall_pending = 1;
	memset(s->evtchn_pending, 0, sizeof(s->evtchn_pending));
	s->evtchn_pending[1] = 1ull << 36 | 2;
	s->evtchn_mask[15] = 1ull << 63;
	s->wc_version = 2;
	s->wc_sec = 3;
	s->wc_nsec = 4;
	s->wc_sec_hi = 5;
	s->arch.max_pfn = 6;
	s->arch.nmi_reason = 7;

	event_channel_convert_layout(d, true);
	CHECK(d->is_compat);
	CHECK_EQ(moved_c->evtchn_pending_sel, ~0u);
	CHECK_EQ(moved_c->arch.cr2, 0x22334455);
	CHECK_EQ(moved_c->time.version, 77);
	CHECK_EQ(c->vcpu_info[1].evtchn_pending_sel, ~0u);
	CHECK_EQ(c->vcpu_info[1].evtchn_upcall_pending, 1);
	CHECK_EQ(c->vcpu_info[2].evtchn_pending_sel, 0);
	CHECK_EQ(c->evtchn_pending[2], 2);
	CHECK_EQ(c->evtchn_pending[3], 1u << 4);
	CHECK_EQ(c->evtchn_mask[31], 1u << 31);
	CHECK_EQ(c->wc_version, 2);
	CHECK_EQ(c->wc_sec, 3);
	CHECK_EQ(c->wc_nsec, 4);
	CHECK_EQ(c->arch.wc_sec_hi, 5);
	CHECK_EQ(c->arch.max_pfn, 6);
	CHECK_EQ(c->arch.nmi_reason, 7);

	event_channel_convert_layout(d, true); /* nothing to do */
	event_channel_convert_layout(d, false);
	CHECK(!d->is_compat);
	CHECK_EQ(moved->evtchn_pending_sel, ~0ull);
	CHECK_EQ(moved->arch.cr2, 0x22334455);
	CHECK_EQ(s->vcpu_info[2].evtchn_pending_sel, 0);
	CHECK_EQ(s->evtchn_pending[1], 1ull << 36 | 2);
	CHECK_EQ(s->evtchn_mask[15], 1ull << 63);
	CHECK_EQ(s->wc_sec_hi, 5);
	CHECK_EQ(s->arch.max_pfn, 6);
	CHECK_EQ(s->arch.nmi_reason, 7);
}

UNIT_MAIN(UNIT(registers_once), UNIT(above_32_waits_for_registration), UNIT(layouts_convert))
