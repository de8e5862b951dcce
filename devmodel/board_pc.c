/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board: an i440FX PC, a row a device, in the order in which they are made and reset. */
#include "board.h"

#include "debugcon.h"
#include "e1000.h"
#include "frames.h"
#include "fw_cfg.h"
#include "i440fx.h"
#include "i8042.h"
#include "i8237.h"
#include "ide.h"
#include "lines.h"
#include "link.h"
#include "memory_disk.h"
#include "piix3.h"
#include "piix4_pm.h"
#include "ports.h"
#include "screen.h"
#include "settings.h"
#include "uart16550.h"
#include "uhci.h"
#include "vga.h"
#include "xen_platform.h"

/* As hvmloader's tables say, and as Xen's guests know it. */
#define PM_BASE  0xb000
#define SMB_BASE 0xb100
#define GPE_BASE 0xafe0
#define SCI      9
/* Room for an option ROM, whose bytes hvmloader lays there. */
#define NETWORK_ROM 0x80000

struct row {
	const struct device_class *class;
	const char *id;
	/* The class's configuration for this board; NULL: there is no such device on it. n: the row's. */
	const void *(*config)(const struct devmodel_board *b, unsigned n);
	unsigned n;
};

_Static_assert(DEVMODEL_VRAM_HIDDEN == VGA_DIRECT_SIZE, "the abi's is the display's");

/* What stands behind the devices: a backend process, or the hypervisor alone. */
static struct char_backend *debug_line(void)
{
	return line_output(DEVMODEL_TEXT_DEBUG);
}
static struct char_backend *linked_debug_line(void)
{
	return link_text(LINK_TEXT_DEBUG);
}
/* The first line is the console; into the others nothing is plugged. */
static struct char_backend *serial_line(unsigned n)
{
	return n == 0 ? line_output(DEVMODEL_TEXT_SERIAL) : NULL;
}
static struct input_backend *nobody(void)
{
	return NULL;
}
static struct input_backend *nobody_moves(void)
{
	static struct input_backend tablet;

	return &tablet;
}
static const struct sources {
	struct block_backend *(*disk)(const struct devmodel_board *b, unsigned n);
	struct net_backend *(*net)(const struct devmodel_board *b, unsigned n);
	struct char_backend *(*debug)(void);
	struct char_backend *(*serial)(unsigned n);
	struct input_backend *(*keyboard)(void);
	struct input_backend *(*tablet)(void);
} alone = { memory_disk, frame_net, debug_line, serial_line, nobody, nobody_moves },
  linked = { link_disk, link_net, linked_debug_line, link_serial, link_keyboard, link_tablet };

static const struct sources *sources(const struct devmodel_board *b)
{
	return b->has_link ? &linked : &alone;
}

static const char no_config[1]; /* for classes that take none */

static const void *always(const struct devmodel_board *b, unsigned n)
{
	return no_config;
}

static const void *debug_port(const struct devmodel_board *b, unsigned n)
{
	static struct debugcon_config c;

	c.output = sources(b)->debug();
	return &c;
}

static const void *isa_bridge(const struct devmodel_board *b, unsigned n)
{
	static const struct piix3_config c;

	return &c;
}

static const void *power_management(const struct devmodel_board *b, unsigned n)
{
	static const struct piix4_pm_config c = {
		.pm_base = PM_BASE, .smbus_base = SMB_BASE, .gpe_base = GPE_BASE, .sci_irq = SCI
	};

	return &c;
}

static void unplug(void *client, unsigned what);

static const void *platform(const struct devmodel_board *b, unsigned n)
{
	static struct xen_platform_config c;

	c.unplug = b->may_unplug ? unplug : NULL;
	return &c;
}

static const void *serial(const struct devmodel_board *b, unsigned n)
{
	static const struct uart16550_config places[] = {
		{ 0x3f8, 4, NULL }, { 0x2f8, 3, NULL }, { 0x3e8, 4, NULL }, { 0x2e8, 3, NULL }
	};
	static struct uart16550_config c;

	if (n >= b->nr_serials)
		return NULL;
	c = places[n];
	c.line = sources(b)->serial(n);
	return &c;
}

static const void *keyboard(const struct devmodel_board *b, unsigned n)
{
	static struct i8042_config c;

	c.input = sources(b)->keyboard();
	return &c;
}

static const void *ide(const struct devmodel_board *b, unsigned n)
{
	static const enum ide_drive_kind kinds[] = {
		[DEVMODEL_DRIVE_NONE] = IDE_NONE,
		[DEVMODEL_DRIVE_DISK] = IDE_DISK,
		[DEVMODEL_DRIVE_CDROM] = IDE_CDROM,
	};
	static struct ide_config c;

	for (unsigned i = 0; i < DEVMODEL_DISKS; i++) {
		c.drives[i].kind =
			b->drives[i].kind < ARRAY_LEN(kinds) ? kinds[b->drives[i].kind] : IDE_NONE;
		c.drives[i].backend = sources(b)->disk(b, i);
	}
	c.devfn = PCI_DEVFN(1, 1);
	return &c;
}

static const void *display(const struct devmodel_board *b, unsigned n)
{
	static struct vga_config c;

	c.devfn = PCI_DEVFN(3, 0);
	c.vram = screen_vram(b);
	return &c;
}

