/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's bitmap of ports that cause exits, the same for both backends but for its size. Only xen/virt includes it. */
#ifndef VIRT_VIRT_PORTS_H
#define VIRT_VIRT_PORTS_H

#include "domain.h"

/* domain->virt: lives from the first vcpu to the last. */
struct virt_ports {
	uint32_t nr_vcpus; /* ports_lock */
	uint8_t *bitmap;   /* bits changed atomically */
};

/* One more vcpu of d, and one less; order: the bitmap's pages. All ports exit at first. -ENOMEM */
int must_check virt_ports_attach(struct domain *d, unsigned order);
void virt_ports_detach(struct domain *d, unsigned order);
/* virt_ops' trap_port. */
void virt_trap_port(struct domain *d, uint16_t port, bool on);

/* Bits of such maps; they may be in use. */
static inline void map_bit_put(uint8_t *map, unsigned bit, bool on)
{
	uint8_t mask = (uint8_t)(1u << (bit % 8));

	if (on)
		atomic_fetch_or(&map[bit / 8], mask);
	else
		atomic_fetch_and(&map[bit / 8], (uint8_t)~mask);
}
static inline bool map_bit_get(const uint8_t *map, unsigned bit)
{
	return map[bit / 8] >> (bit % 8) & 1;
}

#endif
