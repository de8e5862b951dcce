/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board's chips: 82441FX (29054901), 82371SB PIIX3 (29055002), 82371AB PIIX4 (29056201).
 */
#include "iron.h"
#include "pci_chips.h"

#define ELCR 0x4d0 /* bits of interrupts that are level triggered */

const uint8_t pci_link_irq[4] = { 5, 10, 11, 5 };

/* Programmable attribute maps: reads and writes of 0xc0000 to 0xfffff all go to RAM. The BIOS wants it so under Xen. */
static void setup_i440fx(pci_bdf f)
{
	enum { PAM0 = 0x59, PAM6 = 0x5f };

	pci_write8(f, PAM0, 0x30);
	for (unsigned offset = PAM0 + 1; offset <= PAM6; offset++)
		pci_write8(f, offset, 0x33);
}

/* Interrupt route control, and the edge and level control registers: PCI interrupts are level triggered. */
static void setup_piix3_isa(pci_bdf f)
{
	enum { PIRQRCA = 0x60 };
	uint16_t level = 0;

	for (unsigned link = 0; link < 4; link++) {
		pci_write8(f, PIRQRCA + link, pci_link_irq[link]);
		level |= (uint16_t)(1u << pci_link_irq[link]);
	}
	port_out8(ELCR, (uint8_t)level);
	port_out8(ELCR + 1, (uint8_t)(level >> 8));
}

/* Each channel decodes its ports when bit 15 of its timing register is set. Its command register's bits rule them, too. */
static void setup_piix_ide(pci_bdf f)
{
	enum { IDETIM_PRIMARY = 0x40, IDETIM_SECONDARY = 0x42, DECODE = 0x8000 };

	pci_write16(f, IDETIM_PRIMARY, DECODE);
	pci_write16(f, IDETIM_SECONDARY, DECODE);
	pci_write16(f, PCI_COMMAND, pci_read16(f, PCI_COMMAND) | PCI_COMMAND_IO);
}

/* The base of the power management ports, and their switch. The SMBus is not used. */
static void setup_piix4_pm(pci_bdf f)
{
	enum {
		PMBA = 0x40,
		PMREGMISC = 0x80,
		SMBHSTCFG = 0xd2,
		PMIOSE = 1,
		PM1_CONTROL = 4,
		PM1_SCI_ENABLE = 1,
	};

	pci_write32(f, PMBA, PM_BASE | 1);
	pci_write8(f, PMREGMISC, PMIOSE);
	pci_write8(f, SMBHSTCFG, 0);
	/* There is no other mode than ACPI: the tables name no SMI command to change to it. */
	port_out16(PM_BASE + PM1_CONTROL, PM1_SCI_ENABLE);
	/* Its interrupt is wired to the controller: nothing is routed. */
	pci_write8(f, PCI_INTERRUPT_LINE, SCI_IRQ);
}

static const struct chip {
	uint16_t vendor, device;
	void (*setup)(pci_bdf f);
} chips[] = {
	{ 0x8086, 0x1237, setup_i440fx },   { 0x8086, 0x7000, setup_piix3_isa },
	{ 0x8086, 0x7010, setup_piix_ide }, { 0x8086, 0x7111, setup_piix_ide },
	{ 0x8086, 0x7113, setup_piix4_pm },
};

void pci_chip_setup(const struct pci_function *f)
{
	for (unsigned i = 0; i < ARRAY_LEN(chips); i++)
		if (chips[i].vendor == f->vendor && chips[i].device == f->device)
			chips[i].setup(f->bdf);
}
