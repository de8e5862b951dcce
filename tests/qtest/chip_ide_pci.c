// SPDX-License-Identifier: GPL-2.0-or-later
/* The IDE function's configuration space: what it reads, and what of it can be written. */
#include "ide_script.h"

static void select_register(unsigned offset)
{
	both_out(0xcf8, 4, 0x80000900u | (offset & 0xfc));
}

static void start(void)
{
	ide_program();
}

static void directed(void)
{
	char key[16];

	situation("config");
	for (unsigned i = 0; i < 256; i += 4) {
		__builtin_snprintf(key, sizeof(key), "%02x", i);
		select_register(i);
		both_in(key, 0xcfc, 4, ~0u, NULL);
	}
}

static void random_access(void)
{
	unsigned offset = random_below(256), size = 1u << random_below(3);
	char key[24];

	offset &= ~(size - 1);
	situation("config");
	__builtin_snprintf(key, sizeof(key), "%02x.%u", offset, size);
	select_register(offset);
	if (random_below(2))
		both_in(key, (uint16_t)(0xcfc + (offset & 3)), size, ~0u, NULL);
	else
		both_out((uint16_t)(0xcfc + (offset & 3)), size, random_below(0x7fffffff) << 1);
	if (!random_below(50))
		ide_program();
}

const struct chip chip_ide_pci = { "ide_pci", start, directed, random_access };
