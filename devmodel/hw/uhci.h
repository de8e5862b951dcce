/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PIIX3's USB controller, 82371SB function 2 (8086:7020), at 00:01.2: a Universal Host Controller (UHCI Design Guide 1.1) with two ports. On the first there is a tablet, if anybody moves it.
 *
 * Frames are walked by a timer each millisecond; once nothing was transferred for a while, eight of them at a time. A frame's work is bounded by its bandwidth and by the number of
 * descriptors that are looked at. There is no legacy emulation of keyboards (no SMM): its register keeps what is written.
 */
#ifndef HW_UHCI_H
#define HW_UHCI_H

#include "device.h"
#include "input.h"

struct uhci_config {
	struct input_backend *tablet; /* points, buttons, wheel; NULL: nothing is plugged in */
};
extern const struct device_class uhci_class;

/* The guest has set the tablet up: its driver listens to it. */
bool uhci_tablet_is_in_use(const struct device *d);

#endif
