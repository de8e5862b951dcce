// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The IDE function with two disks and a CD drive under any sequence of what a guest, its backends and the toolstack do. Input: operations of a byte each with their parameters, as the
 * table at the end says. What must hold after each is in check(); the fake disk aborts when it is asked for sectors that it does not have.
 */
#include <stdlib.h>
#include <string.h>

#include "ide_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DISK_SECTORS 600u
#define CD_SECTORS   203u

static const uint8_t *at;
static size_t left;
static uint8_t media[3][(DISK_SECTORS + 4) * 512];
static struct fake_disk disks[3];
static uint8_t scratch[8192];

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *at++;
}

static uint32_t next16(void)
{
	uint32_t low = next();

	return low | (uint32_t)next() << 8;
}

static const struct ide_config config = {
	.devfn = IDE_DEVFN,
	.drives = { { .kind = IDE_DISK, .backend = &disks[0].backend },
	            { .kind = IDE_CDROM, .backend = &disks[1].backend },
	            { .kind = IDE_NONE },
	            { .kind = IDE_DISK, .backend = &disks[2].backend, .wwn = 0x5000c50012345678 } },
};

/* Busy and ready for data at once is nonsense. */
static void check(void)
{
	for (unsigned i = 0; i < 2; i++) {
		uint16_t port = i ? 0x376 : 0x3f6;
		const struct io_region *r = iobus_find(&host.m->pio, port);
		uint8_t status;

		if (!r || r->size != 1) /* not decoded, or the bus master was put there */
			continue;
		status = (uint8_t)fake_in(host.m, port, 1);
		if ((status & 0x80) && (status & 0x08))
			abort();
	}
}

static void do_in(void)
{
	host_channel(next() & 1);
	host_in(next() & 7);
}

static void do_out(void)
{
	unsigned reg = next();

	host_channel(reg >> 7);
	host_out(reg & 7, next());
}

static void do_wide(void)
{
	uint8_t how = next();
	uint16_t port = (uint16_t)((how & 0x80 ? 0x1f0 : 0x170) + (how & 7));

	if (how & 0x40)
		fake_in(host.m, port, how & 0x20 ? 2 : 4);
	else
		fake_out(host.m, port, how & 0x20 ? 2 : 4, next16() * 0x10001);
}

static void do_bulk(void)
{
	uint8_t how = next();
	struct io_bulk b = { .addr = how & 0x80 ? 0x1f0 : 0x170,
		             .buffer = scratch,
		             .size = how & 0x40 ? 2 : 4,
		             .is_write = how & 0x20 };
	uint32_t done;

	b.count = 1 + next() * 4u % (sizeof(scratch) / b.size);
	if (iobus_bulk(&host.m->pio, &b, &done) == IO_DONE && done != b.count)
		abort();
}

static void do_control(void)
{
	uint8_t value = next();

	host_channel(value & 1);
	fake_out(host.m, host.control, 1, value);
}

static void do_master(void)
{
	uint8_t reg = next();
	unsigned size = 1u << (reg >> 4 & 3) % 3;
	uint16_t port = (uint16_t)(IDE_BMBASE + (reg & 15));

	if (reg & 0x80)
		fake_in(host.m, port, size);
	else
		fake_out(host.m, port, size, next16());
}

/* Entries of a table at IDE_PRDS, and the bus master on its way. */
static void do_table(void)
{
	uint8_t n = next();

	host_channel(n >> 7);
	for (unsigned i = 0; i <= (n & 3); i++)
		host_entry(i, next16() << 1, next16() & 0xfff, i == (n & 3) && (n & 0x40));
	fake_out(host.m, host.master, 1, 0);
	host_dma_start(n & 0x20);
}

static void do_ram(void)
{
	uint32_t where = IDE_PRDS + (next16() & 0x1fff);

	host.m->ram[where] = next();
}

