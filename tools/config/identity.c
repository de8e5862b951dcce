/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of network cards. */
#include "guest_config.h"

#include <string.h>

/* Xen's range, 00:16:3e; the rest is a hash of who it is (FNV-1a). */
void nic_default_mac(const struct guest_config *g, unsigned n, uint8_t mac[6])
{
	uint32_t hash = 2166136261u;

	for (unsigned i = 0; i < sizeof(g->uuid); i++)
		hash = (hash ^ (g->has_uuid ? g->uuid[i] : (uint8_t)0)) * 16777619u;
	for (const char *c = g->name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	hash = (hash ^ n) * 16777619u;
	mac[0] = 0x00;
	mac[1] = 0x16;
	mac[2] = 0x3e;
	mac[3] = (uint8_t)(hash >> 16 & 0x7f);
	mac[4] = (uint8_t)(hash >> 8);
	mac[5] = (uint8_t)hash;
}
