/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The display adapter under any sequence of accesses, and the renderer with any registers. Input: if the first byte is odd, what follows are registers (struct vga_screen, as
 * a broken device model might publish them) and then bytes of memory, and lines are drawn. Else operations of a byte each with their parameters, see operate().
 */
#include "vga_machine.h"
#include "vga_render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *at;
static size_t left;

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *at++;
}

static uint32_t next_n(unsigned n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | next();
	return v;
}

/* ---- the renderer ---- */

static void draw(const struct vga_screen *s, const uint8_t *memory, uint32_t y)
{
	struct vga_picture p;
	const uint8_t *from;
	uint32_t *pixels, nr;
	char text[300];

	vga_picture_begin(&p, s, memory);
	if (!p.mode.width || !p.mode.height || p.mode.width > 16384 || p.mode.height > 16384)
		abort();
	p.blink = y & 1;
	pixels = malloc(p.mode.width *
	                sizeof(*pixels)); /* exactly, so that a pixel too many is seen */
	vga_picture_line(&p, y % p.mode.height, pixels);
	vga_picture_line(&p, p.mode.height - 1, pixels);
	for (uint32_t i = 0; i < p.mode.width; i++)
		if (pixels[i] >> 24)
			abort();
	free(pixels);
	nr = p.mode.kind == VGA_LINEAR ? vga_linear_find(&p, y % p.mode.height, &from) : 0;
	if (nr > p.mode.width || (nr && (from < memory || from + nr * ((p.mode.bits + 7) / 8) >
	                                                          memory + s->linear_size)))
		abort();
	if (vga_picture_text(&p, text, sizeof(text)) >= sizeof(text))
		abort();
}

static void draw_any(void)
{
	static uint8_t *memory, fill;
	struct vga_screen s = { 0 };
	uint8_t *bytes = (uint8_t *)&s;
	size_t written = 0;
	uint8_t want = (next() & 3) * 85; /* few values, so that it need not be filled often */

	if (!memory)
		memory = calloc(1, VGA_MEMORY_SIZE(VGA_TEST_LINEAR));
	if (fill != want) {
		fill = want;
		memset(memory, fill, VGA_MEMORY_SIZE(VGA_TEST_LINEAR));
	}
	for (size_t i = 0; left && i < sizeof(s); i++)
		if (i < offsetof(struct vga_screen, video) ||
		    i > offsetof(struct vga_screen, video))
			bytes[i] = next();
	s.linear_size = VGA_TEST_LINEAR;
	s.video = bytes[0] != 0xff;
	for (; left; written++)
		memory[written * 37] = next();
	draw(&s, memory, bytes[1] * 5);
	while (written--)
		memory[written * 37] = fill;
}

/* ---- the adapter ---- */

#define PAGES (VGA_MEMORY_SIZE(VGA_TEST_LINEAR) / 4096)

static bool touched[PAGES]; /* of the memory, since it was all zero */
static unsigned rare_left;  /* what takes long is in a run only a few times */

static void touch_written(void)
{
	uint64_t written = vga_take_written(&vm.d);

	for (unsigned i = 0; i < PAGES; i++)
		touched[i] |= written >> (i < 63 ? i : 63) & 1;
}

static void memory_clear(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (touched[i]) {
			memset(vm.vram.bytes + i * 4096, 0, 4096);
			touched[i] = false;
		}
}

static void store(uint64_t addr, uint8_t byte)
{
	uint8_t *p = vm_direct(addr);

	if (p)
		touched[(p - vm.vram.bytes) / 4096] = true;
	vm_store(addr, byte);
}

