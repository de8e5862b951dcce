// SPDX-License-Identifier: GPL-2.0-or-later
/* The IO-APIC, saved and restored. The machine's pins are not in it: they stay where they are. */
#include "errno.h"
#include "string.h"
#include "vioapic_registers.h"

const struct save_field vioapic_saved[] = {
	SAVE_ONE(SAVE_U32, 1, struct vioapic_state, id),
	SAVE_ONE(SAVE_U32, 1, struct vioapic_state, select),
	SAVE_ARRAY(SAVE_U64, 1, struct vioapic_state, entry),
	SAVE_ARRAY(SAVE_BOOL, 1, struct vioapic_state, asserted),
	SAVE_LAST,
};

void vioapic_save(struct vioapic *a, struct vioapic_state *out)
{
	memset(out, 0, sizeof(*out));
	spin_lock(&a->lock);
	out->id = a->id;
	out->select = a->select;
	for (uint32_t i = 0; i < a->nr_pins; i++) {
		out->entry[i] = a->pins[i].entry;
		out->asserted[i] = a->pins[i].asserted;
	}
	spin_unlock(&a->lock);
}

static bool entry_valid(uint64_t entry)
{
	if (entry & ~(ENTRY_WRITABLE | ENTRY_READ_ONLY))
		return false;
	return vioapic_is_level(entry) || !(entry & ENTRY_READ_ONLY);
}

int vioapic_restore(struct vioapic *a, const struct vioapic_state *in)
{
	if ((in->id & ~IOAPIC_ID_VALID) || in->select > 0xff)
		return -EINVAL;
	for (uint32_t i = 0; i < VIOAPIC_PINS_MAX; i++) {
		bool is_there = i < a->nr_pins;

		if (is_there ? !entry_valid(in->entry[i]) : in->entry[i] || in->asserted[i])
			return -EINVAL;
	}
	spin_lock(&a->lock);
	a->id = in->id;
	a->select = in->select;
	for (uint32_t i = 0; i < a->nr_pins; i++) {
		a->pins[i].entry = in->entry[i];
		a->pins[i].asserted = in->asserted[i];
		a->pins[i].edge = false;
	}
	spin_unlock(&a->lock);
	return 0;
}
