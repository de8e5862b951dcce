/* SPDX-License-Identifier: GPL-2.0-or-later */
/* physdev_op: for the domain with the hardware only; each call's argument and answer. */
#include <string.h>

#include "fake_domain.h"
#include "hardware_domain.h"
#include "hardware_fake.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/physdev.h>

static struct domain *d;

static void start(void)
{
	fake_core_init(0, 1);
	fake_hardware_reset();
	fake_nr_mcfg = 1;
	fake_mcfg[0] = (struct machine_mcfg){ 0xb0000000, 0, 0, 255 };
	d = guest_create(0, 1, 32, true);
}

static long call(uint32_t op, void *arg, size_t size)
{
	return guest_call(d->vcpus[0], physdev_op, op, arg, size, 0);
}

static void test_others_have_no_calls(void)
{
	struct physdev_pci_device dev = { 0 };

	start();
	for (uint32_t op = 0; op < 40; op++)
		CHECK_EQ(call(op, &dev, sizeof(dev)), -ENOSYS);
}

static void test_calls_that_do_not_exist(void)
{
	static const uint32_t ops[] = { PHYSDEVOP_eoi,
		                        PHYSDEVOP_irq_status_query,
		                        PHYSDEVOP_map_pirq,
		                        PHYSDEVOP_unmap_pirq,
		                        PHYSDEVOP_get_free_pirq,
		                        0,
		                        31 + 1,
		                        0xffffffff };
	struct physdev_map_pirq arg = { 0 };

	start();
	CHECK_EQ(hardware_domain_devices_create(d), 0);
	for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
		CHECK_EQ(call(ops[i], &arg, sizeof(arg)), -ENOSYS);
	hardware_domain_devices_destroy(d);
}

static void test_devices(void)
{
	struct {
		struct physdev_pci_device_add add;
		uint32_t opt[1];
	} add = { .add = { .bus = 0, .devfn = 0xa8 } };
	struct physdev_pci_device dev = { .devfn = 0xa8 };
	struct physdev_manage_pci_ext ext = { .devfn = 0xa8 };
	struct physdev_manage_pci old = { .devfn = 0xa8 };

	start();
	CHECK_EQ(hardware_domain_devices_create(d), 0);
	CHECK_EQ(call(PHYSDEVOP_pci_device_add, &add, sizeof(add)), -ENODEV);
	CHECK_EQ(call(PHYSDEVOP_restore_msi_ext, &dev, sizeof(dev)), -ENODEV);
	fake_pci_add(0, 0xa8, 0x12348086);
	CHECK_EQ(call(PHYSDEVOP_pci_device_add, &add, sizeof(add)), 0);
	CHECK_EQ(call(PHYSDEVOP_pci_device_add, &add, sizeof(add)), 0);
	CHECK_EQ(call(PHYSDEVOP_prepare_msix, &dev, sizeof(dev)), 0);
	CHECK_EQ(call(PHYSDEVOP_release_msix, &dev, sizeof(dev)), 0);
	CHECK_EQ(call(PHYSDEVOP_restore_msi_ext, &dev, sizeof(dev)), 0);
	CHECK_EQ(call(PHYSDEVOP_restore_msi, &old, sizeof(old)), 0);
	CHECK_EQ(call(PHYSDEVOP_pci_device_remove, &dev, sizeof(dev)), 0);
	CHECK_EQ(call(PHYSDEVOP_pci_device_remove, &dev, sizeof(dev)), -ENODEV);
	CHECK_EQ(call(PHYSDEVOP_manage_pci_add_ext, &ext, sizeof(ext)), 0);
	CHECK_EQ(call(PHYSDEVOP_manage_pci_remove, &old, sizeof(old)), 0);
	CHECK_EQ(call(PHYSDEVOP_manage_pci_add, &old, sizeof(old)), 0);
	hardware_domain_devices_destroy(d);
}

static void test_windows_and_lines(void)
{
	struct physdev_pci_mmcfg_reserved m = { 0xb0000000, 0, 0, 255, XEN_PCI_MMCFG_RESERVED };
	struct physdev_setup_gsi g = { 23, 1, 1 };
	struct physdev_dbgp_op debug = { .op = PHYSDEVOP_DBGP_RESET_DONE };

	start();
	CHECK_EQ(hardware_domain_devices_create(d), 0);
	CHECK_EQ(call(PHYSDEVOP_pci_mmcfg_reserved, &m, sizeof(m)), 0);
	m.address += 4096;
	CHECK_EQ(call(PHYSDEVOP_pci_mmcfg_reserved, &m, sizeof(m)), -ENODEV);
	m.flags = 2;
	CHECK_EQ(call(PHYSDEVOP_pci_mmcfg_reserved, &m, sizeof(m)), -EINVAL);
	CHECK_EQ(call(PHYSDEVOP_setup_gsi, &g, sizeof(g)), 0);
	g.gsi = 24;
	CHECK_EQ(call(PHYSDEVOP_setup_gsi, &g, sizeof(g)), -EINVAL);
	g.gsi = -1;
	CHECK_EQ(call(PHYSDEVOP_setup_gsi, &g, sizeof(g)), -EINVAL);
	CHECK_EQ(call(PHYSDEVOP_dbgp_op, &debug, sizeof(debug)), 0);
	hardware_domain_devices_destroy(d);
}

static void test_bad_address(void)
{
	uint64_t args[5] = { PHYSDEVOP_pci_device_add, 0x7fff00000000 };

	start();
	CHECK_EQ(hardware_domain_devices_create(d), 0);
	CHECK_EQ(physdev_op(d->vcpus[0], args), -EFAULT);
	hardware_domain_devices_destroy(d);
}

UNIT_MAIN(UNIT(test_others_have_no_calls), UNIT(test_calls_that_do_not_exist), UNIT(test_devices),
          UNIT(test_windows_and_lines), UNIT(test_bad_address))
