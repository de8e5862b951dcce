/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACPI timer: its rate, its place, its width. */
#include <string.h>

#include "errno.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;

static void start(void)
{
	d = board_create(BOARD_ALL, 1);
}

static void rate(void)
{
	start();
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), 0);
	board_advance(1000000000);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), PM_TIMER_HZ);
	board_advance(279); /* less than a count */
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), PM_TIMER_HZ);
	board_advance(1);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), PM_TIMER_HZ + 1);
	/* a byte or a word of it; writes go nowhere */
	CHECK_EQ(board_in(d, PM_TIMER_PORT + 2), (PM_TIMER_HZ + 1) >> 16 & 0xff);
	board_out(d, PM_TIMER_PORT, 0x55);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), PM_TIMER_HZ + 1);
	/* round after 20 minutes */
	board_advance(1200000000000);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), (uint32_t)(1201ull * PM_TIMER_HZ + 1));
	board_destroy(d);
}

static void conversions(void)
{
	for (uint64_t n = 0; n < 5000000; n += 977) {
		uint64_t at = counts_to_time(n, PM_TIMER_HZ);

		CHECK_EQ(time_to_counts(at, PM_TIMER_HZ), n);
		CHECK(!at || time_to_counts(at - 1, PM_TIMER_HZ) == n - 1);
	}
	CHECK_EQ(time_to_counts(UINT64_MAX, 32768),
	         18446744073ull * 32768 + 709551615ull * 32768 / 1000000000);
}

static void width(void)
{
	start();
	d->platform->pm_timer->is_24_bit = true;
	board_advance(5000000000);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), 5 * PM_TIMER_HZ & 0xffffff);
	board_destroy(d);
}

static void moves(void)
{
	unsigned refused = 0;

	start();
	board_advance(1000000000);
	CHECK_EQ(vpmtimer_move(d, 0x608), 0);
	CHECK_EQ(board_in32(d, PM_TIMER_PORT), ~0u);
	CHECK_EQ(board_in32(d, 0x608), PM_TIMER_HZ);
	CHECK_EQ(vpmtimer_move(d, 0x70), -EEXIST);
	CHECK_EQ(vpmtimer_move(d, 0xfffe), -EINVAL);
	CHECK_EQ(board_in32(d, 0x608), PM_TIMER_HZ);
	CHECK_EQ(vpmtimer_move(d, 0), 0);
	CHECK_EQ(board_in32(d, 0x608), ~0u);
	CHECK_EQ(vpmtimer_move(d, 0x608), 0);
	CHECK_EQ(board_in32(d, 0x608), PM_TIMER_HZ);
	for (unsigned i = 0; i < 1000; i++)
		refused += vpmtimer_move(d, i & 1 ? 0x608 : 0x708) != 0;
	CHECK(refused > 300);
	CHECK_EQ(vpmtimer_move(d, 0x808), -EBUSY);
	board_destroy(d);
	d = board_create(XEN_X86_EMU_LAPIC | XEN_X86_EMU_PIT, 1);
	CHECK_EQ(vpmtimer_move(d, 0x608), -ENODEV);
	board_destroy(d);
	CHECK_EQ(vpmtimer_move(d, 0x608), -ENODEV);
}

static void saved(void)
{
	struct vpmtimer in = { .port = 0x508, .offset = 77 }, out = { 0 };

	start();
	CHECK_EQ(vpmtimer_restore(d->platform->pm_timer, &in), 0);
	CHECK_EQ(board_in32(d, 0x508), 77);
	vpmtimer_save(d->platform->pm_timer, &out);
	CHECK_EQ(out.port, 0x508);
	CHECK_EQ(out.offset, 77);
	in.port = 0x20;
	CHECK_EQ(vpmtimer_restore(d->platform->pm_timer, &in), -EEXIST);
	board_advance(1000000000);
	vpmtimer_set_count(d->platform->pm_timer, 0xfffffff0);
	CHECK_EQ(board_in32(d, 0x508), 0xfffffff0);
	board_destroy(d);
}

UNIT_MAIN(UNIT(rate), UNIT(conversions), UNIT(width), UNIT(moves), UNIT(saved))
