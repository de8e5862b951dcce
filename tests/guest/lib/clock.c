/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's paravirtual clock. */
#include "guest.h"

volatile struct vcpu_info *vcpu_infos[MAX_CPUS];

/* (v * mul) >> 32 with a 96-bit product. */
static uint64_t scale(uint64_t v, uint32_t mul)
{
	return (v >> 32) * mul + ((v & 0xffffffff) * mul >> 32);
}

uint64_t clock_read(const volatile struct vcpu_time_info *t)
{
	uint32_t version;
	uint64_t delta, base;

	do {
		version = t->version;
		barrier();
		delta = rdtsc() - t->tsc_timestamp;
		delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
		delta = scale(delta, t->tsc_to_system_mul);
		base = t->system_time;
		barrier();
	} while (version != t->version || version & 1);
	return base + delta;
}

uint64_t clock_ns(void)
{
	return clock_read(&vcpu_infos[this_cpu()->id]->time);
}

void delay_us(unsigned us)
{
	uint64_t end = clock_ns() + us * 1000ull;

	while (clock_ns() < end)
		pause();
}

bool wait_for(const volatile unsigned *flag, unsigned want, unsigned milliseconds)
{
	uint64_t end = clock_ns() + milliseconds * 1000000ull;

	while (atomic_load(flag) < want) {
		if (clock_ns() > end)
			return false;
		sched_op(SCHEDOP_yield, NULL);
	}
	return true;
}
