/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network controller: registers, EEPROM, PHY, interrupts, statistics, what is saved. */
#include "e1000_fixture.h"

/* ---- tests ---- */

static void test_sums(void)
{
	CHECK_EQ(ethernet_crc((const uint8_t *)"123456789", 9), 0xcbf43926);
	CHECK_EQ(net_sum((const uint8_t *)"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8, 0), 0xddf2);
	CHECK_EQ(net_sum((const uint8_t *)"\x00\x01\xf2", 3, 0x10000), 0xf202);
}

/* Of any length and anywhere in memory as by the definitions, a byte or a bit at a time. */
static void test_long_sums(void)
{
	static uint8_t bytes[256];
	uint32_t seed = 7;

	for (unsigned i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = i < 64 ? 0xff : (uint8_t)(seed >> 24);
	}
	for (unsigned n = 0; n < 240; n++) {
		const uint8_t *p = bytes + n % 13;
		uint32_t sum = 0x1234, crc = ~0u;

		for (unsigned i = 0; i < n; i++) {
			sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
			crc ^= p[i];
			for (unsigned bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
		}
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		CHECK_EQ(net_sum(p, n, 0x1234), sum);
		CHECK_EQ(ethernet_crc(p, n), ~crc);
	}
}

static void test_pci(void)
{
	uint32_t value;

	start();
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0, 4), 0x100e8086);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 8, 4), 0x02000002);
	pci_set(PCI_BAR0, 4, ~0u);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, PCI_BAR0, 4), 0xfffe0000);
	pci_set(PCI_BAR0, 4, BASE);
	pci_set(PCI_ROM, 4, 0xf1000001);
	CHECK_EQ(fake_load(m, 0xf1000000, 4), 0x0006aa55);
	CHECK_EQ(fake_load(m, 0xf1000000 + 2996, 8), 0xffffffff00000000);
	fake_store(m, 0xf1000000, 1, 0);
	/* The window of ports. */
	fake_out(m, PORT, 4, VET);
	CHECK_EQ(fake_in(m, PORT, 4), VET);
	CHECK_EQ(fake_in(m, PORT + 4, 4), 0x8100);
	fake_out(m, PORT + 4, 4, 0x88a8);
	value = get(VET);
	CHECK_EQ(value, 0x88a8);
	fake_out(m, PORT, 4, 0x20000);
	fake_out(m, PORT + 4, 4, 1);
	CHECK_EQ(fake_in(m, PORT + 4, 4), 0);
	CHECK_EQ(fake_in(m, PORT + 8, 4), 0);
	stop();
}

static void test_registers(void)
{
	static const struct {
		uint16_t reg;
		uint32_t mask;
	} rows[] = { { 0x28, ~0u },         { 0x2c, 0xffff },
		     { FCT, 0xffff },       { RDBAH, ~0u },
		     { RDLEN, 0xfff80 },    { RDH, 0xffff },
		     { RDT, 0xffff },       { 0x2168, 0xfff8 },
		     { 0x170, 0xffff },     { 0x410, 0x3fffffff },
		     { RDBAL, 0xfffffff0 }, { 0x178, 0xc000ffff },
		     { TDBAL, 0xfffffff0 }, { TIDV, 0xffff },
		     { RAL + 8, ~0u },      { RAL + 12, 0x8003ffff },
		     { MTA + 508, ~0u },    { VFTA, ~0u } };

	start();
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		set(rows[i].reg, ~0u);
		CHECK_EQ(get(rows[i].reg), rows[i].mask);
		set(rows[i].reg, 0);
		CHECK_EQ(get(rows[i].reg), 0);
	}
	CHECK_EQ(get(STATUS), 0x283);
	set(STATUS, 0);
	CHECK_EQ(get(STATUS), 0x283);
	CHECK_EQ(get(0x1ff00), 0);
	set(0x1ff00, 5);
	set(0x24, 5);
	CHECK_EQ(get(0x24), 0);
	set(4, 0x41); /* CTRL once more */
	CHECK_EQ(get(CTRL), 0x41);
	set(MTA, 0x1234);
	set(RAL, 0);
	set(CTRL, CTRL_RST);
	CHECK_EQ(get(CTRL), 0x201);
	CHECK_EQ(get(0x410), 0x602008);
	CHECK_EQ(get(MTA), 0x1234);
	CHECK_EQ(get(RAL), 0x113e1600);
	CHECK_EQ(get(RAL + 4), 0x80003322);
	set(RCTL, ~0u);
	CHECK_EQ(get(RCTL), 0x07fffffe);
	CHECK_EQ(get(0x1000), 0x00100030); /* PBA: the rest is for transmitting */
	set(0x1000, 0xffffff20);
	CHECK_EQ(get(0x1000), 0x00200020);
	set(0x1000, 0x7f);
	CHECK_EQ(get(0x1000), 0x7f);
	stop();
}

/* ---- EEPROM ---- */

