// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtest-board DRIVE... - the chips of the device model behind QEMU's qtest protocol (protocol.h), on the fake machine of tests/device. A drive is disk:FILE, cdrom:FILE or "" (what is
 * written stays in memory). A PC like QEMU's machine "pc": a new chip is a row, and what its config needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debugcon.h"
#include "fw_cfg.h"
#include "device_fake.h"
#include "e1000.h"
#include "i440fx.h"
#include "i8042.h"
#include "i8237.h"
#include "ide.h"
#include "piix3.h"
#include "piix4_pm.h"
#include "protocol.h"
#include "uart16550.h"
#include "uhci.h"
#include "vga.h"

#define VGA_LINEAR (16u << 20) /* as QEMU's, so that the base address decodes as much */

static struct fake_machine *m;

/* ---- what stands behind the chips ---- */

static struct fake_disk disks[IDE_DRIVES];
static struct input_backend keys, tablet;
static struct char_backend line;
static uint8_t line_out[0x10000];
static size_t line_length;

static size_t line_put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	n = MIN(n, sizeof(line_out) - line_length);
	memcpy(line_out + line_length, bytes, n);
	line_length += n;
	return n;
}

static void line_room(struct char_backend *b)
{
}

static struct net_backend net;
static uint8_t frames[64][NET_FRAME_MAX];
static size_t frame_sizes[64];
static unsigned frames_in, frames_out;

static bool net_send(struct net_backend *b, const uint8_t *frame, size_t n)
{
	if (frames_in - frames_out == 64)
		return true;
	memcpy(frames[frames_in % 64], frame, n);
	frame_sizes[frames_in++ % 64] = n;
	return true;
}

static void net_room(struct net_backend *b)
{
}

static struct vram_backend vram;
static struct {
	uint64_t gpa;
	uint32_t offset, length;
} windows[VRAM_WINDOWS];

static void vram_place(struct vram_backend *b, unsigned window, uint64_t gpa, uint32_t offset,
                       uint32_t length)
{
	windows[window].gpa = gpa;
	windows[window].offset = offset;
	windows[window].length = length;
}

/* ---- the board ---- */

static struct ide_config ide = { .devfn = PCI_DEVFN(1, 1) };
static const struct piix3_config piix3;
static const struct piix4_pm_config pm = { .sci_irq = 9, .smbus_base = 0xb100, .gpe_base = 0xafe0 };
static const struct uart16550_config com1 = { UART_COM1_PORT, UART_COM1_IRQ, &line };
static const struct i8042_config keyboard = { &keys };
static const struct debugcon_config debug;
static const struct vga_config vga = { .devfn = PCI_DEVFN(2, 0), .vram = &vram };
static const struct e1000_config e1000 = { .devfn = PCI_DEVFN(3, 0),
	                                   .net = &net,
	                                   .rom_size = 0x40000 };
static const struct uhci_config uhci = { &tablet };

static const struct {
	const struct device_class *class;
	const char *id;
	const void *config;
} rows[] = {
	{ &i440fx_class, "host bridge", NULL },
	{ &piix3_class, "ISA bridge", &piix3 },
	{ &ide_class, "IDE", &ide },
	{ &uhci_class, "USB", &uhci },
	{ &piix4_pm_class, "power management", &pm },
	{ &vga_class, "display", &vga },
	{ &e1000_class, "network", &e1000 },
	{ &uart16550_class, "COM1", &com1 },
	{ &i8042_class, "keyboard", &keyboard },
	{ &debugcon_class, "debug", &debug },
	{ &fw_cfg_class, "firmware configuration", NULL },
	{ &i8237_class, "DMA", NULL },
};
static struct device devices[ARRAY_LEN(rows)];

static void drive_open(unsigned i, const char *what)
{
	struct ide_drive_config *d = &ide.drives[i];
	const char *path = strchr(what, ':');
	FILE *f;
	long size;

	if (!*what)
		return;
	f = path ? fopen(path + 1, "rb") : NULL;
	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)) {
		fprintf(stderr, "qtest-board: %s: cannot read it; say disk:FILE or cdrom:FILE\n",
		        what);
		exit(2);
	}
	d->kind = what[0] == 'c' ? IDE_CDROM : IDE_DISK;
	d->backend = &disks[i].backend;
	fake_disk_init(&disks[i], calloc(1, (size_t)size + 512), (uint64_t)size / 512);
	if (fread(disks[i].bytes, 1, (size_t)size, f) != (size_t)size)
		exit(2);
	fclose(f);
}

