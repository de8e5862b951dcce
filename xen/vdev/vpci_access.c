// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways to configuration space: ports 0xcf8 to 0xcff (PCI 3.0, 3.2.2.3.2) and memory windows (PCI Express, 7.2.2). */
#include "acpi_power.h"
#include "domain.h"
#include "errno.h"
#include "log.h"
#include "vpci_device.h"

#define PORT_ADDRESS   0xcf8
#define PORT_RESET     0xcf9 /* where chip sets have the reset control register */
#define PORT_DATA      0xcfc
#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_VALID  0xfffffffcu

/* ---- ports ---- */

/* Only a whole access goes to the address; bytes and words are ports of their own, whatever is there. */
static enum io_result address_access(struct io_region *r, struct io_access *a)
{
	struct vpci *p = container_of(r, struct vpci, address_port);
	uint16_t port = (uint16_t)(PORT_ADDRESS + a->addr);

	if (a->size == 4 && a->is_write)
		write_once(p->address, (uint32_t)a->value & ADDRESS_VALID);
	else if (a->size == 4)
		a->value = read_once(p->address);
	else if (!a->is_write)
		a->value = machine_port_read(port, a->size);
	else if (port != PORT_RESET || a->size != 1 ||
	         !acpi_power_reset_control(p->domain, (uint8_t)a->value))
		machine_port_write(port, (uint32_t)a->value, a->size);
	return IO_DONE;
}

static enum io_result data_access(struct io_region *r, struct io_access *a)
{
	struct vpci *p = container_of(r, struct vpci, data_port);
	uint32_t address = read_once(p->address), sbdf = address >> 8 & 0xffff;
	/* bits 27 to 24 are the upper ones of the register where they are anything */
	uint32_t reg = (address & 0xfc) | (address >> 16 & 0xf00) | (uint32_t)a->addr;

	if (!(address & ADDRESS_ENABLE))
		return IO_UNCLAIMED;
	if (a->is_write)
		vpci_config_write(p, sbdf, reg, a->size, (uint32_t)a->value);
	else
		a->value = vpci_config_read(p, sbdf, reg, a->size);
	return IO_DONE;
}

/* ---- windows ---- */

static enum io_result window_access(struct io_region *r, struct io_access *a)
{
	struct vpci_window *w = container_of(r, struct vpci_window, region);
	uint32_t sbdf = (uint32_t)w->segment << 16 | ((uint32_t)w->first_bus << 8);
	uint32_t reg = a->addr & 0xfff;

	sbdf += (uint32_t)(a->addr >> 12);
	if (a->is_write)
		vpci_config_write(w->vpci, sbdf, reg, a->size, (uint32_t)a->value);
	else
		a->value = vpci_config_read(w->vpci, sbdf, reg, a->size);
	return IO_DONE;
}

static int window_create(struct vpci *p, const struct machine_mcfg *m)
{
	struct vpci_window *w = &p->windows[p->nr_windows];
	int err;

	if (p->nr_windows == VPCI_WINDOWS_MAX || m->last_bus < m->first_bus)
		return 0;
	w->vpci = p;
	w->segment = m->segment;
	w->first_bus = m->first_bus;
	w->last_bus = m->last_bus;
	w->region = (struct io_region){
		.name = "PCI configuration",
		.base = m->base + ((uint64_t)m->first_bus << 20),
		.size = (uint64_t)(m->last_bus - m->first_bus + 1) << 20,
		.min_access = 1,
		.max_access = 4,
		.access = window_access,
	};
	err = iobus_claim(&p->domain->mmio, &w->region);
	if (!err)
		p->nr_windows++;
	return err;
}

int vpci_access_create(struct vpci *p)
{
	const struct machine_mcfg *m;
	int err;

	p->address_port =
		(struct io_region){ "PCI address", PORT_ADDRESS, 4, 1, 4, address_access };
	p->data_port = (struct io_region){ "PCI data", PORT_DATA, 4, 1, 4, data_access };
	p->msix_pages = (struct io_region){ "MSI-X tables", 0, UINT64_MAX, 1, 8, vpci_msix_access };
	err = iobus_claim(&p->domain->pio, &p->address_port);
	err = err ? err : iobus_claim(&p->domain->pio, &p->data_port);
	for (unsigned n = 0; !err && (m = machine_mcfg(n)) != NULL; n++)
		err = window_create(p, m);
	iobus_set_background(&p->domain->mmio, &p->msix_pages);
	return err;
}

void vpci_access_destroy(struct vpci *p)
{
	iobus_set_background(&p->domain->mmio, NULL);
	iobus_release(&p->domain->pio, &p->address_port);
	iobus_release(&p->domain->pio, &p->data_port);
	for (uint32_t n = 0; n < p->nr_windows; n++)
		iobus_release(&p->domain->mmio, &p->windows[n].region);
}
