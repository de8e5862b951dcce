/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain_fixture.h"

#include "log.h"
#include "options.h"

#include <xen/event_channel.h>
#include <xen/sched.h>

#define MS 1000000ull
#define S  (1000 * MS)

static struct domain *dom0, *d;
static struct vcpu *v;

static void setup(unsigned vcpus)
{
	fake_core_init(MIB(64), 2);
	log_set_level(LOG_DEBUG, LOG_DEBUG);
	memset(&options, 0, sizeof(options));
	options.noreboot = true;
	dom0 = fixture_domain(true, 1);
	d = fixture_domain(false, vcpus);
	CHECK_EQ(domain_start(d), 0);
	for (unsigned i = 0; i < vcpus; i++) {
		struct cpu_mask one = { .bits = { 1 } };

		CHECK_EQ(sched_set_affinity(&d->vcpus[i]->sched, &one, NULL), 0);
	}
	v = d->vcpus[0];
	fixture_run(v);
}

static void end(void)
{
	fixture_end(d);
	fixture_end(dom0);
}

static long call(struct vcpu *caller, unsigned op, const void *arg, size_t n)
{
	if (arg)
		fixture_write(caller->domain, FIXTURE_DATA, arg, n);
	return fixture_call(caller, sched_op, op, arg ? FIXTURE_DATA : 0, 0);
}

static void unknown_and_bad(void)
{
	setup(1);
	CHECK_EQ(call(v, 8, NULL, 0), -XEN_ENOSYS);
	CHECK_EQ(call(v, 0xffffffff, NULL, 0), -XEN_ENOSYS);
	for (unsigned op = SCHEDOP_shutdown; op <= SCHEDOP_watchdog; op++)
		CHECK_EQ(fixture_call(v, sched_op, op, 0xdead0000, 0), -XEN_EFAULT);
	CHECK(!d->is_shut_down);
	end();
}

static void yields(void)
{
	setup(2);
	vcpu_up(d->vcpus[1]);
	fixture_run(v);
	CHECK_EQ(call(v, SCHEDOP_yield, NULL, 0), 0);
	fixture_settle();
	CHECK(percpu()->current == d->vcpus[1]);
	end();
}

static void blocks_until_an_event(void)
{
	setup(1);
	v->info[1] = 1;
	CHECK_EQ(call(v, SCHEDOP_block, NULL, 0), 0);
	CHECK_EQ(v->info[1], 0);
	fixture_settle();
	CHECK(!percpu()->current);
	vcpu_request(v, VCPU_REQ_EVENT);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* An old request that nobody has looked at yet keeps no new one from waking it. */
	CHECK(v->requests & VCPU_REQ_EVENT);
	CHECK_EQ(call(v, SCHEDOP_block, NULL, 0), 0);
	fixture_settle();
	CHECK(!percpu()->current);
	vcpu_request(v, VCPU_REQ_EVENT);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* One that is pending already: no sleep. */
	v->info[0] = 1;
	CHECK_EQ(call(v, SCHEDOP_block, NULL, 0), 0);
	fixture_settle();
	CHECK(percpu()->current == v);
	end();
}

static void shuts_down(void)
{
	struct sched_shutdown s = { .reason = SHUTDOWN_reboot };

	setup(1);
	CHECK_EQ(call(v, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_reboot);
	fixture_settle();
	CHECK(!percpu()->current);
	end();
	/* A code that was latched before wins; only the first one is. */
	setup(1);
	s.reason = 0x100 + SHUTDOWN_suspend;
	CHECK_EQ(call(v, SCHEDOP_shutdown_code, &s, sizeof(s)), 0);
	s.reason = SHUTDOWN_crash;
	CHECK_EQ(call(v, SCHEDOP_shutdown_code, &s, sizeof(s)), 0);
	CHECK(!d->is_shut_down);
	CHECK_EQ(call(v, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_suspend);
	end();
}

static struct sched_poll poll_for(uint64_t ports_at, unsigned nr, uint64_t timeout)
{
	struct sched_poll p = { .nr_ports = nr, .timeout = timeout };

	p.ports.p = (evtchn_port_t *)(uintptr_t)ports_at;
	return p;
}

static void polls(void)
{
	evtchn_port_t ports[3];
	uint64_t at = FIXTURE_DATA + 0x100;
	struct sched_poll p;

	setup(1);
	for (unsigned i = 0; i < 3; i++) {
		int port = event_channel_alloc_unbound(d, 0);

		CHECK(port > 0);
		ports[i] = (evtchn_port_t)port;
	}
	fixture_write(d, at, ports, sizeof(ports));
	p = poll_for(at, 129, 0);
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), -XEN_EINVAL);
	p = poll_for(0xdead0000, 1, 0);
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), -XEN_EFAULT);
	p = poll_for(at, 4, 0);
	ports[0] = 5000;
	fixture_write(d, at + 12, &ports[0], 4);
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), -XEN_EINVAL);
	CHECK(!v->polling);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* A port wakes it, with its events masked. */
	p = poll_for(at, 3, 0);
	v->info[1] = 1;
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), 0);
	fixture_settle();
	CHECK(!percpu()->current);
	CHECK(v->polling);
	event_channel_notify(d, ports[2]);
	fixture_settle();
	CHECK(percpu()->current == v);
	CHECK(!v->polling);
	/* Pending now: back at once. */
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), 0);
	fixture_settle();
	CHECK(percpu()->current == v);
	end();
}

