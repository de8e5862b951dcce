/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl cpupool-*: CPUs of the machine in pools, and domains in these. */
#include "cmd.h"
#include "cpu_set.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 64

struct pool {
	uint32_t id;
	unsigned nr_domains;
	struct cpu_set cpus;
	char name[NAME_SIZE];
};

/* ---- the hypervisor and the store ---- */

static int pool_op(struct xl *x, struct xen_sysctl *op, struct cpu_set *cpus)
{
	struct cpu_set *buffer = hypervisor_buffer(x->h, sizeof(*buffer));
	int rc;

	if (!buffer)
		return -ENOMEM;
	op->cmd = XEN_SYSCTL_cpupool_op;
	op->u.cpupool_op.cpumap.nr_bits = CPU_SET_MAX;
	set_xen_guest_handle(op->u.cpupool_op.cpumap.bitmap, buffer->bits);
	rc = hypervisor_sysctl(x->h, op);
	if (cpus)
		*cpus = *buffer;
	hypervisor_buffer_free(x->h, buffer, sizeof(*buffer));
	return rc;
}

static int cpu_move(struct xl *x, uint32_t command, uint32_t pool, uint32_t cpu)
{
	struct xen_sysctl op = { .cmd = 0 };

	op.u.cpupool_op.op = command;
	op.u.cpupool_op.cpupool_id = pool;
	op.u.cpupool_op.cpu = cpu;
	return pool_op(x, &op, NULL);
}

static void name_find(struct xl *x, struct pool *p)
{
	char *name = store_read(x->s, "/local/pool/%u/name", p->id);

	if (name && *name)
		snprintf(p->name, sizeof(p->name), "%s", name);
	else
		snprintf(p->name, sizeof(p->name), "Pool-%u", p->id);
	free(name);
}

/* The first pool from this number on. False: there is none. */
static bool pool_from(struct xl *x, uint32_t id, struct pool *p)
{
	struct xen_sysctl op = { .cmd = 0 };

	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	op.u.cpupool_op.cpupool_id = id;
	if (pool_op(x, &op, &p->cpus) < 0)
		return false;
	p->id = op.u.cpupool_op.cpupool_id;
	p->nr_domains = op.u.cpupool_op.n_dom;
	name_find(x, p);
	return true;
}

/* By its name, or by its number. */
static bool pool_find(struct xl *x, const char *who, struct pool *p)
{
	uint64_t number;
	bool is_number = xl_number(who, &number);

	for (uint32_t id = 0; pool_from(x, id, p); id = p->id + 1)
		if (strcmp(p->name, who) == 0 || (is_number && p->id == number))
			return true;
	return fail(&x->failure,
	            "%s: there is no CPU pool of this name or number: xl cpupool-list shows all",
	            who);
}

static bool cpus_free(struct xl *x, struct cpu_set *cpus)
{
	struct xen_sysctl op = { .cmd = 0 };

	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
	return pool_op(x, &op, cpus) == 0 ||
	       fail(&x->failure, "the hypervisor does not tell which CPUs are free");
}

static unsigned nr_cpus(struct xl *x)
{
	struct xen_sysctl_physinfo p;

	return xl_physinfo(x, &p) ? p.max_cpu_id + 1 : 1;
}

/* ---- xl cpupool-list ---- */

static void pool_print(struct xl *x, const struct pool *p, bool by_cpus)
{
	printf("%-19s", p->name);
	if (by_cpus)
		cpu_set_print(&p->cpus, nr_cpus(x));
	else
		printf("%3u %9s       y       %4u", cpu_set_count(&p->cpus, nr_cpus(x)), "credit2",
		       p->nr_domains);
	putchar('\n');
}

