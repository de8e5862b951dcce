/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl sched-credit2: weights and caps of domains, the rate limit of a pool. */
#include "cmd.h"
#include "shares.h"

#include <getopt.h>
#include <stdlib.h>

#define WEIGHT_MAX 65535u
#define CAP_MAX    65535u

struct asked {
	const char *domain;
	bool has_weight, has_cap, is_pool, has_rate, has_pool;
	uint64_t weight, cap, rate_us, pool;
};

static int rate_limit(struct xl *x, uint32_t pool, uint32_t command, uint32_t *us)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_scheduler_op };
	int rc;

	op.u.scheduler_op.cpupool_id = pool;
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op.u.scheduler_op.cmd = command;
	op.u.scheduler_op.u.sched_credit2.ratelimit_us = *us;
	rc = hypervisor_sysctl(x->h, &op);
	*us = op.u.scheduler_op.u.sched_credit2.ratelimit_us;
	return rc;
}

static bool pool_line(struct xl *x, uint32_t pool)
{
	uint32_t us = 0;
	int rc = rate_limit(x, pool, XEN_SYSCTL_SCHEDOP_getinfo, &us);

	if (rc < 0)
		return fail(&x->failure, "there is no CPU pool %u", pool);
	printf("Cpupool Pool-%u: ratelimit=%uus\n", pool, us);
	return true;
}

static void domain_line(struct xl *x, const struct guest_info *g)
{
	struct share s;

	if (share_get(x->h, g->domid, &s) == 0)
		printf("%-33s %4u %6u %4u\n", g->name, g->domid, s.weight, s.cap);
}

static bool list_all(struct xl *x, const struct asked *a)
{
	size_t nr;
	struct guest_info *all = guests_get(x->h, x->s, &nr, &x->failure);

	if (!all || !pool_line(x, (uint32_t)a->pool)) {
		free(all);
		return false;
	}
	printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
	for (size_t i = 0; i < nr; i++)
		if (all[i].cpupool == a->pool)
			domain_line(x, &all[i]);
	free(all);
	return true;
}

static bool pool_set(struct xl *x, const struct asked *a)
{
	uint32_t us = (uint32_t)a->rate_us;

	if (!a->has_rate)
		return pool_line(x, (uint32_t)a->pool);
	return rate_limit(x, (uint32_t)a->pool, XEN_SYSCTL_SCHEDOP_putinfo, &us) >= 0 ||
	       fail(&x->failure,
	            "pool %llu does not take a rate limit of %llu: it is 0 (none) or 100 to 500000 microseconds",
	            (unsigned long long)a->pool, (unsigned long long)a->rate_us);
}

static bool domain_set(struct xl *x, const struct asked *a)
{
	struct guest_info g;
	struct share s;
	int rc;

	if (!xl_guest(x, a->domain, &g))
		return false;
	rc = share_get(x->h, g.domid, &s);
	if (rc == 0 && !a->has_weight && !a->has_cap) {
		printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
		domain_line(x, &g);
		return true;
	}
	if (a->has_weight)
		s.weight = (unsigned)a->weight;
	if (a->has_cap)
		s.cap = (unsigned)a->cap;
	if (rc == 0)
		rc = share_set(x->h, g.domid, &s);
	return rc == 0 ||
	       fail(&x->failure,
	            "%s: a weight of %u with a cap of %u is refused: %s. A weight is 1 to 65535, a cap is in percent of one CPU",
	            g.name, s.weight, s.cap, hypervisor_error(rc));
}

static bool value(struct xl *x, uint64_t max, uint64_t *to)
{
	if (!xl_number(optarg, to))
		return xl_usage(x, "sched-credit2");
	return *to <= max ||
	       fail(&x->failure, "%s: this is more than %llu", optarg, (unsigned long long)max);
}

static bool options_read(struct xl *x, int argc, char **argv, struct asked *a)
{
	static const struct option longer[] = { { "domain", required_argument, NULL, 'd' },
		                                { "weight", required_argument, NULL, 'w' },
		                                { "cap", required_argument, NULL, 'c' },
		                                { "schedparam", no_argument, NULL, 's' },
		                                { "ratelimit_us", required_argument, NULL, 'r' },
		                                { "cpupool", required_argument, NULL, 'p' },
		                                { NULL, 0, NULL, 0 } };
	bool done = true;
	int c;

	while (done && (c = getopt_long(argc, argv, "d:w:c:sr:p:", longer, NULL)) != -1) {
		switch (c) {
		case 'd': a->domain = optarg; break;
		case 'w': a->has_weight = done = value(x, WEIGHT_MAX, &a->weight); break;
		case 'c': a->has_cap = done = value(x, CAP_MAX, &a->cap); break;
		case 's': a->is_pool = true; break;
		case 'r': a->has_rate = done = value(x, UINT32_MAX, &a->rate_us); break;
		case 'p': a->has_pool = done = value(x, UINT32_MAX, &a->pool); break;
		default: return xl_usage(x, argv[0]);
		}
	}
	if (done && (optind != argc || ((a->has_weight || a->has_cap) && !a->domain) ||
	             (a->has_rate && !a->is_pool) || (a->is_pool && a->domain)))
		return xl_usage(x, argv[0]);
	return done;
}

bool cmd_sched_credit2(struct xl *x, int argc, char **argv)
{
	struct asked a = { .domain = NULL };

	if (!options_read(x, argc, argv, &a) || !xl_connect(x))
		return false;
	if (a.domain)
		return domain_set(x, &a);
	return a.is_pool ? pool_set(x, &a) : list_all(x, &a);
}