static void do_command(void)
{
	uint8_t how = next();
	uint8_t code = next();
	uint64_t lba = next16() % (DISK_SECTORS + 8);
	uint32_t count = next();

	host_channel(how & 1);
	host_out(ATA_FEATURE, next());
	if (how & 2)
		host_command_ext(code, how & 0x10, lba | (uint64_t)(how & 0x80) << 30, count);
	else
		host_command(code, how & 0x5f, lba, count);
}

static void do_packet(void)
{
	uint8_t packet[12], how = next();
	uint32_t limit = next16();

	for (unsigned i = 0; i < 12; i++)
		packet[i] = next();
	host_channel(0);
	host_out(ATA_FEATURE, how & 1);
	host_command(ATA_PACKET, 0xb0, limit << 8, 0);
	host_write(packet, 12);
}

static void do_answer(void)
{
	struct fake_disk *d = &disks[next() % 3];
	uint8_t how = next();

	d->wait = how & 1;
	d->error = how & 2 ? -5 : how & 4 ? -123 : 0;
	if (how & 8)
		fake_disk_answer(d);
}

static void do_time(void)
{
	fake_machine_pass(host.m, next(), 100);
}

static void do_disc(void)
{
	struct block_backend *b = &disks[1].backend;
	uint8_t how = next();

	if (how & 1) {
		b->eject_wanted(b);
		return;
	}
	b->sectors = how & 2 ? CD_SECTORS - (how & 4) : 0;
	b->changed(b);
}

static void do_config(void)
{
	uint8_t offset = next();
	unsigned size = 1u << (offset & 3) % 3;

	pci_bus_write(&host.m->pci, IDE_DEVFN, offset & ~3u, size, next16());
}

static void do_firmware(void)
{
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x20, 4, IDE_BMBASE);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x40, 4, 0x80008000);
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 5);
}

/* What takes long is in a run only a few times. */
static unsigned rare_left;

static bool rare(void)
{
	return rare_left && rare_left--;
}

static uint8_t record[560000], again[560000];

/* What is read back is what was written, but for a request that has to be made again. */
static void do_save(void)
{
	long n;

	if (!rare())
		return;
	n = device_save(&host.ide, record, sizeof(record));
	if (n < 0)
		abort();
	device_destroy(&host.ide);
	while (host.m->timers.waiting)
		fake_machine_advance(host.m, 1);
	if (device_create(&host.ide, &ide_class, "ide", &host.m->ports, &config) ||
	    device_restore(&host.ide, 1, record, (size_t)n) ||
	    device_save(&host.ide, again, sizeof(again)) != n)
		abort();
}

static void do_foreign(void)
{
	long n;

	if (!rare())
		return;
	n = device_save(&host.ide, record, sizeof(record));
	for (unsigned i = 0; i < 8; i++)
		record[next16() % 800] = next();
	for (unsigned i = 0; i < 4; i++)
		record[(size_t)n - 1 - 131072 - next() % 120] = next();
	device_destroy(&host.ide);
	if (device_create(&host.ide, &ide_class, "ide", &host.m->ports, &config))
		abort();
	(void)!device_restore(&host.ide, 1, record, (size_t)n);
}

static void do_reset(void)
{
	device_reset(&host.ide);
	do_firmware();
}

static void do_unplug(void)
{
	ide_unplug_disks(&host.ide, next() & 1);
}

static void (*const operations[])(void) = {
	do_in,       do_out,     do_wide,    do_bulk,   do_control, do_master, do_table,
	do_ram,      do_command, do_packet,  do_answer, do_time,    do_disc,   do_config,
	do_firmware, do_save,    do_foreign, do_reset,  do_unplug,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	at = data;
	left = size;
	rare_left = 2;
	for (unsigned i = 0; i < 3; i++) {
		if (disks[i].writes)
			memset(media[i], 0, sizeof(media[i]));
		fake_disk_init(&disks[i], media[i], i == 1 ? CD_SECTORS : DISK_SECTORS);
	}
	disks[2].backend.read_only = next() & 1;
	host_start_on(fake_machine_small(), &config);
	while (left) {
		operations[next() % ARRAY_LEN(operations)]();
		check();
	}
	host_end();
	return 0;
}
