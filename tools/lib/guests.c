/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains. */
#include "guests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>

#define GUESTS_A_CALL 256u

static void fill(struct guest_info *g, struct store *s, const struct xen_domctl_getdomaininfo *i)
{
	char *name = s ? store_read(s, "/local/domain/%u/name", i->domain) : NULL;

	memset(g, 0, sizeof(*g));
	g->domid = i->domain;
	snprintf(g->name, sizeof(g->name), "%s", name ? name : i->domain ? "(null)" : "Domain-0");
	free(name);
	memcpy(g->uuid, i->handle, sizeof(g->uuid));
	g->flags = i->flags;
	g->memory_kib = i->tot_pages * 4;
	g->max_memory_kib = i->max_pages * 4;
	g->cpu_ns = i->cpu_time;
	g->vcpus = i->nr_online_vcpus;
	g->max_vcpu_id = i->max_vcpu_id;
	g->cpupool = i->cpupool;
}

bool guest_get(struct hypervisor *h, struct store *s, uint32_t domid, struct guest_info *g)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = (domid_t)domid };

	if (domid >= DOMID_FIRST_RESERVED || hypervisor_domctl(h, &op) < 0 || op.domain != domid)
		return false;
	fill(g, s, &op.u.getdomaininfo);
	return true;
}

/* From number first on: how many; negative errno. */
static long list_piece(struct hypervisor *h, xen_domctl_getdomaininfo_t *buffer, uint32_t first)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist };
	int rc;

	op.u.getdomaininfolist.first_domain = (domid_t)first;
	op.u.getdomaininfolist.max_domains = GUESTS_A_CALL;
	set_xen_guest_handle(op.u.getdomaininfolist.buffer, buffer);
	rc = hypervisor_sysctl(h, &op);
	return rc < 0 ? rc : (long)op.u.getdomaininfolist.num_domains;
}

struct guest_info *guests_get(struct hypervisor *h, struct store *s, size_t *nr, struct failure *f)
{
	size_t size = GUESTS_A_CALL * sizeof(xen_domctl_getdomaininfo_t);
	xen_domctl_getdomaininfo_t *buffer = hypervisor_buffer(h, size);
	struct guest_info *all = calloc(1, sizeof(*all)), *more;
	uint32_t first = 0;
	long n = buffer ? 1 : -ENOMEM;

	*nr = 0;
	while (all && n > 0 && first < DOMID_FIRST_RESERVED) {
		n = list_piece(h, buffer, first);
		if (n <= 0)
			break;
		more = realloc(all, (*nr + (size_t)n) * sizeof(*all));
		if (!more) {
			n = -ENOMEM;
			break;
		}
		all = more;
		for (long i = 0; i < n; i++)
			fill(&all[(*nr)++], s, &buffer[i]);
		first = all[*nr - 1].domid + 1;
	}
	hypervisor_buffer_free(h, buffer, size);
	if (all && n >= 0)
		return all;
	fail(f, "the list of domains: %s", hypervisor_error((int)n));
	free(all);
	return NULL;
}

bool guest_find(struct hypervisor *h, struct store *s, const char *who, struct guest_info *g,
                struct failure *f)
{
	struct guest_info *all;
	char *end;
	unsigned long domid = strtoul(who, &end, 10);
	bool found = false;
	size_t nr;

	if (end != who && !*end)
		return guest_get(h, s, (uint32_t)domid, g) ||
		       fail(f, "there is no domain with the number %lu: xl list shows all", domid);
	all = guests_get(h, s, &nr, f);
	for (size_t i = 0; all && i < nr && !found; i++)
		if (strcmp(all[i].name, who) == 0) {
			*g = all[i];
			found = true;
		}
	free(all);
	return found || fail(f, "there is no domain called %s: xl list shows all", who);
}

void guest_state(char to[7], const struct guest_info *g)
{
	bool is_down = g->flags & XEN_DOMINF_shutdown;
	bool is_crashed = is_down && guest_end_reason(g) == SHUTDOWN_crash;

	snprintf(to, 7, "%c%c%c%c%c%c", g->flags & XEN_DOMINF_running ? 'r' : '-',
	         g->flags & XEN_DOMINF_blocked ? 'b' : '-',
	         g->flags & XEN_DOMINF_paused ? 'p' : '-', is_down && !is_crashed ? 's' : '-',
	         is_crashed ? 'c' : '-', g->flags & XEN_DOMINF_dying ? 'd' : '-');
}

unsigned guest_end_reason(const struct guest_info *g)
{
	return g->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
}
