/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space of emulated functions: masks, base addresses, the interrupt pin. */
#include "pci_function.h"

#include "errno.h"
#include "string.h"

#define BAR_IO           0x1u
#define BAR_64           0x4u
#define BAR_PREFETCHABLE 0x8u
#define ROM_ENABLE       0x1u
#define NOWHERE          (~(uint64_t)0)

uint16_t pci_config16(const struct pci_function *f, unsigned offset)
{
	return (uint16_t)(f->config[offset] | f->config[offset + 1] << 8);
}

uint32_t pci_config32(const struct pci_function *f, unsigned offset)
{
	return pci_config16(f, offset) | (uint32_t)pci_config16(f, offset + 2) << 16;
}

static void put(uint8_t *bytes, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

void pci_config_set16(struct pci_function *f, unsigned offset, uint16_t value)
{
	put(f->config + offset, value, 2);
}

void pci_config_set32(struct pci_function *f, unsigned offset, uint32_t value)
{
	put(f->config + offset, value, 4);
}

/* ---- the header ---- */

static void bar_describe(struct pci_function *f, const struct pci_bar *b, unsigned offset)
{
	uint64_t mask = ~(b->region.size - 1);

	if (!b->region.size)
		return;
	put(f->at_reset + offset,
	    (b->is_io ? BAR_IO : 0) | (b->is_64 ? BAR_64 : 0) |
	            (b->prefetchable ? BAR_PREFETCHABLE : 0),
	    4);
	put(f->writable + offset, (uint32_t)mask, 4);
	if (b->is_64)
		put(f->writable + offset + 4, (uint32_t)(mask >> 32), 4);
}

void pci_function_init(struct pci_function *f, uint8_t devfn, const struct pci_ids *ids)
{
	uint16_t command = PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF;

	f->devfn = devfn;
	memset(f->writable, 0, sizeof(f->writable));
	memset(f->clears, 0, sizeof(f->clears));
	memset(f->at_reset, 0, sizeof(f->at_reset));
	put(f->at_reset + PCI_VENDOR_ID, ids->vendor, 2);
	put(f->at_reset + PCI_DEVICE_ID, ids->device, 2);
	put(f->at_reset + PCI_SUBSYSTEM_VENDOR, ids->subsystem_vendor, 2);
	put(f->at_reset + PCI_SUBSYSTEM_ID, ids->subsystem, 2);
	f->at_reset[PCI_REVISION] = ids->revision;
	f->at_reset[PCI_CLASS_PROG] = ids->prog_if;
	f->at_reset[PCI_CLASS_SUB] = ids->sub_class;
	f->at_reset[PCI_CLASS_BASE] = ids->base_class;
	f->at_reset[PCI_INTERRUPT_PIN] = ids->pin;
	for (unsigned i = 0; i < PCI_BARS; i++) {
		bar_describe(f, &f->bars[i], PCI_BAR0 + 4 * i);
		if (f->bars[i].region.size)
			command |= f->bars[i].is_io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	}
	if (f->rom.region.size) {
		bar_describe(f, &f->rom, PCI_ROM);
		f->writable[PCI_ROM] |= ROM_ENABLE;
		command |= PCI_COMMAND_MEMORY;
	}
	put(f->writable + PCI_COMMAND, command, 2);
	if (ids->pin)
		f->writable[PCI_INTERRUPT_LINE] = 0xff;
	memcpy(f->config, f->at_reset, sizeof(f->config));
}

void pci_function_registers(struct pci_function *f, const struct pci_register *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		f->writable[r[i].offset] = r[i].writable;
		f->clears[r[i].offset] = r[i].clears;
		f->at_reset[r[i].offset] = r[i].at_reset;
	}
	memcpy(f->config, f->at_reset, sizeof(f->config));
}

void pci_function_capability(struct pci_function *f, unsigned offset, const uint8_t *bytes,
                             unsigned n)
{
	memcpy(f->at_reset + offset, bytes, n);
	f->at_reset[offset + 1] = f->at_reset[PCI_CAPABILITIES];
	f->at_reset[PCI_CAPABILITIES] = (uint8_t)offset;
	f->at_reset[PCI_STATUS] |= 0x10;
	memcpy(f->config, f->at_reset, sizeof(f->config));
}

/* ---- base addresses ---- */

static bool bar_enabled(const struct pci_function *f, const struct pci_bar *b)
{
	uint8_t bit = b->is_io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

	if (b == &f->rom && !(f->config[PCI_ROM] & ROM_ENABLE))
		return false;
	return b->region.size && (f->config[PCI_COMMAND] & bit);
}

/* NOWHERE: it does not decode. Address 0 does not: that is where a BAR is before somebody puts it anywhere. */
static uint64_t bar_base(const struct pci_function *f, const struct pci_bar *b, unsigned offset)
{
	unsigned bits = f->bus->address_bits ? f->bus->address_bits : 64;
	uint64_t base = pci_config32(f, offset), last;

	if (!bar_enabled(f, b))
		return NOWHERE;
	if (b->is_64)
		base |= (uint64_t)pci_config32(f, offset + 4) << 32;
	base &= ~(b->region.size - 1);
	last = base + b->region.size - 1;
	if (!base || last < base || (b->is_io && last > 0xffff) || (bits < 64 && last >> bits))
		return NOWHERE;
	return base;
}

