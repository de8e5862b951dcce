// SPDX-License-Identifier: GPL-2.0-or-later
/* ATA disks on the IDE function: PIO, multiple, DMA, 48 bits, errors, resets, the saved record. Settings are in test_hw_ide_settings.c. */
#include <string.h>

#include "errno.h"
#include "heap.h"
#include "ide_fixture.h"
#include "unit.h"

static void words(const uint8_t *block, unsigned word, char *to, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = (char)block[2 * word + (i ^ 1)];
	to[n] = 0;
}

static void test_places(void)
{
	start();
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 0, 4), 0x70108086);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 8, 4), 0x01018000);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 6, 2), 0x0280);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 0x20, 4), IDE_BMBASE | 1);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x20, 4, ~0u);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 0x20, 4), 0xfffffff1);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x40, 4, ~0u);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 0x40, 4), 0xf3fff3ff);
	CHECK_EQ(pci_bus_read(&host.m->pci, IDE_DEVFN, 0x3d, 1), 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x40, 2, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0xff);
	CHECK_EQ(fake_in(host.m, 0x3f6, 1), 0xff);
	CHECK_EQ(fake_in(host.m, 0x177, 1), 0);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x40, 2, 0x8000);
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0xff);
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 1);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	device_reset(&host.ide);
	CHECK_EQ(host_in(ATA_STATUS), 0xff);
}

static void test_identify(void)
{
	uint8_t b[512], sum = 0;
	char text[64];

	start();
	host_command(0xec, DEV0, 0, 0);
	CHECK_EQ(host_alt(), 0x58);
	CHECK(IRQ.level);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	CHECK(!IRQ.level);
	host_read(b, 512);
	CHECK_EQ(host_alt(), 0x50);
	CHECK_EQ(word(b, 0), 0x40);
	CHECK_EQ(word(b, 60) | word(b, 61) << 16, SECTORS);
	CHECK_EQ(word(b, 100), SECTORS);
	CHECK_EQ(word(b, 1), SECTORS / (16 * 63));
	CHECK_EQ(word(b, 83), 0x7400);
	CHECK_EQ(word(b, 93), 0x600b);
	CHECK_EQ(word(b, 88), 0x203f);
	words(b, 10, text, 20);
	CHECK(!strcmp(text, "S1                  "));
	words(b, 27, text, 40);
	CHECK(!strncmp(text, "ZAZEN HARD DISK ", 16));
	for (unsigned i = 0; i < 512; i++)
		sum = (uint8_t)(sum + b[i]);
	CHECK_EQ(sum, 0);
	host_command(0xec, DEV1, 0, 0);
	host_read(b, 512);
	words(b, 10, text, 20);
	CHECK(!strncmp(text, "ZZ00002 ", 8));
	words(b, 27, text, 6);
	CHECK(!strcmp(text, "SECOND"));
	CHECK_EQ(word(b, 60), 64);
	CHECK_EQ(word(b, 93), 0x6b00);
}

static void test_read_pio(void)
{
	start();
	host_command(0x20, DEV0 | LBA, 5, 3);
	for (unsigned i = 0; i < 3; i++) {
		CHECK(IRQ.level);
		CHECK_EQ(host_in(ATA_STATUS), 0x58);
		CHECK(!IRQ.level);
		host_read(back + 512 * i, 512);
	}
	CHECK(!IRQ.level);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(back, medium + 5 * 512, 3 * 512));
	CHECK_EQ(host_in(ATA_COUNT), 0);
	CHECK_EQ(host_in(ATA_LOW), 7);
	CHECK_EQ(disk.reads, 1);
	/* 256 sectors, by 32 bits, in more than one chunk */
	host_command(0x21, DEV0 | LBA, 100, 0);
	for (unsigned i = 0; i < 256 * 128; i++) {
		uint32_t v = fake_in(host.m, 0x1f0, 4);

		memcpy(back + 4 * i, &v, 4);
	}
	CHECK_EQ(host_alt(), 0x50);
	CHECK(!memcmp(back, medium + 100 * 512, 256 * 512));
	CHECK_EQ(fake_in(host.m, 0x1f0, 2), 0);
	CHECK_EQ(fake_in(host.m, 0x1f0, 1), 0xff);
}

