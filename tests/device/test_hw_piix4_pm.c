/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power management: places, fixed events and the SCI, sleep, the timer's status bit, general events, the SMBus on which nobody answers. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "piix4_pm.h"
#include "unit.h"

#define PM    0xb000
#define SMB   0xb100
#define GPE   0xafe0
#define DEVFN PCI_DEVFN(1, 3)

static struct fake_machine *m;
static struct device d;

static void start_with(struct piix4_pm_config c)
{
	m = fake_machine_new();
	CHECK_EQ(device_create(&d, &piix4_pm_class, "pm", &m->ports, &c), 0);
}

static void start(void)
{
	start_with((struct piix4_pm_config){ PM, SMB, GPE, 9 });
}

static void stop(void)
{
	device_destroy(&d);
	CHECK(!m->isa[9].level && !m->timers.waiting && !m->pm_timer);
	CHECK_EQ(iobus_has_any(&m->pio, 0, 0x10000), 0);
}

static uint32_t get(unsigned offset, unsigned size)
{
	return pci_bus_read(&m->pci, DEVFN, offset, size);
}

static void set(unsigned offset, unsigned size, uint32_t value)
{
	pci_bus_write(&m->pci, DEVFN, offset, size, value);
	iobus_quiesce(&m->pio);
}

static void test_places(void)
{
	start_with((struct piix4_pm_config){ 0, 0, 0, 9 });
	CHECK_EQ(get(0, 4), 0x71138086);
	CHECK_EQ(get(8, 4), 0x06800003);
	CHECK_EQ(get(0x40, 4), 1);
	CHECK_EQ(get(0x90, 4), 1);
	CHECK_EQ(iobus_has_any(&m->pio, 0, 0x10000), 0);
	set(0x40, 4, 0xffff4040);
	CHECK_EQ(get(0x40, 4), 0x4041);
	CHECK_EQ(m->pm_timer, 0);
	set(0x80, 1, 1);
	CHECK_EQ(m->pm_timer, 0x4048);
	CHECK_EQ(fake_in(m, 0x4044, 2), 0);
	set(0x40, 2, 0x5000);
	CHECK_EQ(m->pm_timer, 0x5008);
	CHECK_EQ(fake_in(m, 0x4044, 2), 0xffff);
	CHECK_EQ(fake_in(m, 0x5034, 4), 0x7fffbfff);
	set(0x90, 4, 0x6010);
	set(4, 2, 1);
	CHECK_EQ(fake_in(m, 0x6010, 1), 0);
	set(0x90, 4, 0x5010); /* somebody is there */
	CHECK_EQ(fake_in(m, 0x6010, 1), 0xff);
	set(0x5c, 4, 0x12345678);
	CHECK_EQ(get(0x5c, 4), 0x12345678);
	stop();
	start();
	CHECK_EQ(m->pm_timer, PM + 8);
	CHECK_EQ(get(0x40, 4), PM + 1);
	CHECK_EQ(get(0xd2, 1), 9);
	CHECK_EQ(fake_in(m, SMB, 1), 0);
	CHECK_EQ(fake_in(m, GPE, 4), 0);
	stop();
}

static void test_buttons(void)
{
	start();
	piix4_pm_power_button(&d);
	CHECK_EQ(fake_in(m, PM, 2), 0x0100);
	fake_out(m, PM + 2, 2, 0xffff);
	CHECK_EQ(fake_in(m, PM + 2, 2), 0x0721);
	CHECK(!m->isa[9].level);
	piix4_pm_acpi_mode(&d, true);
	CHECK_EQ(fake_in(m, PM + 4, 2), 1);
	CHECK(m->isa[9].level);
	piix4_pm_acpi_mode(&d, false);
	CHECK(!m->isa[9].level);
	fake_out(m, PM + 4, 2, 1);
	CHECK(m->isa[9].level);
	piix4_pm_sleep_button(&d);
	fake_out(m, PM, 2, 0x0100);
	CHECK_EQ(fake_in(m, PM, 2), 0x0200);
	CHECK(m->isa[9].level);
	fake_out(m, PM, 4, 0x0200); /* and all off */
	CHECK(!m->isa[9].level);
	CHECK_EQ(fake_in(m, PM, 4), 0);
	stop();
}

