// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of the devices that the hypervisor plays and that belong to no vcpu. The machine's PCI devices of the first domain are not moved, and have none. */
#include "save_records.h"

static uint32_t ioapic_limit(const struct domain *d)
{
	return d->nr_ioapics;
}

static const void *ioapic_get(struct domain *d, uint32_t n, void *state)
{
	vioapic_save(d->ioapics[n], state);
	return state;
}

static int ioapic_put(struct restore *r, uint32_t n, const void *state)
{
	if (n >= r->d->nr_ioapics)
		return restore_refuse(r, "the domain has no such one");
	if (vioapic_restore(r->d->ioapics[n], state))
		return restore_refuse(r, "no IO-APIC can be so");
	return 0;
}

const struct save_row save_ioapic = {
	.name = "IO-APIC",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vioapic_state, vioapic_saved),
	.limit = ioapic_limit,
	.get = ioapic_get,
	.put = ioapic_put,
};
