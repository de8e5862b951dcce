/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The display adapter's registers, its PCI function, the monitor's description, its saved state. */
#include "errno.h"
#include "unit.h"
#include "vga_machine.h"

static uint32_t config_read(unsigned offset, unsigned size)
{
	return pci_bus_read(&vm.m->pci, VGA_TEST_DEVFN, offset, size);
}
static void config_write(unsigned offset, unsigned size, uint32_t value)
{
	pci_bus_write(&vm.m->pci, VGA_TEST_DEVFN, offset, size, value);
}

static void test_pci(void)
{
	vm_start();
	CHECK_EQ(config_read(PCI_VENDOR_ID, 4), 0x11111234);
	CHECK_EQ(config_read(PCI_REVISION, 4), 0x03000002);
	CHECK_EQ(config_read(PCI_SUBSYSTEM_VENDOR, 4), 0x11001af4);
	config_write(PCI_BAR0, 4, 0xffffffff);
	CHECK_EQ(config_read(PCI_BAR0, 4), 0xfff00008);
	config_write(PCI_BAR0 + 4, 4, 0xffffffff);
	CHECK_EQ(config_read(PCI_BAR0 + 4, 4), 0);
	config_write(PCI_BAR0 + 8, 4, 0xffffffff);
	CHECK_EQ(config_read(PCI_BAR0 + 8, 4), 0xfffff000);
	config_write(PCI_ROM, 4, 0xfffffffe);
	CHECK_EQ(config_read(PCI_ROM, 4), 0xffff0000);
	config_write(PCI_BAR0, 4, 0xf0000000);
	CHECK(!vm_direct(0xf0000000));
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK(vm_direct(0xf0000000) == vm.vram.bytes);
	CHECK(vm_direct(0xf00fffff) == vm.vram.bytes + VGA_TEST_LINEAR - 1);
	CHECK(!vm_direct(0xf0100000)); /* the part behind is not seen */
	config_write(PCI_BAR0, 4, 0xe0000000);
	CHECK(!vm_direct(0xf0000000) && vm_direct(0xe0000000));
	config_write(PCI_COMMAND, 2, 0);
	CHECK(!vm_direct(0xe0000000));
	config_write(PCI_COMMAND, 2, 0xffff);
	CHECK_EQ(config_read(PCI_COMMAND, 2),
	         PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	device_reset(&vm.d);
	CHECK(!vm_direct(0xe0000000));
}

static void test_create_errors(void)
{
	struct vga_config config = { .devfn = VGA_TEST_DEVFN };
	struct vram_backend odd = { .size = VGA_MEMORY_SIZE(3 << 20), .place = vm_place };
	struct device other;

	vm_start();
	config.vram = &odd;
	CHECK_EQ(device_create(&other, &vga_class, "vga", &vm.m->ports, &config), -EINVAL);
	odd.size = 4096;
	CHECK_EQ(device_create(&other, &vga_class, "vga", &vm.m->ports, &config), -EINVAL);
	config.vram = &vm.vram;
	CHECK_EQ(device_create(&other, &vga_class, "vga", &vm.m->ports, &config), -EEXIST);
	CHECK_EQ(vm_in(0x3cc), 0); /* the first one is still there */
	device_destroy(&vm.d);
	CHECK_EQ(vm_in(0x3cc), 0xff);
	CHECK(!iobus_has_any(&vm.m->pio, 0, 0x10000));
	CHECK(!iobus_has_any(&vm.m->mmio, 0, ~0ull));
	CHECK_EQ(vm_create(16 << 20), 0);
	CHECK_EQ(vm_vbe_read(VBE_MEMORY_64K), 256);
}

static void test_masks(void)
{
	static const uint8_t sr[] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e, 0, 0, 0, 0x03 };
	static const uint8_t gr[] = { 15, 15, 15, 0x1f, 3, 0x7b, 15, 15, 0xff,
		                      0,  0,  0,  0,    0, 0,    0,  15 };

	vm_start();
	for (uint8_t i = 0; i < sizeof(sr); i++) {
		vm_index(0x3c4, i, 0xff);
		CHECK_EQ(vm_indexed(0x3c4, i), sr[i]);
	}
	CHECK_EQ(vm_in(0x3c4), 0);
	for (uint8_t i = 0; i < sizeof(gr); i++) {
		vm_index(0x3ce, i, 0xff);
		CHECK_EQ(vm_indexed(0x3ce, i), gr[i]);
	}
	vm_out(0x3ce, 5);
	CHECK_EQ(vm_in(0x3ce), 5);
	CHECK_EQ(fake_in(vm.m, 0x3ce, 2), 0x7b05);
	vm_out(0x3c2, 0xff);
	CHECK_EQ(vm_in(0x3cc), 0xef);
	vm_out(0x3c6, 0x0f);
	CHECK_EQ(vm_in(0x3c6), 0x0f);
	vm_out(0x3c3, 0);
	CHECK_EQ(vm_in(0x3c3), 0);
	vm_out(0x3da, 0xff);
	CHECK_EQ(vm_in(0x3ca), 0x10);
	CHECK_EQ(vm_in(0x3c2), 0);
	CHECK_EQ(vm_in(0x3cb), 0xff);
	CHECK_EQ(vm_in(0x3cd), 0xff);
	vm_out(0x3cb, 0);
}

