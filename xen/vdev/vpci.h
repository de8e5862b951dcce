/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's PCI configuration space for the domain that has the hardware: what it reads and writes is the machine's, but for MSI and MSI-X, whose messages name CPUs
 * and vectors. The guest's messages are kept here and go to its local APICs; the devices are given messages of ours. PCI 3.0, 6.8.
 */
#ifndef VDEV_VPCI_H
#define VDEV_VPCI_H

#include "types.h"

struct domain;

/* segment << 16 | bus << 8 | device << 3 | function */
static inline uint32_t pci_sbdf(uint16_t segment, uint8_t bus, uint8_t devfn)
{
	return (uint32_t)segment << 16 | (uint32_t)bus << 8 | devfn;
}

/* In building; by hardware_domain_devices_create(). -ENOMEM, -EEXIST. */
int must_check vpci_create(struct domain *d);
/* No vcpu runs any more. Silences what sends messages. Harmless without vpci_create(). */
void vpci_destroy(struct domain *d);

/*
 * Is there an MSI-X table's page in that stretch of device memory? Such a page must stay a hole in the p2m, and accesses go to the domain's mmio bus. Whoever maps device
 * memory asks before, and once more after it has mapped (and unmaps then): a table may have come there meanwhile. No lock held.
 */
bool vpci_owns_mmio(struct domain *d, uint64_t base, uint64_t size);

/* A device that the guest knows to have come or gone (PHYSDEVOP). 0, -ENODEV: nobody answers there; -ENOMEM. Devices that nobody tells of are found when they are first used. */
int must_check vpci_device_add(struct domain *d, uint32_t sbdf);
/* The same for a virtual function (SR-IOV) of the device physical: it does not answer to a scan, so nobody finds it by itself. -ENODEV: that device has none. */
int must_check vpci_virtual_add(struct domain *d, uint32_t sbdf, uint32_t physical);
int must_check vpci_device_remove(struct domain *d, uint32_t sbdf);
/* The device has lost its state (a reset, a sleep): it gets its messages back. 0, -ENODEV. */
int must_check vpci_restore_msi(struct domain *d, uint32_t sbdf);
/* The guest has found a window that the firmware's table does not have, or has. 0; -ENODEV: no such window of the machine. */
int must_check vpci_mmcfg_reserved(struct domain *d, uint64_t base, uint16_t segment,
                                   uint8_t first_bus, uint8_t last_bus);

#endif
