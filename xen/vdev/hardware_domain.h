/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the domain with the real hardware sees through us: IO-APICs like the machine's, and PCI configuration space. */
#ifndef VDEV_HARDWARE_DOMAIN_H
#define VDEV_HARDWARE_DOMAIN_H

#include "types.h"

struct domain;

/*
 * In building, after domain_create(): the IO-APICs of machine_ioapic() at the same addresses, ids and GSIs, with the machine's lines behind them; configuration space by the
 * ports 0xcf8 to 0xcff and by the windows of machine_mcfg(). The rest of the machine's memory and ports is the caller's. -ENOMEM, -EEXIST: one of these places is claimed.
 * What was made before an error goes with the domain.
 */
int must_check hardware_domain_devices_create(struct domain *d);
/* A step of teardown, for every domain: no vcpu runs. 0. */
int hardware_domain_devices_destroy(struct domain *d);

#endif