static void test_crtc(void)
{
	vm_start();
	/* monochrome: at 0x3b4 */
	vm_index(0x3b4, 0x0e, 0x12);
	CHECK_EQ(vm_indexed(0x3b4, 0x0e), 0x12);
	CHECK_EQ(vm_in(0x3d5), 0xff);
	vm_index(0x3d4, 0x0e, 0x34);
	CHECK_EQ(vm_indexed(0x3b4, 0x0e), 0x12);
	CHECK(vm_in(0x3ba) != 0xff);
	CHECK_EQ(vm_in(0x3da), 0xff);
	vm_out(0x3c2, 1);
	CHECK_EQ(vm_in(0x3b5), 0xff);
	CHECK_EQ(vm_in(0x3d4), 0x0e);
	CHECK_EQ(vm_in(0x3d5), 0x12);
	vm_index(0x3d4, 0, 0x55);
	vm_index(0x3d4, 7, 0xaa);
	vm_index(0x3d4, 0x11, 0x8e); /* 0 to 7 are protected */
	vm_index(0x3d4, 0, 0x11);
	CHECK_EQ(vm_indexed(0x3d4, 0), 0x55);
	vm_index(0x3d4, 7, 0x1f);
	CHECK_EQ(vm_indexed(0x3d4, 7), 0xba);
	vm_index(0x3d4, 8, 0x1f);
	CHECK_EQ(vm_indexed(0x3d4, 8), 0x1f);
	vm_index(0x3d4, 0x19, 0x1f);
	CHECK_EQ(vm_indexed(0x3d4, 0x19), 0);
}

static void test_attribute(void)
{
	vm_start();
	vm_out(0x3c2, 1);
	vm_in(0x3da);
	vm_out(0x3c0, 0x10);
	vm_out(0x3c0, 0xff);
	CHECK_EQ(vm_in(0x3c1), 0xef);
	CHECK_EQ(vm_in(0x3c0), 0x10);
	vm_out(0x3c0, 0x13);
	CHECK_EQ(vm_indexed(0x3d4, 0x24), 0x80);
	CHECK_EQ(vm_indexed(0x3d4, 0x26), 0x13);
	vm_in(0x3da); /* the flip-flop is back */
	CHECK_EQ(vm_indexed(0x3d4, 0x24), 0);
	vm_out(0x3c0, 0x05);
	vm_out(0x3c0, 0xff);
	CHECK_EQ(vm_in(0x3c1), 0x3f);
	CHECK(!vga_get_screen(&vm.d)->video);
	vm_out(0x3c0, 0x20);
	CHECK(vga_get_screen(&vm.d)->video);
	CHECK_EQ(vm_in(0x3c0), 0x20); /* the index, also while a value is waited for */
	vm_in(0x3da);
	CHECK_EQ(vm_in(0x3c0), 0x20);
}

