/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl vcpu-set: the guest's kernel takes vcpus in and out as cpu/N/availability says. */
#include "cmd.h"

#include <getopt.h>
#include <time.h>

#define MOMENTS   50
#define MOMENT_NS 100000000

static bool nodes_write(struct xl *x, const struct guest_info *g, unsigned nr)
{
	bool done = true;

	for (unsigned i = 0; i <= g->max_vcpu_id && done; i++)
		done = store_write(x->s, i < nr ? "online" : "offline",
		                   "/local/domain/%u/cpu/%u/availability", g->domid, i);
	return done || fail(&x->failure, "%s: the store does not take it", g->name);
}

static void wait_follow(struct xl *x, struct guest_info *g, unsigned nr)
{
	const struct timespec moment = { .tv_nsec = MOMENT_NS };

	for (unsigned i = 0; i < MOMENTS; i++) {
		if (!guest_get(x->h, x->s, g->domid, g) || g->vcpus == nr)
			return;
		nanosleep(&moment, NULL);
	}
	fprintf(stderr,
	        "xl: %s: it was asked for %u vcpus and uses %u: it has not followed yet. Linux does as PV and PVH guest; an HVM guest gets another number by vcpus= in its description, and a restart\n",
	        g->name, nr, g->vcpus);
}

bool cmd_vcpu_set(struct xl *x, int argc, char **argv)
{
	static const struct option longer[] = { { "ignore-host", no_argument, NULL, 'i' },
		                                { NULL, 0, NULL, 0 } };
	struct xen_sysctl_physinfo machine;
	struct guest_info g;
	bool may_exceed = false;
	uint64_t nr;
	int c;

	while ((c = getopt_long(argc, argv, "i", longer, NULL)) != -1) {
		if (c != 'i')
			return xl_usage(x, "vcpu-set");
		may_exceed = true;
	}
	if (optind != argc - 2 || !xl_number(argv[optind + 1], &nr))
		return xl_usage(x, "vcpu-set");
	if (!xl_guest(x, argv[optind], &g) || !xl_physinfo(x, &machine))
		return false;
	if (!nr || nr > g.max_vcpu_id + 1)
		return fail(
			&x->failure,
			"%s: it can have 1 to %u vcpus: more need a larger maxvcpus= in its description, and a restart",
			g.name, g.max_vcpu_id + 1);
	if (nr > machine.nr_cpus && !may_exceed)
		return fail(
			&x->failure,
			"%s: the machine has %u CPUs; more vcpus make it slower (-i: all the same)",
			g.name, machine.nr_cpus);
	if (!nodes_write(x, &g, (unsigned)nr))
		return false;
	wait_follow(x, &g, (unsigned)nr);
	return true;
}