static void polls_for_one_port_only(void)
{
	evtchn_port_t port;
	uint64_t at = FIXTURE_DATA + 0x100;
	struct sched_poll p = poll_for(at, 1, 0);
	int other;

	setup(1);
	port = (evtchn_port_t)event_channel_alloc_unbound(d, 0);
	other = event_channel_alloc_unbound(d, 0);
	fixture_write(d, at, &port, sizeof(port));
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), 0);
	fixture_settle();
	CHECK(!percpu()->current);
	event_channel_wake_pollers(d, (uint32_t)other);
	fixture_settle();
	CHECK(!percpu()->current);
	event_channel_wake_pollers(d, port);
	fixture_settle();
	CHECK(percpu()->current == v);
	end();
}

static void poll_times_out(void)
{
	struct sched_poll p;
	struct {
		uint32_t ports, nr;
		uint64_t timeout;
	} small;

	setup(1);
	p = poll_for(0, 0, machine_now_ns() + 10 * MS);
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), 0);
	fixture_advance(9 * MS);
	CHECK(!percpu()->current);
	fixture_advance(1 * MS);
	CHECK(percpu()->current == v);
	CHECK(!timer_is_set(&v->poll_timer));
	/* In the past: back at once. */
	p = poll_for(0, 0, machine_now_ns() - 1);
	CHECK_EQ(call(v, SCHEDOP_poll, &p, sizeof(p)), 0);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* The 32-bit struct. */
	script_set_flat32(v);
	small.ports = small.nr = 0;
	small.timeout = machine_now_ns() + 5 * MS;
	CHECK_EQ(call(v, SCHEDOP_poll, &small, 16), 0);
	fixture_settle();
	CHECK(!percpu()->current);
	fixture_advance(5 * MS);
	CHECK(percpu()->current == v);
	end();
}

static void remote_shutdown(void)
{
	struct sched_remote_shutdown s = { .domain_id = 0, .reason = SHUTDOWN_poweroff };
	struct cpu_mask two = { .bits = { 2 } };

	setup(1);
	CHECK_EQ(call(v, SCHEDOP_remote_shutdown, &s, sizeof(s)), -XEN_EPERM);
	s.domain_id = DOMID_SELF;
	CHECK_EQ(call(v, SCHEDOP_remote_shutdown, &s, sizeof(s)), -XEN_ESRCH);
	s.domain_id = 77;
	CHECK_EQ(call(v, SCHEDOP_remote_shutdown, &s, sizeof(s)), -XEN_ESRCH);
	CHECK_EQ(sched_set_affinity(&dom0->vcpus[0]->sched, &two, NULL), 0);
	CHECK_EQ(domain_start(dom0), 0);
	fake_set_cpu(1);
	fixture_run(dom0->vcpus[0]);
	CHECK_EQ(call(dom0->vcpus[0], SCHEDOP_remote_shutdown, &s, sizeof(s)), -XEN_ESRCH);
	s.domain_id = d->id;
	s.reason = SHUTDOWN_crash;
	CHECK_EQ(call(dom0->vcpus[0], SCHEDOP_remote_shutdown, &s, sizeof(s)), 0);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
	fake_set_cpu(0);
	end();
}

static void watchdogs(void)
{
	struct sched_watchdog w = { .id = 3, .timeout = 1 };

	setup(1);
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), -XEN_EINVAL);
	w.id = 1;
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), -XEN_EINVAL);
	w = (struct sched_watchdog){ .id = 0, .timeout = 2 };
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), 1);
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), 2);
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), -XEN_ENOSPC);
	w = (struct sched_watchdog){ .id = 2, .timeout = 0 };
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), 0);
	CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), -XEN_EINVAL);
	/* Fed in time, it stays quiet. */
	w = (struct sched_watchdog){ .id = 1, .timeout = 2 };
	for (unsigned i = 0; i < 5; i++) {
		fixture_advance(S);
		CHECK_EQ(call(v, SCHEDOP_watchdog, &w, sizeof(w)), 0);
	}
	CHECK(!d->is_shut_down);
	fixture_advance(2 * S);
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_watchdog);
	end();
}

static void pins(void)
{
	struct sched_pin_override p = { .pcpu = 1 };
	struct vcpu *v0;

	setup(1);
	CHECK_EQ(call(v, SCHEDOP_pin_override, &p, sizeof(p)), -XEN_EPERM);
	CHECK_EQ(domain_start(dom0), 0);
	v0 = dom0->vcpus[0];
	fake_set_cpu(1);
	fixture_run(v0);
	CHECK_EQ(fixture_call(v0, sched_op, SCHEDOP_pin_override, 0xdead0000, 0), -XEN_EFAULT);
	p.pcpu = 2;
	CHECK_EQ(call(v0, SCHEDOP_pin_override, &p, sizeof(p)), -XEN_EINVAL);
	p.pcpu = -1;
	CHECK_EQ(call(v0, SCHEDOP_pin_override, &p, sizeof(p)), -XEN_EINVAL);
	p.pcpu = 1;
	CHECK_EQ(call(v0, SCHEDOP_pin_override, &p, sizeof(p)), 0);
	CHECK_EQ(v0->sched.hard_affinity.bits[0], 2);
	CHECK_EQ(call(v0, SCHEDOP_pin_override, &p, sizeof(p)), -XEN_EBUSY);
	p.pcpu = -1;
	CHECK_EQ(call(v0, SCHEDOP_pin_override, &p, sizeof(p)), 0);
	CHECK_EQ(v0->sched.hard_affinity.bits[0], ~0ull);
	fake_set_cpu(0);
	end();
}

UNIT_MAIN(UNIT(unknown_and_bad), UNIT(yields), UNIT(blocks_until_an_event), UNIT(shuts_down),
          UNIT(polls), UNIT(polls_for_one_port_only), UNIT(poll_times_out), UNIT(remote_shutdown),
          UNIT(watchdogs), UNIT(pins))
