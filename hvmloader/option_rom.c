/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option ROMs: ours for functions that have a place for one and none of their own. */
#include "console.h"
#include "firmware.h"
#include "iron.h"
#include "option_rom.h"
#include "string.h"

#define ROM_UNIT    512u
#define ROM_CODE_PC 0

/* PCI Firmware Specification 3.0, 5.1.1 */
struct rom_header {
	uint16_t signature; /* 0xaa55 */
	uint8_t units;
	uint8_t entry[21];
	uint16_t data; /* offset of the structure below */
} packed_struct;
struct rom_data {
	char signature[4]; /* PCIR */
	uint16_t vendor, device;
	uint8_t rest[12];
	uint8_t code_type;
} packed_struct;

bool option_rom_valid(const uint8_t *rom, uint32_t n, uint16_t vendor, uint16_t device)
{
	const struct rom_header *h = (const void *)rom;
	const struct rom_data *d;
	uint8_t sum = 0;

	if (n < sizeof(*h) || h->signature != 0xaa55 || !h->units || h->units * ROM_UNIT > n ||
	    h->data + sizeof(*d) > n)
		return false;
	d = (const void *)(rom + h->data);
	if (memcmp(d->signature, "PCIR", 4) || d->vendor != vendor || d->device != device ||
	    d->code_type != ROM_CODE_PC)
		return false;
	for (uint32_t i = 0; i < h->units * ROM_UNIT; i++)
		sum += rom[i];
	return !sum;
}

/* Does the chip itself answer with a ROM? */
static bool answers(const struct pci_resource *r)
{
	uint16_t command = pci_read16(r->function, PCI_COMMAND);
	uint32_t word;

	pci_write16(r->function, PCI_COMMAND, command | PCI_COMMAND_MEMORY);
	pci_write32(r->function, r->offset, (uint32_t)r->base | PCI_ROM_ENABLE);
	word = mmio_read32((uint32_t)r->base);
	pci_write32(r->function, r->offset, (uint32_t)r->base);
	pci_write16(r->function, PCI_COMMAND, command);
	return (word & 0xffff) == 0xaa55;
}

static void install(const struct pci_resource *r, struct memory_map *m, const uint8_t *rom,
                    uint32_t n)
{
	uint32_t size = (uint32_t)align_up(n, PAGE_SIZE);
	uint8_t *to = iron_memory((uint32_t)r->base);

	if (size > r->size || !is_aligned(r->base, PAGE_SIZE)) {
		say("PCI %02x:%02x.%u: its ROM of %u bytes does not fit into the %u of its register",
		    pci_bus(r->function), pci_device(r->function), r->function & 7u, n,
		    (unsigned)r->size);
		return;
	}
	if (!memory_map_place(m, (uint32_t)r->base, size)) {
		say("PCI %02x:%02x.%u: the hypervisor gives no memory for its ROM",
		    pci_bus(r->function), pci_device(r->function), r->function & 7u);
		return;
	}
	memcpy(to, rom, n);
	memset(to + n, 0xff, size - n);
}

struct rom {
	const uint8_t *bytes;
	uint32_t n;
};

void option_rom_setup(const struct pci *p, struct memory_map *m, const struct config *c)
{
	struct rom roms[] = {
		{ firmware_vga, (uint32_t)(firmware_vga_end - firmware_vga) },
		{ firmware_e1000, (uint32_t)(firmware_e1000_end - firmware_e1000) },
	};

	if (c->ipxe.size)
		roms[1] = (struct rom){ iron_memory(c->ipxe.base), c->ipxe.size };
	for (unsigned i = 0; i < p->nr_functions; i++) {
		const struct pci_function *f = &p->functions[i];
		const struct pci_resource *r =
			f->bridge ? NULL : pci_resource_of(p, f->bdf, PCI_ROM);

		if (!r || !r->base || answers(r))
			continue;
		for (unsigned j = 0; j < ARRAY_LEN(roms); j++)
			if (option_rom_valid(roms[j].bytes, roms[j].n, f->vendor, f->device))
				install(r, m, roms[j].bytes, roms[j].n);
	}
}
