// SPDX-License-Identifier: GPL-2.0-or-later
/* The IDE function, driven on both machines. */
#include "ide_script.h"

#include <string.h>
#include <unistd.h>

#include "ata.h"

#define PATIENCE 50000u

uint16_t ide_base = 0x1f0, ide_control = 0x3f6, ide_master = BMBASE;
unsigned ide_irq = 14;

static void config_write(unsigned offset, unsigned size, uint32_t value)
{
	both_out(0xcf8, 4, 0x80000900u | (offset & 0xfc));
	both_out((uint16_t)(0xcfc + (offset & 3)), size, value);
}

void ide_program(void)
{
	config_write(0x20, 4, BMBASE);
	config_write(0x40, 4, 0x80008000);
	config_write(0x04, 2, 5);
}

void ide_channel(unsigned i)
{
	ide_base = i ? 0x170 : 0x1f0;
	ide_control = i ? 0x376 : 0x3f6;
	ide_master = (uint16_t)(BMBASE + 8 * i);
	ide_irq = i ? 15 : 14;
}

/* Each machine takes its own time. */
void ide_settle(void)
{
	for (unsigned peer = 0; peer < PEERS; peer++)
		for (unsigned i = 0; i < PATIENCE; i++) {
			if (!(peer_in(peer, ide_control, 1) & ATA_BSY))
				break;
			if (i > 20)
				usleep(100);
		}
}

/* While a drive wants data and the bus master is active some move, or are on their way from the disk. */
void ide_settle_dma(void)
{
	for (unsigned peer = 0; peer < PEERS; peer++)
		for (unsigned i = 0; i < PATIENCE; i++) {
			uint32_t master = peer_in(peer, (uint16_t)(ide_master + 2), 1);
			uint32_t status = peer_in(peer, ide_control, 1);

			if (!(status & ATA_BSY) && (!(status & ATA_DRQ) || !(master & 1)))
				break;
			if (i > 20)
				usleep(100);
		}
	ide_settle();
}

void ide_resync(void)
{
	both_out(ide_master, 1, 0);
	both_out(ide_control, 1, ATA_SRST);
	both_out(ide_control, 1, 0);
	ide_settle();
	both_out((uint16_t)(ide_master + 2), 1, 0x66);
	for (unsigned peer = 0; peer < PEERS; peer++)
		peer_in(peer, (uint16_t)(ide_base + ATA_STATUS), 1);
}

uint8_t ide_status(void)
{
	return (uint8_t)peer_in(OURS, ide_control, 1);
}

bool ide_compare(void)
{
	static const struct {
		const char *name;
		uint8_t reg;
	} registers[] = { { "error", ATA_ERROR },  { "count", ATA_COUNT }, { "low", ATA_LOW },
		          { "mid", ATA_MID },      { "high", ATA_HIGH },   { "device", ATA_DEVICE },
		          { "status", ATA_STATUS } };
	bool good = both_in("alternate status", ide_control, 1, 0xff, NULL);

	good &= both_wire("interrupt", ide_irq);
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		good &= both_in(registers[i].name, (uint16_t)(ide_base + registers[i].reg), 1, 0xff,
		                NULL);
	good &= both_wire("interrupt after status", ide_irq);
	return good;
}

bool ide_data_in(unsigned at, unsigned n, unsigned size)
{
	char key[32];
	bool good = true;

	for (unsigned i = 0; i < n; i += size) {
		__builtin_snprintf(key, sizeof(key), "data.%u", at + i);
		good &= both_in(key, ide_base, size, size == 4 ? ~0u : 0xffff, NULL);
	}
	return good;
}

void ide_data_out(unsigned n, unsigned size)
{
	for (unsigned i = 0; i < n; i += size)
		both_out(ide_base, size, random_below(0x7fffffff));
}

void ide_dma_table(unsigned bytes)
{
	uint32_t entries[2 * 64];
	unsigned at = 0, i = 0;

	both_fill(DATA, 0x5a, DATA_BYTES);

	while (at < bytes && i < 64) {
		unsigned size =
			i == 63 ? bytes - at : 2 + 2 * random_below(random_below(2) ? 300 : 9000);

		if (size > bytes - at)
			size = bytes - at;
		size &= ~1u;
		if (!size)
			break;
		entries[2 * i] = DATA + at;
		entries[2 * i + 1] = size & 0xffff;
		at += size;
		i++;
	}
	if (i)
		entries[2 * i - 1] |= 0x80000000u;
	both_write(PRDS, entries, i ? 8 * i : 8);
}

void ide_dma_start(bool to_memory)
{
	both_out((uint16_t)(ide_master + 4), 4, PRDS);
	both_out(ide_master, 1, to_memory ? 9 : 1);
}
