// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device model's side of the link with a backend that is hostile: a board with disks, a CD drive, a network interface, a serial port, a keyboard controller and a display, whose guest does
 * something of everything, while the other side writes whatever it likes into the pages, at any time between two entries, and dies and comes again. Input: operations of a byte, with parameters.
 * Nothing may hang, nor touch what it should not: the sanitizers watch. What the device model keeps for itself stays sound: in the end an honest backend comes, and a disk command is answered.
 */
#include <stdlib.h>
#include <string.h>

#include "ata.h"
#include "e1000.h"
#include "i8042.h"
#include "ide.h"
#include "link_fake.h"
#include "uart16550.h"
#include "vga_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define L         (&fake_link.memory)
#define SECTORS   4096u
#define IDE_DEVFN PCI_DEVFN(1, 1)
#define NIC_DEVFN PCI_DEVFN(4, 0)
#define NIC_BASE  0xf0000000u
#define MASTER    0xc000

static const uint8_t *at;
static size_t left;
static struct device ide, uart, kbd, nic;
static uint8_t disk[SECTORS * 512];

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *at++;
}

static uint32_t next32(void)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)next() << 8 * i;
	return v;
}

static void make(struct device *d, const struct device_class *class, const void *config)
{
	if (device_create(d, class, "fuzzed", &vm.m->ports, config))
		abort();
}

static void board_make(void)
{
	static const struct devmodel_board board = {
		.has_link = 1,
		.drives = { { DEVMODEL_DRIVE_DISK, 0, SECTORS * 512 },
		            { DEVMODEL_DRIVE_NONE, 0, 0 },
		            { DEVMODEL_DRIVE_CDROM, 1, 0 } },
		.nics = { { .present = 1 } },
	};
	struct ide_config drives = { .devfn = IDE_DEVFN };
	struct uart16550_config line = { 0x3f8, 4, NULL };
	struct e1000_config card = { .devfn = NIC_DEVFN };
	struct i8042_config keys;

	if (vm_create(VGA_TEST_LINEAR))
		abort();
	fake_link_start(&board, &vm.m->ports);
	drives.drives[0] =
		(struct ide_drive_config){ IDE_DISK, link_disk(&board, 0), NULL, NULL, NULL, 0 };
	drives.drives[2] =
		(struct ide_drive_config){ IDE_CDROM, link_disk(&board, 2), NULL, NULL, NULL, 0 };
	line.line = link_serial(0);
	card.net = link_net(&board, 0);
	keys.input = link_keyboard();
	make(&ide, &ide_class, &drives);
	make(&uart, &uart16550_class, &line);
	make(&nic, &e1000_class, &card);
	make(&kbd, &i8042_class, &keys);
	link_devices(&vm.d, NULL, NULL);
	pci_bus_write(&vm.m->pci, IDE_DEVFN, 0x20, 4, MASTER);
	pci_bus_write(&vm.m->pci, IDE_DEVFN, 0x40, 4, 0x80008000);
	pci_bus_write(&vm.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 5);
	pci_bus_write(&vm.m->pci, NIC_DEVFN, 0x10, 4, NIC_BASE);
	pci_bus_write(&vm.m->pci, NIC_DEVFN, PCI_COMMAND, 2, 6);
	server_attach(1);
}

static void board_end(void)
{
	device_destroy(&kbd);
	device_destroy(&nic);
	device_destroy(&uart);
	device_destroy(&ide);
	device_destroy(&vm.d);
	iobus_quiesce(&vm.m->pio);
	iobus_quiesce(&vm.m->mmio);
}

/* Where the other side would like to write: all of the pages, and indices before all. */
static void write_link(void)
{
	static const struct {
		uint32_t offset, size;
	} places[] = {
#define PLACE(member) { offsetof(struct devmodel_link, member), sizeof(L->member) }
		PLACE(epoch),
		PLACE(model_epoch),
		PLACE(media),
		PLACE(drives),
		PLACE(block),
		PLACE(block.request_queue),
		PLACE(block.answers),
		PLACE(input),
		PLACE(texts[0].queue),
		PLACE(serials[0].out.queue),
		PLACE(serials[0].in),
		PLACE(screen.asked),
		PLACE(nics[0].out.queue),
		PLACE(nics[0].in.queue),
		PLACE(nics[0].in.bytes),
		PLACE(nics[0].is_up),
		PLACE(data),
#undef PLACE
	};
	unsigned i = next() % ARRAY_LEN(places);
	uint32_t n = 1 + next() % 16, offset = (next32() & 0xffffff) % places[i].size;

	for (; n && offset < places[i].size; n--, offset++)
		((uint8_t *)L)[places[i].offset + offset] = next();
}

