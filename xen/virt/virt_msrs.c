/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of MSRs. Contract: virt_msrs.h. */
#include "virt_msrs.h"
#include "domain.h"
#include "errno.h"
#include "log.h"
#include "page_alloc.h"
#include "string.h"
#include "virt_ports.h"

#define RANGE_MSRS 0x2000u

/* Its bit for reads; -1: in no range. */
static int msr_bit(const struct virt_msr_maps *m, uint32_t index)
{
	for (unsigned i = 0; i < m->nr_ranges; i++)
		if (index - m->ranges[i] < RANGE_MSRS)
			return (int)((i * RANGE_MSRS + index - m->ranges[i]) * m->bits);
	return -1;
}

static void msr_put(const struct virt_msr_maps *m, uint8_t *map, unsigned bit, bool on_read,
                    bool on_write)
{
	map_bit_put(map, bit, on_read);
	map_bit_put(map, bit + m->write, on_write);
}

int virt_msr_maps_create(struct virt_msr_maps *m)
{
	m->usual = page_alloc_virt(m->order);
	m->all = m->usual ? page_alloc_virt(m->order) : NULL;
	if (!m->all) {
		virt_msr_free(m, &m->usual);
		return -ENOMEM;
	}
	memset(m->usual, 0xff, PAGE_SIZE << m->order);
	memset(m->all, 0xff, PAGE_SIZE << m->order);
	for (const uint32_t *msr = m->free; *msr; msr++)
		msr_put(m, m->usual, (unsigned)msr_bit(m, *msr), false, false);
	for (const uint32_t *msr = m->read_free; msr && *msr; msr++)
		msr_put(m, m->usual, (unsigned)msr_bit(m, *msr), false, true);
	return 0;
}

const uint8_t *virt_msr_trap(struct vcpu *v, const struct virt_msr_maps *m, uint8_t **own,
                             uint32_t index, bool on_read, bool on_write)
{
	int bit = msr_bit(m, index);
	const uint8_t *now = *own ? *own : m->usual, *use = NULL;

	if (bit < 0)
		return NULL;
	if (map_bit_get(now, (unsigned)bit) == on_read &&
	    map_bit_get(now, (unsigned)bit + m->write) == on_write)
		return NULL;
	if (!*own) {
		use = *own = page_alloc_virt(m->order);
		if (!*own) {
			log_warning("d%uv%u: no memory for an MSR bitmap, all MSRs are intercepted",
			            v->domain->id, v->id);
			return m->all;
		}
		memcpy(*own, m->usual, PAGE_SIZE << m->order);
	}
	msr_put(m, *own, (unsigned)bit, on_read, on_write);
	return use;
}

void virt_msr_free(const struct virt_msr_maps *m, uint8_t **own)
{
	if (*own)
		page_free_virt(*own, m->order);
	*own = NULL;
}
