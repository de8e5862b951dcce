/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMA controllers: fuzz_chip.h. */
#include "fuzz_chip.h"
#include "i8237.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fuzz_chip chip = { .class = &i8237_class };

	return fuzz_chip_run(&chip, data, size);
}
