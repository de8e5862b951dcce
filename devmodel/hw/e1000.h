/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82540EM, a gigabit Ethernet controller (8086:100e). "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual" (SDM below; sections of revision 4).
 *
 * What is different from the chip: no flash behind it (an option ROM is there when the board gives its image, else only room for one), no wake-up (its registers keep what is written), no power
 * management or MSI capability, no access to the packet buffer's memory. Flow control goes no further than its registers: a frame that finds no buffer waits outside.
 * The EEPROM can be written; it is as new when the machine starts anew.
 */
#ifndef HW_E1000_H
#define HW_E1000_H

#include "backend.h"
#include "device.h"

struct e1000_config {
	uint8_t devfn;
	struct net_backend
		*net; /* the network, whose mac is the EEPROM's; NULL: no cable, no mac */
	const uint8_t *
		rom; /* the option ROM's image. It stays while the device is there. NULL: the register is there, reads as ones, and firmware may lay memory where it points to */
	uint32_t rom_size; /* at most 16 MiB; 0: room for 128 KiB */
};
extern const struct device_class e1000_class;

#endif