static void test_dac(void)
{
	uint32_t generation;

	vm_start();
	vm_out(0x3c8, 5);
	CHECK_EQ(vm_in(0x3c7), 0);
	vm_out(0x3c9, 0xff);
	vm_out(0x3c9, 2);
	generation = vga_get_screen(&vm.d)->generation;
	CHECK_EQ(vga_get_screen(&vm.d)->dac[15], 0);
	vm_out(0x3c9, 3);
	CHECK(vga_get_screen(&vm.d)->generation != generation);
	CHECK_EQ(vm_in(0x3c8), 6);
	vm_out(0x3c9, 4);
	vm_out(0x3c7, 5); /* an unfinished colour is forgotten */
	CHECK_EQ(vm_in(0x3c7), 3);
	CHECK_EQ(vm_in(0x3c9), 0x3f);
	CHECK_EQ(vm_in(0x3c9), 2);
	CHECK_EQ(vm_in(0x3c9), 3);
	CHECK_EQ(vm_in(0x3c9), 0);
	vm_vbe(VBE_ENABLE, VBE_8BIT_DAC);
	vm_out(0x3c8, 255);
	for (unsigned i = 0; i < 6; i++)
		vm_out(0x3c9, 0xf0 + i);
	vm_out(0x3c7, 0);
	CHECK_EQ(vm_in(0x3c9), 0xf3);
}

/* In one second there are as many pictures as the mode has, and the beam is where it should be about as often. */
static void count_frames(unsigned *frames, unsigned *hidden)
{
	bool was = true;

	*frames = *hidden = 0;
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t s = vm_in(0x3da);
		bool retrace = s & 8;

		CHECK(!retrace || (s & 1));
		*hidden += s & 1;
		*frames += retrace && !was;
		was = retrace;
		fake_machine_advance(vm.m, 10007);
	}
}

static void test_retrace(void)
{
	unsigned frames, hidden;

	vm_start();
	vm_mode(&vga_mode_3);
	count_frames(&frames, &hidden);
	CHECK(frames >= 69 && frames <= 71);
	CHECK(hidden > 20000 && hidden < 40000);
	vm_mode(&vga_mode_12);
	count_frames(&frames, &hidden);
	CHECK(frames >= 59 && frames <= 61);
	vm_index(0x3d4, 0x11, 0);
	vm_index(0x3d4, 6, 2); /* nonsense */
	vm_index(0x3d4, 7, 0);
	count_frames(&frames, &hidden);
	CHECK(frames >= 59 && frames <= 61);
	vm_vbe(VBE_ENABLE, VBE_ENABLED);
	count_frames(&frames, &hidden);
	CHECK(frames >= 59 && frames <= 61);
}

