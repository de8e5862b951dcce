/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host bridge with the ISA bridge behind it: fuzz_chip.h. Its own event: accesses to the configuration ports. */
#include "fuzz_chip.h"
#include "i440fx.h"
#include "piix3.h"

static struct device bridge;

static void event(void)
{
	unsigned size = 1u << next() % 3, what = next();
	uint16_t port = (uint16_t)(0xcf8 + (what & 7));

	if (what & 0x80)
		fake_out(m, 0xcf8, 4, 0x80000000u | next16());
	if (what & 0x40)
		fake_in(m, port, size);
	else
		fake_out(m, port, size, next32());
}

static void begin(void)
{
	static const struct piix3_config config;

	if (device_create(&bridge, &piix3_class, "ISA bridge", &m->ports, &config))
		abort();
}

static void end(void)
{
	device_destroy(&bridge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fuzz_chip chip = {
		.class = &i440fx_class, .port = 0xcf0, .begin = begin, .event = event, .end = end
	};

	return fuzz_chip_run(&chip, data, size);
}