static void test_write_pio(void)
{
	start();
	IRQ.rises = 0;
	host_command(0x30, DEV0 | LBA, 9, 3);
	CHECK_EQ(host_alt(), 0x58);
	CHECK_EQ(IRQ.rises, 0); /* the first block comes with no interrupt */
	host_write(data, 512);
	CHECK_EQ(IRQ.rises, 1);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	host_write(data + 512, 1024);
	CHECK_EQ(IRQ.rises, 2); /* nobody read the status in between */
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(medium + 9 * 512, data, 3 * 512));
	CHECK_EQ(disk.writes, 1);
	fake_out(host.m, 0x1f0, 2, 0x1234); /* nobody wants it */
}

static void bulk(void *buffer, uint32_t count, unsigned size, bool write, uint32_t expect)
{
	struct io_bulk b = { .addr = host.base,
		             .buffer = buffer,
		             .count = count,
		             .size = (uint8_t)size,
		             .is_write = write };
	uint32_t done;

	CHECK_EQ(iobus_bulk(&host.m->pio, &b, &done), IO_DONE);
	CHECK_EQ(done, expect);
}

static void test_strings(void)
{
	start();
	host_command(0x20, DEV0 | LBA, 5, 4);
	bulk(back, 256, 2, false, 256);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	bulk(back + 512, 100, 4, false, 100);
	bulk(back + 912, 540, 2, false, 540); /* over the end of a block, and beyond the command */
	CHECK(!memcmp(back, medium + 5 * 512, 1992));
	bulk(back + 1992, 56, 1, false, 56);
	CHECK_EQ(host_alt(), 0x58);
	bulk(back + 1992, 20, 4, false, 20);
	CHECK(!memcmp(back, medium + 5 * 512, 2048));
	CHECK_EQ(host_alt(), 0x50);
	host_command(0x30, DEV0 | LBA, 7, 2);
	bulk(data, 300, 4, true, 300);
	CHECK_EQ(host_alt(), 0x50);
	CHECK(!memcmp(medium + 7 * 512, data, 1024));
}

static void test_multiple(void)
{
	start();
	host_command(0xc4, DEV0 | LBA, 0, 8);
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), 0x04);
	host_command(0xc6, DEV0, 0, 3);
	CHECK_EQ(host_in(ATA_ERROR), 0x04);
	host_command(0xc6, DEV0, 0, 32);
	CHECK_EQ(host_in(ATA_ERROR), 0x04);
	host_command(0xc6, DEV0, 0, 8);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	IRQ.rises = 0;
	host_command(0xc4, DEV0 | LBA, 30, 20);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(host_in(ATA_STATUS), 0x58);
		host_read(back + 4096 * i, i < 2 ? 4096 : 2048);
	}
	CHECK_EQ(IRQ.rises, 3);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(back, medium + 30 * 512, 20 * 512));
	host_command_ext(0x39, DEV0, 200, 300);
	for (unsigned i = 0; i < 300; i++)
		host_write(data + 512 * (i % 256), 512);
	CHECK_EQ(host_alt(), 0x50);
	CHECK(!memcmp(medium + 200 * 512, data, 256 * 512));
	CHECK(!memcmp(medium + 456 * 512, data, 44 * 512));
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 59), 0x108);
}