static void test_vbe(void)
{
	vm_start();
	CHECK_EQ(vm_vbe_read(VBE_ID), 0xb0c5);
	for (uint16_t id = 0xb0c0; id <= 0xb0c5; id++) {
		vm_vbe(VBE_ID, id);
		CHECK_EQ(vm_vbe_read(VBE_ID), id);
	}
	vm_vbe(VBE_ID, 0xb0c6);
	CHECK_EQ(vm_vbe_read(VBE_ID), 0xb0c5);
	CHECK_EQ(vm_vbe_read(VBE_MEMORY_64K), 16);
	vm_vbe(VBE_MEMORY_64K, 1);
	vm_vbe(VBE_VIRT_HEIGHT, 1);
	CHECK_EQ(vm_vbe_read(VBE_MEMORY_64K), 16);
	CHECK_EQ(vm_vbe_read(11), 0);
	CHECK_EQ(vm_vbe_read(0xffff), 0);
	vm_vbe(VBE_ENABLE, VBE_GETCAPS);
	CHECK(vm_vbe_read(VBE_XRES) >= 2560);
	CHECK(vm_vbe_read(VBE_YRES) >= 1600);
	CHECK_EQ(vm_vbe_read(VBE_BPP), 32);
	vm_vbe(VBE_ENABLE, 0);
	memset(vm.vram.bytes, 0x55, VGA_TEST_LINEAR);
	vm_vbe(VBE_XRES, 640);
	vm_vbe(VBE_YRES, 400);
	vm_vbe(VBE_BPP, 16);
	vm_vbe(VBE_X_OFFSET, 7);
	vm_vbe(VBE_ENABLE, VBE_ENABLED | VBE_LFB | VBE_NOCLEAR);
	CHECK_EQ(vm.vram.bytes[0], 0x55);
	CHECK_EQ(vm_vbe_read(VBE_VIRT_WIDTH), 640);
	CHECK_EQ(vm_vbe_read(VBE_VIRT_HEIGHT), 819);
	CHECK_EQ(vm_vbe_read(VBE_X_OFFSET), 0);
	CHECK_EQ(vm_vbe_read(VBE_ENABLE), VBE_ENABLED | VBE_LFB | VBE_NOCLEAR);
	vm_vbe(VBE_Y_OFFSET, 1000);
	CHECK_EQ(vm_vbe_read(VBE_Y_OFFSET), 419);
	vm_vbe(VBE_VIRT_WIDTH, 1000);
	CHECK_EQ(vm_vbe_read(VBE_VIRT_WIDTH), 1000);
	CHECK_EQ(vm_vbe_read(VBE_VIRT_HEIGHT), 524);
	CHECK_EQ(vm_vbe_read(VBE_Y_OFFSET), 124);
	vm_vbe(VBE_X_OFFSET, 1000);
	CHECK_EQ(vm_vbe_read(VBE_X_OFFSET), 360);
	vm_vbe(VBE_ENABLE, 0);
	vm_vbe(VBE_ENABLE, VBE_ENABLED);
	CHECK_EQ(vm.vram.bytes[0], 0);
	CHECK_EQ(vm.vram.bytes[640 * 400 * 2 - 1], 0);
	CHECK_EQ(vm.vram.bytes[640 * 400 * 2], 0x55);
	/* more than there is memory for */
	vm_vbe(VBE_XRES, 0xffff);
	vm_vbe(VBE_YRES, 0xffff);
	vm_vbe(VBE_BPP, 31);
	CHECK_EQ(vm_vbe_read(VBE_XRES), 16000);
	CHECK_EQ(vm_vbe_read(VBE_YRES), 32); /* it was 16 bits a pixel then */
	CHECK_EQ(vm_vbe_read(VBE_BPP), 8);
	vm_vbe(VBE_XRES, 0);
	CHECK_EQ(vm_vbe_read(VBE_XRES), 8);
	vm_vbe(VBE_VIRT_WIDTH, 0xffff);
	vm_vbe(VBE_BPP, 32);
	CHECK_EQ(vm_vbe_read(VBE_VIRT_HEIGHT), 4);
}

static void test_vbe_ports(void)
{
	vm_start();
	vm_out(0x1ce, VBE_YRES);
	fake_out(vm.m, 0x1d0, 2, 333); /* the other data port */
	CHECK_EQ(fake_in(vm.m, 0x1cf, 2), 333);
	CHECK_EQ(fake_in(vm.m, 0x1d0, 2), 333);
	fake_out(vm.m, 0x1ce, 4, 444u << 16 | VBE_XRES);
	CHECK_EQ(fake_in(vm.m, 0x1ce, 4), 444u << 16 | VBE_XRES);
	CHECK_EQ(fake_in(vm.m, 0x1ce, 2), VBE_XRES);
}

