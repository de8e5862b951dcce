/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data path of the display adapter against a model that has four planes of bytes and goes bit by bit: random registers, random accesses; the guest uses the windows that
 * it is given, so their places and the changes of the memory's form are tested with it. Then directed cases: which modes cost no exit.
 */
#include "unit.h"
#include "vga_machine.h"

/* ---- the slow model ---- */

static uint8_t plane[4][65536], latch[4];
static uint8_t sr[5], gr[9], misc;

static bool model_map(uint32_t addr, uint32_t *at)
{
	static const uint32_t base[] = { 0xa0000, 0xa0000, 0xb0000, 0xb8000 };
	static const uint32_t size[] = { 0x20000, 0x10000, 0x8000, 0x8000 };
	unsigned map = (gr[6] >> 2) & 3;

	if (!(misc & 2) || addr < base[map] || addr >= base[map] + size[map])
		return false;
	*at = (addr - base[map]) % 65536;
	return true;
}

static int bit_of(unsigned byte, int i)
{
	return (byte >> i) & 1;
}

static int alu(int a, int b)
{
	switch ((gr[3] >> 3) & 3) {
	case 0: return a;
	case 1: return a && b;
	case 2: return a || b;
	}
	return a != b;
}

/* What bit i of plane p becomes when the processor writes byte. */
static int new_bit(int p, int i, uint8_t byte)
{
	int old = bit_of(latch[p], i), turned = bit_of(byte, (i + (gr[3] & 7)) % 8);
	int value = 0, mask = bit_of(gr[8], i);

	switch (gr[5] & 3) {
	case 0: value = bit_of(gr[1], p) ? bit_of(gr[0], p) : turned; break;
	case 1: return old;
	case 2: value = bit_of(byte, p); break;
	case 3:
		value = bit_of(gr[0], p);
		mask = mask && turned;
		break;
	}
	return mask ? alu(value, old) : old;
}

static void model_store(uint32_t addr, uint8_t byte)
{
	uint32_t at, where;

	if (!model_map(addr, &at))
		return;
	for (int p = 0; p < 4; p++) {
		int result = 0;

		where = at;
		if (!bit_of(sr[2], p))
			continue;
		if (sr[4] & 8) {
			if ((at & 3) != (unsigned)p)
				continue;
			where = at - at % 4;
		} else if (!(sr[4] & 4)) {
			if ((at & 1) != (p & 1u))
				continue;
			where = at - at % 2;
		}
		for (int i = 0; i < 8; i++)
			result |= new_bit(p, i, byte) << i;
		plane[p][where] = (uint8_t)result;
	}
}

static uint8_t model_load(uint32_t addr)
{
	uint32_t at;
	unsigned p = gr[4] & 3;
	uint8_t result = 0;

	if (!model_map(addr, &at))
		return 0xff;
	if (sr[4] & 8) {
		p = at % 4;
		at -= p;
	} else if (gr[5] & 0x10) {
		p = (p & 2) + at % 2;
		at -= at % 2;
	}
	for (int i = 0; i < 4; i++)
		latch[i] = plane[i][at];
	if (!(gr[5] & 8))
		return latch[p];
	for (int i = 0; i < 8; i++) {
		bool same = true;

		for (int j = 0; j < 4; j++)
			if (bit_of(gr[7], j) && bit_of(latch[j], i) != bit_of(gr[2], j))
				same = false;
		result |= same << i;
	}
	return result;
}

/* ---- random operations ---- */

static uint64_t seed = 88172645463325252ull;

static uint32_t rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

static void set_sr(uint8_t i, uint8_t value)
{
	static const uint8_t mask[] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };

	sr[i] = value & mask[i];
	vm_index(0x3c4, i, value);
}

static void set_gr(uint8_t i, uint8_t value)
{
	static const uint8_t mask[] = { 15, 15, 15, 0x1f, 3, 0x7b, 15, 15, 0xff };

	gr[i] = value & mask[i];
	vm_index(0x3ce, i, value);
}

static void set_misc(uint8_t value)
{
	misc = value;
	vm_out(0x3c2, value);
}

static void set_mode(const struct vga_registers *r)
{
	memcpy(sr, r->sr, 5);
	memcpy(gr, r->gr, 9);
	misc = r->misc;
	vm_mode(r);
}