static void test_dma(void)
{
	start();
	host_command(0xc8, DEV0 | LBA, 50, 16);
	CHECK(!IRQ.level);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0);
	host_entry(0, 0x10002, 0x1000, false);
	host_entry(1, 0x20000, 0x1000, true);
	host_dma_start(true);
	CHECK(IRQ.level);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x00);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(host.m->ram + 0x10002, medium + 50 * 512, 0x1000));
	CHECK(!memcmp(host.m->ram + 0x20000, medium + 58 * 512, 0x1000));
	/* the table has room for more: still active */
	host_command(0xc8, DEV0 | LBA, 50, 1);
	host_dma(0x30000, 0x400, true);
	CHECK_EQ(host_dma_stop(), 0x05);
	/* to the disk, the master started first; 0 is 64 KiB */
	memcpy(host.m->ram + 0x40000, data, 0x10000);
	host_dma(0x40000, 0, false);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x01);
	host_in(ATA_STATUS);
	host_command_ext(0x35, DEV0, 1000, 128);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(medium + 1000 * 512, data, 0x10000));
	/* FUA reaches the backend */
	host_command_ext(0x3d, DEV0, 1000, 1);
	host_dma(0x40000, 512, false);
	CHECK_EQ(host_dma_stop(), 0x04);
	host_in(ATA_STATUS);
}

/* Tables that end too soon, are nowhere, or wind on for ever. */
static void test_dma_errors(void)
{
	start();
	host_command(0xc8, DEV0 | LBA, 50, 2);
	host_dma(0x30000, 0x200, true);
	CHECK(!IRQ.level);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x00);
	CHECK_EQ(host_alt(), 0x58);
	/* the rest of it with a second table */
	fake_out(host.m, host.master, 1, 0);
	host_dma(0x30200, 0x200, true);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK(!memcmp(host.m->ram + 0x30000, medium + 50 * 512, 0x400));
	host_in(ATA_STATUS);
	/* data nowhere */
	host_command(0xc8, DEV0 | LBA, 50, 2);
	host_dma(FAKE_RAM_SIZE, 0x400, true);
	CHECK_EQ(host_dma_stop(), 0x02);
	CHECK_EQ(host_alt(), 0x58);
	fake_out(host.m, host.control, 1, 4);
	CHECK_EQ(host_alt(), 0x80);
	fake_out(host.m, host.control, 1, 0);
	CHECK_EQ(host_alt(), 0x50);
	/* table nowhere */
	fake_out(host.m, host.master + 4, 4, FAKE_RAM_SIZE | 3);
	CHECK_EQ(fake_in(host.m, host.master + 4, 4), FAKE_RAM_SIZE);
	fake_out(host.m, host.master, 1, 9);
	host_command(0xc8, DEV0 | LBA, 50, 2);
	CHECK_EQ(host_dma_stop(), 0x02);
	fake_out(host.m, host.control, 1, 4);
	fake_out(host.m, host.control, 1, 0);
	/* not allowed to master, then allowed */
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 1);
	host_command(0xc8, DEV0 | LBA, 50, 2);
	host_dma(0x30000, 0x400, true);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x01);
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 5);
	CHECK_EQ(host_dma_stop(), 0x04);
	/* capability bits are kept, the rest of the status is not written */
	fake_out(host.m, host.master + 2, 1, 0xff);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x60);
	CHECK_EQ(fake_in(host.m, host.master + 1, 1), 0);
	CHECK_EQ(fake_in(host.m, host.master, 4), 0x600000);
}

/* A long command takes turns: the guest is not held up, and all arrives. */
static void test_turns(void)
{
	start();
	for (unsigned i = 0; i < 64; i++)
		host_entry(i, 0x100000, 0, i == 63);
	host_command_ext(0x25, DEV0, 0, SECTORS);
	host_dma_start(true);
	CHECK(!IRQ.level);
	CHECK(host.m->timers.waiting != NULL);
	while (host.m->timers.waiting)
		fake_machine_advance(host.m, 1);
	CHECK(IRQ.level);
	CHECK_EQ(host_dma_stop(), 0x05);
	CHECK(!memcmp(host.m->ram + 0x100000, medium + sizeof(medium) - 0x10000, 0x10000));
	/* two bytes an entry: costs more turns */
	for (unsigned i = 0; i < 0x8000; i++)
		host_entry(i, 0x200000 + 2 * i, 2, i == 0x7fff);
	host_in(ATA_STATUS);
	host_command(0xc8, DEV0 | LBA, 0, 128);
	host_dma_start(true);
	CHECK(!IRQ.level);
	while (host.m->timers.waiting)
		fake_machine_advance(host.m, 1);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK(!memcmp(host.m->ram + 0x200000, medium, 0x10000));
}

