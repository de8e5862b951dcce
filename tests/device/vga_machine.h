/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with a display adapter, for its tests: the guest writes memory by itself where it has a window. Register values of modes are IBM's, as every VGA BIOS sets them. */
#ifndef VGA_MACHINE_H
#define VGA_MACHINE_H

#include <stdlib.h>
#include <string.h>

#include "device_fake.h"
#include "vga.h"

#define VGA_TEST_LINEAR (1u << 20)
#define VGA_TEST_DEVFN  PCI_DEVFN(2, 0)

struct vga_machine {
	struct fake_machine *m;
	struct device d;
	struct vram_backend vram;
	struct {
		uint64_t gpa;
		uint32_t offset, length;
	} window[VRAM_WINDOWS];
	unsigned places; /* calls of place() */
	unsigned exits;  /* accesses of the legacy range that were not the guest's alone */
};

static struct vga_machine vm;

static void vm_place(struct vram_backend *b, unsigned window, uint64_t gpa, uint32_t offset,
                     uint32_t length)
{
	/* in pages, inside, and never moved without being taken away */
	if (gpa % 4096 && length)
		abort();
	if (offset % 4096 || length % 4096 || offset > b->size || length > b->size - offset ||
	    window >= VRAM_WINDOWS || (length && vm.window[window].length))
		abort();
	vm.window[window].gpa = gpa;
	vm.window[window].offset = offset;
	vm.window[window].length = length;
	vm.places++;
}

/* On m, with the memory as it is. */
static inline int vm_create_on(struct fake_machine *m, uint32_t linear)
{
	struct vga_config config = { .devfn = VGA_TEST_DEVFN, .vram = &vm.vram };
	uint8_t *memory = vm.vram.size == VGA_MEMORY_SIZE(linear) ? vm.vram.bytes : NULL;

	if (!memory) {
		free(vm.vram.bytes);
		memory = calloc(1, VGA_MEMORY_SIZE(linear));
	}
	memset(&vm, 0, sizeof(vm));
	vm.m = m;
	vm.vram.size = VGA_MEMORY_SIZE(linear);
	vm.vram.bytes = memory;
	vm.vram.place = vm_place;
	return device_create(&vm.d, &vga_class, "vga", &vm.m->ports, &config);
}

static inline int vm_create(uint32_t linear)
{
	if (vm.vram.bytes)
		memset(vm.vram.bytes, 0, vm.vram.size);
	return vm_create_on(fake_machine_new(), linear);
}

static inline void vm_start(void)
{
	if (vm_create(VGA_TEST_LINEAR))
		abort();
}

/* What the guest reaches with no exit at addr; NULL: nothing. */
static inline uint8_t *vm_direct(uint64_t addr)
{
	for (unsigned i = 0; i < VRAM_WINDOWS; i++)
		if (addr - vm.window[i].gpa < vm.window[i].length)
			return vm.vram.bytes + vm.window[i].offset + (addr - vm.window[i].gpa);
	return NULL;
}

static inline void vm_store(uint64_t addr, uint8_t byte)
{
	uint8_t *p = vm_direct(addr);

	if (p) {
		*p = byte;
		return;
	}
	vm.exits++;
	fake_store(vm.m, addr, 1, byte);
}

static inline uint8_t vm_load(uint64_t addr)
{
	uint8_t *p = vm_direct(addr);

	if (p)
		return *p;
	vm.exits++;
	return (uint8_t)fake_load(vm.m, addr, 1);
}

static inline void vm_out(uint16_t port, uint8_t value)
{
	fake_out(vm.m, port, 1, value);
}
static inline uint8_t vm_in(uint16_t port)
{
	return (uint8_t)fake_in(vm.m, port, 1);
}
static inline void vm_index(uint16_t port, uint8_t index, uint8_t value)
{
	fake_out(vm.m, port, 2, index | (uint32_t)value << 8);
}
static inline uint8_t vm_indexed(uint16_t port, uint8_t index)
{
	vm_out(port, index);
	return vm_in(port + 1);
}
static inline void vm_vbe(uint16_t index, uint16_t value)
{
	fake_out(vm.m, 0x1ce, 2, index);
	fake_out(vm.m, 0x1cf, 2, value);
}
static inline uint16_t vm_vbe_read(uint16_t index)
{
	fake_out(vm.m, 0x1ce, 2, index);
	return (uint16_t)fake_in(vm.m, 0x1cf, 2);
}

struct vga_registers {
	uint8_t misc, sr[5], cr[25], gr[9], ar[21];
};

static const struct vga_registers vga_mode_3 = {
	0x67,
	{ 0x03, 0x00, 0x03, 0x00, 0x02 },
	{ 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00,
	  0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff },
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff },
	{ 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
	  0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00 },
};
static const struct vga_registers vga_mode_4 = {
	0x63,
	{ 0x03, 0x09, 0x03, 0x00, 0x02 },
	{ 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00, 0xc1, 0x00, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x14, 0x00, 0x96, 0xb9, 0xa2, 0xff },
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0x0f, 0x0f, 0xff },
	{ 0x00, 0x13, 0x15, 0x17, 0x02, 0x04, 0x06, 0x07, 0x10, 0x11, 0x12,
	  0x13, 0x14, 0x15, 0x16, 0x17, 0x01, 0x00, 0x03, 0x00, 0x00 },
};
static const struct vga_registers vga_mode_12 = {
	0xe3,
	{ 0x03, 0x01, 0x0f, 0x00, 0x06 },
	{ 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0x00, 0x40, 0x00, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0xea, 0x8c, 0xdf, 0x28, 0x00, 0xe7, 0x04, 0xe3, 0xff },
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x0f, 0xff },
	{ 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
	  0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x01, 0x00, 0x0f, 0x00, 0x00 },
};
static const struct vga_registers vga_mode_13 = {
	0x63,
	{ 0x03, 0x01, 0x0f, 0x00, 0x0e },
	{ 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0x00, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff },
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x05, 0x0f, 0xff },
	{ 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
	  0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x41, 0x00, 0x0f, 0x00, 0x00 },
};

static inline void vm_mode(const struct vga_registers *r)
{
	vm_out(0x3c2, r->misc);
	for (uint8_t i = 0; i < 5; i++)
		vm_index(0x3c4, i, r->sr[i]);
	vm_index(0x3d4, 0x11, r->cr[0x11] & 0x7f);
	for (uint8_t i = 0; i < 25; i++)
		vm_index(0x3d4, i, r->cr[i]);
	for (uint8_t i = 0; i < 9; i++)
		vm_index(0x3ce, i, r->gr[i]);
	vm_in(0x3da);
	for (uint8_t i = 0; i < 21; i++) {
		vm_out(0x3c0, i);
		vm_out(0x3c0, r->ar[i]);
	}
	vm_out(0x3c0, 0x20);
}

/* Colour i is i for red, 2 i for green, 63 - i for blue, in 6 bits. */
static inline void vm_colours(void)
{
	vm_out(0x3c8, 0);
	for (unsigned i = 0; i < 256; i++) {
		vm_out(0x3c9, i & 63);
		vm_out(0x3c9, 2 * i & 63);
		vm_out(0x3c9, 63 - (i & 63));
	}
}

#endif
