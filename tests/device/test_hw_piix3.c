/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board's bridges: configuration mechanism #1, fixed and changing registers, interrupt links, the reset port inside the address register, APM. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "i440fx.h"
#include "piix3.h"
#include "unit.h"

static struct fake_machine *m;
static struct device bridge, isa;
static unsigned commands;

static void apm_command(void *client, uint8_t command)
{
	commands = commands << 8 | command;
}
static const struct piix3_config isa_config = { apm_command, NULL };

static void start(void)
{
	m = fake_machine_new();
	commands = 0;
	for (unsigned i = 0; i < 4; i++)
		m->link[i] = 99;
	CHECK_EQ(device_create(&bridge, &i440fx_class, "host bridge", &m->ports, NULL), 0);
	CHECK_EQ(device_create(&isa, &piix3_class, "ISA bridge", &m->ports, &isa_config), 0);
}

static void stop(void)
{
	device_destroy(&isa);
	device_destroy(&bridge);
	CHECK_EQ(iobus_has_any(&m->pio, 0, 0x10000), 0);
}

static uint32_t get(unsigned devfn, unsigned offset, unsigned size)
{
	fake_out(m, 0xcf8, 4, 0x80000000 | devfn << 8 | (offset & ~3u));
	return fake_in(m, (uint16_t)(0xcfc + (offset & 3)), size);
}

static void set(unsigned devfn, unsigned offset, unsigned size, uint32_t value)
{
	fake_out(m, 0xcf8, 4, 0x80000000 | devfn << 8 | (offset & ~3u));
	fake_out(m, (uint16_t)(0xcfc + (offset & 3)), size, value);
}

static void test_mechanism(void)
{
	start();
	CHECK_EQ(fake_in(m, 0xcf8, 4), 0);
	fake_out(m, 0xcf8, 4, 0xffffffff);
	CHECK_EQ(fake_in(m, 0xcf8, 4), 0x80fffffc);
	CHECK_EQ(fake_in(m, 0xcfc, 4), 0xffffffff); /* bus 255 */
	fake_out(m, 0xcfc, 4, 0);
	fake_out(m, 0xcf8, 4, 0x80000000);
	CHECK_EQ(fake_in(m, 0xcfc, 4), 0x12378086);
	CHECK_EQ(fake_in(m, 0xcfd, 1), 0x80);
	CHECK_EQ(fake_in(m, 0xcfe, 2), 0x1237);
	fake_out(m, 0xcf8, 1, 0x12); /* no double word: not for the register */
	fake_out(m, 0xcfa, 2, 0x12);
	CHECK_EQ(fake_in(m, 0xcf8, 4), 0x80000000);
	CHECK_EQ(fake_in(m, 0xcfa, 2), 0xffff);
	fake_out(m, 0xcf8, 4, 0); /* not enabled */
	CHECK_EQ(fake_in(m, 0xcfc, 2), 0xffff);
	CHECK_EQ(get(PCI_DEVFN(9, 0), 0, 4), 0xffffffff);
	stop();
}

static void test_host_bridge(void)
{
	start();
	CHECK_EQ(get(0, 8, 4), 0x06000002);
	CHECK_EQ(get(0, PCI_COMMAND, 4), 0x02800006);
	CHECK_EQ(get(0, PCI_SUBSYSTEM_VENDOR, 4), 0x11001af4);
	set(0, PCI_COMMAND, 2, 0);
	CHECK_EQ(get(0, PCI_COMMAND, 2), 6);
	set(0, 0x58, 4, 0xffffffff);
	CHECK_EQ(get(0, 0x58, 4), 0x333330ff);
	CHECK_EQ(get(0, 0x5c, 4), 0);
	stop();
}

static void test_smram_lock(void)
{
	start();
	CHECK_EQ(get(0, 0x72, 1), 0x02);
	set(0, 0x72, 1, 0x48);
	CHECK_EQ(get(0, 0x72, 1), 0x4a);
	set(0, 0x72, 1, 0x58); /* locked: closes it, and nothing changes any more */
	CHECK_EQ(get(0, 0x72, 1), 0x1a);
	set(0, 0x72, 1, 0x40);
	CHECK_EQ(get(0, 0x72, 1), 0x1a);
	device_reset(&bridge);
	CHECK_EQ(get(0, 0x72, 1), 0x02);
	set(0, 0x93, 1, 0x02);
	CHECK_EQ(m->events[MACHINE_REBOOT], 0);
	set(0, 0x93, 1, 0x06);
	CHECK_EQ(m->events[MACHINE_REBOOT], 1);
	stop();
}

