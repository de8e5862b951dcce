/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SeaBIOS: where its image goes, and what it is told when it runs under Xen. It takes Xen's part when CPUID names Xen and the structure below is at its place; then it leaves PCI and
 * all tables to whoever made them, writes messages to port 0xe9, and expects RAM at 0xc0000 to 0xfffff with the whole of its image at the end.
 */
#include "bios.h"
#include "console.h"
#include "firmware.h"
#include "iron.h"
#include "layout.h"
#include "space.h"
#include "string.h"

struct bios_info {
	char signature[14];
	uint8_t length, checksum;
	uint32_t tables, nr_tables;
	uint32_t e820, nr_e820;
} packed_struct;
_Static_assert(sizeof(struct bios_info) == 32, "what SeaBIOS looks for");

struct e820_row {
	uint64_t start, size;
	uint32_t type;
} packed_struct;

/* Structure, tables and map are in one page, which the BIOS leaves alone until it has read them. */
struct bios_page {
	struct bios_info info;
	uint32_t tables[BIOS_TABLES_MAX];
	struct e820_row e820[MEMORY_RANGES];
} packed_struct;
_Static_assert(sizeof(struct bios_page) <= PAGE_SIZE, "the hand-over is one page");

#define BIOS_SIZE_MAX (LEGACY_END - VGA_ROM_START)

void bios_load(struct memory_map *m, const struct config *c)
{
	const uint8_t *bytes = firmware_bios;
	uint32_t n = (uint32_t)(firmware_bios_end - firmware_bios), top;

	if (c->bios.size) {
		bytes = iron_memory(c->bios.base);
		n = c->bios.size;
	}
	if (n > BIOS_SIZE_MAX || n < 0x10000 || n % PAGE_SIZE)
		die("the BIOS has %u bytes; 64 to 256 KiB in whole pages are what can be loaded",
		    n);
	memcpy(iron_memory(LEGACY_END - n), bytes, n);
	/* What starts at a processor's own reset address finds the same there. */
	top = 0u - n;
	if (memory_map_place(m, top, n))
		memcpy(iron_memory(top), bytes, n);
	else
		say("the hypervisor gives no memory for the BIOS below 4 GiB; it is below 1 MiB only");
}

void bios_tell(const struct memory_map *m, const uint32_t *tables, unsigned nr)
{
	struct bios_page *p = iron_memory(BIOS_INFO);

	memset(p, 0, sizeof(*p));
	memcpy(p->info.signature, "XenHVMSeaBIOS", 14);
	p->info.length = sizeof(p->info);
	p->info.tables = BIOS_INFO + offsetof(struct bios_page, tables);
	p->info.e820 = BIOS_INFO + offsetof(struct bios_page, e820);
	for (unsigned i = 0; i < nr && i < BIOS_TABLES_MAX; i++)
		if (tables[i])
			p->tables[p->info.nr_tables++] = tables[i];
	for (unsigned i = 0; i < m->nr; i++)
		p->e820[p->info.nr_e820++] =
			(struct e820_row){ m->range[i].start, m->range[i].end - m->range[i].start,
			                   m->range[i].type };
	checksum_set(BIOS_INFO, sizeof(p->info), offsetof(struct bios_info, checksum));
}