/* The memory is the backend's, and stays. */
static void save_and_restore(void)
{
	static uint8_t record[4096];
	struct vga_screen was;
	long n;

	if (!rare_left)
		return;
	rare_left--;
	n = device_save(&vm.d, record, sizeof(record));
	was = *vga_get_screen(&vm.d);
	touch_written();
	device_destroy(&vm.d);
	if (vm_create_on(fake_machine_small(), VGA_TEST_LINEAR))
		abort();
	if (n < 0 || device_restore(&vm.d, 1, record, (size_t)n))
		abort();
	was.generation = vga_get_screen(&vm.d)->generation;
	if (memcmp(&was, vga_get_screen(&vm.d), sizeof(was)))
		abort();
}

static void foreign_record(void)
{
	static uint8_t record[4096];
	long n;

	if (!rare_left)
		return;
	rare_left--;
	n = device_save(&vm.d, record, sizeof(record));
	for (long i = next() * 4; left && i < n; i++)
		record[i] ^= next();
	device_reset(&vm.d);
	if (device_restore(&vm.d, 1, record, (size_t)n))
		return;
}

static void wide_access(void)
{
	uint64_t addr = 0xa0000 + next_n(3) % 0x20000;
	unsigned size = 1u << (next() & 3);
	bool store = next() & 1;
	uint64_t value = next_n(4) * 0x100000001ull;

	addr &= ~(uint64_t)(size - 1);
	if (vm_direct(addr))
		return;
	if (store)
		fake_store(vm.m, addr, size, value);
	else
		fake_load(vm.m, addr, size);
}

static void operate(uint8_t op)
{
	static const struct vga_registers *const modes[] = { &vga_mode_3, &vga_mode_4, &vga_mode_12,
		                                             &vga_mode_13 };
	uint64_t addr;
	uint16_t port;

	switch (op % 16) {
	case 0: vm_out((uint16_t)(0x3b0 + next() % 48), next()); break;
	case 1: vm_in((uint16_t)(0x3b0 + next() % 48)); break;
	case 2: vm_index(0x3c4, next(), next()); break;
	case 3: vm_index(0x3ce, next(), next()); break;
	case 4: vm_index(0x3d4, next(), next()); break;
	case 5: vm_vbe(next() % 12, (uint16_t)next_n(2)); break;
	case 6:
		port = (uint16_t)(0x1cd + next() % 5);
		fake_out(vm.m, port, 1u << next() % 3, next_n(4));
		fake_in(vm.m, port, 4);
		break;
	case 7:
		addr = 0xa0000 + next_n(3) % 0x20000;
		store(addr, next());
		vm_load(addr);
		break;
	case 8: wide_access(); break;
	case 9: pci_bus_write(&vm.m->pci, VGA_TEST_DEVFN, next() & 0x7c, 4, next_n(4)); break;
	case 10:
		pci_bus_write(&vm.m->pci, VGA_TEST_DEVFN, PCI_BAR0 + 8, 4, 0xfe000000);
		pci_bus_write(&vm.m->pci, VGA_TEST_DEVFN, PCI_COMMAND, 2, 2);
		addr = 0xfe000000 + next_n(2) % 0x700;
		fake_store(vm.m, addr, 1u << next() % 4, next_n(4));
		fake_load(vm.m, addr, 4);
		break;
	case 11: draw(vga_get_screen(&vm.d), vm.vram.bytes, next() * 4u); break;
	case 12: save_and_restore(); break;
	case 13: foreign_record(); break;
	case 14: vm_mode(modes[next() % 4]); break;
	case 15:
		if (next() == 77)
			device_reset(&vm.d);
		touch_written();
		fake_machine_pass(vm.m, next_n(2), 100);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	at = data;
	left = size;
	if (next() & 1) {
		draw_any();
		return 0;
	}
	rare_left = 6;
	if (vm_create_on(fake_machine_small(), VGA_TEST_LINEAR))
		abort();
	vga_take_written(&vm.d); /* it says all at first */
	for (unsigned i = 0; left && i < 200;
	     i++) /* a picture or a copy of the memory takes a while */
		operate(next());
	touch_written();
	memory_clear();
	device_destroy(&vm.d);
	if (vm.window[0].length || vm.window[1].length)
		abort();
	return 0;
}
