/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of a board's devices: a list, soonest first. One caller at a time. */
#ifndef DEVMODEL_TIMERS_H
#define DEVMODEL_TIMERS_H

#include "device.h"

struct device_timers {
	struct device_timer *waiting;
	struct device_timer *due; /* whose turn it is just now, one after the other */
};

/* As device_clock's: a timer that is armed moves, also when it is due already and its turn has not come. */
void device_timers_arm(struct device_timers *q, struct device_timer *t, uint64_t at_ns);
void device_timers_cancel(struct device_timers *q, struct device_timer *t);
void device_timers_cancel_all(struct device_timers *q);
/* When the soonest is due; UINT64_MAX: none is armed. */
uint64_t device_timers_next_ns(const struct device_timers *q);
/* Those that are due at now_ns; what they arm anew for now comes the next time, so that this ends. */
void device_timers_run(struct device_timers *q, uint64_t now_ns);

#endif