static struct io_bus *bar_bus(const struct pci_function *f, const struct pci_bar *b)
{
	return b->is_io ? f->bus->pio : f->bus->mmio;
}

static void bar_withdraw(struct pci_function *f, struct pci_bar *b)
{
	if (!b->claimed)
		return;
	b->claimed = false;
	if (b->placed)
		b->placed(b, NOWHERE);
	else
		iobus_release(bar_bus(f, b), &b->region);
}

/* Where somebody else is already, a BAR stays unseen: the guest put it there. */
static void bar_update(struct pci_function *f, struct pci_bar *b, unsigned offset)
{
	uint64_t base = bar_base(f, b, offset);

	if (b->claimed && b->region.base == base)
		return;
	bar_withdraw(f, b);
	if (base == NOWHERE)
		return;
	b->region.base = base;
	if (b->placed)
		b->placed(b, base);
	else if (iobus_claim(bar_bus(f, b), &b->region))
		return;
	b->claimed = true;
}

void pci_function_update(struct pci_function *f)
{
	for (unsigned i = 0; i < PCI_BARS; i++)
		bar_update(f, &f->bars[i], PCI_BAR0 + 4 * i);
	bar_update(f, &f->rom, PCI_ROM);
	pci_function_intx(f, f->line);
}

int pci_function_restored(struct pci_function *f)
{
	for (unsigned i = 0; i < PCI_CONFIG_SIZE; i++) {
		uint8_t changes = f->writable[i] | f->clears[i];

		if (i == PCI_STATUS)
			changes |= PCI_STATUS_INTX;
		if ((f->config[i] ^ f->at_reset[i]) & ~changes) {
			memcpy(f->config, f->at_reset, sizeof(f->config));
			return -EINVAL;
		}
	}
	pci_function_update(f);
	return 0;
}

int pci_function_add(struct pci_bus *bus, struct pci_function *f)
{
	if (bus->functions[f->devfn])
		return -EEXIST;
	f->bus = bus;
	bus->functions[f->devfn] = f;
	return 0;
}

void pci_function_remove(struct pci_function *f)
{
	if (!f->bus)
		return;
	for (unsigned i = 0; i < PCI_BARS; i++)
		bar_withdraw(f, &f->bars[i]);
	bar_withdraw(f, &f->rom);
	f->bus->functions[f->devfn] = NULL;
	f->bus = NULL;
}

void pci_function_reset(struct pci_function *f)
{
	f->config[PCI_INTERRUPT_PIN] =
		f->at_reset[PCI_INTERRUPT_PIN]; /* a restored one may be none */
	pci_function_intx(f, false);
	/* All of it: a record that was refused may have left anything here. */
	memcpy(f->config, f->at_reset, sizeof(f->config));
	pci_function_update(f);
}

/* ---- the interrupt pin ---- */

void pci_function_intx(struct pci_function *f, bool level)
{
	uint8_t pin = f->at_reset[PCI_INTERRUPT_PIN]; /* config may be a foreign record's */
	bool allowed = !(pci_config16(f, PCI_COMMAND) & PCI_COMMAND_INTX_OFF);

	f->line = level;
	f->config[PCI_STATUS] =
		(f->config[PCI_STATUS] & ~PCI_STATUS_INTX) | (level ? PCI_STATUS_INTX : 0);
	if (pin && f->bus)
		f->bus->set_intx(f->bus, f->devfn, pin - 1u, level && allowed);
}

/* ---- accesses ---- */

uint32_t pci_function_read(struct pci_function *f, unsigned offset, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)f->config[offset + i] << 8 * i;
	return value;
}

void pci_function_write(struct pci_function *f, unsigned offset, unsigned size, uint32_t value)
{
	for (unsigned i = offset; i < offset + size; i++, value >>= 8) {
		uint8_t byte = (uint8_t)value, mask = f->writable[i];

		f->config[i] = (f->config[i] & ~mask) | (byte & mask);
		f->config[i] &= ~(byte & f->clears[i]);
	}
	if (offset < PCI_CAPABILITIES && offset + size > PCI_COMMAND)
		pci_function_update(f);
	if (f->written)
		f->written(f, offset, size);
}

static uint32_t ones(unsigned size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

uint32_t pci_bus_read(struct pci_bus *b, uint8_t devfn, unsigned offset, unsigned size)
{
	struct pci_function *f = b->functions[devfn];

	return f ? pci_function_read(f, offset, size) : ones(size);
}

void pci_bus_write(struct pci_bus *b, uint8_t devfn, unsigned offset, unsigned size, uint32_t value)
{
	struct pci_function *f = b->functions[devfn];

	if (f)
		pci_function_write(f, offset, size, value);
}
