/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl vcpu-list, xl vcpu-pin */
#include "cmd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MAX 1024u

struct cpu_set {
	uint8_t bits[CPUS_MAX / 8];
};

static bool has(const struct cpu_set *s, unsigned cpu)
{
	return s->bits[cpu / 8] >> cpu % 8 & 1;
}

/* "all", or ranges: 0-3,7 */
static void set_print(const struct cpu_set *s, unsigned nr_cpus)
{
	bool any = false;
	unsigned n = 0;

	for (unsigned i = 0; i < nr_cpus; i++)
		n += has(s, i);
	if (n == nr_cpus) {
		printf("all");
		return;
	}
	for (unsigned i = 0; i < nr_cpus; i++) {
		unsigned from = i;

		if (!has(s, i))
			continue;
		while (i + 1 < nr_cpus && has(s, i + 1))
			i++;
		printf(from == i ? "%s%u" : "%s%u-%u", any ? "," : "", from, i);
		any = true;
	}
}

/* 0-3,^2,all */
static bool set_read(const char *text, struct cpu_set *s)
{
	memset(s, 0, sizeof(*s));
	while (*text) {
		bool without = *text == '^';
		unsigned long from, to;
		char *end;

		text += without;
		if (strncmp(text, "all", 3) == 0) {
			memset(s, 0xff, sizeof(*s));
			end = (char *)(uintptr_t)text + 3;
		} else {
			from = to = strtoul(text, &end, 10);
			if (end == text)
				return false;
			if (*end == '-')
				to = strtoul(end + 1, &end, 10);
			if (from > to || to >= CPUS_MAX)
				return false;
			for (; from <= to; from++)
				s->bits[from / 8] =
					(uint8_t)(without ? s->bits[from / 8] & ~(1u << from % 8)
				                          : s->bits[from / 8] | 1u << from % 8);
		}
		if (*end && *end != ',')
			return false;
		text = *end ? end + 1 : end;
	}
	return true;
}

static int affinity(struct xl *x, uint32_t domid, unsigned vcpu, struct cpu_set *s, bool set)
{
	struct xen_domctl op = { .cmd = set ? XEN_DOMCTL_setvcpuaffinity
		                            : XEN_DOMCTL_getvcpuaffinity,
		                 .domain = (domid_t)domid };
	struct cpu_set *buffer = hypervisor_buffer(x->h, sizeof(*buffer));
	int rc;

	if (!buffer)
		return -1;
	*buffer = *s;
	op.u.vcpuaffinity.vcpu = vcpu;
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = CPUS_MAX;
	set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, buffer->bits);
	rc = hypervisor_domctl(x->h, &op);
	*s = *buffer;
	hypervisor_buffer_free(x->h, buffer, sizeof(*buffer));
	return rc;
}

static unsigned nr_cpus(struct xl *x)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };

	return hypervisor_sysctl(x->h, &op) < 0 ? 1 : op.u.physinfo.nr_cpus;
}

static void list_one(struct xl *x, const struct guest_info *g, unsigned cpus)
{
	for (unsigned v = 0; v <= g->max_vcpu_id; v++) {
		struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo,
			                 .domain = (domid_t)g->domid };
		const struct xen_domctl_getvcpuinfo *i = &op.u.getvcpuinfo;
		struct cpu_set s;

		op.u.getvcpuinfo.vcpu = v;
		if (hypervisor_domctl(x->h, &op) < 0)
			continue;
		printf("%-32s %5u %5u", g->name, g->domid, v);
		if (i->online)
			printf(" %5u   %c%c- ", i->cpu, i->running ? 'r' : '-',
			       i->blocked ? 'b' : '-');
		else
			printf(" %5s   --p ", "-");
		printf(" %9.1f  ", (double)i->cpu_time / 1e9);
		memset(&s, 0, sizeof(s));
		if (affinity(x, g->domid, v, &s, false) == 0)
			set_print(&s, cpus);
		printf(" / all\n");
	}
}

bool cmd_vcpu_list(struct xl *x, int argc, char **argv)
{
	struct guest_info one, *all = NULL;
	size_t nr = 0;
	unsigned cpus;

	if (!xl_connect(x))
		return false;
	cpus = nr_cpus(x);
	if (argc < 2 && !(all = guests_get(x->h, x->s, &nr, &x->failure)))
		return false;
	printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
	       "Affinity (Hard / Soft)");
	for (size_t i = 0; i < nr; i++)
		list_one(x, &all[i], cpus);
	free(all);
	for (int i = 1; i < argc; i++) {
		if (!xl_guest(x, argv[i], &one))
			return false;
		list_one(x, &one, cpus);
	}
	return true;
}

bool cmd_vcpu_pin(struct xl *x, int argc, char **argv)
{
	struct guest_info g;
	struct cpu_set s;
	unsigned first = 0, last;

	if (argc < 4)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	if (!set_read(argv[3], &s))
		return fail(&x->failure, "%s: CPUs are written like 0-3,^2, or all", argv[3]);
	last = g.max_vcpu_id;
	if (strcmp(argv[2], "all") != 0) {
		if (!isdigit((unsigned char)argv[2][0]))
			return xl_usage(x, argv[0]);
		first = last = (unsigned)strtoul(argv[2], NULL, 10);
	}
	for (unsigned v = first; v <= last; v++) {
		struct cpu_set copy = s;
		int rc = affinity(x, g.domid, v, &copy, true);

		if (rc < 0)
			return fail(&x->failure, "%s, vcpu %u: %s", g.name, v,
			            hypervisor_error(rc));
	}
	return true;
}
