/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's paravirtual clock. */
#ifndef GUEST_CLOCK_H
#define GUEST_CLOCK_H

#include "types.h"
#include <xen/xen.h>

/* Where this CPU's time is; the vcpu_info in shared_info unless it was registered elsewhere. */
extern volatile struct vcpu_info *vcpu_infos[];

/* System time in ns by this CPU's vcpu_time_info. */
uint64_t clock_ns(void);
uint64_t clock_read(const volatile struct vcpu_time_info *t);

void delay_us(unsigned us);

/* Waits, yielding, until *flag is at least want. False: it was not within the time. */
bool wait_for(const volatile unsigned *flag, unsigned want, unsigned milliseconds);

#endif
