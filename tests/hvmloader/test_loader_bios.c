/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader/bios.c, option_rom.c, cmos.c, vcpus.c */
#include <string.h>
#include "unit.h"
#include "bios.h"
#include "board_fake.h"
#include "cmos.h"
#include "firmware.h"
#include "layout.h"
#include "option_rom.h"

static struct machine m;

static void start(const char *words)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, words, 512);
}

static void image(void)
{
	size_t n = (size_t)(firmware_bios_end - firmware_bios);

	start("");
	bios_load((struct memory_map *)m.map, m.config);
	CHECK(!memcmp(iron_memory((uint32_t)(LEGACY_END - n)), firmware_bios, n));
	CHECK(!memcmp(iron_memory((uint32_t)(0u - n)), firmware_bios, n - 4096));
	CHECK_EQ(iron.moves[iron.nr_moves - 1].to, 0xfffff000);
	/* The reset vector is a far jump. */
	CHECK_EQ(*(uint8_t *)iron_memory(0xffff0), 0xea);
}

static void image_of_the_builder(void)
{
	struct config c;

	start("");
	c = *m.config;
	c.bios = (struct module){ 0x800000, 0x20000 };
	memset(iron_memory(0x800000), 0x77, 0x20000);
	iron.refuse_moves = true;
	bios_load((struct memory_map *)m.map, &c);
	CHECK_EQ(*(uint8_t *)iron_memory(0xe0000), 0x77);
	CHECK_EQ(*(uint8_t *)iron_memory(0xdffff), 0);
	CHECK(strstr(iron.console, "below 1 MiB only"));
	c.bios.size = 0x20001;
	CHECK(DIES(bios_load((struct memory_map *)m.map, &c)));
	c.bios.size = 0x80000;
	CHECK(DIES(bios_load((struct memory_map *)m.map, &c)));
}

static void hand_over(void)
{
	static const uint32_t tables[3] = { 0x111110, 0, 0x222220 };
	const uint8_t *info;
	uint32_t words[4];
	uint8_t sum = 0;
	uint64_t row[2];

	start("");
	bios_tell(m.map, tables, 3);
	info = iron_memory(0x1000);
	CHECK(!memcmp(info, "XenHVMSeaBIOS", 14));
	CHECK_EQ(info[14], 32);
	for (unsigned i = 0; i < 32; i++)
		sum += info[i];
	CHECK_EQ(sum, 0);
	memcpy(words, info + 16, 16);
	CHECK_EQ(words[1], 2);
	CHECK_EQ(*(uint32_t *)iron_memory(words[0] + 4), 0x222220);
	CHECK_EQ(words[3], m.map->nr);
	memcpy(row, iron_memory(words[2] + 20), 16);
	CHECK_EQ(row[0], MIB(1));
	CHECK_EQ(row[0] + row[1], memory_map_low_end(m.map));
}

static void roms(void)
{
	const struct pci_resource *vga, *net;
	unsigned before;

	start("");
	before = iron.nr_moves;
	vga = pci_resource_of(m.pci, PCI_BDF(0, 3, 0), PCI_ROM);
	net = pci_resource_of(m.pci, PCI_BDF(0, 4, 0), PCI_ROM);
	option_rom_setup(m.pci, (struct memory_map *)m.map, m.config);
	CHECK(option_rom_valid(iron_memory((uint32_t)vga->base), 65536, 0x1234, 0x1111));
	CHECK(option_rom_valid(iron_memory((uint32_t)net->base), 131072, 0x8086, 0x100e));
	CHECK_EQ(iron.nr_moves - before, 10 + 19);
	CHECK_EQ(iron.console_len, 0);

	/* A chip that answers keeps its own. */
	start("");
	iron.mmio = 0x1234aa55;
	before = iron.nr_moves;
	option_rom_setup(m.pci, (struct memory_map *)m.map, m.config);
	CHECK_EQ(iron.nr_moves, before);
	CHECK(!(fake_config32(board.vga, PCI_ROM) & PCI_ROM_ENABLE));
}

static void rom_too_large(void)
{
	fake_iron_reset();
	board_plug();
	fake_rom(board.net, 32768);
	board_start(&m, "", 512);
	option_rom_setup(m.pci, (struct memory_map *)m.map, m.config);
	CHECK(strstr(iron.console, "00:04.0: its ROM"));
}

static void rom_images(void)
{
	uint8_t rom[1024] = { 0x55, 0xaa, 2, [24] = 0x40, [0x40] = 'P', 'C', 'I', 'R', 1, 0, 2, 0 };

	for (unsigned i = 0; i < sizeof(rom) - 1; i++)
		rom[1023] = (uint8_t)(rom[1023] - rom[i]);
	CHECK(option_rom_valid(rom, 1024, 1, 2));
	CHECK(!option_rom_valid(rom, 1024, 1, 3));
	CHECK(!option_rom_valid(rom, 1023, 1, 2));
	rom[1023]++;
	CHECK(!option_rom_valid(rom, 1024, 1, 2));
	rom[1023]--;
	rom[24] = 0xff;
	rom[25] = 0xff;
	CHECK(!option_rom_valid(rom, 1024, 1, 2));
	CHECK(!option_rom_valid(rom, 10, 1, 2));
}

static void cmos(void)
{
	start("boot=dcn vcpus=4");
	iron.cmos[0x38] = 1;
	cmos_setup(m.config, m.map);
	CHECK_EQ(iron.cmos[0x15] | iron.cmos[0x16] << 8, 640);
	CHECK_EQ(iron.cmos[0x17] | iron.cmos[0x18] << 8, 63 * 1024);
	CHECK_EQ(iron.cmos[0x34] | iron.cmos[0x35] << 8,
	         (int)((memory_map_low_end(m.map) - MIB(16)) >> 16));
	CHECK_EQ(iron.cmos[0x3d], 0x23);
	CHECK_EQ(iron.cmos[0x38], 0x41);
	CHECK_EQ(iron.cmos[0x5f], 3);
	CHECK_EQ(iron.cmos[0x39], 0x55);
	start("");
	iron.cmos[0x3d] = 0x12;
	iron.cmos[0x39] = 0x02;
	cmos_setup(m.config, m.map);
	CHECK_EQ(iron.cmos[0x3d], 0x12);
	CHECK_EQ(iron.cmos[0x39], 0x02);
}

UNIT_MAIN(UNIT(image), UNIT(image_of_the_builder), UNIT(hand_over), UNIT(roms), UNIT(rom_too_large),
          UNIT(rom_images), UNIT(cmos))