/* Most register writes lead somewhere that is used, so that windows come and go. */
static void random_registers(void)
{
	static const struct vga_registers *const modes[] = { &vga_mode_3, &vga_mode_4, &vga_mode_12,
		                                             &vga_mode_13 };

	switch (rnd(8)) {
	case 0:
	case 1: set_mode(modes[rnd(4)]); break;
	case 2: set_sr(rnd(2) ? 2 : 4, (uint8_t)rnd(16)); break;
	case 3: set_misc(rnd(8) ? 0x63 : 0x61); break;
	default: set_gr((uint8_t)rnd(9), (uint8_t)rnd(256)); break;
	}
}

/* The guest that uses a window leaves the latches alone; the model's are those of the last access that the adapter saw. */
static uint32_t random_address(void)
{
	uint32_t at = 0xa0000 + rnd(0x20000);

	return rnd(4) ? (at & ~0xff00u) : at; /* often the same places */
}

static void access_once(void)
{
	uint32_t addr = random_address();
	uint8_t byte = (uint8_t)rnd(256);

	if (rnd(2)) {
		vm_store(addr, byte);
		model_store(addr, byte);
		return;
	}
	CHECK_EQ(vm_load(addr), model_load(addr));
	/* A read by window does not load the adapter's latches; what they hold is then of no use to a program that has them loaded by each read that matters. */
	if (vm_direct(addr)) {
		uint32_t w = 0;

		for (int p = 0; p < 4; p++) {
			vm_index(0x3ce, 4, (uint8_t)p);
			w |= (uint32_t)vm_indexed(0x3d4, 0x22) << 8 * p;
		}
		vm_index(0x3ce, 4, gr[4]);
		for (int p = 0; p < 4; p++)
			latch[p] = (uint8_t)(w >> 8 * p);
	}
}

static void compare_planes(void)
{
	const struct vga_screen *s = vga_get_screen(&vm.d);

	for (uint32_t at = 0; at < 65536; at++) {
		uint32_t w = vga_word(s, vm.vram.bytes, at);

		for (int p = 0; p < 4; p++)
			CHECK_EQ((uint8_t)(w >> 8 * p), plane[p][at]);
	}
}

static void test_random(void)
{
	vm_start();
	memset(plane, 0, sizeof(plane));
	set_mode(&vga_mode_3);
	for (unsigned round = 0; round < 3000; round++) {
		random_registers();
		for (unsigned i = rnd(60); i; i--)
			access_once();
		if (round % 100 == 0)
			compare_planes();
	}
	compare_planes();
	CHECK(vm.places > 300);
	CHECK(vm.exits > 10000);
}

/* Words and more are the same as bytes, lowest first. */
static void test_wide(void)
{
	vm_start();
	vm_mode(&vga_mode_12);
	fake_store(vm.m, 0xa0000, 8, 0x1122334455667788ull);
	CHECK_EQ(vm_load(0xa0000), 0x88);
	CHECK_EQ(vm_load(0xa0007), 0x11);
	CHECK_EQ(fake_load(vm.m, 0xa0001, 4), 0x44556677);
	CHECK_EQ(fake_load(vm.m, 0xa0004, 2), 0x3344);
	CHECK_EQ(fake_load(vm.m, 0xaffff, 1), 0);
	CHECK_EQ(fake_load(vm.m, 0xb0000, 4), 0xffffffff);
}

