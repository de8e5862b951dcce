/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Xen's platform device 5853:0001 at 00:02.0, by which guests find their PV drivers, and the fixed ports of the unplug protocol (the document "hvm-emulated-unplug" among
 * Xen's public specifications). Its memory BAR of 16 MiB is room for the guest to map grant tables into: with nothing mapped it reads as ones.
 */
#ifndef HW_XEN_PLATFORM_H
#define HW_XEN_PLATFORM_H

#include "device.h"

#define XEN_UNPLUG_IDE_DISKS     0x01 /* not the CDs */
#define XEN_UNPLUG_NICS          0x02
#define XEN_UNPLUG_AUX_IDE_DISKS 0x04 /* all disks but the first */
#define XEN_UNPLUG_NVME          0x08

struct xen_platform_config {
	/* The guest takes emulated devices away, XEN_UNPLUG_ bits; they stay away until the machine starts anew. Also called after a restore with all that are away. It may destroy
	 * other devices. NULL: nothing is taken away, and no guest sees the ports. */
	void (*unplug)(void *client, unsigned what);
	void *client;
};
extern const struct device_class xen_platform_class;

#endif