static void test_global_lock(void)
{
	start();
	fake_out(m, PM + 2, 2, 0x20);
	fake_out(m, PM + 4, 2, 5); /* SCI_EN, and the lock is released to the firmware */
	CHECK_EQ(fake_in(m, PM + 4, 2), 1);
	CHECK_EQ(fake_in(m, PM + 0x18, 2), 0x20);
	fake_out(m, PM + 0x18, 2, 0x20);
	CHECK_EQ(fake_in(m, PM + 0x18, 2), 0);
	fake_out(m, PM + 0x28, 4, 2); /* and from there */
	CHECK_EQ(fake_in(m, PM + 0x28, 4), 0);
	CHECK_EQ(fake_in(m, PM, 2), 0x20);
	CHECK(m->isa[9].level);
	stop();
}

static void test_sleep(void)
{
	start();
	fake_out(m, PM + 4, 2, PIIX4_SLP_TYP_S3 << 10 | 1);
	CHECK_EQ(m->events[MACHINE_SLEEP_S3], 0);
	fake_out(m, PM + 4, 2, 0x2000 | PIIX4_SLP_TYP_S3 << 10 | 1);
	CHECK_EQ(m->events[MACHINE_SLEEP_S3], 1);
	CHECK_EQ(fake_in(m, PM + 4, 2), PIIX4_SLP_TYP_S3 << 10 | 1);
	fake_out(m, PM + 2, 2, 0x0400); /* RTC_EN: this chip keeps what it has */
	piix4_pm_woken(&d);
	CHECK_EQ(fake_in(m, PM, 2), 0x8000);
	CHECK_EQ(fake_in(m, PM + 2, 2), 0x0400);
	fake_out(m, PM, 2, 0x8000);
	fake_out(m, PM + 5, 1, 0x20 | 4 << 2);
	CHECK_EQ(fake_in(m, PM, 2), 0x8000);
	fake_out(m, PM + 5, 1, 0x20 | 5 << 2);
	CHECK_EQ(m->events[MACHINE_POWEROFF], 0);
	fake_out(m, PM + 4, 4, 0x2000);
	CHECK_EQ(m->events[MACHINE_POWEROFF], 1);
	stop();
}

static void test_wake(void)
{
	start();
	piix4_pm_power_button(&d); /* it is awake */
	piix4_pm_sleep_button(&d);
	piix4_pm_alarm(&d);
	piix4_pm_wake(&d);
	CHECK_EQ(fake_in(m, PM, 2), 0x0700);
	CHECK_EQ(m->events[MACHINE_WAKE], 0);
	fake_out(m, PM, 2, 0x0700);
	fake_out(m, PM + 4, 2, 0x2000 | PIIX4_SLP_TYP_S3 << 10);
	piix4_pm_power_button(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 1);
	piix4_pm_sleep_button(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 2);
	piix4_pm_wake(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 3);
	piix4_pm_alarm(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 3); /* RTC_EN is off */
	fake_out(m, PM + 2, 2, 0x0400);
	piix4_pm_alarm(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 4);
	piix4_pm_woken(&d);
	piix4_pm_wake(&d);
	CHECK_EQ(m->events[MACHINE_WAKE], 4);
	CHECK_EQ(fake_in(m, PM, 2), 0x8700);
	stop();
}

/* From 1 s: the top bit of 24 changes at 2.3434844 s, 4.6869689 s and so on. */
static void test_timer(void)
{
	start();
	CHECK_EQ(fake_in(m, PM + 8, 4), 3579545);
	CHECK_EQ(fake_in(m, PM + 9, 1), 3579545 >> 8 & 0xff);
	fake_machine_advance(m, 1343484000);
	CHECK_EQ(fake_in(m, PM, 2), 0);
	fake_machine_advance(m, 1000);
	CHECK_EQ(fake_in(m, PM + 8, 4) & 0xffff00, 0x800000);
	CHECK_EQ(fake_in(m, PM, 2), 1);
	fake_out(m, PM, 2, 1);
	CHECK(!m->timers.waiting);
	fake_out(m, PM + 4, 2, 1);
	fake_out(m, PM + 2, 2, 1);
	fake_machine_advance(m, 2343483000);
	CHECK(!m->isa[9].level);
	fake_machine_advance(m, 2000);
	CHECK(m->isa[9].level);
	CHECK(!m->timers.waiting);
	fake_out(m, PM, 2, 1);
	CHECK(!m->isa[9].level);
	CHECK(m->timers.waiting);
	fake_out(m, PM + 2, 2, 0);
	CHECK(!m->timers.waiting);
	stop();
}

