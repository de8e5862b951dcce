/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of PCI functions over a sleep (devmodel/settings.c): the IDE function's, whose channels decode only as its registers say. */
#include <string.h>

#include "device_fake.h"
#include "ide.h"
#include "settings.h"
#include "unit.h"

#define IDE PCI_DEVFN(1, 1)

static struct device d;

static void survive_a_reset(void)
{
	static const struct ide_config config = { .devfn = IDE };
	struct fake_machine *m = fake_machine_new();

	CHECK_EQ(device_create(&d, &ide_class, "ide", &m->ports, &config), 0);
	pci_bus_write(&m->pci, IDE, 0x40, 2, 0x8000); /* the first channel decodes */
	pci_bus_write(&m->pci, IDE, 0x20, 4, 0xc100);
	pci_bus_write(&m->pci, IDE, PCI_COMMAND, 2, 5);
	fake_out(m, 0x1f2, 1, 0x5a);
	settings_note(&m->pci);
	device_reset(&d);
	CHECK_EQ(pci_bus_read(&m->pci, IDE, 0x40, 2), 0);
	settings_put_back(&m->pci);
	CHECK_EQ(pci_bus_read(&m->pci, IDE, 0x40, 2), 0x8000);
	CHECK_EQ(pci_bus_read(&m->pci, IDE, 0x20, 4), 0xc101);
	CHECK_EQ(pci_bus_read(&m->pci, IDE, PCI_COMMAND, 2), 5);
	CHECK_EQ(fake_in(m, 0xc102, 1) & 0x1f, 0); /* the bus master is there, and idle */
	/* a function that has gone stays away */
	settings_note(&m->pci);
	device_destroy(&d);
	settings_put_back(&m->pci);
	CHECK_EQ(pci_bus_read(&m->pci, IDE, PCI_COMMAND, 2), 0xffff);
}

UNIT_MAIN(UNIT(survive_a_reset))
