/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two DMA controllers of a PC, as they are in the PIIX3: channels 0 to 3 move bytes (ports 0x00 to 0x0f; the chip answers at 0x10 to 0x1f as well, where Xen's platform device is here), 5 to
 * 7 words (0xc0 to 0xdf), and channel 4 is the first controller's way through the second; the page registers, of which nine are nobody's (0x80 to 0x8f, the port of power-on codes among them).
 * 8237A data sheet (231466); 82371SB, "DMA registers".
 *
 * No device of this board asks for a transfer. Programs may by the request register: such a transfer runs to its end at once.
 */
#ifndef HW_I8237_H
#define HW_I8237_H

#include "device.h"

/* No configuration. */
extern const struct device_class i8237_class;

#endif
