/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sched_op: what does not end the domain (ending.c has the rest). */
#include "guest.h"

static long poll(evtchn_port_t *ports, unsigned n, uint64_t timeout)
{
	struct sched_poll p = { .nr_ports = n, .timeout = timeout };

	p.ports.p = ports;
	return sched_op(SCHEDOP_poll, &p);
}

static void yield(void)
{
	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(sched_op(SCHEDOP_yield, NULL), 0);
}

static void poll_pending(void)
{
	evtchn_port_t port = (evtchn_port_t)event_bind_ipi(0);

	event_mask(port);
	event_send(port);
	CHECK_EQ(poll(&port, 1, 0), 0);
	bit_clear(shared->evtchn_pending, port);
	event_close(port);
}

static void poll_times_out(void)
{
	evtchn_port_t port = (evtchn_port_t)event_bind_ipi(0);
	uint64_t t = clock_ns();

	event_mask(port);
	CHECK_EQ(poll(&port, 1, t + 5000000), 0);
	CHECK(clock_ns() >= t + 5000000);
	t = clock_ns();
	CHECK_EQ(poll(&port, 1, 1), 0); /* long gone */
	CHECK(clock_ns() < t + 1000000000ull);
	event_close(port);
}

static void poll_no_ports(void)
{
	uint64_t t = clock_ns();

	CHECK_EQ(poll(NULL, 0, t + 3000000), 0);
	CHECK(clock_ns() >= t + 3000000);
}

static void send_later(void *arg)
{
	delay_us(5000);
	event_send(*(evtchn_port_t *)arg);
}

static void poll_woken_by_another(void)
{
	static evtchn_port_t ports[2];

	ports[0] = (evtchn_port_t)event_bind_ipi(0);
	ports[1] = (evtchn_port_t)event_bind_ipi(0);
	event_mask(ports[0]);
	event_mask(ports[1]);
	if (!CHECK(cpu_start(1, START_SIPI)))
		return;
	cpu_run(1, send_later, &ports[1]);
	CHECK_EQ(poll(ports, 2, clock_ns() + 2000000000ull), 0);
	CHECK(bit_test(shared->evtchn_pending, ports[1]));
	CHECK(cpu_wait(1, 1000));
	bit_clear(shared->evtchn_pending, ports[1]);
	event_close(ports[0]);
	event_close(ports[1]);
}

static void poll_bad(void)
{
	static evtchn_port_t ports[130];
	evtchn_port_t bad = 1u << 30;

	CHECK_EQ(poll(ports, 129, 1), -EINVAL);
	CHECK_EQ(poll(&bad, 1, 1), -EINVAL);
	CHECK_EQ(poll(bad_pointer(), 1, 1), -EFAULT);
	CHECK_EQ(sched_op(SCHEDOP_poll, bad_pointer()), -EFAULT);
}

static void watchdog(void)
{
	struct sched_watchdog w = { .id = 0, .timeout = 100 };
	long id = sched_op(SCHEDOP_watchdog, &w), second;

	CHECK(id > 0);
	second = sched_op(SCHEDOP_watchdog, &w);
	CHECK(second > 0 && second != id);
	CHECK_EQ((int32_t)sched_op(SCHEDOP_watchdog, &w),
	         -ENOSPC); /* there are two; 32 bits count */
	w.id = (uint32_t)id;
	CHECK_EQ(sched_op(SCHEDOP_watchdog, &w), 0); /* once more */
	w.timeout = 0;
	CHECK_EQ(sched_op(SCHEDOP_watchdog, &w), 0); /* off */
	CHECK_EQ(sched_op(SCHEDOP_watchdog, &w), -EINVAL);
	w.id = (uint32_t)second;
	CHECK_EQ(sched_op(SCHEDOP_watchdog, &w), 0);
	w.id = 77;
	CHECK_EQ(sched_op(SCHEDOP_watchdog, &w), -EINVAL);
	CHECK_EQ(sched_op(SCHEDOP_watchdog, bad_pointer()), -EFAULT);
}

static void remote_shutdown_bad(void)
{
	struct sched_remote_shutdown r = { .domain_id = 0x123, .reason = SHUTDOWN_crash };

	CHECK_EQ(sched_op(SCHEDOP_remote_shutdown, &r), -ESRCH);
	CHECK_EQ(sched_op(SCHEDOP_remote_shutdown, bad_pointer()), -EFAULT);
}

static void shutdown_code(void)
{
	struct sched_shutdown s = { 77 };

	CHECK_EQ(sched_op(SCHEDOP_shutdown_code, bad_pointer()), -EFAULT);
	s.reason = SHUTDOWN_poweroff;
	CHECK_EQ(sched_op(SCHEDOP_shutdown_code, &s), 0);
	CHECK_EQ(sched_op(SCHEDOP_shutdown, bad_pointer()), -EFAULT);
}

static void pin_override(void)
{
	struct sched_pin_override p = { .pcpu = 1 };
	long ret = sched_op(SCHEDOP_pin_override, &p);

	CHECK(ret == 0 || ret == -EPERM || ret == -EINVAL);
	p.pcpu = -1;
	sched_op(SCHEDOP_pin_override, &p);
	CHECK_EQ(sched_op(SCHEDOP_pin_override, bad_pointer()), -EFAULT);
	p.pcpu = 4096;
	CHECK(sched_op(SCHEDOP_pin_override, &p) < 0);
}

static void unknown(void)
{
	static uint64_t zeroes[8];

	CHECK_EQ(sched_op(8, zeroes), -ENOSYS);
	CHECK_EQ(sched_op(~0u, zeroes), -ENOSYS);
}

void guest_setup(void)
{
	event_init();
}

GUEST_TESTS(TEST(yield), TEST(poll_pending), TEST(poll_times_out), TEST(poll_no_ports),
            TEST(poll_woken_by_another), TEST(poll_bad), TEST(watchdog), TEST(remote_shutdown_bad),
            TEST(shutdown_code), TEST(pin_override), TEST(unknown));
