/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space of the first domain: the ways to it, MSI in its forms, MSI-X tables wherever BARs put them. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hardware_domain.h"
#include "hardware_fake.h"
#include "machine_fake.h"
#include "options.h"
#include "unit.h"
#include "vlapic_registers.h"
#include "vpci_device.h"

#define SBDF     0x00a8u /* 00:15.0 */
#define MSI_AT   0x50u
#define MSIX_AT  0x70u
#define ENABLE   0x8000u
#define FUNCTION 0x4000u

static struct domain *d;
static struct vcpu *v;
static struct fake_pci_device *f;

static void start(void)
{
	d = fake_domain_machine(2, 2, 16);
	fake_hardware_reset();
	v = d->vcpus[0];
	for (unsigned i = 0; i < 2; i++)
		vlapic_write(d->vcpus[i], APIC_SVR, 0x1ff);
	fake_nr_mcfg = 1;
	fake_mcfg[0] = (struct machine_mcfg){ 0xb0000000, 0, 0, 255 };
	f = fake_pci_add(0, SBDF, 0x12348086);
	CHECK_EQ(hardware_domain_devices_create(d), 0);
}

static void end(void)
{
	CHECK_EQ(hardware_domain_devices_destroy(d), 0);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		fake_set_cpu(cpu);
		host_irq_run();
	}
	fake_set_cpu(0);
}

static uint64_t pio(uint16_t port, unsigned size, bool is_write, uint64_t value)
{
	struct io_access a = {
		.addr = port, .size = (uint8_t)size, .is_write = is_write, .value = value, .cpu = v
	};

	(void)iobus_access(&d->pio, &a);
	return a.value;
}

static uint64_t mem(uint64_t at, unsigned size, bool is_write, uint64_t value)
{
	struct io_access a = {
		.addr = at, .size = (uint8_t)size, .is_write = is_write, .value = value, .cpu = v
	};

	(void)iobus_access(&d->mmio, &a);
	return a.value;
}

static uint32_t get(unsigned reg, unsigned size)
{
	pio(0xcf8, 4, true, 0x80000000u | SBDF << 8 | (reg & 0xfc));
	return (uint32_t)pio((uint16_t)(0xcfc + (reg & 3)), size, false, 0);
}

static void set(unsigned reg, unsigned size, uint32_t value)
{
	pio(0xcf8, 4, true, 0x80000000u | SBDF << 8 | (reg & 0xfc));
	pio((uint16_t)(0xcfc + (reg & 3)), size, true, value);
}

static int take(struct vcpu *who)
{
	int vector = vlapic_pending_vector(who);

	if (vector >= 0) {
		vlapic_accept(who, (uint8_t)vector);
		vlapic_write(who, APIC_EOI, 0);
	}
	return vector;
}

/* ---- ways ---- */

static void test_ports(void)
{
	start();
	CHECK_EQ(get(0, 4), 0x12348086);
	CHECK_EQ(get(0, 2), 0x8086);
	CHECK_EQ(get(3, 1), 0x12);
	CHECK_EQ(get(2, 2), 0x1234);
	CHECK_EQ(pio(0xcf8, 4, false, 0), 0x80000000u | SBDF << 8);
	set(0x3d, 1, 0x5a);
	CHECK_EQ(f->config[0x3d], 0x5a);
	CHECK_EQ(f->config[0x3c], 0);
	pio(0xcf8, 4, true, SBDF << 8); /* not enabled */
	CHECK_EQ(pio(0xcfc, 4, false, 0), 0xffffffff);
	pio(0xcf8, 4, true, 0x80000000u | 0x8800); /* nobody there */
	CHECK_EQ(pio(0xcfc, 4, false, 0), 0xffffffff);
	pio(0xcfc, 4, true, 0);
	end();
}

static void test_bytes_of_the_address_are_other_ports(void)
{
	start();
	options.noreboot = false;
	pio(0xcf8, 4, true, 0x80000000u | SBDF << 8);
	pio(0xcfa, 1, true, 0x77);
	CHECK_EQ(pio(0xcf8, 4, false, 0), 0x80000000u | SBDF << 8);
	CHECK_EQ(fake_port_write.port, 0xcfa);
	CHECK_EQ(FAKE_END_OF(pio(0xcf9, 1, true, 0x02)), FAKE_END_NONE);
	CHECK_EQ(FAKE_END_OF(pio(0xcf9, 1, true, 0x06)), FAKE_END_REBOOT);
	end();
}

