/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting APIC ids: by leaf 0xb where there is one, else by the counts that older CPUs give. */
#include "topology.h"

#include "cpuid_features.h"

/* Bits that number n things. */
static uint8_t bits_for(uint32_t n)
{
	uint8_t bits = 0;

	while (bits < 31 && 1u << bits < n)
		bits++;
	return bits;
}

static struct topology_shifts amd_shifts(const struct cpuid_policy *host)
{
	uint32_t size = host->extended[8].c, threads = 1;
	struct topology_shifts s;

	s.socket = size >> 12 & 15 ? (uint8_t)(size >> 12 & 15) : bits_for((size & 0xff) + 1);
	if (cpuid_has(host, FEATURE_TOPOEXT))
		threads = (host->extended[0x1e].b >> 8 & 0xff) + 1;
	s.core = MIN(bits_for(threads), s.socket);
	return s;
}

static struct topology_shifts intel_shifts(const struct cpuid_policy *host)
{
	uint32_t logical = cpuid_has(host, FEATURE_HTT) ? host->basic[1].b >> 16 & 0xff : 1;
	uint32_t cores = host->max_basic >= 4 ? (host->cache[0].a >> 26) + 1 : 1;
	struct topology_shifts s;

	s.socket = bits_for(logical);
	s.core = s.socket - MIN(s.socket, bits_for(cores));
	return s;
}

struct topology_shifts topology_shifts(const struct cpuid_policy *host)
{
	/* EBX of the first level counts its threads: 0 where the leaf has nothing to say */
	if (host->max_basic >= 0xb && (host->topo[0].b & 0xffff)) {
		uint8_t core = (uint8_t)(host->topo[0].a & 31);

		return (struct topology_shifts){ core, MAX(core, (uint8_t)(host->topo[1].a & 31)) };
	}
	return cpuid_vendor_is_amd(host) ? amd_shifts(host) : intel_shifts(host);
}