static const void *network(const struct devmodel_board *b, unsigned n)
{
	static struct e1000_config c;

	c.devfn = (uint8_t)PCI_DEVFN(4 + n, 0);
	c.net = sources(b)->net(b, n);
	c.rom_size = NETWORK_ROM;
	return c.net ? &c : NULL;
}

static const void *usb(const struct devmodel_board *b, unsigned n)
{
	static struct uhci_config c;

	c.tablet = sources(b)->tablet();
	return b->has_tablet ? &c : NULL;
}

static const struct row rows[] = {
	{ &debugcon_class, "debug port", debug_port },
	{ &fw_cfg_class, "firmware configuration", always },
	{ &i440fx_class, "host bridge", always },
	{ &piix3_class, "ISA bridge", isa_bridge },
	{ &i8237_class, "DMA", always },
	{ &ide_class, "IDE", ide },
	{ &uhci_class, "USB", usb },
	{ &piix4_pm_class, "power management", power_management },
	{ &xen_platform_class, "Xen's platform device", platform },
	{ &vga_class, "display", display },
	{ &e1000_class, "network", network, 0 },
	{ &e1000_class, "network", network, 1 },
	{ &e1000_class, "network", network, 2 },
	{ &e1000_class, "network", network, 3 },
	{ &uart16550_class, "COM1", serial, 0 },
	{ &uart16550_class, "COM2", serial, 1 },
	{ &uart16550_class, "COM3", serial, 2 },
	{ &uart16550_class, "COM4", serial, 3 },
	{ &i8042_class, "keyboard controller", keyboard },
};

static struct device devices[ARRAY_LEN(rows)];

static struct device *device_of(const struct device_class *class)
{
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].class == class)
			return &devices[i];
	return NULL;
}

static struct device *usb_device(void)
{
	struct device *d = device_of(&uhci_class);

	return d->state ? d : NULL;
}

/* The guest has PV drivers for disks and interfaces, and takes the emulated ones away: until the machine starts anew. */
static void unplug(void *client, unsigned what)
{
	if (what & (XEN_UNPLUG_IDE_DISKS | XEN_UNPLUG_AUX_IDE_DISKS))
		ide_unplug_disks(device_of(&ide_class), !(what & XEN_UNPLUG_IDE_DISKS));
	if (!(what & XEN_UNPLUG_NICS))
		return;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].class == &e1000_class)
			device_destroy(&devices[i]);
}

static int row_create(const struct devmodel_board *b, unsigned i)
{
	const void *config = rows[i].config(b, rows[i].n);
	int err = 0;

	if (config)
		err = device_create(&devices[i], rows[i].class, rows[i].id, ports(), config);
	if (err)
		ports()->machine->log(ports()->machine, rows[i].id);
	return err;
}

int board_create(const struct devmodel_board *b)
{
	int err = 0;

	link_start(b, ports());
	for (unsigned i = 0; i < ARRAY_LEN(rows) && !err; i++)
		err = row_create(b, i);
	if (!err)
		link_devices(device_of(&vga_class), usb_device(), device_of(&piix4_pm_class));
	return err;
}

/* What can be taken away is made anew. */
static bool is_pluggable(const struct row *r)
{
	return r->class == &ide_class || r->class == &e1000_class;
}

int board_reset(const struct devmodel_board *b)
{
	int err = 0;

	for (unsigned i = 0; i < ARRAY_LEN(rows) && !err; i++) {
		if (b->may_unplug && is_pluggable(&rows[i])) {
			device_destroy(&devices[i]);
			err = row_create(b, i);
		} else if (devices[i].state) {
			device_reset(&devices[i]);
		}
	}
	return err;
}

/*
 * What the PC's BIOS would set up again before it hands over to the guest is as it was: bridges, power management (which is on standby power) and the display. The others have
 * lost their state, but for their settings as PCI functions; what the guest had taken away stays away.
 */
static bool survives_sleep(const struct row *r)
{
	static const struct device_class *const classes[] = { &debugcon_class,     &i440fx_class,
		                                              &piix3_class,        &piix4_pm_class,
		                                              &xen_platform_class, &vga_class };

	for (unsigned i = 0; i < ARRAY_LEN(classes); i++)
		if (r->class == classes[i])
			return true;
	return false;
}

void board_wake(void)
{
	settings_note(ports()->pci);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (devices[i].state && !survives_sleep(&rows[i]))
			device_reset(&devices[i]);
	settings_put_back(ports()->pci);
	piix4_pm_woken(device_of(&piix4_pm_class));
}

void board_event(uint32_t events)
{
	if (events & DEVMODEL_EVENT_CONSOLE)
		line_input();
	if (events & DEVMODEL_EVENT_FRAME)
		frame_input();
	if (events & DEVMODEL_EVENT_LINK)
		link_look();
	if (events & DEVMODEL_EVENT_SCREEN)
		screen_print(device_of(&vga_class));
	if (events & DEVMODEL_EVENT_POWER_BUTTON)
		piix4_pm_power_button(device_of(&piix4_pm_class));
	if (events & DEVMODEL_EVENT_SLEEP_BUTTON)
		piix4_pm_sleep_button(device_of(&piix4_pm_class));
	if (events & DEVMODEL_EVENT_ALARM)
		piix4_pm_alarm(device_of(&piix4_pm_class));
	if (events & DEVMODEL_EVENT_WAKE)
		piix4_pm_wake(device_of(&piix4_pm_class));
}
