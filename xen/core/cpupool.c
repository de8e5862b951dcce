/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU pools: who may run where. The scheduler knows of them only what each unit is told: the CPUs of its pool. */
#include "cpupool.h"

#include "devmodel.h"
#include "domain.h"
#include "errno.h"
#include "options.h"
#include "string.h"

#define RATELIMIT_US ((uint32_t)(SCHED_RATELIMIT_NS / 1000))

struct cpupool {
	bool in_use;
	uint32_t id, nr_domains, ratelimit_us;
	struct cpu_mask cpus;
};

/* All below, and domain.pool: pools_lock. Slot 0 is pool 0. */
static struct spinlock pools_lock = SPINLOCK_INIT;
static struct cpupool pools[CPUPOOLS];
static struct cpu_mask pooled; /* CPUs of any pool */

/* Those of a mask that are there. (A CPU that failed at its start leaves a bit behind.) */
static void mask_online(struct cpu_mask *to, const struct cpu_mask *from)
{
	size_t cpu;

	memset(to, 0, sizeof(*to));
	bitmap_for_each(cpu, from->bits, machine_nr_cpus())
		bitmap_set(to->bits, cpu);
}

/* spare_cpus= is a wish for where there are more CPUs: only the first one beyond sets the others free. No domain is there yet. */
static void spare_cpus_leave(void)
{
	for (unsigned cpu = 0; cpu < options.spare_cpus; cpu++) {
		bitmap_clear(pools[0].cpus.bits, cpu);
		bitmap_clear(pooled.bits, cpu);
	}
}

void cpupool_cpu_init(unsigned cpu)
{
	if (cpu == 0) {
		spin_init(&pools_lock);
		memset(pools, 0, sizeof(pools));
		memset(&pooled, 0, sizeof(pooled));
		pools[0].in_use = true;
		pools[0].ratelimit_us = RATELIMIT_US;
	}
	bitmap_set(pools[0].cpus.bits, cpu);
	bitmap_set(pooled.bits, cpu);
	if (cpu == options.spare_cpus)
		spare_cpus_leave();
}

uint32_t cpupool_first_size(void)
{
	struct cpupool_info first;
	uint32_t n = 0;
	size_t cpu;

	if (cpupool_info_get(0, &first) == 0)
		bitmap_for_each(cpu, first.cpus.bits, machine_nr_cpus())
			n++;
	return n;
}

static struct cpupool *pool_find(uint32_t id)
{
	for (unsigned i = 0; i < CPUPOOLS; i++)
		if (pools[i].in_use && pools[i].id == id)
			return &pools[i];
	return NULL;
}

/* The one with the smallest id that is at least this. */
static struct cpupool *pool_from(uint32_t id)
{
	struct cpupool *best = NULL;

	for (unsigned i = 0; i < CPUPOOLS; i++)
		if (pools[i].in_use && pools[i].id >= id && (!best || pools[i].id < best->id))
			best = &pools[i];
	return best;
}

static uint32_t free_id(void)
{
	uint32_t id = 1;

	while (pool_find(id))
		id++;
	return id;
}

int cpupool_create(uint32_t *id)
{
	struct cpupool *p = NULL;
	int err = 0;

	spin_lock(&pools_lock);
	for (unsigned i = 0; i < CPUPOOLS && !p; i++)
		if (!pools[i].in_use)
			p = &pools[i];
	if (*id != CPUPOOL_ANY && pool_find(*id)) {
		err = -EEXIST;
	} else if (!p) {
		err = -ENOMEM;
	} else {
		*p = (struct cpupool){ .in_use = true, .ratelimit_us = RATELIMIT_US };
		p->id = *id == CPUPOOL_ANY ? free_id() : *id;
		*id = p->id;
	}
	spin_unlock(&pools_lock);
	return err;
}

int cpupool_destroy(uint32_t id)
{
	struct cpupool *p;
	int err = 0;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (!p)
		err = -ENOENT;
	else if (p == &pools[0] || p->nr_domains ||
	         bitmap_next_set(p->cpus.bits, MAX_CPUS, 0) < MAX_CPUS)
		err = -EBUSY;
	else
		p->in_use = false;
	spin_unlock(&pools_lock);
	return err;
}

