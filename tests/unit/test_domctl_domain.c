/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/domctl_domain.c and domctl_info.c: a domain's life by its tools, and what they see of it. */
#include <string.h>

#include "errno.h"
#include "event_ops.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/sched.h>

static struct domain *d;
static struct xen_domctl op;

static struct xen_domctl_getdomaininfo *info_from(uint16_t domid)
{
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_getdomaininfo, .domain = domid };
	return fake_domctl(&op) ? NULL : &op.u.getdomaininfo;
}

static long plain(uint32_t cmd)
{
	return fake_domctl_plain(cmd, d->id);
}

static void start(unsigned nr_vcpus)
{
	fake_control_machine(1);
	d = fake_tool_domain(nr_vcpus, 16);
	d->vcpus[0]->is_initialised = d->vcpus[0]->is_up = true;
}

static void pauses(void)
{
	start(1);
	/* One that is being built is paused, and may be paused more. */
	CHECK_EQ(plain(XEN_DOMCTL_pausedomain), 0);
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	CHECK_EQ(d->state, DOMAIN_BUILDING);
	CHECK(info_from(d->id)->flags & XEN_DOMINF_paused);
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	CHECK_EQ(d->state, DOMAIN_RUNNING);
	CHECK_EQ(d->pause_count, 0);
	CHECK(!(info_from(d->id)->flags & XEN_DOMINF_paused));
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), -EINVAL);
	for (unsigned i = 0; i < 255; i++)
		CHECK_EQ(plain(XEN_DOMCTL_pausedomain), 0);
	CHECK_EQ(plain(XEN_DOMCTL_pausedomain), -EOVERFLOW);
	CHECK_EQ(d->pause_count, 255);
	for (unsigned i = 0; i < 255; i++)
		CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	CHECK_EQ(d->pause_count, 0);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_pausedomain, 0), -EINVAL);
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

/* Without a vcpu there is nothing to start. */
static void nothing_to_start(void)
{
	struct xen_domctl create = { .cmd = XEN_DOMCTL_createdomain };

	fake_control_machine(1);
	create.u.createdomain = (struct xen_domctl_createdomain){
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
		.max_vcpus = 1,
		.grant_opts = 1,
		.arch.emulation_flags = XEN_X86_EMU_LAPIC,
	};
	CHECK_EQ(fake_domctl(&create), 0);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_unpausedomain, create.domain), -EINVAL);
	CHECK(info_from(create.domain)->flags & XEN_DOMINF_paused);
	CHECK_EQ(info_from(create.domain)->max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, create.domain), 0);
}

static void seen(void)
{
	struct xen_domctl_getdomaininfo *i;

	start(3);
	i = info_from(1);
	CHECK(i && i->domain == d->id && op.domain == d->id);
	CHECK_EQ(i->tot_pages, 16);
	CHECK_EQ(i->max_pages, 16 + 1024);
	CHECK_EQ(i->nr_online_vcpus, 1);
	CHECK_EQ(i->max_vcpu_id, 2);
	CHECK_EQ(i->shared_info_frame, ~0ull);
	CHECK_EQ(i->arch_config.emulation_flags, XEN_X86_EMU_LAPIC);
	CHECK(!memcmp(i->handle, "0123456789abcdef", 16));
	CHECK((i->flags & XEN_DOMINF_hvm_guest) && (i->flags & XEN_DOMINF_hap));
	CHECK(!(i->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)));
	/* The next one from an id on, and the end of the list. */
	CHECK(info_from(0) && op.domain == 0);
	CHECK(!info_from((uint16_t)(d->id + 1)));
	CHECK_EQ(fake_domctl(&op), -ESRCH);
	op.domain = DOMID_SELF;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

static void shutdown_and_resume(void)
{
	struct xen_domctl_getdomaininfo *i;

	start(1);
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	domain_shutdown(d, SHUTDOWN_suspend);
	i = info_from(d->id);
	CHECK(i->flags & XEN_DOMINF_shutdown);
	CHECK_EQ(i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask, SHUTDOWN_suspend);
	CHECK_EQ(d->vcpus[0]->sched.pause_count, 1);
	CHECK_EQ(plain(XEN_DOMCTL_resumedomain), 0);
	CHECK_EQ(d->vcpus[0]->sched.pause_count, 0);
	CHECK(!(info_from(d->id)->flags & XEN_DOMINF_shutdown));
	/* It can end again, for another reason. */
	domain_shutdown(d, SHUTDOWN_crash);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_resumedomain, 0), -EINVAL);
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

static bool dom_exc_came(uint32_t port)
{
	int pending = event_channel_is_pending(fake_control, port);
	uint64_t *word = (uint64_t *)((uint8_t *)fake_control->shared_info + 0x800) + port / 64;

	*word &= ~(1ull << port % 64);
	return pending == 1;
}

