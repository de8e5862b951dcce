/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways a domain ends: end=WAY on the command line; what the hypervisor says then is the test. */
#include "guest.h"

static void shut_down(unsigned reason)
{
	struct sched_shutdown s = { reason };

	test_note("shutdown gave %ld", sched_op(SCHEDOP_shutdown, &s));
}

static void poweroff(void)
{
	shut_down(SHUTDOWN_poweroff);
}

static void reboot(void)
{
	shut_down(SHUTDOWN_reboot);
}

static void suspend(void)
{
	struct sched_shutdown s = { SHUTDOWN_suspend };

	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, HC_PTR(&s), 0, 0, 0);
}

static void crash(void)
{
	shut_down(SHUTDOWN_crash);
}

static void watchdog_reason(void)
{
	shut_down(SHUTDOWN_watchdog);
}

static void watchdog_fires(void)
{
	struct sched_watchdog w = { .id = 0, .timeout = 1 };

	if (sched_op(SCHEDOP_watchdog, &w) < 0)
		return;
	for (;;)
		pause();
}

/* No interrupt table at all: fault, double fault, shutdown. */
static void triple_fault(void)
{
	struct {
		uint16_t limit;
		ulong_t base;
	} packed_struct none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(none));
}

static void halt_forever(void *arg)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* HLT with interrupts off takes a vcpu offline; without any left the domain is over. */
static void halt(void)
{
	for (unsigned i = 1; i < cpu_count(); i++) {
		cpu_start(i, START_SIPI);
		cpu_run(i, halt_forever, NULL);
	}
	delay_us(10000);
	halt_forever(NULL);
}

static void all(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "poweroff", poweroff },
		{ "reboot", reboot },
		{ "suspend", suspend },
		{ "crash", crash },
		{ "watchdog-reason", watchdog_reason },
		{ "watchdog", watchdog_fires },
		{ "triple-fault", triple_fault },
		{ "halt", halt },
	};
	char way[24] = "";

	option_text("end", way, sizeof(way));
	for (unsigned i = 0; i < ARRAY_LEN(ways); i++)
		if (!strcmp(way, ways[i].name))
			ways[i].run();
	test_fail("still here after end=%s", way);
}

GUEST_TESTS(TEST(all));
