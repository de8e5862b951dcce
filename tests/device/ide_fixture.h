/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IDE function with two disks on its first channel, as tests of ATA disks begin.
 */
#ifndef DEVICE_IDE_FIXTURE_H
#define DEVICE_IDE_FIXTURE_H

#include <string.h>

#include "ide_host.h"

#define SECTORS 4096u
#define DEV0    0xa0
#define DEV1    0xb0
#define LBA     0x40
#define IRQ     (host.m->isa[host.irq])

static uint8_t medium[SECTORS * 512], medium1[64 * 512];
static struct fake_disk disk, disk1;
static uint8_t data[256 * 512], back[256 * 512];

static inline void start(void)
{
	struct ide_config c = {
		.devfn = IDE_DEVFN,
		.drives = { { .kind = IDE_DISK, .backend = &disk.backend, .serial = "S1" },
		            { .kind = IDE_DISK, .backend = &disk1.backend, .model = "SECOND" } },
	};

	for (unsigned i = 0; i < sizeof(medium); i++)
		medium[i] = (uint8_t)(i * 31 + i / 512);
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 17 + 3);
	memset(medium1, 0x11, sizeof(medium1));
	fake_disk_init(&disk, medium, SECTORS);
	fake_disk_init(&disk1, medium1, 64);
	host_end();
	host_start(&c);
}

static inline unsigned word(const uint8_t *block, unsigned i)
{
	return block[2 * i] | (unsigned)block[2 * i + 1] << 8;
}

#endif
