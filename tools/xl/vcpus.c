/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl vcpu-list, xl vcpu-pin */
#include "cmd.h"
#include "cpu_set.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* "all", or ranges: 0-3,7 */
static void set_print(const struct cpu_set *s, unsigned nr_cpus)
{
	if (cpu_set_count(s, nr_cpus) == nr_cpus)
		printf("all");
	else
		cpu_set_print(s, nr_cpus);
}

/* which: XEN_VCPUAFFINITY_HARD or _SOFT, and perhaps _FORCE */
static int affinity(struct xl *x, uint32_t domid, unsigned vcpu, uint32_t which, struct cpu_set *s,
                    bool set)
{
	struct xen_domctl op = { .cmd = set ? XEN_DOMCTL_setvcpuaffinity
		                            : XEN_DOMCTL_getvcpuaffinity,
		                 .domain = (domid_t)domid };
	struct cpu_set *buffer = hypervisor_buffer(x->h, sizeof(*buffer));
	struct xenctl_bitmap *map;
	int rc;

	if (!buffer)
		return -1;
	*buffer = *s;
	op.u.vcpuaffinity.vcpu = vcpu;
	op.u.vcpuaffinity.flags = which;
	map = which & XEN_VCPUAFFINITY_HARD ? &op.u.vcpuaffinity.cpumap_hard
	                                    : &op.u.vcpuaffinity.cpumap_soft;
	map->nr_bits = CPU_SET_MAX;
	set_xen_guest_handle(map->bitmap, buffer->bits);
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
		if (affinity(x, g->domid, v, XEN_VCPUAFFINITY_HARD, &s, false) == 0)
			set_print(&s, cpus);
		printf(" / ");
		memset(&s, 0xff, sizeof(s));
		(void)affinity(x, g->domid, v, XEN_VCPUAFFINITY_SOFT, &s, false);
		set_print(&s, cpus);
		putchar('\n');
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

/* where: CPUs in words; NULL or "-": as they are */
static bool pin(struct xl *x, const struct guest_info *g, unsigned vcpu, uint32_t which,
                const char *where)
{
	struct cpu_set s;
	int rc;

	if (!where || strcmp(where, "-") == 0)
		return true;
	if (!cpu_set_read(where, &s))
		return fail(&x->failure, "%s: CPUs are written like 0-3,^2, or all", where);
	rc = affinity(x, g->domid, vcpu, which, &s, true);
	if (rc == -EINVAL)
		return fail(
			&x->failure,
			"%s, vcpu %u: none of the CPUs %s is this machine's, or of the guest's pool: it has %u (xl info)",
			g->name, vcpu, where, nr_cpus(x));
	return rc >= 0 || fail(&x->failure, "%s, vcpu %u: %s", g->name, vcpu, hypervisor_error(rc));
}

bool cmd_vcpu_pin(struct xl *x, int argc, char **argv)
{
	static const struct option longer[] = { { "force", no_argument, NULL, 'f' },
		                                { NULL, 0, NULL, 0 } };
	struct guest_info g;
	uint32_t force = 0;
	uint64_t number = 0;
	unsigned first = 0, last;
	char **word;
	int c;

	/* "+": "-" is a word. -f: also those that have pinned themselves to a CPU. */
	while ((c = getopt_long(argc, argv, "+f", longer, NULL)) != -1) {
		if (c != 'f')
			return xl_usage(x, argv[0]);
		force = XEN_VCPUAFFINITY_FORCE;
	}
	word = argv + optind;
	if (argc - optind < 3 || argc - optind > 4)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, word[0], &g))
		return false;
	last = g.max_vcpu_id;
	if (strcmp(word[1], "all") != 0) {
		if (!xl_number(word[1], &number))
			return xl_usage(x, argv[0]);
		if (number > last)
			return fail(&x->failure,
			            "%s has no vcpu %s: its last one is %u (xl vcpu-list %s)",
			            g.name, word[1], last, g.name);
		first = last = (unsigned)number;
	}
	for (unsigned v = first; v <= last; v++)
		if (!pin(x, &g, v, XEN_VCPUAFFINITY_HARD | force, word[2]) ||
		    !pin(x, &g, v, XEN_VCPUAFFINITY_SOFT | force,
		         argc - optind > 3 ? word[3] : NULL))
			return false;
	return true;
}
