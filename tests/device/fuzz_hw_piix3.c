/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ISA bridge behind the host bridge: fuzz_chip.h, and its own event: accesses to the configuration ports. */
#include "fuzz_chip.h"
#include "i440fx.h"
#include "piix3.h"

static struct device bridge;

static void event(void)
{
	uint16_t port = (uint16_t)(0xcf8 + next() % 8);
	unsigned size = 1u << next() % 3;

	if (next() & 1)
		fake_in(m, port, size);
	else
		fake_out(m, port, size, next32());
}

static void begin(void)
{
	if (device_create(&bridge, &i440fx_class, "host bridge", &m->ports, NULL))
		abort();
}

static void end(void)
{
	device_destroy(&bridge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct piix3_config config;
	static const struct fuzz_chip chip = { &piix3_class, &config, PCI_DEVFN(1, 0), 0xb2, begin,
		                               event,        end };

	return fuzz_chip_run(&chip, data, size);
}