static void test_chs(void)
{
	start();
	host_command(0x20, DEV0 | 2, 3 << 8 | 4, 1); /* cylinder 3, head 2, sector 4 */
	host_read(back, 512);
	CHECK(!memcmp(back, medium + ((3 * 16 + 2) * 63 + 3) * 512, 512));
	host_command(0x91, DEV0 | 3, 0, 10);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0x20, DEV0 | 3, 2 << 8 | 9, 3);
	host_read(back, 1536);
	CHECK(!memcmp(back, medium + ((2 * 4 + 3) * 10 + 8) * 512, 1536));
	CHECK_EQ(host_in(ATA_LOW), 1);
	CHECK_EQ(host_in(ATA_MID), 3);
	CHECK_EQ(host_in(ATA_DEVICE), 0xa0);
	host_command(0x20, DEV0 | 4, 1, 1); /* no such head */
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command(0x20, DEV0, 0, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command(0x20, DEV0, 11, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command(0x91, DEV0 | 3, 0, 0);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 55), 4);
	CHECK_EQ(word(back, 56), 10);
	CHECK_EQ(word(back, 57), SECTORS / 40 * 40);
	host_command(0x70, DEV0 | LBA, SECTORS, 0);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command(0x70, DEV0 | LBA, SECTORS - 1, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0x10, DEV0, 0x050505, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(host_in(ATA_MID), 0);
}

static void test_range(void)
{
	start();
	host_command(0x20, DEV0 | LBA, SECTORS, 1);
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	/* the sectors that there are, then the error at the first that is not */
	host_command_ext(0x24, DEV0, SECTORS - 2, 5);
	host_read(back, 1024);
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	CHECK_EQ(host_in(ATA_COUNT), 3);
	CHECK_EQ(host_in(ATA_MID), SECTORS >> 8);
	fake_out(host.m, host.control, 1, 0x80);
	CHECK_EQ(host_in(ATA_COUNT), 0);
	CHECK_EQ(host_in(ATA_LOW), 0);
	host_command_ext(0x24, DEV0, 1ull << 47, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	fake_out(host.m, host.control, 1, 0x80);
	CHECK_EQ(host_in(ATA_HIGH), 0x80);
	host_out(ATA_FEATURE, 0); /* clears HOB */
	CHECK_EQ(host_in(ATA_HIGH), 0);
	host_command_ext(0x42, DEV0, 10, 20);
	CHECK(IRQ.level);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0x40, DEV0 | LBA, SECTORS - 1, 2);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command(0xf8, DEV0 | LBA, 0, 0);
	CHECK_EQ(host_in(ATA_MID) << 8 | host_in(ATA_LOW), SECTORS - 1);
	host_command(0xf8, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_command_ext(0x27, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_MID) << 8 | host_in(ATA_LOW), SECTORS - 1);
}

/* Sector 102 is bad: the two before it arrive, and it is named. */
static void (*good_submit)(struct block_backend *, struct block_request *);
static void bad_submit(struct block_backend *b, struct block_request *r)
{
	disk.error =
		r->op != BLOCK_FLUSH && r->sector <= 102 && r->sector + r->count > 102 ? -EIO : 0;
	good_submit(b, r);
}

