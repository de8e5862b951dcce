/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's platform device: fuzz_chip.h. Nothing happens to it from outside. */
#include "fuzz_chip.h"
#include "xen_platform.h"

static void unplug(void *client, unsigned what)
{
	if (!what || what > 15)
		abort();
}

static void begin(void)
{
	pci_bus_write(&m->pci, PCI_DEVFN(2, 0), PCI_BAR0, 4, 0x20);
	pci_bus_write(&m->pci, PCI_DEVFN(2, 0), PCI_BAR0 + 4, 4, FUZZ_MMIO);
	pci_bus_write(&m->pci, PCI_DEVFN(2, 0), PCI_COMMAND, 2, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xen_platform_config config = { .unplug = unplug };
	static const struct fuzz_chip chip = { .class = &xen_platform_class,
		                               .config = &config,
		                               .devfn = PCI_DEVFN(2, 0),
		                               .port = 0x10,
		                               .begin = begin };

	return fuzz_chip_run(&chip, data, size);
}
