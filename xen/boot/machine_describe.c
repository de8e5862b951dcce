/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What firmware and boot loader said of this computer, as far as the core wants to know it. */
#include "machine_describe.h"

#include "acpi.h"
#include "cpu.h"
#include "machine_info.h"

#define FRAMEBUFFER_RGB  1
#define FRAMEBUFFER_TEXT 2

static void describe_power(struct machine_power *p)
{
	if (!acpi.has_fadt)
		return;
	p->pm1a_control = acpi.pm1a_control;
	p->pm1b_control = acpi.pm1b_control;
	p->has_s5 = acpi.has_s5;
	p->s5_type_a = acpi.s5_type_a;
	p->s5_type_b = acpi.s5_type_b;
	if (acpi.has_reset && acpi.reset.space == 1 && acpi.reset.address <= 0xffff) {
		p->reset_port = (uint16_t)acpi.reset.address;
		p->reset_value = acpi.reset_value;
	}
}

/* A BIOS leaves 80 by 25 characters where the loader says nothing. */
static void describe_screen(const struct boot_info *boot, struct machine_screen *s)
{
	const struct boot_framebuffer *f = &boot->framebuffer;

	if (f->type == FRAMEBUFFER_RGB) {
		*s = (struct machine_screen){
			.kind = SCREEN_LINEAR,
			.columns = f->width,
			.rows = f->height,
			.base = f->base,
			.pitch = f->pitch,
			.bits = f->bpp,
		};
	} else if (f->type == FRAMEBUFFER_TEXT) {
		*s = (struct machine_screen){ SCREEN_TEXT, f->width, f->height };
	} else if (f->type == 0xff && !boot->efi && !acpi.no_vga) {
		*s = (struct machine_screen){ SCREEN_TEXT, 80, 25 };
	}
}

static void describe_cpu(unsigned cpu, struct machine_cpu *c)
{
	c->apic_id = cpu_of(cpu)->apic_id;
	c->acpi_id = cpu;
	for (uint32_t i = 0; i < acpi.nr_cpus; i++)
		if (acpi.cpus[i].apic_id == c->apic_id)
			c->acpi_id = acpi.cpus[i].acpi_id;
}

void machine_describe(const struct boot_info *boot)
{
	machine_info.is_efi = boot->efi;
	describe_power(&machine_info.power);
	describe_screen(boot, &machine_info.screen);
	for (unsigned i = 0; i < machine_nr_cpus(); i++)
		describe_cpu(i, &machine_info.cpus[i]);
}
