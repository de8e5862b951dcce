// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * physdev_op: the machine's devices and interrupts, public xen/physdev.h. Only the domain with the hardware has anything to ask: for others, as from Xen, no call exists,
 * because their interrupts come from a local APIC of their own. The calls about PIRQs (map, unmap, end, status, free ones) do not exist for it either: as a PVH domain it
 * programs IO-APICs and MSI.
 */
#include "domain.h"
#include "hypercall.h"
#include "vpci.h"

#include <xen/physdev.h>

union physdev_arg {
	struct physdev_setup_gsi gsi;
	struct physdev_pci_mmcfg_reserved mmcfg;
	struct physdev_pci_device_add add;
	struct physdev_pci_device device;
	struct physdev_manage_pci manage;
	struct physdev_manage_pci_ext manage_ext;
	struct physdev_restore_msi restore;
	struct physdev_dbgp_op debug_port;
};
_Static_assert(sizeof(struct physdev_pci_mmcfg_reserved) == 16, "the same for both widths");
_Static_assert(sizeof(struct physdev_manage_pci_ext) == 16, "the same for both widths");
_Static_assert(offsetof(struct physdev_pci_device_add, optarr) == 12, "what is read of it");

/* Trigger and polarity are taken from the IO-APIC entry, which is written later. */
static long setup_gsi(struct domain *d, const union physdev_arg *arg)
{
	if (arg->gsi.gsi < 0 || !vioapic_has_gsi(d, (uint32_t)arg->gsi.gsi))
		return -EINVAL;
	return arg->gsi.triggering <= 1 && arg->gsi.polarity <= 1 ? 0 : -EINVAL;
}

static long mmcfg_reserved(struct domain *d, const union physdev_arg *arg)
{
	const struct physdev_pci_mmcfg_reserved *m = &arg->mmcfg;

	if (m->flags & ~(uint32_t)XEN_PCI_MMCFG_RESERVED || m->start_bus > m->end_bus)
		return -EINVAL;
	return vpci_mmcfg_reserved(d, m->address, m->segment, m->start_bus, m->end_bus);
}

static long pci_device_add(struct domain *d, const union physdev_arg *arg)
{
	const struct physdev_pci_device_add *a = &arg->add;
	uint32_t sbdf = pci_sbdf(a->seg, a->bus, a->devfn);

	if (a->flags & XEN_PCI_DEV_VIRTFN)
		return vpci_virtual_add(d, sbdf, pci_sbdf(a->seg, a->physfn.bus, a->physfn.devfn));
	return vpci_device_add(d, sbdf);
}

static uint32_t device_sbdf(const union physdev_arg *arg)
{
	return pci_sbdf(arg->device.seg, arg->device.bus, arg->device.devfn);
}

static long pci_device_remove(struct domain *d, const union physdev_arg *arg)
{
	return vpci_device_remove(d, device_sbdf(arg));
}

/* The three old ones know segment 0 only; their first two bytes are the same. */
static long manage_pci_add(struct domain *d, const union physdev_arg *arg)
{
	return vpci_device_add(d, pci_sbdf(0, arg->manage.bus, arg->manage.devfn));
}

static long manage_pci_add_ext(struct domain *d, const union physdev_arg *arg)
{
	const struct physdev_manage_pci_ext *a = &arg->manage_ext;

	if (a->is_virtfn)
		return vpci_virtual_add(d, pci_sbdf(0, a->bus, a->devfn),
		                        pci_sbdf(0, a->physfn.bus, a->physfn.devfn));
	return manage_pci_add(d, arg);
}

static long manage_pci_remove(struct domain *d, const union physdev_arg *arg)
{
	return vpci_device_remove(d, pci_sbdf(0, arg->manage.bus, arg->manage.devfn));
}

static long restore_msi(struct domain *d, const union physdev_arg *arg)
{
	return vpci_restore_msi(d, pci_sbdf(0, arg->restore.bus, arg->restore.devfn));
}

static long restore_msi_ext(struct domain *d, const union physdev_arg *arg)
{
	return vpci_restore_msi(d, device_sbdf(arg));
}

/* Before a device is given away and after it came back. Its table is watched all the time. */
static long msix_prepare_release(struct domain *d, const union physdev_arg *arg)
{
	return vpci_device_add(d, device_sbdf(arg));
}

/* No USB debug port is used by us: the guest may reset the controller. */
static long debug_port(struct domain *d, const union physdev_arg *arg)
{
	return 0;
}

static const struct {
	long (*fn)(struct domain *d, const union physdev_arg *arg);
	uint8_t size; /* of the argument, the same for both widths; nothing is copied back */
} rows[] = {
	[PHYSDEVOP_manage_pci_add] = { manage_pci_add, sizeof(struct physdev_manage_pci) },
	[PHYSDEVOP_manage_pci_remove] = { manage_pci_remove, sizeof(struct physdev_manage_pci) },
	[PHYSDEVOP_restore_msi] = { restore_msi, sizeof(struct physdev_restore_msi) },
	[PHYSDEVOP_manage_pci_add_ext] = { manage_pci_add_ext,
	                                   sizeof(struct physdev_manage_pci_ext) },
	[PHYSDEVOP_setup_gsi] = { setup_gsi, sizeof(struct physdev_setup_gsi) },
	[PHYSDEVOP_pci_mmcfg_reserved] = { mmcfg_reserved,
	                                   sizeof(struct physdev_pci_mmcfg_reserved) },
	[PHYSDEVOP_pci_device_add] = { pci_device_add,
	                               offsetof(struct physdev_pci_device_add, optarr) },
	[PHYSDEVOP_pci_device_remove] = { pci_device_remove, sizeof(struct physdev_pci_device) },
	[PHYSDEVOP_restore_msi_ext] = { restore_msi_ext, sizeof(struct physdev_pci_device) },
	[PHYSDEVOP_dbgp_op] = { debug_port, sizeof(struct physdev_dbgp_op) },
	[PHYSDEVOP_prepare_msix] = { msix_prepare_release, sizeof(struct physdev_pci_device) },
	[PHYSDEVOP_release_msix] = { msix_prepare_release, sizeof(struct physdev_pci_device) },
};

long physdev_op(struct vcpu *v, uint64_t *args)
{
	uint32_t op = (uint32_t)args[0];
	union physdev_arg arg = { 0 };

	if (!v->domain->vpci || op >= ARRAY_LEN(rows) || !rows[op].fn)
		return -ENOSYS;
	if (copy_from_guest(v, &arg, args[1], rows[op].size))
		return -EFAULT;
	return rows[op].fn(v->domain, &arg);
}
