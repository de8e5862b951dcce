/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paravirtual clock: goes forward, on all vcpus alike, and knows the date. */
#include "guest.h"

static void information(void)
{
	const volatile struct vcpu_time_info *t = &vcpu_infos[0]->time;

	CHECK(t->version != 0 && !(t->version & 1));
	CHECK(t->tsc_to_system_mul != 0);
	CHECK(t->tsc_shift > -32 && t->tsc_shift < 32);
	CHECK(t->system_time != 0);
}

static void goes_forward(void)
{
	uint64_t last = clock_ns();

	for (unsigned i = 0; i < 20000; i++) {
		uint64_t now = clock_ns();

		if (now < last)
			test_fail("back by %llu ns", (unsigned long long)(last - now));
		last = now;
	}
}

static uint64_t latest;
static unsigned backwards;

static void watch(void *arg)
{
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t seen = __sync_val_compare_and_swap(&latest, 0, 0), now = clock_ns(), old;

		if (now < seen)
			atomic_add(&backwards, 1);
		for (; now > seen; seen = old)
			if ((old = __sync_val_compare_and_swap(&latest, seen, now)) == seen)
				break;
	}
}

/* A time that another vcpu has seen is never in the future, where the flag says so. */
static void monotonic_across_vcpus(void)
{
	for (unsigned i = 1; i < 4; i++)
		cpu_run(i, watch, NULL);
	watch(NULL);
	for (unsigned i = 1; i < 4; i++)
		CHECK(cpu_wait(i, 5000));
	if (vcpu_infos[0]->time.flags & 1)
		CHECK_EQ(backwards, 0);
	else
		test_note("not stable by its own word; %u times back", backwards);
}

static void vcpus_agree(void)
{
	uint64_t a = clock_read(&vcpu_infos[0]->time);

	for (unsigned i = 1; i < 4; i++) {
		uint64_t b = clock_read(&vcpu_infos[i]->time);

		CHECK(b >= a && b < a + 100000000ull);
	}
}

static void wall_clock(void)
{
	uint32_t version = shared->wc_version;

	CHECK(!(version & 1));
	/* After 2020 and before 2100. */
	CHECK(shared->wc_sec > 1577836800u && shared->wc_sec < 4102444800u);
	CHECK(shared->wc_nsec < 1000000000u);
#ifdef __x86_64__
	CHECK_EQ(shared->wc_sec_hi, 0);
#else
	CHECK_EQ(shared->arch.wc_sec_hi, 0);
#endif
}

static void agrees_with_timers(void)
{
	struct xen_hvm_get_time t;
	uint64_t before = clock_ns();

	hvm_op(HVMOP_get_time, &t);
	CHECK(t.now + 1000000 >= before && t.now <= clock_ns() + 1000000);
}

static void survives_sleep(void)
{
	uint64_t t = clock_ns();
	struct sched_poll p = { .nr_ports = 0, .timeout = t + 20000000 };

	CHECK_EQ(sched_op(SCHEDOP_poll, &p), 0);
	CHECK(clock_ns() >= t + 20000000 && clock_ns() < t + 2000000000ull);
}

void guest_setup(void)
{
	cpu_start_all(4);
}

GUEST_TESTS(TEST(information), TEST(goes_forward), TEST(monotonic_across_vcpus), TEST(vcpus_agree),
            TEST(wall_clock), TEST(agrees_with_timers), TEST(survives_sleep));