bool cmd_cpupool_list(struct xl *x, int argc, char **argv)
{
	bool by_cpus = false;
	struct pool p;
	int i = 1;

	if (i < argc && (strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--cpus") == 0)) {
		by_cpus = true;
		i++;
	}
	if (argc - i > 1 || (i < argc && argv[i][0] == '-'))
		return xl_usage(x, argv[0]);
	if (!xl_connect(x) || (i < argc && !pool_find(x, argv[i], &p)))
		return false;
	printf("%-19s%s\n", "Name",
	       by_cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
	if (i < argc) {
		pool_print(x, &p, by_cpus);
		return true;
	}
	for (uint32_t id = 0; pool_from(x, id, &p); id = p.id + 1)
		pool_print(x, &p, by_cpus);
	return true;
}

/* ---- CPUs come and go ---- */

static bool cpu_add(struct xl *x, const struct pool *p, unsigned cpu)
{
	int rc = cpu_move(x, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, p->id, cpu);

	return rc == 0 ||
	       fail(&x->failure,
	            "CPU %u does not come into %s: %s. It must be in no pool (xl cpupool-cpu-remove takes it out of one)",
	            cpu, p->name, hypervisor_error(rc));
}

static bool cpu_remove(struct xl *x, const struct pool *p, unsigned cpu)
{
	int rc = cpu_move(x, XEN_SYSCTL_CPUPOOL_OP_RMCPU, p->id, cpu);

	return rc == 0 ||
	       fail(&x->failure,
	            "CPU %u does not leave %s: %s. A pool with domains keeps one (xl cpupool-migrate moves them)",
	            cpu, p->name, hypervisor_error(rc));
}

static bool cpus_change(struct xl *x, int argc, char **argv,
                        bool (*change)(struct xl *x, const struct pool *p, unsigned cpu))
{
	struct cpu_set cpus, possible;
	unsigned done = 0;
	struct pool p;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!cpu_set_read(argv[2], &cpus))
		return fail(&x->failure, "%s: CPUs are written like 0-3,^2, or all", argv[2]);
	if (!xl_connect(x) || !pool_find(x, argv[1], &p) || !cpus_free(x, &possible))
		return false;
	if (change == cpu_remove)
		possible = p.cpus;
	for (unsigned cpu = 0; cpu < nr_cpus(x); cpu++) {
		/* "all" means those that can; who names one hears why it cannot */
		if (!cpu_set_has(&cpus, cpu) ||
		    (strcmp(argv[2], "all") == 0 && !cpu_set_has(&possible, cpu)))
			continue;
		if (!change(x, &p, cpu))
			return false;
		done++;
	}
	return done || fail(&x->failure, "%s: none of these is a CPU of this machine that %s",
	                    argv[2], change == cpu_add ? "is in no pool" : "is in that pool");
}

bool cmd_cpupool_cpu_add(struct xl *x, int argc, char **argv)
{
	return cpus_change(x, argc, argv, cpu_add);
}

bool cmd_cpupool_cpu_remove(struct xl *x, int argc, char **argv)
{
	return cpus_change(x, argc, argv, cpu_remove);
}

/* ---- pools come and go ---- */

static const char *setting_text(struct settings *s, const char *key)
{
	const struct setting *row = settings_find(s, key);

	return row && row->nr == 1 ? row->values[0].text : NULL;
}

/* FILE and KEY=VALUE words. False: messages have the reason. */
static bool settings_take(struct settings *s, struct messages *m, int argc, char **argv)
{
	static char text[65536];

	for (int i = 1; i < argc; i++) {
		FILE *f;
		size_t n;

		if (strchr(argv[i], '=')) {
			if (!settings_override(s, argv[i], m))
				return false;
			continue;
		}
		f = fopen(argv[i], "r");
		if (!f)
			return error_at(m, argv[i], 0,
			                "%s; say the path of a pool's description, or name=NAME",
			                strerror(errno));
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
		text[n] = 0;
		if (!settings_parse(s, argv[i], text, m))
			return false;
	}
	return true;
}

/* The CPUs of a new pool: those that are said, or one that is free. */
static bool cpus_choose(struct xl *x, const char *text, struct cpu_set *cpus)
{
	struct cpu_set free_ones;

	if (text && !cpu_set_read(text, cpus))
		return fail(&x->failure, "cpus=\"%s\": CPUs are written like 0-3,^2, or all", text);
	if (!cpus_free(x, &free_ones))
		return false;
	if (!cpu_set_count(&free_ones, nr_cpus(x)))
		return fail(
			&x->failure,
			"no CPU is free for a pool: xl cpupool-cpu-remove Pool-0 CPU takes one out of the first pool");
	if (text)
		return true;
	memset(cpus, 0, sizeof(*cpus));
	for (unsigned cpu = 0; cpu < nr_cpus(x); cpu++) {
		if (cpu_set_has(&free_ones, cpu)) {
			cpus->bits[cpu / 8] = (uint8_t)(1u << cpu % 8);
			break;
		}
	}
	return true;
}

static bool pool_end(struct xl *x, const struct pool *p)
{
	struct xen_sysctl op = { .cmd = 0 };
	int rc;

	if (p->nr_domains)
		return fail(
			&x->failure,
			"%s has %u domains: xl cpupool-migrate DOMAIN POOL moves them elsewhere",
			p->name, p->nr_domains);
	for (unsigned cpu = 0; cpu < nr_cpus(x); cpu++)
		if (cpu_set_has(&p->cpus, cpu) && !cpu_remove(x, p, cpu))
			return false;
	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_DESTROY;
	op.u.cpupool_op.cpupool_id = p->id;
	rc = pool_op(x, &op, NULL);
	if (rc < 0)
		return fail(&x->failure, "%s cannot be ended: %s", p->name, hypervisor_error(rc));
	(void)store_remove(x->s, "/local/pool/%u", p->id);
	return true;
}

static bool pool_begin(struct xl *x, struct pool *p)
{
	struct xen_sysctl op = { .cmd = 0 };
	int rc;

	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	op.u.cpupool_op.cpupool_id = XEN_SYSCTL_CPUPOOL_PAR_ANY;
	op.u.cpupool_op.sched_id = XEN_SCHEDULER_CREDIT2;
	rc = pool_op(x, &op, NULL);
	if (rc < 0)
		return fail(&x->failure, "no new CPU pool: %s", hypervisor_error(rc));
	p->id = op.u.cpupool_op.cpupool_id;
	if (store_write(x->s, p->name, "/local/pool/%u/name", p->id))
		return true;
	(void)pool_end(x, &(struct pool){ .id = p->id });
	return fail(&x->failure, "the store does not take the pool's name: is xenstored there?");
}

static bool name_is_good(struct xl *x, const char *name)
{
	struct failure before = x->failure;
	struct pool other;

	if (!name || !*name || strlen(name) >= NAME_SIZE || strpbrk(name, "/ \t\n") ||
	    strspn(name, "0123456789") == strlen(name))
		return fail(
			&x->failure,
			"a pool has a name, like name=\"guests\", without / and blanks, and no number");
	if (pool_find(x, name, &other))
		return fail(&x->failure, "pool %u has the name %s already: choose another one",
		            other.id, name);
	x->failure = before;
	return true;
}

static bool pool_create(struct xl *x, struct settings *s, struct pool *p)
{
	const char *name = setting_text(s, "name"), *sched = setting_text(s, "sched");

	if (!name_is_good(x, name))
		return false;
	if (sched && strcmp(sched, "credit2") != 0)
		return fail(&x->failure,
		            "sched=\"%s\": there is the scheduler credit2 only; leave sched= out",
		            sched);
	snprintf(p->name, sizeof(p->name), "%s", name);
	if (!cpus_choose(x, setting_text(s, "cpus"), &p->cpus) || !pool_begin(x, p))
		return false;
	for (unsigned cpu = 0; cpu < nr_cpus(x); cpu++) {
		if (cpu_set_has(&p->cpus, cpu) && !cpu_add(x, p, cpu)) {
			struct failure why = x->failure;

			if (pool_from(x, p->id, p))
				(void)pool_end(x, p);
			x->failure = why;
			return false;
		}
	}
	printf("cpupool name:   %s\nscheduler:      credit2\nnumber of cpus: %u\n", p->name,
	       cpu_set_count(&p->cpus, nr_cpus(x)));
	return true;
}

bool cmd_cpupool_create(struct xl *x, int argc, char **argv)
{
	struct settings *s = calloc(1, sizeof(*s));
	struct messages *m = calloc(1, sizeof(*m));
	struct pool p;
	bool done;

	if (argc < 2 || argv[1][0] == '-') {
		free(s);
		free(m);
		return xl_usage(x, argv[0]);
	}
	done = s && m && settings_take(s, m, argc, argv);
	if (m)
		messages_print(m, stderr, true);
	done = done && xl_connect(x) && pool_create(x, s, &p);
	if (s)
		settings_free(s);
	free(s);
	free(m);
	return done;
}

bool cmd_cpupool_destroy(struct xl *x, int argc, char **argv)
{
	struct pool p;

	if (argc != 2)
		return xl_usage(x, argv[0]);
	return xl_connect(x) && pool_find(x, argv[1], &p) && pool_end(x, &p);
}

bool cmd_cpupool_rename(struct xl *x, int argc, char **argv)
{
	struct pool p;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!xl_connect(x) || !pool_find(x, argv[1], &p) || !name_is_good(x, argv[2]))
		return false;
	return store_write(x->s, argv[2], "/local/pool/%u/name", p.id) ||
	       fail(&x->failure, "%s: the store does not take its new name: is xenstored there?",
	            p.name);
}

bool cmd_cpupool_migrate(struct xl *x, int argc, char **argv)
{
	struct xen_sysctl op = { .cmd = 0 };
	struct guest_info g;
	struct pool p;
	int rc;

	if (argc != 3)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g) || !pool_find(x, argv[2], &p))
		return false;
	op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
	op.u.cpupool_op.cpupool_id = p.id;
	op.u.cpupool_op.domid = g.domid;
	rc = pool_op(x, &op, NULL);
	return rc == 0 ||
	       fail(&x->failure,
	            "%s does not move to %s: %s. A pool must have a CPU (xl cpupool-cpu-add), and the control domain stays in the first one",
	            g.name, p.name, hypervisor_error(rc));
}
