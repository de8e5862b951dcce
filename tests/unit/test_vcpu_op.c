/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/errno.h>

#include <xen/hvm/hvm_vcpu.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS 1000000ull

static struct domain *d;
static struct vcpu *v;

static void setup(unsigned vcpus)
{
	fake_core_init(MIB(64), 1);
	d = fixture_domain(false, vcpus);
	CHECK_EQ(domain_start(d), 0);
	fixture_run(d->vcpus[0]);
	v = d->vcpus[0];
}

static void end(void)
{
	fixture_end(d);
}

static long call(unsigned op, uint64_t id, const void *arg, size_t n)
{
	if (arg)
		fixture_write(d, FIXTURE_DATA, arg, n);
	return fixture_call(v, vcpu_op, op, id, arg ? FIXTURE_DATA : 0);
}

static void unknown_ones(void)
{
	setup(1);
	CHECK_EQ(call(VCPUOP_is_up, 1, NULL, 0), -XEN_ENOENT);
	CHECK_EQ(call(VCPUOP_is_up, 1ull << 31, NULL, 0), -XEN_ENOENT);
	CHECK_EQ(call(99, 1, NULL, 0), -XEN_ENOENT);
	CHECK_EQ(call(14, 0, NULL, 0), -XEN_ENOSYS);
	CHECK_EQ(call(15, 0, NULL, 0), -XEN_ENOSYS);
	CHECK_EQ(call(99, 0, NULL, 0), -XEN_ENOSYS);
	CHECK_EQ(call(0xffffffff, 0, NULL, 0), -XEN_ENOSYS);
	end();
}

static void up_and_down(void)
{
	setup(3);
	CHECK_EQ(call(VCPUOP_is_up, 0, NULL, 0), 1);
	CHECK_EQ(call(VCPUOP_is_up, 1, NULL, 0), 0);
	d->vcpus[2]->is_initialised = false;
	CHECK_EQ(call(VCPUOP_up, 2, NULL, 0), -XEN_EINVAL);
	CHECK_EQ(call(VCPUOP_up, 1, NULL, 0), 0);
	CHECK_EQ(call(VCPUOP_up, 1, NULL, 0), 0);
	CHECK_EQ(call(VCPUOP_is_up, 1, NULL, 0), 1);
	CHECK(!d->vcpus[1]->sched.stopped);
	CHECK_EQ(call(VCPUOP_down, 1, NULL, 0), 0);
	CHECK_EQ(call(VCPUOP_down, 1, NULL, 0), 0);
	CHECK_EQ(call(VCPUOP_is_up, 1, NULL, 0), 0);
	CHECK(d->vcpus[1]->sched.stopped);
	/* The last one: the domain ends instead. */
	CHECK(!d->is_shut_down);
	CHECK_EQ(call(VCPUOP_down, 0, NULL, 0), 0);
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_poweroff);
	end();
}

static void runstate_info(void)
{
	struct vcpu_runstate_info info;
	uint64_t sum = 0;

	setup(2);
	fixture_advance(5 * MS);
	CHECK_EQ(call(VCPUOP_get_runstate_info, 0, &info, sizeof(info)), 0);
	memcpy(&info, fixture_at(d, FIXTURE_DATA), sizeof(info));
	CHECK_EQ(info.state, RUNSTATE_running);
	for (unsigned i = 0; i < 4; i++)
		sum += info.time[i];
	CHECK_EQ(sum, machine_now_ns());
	CHECK(info.time[RUNSTATE_running] >= 5 * MS);
	CHECK_EQ(call(VCPUOP_get_runstate_info, 1, &info, sizeof(info)), 0);
	memcpy(&info, fixture_at(d, FIXTURE_DATA), sizeof(info));
	CHECK_EQ(info.state, RUNSTATE_offline);
	CHECK_EQ(fixture_call(v, vcpu_op, VCPUOP_get_runstate_info, 0, 0xdead0000), -XEN_EFAULT);
	/* 32-bit: 44 bytes, and not one more. */
	memset(fixture_at(d, FIXTURE_DATA), 0xee, 64);
	script_set_flat32(v);
	CHECK_EQ(fixture_call(v, vcpu_op, VCPUOP_get_runstate_info, 0, FIXTURE_DATA), 0);
	CHECK_EQ(*fixture_at(d, FIXTURE_DATA + 44), 0xee);
	memcpy(&sum, fixture_at(d, FIXTURE_DATA + 12), 8);
	CHECK(sum >= 5 * MS && sum < 1000 * MS);
	end();
}

