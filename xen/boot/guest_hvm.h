/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an HVM guest is made of: memory as on a PC, the hypervisor's own devices, a device model. */
#ifndef BOOT_GUEST_HVM_H
#define BOOT_GUEST_HVM_H

#include "devmodel.h"
#include "guest_config.h"
#include "pvh_build.h"

/* RAM below 4 GiB ends here at the latest: above are PCI devices and the interrupt controllers. */
#define GUEST_HVM_HOLE 0xf0000000u

struct guest_hvm {
	const struct guest_config *config;
	struct devmodel_config devmodel;
};
/* config.machine of pvh_build() is a struct guest_hvm. */
extern const struct pvh_layout guest_hvm_layout;

#endif
