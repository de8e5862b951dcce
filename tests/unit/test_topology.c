/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/topology.c: APIC ids cut by what each kind of CPU says. */
#include <string.h>

#include "unit.h"
#include "cpuid_features.h"
#include "topology.h"

static struct cpuid_policy host;

static void vendor(const char *name)
{
	memset(&host, 0, sizeof(host));
	memcpy(&host.basic[0].b, name, 4);
	memcpy(&host.basic[0].d, name + 4, 4);
	memcpy(&host.basic[0].c, name + 8, 4);
}

static void leaf_b(void)
{
	struct topology_shifts s;

	vendor("GenuineIntel");
	host.max_basic = 0xb;
	host.topo[0] = (struct cpuid_leaf){ .a = 1, .b = 2 };
	host.topo[1] = (struct cpuid_leaf){ .a = 5, .b = 12 };
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 0x47), 3);
	CHECK_EQ(topology_socket(s, 0x47), 2);
	/* a second level that says nothing */
	host.topo[1].a = 0;
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 5), 0);
	CHECK_EQ(topology_socket(s, 5), 2);
}

static void amd(void)
{
	struct topology_shifts s;

	vendor("AuthenticAMD");
	host.max_basic = 0xd;
	host.extended[8].c = 3; /* four cores, no size */
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 6), 2);
	CHECK_EQ(topology_socket(s, 6), 1);
	host.extended[8].c = 4 << 12 | 7;
	host.extended[1].c = 1u << (FEATURE_TOPOEXT % 32);
	host.extended[0x1e].b = 1 << 8;
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 0x17), 3);
	CHECK_EQ(topology_socket(s, 0x17), 1);
}

static void intel(void)
{
	struct topology_shifts s;

	vendor("GenuineIntel");
	host.max_basic = 4;
	host.basic[1].d = 1u << (FEATURE_HTT % 32);
	host.basic[1].b = 8 << 16;
	host.cache[0].a = 3 << 26;
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 0xb), 1);
	CHECK_EQ(topology_socket(s, 0xb), 1);
	host.basic[1].d = 0;
	s = topology_shifts(&host);
	CHECK_EQ(topology_core(s, 1), 0);
	CHECK_EQ(topology_socket(s, 1), 1);
}

UNIT_MAIN(UNIT(leaf_b), UNIT(amd), UNIT(intel))
