// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware's questions: fuzz_chip.h. */
#include "fuzz_chip.h"
#include "fw_cfg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fuzz_chip chip = { .class = &fw_cfg_class, .port = 0x500 };

	return fuzz_chip_run(&chip, data, size);
}
