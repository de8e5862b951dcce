/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82371AB (PIIX4), function 3: power management and SMBus, at 00:01.3. Data sheet 290562, chapter 7. Its fixed registers are those of ACPI (chapter 4.8 of its specification).
 *
 * Owners: status, enable and control are here; the timer's counter at base + 8 is the hypervisor's (machine_port.move_pm_timer() says where), and is answered here only where there is no
 * hypervisor before. Both count device_clock's time from 0, so the timer's status bit follows the counter's top bit (24 bits; it changes each 2.343 s).
 * ACPI's sleep button (bit 9), which the chip lacks, is there; so is a second block of general events at a fixed port, for the board's hot plug.
 * There is no system management mode: events make an SCI or, as long as SCI_EN is off, nothing. Suspends with power on (types 2 to 4) end as they begin.
 * Nothing answers on the SMBus: each command ends with a device error.
 */
#ifndef HW_PIIX4_PM_H
#define HW_PIIX4_PM_H

#include "device.h"

/* What a guest writes into SLP_TYP; for the firmware's tables. */
#define PIIX4_SLP_TYP_S5 0
#define PIIX4_SLP_TYP_S3 1

struct piix4_pm_config {
	/* Where the blocks are at reset, as firmware that ran before would have placed them: a multiple of 64, of 16. 0: nowhere until the guest places it. */
	uint16_t pm_base, smbus_base;
	uint16_t gpe_base; /* four bytes: two of status, two of enable. 0: no such block */
	uint8_t sci_irq;   /* 9 on a PC */
};
extern const struct device_class piix4_pm_class;

/* What comes from outside. */
void piix4_pm_power_button(struct device *d);
void piix4_pm_sleep_button(struct device *d);
/* A general event, 0 to 15, of the block at gpe_base. */
void piix4_pm_general_event(struct device *d, unsigned bit);
/* The clock's alarm. */
void piix4_pm_alarm(struct device *d);
/*
 * Asleep (S3): from SLP_EN until piix4_pm_woken(). The buttons ask the machine to wake then, the alarm does when RTC_EN is set, and whoever else may by piix4_pm_wake(). This chip is on
 * standby power and keeps what it has; the guest finds WAK_STS set.
 */
void piix4_pm_wake(struct device *d);
void piix4_pm_woken(struct device *d);
/* The firmware's command at the APM port that switches ACPI mode on or off (SCI_EN). */
void piix4_pm_acpi_mode(struct device *d, bool on);

#endif
