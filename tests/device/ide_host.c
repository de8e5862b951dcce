// SPDX-License-Identifier: GPL-2.0-or-later
/* The driver of the IDE tests. */
#include "ide_host.h"

#include <stdlib.h>
#include <string.h>

struct ide_host host;

void host_channel(unsigned i)
{
	host.base = i ? 0x170 : 0x1f0;
	host.control = i ? 0x376 : 0x3f6;
	host.master = (uint16_t)(IDE_BMBASE + 8 * i);
	host.irq = i ? 15 : 14;
}

void host_start_on(struct fake_machine *m, const struct ide_config *c)
{
	host.m = m;
	if (device_create(&host.ide, &ide_class, "ide", &host.m->ports, c))
		abort();
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x20, 4, IDE_BMBASE);
	pci_bus_write(&host.m->pci, IDE_DEVFN, 0x40, 4, 0x80008000);
	pci_bus_write(&host.m->pci, IDE_DEVFN, PCI_COMMAND, 2, 5);
	host_channel(0);
}

void host_start(const struct ide_config *c)
{
	host_start_on(fake_machine_new(), c);
}

void host_end(void)
{
	device_destroy(&host.ide);
}

uint8_t host_in(unsigned reg)
{
	return (uint8_t)fake_in(host.m, (uint16_t)(host.base + reg), 1);
}

void host_out(unsigned reg, uint8_t value)
{
	fake_out(host.m, (uint16_t)(host.base + reg), 1, value);
}

uint8_t host_alt(void)
{
	return (uint8_t)fake_in(host.m, host.control, 1);
}

static void address(uint64_t lba, uint32_t count)
{
	host_out(ATA_COUNT, (uint8_t)count);
	host_out(ATA_LOW, (uint8_t)lba);
	host_out(ATA_MID, (uint8_t)(lba >> 8));
	host_out(ATA_HIGH, (uint8_t)(lba >> 16));
}

void host_command(uint8_t command, uint8_t device, uint64_t lba, uint32_t count)
{
	host_out(ATA_DEVICE, device | (lba >> 24 & 15));
	address(lba, count);
	host_out(ATA_COMMAND, command);
}

void host_command_ext(uint8_t command, uint8_t device, uint64_t lba, uint32_t count)
{
	host_out(ATA_DEVICE, device | ATA_DEVICE_LBA);
	address(lba >> 24, count >> 8);
	address(lba, count);
	host_out(ATA_COMMAND, command);
}

void host_read(void *to, uint32_t n)
{
	uint8_t *p = to;

	for (uint32_t i = 0; i < n; i += 2) {
		uint16_t word = (uint16_t)fake_in(host.m, host.base, 2);

		memcpy(p + i, &word, n - i < 2 ? 1 : 2);
	}
}

void host_write(const void *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += 2) {
		uint16_t word;

		memcpy(&word, (const uint8_t *)from + i, 2);
		fake_out(host.m, host.base, 2, word);
	}
}

void host_entry(unsigned i, uint32_t gpa, uint32_t n, bool last)
{
	uint32_t entry[2] = { gpa, (n & 0xffff) | (last ? 0x80000000u : 0) };

	memcpy(host.m->ram + IDE_PRDS + 8 * i, entry, 8);
}

void host_dma_start(bool to_memory)
{
	fake_out(host.m, host.master + 4, 4, IDE_PRDS);
	fake_out(host.m, host.master, 1, to_memory ? 9 : 1);
}

void host_dma(uint32_t gpa, uint32_t n, bool to_memory)
{
	host_entry(0, gpa, n, true);
	host_dma_start(to_memory);
}

uint8_t host_dma_stop(void)
{
	uint8_t status = (uint8_t)fake_in(host.m, host.master + 2, 1);

	fake_out(host.m, host.master, 1, 0);
	fake_out(host.m, host.master + 2, 1, 0x06);
	return status;
}
