/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space: masks, base addresses that come and go, the interrupt pin, capabilities. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "unit.h"

static struct fake_machine *m;
static struct pci_function f;
static unsigned writes;

static enum io_result answer(struct io_region *r, struct io_access *a)
{
	if (!a->is_write)
		a->value = 0x50 + a->addr;
	return IO_DONE;
}

static void written(struct pci_function *g, unsigned offset, unsigned size)
{
	writes++;
}

static const struct pci_ids ids = { 0x8086, 0x1234, 0x1af4, 0x1100, 3, 2, 0, 0, 1 };

static void start(void)
{
	m = fake_machine_new();
	memset(&f, 0, sizeof(f));
	f.bars[0] = (struct pci_bar){ .is_io = true,
		                      .region = { .name = "ports",
		                                  .size = 0x20,
		                                  .min_access = 1,
		                                  .max_access = 4,
		                                  .access = answer } };
	f.bars[1] = (struct pci_bar){ .is_64 = true,
		                      .prefetchable = true,
		                      .region = { .name = "memory",
		                                  .size = 0x1000,
		                                  .min_access = 1,
		                                  .max_access = 4,
		                                  .access = answer } };
	f.rom = (struct pci_bar){ .region = { .name = "rom",
		                              .size = 0x800,
		                              .min_access = 1,
		                              .max_access = 4,
		                              .access = answer } };
	f.written = written;
	pci_function_init(&f, PCI_DEVFN(3, 0), &ids);
	pci_function_capability(&f, 0x40, (const uint8_t[]){ 0x05, 0, 0, 0 }, 4);
	CHECK_EQ(pci_function_add(&m->pci, &f), 0);
	pci_function_reset(&f);
}

static uint32_t get(unsigned offset, unsigned size)
{
	return pci_bus_read(&m->pci, PCI_DEVFN(3, 0), offset, size);
}

static void set(unsigned offset, unsigned size, uint32_t value)
{
	pci_bus_write(&m->pci, PCI_DEVFN(3, 0), offset, size, value);
}

static void test_header(void)
{
	start();
	CHECK_EQ(get(PCI_VENDOR_ID, 4), 0x12348086);
	CHECK_EQ(get(PCI_REVISION, 4), 0x02000003);
	CHECK_EQ(get(PCI_SUBSYSTEM_VENDOR, 4), 0x11001af4);
	CHECK_EQ(get(PCI_INTERRUPT_PIN, 1), 1);
	CHECK_EQ(get(PCI_CAPABILITIES, 1), 0x40);
	CHECK_EQ(get(PCI_STATUS, 2) & 0x10, 0x10);
	set(PCI_VENDOR_ID, 4, 0);
	CHECK_EQ(get(PCI_VENDOR_ID, 4), 0x12348086);
	CHECK_EQ(pci_bus_read(&m->pci, 0x40, 0, 2), 0xffff);
	CHECK_EQ(pci_bus_read(&m->pci, 0x40, 0, 4), 0xffffffff);
	CHECK_EQ(pci_function_add(&m->pci, &f), -EEXIST);
}

static void test_sizing(void)
{
	start();
	set(PCI_BAR0, 4, 0xffffffff);
	CHECK_EQ(get(PCI_BAR0, 4), 0xffffffe1);
	set(PCI_BAR0 + 4, 4, 0xffffffff);
	CHECK_EQ(get(PCI_BAR0 + 4, 4), 0xfffff00c);
	set(PCI_BAR0 + 8, 4, 0xffffffff);
	CHECK_EQ(get(PCI_BAR0 + 8, 4), 0xffffffff);
	set(PCI_BAR0 + 12, 4, 0xffffffff);
	CHECK_EQ(get(PCI_BAR0 + 12, 4), 0);
	set(PCI_ROM, 4, 0xffffffff);
	CHECK_EQ(get(PCI_ROM, 4), 0xfffff801);
}