/* An index of a queue moves a little, as an honest one would. */
static void advance_index(void)
{
	uint32_t *indices[] = {
		&L->block.request_queue.consumed,  &L->block.answer_queue.produced,
		&L->serials[0].out.queue.consumed, &L->serials[0].in.queue.produced,
		&L->nics[0].out.queue.consumed,    &L->nics[0].in.queue.produced,
		&L->input.queue.produced,          &L->texts[0].queue.consumed,
	};

	*indices[next() % ARRAY_LEN(indices)] += next();
}

static void answer_honestly(void)
{
	server_serve(disk, SECTORS);
}

static void frame_in(void)
{
	static uint8_t frame[NET_FRAME_MAX];

	(void)server_frame_put(frame, 14 + next32() % (NET_FRAME_MAX - 13));
}

static void key(void)
{
	server_input(&(struct input_event){ .kind = next(), .code = next(), .down = next() & 1 });
}

static void guest_port(void)
{
	static const uint16_t ports[] = { 0x1f0, 0x170, 0x3f6, 0x3f8, 0x60, MASTER, 0x3c0 };
	uint16_t port = (uint16_t)(ports[next() % ARRAY_LEN(ports)] + next() % 16);
	unsigned size = 1u << next() % 3;

	if (next() & 1)
		fake_out(vm.m, port, size, next32());
	else
		fake_in(vm.m, port, size);
}

static void guest_memory(void)
{
	uint64_t gpa = NIC_BASE + (next32() & 0x1fffc);

	if (next() & 1)
		fake_store(vm.m, gpa, 4, next32());
	else
		fake_load(vm.m, gpa, 4);
}

static void guest_ram(void)
{
	uint32_t place = next32() % (FAKE_RAM_SIZE - 64), n = next() % 64u;

	while (n-- && left)
		vm.m->ram[place++] = next();
}

static void disk_command(void)
{
	static const uint8_t commands[] = { 0x20, 0x30, 0xc8, 0xca, 0xe7, 0xec, 0xa0, 0x06 };
	uint16_t base = next() & 1 ? 0x170 : 0x1f0;

	fake_out(vm.m, (uint16_t)(base + ATA_DEVICE), 1, 0xe0);
	fake_out(vm.m, (uint16_t)(base + ATA_COUNT), 1, next());
	fake_out(vm.m, (uint16_t)(base + ATA_LOW), 1, next());
	fake_out(vm.m, (uint16_t)(base + ATA_COMMAND), 1, commands[next() % ARRAY_LEN(commands)]);
}

static void disk_reset(void)
{
	uint16_t control = next() & 1 ? 0x376 : 0x3f6;

	fake_out(vm.m, control, 1, 4);
	fake_out(vm.m, control, 1, 0);
}

static void time_passes(void)
{
	fake_machine_pass(vm.m, next(), 100000);
}

static void bound(void)
{
	fake_link.is_bound = next() & 1;
}

static void new_backend(void)
{
	server_attach(1 + next());
}

static void (*const steps[])(void) = {
	write_link,  write_link, advance_index, fake_link_look, answer_honestly, frame_in,
	key,         guest_port, guest_memory,  guest_ram,      disk_command,    disk_reset,
	time_passes, bound,      new_backend,   link_turn_over,
};

/* Whatever was: with an honest backend the first disk answers. */
static void in_the_end(void)
{
	L->media[0] = (struct link_medium){ .sectors = SECTORS,
		                            .generation = L->media[0].generation + 1 };
	fake_link.is_bound = true;
	server_attach(0xfffffff0);
	for (unsigned i = 0; i < 1000 && server_serve(disk, SECTORS); i++)
		;
	device_reset(&ide);
	pci_bus_write(&vm.m->pci, IDE_DEVFN, 0x40, 4, 0x80008000);
	pci_bus_write(&vm.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 5);
	fake_out(vm.m, 0x1f0 + ATA_DEVICE, 1, 0xe0);
	fake_out(vm.m, 0x1f0 + ATA_COUNT, 1, 1);
	fake_out(vm.m, 0x1f0 + ATA_LOW, 1, 7);
	fake_out(vm.m, 0x1f0 + ATA_MID, 1, 0);
	fake_out(vm.m, 0x1f0 + ATA_HIGH, 1, 0);
	fake_out(vm.m, 0x1f0 + ATA_COMMAND, 1, 0x20);
	fake_link_look();
	for (unsigned i = 0; i < 1000 && server_serve(disk, SECTORS); i++)
		;
	if ((fake_in(vm.m, 0x3f6, 1) & (ATA_BSY | ATA_DRQ)) != ATA_DRQ)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	at = data;
	left = size;
	board_make();
	for (unsigned i = 0; left && i < 400; i++)
		steps[next() % ARRAY_LEN(steps)]();
	in_the_end();
	board_end();
	return 0;
}