static void test_eeprom_read(void)
{
	uint16_t sum = 0;

	start();
	for (unsigned i = 0; i < 64; i++) {
		set(EERD, i << 8 | 1);
		CHECK_EQ(get(EERD) & 0x10, 0x10);
		sum += get(EERD) >> 16;
		if (i == 0)
			CHECK_EQ(get(EERD) >> 16, 0x1600);
		if (i == 13)
			CHECK_EQ(get(EERD) >> 16, 0x100e);
	}
	CHECK_EQ(sum, 0xbaba);
	set(EERD, 0x0200);
	CHECK_EQ(get(EERD), 0x0200);
	stop();
}

static void wire_bit(unsigned bit)
{
	uint32_t base = 0x42 | bit << 2;

	set(EECD, base);
	set(EECD, base | 1);
	set(EECD, base);
}

static void wire_bits(unsigned value, unsigned n)
{
	while (n--)
		wire_bit(value >> n & 1);
}

static unsigned wire_read(unsigned n)
{
	unsigned value = 0;

	while (n--) {
		wire_bit(0);
		value = value << 1 | (get(EECD) >> 3 & 1);
	}
	return value;
}

static void wire_command(unsigned command)
{
	set(EECD, 0x40);
	wire_bit(0); /* nothing begins before the start bit */
	wire_bits(command, 9);
}

static void test_eeprom_wire(void)
{
	start();
	set(EECD, 0x40);
	CHECK_EQ(get(EECD), 0x1c8);
	wire_command(0x180 | 1);
	CHECK_EQ(get(EECD) & 8, 0);
	CHECK_EQ(wire_read(16), 0x113e);
	CHECK_EQ(wire_read(16), 0x3322); /* it goes on */
	wire_command(0x140 | 5);
	wire_bits(0x5a5a, 16); /* not allowed yet */
	wire_command(0x180 | 5);
	CHECK_EQ(wire_read(16), 0);
	wire_command(0x130);
	wire_command(0x140 | 5);
	wire_bits(0x5a5a, 16);
	wire_bits(0x3, 2); /* too many bits */
	wire_command(0x180 | 5);
	CHECK_EQ(wire_read(16), 0x5a5a);
	wire_command(0x1c0 | 5);
	wire_command(0x180 | 5);
	CHECK_EQ(wire_read(16), 0xffff);
	wire_command(0x110);
	wire_bits(0x1234, 16);
	wire_command(0x180 | 63);
	CHECK_EQ(wire_read(16), 0x1234);
	CHECK_EQ(wire_read(16), 0x1234); /* from the last word to the first */
	wire_command(0x120);
	set(EERD, 0x101);
	CHECK_EQ(get(EERD) >> 16, 0xffff);
	wire_command(0x100);
	wire_command(0x110);
	wire_bits(0, 16);
	set(EERD, 0x101);
	CHECK_EQ(get(EERD) >> 16, 0xffff);
	stop();
}

/* ---- PHY ---- */

static void test_phy(void)
{
	start();
	CHECK_EQ(phy_get(2), 0x0141);
	CHECK_EQ(phy_get(3), 0x0c20);
	CHECK_EQ(phy_get(1), 0x796d);
	CHECK_EQ(phy_get(5), 0x45e1);
	CHECK_EQ(phy_get(6), 0x0005);
	CHECK_EQ(phy_get(8), 0);
	CHECK_EQ(phy_get(10), 0x7c00);
	CHECK_EQ(phy_get(17), 0xac00);
	CHECK_EQ(phy_get(7), 0x2001);
	phy_set(2, 5);
	CHECK_EQ(phy_get(2), 0x0141);
	set(MDIC, 2u << 26 | 2u << 21); /* nobody is at 2 */
	CHECK_EQ(get(MDIC) >> 28, 5);
	set(MDIC, 3u << 26 | 1u << 21);
	CHECK_EQ(get(MDIC) >> 28, 5);
	set(IMS, INT_MDAC);
	set(MDIC, 0x20000000 | 2u << 26 | 1u << 21);
	CHECK(wire->level);
	CHECK_EQ(get(ICR), INT_MDAC);
	set(MDIC, 0x80000000 | 2u << 26 | 1u << 21); /* a reserved bit */
	CHECK_EQ(get(MDIC) >> 28, 1);
	stop();
	start_with(false);
	CHECK_EQ(get(STATUS), 0x281);
	CHECK_EQ(phy_get(1), 0x7949);
	CHECK_EQ(phy_get(5), 0);
	CHECK_EQ(phy_get(6), 0x0004);
	CHECK_EQ(phy_get(10), 0);
	stop();
}