static void test_places(void)
{
	start();
	set(PCI_BAR0, 4, 0xc000);
	CHECK_EQ(fake_in(m, 0xc003, 1), 0xff);
	set(PCI_COMMAND, 2, PCI_COMMAND_IO);
	CHECK_EQ(fake_in(m, 0xc003, 1), 0x53);
	set(PCI_BAR0, 4, 0xd000);
	CHECK_EQ(fake_in(m, 0xc003, 1), 0xff);
	CHECK_EQ(fake_in(m, 0xd01f, 1), 0x6f);
	set(PCI_BAR0 + 4, 4, 0xe0000000);
	set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(fake_in(m, 0xd01f, 1), 0xff);
	CHECK_EQ(fake_load(m, 0xe0000004, 1), 0x54);
	set(PCI_BAR0 + 8, 4, 1); /* above 4 GiB */
	CHECK_EQ(fake_load(m, 0xe0000004, 1), 0xff);
	CHECK_EQ(fake_load(m, 0x1e0000004, 1), 0x54);
	set(PCI_BAR0 + 8, 4, 0x10); /* beyond what the bus decodes */
	CHECK_EQ(iobus_has_any(&m->mmio, 0x10e0000000, 0x1000), 0);
	pci_function_reset(&f);
	CHECK_EQ(get(PCI_COMMAND, 2), 0);
	CHECK_EQ(iobus_has_any(&m->mmio, 0, ~0ull), 0);
}

static void test_rom_and_overlap(void)
{
	start();
	set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	set(PCI_BAR0 + 4, 4, 0xe0000000);
	set(PCI_ROM, 4, 0xf0000000);
	CHECK_EQ(fake_load(m, 0xf0000001, 1), 0xff);
	set(PCI_ROM, 4, 0xf0000001);
	CHECK_EQ(fake_load(m, 0xf0000001, 1), 0x51);
	set(PCI_ROM, 4, 0xe0000001); /* where the memory BAR is: the one that was there stays */
	CHECK_EQ(fake_load(m, 0xf0000001, 1), 0xff);
	CHECK_EQ(fake_load(m, 0xe0000001, 1), 0x51);
	pci_function_remove(&f);
	CHECK_EQ(iobus_has_any(&m->mmio, 0, ~0ull), 0);
	CHECK_EQ(get(PCI_VENDOR_ID, 2), 0xffff);
}

static void test_interrupt(void)
{
	struct fake_wire *w;

	start();
	w = &m->intx[PCI_DEVFN(3, 0)][0];
	pci_function_intx(&f, true);
	CHECK(w->level);
	CHECK_EQ(get(PCI_STATUS, 2) & PCI_STATUS_INTX, PCI_STATUS_INTX);
	set(PCI_COMMAND, 2, PCI_COMMAND_INTX_OFF);
	CHECK(!w->level);
	CHECK_EQ(get(PCI_STATUS, 2) & PCI_STATUS_INTX, PCI_STATUS_INTX);
	set(PCI_COMMAND, 2, 0);
	CHECK(w->level);
	pci_function_reset(&f);
	CHECK(!w->level);
}

static void test_clears_and_hook(void)
{
	start();
	f.clears[0x50] = 0x81;
	f.config[0x50] = 0xff;
	writes = 0;
	set(0x50, 1, 0x03);
	CHECK_EQ(get(0x50, 1), 0xfe);
	set(0x50, 2, 0x80);
	CHECK_EQ(get(0x50, 1), 0x7e);
	CHECK_EQ(writes, 2);
}

/* A record that says nonsense leaves a function that can be reset. */
static void test_restored(void)
{
	start();
	set(PCI_BAR0, 4, 0xc000);
	set(PCI_COMMAND, 2, PCI_COMMAND_IO);
	CHECK_EQ(pci_function_restored(&f), 0);
	CHECK_EQ(fake_in(m, 0xc003, 1), 0x53);
	f.config[PCI_INTERRUPT_PIN] = 77;
	CHECK_EQ(pci_function_restored(&f), -EINVAL);
	CHECK_EQ(get(PCI_INTERRUPT_PIN, 1), 1);
	f.config[PCI_INTERRUPT_PIN] = 77;
	pci_function_reset(&f);
	CHECK_EQ(get(PCI_INTERRUPT_PIN, 1), 1);
	CHECK_EQ(fake_in(m, 0xc003, 1), 0xff);
}

UNIT_MAIN(UNIT(test_header), UNIT(test_sizing), UNIT(test_places), UNIT(test_rom_and_overlap),
          UNIT(test_interrupt), UNIT(test_clears_and_hook), UNIT(test_restored))
