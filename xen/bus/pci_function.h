/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI function of a device that is emulated: configuration space with masks, base addresses that claim their places on the buses, an expansion ROM, an interrupt pin.
 * PCI Local Bus Specification 3.0, chapter 6.
 */
#ifndef BUS_PCI_FUNCTION_H
#define BUS_PCI_FUNCTION_H

#include "iobus.h"
#include "save.h"

#define PCI_VENDOR_ID        0x00
#define PCI_DEVICE_ID        0x02
#define PCI_COMMAND          0x04
#define PCI_COMMAND_IO       0x0001
#define PCI_COMMAND_MEMORY   0x0002
#define PCI_COMMAND_MASTER   0x0004
#define PCI_COMMAND_INTX_OFF 0x0400
#define PCI_STATUS           0x06
#define PCI_STATUS_INTX      0x0008
#define PCI_REVISION         0x08
#define PCI_CLASS_PROG       0x09
#define PCI_CLASS_SUB        0x0a
#define PCI_CLASS_BASE       0x0b
#define PCI_HEADER_TYPE      0x0e
#define PCI_BAR0             0x10
#define PCI_SUBSYSTEM_VENDOR 0x2c
#define PCI_SUBSYSTEM_ID     0x2e
#define PCI_ROM              0x30
#define PCI_CAPABILITIES     0x34
#define PCI_INTERRUPT_LINE   0x3c
#define PCI_INTERRUPT_PIN    0x3d

#define PCI_CONFIG_SIZE             256
#define PCI_BARS                    6
#define PCI_DEVFN(device, function) ((device) << 3 | (function))

struct pci_bus;

struct pci_bar {
	bool is_io, prefetchable, is_64; /* the second half of a 64-bit one is an empty row */
	/* What is claimed: its base and size are set by the function. size a power of two, at least 4 for ports and 16 for memory; 0: no such BAR. */
	struct io_region region;
	/* Instead of a region on the bus: told where it is; ~0: nowhere. For memory that the guest reaches with no exit. */
	void (*placed)(struct pci_bar *b, uint64_t base);
	bool claimed; /* the function's */
};

struct pci_function {
	uint8_t devfn;
	struct pci_bus *bus;
	uint8_t config[PCI_CONFIG_SIZE];   /* as it is read */
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits that a guest changes */
	uint8_t clears[PCI_CONFIG_SIZE];   /* bits that a guest clears by writing ones */
	uint8_t at_reset
		[PCI_CONFIG_SIZE]; /* what pci_function_reset() puts into writable and clears bits */
	struct pci_bar bars[PCI_BARS];
	struct pci_bar rom; /* its bytes are answered by rom.region.access; size 0: none */
	bool line;          /* the interrupt pin is driven */
	/* After the guest wrote: bytes [offset, offset + size) may have changed. NULL: nobody cares. */
	void (*written)(struct pci_function *f, unsigned offset, unsigned size);
};

/* A bus with its functions. */
struct pci_bus {
	struct io_bus *pio, *mmio;
	struct pci_function *functions[256]; /* by devfn */
	/* A function drives its pin 0 to 3 (A to D); wires that it shares with others are this callback's business. */
	void (*set_intx)(struct pci_bus *b, uint8_t devfn, unsigned pin, bool level);
	/* The byte port 0xcf9, which lies below the configuration address register: whoever has it puts it here, and the host bridge passes accesses on. NULL: nobody */
	struct io_region *reset_port;
	/* Bits of an address on the memory bus that decode; a BAR beyond is nowhere. 0: all 64 */
	unsigned address_bits;
};

struct pci_ids {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint8_t revision, base_class, sub_class, prog_if;
	uint8_t pin; /* 0: no interrupt, 1: A */
};

/*
 * Fills in the header of a function whose bars[] and rom have been described (region.size, access, name; is_io and so on), the masks that follow from it, and the state at
 * reset. The function's own registers' masks and reset values are set afterwards, before pci_function_add().
 */
void pci_function_init(struct pci_function *f, uint8_t devfn, const struct pci_ids *ids);
/* A byte of a function's own registers: which bits a guest changes, which it clears by writing ones, and what it is at reset. */
struct pci_register {
	uint8_t offset, writable, at_reset, clears;
};
void pci_function_registers(struct pci_function *f, const struct pci_register *r, unsigned n);
/* A capability of n bytes (id and the rest; its next pointer is filled in) at offset. Call before pci_function_add(), the first in the chain last. */
void pci_function_capability(struct pci_function *f, unsigned offset, const uint8_t *bytes,
                             unsigned n);
/* -EEXIST: the place is taken. */
int must_check pci_function_add(struct pci_bus *bus, struct pci_function *f);
/* Frees its places. */
void pci_function_remove(struct pci_function *f);
/* Back to at_reset; BARs are nowhere, the pin is not driven. */
void pci_function_reset(struct pci_function *f);
/* After config has been changed by hand or restored: BARs go where it says. */
void pci_function_update(struct pci_function *f);

/*
 * After config was restored from a saved record: like pci_function_update(), once it is known that no bit is other than at reset that a guest cannot change (the
 * interrupt's status bit excepted). -EINVAL: one is; nothing was done. The pin is driven as it was before: the device says what it shall be.
 */
int must_check pci_function_restored(struct pci_function *f);

/* The guest's accesses: size 1, 2 or 4, naturally aligned, below PCI_CONFIG_SIZE. */
uint32_t pci_function_read(struct pci_function *f, unsigned offset, unsigned size);
void pci_function_write(struct pci_function *f, unsigned offset, unsigned size, uint32_t value);
/* By address on the bus; nobody there: ones, and lost. */
uint32_t pci_bus_read(struct pci_bus *b, uint8_t devfn, unsigned offset, unsigned size);
void pci_bus_write(struct pci_bus *b, uint8_t devfn, unsigned offset, unsigned size,
                   uint32_t value);

/* The interrupt pin. Status bit and INTx disable are seen to here. */
void pci_function_intx(struct pci_function *f, bool level);
/* Little-endian words in config. */
uint16_t pci_config16(const struct pci_function *f, unsigned offset);
uint32_t pci_config32(const struct pci_function *f, unsigned offset);
void pci_config_set16(struct pci_function *f, unsigned offset, uint16_t value);
void pci_config_set32(struct pci_function *f, unsigned offset, uint32_t value);
static inline bool pci_is_master(const struct pci_function *f)
{
	return f->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

#endif