static void singleshot(void)
{
	struct vcpu_set_singleshot_timer set = { .timeout_abs_ns = 50 * MS };

	setup(2);
	CHECK_EQ(call(VCPUOP_set_singleshot_timer, 1, &set, sizeof(set)), -XEN_EINVAL);
	CHECK_EQ(call(VCPUOP_stop_singleshot_timer, 1, NULL, 0), -XEN_EINVAL);
	CHECK_EQ(fixture_call(v, vcpu_op, VCPUOP_set_singleshot_timer, 0, 0xdead0000), -XEN_EFAULT);
	CHECK_EQ(call(VCPUOP_set_singleshot_timer, 0, &set, sizeof(set)), 0);
	CHECK(timer_is_set(&v->singleshot));
	CHECK_EQ(v->singleshot.at_ns, 50 * MS);
	CHECK_EQ(call(VCPUOP_stop_singleshot_timer, 0, NULL, 0), 0);
	CHECK(!timer_is_set(&v->singleshot));
	/* In the past: at once, also with the flag, and no error. */
	fixture_advance(100 * MS);
	set.flags = VCPU_SSHOTTMR_future;
	CHECK_EQ(call(VCPUOP_set_singleshot_timer, 0, &set, sizeof(set)), 0);
	CHECK(percpu()->pending & PENDING_TIMER);
	fixture_settle();
	CHECK(!timer_is_set(&v->singleshot));
	/* 32-bit: the struct ends after 12 bytes, here at the end of memory. */
	script_set_flat32(v);
	set.timeout_abs_ns = 500 * MS;
	fixture_write(d, FIXTURE_PAGES * PAGE_SIZE - 12, &set, 12);
	CHECK_EQ(fixture_call(v, vcpu_op, VCPUOP_set_singleshot_timer, 0,
	                      FIXTURE_PAGES * PAGE_SIZE - 12),
	         0);
	CHECK_EQ(v->singleshot.at_ns, 500 * MS);
	end();
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer set = { .period_ns = MS - 1 };
	uint64_t first;

	setup(2);
	CHECK_EQ(call(VCPUOP_set_periodic_timer, 1, &set, sizeof(set)), -XEN_EINVAL);
	set.period_ns = UINT64_MAX;
	CHECK_EQ(call(VCPUOP_set_periodic_timer, 0, &set, sizeof(set)), -XEN_EINVAL);
	set.period_ns = MS;
	CHECK_EQ(call(VCPUOP_set_periodic_timer, 1, &set, sizeof(set)), 0);
	CHECK_EQ(call(VCPUOP_stop_periodic_timer, 1, NULL, 0), 0);
	CHECK(!timer_is_set(&d->vcpus[1]->periodic));
	set.period_ns = 3 * MS;
	CHECK_EQ(call(VCPUOP_set_periodic_timer, 0, &set, sizeof(set)), 0);
	first = v->periodic.at_ns;
	CHECK_EQ(first, machine_now_ns() + 3 * MS);
	fixture_advance(3 * MS);
	CHECK_EQ(v->periodic.at_ns, first + 3 * MS);
	/* Ten periods late: the next one is on the grid again. */
	fixture_advance(31 * MS);
	CHECK_EQ((v->periodic.at_ns - first) % (3 * MS), 0);
	CHECK(v->periodic.at_ns > machine_now_ns());
	CHECK_EQ(call(VCPUOP_stop_periodic_timer, 0, NULL, 0), 0);
	CHECK(!timer_is_set(&v->periodic));
	end();
}

