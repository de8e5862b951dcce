/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl mem-set, xl mem-max: the guest's balloon driver follows memory/target; the hypervisor keeps the limit. */
#include "cmd.h"
#include "builder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEAST_KIB (4ull * 1024)
#define MOMENTS   50 /* of 100 ms: a balloon driver's first answer comes well before */
#define MOMENT_NS 100000000
#define SLACK_KIB (6ull * 1024) /* option ROMs, tables, rings: what a guest has beside its memory */

/* MiB without a suffix, as xl's users write it. */
static bool size_read(struct xl *x, const char *text, uint64_t *kib)
{
	static const char units[] = "kmgt";
	char *end;
	uint64_t number = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : strchr(units, 'm');

	if (!isdigit((unsigned char)*text) || !unit || (*end && end[1]) || number > 1ull << 32)
		return fail(&x->failure,
		            "%s: a size is written like 512 or 512m (MiB), 2g or 524288k", text);
	*kib = number;
	for (; *unit != 'k'; unit--)
		*kib *= 1024;
	if (*kib < LEAST_KIB || *kib > 1ull << 36)
		return fail(&x->failure, "%s: no guest can have so %s memory", text,
		            *kib < LEAST_KIB ? "little" : "much");
	return true;
}

/* A number of the store's, or otherwise. */
static uint64_t store_number(struct xl *x, const struct guest_info *g, const char *node,
                             uint64_t otherwise)
{
	char *text = store_read(x->s, "/local/domain/%u/%s", g->domid, node);
	uint64_t number = otherwise;

	if (text && !xl_number(text, &number))
		number = otherwise;
	free(text);
	return number;
}

static bool limit_set(struct xl *x, const struct guest_info *g, uint64_t kib)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_mem, .domain = (domid_t)g->domid };
	int rc;

	op.u.max_mem.max_memkb = build_limit_kib(kib, store_number(x, g, "memory/videoram", 0));
	rc = hypervisor_domctl(x->h, &op);
	return rc == 0 ||
	       fail(&x->failure, "%s: its limit of memory: %s", g->name, hypervisor_error(rc));
}

/* Memory that comes at the first touch: what there is of it goes by the target, too, until the balloon driver has taken over. */
static void pod_target_set(struct xl *x, const struct guest_info *g, uint64_t kib)
{
	struct xen_pod_target t = { .domid = (domid_t)g->domid };

	if (hypervisor_memory_op(x->h, XENMEM_get_pod_target, &t, sizeof(t)) != 0 || !t.pod_entries)
		return;
	t.target_pages = kib / 4;
	(void)hypervisor_memory_op(x->h, XENMEM_set_pod_target, &t, sizeof(t));
}

static bool has_followed(struct xl *x, struct guest_info *g, uint64_t kib, uint64_t video_kib)
{
	if (!guest_get(x->h, x->s, g->domid, g))
		return true; /* it has ended meanwhile */
	return g->memory_kib + SLACK_KIB >= kib && g->memory_kib <= kib + video_kib + SLACK_KIB;
}

static void wait_follow(struct xl *x, struct guest_info *g, uint64_t kib)
{
	const struct timespec moment = { .tv_nsec = MOMENT_NS };
	uint64_t video_kib = store_number(x, g, "memory/videoram", 0);

	for (unsigned i = 0; i < MOMENTS; i++) {
		if (has_followed(x, g, kib, video_kib))
			return;
		nanosleep(&moment, NULL);
	}
	fprintf(stderr,
	        "xl: %s: its target is %llu MiB, but it has %llu MiB: it has not followed yet. Only a guest with a balloon driver does (Linux has one), and no further than it can spare or the machine has (xl info, free_memory)\n",
	        g->name, (unsigned long long)kib / 1024,
	        (unsigned long long)(g->memory_kib > video_kib ? g->memory_kib - video_kib : 0) /
	                1024);
}

bool cmd_mem_set(struct xl *x, int argc, char **argv)
{
	struct guest_info g;
	uint64_t kib, most;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!size_read(x, argv[2], &kib) || !xl_guest(x, argv[1], &g))
		return false;
	most = store_number(x, &g, "memory/static-max", UINT64_MAX);
	if (kib > most)
		return fail(
			&x->failure,
			"%s: it was started with at most %llu MiB: write a larger maxmem= into its description, and restart it",
			g.name, (unsigned long long)most / 1024);
	/* the control domain has no limit but the machine's */
	if (g.domid && !limit_set(x, &g, kib))
		return false;
	if (!store_write_number(x->s, kib, "/local/domain/%u/memory/target", g.domid))
		return fail(&x->failure, "%s: the store does not take its target", g.name);
	if (g.domid)
		pod_target_set(x, &g, kib);
	wait_follow(x, &g, kib);
	return true;
}

bool cmd_mem_max(struct xl *x, int argc, char **argv)
{
	struct guest_info g;
	uint64_t kib, target;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!size_read(x, argv[2], &kib) || !xl_guest(x, argv[1], &g))
		return false;
	if (!g.domid)
		return fail(
			&x->failure,
			"the control domain's limit is the hypervisor's option dom0_mem=max:SIZE, in the boot loader's menu");
	target = store_number(x, &g, "memory/target", 0);
	if (kib < target)
		return fail(
			&x->failure,
			"%s: its target is %llu MiB, which is more: lower that first, with xl mem-set %s",
			g.name, (unsigned long long)target / 1024, g.name);
	return limit_set(x, &g, kib);
}