static void test_media_errors(void)
{
	start();
	good_submit = disk.backend.submit;
	disk.backend.submit = bad_submit;
	host_command(0x20, DEV0 | LBA, 100, 8);
	host_read(back, 1024);
	CHECK(!memcmp(back, medium + 100 * 512, 1024));
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_UNC);
	CHECK_EQ(host_in(ATA_LOW), 102);
	CHECK_EQ(host_in(ATA_COUNT), 6);
	host_command(0x30, DEV0 | LBA, 100, 4);
	host_write(data, 2048);
	CHECK_EQ(host_in(ATA_STATUS), 0x71);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	disk.backend.submit = good_submit;
	disk.error = -EIO;
	host_command(0xe7, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x71);
	disk.error = -EROFS;
	host_command(0x30, DEV0 | LBA, 100, 1);
	host_write(data, 512);
	CHECK_EQ(host_in(ATA_ERROR), ATA_WP | ATA_ABRT);
	disk.error = 0;
	disk.backend.read_only = true;
	host_command(0x30, DEV0 | LBA, 100, 4);
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_WP | ATA_ABRT);
	host_out(ATA_FEATURE, 1);
	host_command_ext(0x06, DEV0, 0, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_WP | ATA_ABRT);
	/* the medium shrinks under a transfer */
	disk.backend.read_only = false;
	disk.wait = true;
	host_command(0x30, DEV0 | LBA, 100, 1);
	disk.backend.sectors = 50;
	host_write(data, 512);
	CHECK_EQ(host_in(ATA_STATUS), 0x71);
}

static void test_trim(void)
{
	static const uint8_t ranges[] = { 10, 0, 0, 0, 0,  0, 5, 0, 1, 0, 0, 0,
		                          0,  0, 0, 0, 20, 0, 0, 0, 0, 0, 1, 0 };

	start();
	memset(host.m->ram + 0x5000, 0, 512);
	memcpy(host.m->ram + 0x5000, ranges, sizeof(ranges));
	host_out(ATA_FEATURE, 1);
	host_command_ext(0x06, DEV0, 0, 1);
	host_dma(0x5000, 512, false);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(disk.discards, 2);
	host.m->ram[0x5000 + 18] = 1; /* 65556: beyond */
	host_command_ext(0x06, DEV0, 0, 1);
	host_dma(0x5000, 512, false);
	CHECK_EQ(host_in(ATA_ERROR), ATA_IDNF);
	host_command_ext(0x06, DEV0, 0, 2);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_out(ATA_FEATURE, 0);
	host_command_ext(0x06, DEV0, 0, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
}

static void test_selection(void)
{
	start();
	CHECK_EQ(host_in(ATA_DEVICE), 0xa0);
	host_out(ATA_DEVICE, 0x50);
	CHECK_EQ(host_in(ATA_DEVICE), 0xf0);
	host_command(0x00, DEV0, 0, 0); /* NOP */
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_command(0xe4, DEV1, 0, 0);
	CHECK(IRQ.level);
	host_out(ATA_DEVICE, DEV0); /* data are on their way: not now */
	CHECK_EQ(host_alt(), 0x58);
	CHECK_EQ(host_in(ATA_DEVICE), 0xb0);
	host_read(back, 512);
	host_command(0xec, DEV1, 0, 0);
	host_out(ATA_COMMAND, 0xec); /* a command while it works is lost */
	host_read(back, 512);
	host_command(0xe8, DEV1, 0, 0);
	CHECK_EQ(host_alt(), 0x58);
	host_write(data, 512);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0xe4, DEV1, 0, 0);
	host_read(back, 512);
	CHECK(!memcmp(back, data, 512));
	/* an interrupt is the chosen drive's */
	host_command(0x10, DEV1, 0, 0);
	CHECK(IRQ.level);
	host_out(ATA_DEVICE, DEV0);
	CHECK(!IRQ.level);
	host_out(ATA_DEVICE, DEV1);
	CHECK(IRQ.level);
	fake_out(host.m, host.control, 1, 2);
	CHECK(!IRQ.level);
	fake_out(host.m, host.control, 1, 0);
	CHECK(IRQ.level);
	host_in(ATA_STATUS);
	CHECK(!IRQ.level);
	/* diagnostics: both, and device 0 is chosen */
	host_command(0x90, DEV1, 0x123456, 7);
	CHECK(IRQ.level);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(host_in(ATA_ERROR), 1);
	CHECK_EQ(host_in(ATA_COUNT), 1);
	CHECK_EQ(host_in(ATA_LOW), 1);
	CHECK_EQ(host_in(ATA_MID), 0);
	CHECK_EQ(host_in(ATA_DEVICE), 0xa0);
	/* the empty channel */
	host_channel(1);
	for (unsigned i = 1; i < 8; i++)
		CHECK_EQ(host_in(i), 0);
	CHECK_EQ(host_alt(), 0);
	host_command(0x90, DEV0, 0, 0);
	host_command(0xec, DEV0, 0, 0);
	CHECK(!IRQ.level);
	CHECK_EQ(fake_in(host.m, 0x172, 4), 0);
}