/* The tools see a domain that others still hold pages of, until they let go; they are told at each step. */
static void zombie(void)
{
	struct evtchn_bind_virq bind = { .virq = VIRQ_DOM_EXC };
	struct xen_domctl_getdomaininfo *i;
	uint16_t id;
	mfn_t held;

	start(1);
	id = d->id;
	CHECK_EQ(guest_call(fake_control->vcpus[0], event_channel_op, EVTCHNOP_bind_virq, &bind,
	                    sizeof(bind), 0),
	         0);
	held = p2m_lookup(&d->p2m, gfn(3)).mfn;
	CHECK(page_get(held, d));
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	domain_shutdown(d, SHUTDOWN_poweroff);
	CHECK(dom_exc_came(bind.port));
	CHECK(!dom_exc_came(bind.port));
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
	CHECK(dom_exc_came(bind.port));
	i = info_from(id);
	CHECK(i && i->domain == id);
	CHECK(i->flags & XEN_DOMINF_dying);
	CHECK_EQ(i->tot_pages, 1);
	CHECK_EQ(i->nr_online_vcpus, 0);
	/* People see it, too. */
	fake_console_clear();
	domains_dump();
	CHECK(strstr(fake_console_text(), "d1: dead, shut down"));
	/* Nothing can be done with it but to ask for its end again. */
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_pausedomain, id), -ESRCH);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, id), 0);
	CHECK(!dom_exc_came(bind.port));
	page_put(held);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_get_address_size, 0), 0);
	CHECK(dom_exc_came(bind.port));
	CHECK(!info_from(id));
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, id), -ESRCH);
}

static void limits_and_names(void)
{
	start(1);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_mem, .domain = d->id };
	op.u.max_mem.max_memkb = 8 * 4 + 3;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(d->max_pages, 8);
	/* It has more, and gets no more. */
	CHECK(!mfn_valid(page_alloc(d, 0, 0)));
	op.u.max_mem.max_memkb = ~0ull;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(d->max_pages, UINT32_MAX);
	op.cmd = XEN_DOMCTL_setdomainhandle;
	memcpy(op.u.setdomainhandle.handle, "fedcba9876543210", 16);
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK(!memcmp(info_from(d->id)->handle, "fedcba9876543210", 16));
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

static void time_of_the_guest(void)
{
	struct xen_domctl_tsc_info *t = &op.u.tsc_info;
	uint32_t *seconds;
	uint32_t before;

	start(1);
	seconds = (uint32_t *)((uint8_t *)d->shared_info + 0xc04);
	before = *seconds;
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_settimeoffset, .domain = d->id };
	op.u.settimeoffset.time_offset_seconds = -100;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(*seconds, before - 100);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_settscinfo, .domain = d->id };
	t->tsc_mode = TSC_ALWAYS_EMULATE;
	t->incarnation = 4;
	t->elapsed_nsec = 5000000000ull;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK(script_of(d->vcpus[0])->rdtsc_trapped);
	CHECK_EQ(domain_now_ns(d), 5000000000ull);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_gettscinfo, .domain = d->id };
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK(t->tsc_mode == TSC_ALWAYS_EMULATE && t->incarnation == 4);
	CHECK_EQ(t->gtsc_khz, machine_tsc_khz());
	CHECK_EQ(t->elapsed_nsec, 5000000000ull);
	op.cmd = XEN_DOMCTL_settscinfo;
	t->tsc_mode = TSC_NEVER_EMULATE;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK(!script_of(d->vcpus[0])->rdtsc_trapped);
	t->gtsc_khz *= 2;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	t->gtsc_khz = 0;
	t->tsc_mode = 3;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

static void one_of_each(void)
{
	start(1);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_get_address_size, .domain = d->id };
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(op.u.address_size.size, 64);
	op.cmd = XEN_DOMCTL_set_address_size;
	CHECK_EQ(fake_domctl(&op), 0);
	op.u.address_size.size = 32;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_getnodeaffinity, .domain = d->id };
	op.u.nodeaffinity.nodemap.bitmap.p = (void *)(uintptr_t)FAKE_BUFFER;
	op.u.nodeaffinity.nodemap.nr_bits = 8;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(*(uint8_t *)fake_buffer(0), 1);
	op.cmd = XEN_DOMCTL_setnodeaffinity;
	CHECK_EQ(fake_domctl(&op), 0);
	*(uint8_t *)fake_buffer(0) = 2;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

/* How often the control domain was told: by the port that it has bound to d's. */
static bool port_told(uint32_t port)
{
	bool was = event_channel_is_pending(fake_control, port) == 1;
	struct shared_info *s = fake_control->shared_info;

	s->evtchn_pending[0] = 0;
	return was;
}

/* Told of a suspension by a port of the domain's own; of any other end, and without such a port, as always. */
static void subscribed(void)
{
	struct evtchn_bind_interdomain b;
	int port;

	start(1);
	port = event_channel_alloc_unbound(d, 0);
	CHECK(port > 0);
	b = (struct evtchn_bind_interdomain){ .remote_dom = d->id, .remote_port = (uint32_t)port };
	CHECK_EQ(guest_call(fake_control->vcpus[0], event_channel_op, EVTCHNOP_bind_interdomain, &b,
	                    sizeof(b), 0),
	         0);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_subscribe, .domain = d->id };
	op.u.subscribe.port = (uint32_t)port;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(plain(XEN_DOMCTL_unpausedomain), 0);
	(void)port_told(b.local_port);
	domain_shutdown(d, SHUTDOWN_crash);
	CHECK(!port_told(b.local_port));
	domain_resume(d);
	domain_shutdown(d, SHUTDOWN_suspend);
	CHECK(port_told(b.local_port));
	CHECK_EQ(plain(XEN_DOMCTL_destroydomain), 0);
}

UNIT_MAIN(UNIT(subscribed), UNIT(pauses), UNIT(nothing_to_start), UNIT(seen),
          UNIT(shutdown_and_resume), UNIT(zombie), UNIT(limits_and_names), UNIT(time_of_the_guest),
          UNIT(one_of_each))
