/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of this machine the first domain gets, and what it does not see. */
#include "dom0_layout.h"

#include "acpi.h"
#include "acpi_power.h"
#include "cpu.h"
#include "dom0_acpi.h"
#include "dom0_memory.h"
#include "errno.h"
#include "hardware_domain.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "paging.h"
#include "pvh_parts.h"
#include "uart.h"
#include <xen/arch-x86/hvm/start_info.h>

#define LAST_PORT  0xffff
#define UART_PORTS 8
#define MSI_WINDOW 0xfee00000u /* 1 MiB: local APICs, and where messages are written to */

static const void *map_firmware(void *arg, uint64_t phys, uint64_t size)
{
	return firmware_map(hpa(phys), size);
}

/* Tables of its own, in a piece of its memory that its map calls ACPI's. */
static int firmware(struct domain *d, const struct pvh_config *config, struct pvh_space *space,
                    uint64_t *rsdp)
{
	/* The HPET is the clock that we measure time by. */
	static const char *const clock[] = { "HPET", NULL };
	uint64_t at = pvh_space_take(space, d, DOM0_ACPI_SIZE, PVH_HIGH_START, PVH_HOLE_END);
	uint8_t *bytes = heap_alloc(DOM0_ACPI_SIZE);
	int err;

	if (!at || !bytes) {
		heap_free(bytes);
		return -ENOMEM;
	}
	err = dom0_acpi_build(map_firmware, NULL, acpi.root, d->max_vcpus,
	                      clock + !acpi.hpet_address, bytes, at);
	if (err == -EINVAL)
		log_error("domain 0: the machine has no ACPI tables that name its interrupt "
		          "controllers");
	err = err ? err : pvh_copy(d, at, bytes, DOM0_ACPI_SIZE);
	err = err ? err : pvh_map_carve(d, at, DOM0_ACPI_SIZE, XEN_HVM_MEMMAP_TYPE_ACPI);
	heap_free(bytes);
	*rsdp = at;
	return err;
}

static struct range frames_of(uint64_t base, uint64_t size)
{
	return (struct range){ base >> PAGE_SHIFT, (base + size - 1) >> PAGE_SHIFT };
}

/* Device memory that the hypervisor keeps or answers for. */
static int frames_give(struct domain *d, const struct dom0_machine *machine)
{
	struct range owned[2 + ACPI_MAX_IOAPICS + ACPI_MAX_MCFG];
	uint32_t n = 0;

	owned[n++] = frames_of(MSI_WINDOW, MIB(1));
	if (acpi.hpet_address)
		owned[n++] = frames_of(acpi.hpet_address, 1024);
	for (uint32_t i = 0; i < acpi.nr_ioapics; i++)
		owned[n++] = frames_of(acpi.ioapics[i].address, PAGE_SIZE);
	for (uint32_t i = 0; i < acpi.nr_mcfg; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];

		owned[n++] = frames_of(m->base + MIB(m->first_bus),
		                       MIB(m->last_bus - m->first_bus + 1u));
	}
	d->direct.maps_on_fault = true;
	return dom0_memory_give_frames(d, machine->boot, cpu_features.physical_bits, owned, n);
}

/* Ports that the hypervisor keeps: the PICs, configuration space, its own serial port. */
static int ports_give(struct domain *d)
{
	struct range owned[] = { { 0x20, 0x21 }, { 0xa0, 0xa1 }, { 0xcf8, 0xcff }, { 1, 0 } };
	int err = direct_ports_give(d, 0, LAST_PORT);

	if (options.console_com1 && uart_present())
		owned[3] = (struct range){ uart_port(), uart_port() + UART_PORTS - 1 };
	for (unsigned i = 0; i < ARRAY_LEN(owned) && !err; i++)
		if (owned[i].first <= owned[i].last)
			err = direct_ports_take(d, (uint32_t)owned[i].first,
			                        (uint32_t)owned[i].last);
	if (!err && owned[3].first <= owned[3].last)
		log_info("domain 0: the serial port at %#x is the hypervisor's console, the domain "
		         "does not see it",
		         uart_port());
	return err;
}

/* ISA interrupts come through the IO-APICs; the PICs are there because kernels ask for them before they believe in ISA interrupts at all. */
static int pic_create(struct domain *d)
{
	d->pic = heap_alloc(sizeof(*d->pic));
	if (!d->pic)
		return -ENOMEM;
	vpic_init(d->pic, NULL);
	return vpic_claim(d->pic, &d->pio);
}

static int devices(struct domain *d, const struct pvh_config *config)
{
	int err = hardware_domain_devices_create(d);

	err = err ? err : acpi_power_create(d);
	err = err ? err : pic_create(d);
	err = err ? err : frames_give(d, config->machine);
	return err ? err : ports_give(d);
}

const struct pvh_layout dom0_layout = {
	.populate = dom0_memory_populate,
	.firmware = firmware,
	.devices = devices,
	.is_direct_mapped = true,
};
