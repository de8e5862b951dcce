/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI's S3 of a guest: its board puts it to sleep, and what wakes it. Ring 3 is the test. */
#include <string.h>

#include "device.h"
#include "devmodel.h"
#include "domain.h"
#include "domctl.h"
#include "errno.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "hvm_platform.h"
#include "hvm_params.h"
#include "machine_fake.h"
#include "ring3_program.h"
#include "unit.h"
#include "usermode_fake.h"
#include "virt_ops.h"

#include <xen/domctl.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>

static struct domain *d;
static enum machine_event asked; /* what an entry by a port asks for */
static unsigned wakes, alarms, wake_events;

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	uint64_t result[USERMODE_ARGS] = { 0 }, event[USERMODE_ARGS] = { asked };
	bool is_woken = args[0] == DEVMODEL_EVENT && args[1] & DEVMODEL_EVENT_WAKE;

	wakes += args[0] == DEVMODEL_WAKE;
	if (args[0] == DEVMODEL_WAKE)
		CHECK_EQ(d->sleep, DOMAIN_WAKING);
	alarms += args[0] == DEVMODEL_EVENT && args[1] & DEVMODEL_EVENT_ALARM;
	wake_events += is_woken;
	if (is_woken)
		event[0] = MACHINE_WAKE;
	if (is_woken || args[0] == DEVMODEL_PIO)
		CHECK(u->call(u, DEVMODEL_CALL_MACHINE, event));
	CHECK(!u->call(u, DEVMODEL_CALL_RETURN, result));
	return USERMODE_DONE;
}

static void port(enum machine_event e)
{
	struct io_access a = { .addr = 0xb005, .size = 1, .is_write = true };

	asked = e;
	CHECK_EQ(devmodel_pio(d->devmodel, &a), IO_DONE);
}

static void start(void)
{
	struct devmodel_config config = { .image = &ring3_program,
		                          .image_size = sizeof(ring3_program),
		                          .image_name = "test",
		                          .board = { .version = DEVMODEL_ABI_VERSION,
		                                     .vram_size = 16 * PAGE_SIZE } };

	fake_core_init(0, 1);
	d = fixture_domain(false, 2);
	d->max_pages += 1024;
	ring3_program_make();
	fake_usermode = ring3;
	wakes = alarms = wake_events = 0;
	CHECK_EQ(devmodel_create(d, &config), 0);
	CHECK_EQ(domain_start(d), 0);
	fixture_run(d->vcpus[0]);
	fixture_run(d->vcpus[1]);
	fixture_settle();
}

static uint64_t s_state(void)
{
	uint64_t value = ~0ull;

	CHECK_EQ(hvm_param_get(NULL, d, HVM_PARAM_ACPI_S_STATE, &value), 0);
	return value;
}

static void check_asleep(void)
{
	struct xen_domctl_getdomaininfo info;

	CHECK_EQ(d->sleep, DOMAIN_ASLEEP);
	CHECK(!d->is_shut_down);
	CHECK_EQ(d->vcpus[0]->sched.pause_count, 1);
	CHECK_EQ(d->vcpus[1]->sched.pause_count, 1);
	CHECK_EQ(s_state(), 3);
	domain_info_get(d, &info);
	CHECK(info.flags & XEN_DOMINF_paused);
	CHECK(!(info.flags & XEN_DOMINF_shutdown));
}

static void check_awake(void)
{
	struct vcpu *v = d->vcpus[0], *other = d->vcpus[1];
	struct segment cs;

	CHECK_EQ(d->sleep, DOMAIN_AWAKE);
	CHECK_EQ(wakes, 1);
	CHECK_EQ(s_state(), 0);
	CHECK_EQ(v->sched.pause_count, 0);
	CHECK_EQ(other->sched.pause_count, 0);
	CHECK(v->is_up);
	CHECK_EQ(v->regs.rip, 0xfff0);
	virt->get_segment(v, SEG_CS, &cs);
	CHECK_EQ(cs.selector, 0xf000);
	CHECK_EQ(cs.base, 0xf0000);
	CHECK(!other->is_up && other->wait_for_sipi);
}

static void wakes_by_its_board(void)
{
	start();
	d->vcpus[0]->regs.rip = 0x1234;
	port(MACHINE_WAKE); /* it is awake */
	CHECK_EQ(wakes, 0);
	port(MACHINE_SLEEP_S3);
	check_asleep();
	port(MACHINE_SLEEP_S3); /* once is enough */
	check_asleep();
	port(MACHINE_WAKE);
	check_awake();
	port(MACHINE_WAKE);
	CHECK_EQ(wakes, 1);
	fixture_end(d);
}

