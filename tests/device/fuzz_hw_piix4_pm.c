/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power management: fuzz_chip.h. Its own event: buttons, general events, waking, the firmware's switch. */
#include "fuzz_chip.h"
#include "piix4_pm.h"

static void event(void)
{
	switch (next() % 5) {
	case 0: piix4_pm_power_button(&d); break;
	case 1: piix4_pm_sleep_button(&d); break;
	case 2: piix4_pm_general_event(&d, next() % 16); break;
	case 3: piix4_pm_woken(&d); break;
	case 4: piix4_pm_acpi_mode(&d, next() & 1); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct piix4_pm_config config = { 0xb000, 0xb080, 0xb0c0, 9 };
	static const struct fuzz_chip chip = { &piix4_pm_class, &config, PCI_DEVFN(1, 3),
		                               0xb000,          NULL,    event };

	return fuzz_chip_run(&chip, data, size);
}
