/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The computer as the tools see it: memory, CPUs, their topology, and the list of domains. One memory node: what ACPI says of more is not used. */
#include "sysctl.h"

#include "cpu_policy.h"
#include "domctl.h"
#include "machine_info.h"
#include "page_alloc.h"
#include "sysctl_cpuid.h"
#include "topology.h"

#define NODE_DISTANCE_LOCAL 10 /* ACPI 6.4, 5.2.17 */
#define PCI_DEVICES_AT_ONCE 64

_Static_assert(XEN_SYSCTL_PHYSCAP_MAX == XEN_SYSCTL_PHYSCAP_gnttab_v2, "a capability to decide on");

/* CPUs of CPU 0's core and socket: all others are taken to be like them. */
static void count_siblings(struct xen_sysctl_physinfo *p)
{
	struct topology_shifts s = topology_shifts(&cpu_policy_host);
	uint32_t first = machine_info.cpus[0].apic_id, in_core = 1, in_socket = 1;

	for (unsigned i = 1; i < machine_nr_cpus(); i++) {
		uint32_t id = machine_info.cpus[i].apic_id;

		if (topology_socket(s, id) != topology_socket(s, first))
			continue;
		in_socket++;
		in_core += topology_core(s, id) == topology_core(s, first);
	}
	p->threads_per_core = in_core;
	p->cores_per_socket = in_socket / in_core;
}

long sysctl_physinfo(struct control_call *c, void *member)
{
	struct xen_sysctl_physinfo *p = member;

	*p = (struct xen_sysctl_physinfo){
		.nr_cpus = machine_nr_cpus(),
		.max_cpu_id = machine_nr_cpus() - 1,
		.nr_nodes = 1,
		.max_node_id = 0,
		.cpu_khz = machine_tsc_khz(),
		.capabilities = XEN_SYSCTL_PHYSCAP_gnttab_v1,
		.total_pages = page_nr_total(),
		.free_pages = page_nr_free(),
		.outstanding_pages = page_nr_claimed(),
		.max_mfn = page_table_nr - 1,
	};
	if (virt)
		p->capabilities |= XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap;
	for (unsigned i = 0; i < ARRAY_LEN(p->hw_cap); i++)
		p->hw_cap[i] = featureset_word(&cpu_policy_host, i);
	count_siblings(p);
	return 0;
}

/* Bounded by the number of domains that there can be. */
long sysctl_getdomaininfolist(struct control_call *c, void *member)
{
	struct xen_sysctl_getdomaininfolist *l = member;
	uint32_t from = l->first_domain, n = 0;
	struct xen_domctl_getdomaininfo info;
	struct domain *d;
	int err = 0;

	while (!err && n < l->max_domains && from < DOMID_LIMIT &&
	       (d = domain_next_any((uint16_t)from)) != NULL) {
		domain_info_get(d, &info);
		from = d->id + 1u;
		domain_put(d);
		err = control_put(c, &info, control_handle(l->buffer), n++, sizeof(info));
	}
	l->num_domains = n;
	return err;
}

long sysctl_getcpuinfo(struct control_call *c, void *member)
{
	struct xen_sysctl_getcpuinfo *g = member;
	uint32_t n = MIN(g->max_cpus, machine_nr_cpus());

	for (uint32_t i = 0; i < n; i++) {
		struct xen_sysctl_cpuinfo info = { .idletime = sched_idle_ns(i) };

		if (control_put(c, &info, control_handle(g->info), i, sizeof(info)))
			return -EFAULT;
	}
	g->nr_cpus = n;
	return 0;
}

/* Pages are not counted by where they lie: a span of addresses that cuts through memory is refused. */
long sysctl_availheap(struct control_call *c, void *member)
{
	struct xen_sysctl_availheap *a = member;

	if (a->node < -1 || a->node > 0) {
		a->avail_bytes = 0;
		return 0;
	}
	if (a->min_bitwidth > PAGE_SHIFT || (a->max_bitwidth && a->max_bitwidth < 64 &&
	                                     page_table_nr << PAGE_SHIFT > 1ull << a->max_bitwidth))
		return -EOPNOTSUPP;
	a->avail_bytes = page_nr_free() << PAGE_SHIFT;
	return 0;
}

long sysctl_cputopoinfo(struct control_call *c, void *member)
{
	struct xen_sysctl_cputopoinfo *t = member;
	struct topology_shifts s = topology_shifts(&cpu_policy_host);
	uint32_t nr = machine_nr_cpus();

	for (uint32_t i = 0; control_handle(t->cputopo) && i < MIN(nr, t->num_cpus); i++) {
		uint32_t id = machine_info.cpus[i].apic_id;
		struct xen_sysctl_cputopo cpu = { topology_core(s, id), topology_socket(s, id), 0 };

		if (control_put(c, &cpu, control_handle(t->cputopo), i, sizeof(cpu)))
			return -EFAULT;
	}
	t->num_cpus = nr;
	return 0;
}

long sysctl_numainfo(struct control_call *c, void *member)
{
	struct xen_sysctl_numainfo *n = member;
	struct xen_sysctl_meminfo memory = { page_nr_total() << PAGE_SHIFT, page_nr_free()
		                                                                    << PAGE_SHIFT };
	uint32_t distance = NODE_DISTANCE_LOCAL;
	bool wanted = n->num_nodes > 0;

	if (wanted && control_handle(n->meminfo) &&
	    control_put(c, &memory, control_handle(n->meminfo), 0, sizeof(memory)))
		return -EFAULT;
	if (wanted && control_handle(n->distance) &&
	    control_put(c, &distance, control_handle(n->distance), 0, sizeof(distance)))
		return -EFAULT;
	n->num_nodes = 1;
	return 0;
}

/* Nobody tells us which node a device is near. The caller asks again for those that this call leaves. */
long sysctl_pcitopoinfo(struct control_call *c, void *member)
{
	struct xen_sysctl_pcitopoinfo *t = member;
	uint32_t node = XEN_INVALID_NODE_ID, n = MIN(t->num_devs, (uint32_t)PCI_DEVICES_AT_ONCE);
	struct physdev_pci_device device;

	if (!control_handle(t->devs) || !control_handle(t->nodes))
		return -EINVAL;
	for (uint32_t i = 0; i < n; i++)
		if (control_get(c, &device, control_handle(t->devs), i, sizeof(device)) ||
		    control_put(c, &node, control_handle(t->nodes), i, sizeof(node)))
			return -EFAULT;
	t->num_devs = n;
	return 0;
}
