/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IO-APICs (82093AA and its heirs), and the PICs put to rest. */
#include "ioapic.h"

#include "acpi.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "errno.h"
#include "log.h"
#include "paging.h"

#define IOAPIC_SELECT  0x00
#define IOAPIC_WINDOW  0x10
#define IOAPIC_VERSION 0x01
#define IOAPIC_ENTRY   0x10 /* two registers each, the low one first */

#define ENTRY_MASKED     BIT(16)
#define ENTRY_LEVEL      BIT(15)
#define ENTRY_ACTIVE_LOW BIT(13)

#define PIC_MASTER  0x20
#define PIC_SLAVE   0xa0
#define PIC_VECTORS 0x20

static struct {
	volatile uint8_t *mmio;
	uint32_t gsi_base, nr;
} ioapics[ACPI_MAX_IOAPICS];
static unsigned nr_ioapics, nr_gsis;

static uint32_t get(unsigned i, uint8_t r)
{
	mmio_write32(ioapics[i].mmio + IOAPIC_SELECT, r);
	return mmio_read32(ioapics[i].mmio + IOAPIC_WINDOW);
}

static void set(unsigned i, uint8_t r, uint32_t v)
{
	mmio_write32(ioapics[i].mmio + IOAPIC_SELECT, r);
	mmio_write32(ioapics[i].mmio + IOAPIC_WINDOW, v);
}

void ioapic_init(void)
{
	for (uint32_t i = 0; i < acpi.nr_ioapics; i++) {
		const struct acpi_ioapic *a = &acpi.ioapics[i];
		unsigned n = nr_ioapics;
		uint32_t version;

		ioapics[n].mmio = io_map(hpa(a->address), PAGE_SIZE);
		version = get(n, IOAPIC_VERSION);
		if (version == ~0u) {
			log_warning("IO-APIC %u at %#x does not answer", a->id, a->address);
			continue;
		}
		ioapics[n].gsi_base = a->gsi_base;
		ioapics[n].nr = (version >> 16 & 0xff) + 1;
		for (unsigned line = 0; line < ioapics[n].nr && line < 120; line++)
			set(n, (uint8_t)(IOAPIC_ENTRY + 2 * line), ENTRY_MASKED);
		nr_gsis = MAX(nr_gsis, a->gsi_base + ioapics[n].nr);
		nr_ioapics++;
	}
}

int ioapic_route_isa(unsigned irq, uint8_t vector)
{
	const struct acpi_isa_irq *isa = &acpi.isa[irq & 15];

	for (unsigned i = 0; i < nr_ioapics; i++) {
		uint32_t line = isa->gsi - ioapics[i].gsi_base;

		if (isa->gsi < ioapics[i].gsi_base || line >= ioapics[i].nr || line >= 120)
			continue;
		set(i, (uint8_t)(IOAPIC_ENTRY + 2 * line + 1), cpu_of(0)->apic_id << 24);
		set(i, (uint8_t)(IOAPIC_ENTRY + 2 * line),
		    vector | (isa->level ? ENTRY_LEVEL : 0) |
		            (isa->active_low ? ENTRY_ACTIVE_LOW : 0));
		return 0;
	}
	return -ENOENT;
}

unsigned ioapic_nr_gsis(void)
{
	return nr_gsis;
}

void pic_disable(void)
{
	/* ICW1-4: cascade, vectors away from the exceptions, so that a spurious one is known */
	out8(PIC_MASTER, 0x11);
	out8(PIC_SLAVE, 0x11);
	out8(PIC_MASTER + 1, PIC_VECTORS);
	out8(PIC_SLAVE + 1, PIC_VECTORS + 8);
	out8(PIC_MASTER + 1, 4);
	out8(PIC_SLAVE + 1, 2);
	out8(PIC_MASTER + 1, 1);
	out8(PIC_SLAVE + 1, 1);
	out8(PIC_MASTER + 1, 0xff);
	out8(PIC_SLAVE + 1, 0xff);
}
