/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of PCI functions over a sleep. */
#include "settings.h"

#include "string.h"

static struct noted {
	uint8_t devfn;
	uint8_t config[PCI_CONFIG_SIZE];
} noted[SETTINGS_FUNCTIONS];
static unsigned nr_noted;

void settings_note(const struct pci_bus *bus)
{
	nr_noted = 0;
	for (unsigned devfn = 0; devfn < 256 && nr_noted < SETTINGS_FUNCTIONS; devfn++) {
		if (!bus->functions[devfn])
			continue;
		noted[nr_noted].devfn = (uint8_t)devfn;
		memcpy(noted[nr_noted].config, bus->functions[devfn]->config, PCI_CONFIG_SIZE);
		nr_noted++;
	}
}

static void put_back(struct pci_function *f, const uint8_t *config)
{
	bool has_changed = false;

	for (unsigned i = 0; i < PCI_CONFIG_SIZE; i++) {
		uint8_t now = (f->config[i] & ~f->writable[i]) | (config[i] & f->writable[i]);

		has_changed |= now != f->config[i];
		f->config[i] = now;
	}
	if (!has_changed)
		return;
	pci_function_update(f);
	if (f->written)
		f->written(f, 0, PCI_CONFIG_SIZE);
}

void settings_put_back(struct pci_bus *bus)
{
	for (unsigned i = 0; i < nr_noted; i++)
		if (bus->functions[noted[i].devfn])
			put_back(bus->functions[noted[i].devfn], noted[i].config);
}