static void test_link(void)
{
	start();
	set(IMS, INT_LSC);
	phy_set(0, 0x1340); /* negotiate again */
	CHECK_EQ(get(ICR), INT_LSC);
	CHECK_EQ(get(STATUS) & 2, 0);
	CHECK_EQ(phy_get(1), 0x7949);
	fake_machine_advance(m, 20000000);
	CHECK_EQ(get(ICR), INT_LSC);
	CHECK_EQ(phy_get(1), 0x796d);
	net.link_up = false;
	net.link_changed(&net);
	CHECK_EQ(get(STATUS) & 2, 0);
	net.link_up = true;
	net.link_changed(&net);
	fake_machine_advance(m, 20000000);
	CHECK_EQ(get(ICR), INT_LSC);
	CHECK_EQ(phy_get(1), 0x7969); /* it was lost in between */
	CHECK_EQ(phy_get(1), 0x796d);
	phy_set(0, 0x1940); /* power down, and up */
	CHECK_EQ(get(STATUS) & 2, 0);
	phy_set(0, 0x1140);
	fake_machine_advance(m, 20000000);
	CHECK_EQ(get(STATUS), 0x283);
	phy_set(9, 0); /* no gigabit */
	phy_set(0, 0x9140);
	fake_machine_advance(m, 20000000);
	CHECK_EQ(get(STATUS), 0x143);
	phy_set(4, 0x0021);
	CHECK_EQ(get(STATUS), 0x002);
	phy_set(0, 0x2100); /* as told */
	CHECK_EQ(get(STATUS), 0x143);
	phy_set(0, 0x0000);
	CHECK_EQ(get(STATUS), 0x002);
	phy_set(0, 0x0140);
	CHECK_EQ(get(STATUS), 0x283);
	phy_get(1);
	CHECK_EQ(phy_get(1), 0x7949 | 4);
	set(CTRL, CTRL_PHY_RST);
	CHECK_EQ(phy_get(9), 0x0e00);
	fake_machine_advance(m, 20000000);
	CHECK_EQ(get(STATUS), 0x283);
	stop();
}

/* ---- interrupts ---- */

static void test_interrupts(void)
{
	start();
	set(ICS, 0x14);
	CHECK(!wire->level);
	CHECK_EQ(get(ICS), 0);
	set(IMS, 0x10);
	CHECK(wire->level);
	set(IMC, 0x10);
	CHECK(!wire->level);
	CHECK_EQ(get(IMS), 0);
	CHECK_EQ(get(IMC), 0);
	set(IMS, 0xffffffff);
	CHECK_EQ(get(IMS), INT_ALL);
	CHECK(wire->level);
	set(ICR, 0x04);
	CHECK(wire->level);
	set(ICR, 0x10);
	CHECK(!wire->level);
	set(ICS, 0x81);
	CHECK_EQ(get(ICR), 0x81);
	CHECK_EQ(get(ICR), 0);
	CHECK(!wire->level);
	stop();
}

static void test_throttle(void)
{
	start();
	set(IMS, 4);
	set(ITR, 1000); /* 256 us */
	set(ICS, 4);
	CHECK(wire->level);
	get(ICR);
	set(ICS, 4);
	CHECK(!wire->level);
	fake_machine_advance(m, 255000);
	CHECK(!wire->level);
	set(ICS, 4);
	fake_machine_advance(m, 2000);
	CHECK(wire->level);
	get(ICR);
	set(ICS, 4);
	get(ICR); /* nothing is left when the time is up */
	fake_machine_advance(m, 300000);
	CHECK(!wire->level);
	CHECK_EQ(wire->rises, 2);
	stop();
}

static void test_counter_ends(void)
{
	struct e1000 *s;

	start();
	s = d.state;
	*e1000_reg(s, GPTC) = 0xfffffffe;
	*e1000_reg(s, GOTC) = 0xffffffff;
	tx_start(8);
	for (unsigned i = 0; i < 3; i++)
		tx_add(0x8000, 60 | EOP);
	set(TDT, 3);
	CHECK_EQ(get(GPTC), 0xffffffff);
	CHECK_EQ(get(GOTC), 191);
	CHECK_EQ(get(GOTC + 4), 1);
	stop();
}

static void test_rom_register(void)
{
	static const struct e1000_config c = { DEVFN, NULL, NULL, 0 };

	start();
	device_destroy(&d);
	CHECK_EQ(device_create(&d, &e1000_class, "net", &m->ports, &c), 0);
	pci_set(PCI_ROM, 4, 0xfffffffe);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, PCI_ROM, 4), 0xfffe0000);
	pci_set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pci_set(PCI_ROM, 4, 0xf1000001);
	CHECK_EQ(fake_load(m, 0xf1000000, 2), 0xffff);
	stop();
}

UNIT_MAIN(UNIT(test_long_sums), UNIT(test_sums), UNIT(test_pci), UNIT(test_registers),
          UNIT(test_eeprom_read), UNIT(test_eeprom_wire), UNIT(test_phy), UNIT(test_link),
          UNIT(test_interrupts), UNIT(test_throttle), UNIT(test_counter_ends),
          UNIT(test_rom_register))
