/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TSC as the machine's clock. */
#include "clock.h"

#include "acpi.h"
#include "atomic.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "log.h"
#include "machine.h"
#include "paging.h"

#define NS_PER_SECOND 1000000000ull

/* How long the TSC is compared with the reference clock. */
#define CALIBRATE_US 5000
/* What a TSC may plausibly run at. */
#define TSC_KHZ_MIN 1000u
#define TSC_KHZ_MAX 10000000u

/* Before the TSC was measured it is taken for a fast one, so that delays are too long rather than too short. */
static uint32_t tsc_khz = 4000000;
static uint64_t ticks_per_ns_32 = 4ull << 32; /* the same, 32.32 */
static uint32_t scale_mul;
static int8_t scale_shift;
static uint64_t tsc_base, wallclock_ns;
static bool reliable;

/* ---- reference clocks ---- */

struct reference {
	const char *name;
	/* Is it there? Starts it, sets *hz and *mask (how many bits it counts). */
	bool (*start)(uint64_t *hz, uint64_t *mask);
	uint64_t (*read)(void);
};

#define HPET_CAPABILITIES 0x00
#define HPET_PERIOD       0x04
#define HPET_CONFIG       0x10
#define HPET_COUNTER      0xf0

static volatile uint8_t *hpet;

static bool hpet_start(uint64_t *hz, uint64_t *mask)
{
	uint32_t period, before;

	if (!acpi.hpet_address)
		return false;
	hpet = io_map(hpa(acpi.hpet_address), PAGE_SIZE);
	period = mmio_read32(hpet + HPET_PERIOD); /* femtoseconds, at most 100 ns */
	if (period < 100000 || period > 100000000)
		return false;
	mmio_write32(hpet + HPET_CONFIG, mmio_read32(hpet + HPET_CONFIG) | 1);
	*hz = 1000000000000000ull / period;
	*mask = UINT32_MAX;
	before = mmio_read32(hpet + HPET_COUNTER);
	for (unsigned i = 0; i < 10000; i++)
		if (mmio_read32(hpet + HPET_COUNTER) != before)
			return true;
	return false;
}

static uint64_t hpet_read(void)
{
	return mmio_read32(hpet + HPET_COUNTER);
}

static uint64_t pm_timer_read(void)
{
	return in32(acpi.pm_timer_port);
}

static bool pm_timer_start(uint64_t *hz, uint64_t *mask)
{
	uint64_t before;

	if (!acpi.pm_timer_port)
		return false;
	*hz = 3579545;
	*mask = acpi.pm_timer_32bit ? UINT32_MAX : 0xffffff;
	before = pm_timer_read();
	for (unsigned i = 0; i < 10000; i++)
		if (pm_timer_read() != before)
			return true;
	return false;
}

#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_GATE     0x61

/* Channel 2, which drives no interrupt, speaker off, counting down from its top. */
static bool pit_start(uint64_t *hz, uint64_t *mask)
{
	out8(PIT_GATE, (uint8_t)((in8(PIT_GATE) & ~2) | 1));
	out8(PIT_COMMAND, 0xb0); /* channel 2, both bytes, mode 0 */
	out8(PIT_CHANNEL2, 0xff);
	out8(PIT_CHANNEL2, 0xff);
	*hz = 1193182;
	*mask = 0xffff;
	return true;
}

static uint64_t pit_read(void)
{
	uint8_t low;

	out8(PIT_COMMAND, 0x80); /* latch channel 2 */
	low = in8(PIT_CHANNEL2);
	return 0xffffu - (uint16_t)(in8(PIT_CHANNEL2) << 8 | low);
}

/* The best first. */
static const struct reference references[] = {
	{ "HPET", hpet_start, hpet_read },
	{ "PM timer", pm_timer_start, pm_timer_read },
	{ "PIT", pit_start, pit_read },
};

/* ---- calibration ---- */

struct sample {
	uint64_t tsc, reference;
};

/* The tightest of some readings: an interruption (an SMI, a host's scheduler) shows as a wide one. */
static struct sample sample(const struct reference *r)
{
	struct sample best = { 0, 0 };
	uint64_t best_width = UINT64_MAX;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t before = tsc_read_ordered(), value = r->read(), after = tsc_read_ordered();

		if (after - before >= best_width)
			continue;
		best_width = after - before;
		best = (struct sample){ before + (after - before) / 2, value };
	}
	return best;
}