/* The backend takes its time; resets do not wait for it. */
static void test_waiting(void)
{
	start();
	disk.wait = true;
	host_command(0x20, DEV0 | LBA, 5, 2);
	CHECK_EQ(host_alt(), 0x80);
	CHECK(!IRQ.level);
	host_out(ATA_LOW, 0x77);
	host_out(ATA_COMMAND, 0xec);
	CHECK(fake_disk_answer(&disk));
	CHECK(IRQ.level);
	host_read(back, 1024);
	CHECK(!memcmp(back, medium + 5 * 512, 1024));
	host_command_ext(0x25, DEV0 | LBA, 5, 300);
	host_entry(0, 0x10000, 0, false);
	host_entry(1, 0x20000, 0, false);
	host_entry(2, 0x30000, 0, true);
	host_dma_start(true);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 5); /* the interrupts of before */
	CHECK(fake_disk_answer(&disk));
	CHECK_EQ(host_alt(), 0x80);
	CHECK(fake_disk_answer(&disk));
	CHECK_EQ(host_dma_stop(), 0x05);
	CHECK(!memcmp(host.m->ram + 0x10000, medium + 5 * 512, 300 * 512));
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0x20, DEV0 | LBA, 5, 2);
	fake_out(host.m, host.control, 1, 4);
	CHECK(!fake_disk_answer(&disk));
	CHECK_EQ(host_alt(), 0x80);
	host_out(ATA_LOW, 0x77); /* held in reset */
	fake_out(host.m, host.control, 1, 0);
	CHECK_EQ(host_alt(), 0x50);
	CHECK_EQ(host_in(ATA_LOW), 1);
	host_command(0x20, DEV0 | LBA, 5, 2);
	device_reset(&host.ide);
	CHECK(!disk.waiting);
	host_command(0x20, DEV0 | LBA, 5, 2);
}

/* Who asks again and again is known; who looks once after each command is not one of those. */
static void test_polling(void)
{
	start();
	disk.wait = true;
	host_command(0x20, DEV0 | LBA, 5, 2);
	CHECK_EQ(host_alt(), 0x80);
	CHECK_EQ(host_in(ATA_STATUS), 0x80);
	CHECK_EQ(host.m->polls, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x80);
	CHECK_EQ(host_alt(), 0x80);
	CHECK_EQ(host.m->polls, 2);
	CHECK(fake_disk_answer(&disk));
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	host_read(back, 1024);
	for (unsigned i = 0; i < 8; i++) {
		host_command(0xc8, DEV0 | LBA, 5, 1);
		host_dma(0x5000, 512, true);
		CHECK_EQ(host_alt(), 0x80);
		CHECK(fake_disk_answer(&disk));
		host_dma_stop();
	}
	CHECK_EQ(host.m->polls, 2);
}

static void test_unplug(void)
{
	start();
	disk.wait = true;
	host_command(0x20, DEV0 | LBA, 5, 2);
	ide_unplug_disks(&host.ide, true);
	CHECK_EQ(host_alt(), 0x80);
	host_command(0x20, DEV0 | LBA, 5, 2);
	ide_unplug_disks(&host.ide, false);
	CHECK(!disk.waiting);
	CHECK_EQ(host_alt(), 0);
	device_reset(&host.ide);
	CHECK_EQ(host_alt(), 0xff);
}

