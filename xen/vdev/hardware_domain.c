// SPDX-License-Identifier: GPL-2.0-or-later
/* What the domain with the real hardware is given of it by us. */
#include "hardware_domain.h"

#include "domain.h"
#include "errno.h"
#include "log.h"
#include "vpci.h"

static int ioapics_create(struct domain *d)
{
	const struct machine_ioapic *m;

	for (unsigned n = 0; (m = machine_ioapic(n)) != NULL; n++) {
		struct vioapic_config c = { m->address, m->id, m->gsi_base, m->nr_pins };
		int err = vioapic_create(d, &c);

		if (err) {
			log_error("IO-APIC %u at %#lx: not given to %s (error %d)", m->id,
			          m->address, d->name, -err);
			return err;
		}
		for (uint32_t pin = 0; pin < m->nr_pins; pin++)
			vioapic_attach_host(d, m->gsi_base + pin);
	}
	return 0;
}

int hardware_domain_devices_create(struct domain *d)
{
	int err = ioapics_create(d);

	return err ? err : vpci_create(d);
}

int hardware_domain_devices_destroy(struct domain *d)
{
	vpci_destroy(d);
	/* Those of an HVM guest's board: hvm_platform_destroy() */
	if (!d->platform)
		vioapics_destroy(d);
	return 0;
}