/* ---- CPUs ---- */

/* Each domain in its turn, referenced, also dying ones: their vcpus may still be in a CPU. */
static struct domain *domain_after(struct domain *d)
{
	uint32_t next = d ? d->id + 1u : 0;

	if (d)
		domain_put(d);
	return next < DOMID_LIMIT ? domain_next_any((uint16_t)next) : NULL;
}

static void domain_set_pool(struct domain *d, struct cpupool *p)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	domain_for_each_vcpu(d, v, i)
		sched_set_pool(&v->sched, &p->cpus);
	if (d->devmodel)
		sched_set_pool(&d->devmodel->thread, &p->cpus);
	spin_unlock(&d->lock);
}

static void pool_tell_domains(struct cpupool *p)
{
	struct domain *d = NULL;

	if (!p->nr_domains)
		return;
	while ((d = domain_after(d)) != NULL)
		if (d->pool == p)
			domain_set_pool(d, p);
}

int cpupool_add_cpu(uint32_t id, uint32_t cpu)
{
	struct cpupool *p;
	int err = 0;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (cpu == CPUPOOL_ANY)
		cpu = (uint32_t)bitmap_next_clear(pooled.bits, machine_nr_cpus(), 0);
	else if (cpu >= machine_nr_cpus())
		err = -EINVAL;
	if (!p)
		err = -ENOENT;
	else if (!err && (cpu >= machine_nr_cpus() || bitmap_test(pooled.bits, cpu)))
		err = -ENODEV;
	if (!err) {
		bitmap_set(pooled.bits, cpu);
		bitmap_set(p->cpus.bits, cpu);
		sched_join(cpu, p->ratelimit_us * 1000ull);
		pool_tell_domains(p);
	}
	spin_unlock(&pools_lock);
	return err;
}

static bool pool_is_pinned(const struct cpupool *p, unsigned cpu)
{
	struct domain *d = NULL;
	bool pinned = false;
	struct vcpu *v;
	uint32_t i;

	while ((d = domain_after(d)) != NULL) {
		if (d->pool != p)
			continue;
		spin_lock(&d->lock);
		domain_for_each_vcpu(d, v, i)
			pinned |= read_once(v->is_pinned) &&
			          bitmap_test(v->sched.hard_affinity.bits, cpu);
		spin_unlock(&d->lock);
	}
	return pinned;
}

static int remove_check(const struct cpupool *p, uint32_t cpu)
{
	struct cpu_mask online;

	if (!p)
		return -ENOENT;
	if (cpu != CPUPOOL_ANY && cpu >= machine_nr_cpus())
		return -EINVAL;
	mask_online(&online, &p->cpus);
	if (cpu == CPUPOOL_ANY || !bitmap_test(online.bits, cpu))
		return -ENODEV;
	if (p->nr_domains && bitmap_count(online.bits, MAX_CPUS) == 1)
		return -EBUSY;
	return pool_is_pinned(p, cpu) ? -EADDRINUSE : 0;
}

/* The highest one of the pool. */
static uint32_t last_cpu(const struct cpupool *p)
{
	uint32_t last = CPUPOOL_ANY;
	size_t cpu;

	bitmap_for_each(cpu, p->cpus.bits, machine_nr_cpus())
		last = (uint32_t)cpu;
	return last;
}

int cpupool_remove_cpu(uint32_t id, uint32_t cpu)
{
	struct cpupool *p;
	int err;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (p && cpu == CPUPOOL_ANY)
		cpu = last_cpu(p);
	err = remove_check(p, cpu);
	if (!err) {
		bitmap_clear(p->cpus.bits, cpu);
		bitmap_clear(pooled.bits, cpu);
		pool_tell_domains(p);
	}
	spin_unlock(&pools_lock);
	return err;
}

