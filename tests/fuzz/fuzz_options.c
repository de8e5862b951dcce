/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: the hypervisor's command line. The input is the line. */
#include <stdlib.h>
#include <string.h>
#include "machine_fake.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	if (!line)
		abort();
	memcpy(line, data, size);
	line[size] = 0;
	fake_machine_init(0, 1);
	if (options_parse(line) < 0 || strlen(options.command_line) >= sizeof(options.command_line))
		abort();
	if (options.com1_baud && 115200 % options.com1_baud)
		abort();
	options_report();
	free(line);
	return 0;
}