static void areas(void)
{
	uint64_t at = FIXTURE_DATA + 0x1000;
	struct vcpu_runstate_info info;
	struct vcpu_time_info t;

	setup(2);
	CHECK_EQ(fixture_call(v, vcpu_op, VCPUOP_register_runstate_memory_area, 0, 0xdead0000),
	         -XEN_EFAULT);
	CHECK_EQ(call(VCPUOP_register_runstate_memory_area, 0, &at, sizeof(at)), 0);
	memcpy(&info, fixture_at(d, at), sizeof(info));
	CHECK_EQ(info.state, RUNSTATE_running);
	CHECK(info.time[RUNSTATE_running] + info.time[RUNSTATE_offline] +
	              info.time[RUNSTATE_runnable] ==
	      machine_now_ns());
	/* Another vcpu's waits until that one runs. */
	at += 0x100;
	CHECK_EQ(call(VCPUOP_register_runstate_memory_area, 1, &at, sizeof(at)), 0);
	CHECK_EQ(*fixture_at(d, at + 8), 0);
	CHECK(d->vcpus[1]->requests & VCPU_REQ_TIME);
	/* An address that is not there is the guest's own fault, later. */
	at = 0xdead0000;
	CHECK_EQ(call(VCPUOP_register_runstate_memory_area, 0, &at, sizeof(at)), 0);
	at = FIXTURE_DATA + 0x2000;
	CHECK_EQ(call(VCPUOP_register_vcpu_time_memory_area, 0, &at, sizeof(at)), 0);
	memcpy(&t, fixture_at(d, at), sizeof(t));
	CHECK_EQ(t.system_time, machine_now_ns());
	CHECK(t.version && !(t.version & 1));
	end();
}

static void vcpu_info_once(void)
{
	struct vcpu_register_vcpu_info info = { .mfn = 20, .offset = PAGE_SIZE - 63 };

	setup(2);
	CHECK_EQ(call(VCPUOP_register_vcpu_info, 0, &info, sizeof(info)), -XEN_ENXIO);
	info.offset = 0x100;
	info.mfn = 1u << 20;
	CHECK_EQ(call(VCPUOP_register_vcpu_info, 0, &info, sizeof(info)), -XEN_EINVAL);
	info.mfn = 20;
	CHECK_EQ(call(VCPUOP_register_vcpu_info, 0, &info, sizeof(info)), 0);
	CHECK(v->info == fixture_at(d, (20 << 12) + 0x100));
	CHECK(*(uint32_t *)(v->info + 32));
	CHECK_EQ(call(VCPUOP_register_vcpu_info, 0, &info, sizeof(info)), -XEN_EINVAL);
	end();
}

static void nmi_and_physid(void)
{
	uint64_t id = 0;

	setup(2);
	CHECK_EQ(call(VCPUOP_send_nmi, 1, &id, sizeof(id)), -XEN_EINVAL);
	CHECK(!(d->vcpus[1]->requests & VCPU_REQ_NMI));
	CHECK_EQ(call(VCPUOP_send_nmi, 1, NULL, 0), 0);
	CHECK(d->vcpus[1]->requests & VCPU_REQ_NMI);
	CHECK_EQ(call(VCPUOP_get_physid, 0, &id, sizeof(id)), -XEN_EINVAL);
	end();
}

static void set_timer(void)
{
	setup(1);
	CHECK_EQ(fixture_call(v, set_timer_op, 70 * MS, 0, 0), 0);
	CHECK_EQ(v->singleshot.at_ns, 70 * MS);
	CHECK_EQ(fixture_call(v, set_timer_op, 0, 0, 0), 0);
	CHECK(!timer_is_set(&v->singleshot));
	/* Nonsense gets an event soon. */
	CHECK_EQ(fixture_call(v, set_timer_op, UINT64_MAX, 0, 0), 0);
	CHECK_EQ(v->singleshot.at_ns, machine_now_ns() + 100 * MS);
	CHECK_EQ(fixture_call(v, set_timer_op, 1ull << 60, 0, 0), 0);
	CHECK_EQ(v->singleshot.at_ns, machine_now_ns() + 100 * MS);
	/* 32-bit: two words. */
	script_set_flat32(v);
	CHECK_EQ(fixture_call(v, set_timer_op, 0x10, 2, 0), 0);
	CHECK_EQ(v->singleshot.at_ns, 0x200000010);
	end();
}

UNIT_MAIN(UNIT(unknown_ones), UNIT(up_and_down), UNIT(runstate_info), UNIT(singleshot),
          UNIT(periodic), UNIT(areas), UNIT(vcpu_info_once), UNIT(nmi_and_physid), UNIT(set_timer))