/* By the board, in its thread: the tools' call may come while the domain ends. */
static void wakes_by_the_tools(void)
{
	start();
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_ACPI_S_STATE, 3), -EINVAL);
	port(MACHINE_SLEEP_S3);
	check_asleep();
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_ACPI_S_STATE, 0), 0);
	CHECK_EQ(d->sleep, DOMAIN_ASLEEP);
	fixture_settle();
	CHECK_EQ(wake_events, 1);
	check_awake();
	fixture_end(d);
}

/* Time goes by, in which the device model's thread has its turn. */
static void alarms_in(unsigned seconds, unsigned wanted)
{
	board_advance(seconds * 1000000000ull);
	fixture_settle();
	CHECK_EQ(alarms, wanted);
}

/* It asks the board, awake (its power management has a status bit, and an interrupt) and asleep: that knows what may wake it. */
static void alarm(void)
{
	start();
	domain_alarm(d);
	alarms_in(1, 1);
	domain_sleep(d);
	domain_alarm(d);
	alarms_in(1, 2);
	check_asleep();
	fixture_end(d);
	d = fixture_domain(false, 1);
	domain_alarm(d); /* no board, nobody to ask */
	fixture_end(d);
}

/* The clock's alarm at second 0 of each minute, and it is 30. */
static void clock_start(uint8_t enables)
{
	const uint8_t bytes[][2] = { { RTC_SECONDS_ALARM, 0 },
		                     { RTC_MINUTES_ALARM, 0xff },
		                     { RTC_HOURS_ALARM, 0xff },
		                     { RTC_SECONDS, 0x30 },
		                     { RTC_B, RTC_B_24_HOUR | enables } };

	start();
	d->emulation_flags |= XEN_X86_EMU_RTC;
	CHECK_EQ(hvm_platform_create(d), 0);
	for (unsigned i = 0; i < ARRAY_LEN(bytes); i++) {
		board_out(d, 0x70, bytes[i][0]);
		board_out(d, 0x71, bytes[i][1]);
	}
}

/*
 * With its interrupt 8, without it, and with ticks that nobody reads, so that the line is high all the time: each alarm once, however long it stands; once more when the guest falls asleep over it.
 */
static void alarm_of_the_clock(void)
{
	static const struct {
		bool is_cut_off;
		uint8_t enables;
	} cases[] = { { false, RTC_B_AIE },
		      { true, RTC_B_AIE },
		      { false, RTC_B_AIE | RTC_B_PIE },
		      { true, RTC_B_AIE | RTC_B_PIE } };

	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		clock_start(cases[i].enables);
		vrtc_cut_off(d->platform->rtc, cases[i].is_cut_off);
		alarms_in(29, 0);
		alarms_in(1, 1);
		alarms_in(60, 1);
		board_out(d, 0x70, RTC_C);
		CHECK(board_in(d, 0x71) & RTC_C_AF);
		alarms_in(59, 1);
		alarms_in(1, 2);
		domain_sleep(d);
		alarms_in(0, 3);
		alarms_in(60, 3);
		fixture_end(d);
	}
}

/* One that stands when the guest is saved is not told to its new board again: what it told the old one is in that one's registers. */
static void alarm_restored(void)
{
	struct vrtc saved;

	clock_start(RTC_B_AIE);
	alarms_in(30, 1);
	vrtc_save(d->platform->rtc, &saved);
	fixture_end(d);
	clock_start(0);
	CHECK_EQ(vrtc_restore(d->platform->rtc, &saved), 0);
	alarms_in(60, 0);
	board_out(d, 0x70, RTC_C);
	CHECK(board_in(d, 0x71) & RTC_C_AF);
	alarms_in(60, 1);
	fixture_end(d);
}

static void ends_asleep(void)
{
	start();
	domain_sleep(d);
	domain_shutdown(d, SHUTDOWN_poweroff);
	domain_wake(d);
	CHECK_EQ(wakes, 0);
	CHECK_EQ(d->sleep, DOMAIN_ASLEEP);
	domain_sleep(d);
	CHECK_EQ(d->vcpus[0]->sched.pause_count, 2);
	fixture_end(d);
}

static void no_board(void)
{
	fake_core_init(0, 1);
	d = fixture_domain(false, 1);
	domain_sleep(d);
	CHECK_EQ(d->sleep, DOMAIN_AWAKE);
	domain_wake(d);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_ACPI_S_STATE, 3), -EINVAL);
	fixture_end(d);
}

UNIT_MAIN(UNIT(wakes_by_its_board), UNIT(wakes_by_the_tools), UNIT(alarm), UNIT(alarm_of_the_clock),
          UNIT(alarm_restored), UNIT(ends_asleep), UNIT(no_board))
