/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of the ATA command set (ATA8-ACS) and of its registers (ATA8-APT). */
#ifndef HW_ATA_H
#define HW_ATA_H

/* The command block, by offset. */
#define ATA_DATA    0
#define ATA_ERROR   1 /* read */
#define ATA_FEATURE 1 /* written */
#define ATA_COUNT   2
#define ATA_LOW     3
#define ATA_MID     4
#define ATA_HIGH    5
#define ATA_DEVICE  6
#define ATA_STATUS  7 /* read */
#define ATA_COMMAND 7 /* written */

/* Status */
#define ATA_BSY  0x80
#define ATA_DRDY 0x40
#define ATA_DF   0x20
#define ATA_DSC  0x10 /* seek complete; for a packet device: service */
#define ATA_DRQ  0x08
#define ATA_ERR  0x01 /* for a packet device: check condition */

/* Error */
#define ATA_UNC    0x40
#define ATA_WP     0x40 /* of a write */
#define ATA_IDNF   0x10
#define ATA_ABRT   0x04
#define ATA_PASSED 0x01 /* diagnostic code */

/* Device */
#define ATA_DEVICE_OBSOLETE 0xa0 /* bits that read as ones */
#define ATA_DEVICE_LBA      0x40
#define ATA_DEVICE_1        0x10
#define ATA_DEVICE_HEAD     0x0f

/* Device control */
#define ATA_HOB  0x80
#define ATA_SRST 0x04
#define ATA_NIEN 0x02

/* Interrupt reason: what the count register says of a packet command */
#define ATAPI_CD 0x01 /* command, or status */
#define ATAPI_IO 0x02 /* to the host */

/* Commands that more than one file knows */
#define ATA_DEVICE_RESET 0x08
#define ATA_DIAGNOSTIC   0x90
#define ATA_PACKET       0xa0

#endif
