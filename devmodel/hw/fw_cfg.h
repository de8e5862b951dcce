/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What emulators of PCs tell their BIOS: items of bytes, chosen by a number that is written to 0x510 (16 bits), and read one after the other from 0x511 (or 0x510). SeaBIOS asks here whether it shall show its boot
 * menu, for which it would wait two and a half seconds: it shall not, the order of drives is the description's. No driver finds it: it is in no table.
 */
#ifndef HW_FW_CFG_H
#define HW_FW_CFG_H

#include "device.h"

#define FW_CFG_PORT 0x510

/* Takes no configuration. */
extern const struct device_class fw_cfg_class;

#endif