static void test_general_events(void)
{
	start();
	fake_out(m, PM + 4, 2, 1);
	fake_out(m, GPE + 2, 2, 0x0202);
	piix4_pm_general_event(&d, 2);
	CHECK(!m->isa[9].level);
	piix4_pm_general_event(&d, 9);
	CHECK(m->isa[9].level);
	CHECK_EQ(fake_in(m, GPE, 4), 0x02020204);
	fake_out(m, GPE + 1, 1, 0x02);
	CHECK(!m->isa[9].level);
	CHECK_EQ(fake_in(m, GPE, 2), 0x0004);
	stop();
}

static void test_smbus(void)
{
	start();
	fake_out(m, SMB + 4, 1, 0xa1);
	fake_out(m, SMB + 2, 1, 0x48);
	CHECK_EQ(fake_in(m, SMB + 2, 1), 0x08);
	CHECK_EQ(fake_in(m, SMB, 1), 0x04);
	CHECK(!m->isa[9].level);
	fake_out(m, SMB + 2, 1, 0x49);
	CHECK(m->isa[9].level);
	fake_out(m, SMB, 1, 0x1e);
	CHECK(!m->isa[9].level);
	fake_out(m, SMB + 2, 1, 0x02);
	CHECK_EQ(fake_in(m, SMB, 1), 0x10);
	fake_out(m, SMB, 1, 0xff);
	set(0xd2, 1, 0x08); /* the host is off */
	fake_out(m, SMB + 2, 1, 0x48);
	CHECK_EQ(fake_in(m, SMB, 1), 0);
	fake_in(m, SMB + 2, 1);
	for (unsigned i = 0; i < 33; i++)
		fake_out(m, SMB + 7, 1, i);
	fake_in(m, SMB + 2, 1);
	CHECK_EQ(fake_in(m, SMB + 7, 1), 32);
	CHECK_EQ(fake_in(m, SMB + 7, 1), 1);
	stop();
}

static void test_saved(void)
{
	uint8_t record[512];
	long n;

	start();
	set(0x40, 2, 0x7000);
	fake_out(m, 0x7002, 2, 0x0101);
	fake_out(m, 0x7004, 2, 1);
	piix4_pm_power_button(&d);
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_reset(&d);
	CHECK_EQ(m->pm_timer, PM + 8);
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK_EQ(m->pm_timer, 0x7008);
	CHECK(m->isa[9].level && m->timers.waiting);
	CHECK_EQ(fake_in(m, 0x7000, 2), 0x0100);
	record[256 + 0x30] = 1;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	record[256 + 0x30] = 0;
	record[n - 10] = 32;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	record[n - 10] = 0;
	record[n - 1] = 2;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	CHECK_EQ(m->pm_timer, PM + 8);
	stop();
}

static void test_taken(void)
{
	struct piix4_pm_config c = { PM, SMB, GPE, 9 };
	struct device second;

	start();
	CHECK_EQ(device_create(&second, &piix4_pm_class, "pm", &m->ports, &c), -EEXIST);
	m->pci.functions[DEVFN] = NULL;
	CHECK_EQ(device_create(&second, &piix4_pm_class, "pm", &m->ports, &c), -EEXIST);
	stop();
}

UNIT_MAIN(UNIT(test_places), UNIT(test_buttons), UNIT(test_global_lock), UNIT(test_sleep),
          UNIT(test_wake), UNIT(test_timer), UNIT(test_general_events), UNIT(test_smbus),
          UNIT(test_saved), UNIT(test_taken))
