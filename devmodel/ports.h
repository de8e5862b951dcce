/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world of the devices of an instance: its buses, the guest's RAM, time, wires; all by the hypervisor's calls. */
#ifndef DEVMODEL_PORTS_H
#define DEVMODEL_PORTS_H

#include "device.h"
#include "pci_function.h"

/* -ENOMEM */
int must_check ports_init(void);
struct device_ports *ports(void);
/* DEVMODEL_EVENT_TIMER */
void ports_timer_event(void);
/* The guest restarts: no timer is armed. */
void ports_reset(void);

#endif
