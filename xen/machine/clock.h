/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time: the TSC, its rate measured once, and the wall clock at start. Serves machine_now_ns() and its kin (core/machine.h). */
#ifndef MACHINE_CLOCK_H
#define MACHINE_CLOCK_H

#include "types.h"

/* Measures the TSC (at most some 10 ms), reads the wall clock, starts time at 0. After acpi_init(). One log line. */
void clock_init(void);
/* Spins. Before clock_init(): by the PIT's count. */
void clock_delay_us(unsigned us);
/* TSC ticks for that many nanoseconds. */
uint64_t clock_ns_to_tsc(uint64_t ns);

/*
 * Compares this CPU's TSC with the boot CPU's: both call, with the same *sync, at about the same time. The boot CPU gets the skew in ticks that it saw (how far the
 * other one is behind, at least), 0: none seen.
 */
struct clock_sync {
	uint32_t turn;
	uint64_t last;
	uint64_t max_skew;
};
void clock_sync_first(struct clock_sync *s);
void clock_sync_second(struct clock_sync *s);
/* A CPU's TSC is behind: time may not be trusted over CPUs. */
void clock_set_unreliable(void);

/* Seconds since 1970 from the CMOS clock; 0: not readable. */
uint64_t rtc_read(void);

#endif
