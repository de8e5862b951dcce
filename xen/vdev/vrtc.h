/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real-time clock of a PC, a Motorola MC146818A with the century at 0x32 and 256 bytes of CMOS, at ports 0x70 to 0x73; it drives ISA interrupt 8. Its date is the machine's,
 * the domain's offset and what the guest has set it off by. Seconds and flags are not counted but follow from the time.
 */
#ifndef VDEV_VRTC_H
#define VDEV_VRTC_H

#include "iobus.h"
#include "save.h"
#include "spinlock.h"
#include "timer.h"
#include "vtick.h"

struct domain;

#define CMOS_SIZE 256

/* MC146818A, "Address map" and "Registers" */
#define RTC_SECONDS       0x00
#define RTC_SECONDS_ALARM 0x01
#define RTC_MINUTES       0x02
#define RTC_MINUTES_ALARM 0x03
#define RTC_HOURS         0x04
#define RTC_HOURS_ALARM   0x05
#define RTC_WEEKDAY       0x06
#define RTC_DAY           0x07
#define RTC_MONTH         0x08
#define RTC_YEAR          0x09
#define RTC_A             0x0a
#define RTC_B             0x0b
#define RTC_C             0x0c
#define RTC_D             0x0d
#define RTC_CENTURY       0x32

#define RTC_A_UIP     0x80
#define RTC_A_RATE    0x0f
#define RTC_A_RESET   0x60 /* both: the divider is held */
#define RTC_B_SET     0x80
#define RTC_B_PIE     0x40
#define RTC_B_AIE     0x20
#define RTC_B_UIE     0x10
#define RTC_B_SQWE    0x08
#define RTC_B_BINARY  0x04
#define RTC_B_24_HOUR 0x02
#define RTC_C_IRQ     0x80
#define RTC_C_PF      0x40
#define RTC_C_AF      0x20
#define RTC_C_UF      0x10

struct vrtc {
	struct io_region ports;
	struct domain *domain;
	struct spinlock lock; /* for all below. Outside of irq_routing.lock */
	uint8_t index[2];     /* of ports 0x70 (7 bits) and 0x72 */
	bool nmi_masked; /* bit 7 of port 0x70: of the board's own NMIs, which here never come */
	uint8_t cmos
		[CMOS_SIZE];  /* the clock's bytes: as of the last look, or as they were stopped */
	uint8_t flags;        /* register C without its highest bit */
	uint8_t weekday_bias; /* weekday = (days + this) % 7 + 1 */
	int64_t base_s;       /* seconds since 1970 at the guest's time 0 */
	uint32_t base_ns;     /* and the part of one */
	int64_t offset_s;     /* of these, what the guest has changed */
	uint32_t offset_ns;
	uint64_t seen_ns; /* flags are right up to this time of the guest's */
	bool is_stopped;  /* the domain ends */
	bool is_cut_off;  /* the HPET has the interrupt's place */
	bool alarm_told;  /* the board knows of the alarm that stands */
	struct vtick tick;
	struct timer timer;
};
extern const struct save_field vrtc_saved[];

/* In building. -ENOMEM, -EEXIST */
int must_check vrtc_create(struct domain *d, struct vrtc **out);
/* No vcpu runs, and no lock is held. stop: its timers fire no more; destroy: nobody else has the domain any more. */
void vrtc_stop(struct vrtc *r);
void vrtc_destroy(struct vrtc *r);
/* The chip's reset line: interrupts are off; time and CMOS stay. */
void vrtc_reset(struct vrtc *r);
/* The builder's bytes, from 0x0e on without the century's; others, and a domain without a clock: nothing happens. */
void vrtc_set_cmos(struct domain *d, unsigned index, uint8_t value);
/* The clock is set off from what it shows now. */
void vrtc_adjust(struct domain *d, int64_t seconds);
/* The machine's date or the domain's offset from it has changed. */
void vrtc_date_changed(struct domain *d);
/* Interrupt 8 is driven by somebody else meanwhile; the alarm still comes to domain_alarm(). vhpet.lock may be held. */
void vrtc_cut_off(struct vrtc *r, bool cut_off);
/* The domain falls asleep: interrupt 8 is the clock's again, and an alarm that stands is told once more, for it to wake up. */
void vrtc_sleep(struct vrtc *r);

void vrtc_save(struct vrtc *r, struct vrtc *out);
/* After the guest's time; the date is now's. -EINVAL: no chip could be so; nothing is changed then. */
int must_check vrtc_restore(struct vrtc *r, const struct vrtc *in);

/* vrtc_time.c: bytes and seconds, in the form that register B names */
/* The clock's bytes of that second. */
void vrtc_bytes_from(uint8_t *cmos, int64_t seconds, uint8_t weekday_bias);
/* The second that the bytes name, the nearest that there is; and the bias that makes their weekday right. */
int64_t vrtc_seconds_from(const uint8_t *cmos, uint8_t *weekday_bias);
/* The first second after that one whose alarm it is; INT64_MAX: none ever. */
int64_t vrtc_alarm_after(const uint8_t *cmos, int64_t seconds);

#endif