static void test_registers_in_memory(void)
{
	const uint64_t base = 0xfe000000;
	unsigned sum = 0;

	vm_start();
	config_write(PCI_BAR0 + 8, 4, (uint32_t)base);
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(fake_load(vm.m, base, 8), 0x00ffffffffffff00ull);
	for (unsigned i = 0; i < 128; i++)
		sum += (unsigned)fake_load(vm.m, base + i, 1);
	CHECK_EQ(sum & 0xff, 0);
	CHECK_EQ(fake_load(vm.m, base + 128, 4), 0);
	CHECK_EQ(fake_load(vm.m, base + 0x3fc, 4), 0);
	fake_store(vm.m, base, 4, 0);
	CHECK_EQ(fake_load(vm.m, base + 4, 4), 0x00ffffff);
	/* preferred: 1024 by 768 at 60 Hz */
	CHECK_EQ(fake_load(vm.m, base + 56, 1), 1024 & 0xff);
	CHECK_EQ(fake_load(vm.m, base + 58, 1) >> 4, 1024 >> 8);
	CHECK_EQ(fake_load(vm.m, base + 59, 1), 768 & 0xff);
	CHECK_EQ(fake_load(vm.m, base + 61, 1) >> 4, 768 >> 8);
	CHECK_EQ(fake_load(vm.m, base + 74, 1), 2560 & 0xff);
	fake_store(vm.m, base + 0x402, 1, 0xe3);
	CHECK_EQ(vm_in(0x3cc), 0xe3);
	CHECK_EQ(fake_load(vm.m, base + 0x40c, 1), 0xe3);
	fake_store(vm.m, base + 0x40e, 2, 0x0f08);
	CHECK_EQ(vm_indexed(0x3ce, 8), 0x0f);
	CHECK_EQ(fake_load(vm.m, base + 0x500, 2), 0xb0c5);
	fake_store(vm.m, base + 0x502, 2, 1280);
	CHECK_EQ(vm_vbe_read(VBE_XRES), 1280);
	CHECK_EQ(fake_load(vm.m, base + 0x503, 1), 1280 >> 8);
	fake_store(vm.m, base + 0x503, 1, 0); /* no byte writes */
	CHECK_EQ(vm_vbe_read(VBE_XRES), 1280);
	CHECK_EQ(fake_load(vm.m, base + 0x514, 2), 16);
	CHECK_EQ(fake_load(vm.m, base + 0x516, 2), 0);
	CHECK_EQ(fake_load(vm.m, base + 0x600, 4), 8);
	CHECK_EQ(fake_load(vm.m, base + 0x604, 4), 0x1e1e1e1e);
	CHECK_EQ(fake_load(vm.m, base + 0x608, 4), 0);
	CHECK_EQ(fake_load(vm.m, base + 0xffc, 4), 0);
}

static void test_save(void)
{
	static uint8_t record[4096], copy[VGA_MEMORY_SIZE(VGA_TEST_LINEAR)];
	struct vga_screen before;
	long n;

	vm_start();
	vm_mode(&vga_mode_3);
	vm_colours();
	config_write(PCI_BAR0, 4, 0xf0000000);
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	vm_store(0xb8000, 'x');
	vm_store(0xb8002, 'y');
	vm_out(0x3c8, 9);
	vm_out(0x3c9, 9);
	before = *vga_get_screen(&vm.d);
	memcpy(copy, vm.vram.bytes, sizeof(copy));
	n = device_save(&vm.d, record, sizeof(record));
	CHECK(n > 0);
	vm_start();
	memcpy(vm.vram.bytes, copy, sizeof(copy));
	CHECK_EQ(device_restore(&vm.d, 1, record, (size_t)n), 0);
	CHECK(vm_direct(0xf0000000));
	before.generation = vga_get_screen(&vm.d)->generation;
	CHECK(!memcmp(&before, vga_get_screen(&vm.d), sizeof(before)));
	CHECK_EQ(vm_load(0xb8000), 'x');
	CHECK_EQ(vm_load(0xb8002), 'y');
	CHECK_EQ(vm.exits, 1);
	vm_out(0x3c9, 8);
	vm_out(0x3c9, 7);
	vm_out(0x3c7, 9);
	CHECK_EQ(vm_in(0x3c9), 9);
	CHECK_EQ(vm_in(0x3c9), 8);
	record[0] = VGA_FORMS;
	CHECK_EQ(device_restore(&vm.d, 1, record, (size_t)n), -EINVAL);
	CHECK_EQ(vm_in(0x3cc), 0);
	record[0] = VGA_PLANAR;
	record[n - 256] ^= 1; /* another vendor */
	CHECK_EQ(device_restore(&vm.d, 1, record, (size_t)n), -EINVAL);
	record[n - 256] ^= 1;
	for (long i = 0; i < n - 256; i++) {
		uint8_t was = record[i];

		record[i] = 0xff;
		if (!device_restore(&vm.d, 1, record, (size_t)n)) {
			vm_load(0xa0000);
			vm_load(0xb8000);
			vm_in(0x3da);
			vm_in(0x3c9);
		}
		record[i] = was;
	}
	device_destroy(&vm.d);
}

UNIT_MAIN(UNIT(test_pci), UNIT(test_create_errors), UNIT(test_masks), UNIT(test_crtc),
          UNIT(test_attribute), UNIT(test_dac), UNIT(test_retrace), UNIT(test_vbe),
          UNIT(test_vbe_ports), UNIT(test_registers_in_memory), UNIT(test_save))