static void board_start(char **drives, unsigned n)
{
	line = (struct char_backend){ .put = line_put, .room = line_room };
	net = (struct net_backend){ .mac = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 },
		                    .send = net_send,
		                    .room = net_room,
		                    .link_up = true };
	vram.size = VGA_MEMORY_SIZE(VGA_LINEAR);
	vram.bytes = calloc(1, vram.size);
	vram.place = vram_place;
	m = fake_machine_new();
	m->now_ns = 0;
	m->pci.address_bits = 0;
	for (unsigned i = 0; i < n && i < IDE_DRIVES; i++)
		drive_open(i, drives[i]);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (device_create(&devices[i], rows[i].class, rows[i].id, &m->ports,
		                  rows[i].config)) {
			fprintf(stderr, "qtest-board: %s: its place is taken\n", rows[i].id);
			exit(2);
		}
}

/* ---- the protocol's machine ---- */

/* RAM and display memory that the guest reaches by itself, or NULL. */
static uint8_t *direct(uint64_t gpa, unsigned size)
{
	for (unsigned i = 0; i < VRAM_WINDOWS; i++)
		if (windows[i].length && gpa >= windows[i].gpa &&
		    gpa - windows[i].gpa + size <= windows[i].length)
			return vram.bytes + windows[i].offset + (gpa - windows[i].gpa);
	if (gpa + size <= 0xa0000 || (gpa >= 0x100000 && gpa + size <= FAKE_RAM_SIZE))
		return m->ram + gpa;
	return NULL;
}

static uint64_t load(uint64_t gpa, unsigned size)
{
	uint8_t *p = direct(gpa, size);
	uint64_t value = 0;

	if (!p)
		return fake_load(m, gpa, size);
	memcpy(&value, p, size);
	return value;
}

static void store(uint64_t gpa, unsigned size, uint64_t value)
{
	uint8_t *p = direct(gpa, size);

	if (p)
		memcpy(p, &value, size);
	else
		fake_store(m, gpa, size, value);
}

static uint32_t in(uint16_t port, unsigned size)
{
	return fake_in(m, port, size);
}

static void out(uint16_t port, unsigned size, uint32_t value)
{
	fake_out(m, port, size, value);
}

/* A PCI device's pin comes out at the ISA interrupt that its link goes to; slot 1 pin A is link 0. */
static bool wire(unsigned n)
{
	bool level = n < 16 && m->isa[n].level;

	for (unsigned devfn = 0; devfn < 256 && n; devfn++)
		for (unsigned pin = 0; pin < 4; pin++)
			level |= m->intx[devfn][pin].level &&
			         m->link[((devfn >> 3) + 3 + pin) & 3] == n;
	return level;
}

static void reset(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		device_reset(&devices[i]);
	line_length = 0;
	frames_out = frames_in;
}

static void clock_set(uint64_t ns)
{
	if (ns > m->now_ns)
		fake_machine_advance(m, ns - m->now_ns);
}

static void input(const struct input_event *e)
{
	struct input_backend *b =
		e->kind == INPUT_POINT || (e->kind != INPUT_KEY && e->kind != INPUT_MOVE &&
	                                   tablet.receive && uhci_tablet_is_in_use(&devices[3]))
			? &tablet
			: &keys;

	if (b->receive)
		b->receive(b, e);
}

static size_t serial(const uint8_t *bytes, size_t n)
{
	return line.receive(&line, bytes, n);
}

static size_t serial_sent(uint8_t *bytes, size_t room)
{
	size_t n = line_length;

	memcpy(bytes, line_out, n);
	line_length = 0;
	return n;
}

static bool frame(const uint8_t *bytes, size_t n)
{
	return net.receive(&net, bytes, n);
}

static size_t frame_sent(uint8_t *bytes, size_t room)
{
	size_t n;

	if (frames_out == frames_in)
		return 0;
	n = frame_sizes[frames_out % 64];
	memcpy(bytes, frames[frames_out++ % 64], n);
	return n;
}

int main(int argc, char **argv)
{
	static const struct qtest_machine machine = { in,        out,    load,        store,
		                                      wire,      reset,  clock_set,   NULL,
		                                      input,     serial, serial_sent, frame,
		                                      frame_sent };

	board_start(argv + 1, (unsigned)argc - 1);
	qtest_serve(&machine);
	return 0;
}
