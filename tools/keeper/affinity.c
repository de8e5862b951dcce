/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus=, cpu_weight=, cap=: the CPUs on which a guest's vcpus run, and its share of them. */
#include "kept_guest.h"
#include "shares.h"

#include <string.h>

static int pin(struct hypervisor *h, uint32_t domid, unsigned vcpu, const uint8_t *affinity,
               uint8_t *buffer)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuaffinity, .domain = (domid_t)domid };

	memcpy(buffer, affinity, CONFIG_CPUS / 8); /* the call writes what came of it there */
	op.u.vcpuaffinity.vcpu = vcpu;
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = CONFIG_CPUS;
	set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, buffer);
	return hypervisor_domctl(h, &op);
}

static bool share_apply(struct kept_guest *k, struct failure *f)
{
	const struct guest_config *g = &k->config;
	const struct share s = { .weight = g->cpu_weight, .cap = g->cpu_cap };
	int rc = share_set(k->h, k->built.domid, &s);

	return rc == 0 ||
	       fail(f,
	            "%s: cpu_weight = %u with cap = %u is refused: %s. A weight is 1 to 65535, a cap is in percent of one CPU",
	            g->name, s.weight, s.cap, hypervisor_error(rc));
}

bool affinity_apply(struct kept_guest *k, struct failure *f)
{
	const struct guest_config *g = &k->config;
	uint8_t *buffer;
	int rc = 0;

	if (!share_apply(k, f))
		return false;
	if (!g->cpus[0])
		return true;
	buffer = hypervisor_buffer(k->h, CONFIG_CPUS / 8);
	if (!buffer)
		return fail(f, "%s: no memory is left", g->name);
	for (unsigned v = 0; v < g->max_vcpus && rc == 0; v++)
		rc = pin(k->h, k->built.domid, v, g->affinity, buffer);
	hypervisor_buffer_free(k->h, buffer, CONFIG_CPUS / 8);
	return rc == 0 ||
	       fail(f, "%s: cpus = \"%s\" is refused: %s. Correct the list, or leave it out",
	            g->name, g->cpus, hypervisor_error(rc));
}
