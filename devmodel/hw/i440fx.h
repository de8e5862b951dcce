/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82441FX (440FX PMC), the host bridge at 00:00.0, with PCI configuration mechanism #1 at ports 0xcf8 to 0xcff. Data sheet 290549.
 *
 * What is different from the chip: the memory from 0xc0000 to 0xfffff is RAM that is always read and written there, whatever the PAM registers say (firmware that was put there
 * needs no shadowing, and each change of a PAM register would change the guest's memory map); there is no system management mode, so 0xa0000 is always the display's.
 * The registers keep what is written. The chip has no subsystem id; ours is the one of QEMU's machine "pc", by which guests know an emulated board.
 */
#ifndef HW_I440FX_H
#define HW_I440FX_H

#include "device.h"

#define BOARD_SUBSYSTEM_VENDOR 0x1af4
#define BOARD_SUBSYSTEM        0x1100

/* No config. ports->pci is the bus behind it. -EEXIST: a place is taken. */
extern const struct device_class i440fx_class;

#endif
