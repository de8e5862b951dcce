/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IO-APICs (82093AA and its heirs), and the PICs put to rest. */
#include "ioapic.h"

#include "acpi.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "errno.h"
#include "log.h"
#include "paging.h"
#include "spinlock.h"

#define IOAPIC_SELECT  0x00
#define IOAPIC_WINDOW  0x10
#define IOAPIC_VERSION 0x01
#define IOAPIC_ENTRY   0x10 /* two registers each, the low one first */
#define IOAPIC_PINS    120  /* so many entries the select register can name */

#define ENTRY_MASKED     BIT(16)
#define ENTRY_LEVEL      BIT(15)
#define ENTRY_ACTIVE_LOW BIT(13)

#define PIC_MASTER  0x20
#define PIC_SLAVE   0xa0
#define PIC_VECTORS 0x20

/* Select and window belong together, and so do an entry and our copy of its low half. Taken in interrupts; inside every other lock. */
static struct spinlock lock;

static struct ioapic {
	struct machine_ioapic is; /* as told to the core */
	volatile uint8_t *mmio;
	uint32_t low[IOAPIC_PINS]; /* as last written. lock */
	bool ours[IOAPIC_PINS];    /* a line of the hypervisor's: set at start */
} ioapics[ACPI_MAX_IOAPICS];
static unsigned nr_ioapics, nr_gsis;

static uint32_t get(const struct ioapic *a, uint8_t r)
{
	mmio_write32(a->mmio + IOAPIC_SELECT, r);
	return mmio_read32(a->mmio + IOAPIC_WINDOW);
}

static void set(const struct ioapic *a, uint8_t r, uint32_t v)
{
	mmio_write32(a->mmio + IOAPIC_SELECT, r);
	mmio_write32(a->mmio + IOAPIC_WINDOW, v);
}

static void set_low(struct ioapic *a, uint32_t pin, uint32_t v)
{
	a->low[pin] = v;
	set(a, (uint8_t)(IOAPIC_ENTRY + 2 * pin), v);
}

/* Its line and the IO-APIC that has it, or NULL. */
static struct ioapic *find(uint32_t gsi, uint32_t *pin)
{
	for (unsigned i = 0; i < nr_ioapics; i++) {
		*pin = gsi - ioapics[i].is.gsi_base;
		if (gsi >= ioapics[i].is.gsi_base && *pin < ioapics[i].is.nr_pins)
			return &ioapics[i];
	}
	return NULL;
}

static void ioapic_start(const struct acpi_ioapic *from)
{
	struct ioapic *a = &ioapics[nr_ioapics];
	uint32_t version;

	a->mmio = io_map(hpa(from->address), PAGE_SIZE);
	version = get(a, IOAPIC_VERSION);
	if (version == ~0u) {
		log_warning("IO-APIC %u at %#x does not answer", from->id, from->address);
		return;
	}
	a->is = (struct machine_ioapic){ from->address, from->id, from->gsi_base,
		                         MIN((version >> 16 & 0xff) + 1, (uint32_t)IOAPIC_PINS) };
	for (uint32_t pin = 0; pin < a->is.nr_pins; pin++)
		set_low(a, pin, ENTRY_MASKED);
	nr_gsis = MAX(nr_gsis, a->is.gsi_base + a->is.nr_pins);
	nr_ioapics++;
}

void ioapic_init(void)
{
	for (uint32_t i = 0; i < acpi.nr_ioapics; i++)
		ioapic_start(&acpi.ioapics[i]);
}

int ioapic_route_isa(unsigned irq, uint8_t vector)
{
	const struct acpi_isa_irq *isa = &acpi.isa[irq & 15];
	uint32_t pin;
	struct ioapic *a = find(isa->gsi, &pin);

	if (!a)
		return -ENOENT;
	a->ours[pin] = true;
	set(a, (uint8_t)(IOAPIC_ENTRY + 2 * pin + 1), cpu_of(0)->apic_id << 24);
	set_low(a, pin,
	        vector | (isa->level ? ENTRY_LEVEL : 0) | (isa->active_low ? ENTRY_ACTIVE_LOW : 0));
	return 0;
}

unsigned ioapic_nr_gsis(void)
{
	return nr_gsis;
}

/* ---- lines that the core gives to domains ---- */

const struct machine_ioapic *machine_ioapic(unsigned n)
{
	return n < nr_ioapics ? &ioapics[n].is : NULL;
}

int machine_gsi_check(uint32_t gsi)
{
	uint32_t pin;
	struct ioapic *a = find(gsi, &pin);

	if (!a)
		return -ENOENT;
	return a->ours[pin] ? -EBUSY : 0;
}

void machine_gsi_route(uint32_t gsi, unsigned cpu, uint8_t vector, bool level, bool active_low)
{
	uint32_t pin, low = vector | ENTRY_MASKED | (active_low ? ENTRY_ACTIVE_LOW : 0);
	struct ioapic *a = find(gsi, &pin);

	if (!a)
		return;
	spin_lock(&lock);
	set_low(a, pin, a->low[pin] | ENTRY_MASKED);
	/*
	 * As edge first: that takes back a remote IRR, whose end of interrupt would come with the old vector and not be for this line any more.
	 */
	set_low(a, pin, low);
	set(a, (uint8_t)(IOAPIC_ENTRY + 2 * pin + 1), cpu_of(cpu)->apic_id << 24);
	if (level)
		set_low(a, pin, low | ENTRY_LEVEL);
	spin_unlock(&lock);
}

void machine_gsi_mask(uint32_t gsi, bool masked)
{
	uint32_t pin;
	struct ioapic *a = find(gsi, &pin);

	if (!a)
		return;
	spin_lock(&lock);
	set_low(a, pin, (a->low[pin] & ~(uint32_t)ENTRY_MASKED) | (masked ? ENTRY_MASKED : 0));
	/* Posted: what the mask is to hold back must not come after the end of interrupt. */
	if (masked)
		(void)mmio_read32(a->mmio + IOAPIC_WINDOW);
	spin_unlock(&lock);
}

/* ---- the PICs ---- */

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
