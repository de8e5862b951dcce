/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's platform device: how a driver finds and uses the unplug protocol, the log port, BARs. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "unit.h"
#include "xen_platform.h"

#define DEVFN PCI_DEVFN(2, 0)

static struct fake_machine *m;
static struct device d;
static unsigned unplugs, unplugged;

static void unplug(void *client, unsigned what)
{
	unplugs++;
	unplugged |= what;
}

static void start(bool with_unplug)
{
	struct xen_platform_config c = { with_unplug ? unplug : NULL, NULL };

	m = fake_machine_new();
	unplugs = unplugged = 0;
	CHECK_EQ(device_create(&d, &xen_platform_class, "platform", &m->ports, &c), 0);
}

static void stop(void)
{
	device_destroy(&d);
	CHECK(!iobus_has_any(&m->pio, 0, 0x10000) && !iobus_has_any(&m->mmio, 0, ~0ull));
}

static void test_protocol(void)
{
	start(true);
	CHECK_EQ(fake_in(m, 0x10, 2), 0x49d2);
	CHECK_EQ(fake_in(m, 0x12, 1), 1);
	CHECK_EQ(fake_in(m, 0x10, 1), 0xff);
	CHECK_EQ(fake_in(m, 0x10, 4), 0xffffffff);
	fake_out(m, 0x12, 2, 3);
	fake_out(m, 0x10, 4, 0xffff000f);
	fake_out(m, 0x10, 1, 0xff);
	fake_out(m, 0x13, 1, 0xff);
	CHECK_EQ(fake_in(m, 0x10, 2), 0x49d2);
	CHECK_EQ(unplugs, 0);
	fake_out(m, 0x10, 2, 0xfff0);
	CHECK_EQ(unplugs, 0);
	fake_out(m, 0x10, 2, XEN_UNPLUG_IDE_DISKS | XEN_UNPLUG_NICS);
	CHECK_EQ(unplugged, 3);
	stop();
	start(false);
	CHECK_EQ(fake_in(m, 0x10, 2), 0xffff);
	stop();
}

static void test_log(void)
{
	start(true);
	for (const char *p = "hello\r\x80"; *p; p++)
		fake_out(m, 0x12, 1, (uint8_t)*p);
	CHECK_EQ(m->logs, 0);
	fake_out(m, 0x12, 1, '\n');
	CHECK_EQ(m->logs, 1);
	CHECK(!strcmp(m->last_log, "hello"));
	for (unsigned i = 0; i < 127; i++)
		fake_out(m, 0x12, 1, 'x');
	CHECK_EQ(m->logs, 2);
	CHECK_EQ(strlen(m->last_log), 127);
	stop();
}

static void test_bars(void)
{
	start(true);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0, 4), 0x00015853);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 8, 4), 0xff800001);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0x2c, 4), 0x00015853);
	pci_bus_write(&m->pci, DEVFN, 0x10, 4, 0xffffffff);
	pci_bus_write(&m->pci, DEVFN, 0x14, 4, 0xffffffff);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0x10, 4), 0xffffff01);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0x14, 4), 0xff000008);
	pci_bus_write(&m->pci, DEVFN, 0x10, 4, 0xc000);
	pci_bus_write(&m->pci, DEVFN, 0x14, 4, 0xf2000000);
	pci_bus_write(&m->pci, DEVFN, 4, 2, 3);
	CHECK_EQ(fake_in(m, 0xc000, 2), 0);
	fake_out(m, 0xc008, 1, 'x');
	fake_out(m, 0xc008, 1, '\n');
	CHECK(!strcmp(m->last_log, "x"));
	CHECK_EQ(fake_load(m, 0xf2000ff8, 8), ~0ull);
	CHECK(iobus_has_any(&m->mmio, 0xf2ffffff, 1));
	stop();
}

static void test_saved(void)
{
	uint8_t record[512];
	long n;

	start(true);
	fake_out(m, 0x10, 2, 2);
	fake_out(m, 0x12, 1, 'a');
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_reset(&d);
	unplugged = 0;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK_EQ(unplugged, 2);
	fake_out(m, 0x12, 1, '\n');
	CHECK(!strcmp(m->last_log, "a"));
	record[n - 1] = 127;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	stop();
	start(false);
	record[n - 1] = 0;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	stop();
}

static void test_taken(void)
{
	struct xen_platform_config c = { unplug, NULL };
	struct device second;

	start(true);
	CHECK_EQ(device_create(&second, &xen_platform_class, "again", &m->ports, &c), -EEXIST);
	m->pci.functions[DEVFN] = NULL;
	CHECK_EQ(device_create(&second, &xen_platform_class, "again", &m->ports, &c), -EEXIST);
	stop();
}

UNIT_MAIN(UNIT(test_protocol), UNIT(test_log), UNIT(test_bars), UNIT(test_saved), UNIT(test_taken))
