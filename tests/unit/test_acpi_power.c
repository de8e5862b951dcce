/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/acpi_power.c: which port writes of the first domain end or restart the computer, and what passes. */
#include <string.h>

#include "unit.h"
#include "acpi_power.h"
#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "machine_info.h"
#include "options.h"

#define PM1A 0x604
#define PM1B 0x608

static struct domain *d;

static void start(void)
{
	d = fake_domain_machine(1, 1, 16);
	options.noreboot = false;
	machine_info.power = (struct machine_power){
		.pm1a_control = PM1A,
		.pm1b_control = PM1B,
		.reset_port = 0xcf9,
		.reset_value = 0x0f,
		.has_s5 = true,
		.s5_type_a = 5,
		.s5_type_b = 3,
	};
}

static enum io_result port_write(uint16_t port, uint64_t value, uint8_t size)
{
	struct io_access a = { .addr = port, .value = value, .size = size, .is_write = true };

	return iobus_access(&d->pio, &a);
}

static uint64_t port_read(uint16_t port, uint8_t size)
{
	struct io_access a = { .addr = port, .size = size };

	CHECK_EQ(iobus_access(&d->pio, &a), IO_DONE);
	return a.value;
}

static void off(void)
{
	start();
	CHECK_EQ(acpi_power_create(d), 0);
	/* the type alone is no order */
	CHECK_EQ(FAKE_END_OF(port_write(PM1A, 5 << 10 | 1, 2)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.value, 5 << 10 | 1);
	CHECK_EQ(port_read(PM1A, 2), 5 << 10 | 1);
	CHECK_EQ(FAKE_END_OF(port_write(PM1A, 0x2000 | 5 << 10 | 1, 2)), FAKE_END_POWER_OFF);
	CHECK(d->is_shut_down);
	CHECK_EQ(fake_port_write.count, 1);

	start();
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK_EQ(FAKE_END_OF(port_write(PM1B, 0x2000 | 3 << 10, 2)), FAKE_END_POWER_OFF);

	/* its upper byte alone */
	start();
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK_EQ(FAKE_END_OF(port_write(PM1A + 1, 0x20 | 5 << 2, 1)), FAKE_END_POWER_OFF);
}

static void other_sleep_states(void)
{
	start();
	CHECK_EQ(acpi_power_create(d), 0);
	fake_console_clear();
	CHECK_EQ(FAKE_END_OF(port_write(PM1A, 0x2000 | 1 << 10 | 1, 2)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.port, PM1A);
	CHECK_EQ(fake_port_write.value, 1 << 10 | 1);
	CHECK(strstr(fake_console_text(), "sleep type 1") != NULL);
	CHECK_EQ(FAKE_END_OF(port_write(PM1A + 1, 0x20 | 1 << 2, 1)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.port, PM1A + 1);
	CHECK_EQ(fake_port_write.value, 1 << 2);
	CHECK(!d->is_shut_down);
	/* the other register's type does not count here */
	CHECK_EQ(FAKE_END_OF(port_write(PM1A, 0x2000 | 3 << 10, 2)), FAKE_END_NONE);
}

/* Who does not know the numbers leaves it to dom0 and the hardware. */
static void without_s5(void)
{
	start();
	machine_info.power.has_s5 = false;
	machine_info.power.pm1b_control = 0;
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK_EQ(port_write(PM1A, 0x2000 | 5 << 10, 2), IO_DONE);
	CHECK_EQ(fake_port_write.value, 0x2000 | 5 << 10);
	CHECK_EQ(port_write(PM1B, 0, 2), IO_UNCLAIMED);
}

static void restart(void)
{
	start();
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK_EQ(FAKE_END_OF(port_write(0xcf9, 2, 1)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.port, 0xcf9);
	CHECK_EQ(port_read(0xcf9, 1), 2);
	CHECK_EQ(FAKE_END_OF(port_write(0xcf9, 6, 1)), FAKE_END_REBOOT);

	start();
	CHECK_EQ(acpi_power_create(d), 0);
	fake_port[0x64] = 0x1c;
	CHECK_EQ(port_read(0x64, 1), 0x1c);
	CHECK_EQ(FAKE_END_OF(port_write(0x64, 0xd1, 1)), FAKE_END_NONE);
	CHECK_EQ(FAKE_END_OF(port_write(0x64, 0xff, 1)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.count, 2);
	CHECK_EQ(FAKE_END_OF(port_write(0x64, 0xfe, 1)), FAKE_END_REBOOT);
	CHECK_EQ(fake_port_write.count, 2);
}

/* A register of its own, and noreboot: the domain has ended and the machine stays. */
static void reset_register(void)
{
	start();
	machine_info.power.reset_port = 0xb2;
	machine_info.power.reset_value = 0x73;
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK_EQ(FAKE_END_OF(port_write(0xb2, 0x72, 1)), FAKE_END_NONE);
	CHECK_EQ(fake_port_write.value, 0x72);
	options.noreboot = true;
	CHECK_EQ(FAKE_END_OF(port_write(0xb2, 0x73, 1)), FAKE_END_NONE);
	CHECK(d->is_shut_down);
	CHECK_EQ(fake_port_write.count, 1);
	options.noreboot = false;
}

static enum io_result nothing(struct io_region *r, struct io_access *a)
{
	return IO_DONE;
}

/* PCI's address register owns 0xcf9 as one of its bytes. */
static void reset_control_of_another(void)
{
	static struct io_region pci = { .name = "pci",
		                        .base = 0xcf8,
		                        .size = 8,
		                        .min_access = 1,
		                        .max_access = 4,
		                        .access = nothing };

	start();
	CHECK_EQ(iobus_claim(&d->pio, &pci), 0);
	CHECK_EQ(acpi_power_create(d), 0);
	CHECK(iobus_find(&d->pio, 0xcf9) == &pci);
	CHECK(!acpi_power_reset_control(d, 2));
	CHECK_EQ(FAKE_END_OF(acpi_power_reset_control(d, 0x0e)), FAKE_END_REBOOT);
}

static void a_taken_port(void)
{
	static struct io_region other = { .name = "other",
		                          .base = PM1A,
		                          .size = 1,
		                          .min_access = 1,
		                          .max_access = 1,
		                          .access = nothing };

	start();
	CHECK_EQ(iobus_claim(&d->pio, &other), 0);
	CHECK_EQ(acpi_power_create(d), -EEXIST);
}

UNIT_MAIN(UNIT(off), UNIT(other_sleep_states), UNIT(without_s5), UNIT(restart),
          UNIT(reset_register), UNIT(reset_control_of_another), UNIT(a_taken_port))
