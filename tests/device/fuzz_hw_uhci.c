/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UHCI controller with its tablet: fuzz_chip.h. Its own event: the tablet moves. */
#include "fuzz_chip.h"
#include "uhci.h"

#define DEVFN PCI_DEVFN(1, 2)

static struct input_backend input;

static void begin(void)
{
	pci_bus_write(&m->pci, DEVFN, PCI_BAR0 + 16, 4, 0xc000);
	pci_bus_write(&m->pci, DEVFN, PCI_COMMAND, 2, 5);
}

static void event(void)
{
	struct input_event e = { .kind = next() % 6 };

	e.code = next() % 8;
	e.down = next() & 1;
	e.x = (int32_t)next32();
	e.y = (int32_t)next32();
	input.receive(&input, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct uhci_config config = { &input };
	static const struct fuzz_chip chip = { &uhci_class, &config, DEVFN, 0xc000, begin, event };

	input = (struct input_backend){ NULL };
	return fuzz_chip_run(&chip, data, size);
}