static void test_no_exit(void)
{
	vm_start();
	vm_mode(&vga_mode_3);
	CHECK_EQ(vm.exits, 0);
	vm_store(0xb8000, 'a'); /* the first touch places the window */
	CHECK_EQ(vm.exits, 1);
	for (uint32_t i = 1; i < 0x8000; i++)
		vm_store(0xb8000 + i, (uint8_t)i);
	CHECK_EQ(vm.exits, 1);
	CHECK_EQ(vm_load(0xb8000), 'a');
	CHECK_EQ(vm_load(0xb8123), 0x23);
	CHECK_EQ(vm.places, 1);
	/* what does not change the map does not move the window */
	vm_index(0x3d4, 0x0e, 7);
	vm_index(0x3c4, 2, 3);
	CHECK_EQ(vm.places, 1);
	/* a font is loaded into plane 2 and the text stays */
	vm_index(0x3c4, 2, 4);
	vm_index(0x3c4, 4, 7);
	vm_index(0x3ce, 4, 2);
	vm_index(0x3ce, 5, 0);
	vm_index(0x3ce, 6, 4);
	CHECK_EQ(vm.places, 2);
	vm_store(0xa0000, 0x99);
	vm_store(0xa0001, 0x98);
	CHECK_EQ(vm_load(0xa0000), 0x99);
	CHECK_EQ(vga_get_screen(&vm.d)->form, VGA_TEXT);
	vm_index(0x3ce, 4, 0);
	CHECK_EQ(vm_load(0xa0000), 'a');
	CHECK_EQ(vm_load(0xa0002), 2);
	vm_mode(&vga_mode_3);
	vm.exits = 0;
	CHECK_EQ(vm_load(0xb8000), 'a');
	CHECK_EQ(vm_load(0xb8001), 1);
	CHECK_EQ(vm.exits, 1);

	vm_mode(&vga_mode_13);
	vm.exits = 0;
	for (uint32_t i = 0; i < 64000; i++)
		vm_store(0xa0000 + i, (uint8_t)(i * 3));
	CHECK_EQ(vm.exits, 1);
	/* mode X sees each fourth address of the planes */
	vm_index(0x3c4, 4, 6);
	vm_index(0x3ce, 4, 1);
	CHECK_EQ(vm_load(0xa0004), 5 * 3);
	CHECK_EQ(vga_get_screen(&vm.d)->form, VGA_PLANAR);

	vm_mode(&vga_mode_12);
	vm.exits = 0;
	vm_store(0xa0000, 1);
	vm_store(0xa0000, 1);
	CHECK_EQ(vm.exits, 2);
}

static void test_banks(void)
{
	vm_start();
	vm_vbe(VBE_XRES, 800);
	vm_vbe(VBE_YRES, 600);
	vm_vbe(VBE_BPP, 8);
	vm_vbe(VBE_ENABLE, VBE_ENABLED);
	vm_vbe(VBE_BANK, 3);
	vm_store(0xa0010, 0x42);
	CHECK_EQ(vm.vram.bytes[0x30010], 0x42);
	vm_store(0xa0011, 0x43);
	CHECK_EQ(vm.exits, 1);
	CHECK_EQ(vm.vram.bytes[0x30011], 0x43);
	vm_vbe(VBE_BANK, 500); /* the last */
	CHECK_EQ(vm_vbe_read(VBE_BANK), 15);
	vm_store(0xaffff, 0x44);
	CHECK_EQ(vm.vram.bytes[VGA_TEST_LINEAR - 1], 0x44);
	vm_vbe(VBE_BANK, 0);
	fake_store(vm.m, 0xa0020, 4, 0x01020304);
	vm_vbe(VBE_BANK, 0);
	CHECK_EQ(fake_load(vm.m, 0xa0020, 4), 0x01020304);
	CHECK_EQ(fake_load(vm.m, 0xb8000, 4), 0xffffffff);
	/* four bits: planes, and banks of them */
	vm_vbe(VBE_ENABLE, 0);
	vm_mode(&vga_mode_12);
	vm_vbe(VBE_BPP, 4);
	vm_vbe(VBE_ENABLE, VBE_ENABLED);
	CHECK_EQ(vm_vbe_read(VBE_BANK), 0);
	vm_vbe(VBE_BANK, 1);
	vm_index(0x3c4, 2, 2);
	vm_store(0xa0001, 0x55);
	CHECK_EQ(vm.vram.bytes[(0x10001) * 4 + 1], 0x55);
	vm_vbe(VBE_BANK, 4); /* beyond the memory, in planes */
	vm_store(0xa0001, 0x56);
	CHECK_EQ(vm_load(0xa0001), 0);
}

static void test_written(void)
{
	vm_start();
	vm_mode(&vga_mode_12);
	vga_take_written(&vm.d);
	vm_store(0xa0000, 1);
	vm_store(0xa0400, 1);
	CHECK_EQ(vga_take_written(&vm.d), 3);
	vm_store(0xaffff, 1);
	CHECK_EQ(vga_take_written(&vm.d), 1ull << 63);
	CHECK_EQ(vga_take_written(&vm.d), 0);
}

UNIT_MAIN(UNIT(test_random), UNIT(test_wide), UNIT(test_no_exit), UNIT(test_banks),
          UNIT(test_written))