static void test_window(void)
{
	uint64_t at = 0xb0000000ull + (SBDF << 12);

	start();
	fake_pci_set(f, 0x100, 4, 0x14820001);
	CHECK_EQ(mem(at, 4, false, 0), 0x12348086);
	CHECK_EQ(mem(at + 0x102, 2, false, 0), 0x1482);
	mem(at + 0x104, 1, true, 0x99);
	CHECK_EQ(f->config[0x104], 0x99);
	CHECK_EQ(mem(0xb0000000ull + (255u << 20), 4, false, 0), 0xffffffff);
	CHECK_EQ(vpci_mmcfg_reserved(d, 0xb0000000, 0, 0, 255), 0);
	CHECK_EQ(vpci_mmcfg_reserved(d, 0xc0000000, 0, 0, 255), -ENODEV);
	end();
}

/* ---- MSI ---- */

static void msi_add(uint16_t control)
{
	fake_pci_set(f, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(f, PCI_CAPABILITIES, 1, MSI_AT);
	fake_pci_set(f, MSI_AT, 2, CAPABILITY_MSI);
	fake_pci_set(f, MSI_AT + 2, 2, control);
	f->read_only[MSI_AT + 2] = 0x8e;
	f->read_only[MSI_AT + 3] = 0xff;
}

/* What the device would write. */
static bool device_sends(unsigned n)
{
	bool is_64 = fake_pci_get(f, MSI_AT + 2, 2) & 0x80;
	uint32_t data = fake_pci_get(f, MSI_AT + (is_64 ? 12 : 8), 2);

	CHECK(fake_pci_get(f, MSI_AT + 2, 2) & 1);
	return fake_msi_fire(fake_pci_get(f, MSI_AT + 4, 4), data | n);
}

static void test_msi_forms(void)
{
	static const uint16_t forms[] = { 0x00, 0x80, 0x100, 0x180 };

	for (unsigned k = 0; k < ARRAY_LEN(forms); k++) {
		unsigned data = MSI_AT + (forms[k] & 0x80 ? 12 : 8), mask = data + 4;

		start();
		msi_add(forms[k]);
		set(MSI_AT + 4, 4, 0xfee02004); /* APIC 2, but logical */
		set(MSI_AT + 4, 4, 0xfee02003);
		if (forms[k] & 0x80)
			set(MSI_AT + 8, 4, 0);
		set(data, 2, 0x4051);
		CHECK_EQ(get(MSI_AT + 4, 4), 0xfee02000);
		CHECK_EQ(get(data, 2), 0x4051);
		CHECK_EQ(fake_pci_get(f, data, 2), 0); /* the device has not seen it */
		set(MSI_AT + 2, 2, 1);
		CHECK_EQ(get(MSI_AT + 2, 2), forms[k] | 1);
		CHECK(fake_pci_get(f, data, 2) >= MACHINE_VECTOR_FIRST);
		CHECK(device_sends(0));
		CHECK_EQ(take(v), -1);
		CHECK_EQ(take(d->vcpus[1]), 0x51);
		/* the guest moves it while it is on */
		set(MSI_AT + 4, 4, 0xfee00000);
		set(data, 2, 0x4062);
		CHECK(device_sends(0));
		CHECK_EQ(take(v), 0x62);
		if (forms[k] & 0x100) {
			set(mask, 4, 1);
			CHECK_EQ(fake_pci_get(f, mask, 4), 1);
			CHECK_EQ(get(mask, 4), 1);
			fake_pci_set(f, mask + 4, 4, 1); /* pending, as the device says */
			CHECK_EQ(get(mask + 4, 4), 1);
		} else {
			/* what follows is no register of MSI's */
			set(mask, 4, 0xabcd);
			CHECK_EQ(fake_pci_get(f, mask, 4), 0xabcd);
		}
		set(MSI_AT + 2, 2, 0);
		CHECK_EQ(fake_pci_get(f, MSI_AT + 2, 2) & 1, 0);
		end();
	}
}

static void test_msi_block(void)
{
	uint8_t first;

	start();
	msi_add(0x8a); /* up to 32 messages */
	set(MSI_AT + 4, 4, 0xfee00000);
	set(MSI_AT + 12, 2, 0x4060);
	set(MSI_AT + 2, 2, 0x31); /* 8 of them */
	CHECK_EQ(get(MSI_AT + 2, 2), 0xbb);
	first = (uint8_t)fake_pci_get(f, MSI_AT + 12, 2);
	CHECK_EQ(first % 8, 0);
	for (unsigned i = 0; i < 8; i++) {
		CHECK(device_sends(i));
		CHECK_EQ(take(v), 0x60 + (int)i);
	}
	CHECK(fake_msi_fire(0xfee00000, first + 8));
	CHECK_EQ(take(v), -1);
	set(MSI_AT + 2, 2, 0x71); /* 128: there are 32 at most */
	CHECK_EQ(get(MSI_AT + 2, 2) >> 4 & 7, 5);
	end();
}

static void test_msi_is_no_interrupt(void)
{
	start();
	msi_add(0x80);
	set(MSI_AT + 4, 4, 0x1000);
	set(MSI_AT + 12, 2, 0x4051);
	set(MSI_AT + 2, 2, 1);
	CHECK(device_sends(0));
	CHECK_EQ(take(v), -1);
	set(MSI_AT + 4, 4, 0xfee00000);
	set(MSI_AT + 8, 4, 1); /* above 4 GiB */
	CHECK(device_sends(0));
	CHECK_EQ(take(v), -1);
	set(MSI_AT + 8, 4, 0);
	set(MSI_AT + 12, 2, 0x8051); /* level, deasserted */
	CHECK(device_sends(0));
	CHECK_EQ(take(v), -1);
	end();
}

static void test_msi_after_a_reset(void)
{
	uint32_t address, data;

	start();
	msi_add(0x80);
	set(MSI_AT + 4, 4, 0xfee00000);
	set(MSI_AT + 12, 2, 0x4051);
	set(MSI_AT + 2, 2, 1);
	address = fake_pci_get(f, MSI_AT + 4, 4);
	data = fake_pci_get(f, MSI_AT + 12, 2);
	fake_pci_set(f, MSI_AT + 2, 2, 0x80);
	fake_pci_set(f, MSI_AT + 4, 4, 0);
	fake_pci_set(f, MSI_AT + 12, 2, 0);
	CHECK_EQ(get(MSI_AT + 2, 2), 0x80);
	CHECK_EQ(vpci_restore_msi(d, SBDF), 0);
	CHECK_EQ(fake_pci_get(f, MSI_AT + 4, 4), address);
	CHECK_EQ(fake_pci_get(f, MSI_AT + 12, 2), data);
	fake_pci_set(f, MSI_AT + 2, 2, 0x80);
	fake_pci_set(f, MSI_AT + 4, 4, 0);
	set(MSI_AT + 2, 2, 1); /* the guest restores by itself */
	CHECK_EQ(fake_pci_get(f, MSI_AT + 4, 4), address);
	CHECK(device_sends(0));
	CHECK_EQ(take(v), 0x51);
	end();
}

static void test_msi_gives_its_vectors_back(void)
{
	start();
	msi_add(0x8a);
	for (unsigned n = 0; n < 1000; n++) {
		set(MSI_AT + 2, 2, 0x51);
		CHECK(get(MSI_AT + 2, 2) & 1);
		set(MSI_AT + 2, 2, 0);
		host_irq_run();
	}
	end();
}

/* ---- MSI-X ---- */

#define BAR      FAKE_MMIO_BASE
#define TABLE    0x2800u
#define ENTRIES  5u
#define ENTRY(i) (BAR + TABLE + (i)*16u)

static void msix_add(bool is_64)
{
	fake_pci_set(f, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(f, PCI_CAPABILITIES, 1, MSIX_AT);
	fake_pci_set(f, MSIX_AT, 2, CAPABILITY_MSIX);
	fake_pci_set(f, MSIX_AT + 2, 2, ENTRIES - 1);
	f->read_only[MSIX_AT + 2] = 0xff;
	f->read_only[MSIX_AT + 3] = 0x3f;
	fake_pci_set(f, MSIX_AT + 4, 4, TABLE | 2);
	fake_pci_set(f, MSIX_AT + 8, 4, 0x3000 | 2);
	fake_pci_set(f, PCI_BAR + 8, 4, BAR | (is_64 ? 4 : 0));
	fake_pci_set(f, PCI_COMMAND, 2, 2);
	CHECK_EQ(get(0, 4), 0x12348086);
}

static uint32_t device_word(unsigned i, unsigned word)
{
	uint32_t value;

	memcpy(&value, fake_mmio + TABLE + i * 16 + word * 4, 4);
	return value;
}

static void entry(unsigned i, uint32_t address, uint32_t data, uint32_t control)
{
	mem(ENTRY(i), 4, true, address);
	mem(ENTRY(i) + 4, 4, true, 0);
	mem(ENTRY(i) + 8, 4, true, data);
	mem(ENTRY(i) + 12, 4, true, control);
}

static void test_msix_cycle(void)
{
	start();
	msix_add(true);
	CHECK_EQ(mem(ENTRY(0) + 12, 4, false, 0), 1); /* masked at start */
	set(MSIX_AT + 2, 2, ENABLE | FUNCTION);
	CHECK_EQ(get(MSIX_AT + 2, 2), (ENABLE | FUNCTION) + ENTRIES - 1);
	entry(1, 0xfee02000, 0x4071, 0);
	entry(3, 0xfee00000, 0x4073, 1);
	CHECK_EQ(device_word(1, 3), 0);
	CHECK_EQ(device_word(3, 3), 1);
	CHECK(device_word(1, 2) != 0x4071);
	CHECK_EQ(mem(ENTRY(1) + 8, 4, false, 0), 0x4071);
	CHECK_EQ(mem(ENTRY(1), 8, false, 0), 0xfee02000);
	set(MSIX_AT + 2, 2, ENABLE);
	CHECK(fake_msi_fire(device_word(1, 0), device_word(1, 2)));
	CHECK_EQ(take(d->vcpus[1]), 0x71);
	entry(3, 0xfee00000, 0x4083, 0);
	CHECK(fake_msi_fire(device_word(3, 0), device_word(3, 2)));
	CHECK_EQ(take(v), 0x83);
	mem(ENTRY(1) + 12, 4, true, 1);
	CHECK_EQ(device_word(1, 3), 1);
	set(MSIX_AT + 2, 2, 0);
	CHECK_EQ(fake_pci_get(f, MSIX_AT + 2, 2), ENTRIES - 1);
	end();
}

static void test_msix_accesses_of_all_sizes(void)
{
	start();
	msix_add(false);
	mem(ENTRY(2), 8, true, 0x1fee00007ull);
	CHECK_EQ(mem(ENTRY(2), 4, false, 0), 0xfee00004);
	CHECK_EQ(mem(ENTRY(2) + 4, 4, false, 0), 1);
	CHECK_EQ(mem(ENTRY(2) + 2, 2, false, 0), 0xfee0);
	CHECK_EQ(mem(ENTRY(2) + 3, 1, false, 0), 0xfe);
	mem(ENTRY(2) + 8, 1, true, 0x55);
	CHECK_EQ(mem(ENTRY(2) + 8, 4, false, 0), 0x55);
	mem(ENTRY(2) + 8, 8, true, 0xffffffff00000042ull);
	CHECK_EQ(mem(ENTRY(2) + 8, 8, false, 0), 0x100000042ull);
	/* registers beside the table, in its page: the device's, by the same size */
	static const unsigned sizes[] = { 1, 2, 4, 8 };
	for (unsigned k = 0; k < 4; k++) {
		uint64_t value = 0x1122334455667788ull >> (64 - 8 * sizes[k]);

		mem(BAR + 0x2010, sizes[k], true, value);
		CHECK_EQ(fake_mmio_last_size, sizes[k]);
		CHECK_EQ(fake_mmio[0x2010], (uint8_t)value);
		CHECK_EQ(mem(BAR + 0x2010, sizes[k], false, 0), value);
	}
	CHECK_EQ(mem(BAR + 0x4000, 4, false, 0), 0xffffffff); /* not its page */
	CHECK(vpci_owns_mmio(d, BAR + 0x2000, 1));
	CHECK(vpci_owns_mmio(d, BAR, MIB(2)));
	CHECK(!vpci_owns_mmio(d, BAR + 0x3000, PAGE_SIZE));
	CHECK(!vpci_owns_mmio(d, BAR, 0x2000));
	end();
}

static enum p2m_type type_at(uint64_t at)
{
	return p2m_lookup(&d->p2m, gpa_to_gfn(gpa(at))).type;
}

static void map_direct(uint64_t at)
{
	CHECK_EQ(p2m_map(&d->p2m, gpa_to_gfn(gpa(at)), hpa_to_mfn(hpa(at)), 0, P2M_MMIO_DIRECT), 0);
}

static void test_msix_moves_with_its_bar(void)
{
	start();
	map_direct(BAR + 0x2000);
	map_direct(BAR + 0x8000);
	msix_add(true);
	CHECK_EQ(type_at(BAR + 0x2000), P2M_HOLE);
	set(MSIX_AT + 2, 2, ENABLE);
	entry(0, 0xfee00000, 0x4071, 0);
	set(PCI_COMMAND, 2, 0);
	CHECK(!vpci_owns_mmio(d, BAR, 0x10000));
	set(PCI_BAR + 8, 4, (BAR + 0x6000) | 4);
	set(PCI_BAR + 12, 4, 0);
	CHECK(!vpci_owns_mmio(d, BAR, 0x10000));
	set(PCI_COMMAND, 2, 2);
	CHECK(vpci_owns_mmio(d, BAR + 0x8000, 1));
	CHECK_EQ(type_at(BAR + 0x8000), P2M_HOLE);
	/* what the guest had written is there */
	CHECK_EQ(mem(BAR + 0x6000 + TABLE + 8, 4, false, 0), 0x4071);
	CHECK(fake_mmio[0x6000 + TABLE + 8] >= MACHINE_VECTOR_FIRST);
	set(PCI_BAR + 12, 4, 1); /* above 4 GiB, where nothing is written by us */
	CHECK(vpci_owns_mmio(d, 0x1f0008000ull, 1));
	/* over RAM: no table at all */
	set(PCI_BAR + 12, 4, 0);
	set(PCI_BAR + 8, 4, 0x100000 | 4);
	CHECK(!vpci_owns_mmio(d, 0, 0xffffffff));
	end();
}

static void test_devices_come_and_go(void)
{
	start();
	msix_add(true);
	set(MSIX_AT + 2, 2, ENABLE);
	entry(0, 0xfee00000, 0x4071, 0);
	CHECK_EQ(vpci_device_add(d, SBDF), 0);
	CHECK_EQ(vpci_device_add(d, 0x8800), -ENODEV);
	f->present = false;
	CHECK_EQ(get(0, 4), 0xffffffff); /* the scan notices */
	CHECK(!vpci_owns_mmio(d, BAR, 0x10000));
	CHECK_EQ(vpci_device_remove(d, SBDF), -ENODEV);
	f = fake_pci_add(0, SBDF, 0x56781af4);
	msi_add(0x80);
	CHECK_EQ(get(0, 4), 0x56781af4);
	set(MSI_AT + 4, 4, 0xfee00000);
	set(MSI_AT + 12, 2, 0x4051);
	set(MSI_AT + 2, 2, 1);
	CHECK(device_sends(0));
	CHECK_EQ(take(v), 0x51);
	CHECK_EQ(vpci_device_remove(d, SBDF), 0);
	CHECK_EQ(fake_pci_get(f, MSI_AT + 2, 2) & 1, 0);
	end();
}

/* Two virtual functions, of which the second has its table in the second piece of the physical one's BAR. */
static void test_virtual_functions(void)
{
	struct fake_pci_device *vf;

	start();
	fake_pci_set(f, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(f, PCI_CAPABILITIES, 1, 0x90);
	fake_pci_set(f, 0x90, 2, CAPABILITY_EXPRESS);
	fake_pci_set(f, 0x100, 4, 0x14010001);
	fake_pci_set(f, 0x140, 4, 0x00010010);
	fake_pci_set(f, 0x140 + 0x14, 2, 8);
	fake_pci_set(f, 0x140 + 0x16, 2, 2);
	fake_pci_set(f, 0x140 + 0x24 + 8, 4, 4);
	memset(f->read_only + 0x140 + 0x24, 0xff, 24);
	f->read_only[0x140 + 0x24 + 9] = 0x3f; /* 16 KiB each */
	f->read_only[0x140 + 0x24 + 10] = f->read_only[0x140 + 0x24 + 11] = 0;
	memset(f->read_only + 0x140 + 0x24 + 12, 0, 4);
	CHECK_EQ(get(0, 4), 0x12348086);
	CHECK_EQ(fake_pci_get(f, 0x140 + 0x24 + 8, 4), 4); /* as it was */
	mem(0xb0000000ull + (SBDF << 12) + 0x140 + 0x24 + 8, 4, true, BAR);
	fake_pci_set(f, 0x140 + 8, 2, 9);
	vf = fake_pci_add(1, SBDF + 8 + 2, 0xffffffff);
	f = vf;
	CHECK_EQ(vpci_device_add(d, SBDF + 10), -ENODEV); /* nobody answers */
	fake_pci_set(vf, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(vf, PCI_CAPABILITIES, 1, MSIX_AT);
	fake_pci_set(vf, MSIX_AT, 2, CAPABILITY_MSIX);
	fake_pci_set(vf, MSIX_AT + 2, 2, 1);
	fake_pci_set(vf, MSIX_AT + 4, 4, 0x1000 | 2);
	CHECK_EQ(vpci_virtual_add(d, SBDF + 10, SBDF + 1), -ENODEV);
	CHECK_EQ(vpci_virtual_add(d, SBDF + 10, SBDF), 0);
	CHECK(vpci_owns_mmio(d, BAR + 0x5000, 1));
	CHECK(!vpci_owns_mmio(d, BAR + 0x1000, 1));
	CHECK_EQ(mem(0xb0000000ull + ((SBDF + 10) << 12), 4, false, 0), 0xffffffff);
	CHECK(vpci_owns_mmio(d, BAR + 0x5000, 1)); /* and stays */
	mem(0xb0000000ull + ((SBDF + 10) << 12) + MSIX_AT + 2, 2, true, ENABLE);
	mem(BAR + 0x5000, 4, true, 0xfee00000);
	mem(BAR + 0x5008, 4, true, 0x4091);
	mem(BAR + 0x500c, 4, true, 0);
	CHECK(fake_mmio[0x5008] >= MACHINE_VECTOR_FIRST && fake_mmio[0x5008] != 0x91);
	CHECK(fake_msi_fire(0xfee00000, fake_mmio[0x5008]));
	CHECK_EQ(take(v), 0x91);
	CHECK_EQ(vpci_device_remove(d, SBDF + 10), 0);
	CHECK(!vpci_owns_mmio(d, BAR + 0x5000, 1));
	end();
}

static void test_chains_end(void)
{
	start();
	fake_pci_set(f, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(f, PCI_CAPABILITIES, 1, 0x40);
	fake_pci_set(f, 0x40, 2, 0x4001); /* to itself */
	CHECK_EQ(get(0, 4), 0x12348086);
	CHECK(fake_config_reads < 100);
	end();
}

/* Hidden by the command line, or because the console is on it: nobody answers, on either way, and what is written is lost. */
static void hidden(void)
{
	start();
	CHECK_EQ(get(0, 4), 0x12348086);
	end();
	options.hidden[0] = SBDF;
	options.nr_hidden = 1;
	start();
	fake_pci_set(f, 0x10, 4, 0xe0000000);
	CHECK_EQ(get(0, 4), 0xffffffff);
	CHECK_EQ(get(0x10, 2), 0xffff);
	CHECK_EQ(mem(0xb0000000 + (SBDF << 12) + 0xe, 1, false, 0), 0xff);
	set(0x10, 4, 0xd0000000);
	CHECK_EQ(fake_pci_get(f, 0x10, 4), 0xe0000000);
	CHECK_EQ(vpci_device_add(d, SBDF), -ENODEV);
	CHECK(strstr(fake_console_text(), "PCI 0000:00:15.0: hidden by pci_hide="));
	end();
	options.nr_hidden = 0;
	options.console_com1 = true;
	options.com1_port = 0xc008;
	start();
	fake_pci_set(f, 0x0a, 2, 0x0700);
	fake_pci_set(f, 0x14, 4, 0xc001);
	CHECK_EQ(get(0, 4), 0xffffffff);
	CHECK(strstr(fake_console_text(), "the hypervisor's console is on it"));
	end();
	/* Another card of that kind, and another kind of card with that port. */
	start();
	fake_pci_set(f, 0x0a, 2, 0x0700);
	fake_pci_set(f, 0x14, 4, 0xd001);
	CHECK_EQ(get(0, 4), 0x12348086);
	end();
	start();
	fake_pci_set(f, 0x0a, 2, 0x0200);
	fake_pci_set(f, 0x14, 4, 0xc001);
	CHECK_EQ(get(0, 4), 0x12348086);
	end();
	options.com1_port = 0;
}

UNIT_MAIN(UNIT(hidden), UNIT(test_ports), UNIT(test_bytes_of_the_address_are_other_ports),
          UNIT(test_window), UNIT(test_msi_forms), UNIT(test_msi_block),
          UNIT(test_msi_is_no_interrupt), UNIT(test_msi_after_a_reset),
          UNIT(test_msi_gives_its_vectors_back), UNIT(test_msix_cycle),
          UNIT(test_msix_accesses_of_all_sizes), UNIT(test_msix_moves_with_its_bar),
          UNIT(test_devices_come_and_go), UNIT(test_virtual_functions), UNIT(test_chains_end))