static void test_isa_bridge(void)
{
	start();
	CHECK_EQ(get(8, 0, 4), 0x70008086);
	CHECK_EQ(get(8, 8, 4), 0x06010000);
	CHECK_EQ(get(8, PCI_COMMAND, 4), 0x02000007);
	CHECK_EQ(get(8, PCI_HEADER_TYPE, 1), 0x80);
	CHECK_EQ(get(8, 0x4c, 4), 0x0003004d);
	CHECK_EQ(get(8, 0x60, 4), 0x80808080);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(m->link[i], 0);
	set(8, 0x60, 4, 0x0b0b0a05);
	CHECK_EQ(m->link[0], 5);
	CHECK_EQ(m->link[1], 10);
	CHECK_EQ(m->link[3], 11);
	set(8, 0x61, 1, 0x8a); /* off */
	CHECK_EQ(m->link[1], 0);
	set(8, 0x62, 1, 0x7d); /* 13 is for the coprocessor; bits 4 to 6 are none */
	CHECK_EQ(m->link[2], 0);
	CHECK_EQ(get(8, 0x62, 1), 0x0d);
	device_reset(&isa);
	CHECK_EQ(m->link[0], 0);
	stop();
}

static void test_reset_port(void)
{
	start();
	CHECK_EQ(fake_in(m, 0xcf9, 1), 0);
	fake_out(m, 0xcf9, 1, 0xf2);
	CHECK_EQ(fake_in(m, 0xcf9, 1), 2);
	CHECK_EQ(fake_in(m, 0xcf8, 2), 0x02ff);
	CHECK_EQ(m->events[MACHINE_REBOOT], 0);
	fake_out(m, 0xcf9, 1, 6);
	fake_out(m, 0xcf9, 1, 6);
	CHECK_EQ(m->events[MACHINE_REBOOT], 1);
	fake_out(m, 0xcf8, 2, 0);
	fake_out(m, 0xcf8, 2, 0x0400);
	CHECK_EQ(m->events[MACHINE_REBOOT], 2);
	device_destroy(&isa);
	CHECK_EQ(fake_in(m, 0xcf9, 1), 0xff);
	stop();
}

static void test_apm(void)
{
	start();
	fake_out(m, 0xb2, 1, 0xf1);
	fake_out(m, 0xb3, 1, 0x55);
	CHECK_EQ(fake_in(m, 0xb2, 2), 0x55f1);
	CHECK_EQ(commands, 0xf1);
	stop();
}

static enum io_result nobody(struct io_region *r, struct io_access *a)
{
	return IO_UNCLAIMED;
}

static void test_taken(void)
{
	struct device second;
	struct io_region other = {
		.base = 0xb3, .size = 1, .min_access = 1, .max_access = 1, .access = nobody
	};

	start();
	CHECK_EQ(device_create(&second, &piix3_class, "again", &m->ports, &isa_config), -EEXIST);
	CHECK_EQ(device_create(&second, &i440fx_class, "again", &m->ports, NULL), -EEXIST);
	m->pci.functions[0] = NULL;
	CHECK_EQ(device_create(&second, &i440fx_class, "again", &m->ports, NULL), -EEXIST);
	device_destroy(&isa);
	CHECK_EQ(iobus_claim(&m->pio, &other), 0);
	CHECK_EQ(device_create(&isa, &piix3_class, "again", &m->ports, &isa_config), -EEXIST);
	CHECK(!m->pci.functions[8] && !m->pci.reset_port);
	iobus_release(&m->pio, &other);
}

static void test_saved(void)
{
	uint8_t record[2][512];
	long n[2];

	start();
	set(0, 0x72, 1, 0x18);
	set(8, 0x63, 1, 0x0c);
	fake_out(m, 0xcf9, 1, 2);
	n[0] = device_save(&bridge, record[0], sizeof(record[0]));
	n[1] = device_save(&isa, record[1], sizeof(record[1]));
	CHECK(n[0] > 256 && n[1] > 256);
	device_reset(&bridge);
	device_reset(&isa);
	CHECK_EQ(device_restore(&bridge, 1, record[0], (size_t)n[0]), 0);
	CHECK_EQ(device_restore(&isa, 1, record[1], (size_t)n[1]), 0);
	CHECK_EQ(m->link[3], 12);
	CHECK_EQ(fake_in(m, 0xcf9, 1), 2);
	CHECK_EQ(fake_in(m, 0xcf8, 4), 0x80000860);
	set(0, 0x72, 1, 0x40);
	CHECK_EQ(get(0, 0x72, 1), 0x1a);
	record[0][0] ^= 1; /* another vendor */
	CHECK_EQ(device_restore(&bridge, 1, record[0], (size_t)n[0]), -EINVAL);
	record[1][256] = 0xff;
	CHECK_EQ(device_restore(&isa, 1, record[1], (size_t)n[1]), -EINVAL);
	CHECK_EQ(m->link[3], 0);
	stop();
}

UNIT_MAIN(UNIT(test_mechanism), UNIT(test_host_bridge), UNIT(test_smram_lock),
          UNIT(test_isa_bridge), UNIT(test_reset_port), UNIT(test_apm), UNIT(test_taken),
          UNIT(test_saved))
