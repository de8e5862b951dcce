/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs share a core or a socket: how an APIC id is cut into thread, core and socket. Pure. SDM 9.9.3, APM volume 3 E.4.15 and E.4.16. */
#ifndef X86_TOPOLOGY_H
#define X86_TOPOLOGY_H

#include "cpuid.h"

struct topology_shifts {
	uint8_t core, socket; /* bits below the core number, and below the socket number */
};
/* host: CPUID as any of the CPUs answers it. */
struct topology_shifts topology_shifts(const struct cpuid_policy *host);

static inline uint32_t topology_socket(struct topology_shifts s, uint32_t apic_id)
{
	return s.socket >= 32 ? 0 : apic_id >> s.socket;
}
/* Within its socket. */
static inline uint32_t topology_core(struct topology_shifts s, uint32_t apic_id)
{
	uint32_t inside = s.socket >= 32 ? apic_id : apic_id & ((1u << s.socket) - 1);

	return s.core >= 32 ? 0 : inside >> s.core;
}

#endif