static uint8_t record[400000];

/* Into a new machine; what was under way goes on. */
static void move_machine(void)
{
	long n = device_save(&host.ide, record, sizeof(record));
	uint8_t *ram = malloc(FAKE_RAM_SIZE);
	struct ide_config c = { .devfn = IDE_DEVFN,
		                .drives = { { .kind = IDE_DISK, .backend = &disk.backend },
		                            { .kind = IDE_DISK, .backend = &disk1.backend } } };

	CHECK(n > 0);
	memcpy(ram, host.m->ram, FAKE_RAM_SIZE);
	host_end();
	host.m = fake_machine_new();
	memcpy(host.m->ram, ram, FAKE_RAM_SIZE);
	free(ram);
	CHECK_EQ(device_create(&host.ide, &ide_class, "ide", &host.m->ports, &c), 0);
	CHECK_EQ(device_restore(&host.ide, 1, record, (size_t)n), 0);
}

static void test_save(void)
{
	start();
	host_command(0x20, DEV0 | LBA, 5, 3);
	host_read(back, 700);
	move_machine();
	CHECK(IRQ.level);
	host_in(ATA_STATUS);
	CHECK(!IRQ.level);
	host_read(back + 700, 1536 - 700);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(back, medium + 5 * 512, 1536));
	/* asked but not answered */
	disk.wait = true;
	host_command(0xc8, DEV0 | LBA, 8, 4);
	host_dma(0x8000, 2048, true);
	move_machine();
	CHECK_EQ(host_alt(), 0x80);
	CHECK(!disk.waiting); /* the old one was cancelled with its machine */
	fake_machine_advance(host.m, 1);
	CHECK(fake_disk_answer(&disk));
	CHECK(IRQ.level);
	CHECK_EQ(fake_in(host.m, host.master + 2, 1), 0x04);
	CHECK(!memcmp(host.m->ram + 0x8000, medium + 8 * 512, 2048));
	move_machine(); /* with the interrupt pending */
	CHECK(IRQ.level);
	CHECK_EQ(host_dma_stop(), 0x04);
	/* records that no function could have written */
	for (unsigned i = 0; i < 2000; i++) {
		long n = device_save(&host.ide, record, sizeof(record));

		record[256 + i % 400] ^= (uint8_t)(1 + i / 400 * 50);
		if (!device_restore(&host.ide, 1, record, (size_t)n))
			while (host.m->timers.waiting)
				fake_machine_advance(host.m, 1);
		host_in(ATA_STATUS);
		CHECK(host_alt() == 0xff || (host_alt() & 0x88) != 0x88);
		/* What was refused is gone: the function says what it understands. */
		n = device_save(&host.ide, record, sizeof(record));
		CHECK_EQ(device_restore(&host.ide, 1, record, (size_t)n), 0);
	}
}

static void test_create_errors(void)
{
	struct ide_config c = { .devfn = IDE_DEVFN, .drives = { { .kind = IDE_DISK } } };
	struct device d;

	start();
	CHECK_EQ(device_create(&d, &ide_class, "x", &host.m->ports, &c), -EINVAL);
	c.drives[0].backend = &disk.backend;
	CHECK_EQ(device_create(&d, &ide_class, "x", &host.m->ports, &c), -EEXIST);
	host_end();
}

UNIT_MAIN(UNIT(test_places), UNIT(test_identify), UNIT(test_read_pio), UNIT(test_write_pio),
          UNIT(test_strings), UNIT(test_multiple), UNIT(test_dma), UNIT(test_dma_errors),
          UNIT(test_turns), UNIT(test_chs), UNIT(test_range), UNIT(test_media_errors),
          UNIT(test_trim), UNIT(test_selection), UNIT(test_waiting), UNIT(test_polling),
          UNIT(test_unplug), UNIT(test_save), UNIT(test_create_errors))