/* kHz, or 0 when the reference is not there or does not count as it should. */
static uint32_t calibrate(const struct reference *r)
{
	uint64_t hz, mask, ticks, wanted, elapsed, khz, give_up;
	struct sample first, last;

	if (!r->start(&hz, &mask))
		return 0;
	wanted = hz * CALIBRATE_US / 1000000;
	first = sample(r);
	/* a TSC of the highest plausible rate would need this many ticks for twice the time */
	give_up = (uint64_t)TSC_KHZ_MAX * CALIBRATE_US / 1000 * 2;
	do {
		ticks = (r->read() - first.reference) & mask;
		if (tsc_read() - first.tsc > give_up)
			return 0;
	} while (ticks < wanted);
	last = sample(r);
	ticks = (last.reference - first.reference) & mask;
	elapsed = last.tsc - first.tsc;
	if (!ticks)
		return 0;
	khz = (elapsed * hz / ticks + 500) / 1000;
	return khz >= TSC_KHZ_MIN && khz <= TSC_KHZ_MAX ? (uint32_t)khz : 0;
}

/* Public xen/xen.h, vcpu_time_info: ns = ((ticks << shift) * mul) >> 32, with mul in its upper half. */
static void set_scale(uint64_t hz)
{
	scale_shift = 0;
	while (hz > 2 * NS_PER_SECOND) {
		hz >>= 1;
		scale_shift--;
	}
	while (hz <= NS_PER_SECOND) {
		hz <<= 1;
		scale_shift++;
	}
	scale_mul = (uint32_t)((NS_PER_SECOND << 32) / hz);
}

void clock_init(void)
{
	const char *source = "nothing: a guess";
	uint64_t seconds;

	for (unsigned i = 0; i < ARRAY_LEN(references); i++) {
		uint32_t khz = calibrate(&references[i]);

		if (!khz)
			continue;
		tsc_khz = khz;
		source = references[i].name;
		break;
	}
	ticks_per_ns_32 = ((uint64_t)tsc_khz << 32) / 1000000;
	set_scale((uint64_t)tsc_khz * 1000);
	reliable = cpu_features.invariant_tsc;
	tsc_base = tsc_read_ordered();
	seconds = acpi.no_rtc ? 0 : rtc_read();
	wallclock_ns = seconds * NS_PER_SECOND - (seconds ? machine_now_ns() : 0);
	log_info("TSC: %u.%03u MHz, measured by %s%s", tsc_khz / 1000, tsc_khz % 1000, source,
	         reliable ? ", invariant" : "");
	if (!seconds)
		log_warning("no wall clock: time starts in 1970");
}

/* ---- time ---- */

uint64_t machine_tsc(void)
{
	return tsc_read();
}

uint32_t machine_tsc_khz(void)
{
	return tsc_khz;
}

bool machine_tsc_reliable(void)
{
	return reliable;
}

void clock_set_unreliable(void)
{
	reliable = false;
}

void machine_tsc_scale(uint32_t *mul, int8_t *shift)
{
	*mul = scale_mul;
	*shift = scale_shift;
}

uint64_t machine_ticks_to_ns(uint64_t ticks)
{
	if (scale_shift >= 0)
		ticks <<= scale_shift;
	else
		ticks >>= -scale_shift;
	return (uint64_t)((unsigned __int128)ticks * scale_mul >> 32);
}

uint64_t machine_tsc_to_ns(uint64_t tsc)
{
	uint64_t ticks = tsc - tsc_base;

	/* a few ticks before time 0 on a CPU that is a little behind */
	return unlikely((int64_t)ticks < 0) ? 0 : machine_ticks_to_ns(ticks);
}

uint64_t machine_now_ns(void)
{
	return machine_tsc_to_ns(tsc_read());
}

uint64_t clock_ns_to_tsc(uint64_t ns)
{
	return (uint64_t)((unsigned __int128)ns * ticks_per_ns_32 >> 32);
}

uint64_t machine_wallclock_ns(void)
{
	return wallclock_ns;
}

void machine_set_wallclock_ns(uint64_t utc_at_zero)
{
	wallclock_ns = utc_at_zero;
}

void clock_delay_us(unsigned us)
{
	uint64_t start = tsc_read(), span = clock_ns_to_tsc((uint64_t)us * 1000);

	while (tsc_read() - start < span)
		cpu_relax();
}

/* ---- do two CPUs see one time? ---- */

#define SYNC_ROUNDS 32

/* Plays one side: takes turns in writing the newest time seen; one's own clock behind it is skew. */
static void sync_side(struct clock_sync *s, uint32_t me)
{
	uint64_t give_up = tsc_read() + clock_ns_to_tsc(2000000);

	for (uint32_t round = 0; round < SYNC_ROUNDS; round++) {
		uint64_t now;

		while (load_acquire(&s->turn) != round * 2 + me) {
			if (tsc_read() > give_up)
				return;
			cpu_relax();
		}
		now = tsc_read_ordered();
		if (now < s->last)
			s->max_skew = MAX(s->max_skew, s->last - now);
		s->last = now;
		store_release(&s->turn, round * 2 + me + 1);
	}
}

void clock_sync_first(struct clock_sync *s)
{
	sync_side(s, 0);
}

void clock_sync_second(struct clock_sync *s)
{
	sync_side(s, 1);
}
