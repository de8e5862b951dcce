/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82371SB (PIIX3), function 0: the bridge to ISA at 00:01.0. Data sheet 290550, chapters 2.2 and 2.5. It routes the four PCI interrupt links, has the reset port 0xcf9 and the two
 * APM ports. The interrupt controllers with their ELCR, the timer, port 0x61 and the clock, which are in the same chip, belong to the hypervisor (xen/vdev). There
 * is no ISA DMA, and no system management mode: registers about either keep what is written.
 */
#ifndef HW_PIIX3_H
#define HW_PIIX3_H

#include "device.h"

struct piix3_config {
	/* A command was written to the APM control port 0xb2, where the chip would enter SMM. NULL: nobody cares. */
	void (*apm_command)(void *client, uint8_t command);
	void *client;
};
extern const struct device_class piix3_class;

#endif
