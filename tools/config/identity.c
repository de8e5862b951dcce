/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs, and addresses of network cards. */
#include "guest_config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned n = 0, value;

	while (*text && n < 16) {
		if (*text == '-') {
			text++;
			continue;
		}
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &value) != 1)
			return false;
		uuid[n++] = (uint8_t)value;
		text += 2;
	}
	return n == 16 && !*text;
}

void uuid_print(char to[37], const uint8_t u[16])
{
	snprintf(to, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12],
	         u[13], u[14], u[15]);
}

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
