/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The high precision event timer of a PC: a 64-bit counter of 62.5 MHz and three comparators at 0xfed00000 (IA-PC HPET 1.0a). Messages (FSB delivery) are not offered.
 */
#ifndef VDEV_VHPET_H
#define VDEV_VHPET_H

#include "iobus.h"
#include "save.h"
#include "spinlock.h"
#include "timer.h"
#include "vtick.h"

struct domain;

#define HPET_BASE    0xfed00000u
#define HPET_TIMERS  3
#define HPET_TICK_NS 16u
/* Lines of the IO-APIC that comparators may be routed to: 20 to 23 */
#define HPET_ROUTES 0x00f00000u

#define HPET_REG_ID           0x000
#define HPET_REG_CONFIG       0x010
#define HPET_REG_STATUS       0x020
#define HPET_REG_COUNTER      0x0f0
#define HPET_REG_TIMER(n)     (0x100 + 0x20 * (n))
#define HPET_TIMER_COMPARATOR 0x08

#define HPET_CONFIG_ENABLE 0x1u
#define HPET_CONFIG_LEGACY 0x2u

#define HPET_TIMER_LEVEL        0x0002u
#define HPET_TIMER_ENABLE       0x0004u
#define HPET_TIMER_PERIODIC     0x0008u
#define HPET_TIMER_CAN_PERIODIC 0x0010u
#define HPET_TIMER_CAN_64       0x0020u
#define HPET_TIMER_SET          0x0040u
#define HPET_TIMER_32           0x0100u
#define HPET_TIMER_ROUTE        0x3e00u
#define HPET_ROUTE_SHIFT        9
#define HPET_TIMER_WRITABLE                                                            \
	(HPET_TIMER_LEVEL | HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | \
	 HPET_TIMER_32)

struct vhpet_timer {
	struct timer timer;
	uint64_t config; /* the bits that a guest sets */
	uint64_t comparator, period;
	uint64_t due; /* ticks of the guest's time when it matches next; UINT64_MAX: never */
	struct vtick tick;
};

struct vhpet {
	struct io_region region;
	struct domain *domain;
	struct spinlock lock; /* for all below. Outside of vpit.lock and vrtc.lock */
	uint64_t config, status;
	uint64_t
		counter; /* while it stands; while it runs: to be added to the guest's time in ticks */
	struct vhpet_timer timers[HPET_TIMERS];
};
extern const struct save_field vhpet_saved[];

/* In building. -ENOMEM, -EEXIST */
int must_check vhpet_create(struct domain *d, struct vhpet **out);
/* No vcpu runs, and no lock is held. stop: its timers fire no more; destroy: nobody else has the domain any more. */
void vhpet_stop(struct vhpet *h);
void vhpet_destroy(struct vhpet *h);
void vhpet_reset(struct vhpet *h);

/* The guest's registers. offset below 0x400, a multiple of 8; mask: bits that are written */
uint64_t vhpet_read(struct vhpet *h, unsigned offset);
void vhpet_write(struct vhpet *h, unsigned offset, uint64_t value, uint64_t mask);

void vhpet_save(struct vhpet *h, struct vhpet *out);
/* After the guest's time, the PIT and the RTC. -EINVAL: no chip could be so; nothing is changed then. */
int must_check vhpet_restore(struct vhpet *h, const struct vhpet *in);
/* The same from what registers show: counter is what it stands at, and due is found out. */
int must_check vhpet_load(struct vhpet *h, const struct vhpet *in);

#endif
