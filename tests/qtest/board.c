// SPDX-License-Identifier: GPL-2.0-or-later
/* A PC like QEMU's machine "pc": a new chip is a row, and what its config needs. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debugcon.h"
#include "i440fx.h"
#include "i8042.h"
#include "ide.h"
#include "piix3.h"
#include "piix4_pm.h"
#include "uart16550.h"

static struct ide_config ide = { .devfn = PCI_DEVFN(1, 1) };
static struct fake_disk disks[IDE_DRIVES];
static const struct piix3_config piix3;
static const struct piix4_pm_config pm = { .sci_irq = 9 };
static const struct uart16550_config com1 = { UART_COM1_PORT, UART_COM1_IRQ, NULL };
static const struct i8042_config keyboard;
static const struct debugcon_config debug;

static const struct {
	const struct device_class *class;
	const char *id;
	const void *config;
} rows[] = {
	{ &i440fx_class, "host bridge", NULL },
	{ &piix3_class, "ISA bridge", &piix3 },
	{ &ide_class, "IDE", &ide },
	{ &piix4_pm_class, "power management", &pm },
	{ &uart16550_class, "COM1", &com1 },
	{ &i8042_class, "keyboard", &keyboard },
	{ &debugcon_class, "debug", &debug },
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

struct fake_machine *board_new(char **drives, unsigned n)
{
	struct fake_machine *m = fake_machine_new();

	for (unsigned i = 0; i < n && i < IDE_DRIVES; i++)
		drive_open(i, drives[i]);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (device_create(&devices[i], rows[i].class, rows[i].id, &m->ports,
		                  rows[i].config)) {
			fprintf(stderr, "qtest-board: %s: its place is taken\n", rows[i].id);
			exit(2);
		}
	return m;
}

void board_reset(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		device_reset(&devices[i]);
}
