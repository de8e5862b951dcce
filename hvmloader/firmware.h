/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What firmware/carry.S carries: files of other packages, as they are. */
#ifndef HVMLOADER_FIRMWARE_H
#define HVMLOADER_FIRMWARE_H

#include "types.h"

extern const uint8_t firmware_bios[], firmware_bios_end[];
extern const uint8_t firmware_vga[], firmware_vga_end[];
extern const uint8_t firmware_e1000[], firmware_e1000_end[];
extern const uint8_t firmware_dsdt[], firmware_dsdt_end[];

#endif
