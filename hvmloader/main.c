/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader: what makes a PC of an HVM guest before its BIOS starts. The order on one screen. */
#include "types.h"
#include <xen/xen.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include "bios.h"
#include "cmos.h"
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "option_rom.h"
#include "tables.h"
#include "traps.h"
#include "vcpus.h"

#define ACPI_BYTES(vcpus) (0x10000u + (vcpus)*0x80u)
#define NVS_BYTES         0x1000u
#define RESERVED_BYTES    0xc000u

#define UART_SCRATCH 7
#define COM1         0x3f8
#define COM2         0x2f8

void hvmloader_main(uint32_t start_info);

static struct config config;
static struct memory_map map;
static struct pci pci;
static struct machine machine = { .config = &config, .map = &map, .pci = &pci };

/* Its scratch register keeps what is written. */
static bool uart_there(uint16_t port)
{
	port_out8(port + UART_SCRATCH, 0x5a);
	if (port_in8(port + UART_SCRATCH) != 0x5a)
		return false;
	port_out8(port + UART_SCRATCH, 0xa5);
	return port_in8(port + UART_SCRATCH) == 0xa5;
}

/* Where ACPI's registers are: Xen's own part of them follows the tables' version 1. A hypervisor without the choice refuses, and has them there. */
static void choose_acpi_ports(void)
{
	struct xen_hvm_param p = {
		.domid = DOMID_SELF,
		.index = HVM_PARAM_ACPI_IOPORTS_LOCATION,
		.value = 1,
	};

	if (hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&p))
		say("the hypervisor does not move ACPI's ports; they are taken to be at their place");
}

static void look_around(struct machine *m)
{
	m->hpet = config.hpet >= 0 ? config.hpet : mmio_read32(HPET_BASE) != ~0u;
	m->com1 = uart_there(COM1);
	m->com2 = uart_there(COM2);
}

static unsigned build_tables(struct machine *m, uint32_t *tables)
{
	unsigned nr = 0;

	space_init(&m->acpi, &map, "ACPI tables", ACPI_BYTES(config.vcpus), MEMORY_ACPI);
	space_init(&m->nvs, &map, "ACPI's waking structures", NVS_BYTES, MEMORY_NVS);
	space_init(&m->reserved, &map, "other tables", RESERVED_BYTES, MEMORY_RESERVED);
	if (config.acpi) {
		choose_acpi_ports();
		tables[nr++] = acpi_build(m);
	}
	tables[nr++] = smbios_build(m);
	if (config.apic)
		tables[nr++] = mp_table_build(m);
	tables[nr++] = pir_table_build(m);
	return nr;
}

void hvmloader_main(uint32_t start_info)
{
	uint32_t tables[BIOS_TABLES_MAX];
	unsigned nr;

	traps_init();
	if (!hypercall_init())
		die("this is no Xen: CPUID names none");
	config_read(&config, start_info);
	memory_map_read(&map, &config);
	pci_scan(&pci);
	pci_place(&pci, &map, &config);
	pci_program(&pci);
	bios_load(&map, &config);
	option_rom_setup(&pci, &map, &config);
	apic_setup();
	vcpus_check(&machine);
	look_around(&machine);
	nr = build_tables(&machine, tables);
	cmos_setup(&config, &map);
	bios_tell(&map, tables, nr);
	say("%u vcpus, %u MiB of memory, PCI from %#x; starting SeaBIOS", config.online,
	    (unsigned)((map.low_ram + memory_map_high_end(&map) - GIB(4)) >> 20),
	    (unsigned)pci.hole_start);
	iron_bios_start(TRAMPOLINE);
}
