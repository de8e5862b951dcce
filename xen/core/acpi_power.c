/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Off and restart by the first domain's port writes. ACPI 6.4: 4.8.3.2 (PM1 control), 4.8.3.6 (reset register).
 *
 * Sleep states other than S5 would take the memory controller or the CPUs away under us: such a write goes to the hardware without its enable bit.
 */
#include "acpi_power.h"

#include "domain.h"
#include "errno.h"
#include "log.h"
#include "machine_info.h"

#include <xen/sched.h>

#define PM1_CONTROL_SIZE      2
#define PM1_SLEEP_TYPE(value) ((value) >> 10 & 7)
#define PM1_SLEEP_ENABLE      0x2000u

#define KEYBOARD_COMMAND     0x64
#define KEYBOARD_IS_PULSE(v) (((v)&0xf0) == 0xf0)
#define KEYBOARD_PULSE_OFF   0x01 /* a clear bit pulses its line; line 0 is the CPU's reset */

#define CHIPSET_RESET     0xcf9
#define CHIPSET_RESET_CPU 0x04

struct power_port {
	struct io_region region; /* set while building, constant then */
	struct domain *d;
	uint8_t s5_type; /* PM1 control */
};
static struct power_port ports[5];

static enum io_result pass(struct io_region *r, struct io_access *a)
{
	uint16_t port = (uint16_t)(r->base + a->addr);

	if (a->is_write)
		machine_port_write(port, (uint32_t)a->value, a->size);
	else
		a->value = machine_port_read(port, a->size);
	return IO_DONE;
}

static enum io_result pm1_control(struct io_region *r, struct io_access *a)
{
	struct power_port *p = container_of(r, struct power_port, region);
	unsigned shift = (unsigned)a->addr * 8;
	uint32_t value = (uint32_t)a->value << shift;
	struct io_access weaker = *a;

	if (!a->is_write || !(value & PM1_SLEEP_ENABLE) || !machine_info.power.has_s5)
		return pass(r, a);
	if (PM1_SLEEP_TYPE(value) == p->s5_type) {
		domain_shutdown(p->d, SHUTDOWN_poweroff);
		return IO_DONE;
	}
	log_guest(p->d, LOG_WARNING, "sleep type %u is not served (only S5, power off)",
	          PM1_SLEEP_TYPE(value));
	weaker.value &= ~(uint64_t)(PM1_SLEEP_ENABLE >> shift);
	return pass(r, &weaker);
}

static enum io_result reset_register(struct io_region *r, struct io_access *a)
{
	struct power_port *p = container_of(r, struct power_port, region);

	if (!a->is_write || (uint8_t)a->value != machine_info.power.reset_value)
		return pass(r, a);
	domain_shutdown(p->d, SHUTDOWN_reboot);
	return IO_DONE;
}

static enum io_result keyboard_command(struct io_region *r, struct io_access *a)
{
	struct power_port *p = container_of(r, struct power_port, region);

	if (!a->is_write || !KEYBOARD_IS_PULSE(a->value) || (a->value & KEYBOARD_PULSE_OFF))
		return pass(r, a);
	domain_shutdown(p->d, SHUTDOWN_reboot);
	return IO_DONE;
}

bool acpi_power_reset_control(struct domain *d, uint8_t value)
{
	if (!(value & CHIPSET_RESET_CPU))
		return false;
	domain_shutdown(d, SHUTDOWN_reboot);
	return true;
}

static enum io_result chipset_reset(struct io_region *r, struct io_access *a)
{
	struct power_port *p = container_of(r, struct power_port, region);

	if (a->is_write && acpi_power_reset_control(p->d, (uint8_t)a->value))
		return IO_DONE;
	return pass(r, a);
}

static int claim(unsigned n, struct domain *d, const struct io_region *as, uint8_t s5_type)
{
	ports[n] = (struct power_port){ .region = *as, .d = d, .s5_type = s5_type };
	return iobus_claim(&d->pio, &ports[n].region);
}

static int claim_byte(unsigned n, struct domain *d, const char *name, uint16_t port,
                      enum io_result (*access)(struct io_region *r, struct io_access *a))
{
	const struct io_region r = {
		.name = name,
		.base = port,
		.size = 1,
		.min_access = 1,
		.max_access = 1,
		.access = access,
	};

	return claim(n, d, &r, 0);
}

static int claim_pm1(unsigned n, struct domain *d, const char *name, uint16_t port, uint8_t s5_type)
{
	const struct io_region r = {
		.name = name,
		.base = port,
		.size = PM1_CONTROL_SIZE,
		.min_access = 1,
		.max_access = PM1_CONTROL_SIZE,
		.access = pm1_control,
	};

	return port ? claim(n, d, &r, s5_type) : 0;
}

int acpi_power_create(struct domain *d)
{
	const struct machine_power *power = &machine_info.power;
	uint16_t reset = power->reset_port;
	int err;

	err = claim_pm1(0, d, "PM1a control", power->pm1a_control, power->s5_type_a);
	if (!err)
		err = claim_pm1(1, d, "PM1b control", power->pm1b_control, power->s5_type_b);
	if (!err)
		err = claim_byte(2, d, "keyboard command", KEYBOARD_COMMAND, keyboard_command);
	if (!err && !iobus_find(&d->pio, CHIPSET_RESET))
		err = claim_byte(3, d, "reset control", CHIPSET_RESET, chipset_reset);
	/* Where the register is one of the others, its value does there what it says. */
	if (!err && reset && !iobus_find(&d->pio, reset))
		err = claim_byte(4, d, "ACPI reset", reset, reset_register);
	return err;
}
