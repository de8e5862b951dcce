/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IDE function of the PIIX3 (82371SB, function 1): two channels at the compatibility places (0x1f0, 0x3f6, ISA interrupt 14; 0x170, 0x376, interrupt 15), two drives
 * each, and a bus master (SFF-8038i). A channel decodes its ports when the firmware has set I/O space in the command register and bit 15 of the channel's IDETIM (0x40,
 * 0x42), as on the chip: hvmloader does.
 */
#ifndef HW_IDE_H
#define HW_IDE_H

#include "backend.h"
#include "device.h"

enum ide_drive_kind { IDE_NONE, IDE_DISK, IDE_CDROM };

struct ide_drive_config {
	enum ide_drive_kind kind;
	struct block_backend *backend; /* one that only this drive uses */
	/* As the guest reads them, without padding; NULL: ours. At most 20, 8 and 40 characters count. */
	const char *serial, *firmware, *model;
	uint64_t wwn; /* 0: none */
};

#define IDE_DRIVES 4 /* primary device 0 and 1, secondary device 0 and 1 */

struct ide_config {
	uint8_t devfn;
	struct ide_drive_config drives[IDE_DRIVES];
};

extern const struct device_class ide_class;

/* For the Xen platform device: the guest's drivers take the disks over, so they go from the board until the device is created anew. Not CD-ROMs. */
void ide_unplug_disks(struct device *ide, bool keep_first);

#endif
