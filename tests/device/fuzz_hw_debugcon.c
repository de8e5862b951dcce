/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port: fuzz_chip.h. */
#include "debugcon.h"
#include "fuzz_chip.h"

static size_t put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	return bytes[n - 1] & 1 ? n : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct char_backend output = { .put = put };
	static const struct debugcon_config config = { .output = &output };
	static const struct fuzz_chip chip = { .class = &debugcon_class,
		                               .config = &config,
		                               .port = 0xe0 };

	return fuzz_chip_run(&chip, data, size);
}
