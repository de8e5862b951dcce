/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board that our device model has, for tests of hvmloader. */
#include <string.h>
#include "board_fake.h"
#include "vcpus.h"

struct board board;

void board_plug(void)
{
	board.host = fake_function_add(0, 0, 0, 0x8086, 0x1237, 0x0600);
	board.isa = fake_function_add(0, 1, 0, 0x8086, 0x7000, 0x0601);
	board.isa->config[PCI_HEADER_TYPE] = 0x80;
	board.ide = fake_function_add(0, 1, 1, 0x8086, 0x7010, 0x0101);
	fake_bar(board.ide, 4, 16, 1);
	board.pm = fake_function_add(0, 1, 3, 0x8086, 0x7113, 0x0680);
	board.pm->config[PCI_INTERRUPT_PIN] = 1;
	board.platform = fake_function_add(0, 2, 0, 0x5853, 0x0001, 0xff80);
	fake_bar(board.platform, 0, 256, 1);
	fake_bar(board.platform, 1, MIB(16), 8);
	board.platform->config[PCI_INTERRUPT_PIN] = 1;
	board.vga = fake_function_add(0, 3, 0, 0x1234, 0x1111, 0x0300);
	fake_bar(board.vga, 0, MIB(16), 8);
	fake_bar(board.vga, 2, 4096, 0);
	fake_rom(board.vga, 65536);
	board.net = fake_function_add(0, 4, 0, 0x8086, 0x100e, 0x0200);
	fake_bar(board.net, 0, 131072, 0);
	fake_bar(board.net, 1, 64, 1);
	fake_rom(board.net, 131072);
	board.net->config[PCI_INTERRUPT_PIN] = 1;
}

void board_start(struct machine *m, const char *words, unsigned mib)
{
	static struct config config;
	static struct memory_map map;
	static struct pci pci;

	memset(m, 0, sizeof(*m));
	config_defaults(&config);
	config_words(&config, words);
	memcpy(config.uuid, config.has_uuid ? config.uuid : iron.handle, 16);
	if (!iron.nr_rows)
		fake_row(MIB(1), MIB(mib) - MIB(1), MEMORY_RAM);
	memory_map_read(&map, &config);
	pci_scan(&pci);
	pci_place(&pci, &map, &config);
	pci_program(&pci);
	m->config = &config;
	m->map = &map;
	m->pci = &pci;
	iron.ap_runs = config.online - 1;
	vcpus_check(m);
	m->hpet = config.hpet != 0;
	m->com1 = true;
	space_init(&m->acpi, &map, "ACPI tables", 0x14000, MEMORY_ACPI);
	space_init(&m->nvs, &map, "waking", 0x1000, MEMORY_NVS);
	space_init(&m->reserved, &map, "others", 0xc000, MEMORY_RESERVED);
}
