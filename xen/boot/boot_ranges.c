// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's memory map made orderly: sorted, without overlaps. */
#include "boot_info.h"
#include "errno.h"

#define PHYSICAL_END (1ull << 52) /* SDM 3.3: no address is wider */

static uint64_t range_end(const struct boot_range *r)
{
	if (r->base >= PHYSICAL_END)
		return r->base;
	return r->size > PHYSICAL_END - r->base ? PHYSICAL_END : r->base + r->size;
}

/* How careful one must be with such memory. */
static unsigned type_weight(uint32_t type)
{
	static const uint8_t weights[] = {
		[RANGE_RAM] = 1, [RANGE_RESERVED] = 4, [RANGE_ACPI] = 2,
		[RANGE_NVS] = 3, [RANGE_BAD] = 5,
	};

	return type < ARRAY_LEN(weights) && weights[type] ? weights[type] : weights[RANGE_RESERVED];
}

/* The heaviest type that covers addr, 0 for none; *next is the nearest border above addr. */
static uint32_t type_at(const struct boot_range *raw, uint32_t nr, uint64_t addr, uint64_t *next)
{
	uint32_t type = 0;

	*next = PHYSICAL_END;
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t end = range_end(&raw[i]);

		if (raw[i].base > addr && end > raw[i].base)
			*next = MIN(*next, raw[i].base);
		if (raw[i].base > addr || end <= addr)
			continue;
		*next = MIN(*next, end);
		if (!type || type_weight(raw[i].type) > type_weight(type))
			type = raw[i].type;
	}
	if (type > RANGE_BAD)
		type = RANGE_RESERVED;
	return type;
}

static int range_append(struct boot_info *out, uint64_t base, uint64_t end, uint32_t type)
{
	struct boot_range *last = out->nr_ranges ? &out->ranges[out->nr_ranges - 1] : NULL;

	if (last && last->type == type && last->base + last->size == base) {
		last->size += end - base;
		return 0;
	}
	if (out->nr_ranges == BOOT_MAX_RANGES)
		return -E2BIG;
	out->ranges[out->nr_ranges++] = (struct boot_range){
		.base = base,
		.size = end - base,
		.type = type,
	};
	return 0;
}

int boot_ranges_resolve(const struct boot_range *raw, uint32_t nr, struct boot_info *out)
{
	uint64_t next;

	out->nr_ranges = 0;
	/* Each step goes to the next border, of which there are at most two a range. */
	for (uint64_t addr = 0; addr < PHYSICAL_END; addr = next) {
		uint32_t type = type_at(raw, nr, addr, &next);
		int err = type ? range_append(out, addr, next, type) : 0;

		if (err)
			return err;
	}
	return 0;
}