void cpupool_free_cpus(struct cpu_mask *out)
{
	memset(out, 0, sizeof(*out));
	spin_lock(&pools_lock);
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++)
		if (!bitmap_test(pooled.bits, cpu))
			bitmap_set(out->bits, cpu);
	spin_unlock(&pools_lock);
}

/* ---- domains ---- */

static bool pool_has_cpus(const struct cpupool *p)
{
	return p && bitmap_next_set(p->cpus.bits, machine_nr_cpus(), 0) < machine_nr_cpus();
}

static void domain_move(struct domain *d, struct cpupool *to)
{
	d->pool->nr_domains--;
	to->nr_domains++;
	write_once(d->pool, to);
	domain_set_pool(d, to);
}

int cpupool_move_domain(struct domain *d, uint32_t id)
{
	struct cpupool *p;
	int err = 0;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (!p)
		err = -ENOENT;
	else if (!d->pool || read_once(d->state) >= DOMAIN_DYING || !pool_has_cpus(p))
		err = -EINVAL;
	else if (p != d->pool)
		domain_move(d, p);
	spin_unlock(&pools_lock);
	return err;
}

int cpupool_domain_enter(struct domain *d, uint32_t id)
{
	struct cpupool *p;
	int err = -EINVAL;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (pool_has_cpus(p)) {
		p->nr_domains++;
		write_once(d->pool, p);
		err = 0;
	}
	spin_unlock(&pools_lock);
	return err;
}

/* The pool's last CPU may be taken away from now on; pool 0 always has one while there are domains. */
void cpupool_domain_dying(struct domain *d)
{
	spin_lock(&pools_lock);
	if (d->pool && d->pool != &pools[0])
		domain_move(d, &pools[0]);
	spin_unlock(&pools_lock);
}

void cpupool_domain_leave(struct domain *d)
{
	spin_lock(&pools_lock);
	if (d->pool)
		d->pool->nr_domains--;
	write_once(d->pool, NULL);
	spin_unlock(&pools_lock);
}

void cpupool_thread_enter(struct domain *d)
{
	spin_lock(&pools_lock);
	if (d->pool)
		sched_set_pool(&d->devmodel->thread, &d->pool->cpus);
	spin_unlock(&pools_lock);
}

void cpupool_vcpu_enter(struct vcpu *v)
{
	spin_lock(&pools_lock);
	if (v->domain->pool)
		sched_set_pool(&v->sched, &v->domain->pool->cpus);
	spin_unlock(&pools_lock);
}

uint32_t cpupool_of_domain(const struct domain *d)
{
	uint32_t id;

	spin_lock(&pools_lock);
	id = d->pool ? d->pool->id : 0;
	spin_unlock(&pools_lock);
	return id;
}

/* ---- what the tools see ---- */

static int info_fill(const struct cpupool *p, struct cpupool_info *out)
{
	if (!p)
		return -ENOENT;
	out->id = p->id;
	out->nr_domains = p->nr_domains;
	out->ratelimit_us = p->ratelimit_us;
	mask_online(&out->cpus, &p->cpus);
	return 0;
}

int cpupool_info_from(uint32_t id, struct cpupool_info *out)
{
	int err;

	spin_lock(&pools_lock);
	err = info_fill(pool_from(id), out);
	spin_unlock(&pools_lock);
	return err;
}

int cpupool_info_get(uint32_t id, struct cpupool_info *out)
{
	int err;

	spin_lock(&pools_lock);
	err = info_fill(pool_find(id), out);
	spin_unlock(&pools_lock);
	return err;
}

int cpupool_set_ratelimit(uint32_t id, uint32_t us)
{
	struct cpupool *p;
	size_t cpu;

	spin_lock(&pools_lock);
	p = pool_find(id);
	if (p) {
		p->ratelimit_us = us;
		bitmap_for_each(cpu, p->cpus.bits, machine_nr_cpus())
			sched_set_ratelimit((unsigned)cpu, us * 1000ull);
	}
	spin_unlock(&pools_lock);
	return p ? 0 : -ENOENT;
}
