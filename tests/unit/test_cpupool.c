/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/cpupool.c: CPUs and domains in pools, and that vcpus run nowhere else. */
#include <string.h>

#include "unit.h"
#include "cpupool.h"
#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "options.h"

static struct domain *d, *other;

static void start(unsigned nr_cpus)
{
	d = fake_domain_machine(nr_cpus, 1, 16);
	other = fake_domain_add(2, 16, false);
}

/* All CPUs do what is pending until nothing is. */
static void settle(void)
{
	for (unsigned round = 0, more = 1; more; round++) {
		CHECK(round < 100);
		more = 0;
		for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
			fake_set_cpu(cpu);
			uint32_t work = atomic_exchange(&percpu()->pending, 0);

			if (work & PENDING_TIMER)
				timers_run();
			if (work & PENDING_WORK)
				work_run();
			if (work & PENDING_SCHED)
				sched_run();
			more |= work != 0;
		}
	}
	fake_set_cpu(0);
}

static uint64_t mask_of(uint32_t id)
{
	struct cpupool_info info = { 0 };

	CHECK_EQ(cpupool_info_get(id, &info), 0);
	return info.cpus.bits[0];
}

static void first_pool(void)
{
	struct cpupool_info info;
	struct cpu_mask none;

	start(4);
	CHECK_EQ(cpupool_info_from(0, &info), 0);
	CHECK_EQ(info.id, 0);
	CHECK_EQ(info.nr_domains, 2);
	CHECK_EQ(info.ratelimit_us, 1000);
	CHECK_EQ(info.cpus.bits[0], 0xf);
	CHECK_EQ(cpupool_info_from(1, &info), -ENOENT);
	cpupool_free_cpus(&none);
	CHECK_EQ(none.bits[0], 0);
	CHECK_EQ(cpupool_destroy(0), -EBUSY);
}

/* spare_cpus=: not in pool 0, and so for nobody; a wish that cannot be had changes nothing. */
static void spare(void)
{
	struct cpu_mask free;

	options.spare_cpus = 2;
	fake_core_init(16 << 20, 4);
	CHECK_EQ(mask_of(0), 0xc);
	CHECK_EQ(cpupool_first_size(), 2);
	cpupool_free_cpus(&free);
	CHECK_EQ(free.bits[0], 3);
	CHECK_EQ(cpupool_add_cpu(0, 0), 0);
	CHECK_EQ(mask_of(0), 0xd);
	fake_core_init(16 << 20, 2);
	CHECK_EQ(mask_of(0), 3);
	CHECK_EQ(cpupool_first_size(), 2);
	options.spare_cpus = 0;
}

static void ids(void)
{
	uint32_t id = CPUPOOL_ANY;
	struct cpupool_info info;
	unsigned n = 1;

	start(1);
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(id, 1);
	CHECK_EQ(cpupool_create(&id), -EEXIST);
	id = 7;
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(id, 7);
	id = CPUPOOL_ANY;
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(id, 2);
	CHECK_EQ(cpupool_info_from(3, &info), 0);
	CHECK_EQ(info.id, 7);
	CHECK_EQ(cpupool_destroy(1), 0);
	CHECK_EQ(cpupool_destroy(1), -ENOENT);
	for (n = 3;; n++) {
		id = CPUPOOL_ANY;
		if (cpupool_create(&id))
			break;
	}
	CHECK_EQ(n, CPUPOOLS);
	CHECK_EQ(cpupool_create(&id), -ENOMEM);
}

static void cpus_move(void)
{
	uint32_t id = CPUPOOL_ANY;
	struct cpu_mask free_cpus;

	start(3);
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(cpupool_add_cpu(id, 1), -ENODEV);
	CHECK_EQ(cpupool_add_cpu(id, CPUPOOL_ANY), -ENODEV);
	CHECK_EQ(cpupool_add_cpu(id, 3), -EINVAL);
	CHECK_EQ(cpupool_add_cpu(99, 1), -ENOENT);
	CHECK_EQ(cpupool_remove_cpu(99, 1), -ENOENT);
	CHECK_EQ(cpupool_remove_cpu(0, 3), -EINVAL);
	CHECK_EQ(cpupool_remove_cpu(id, 1), -ENODEV);
	CHECK_EQ(cpupool_remove_cpu(0, CPUPOOL_ANY), 0);
	CHECK_EQ(mask_of(0), 3);
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
	CHECK_EQ(cpupool_remove_cpu(0, 0), -EBUSY);
	cpupool_free_cpus(&free_cpus);
	CHECK_EQ(free_cpus.bits[0], 6);
	CHECK_EQ(cpupool_add_cpu(id, CPUPOOL_ANY), 0);
	CHECK_EQ(mask_of(id), 2);
	CHECK_EQ(cpupool_destroy(id), -EBUSY);
	CHECK_EQ(cpupool_remove_cpu(id, CPUPOOL_ANY), 0);
	CHECK_EQ(cpupool_remove_cpu(id, CPUPOOL_ANY), -ENODEV);
	CHECK_EQ(cpupool_destroy(id), 0);
}

static bool is_where(struct domain *of, uint64_t mask)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(of, v, i)
		if (v->sched.running && !(mask >> v->sched.cpu & 1))
			return false;
	return true;
}

/* Spinning vcpus leave a CPU that is taken away, and do not come back; another pool's get it for themselves. */
static void vcpus_follow(void)
{
	struct cpu_mask last = { .bits = { 4 } };
	uint32_t id = CPUPOOL_ANY;

	start(3);
	settle();
	CHECK_EQ(sched_set_affinity(&other->vcpus[1]->sched, &last, NULL), 0);
	settle();
	CHECK(other->vcpus[1]->sched.running);
	CHECK_EQ(cpupool_remove_cpu(0, 2), 0);
	for (unsigned n = 0; n < 50; n++) {
		settle();
		CHECK(!percpu_of(2)->current);
		CHECK(is_where(d, 3) && is_where(other, 3));
		fake_advance(10000000);
	}
	CHECK(sched_time_in(&other->vcpus[1]->sched, SCHED_RUNNING, machine_now_ns()) > 100000000);
	/* its affinity has no CPU in the pool, and cannot be set so */
	CHECK_EQ(sched_set_affinity(&other->vcpus[0]->sched, &last, NULL), -EINVAL);

	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(cpupool_move_domain(other, id), -EINVAL);
	CHECK_EQ(cpupool_add_cpu(id, 2), 0);
	CHECK_EQ(cpupool_move_domain(other, 99), -ENOENT);
	CHECK_EQ(cpupool_move_domain(other, id), 0);
	CHECK_EQ(cpupool_of_domain(other), id);
	for (unsigned n = 0; n < 50; n++) {
		settle();
		CHECK(is_where(d, 3) && is_where(other, 4));
		CHECK(percpu_of(2)->current && percpu_of(2)->current->domain == other);
		fake_advance(10000000);
	}
	CHECK_EQ(cpupool_remove_cpu(id, 2), -EBUSY);
	CHECK_EQ(cpupool_destroy(id), -EBUSY);
}

/* A pool gets its domain's last CPU back to affinity that was overruled meanwhile. */
static void affinity_comes_back(void)
{
	struct cpu_mask last = { .bits = { 2 } };

	start(2);
	CHECK_EQ(sched_set_affinity(&other->vcpus[0]->sched, &last, NULL), 0);
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
	settle();
	CHECK_EQ(other->vcpus[0]->sched.allowed.bits[0] & 3, 1);
	CHECK_EQ(cpupool_add_cpu(0, 1), 0);
	settle();
	CHECK_EQ(other->vcpus[0]->sched.allowed.bits[0] & 3, 2);
	for (unsigned n = 0; n < 20; n++) {
		settle();
		CHECK(!other->vcpus[0]->sched.running || other->vcpus[0]->sched.cpu == 1);
		fake_advance(10000000);
	}
}

static void pinned(void)
{
	struct cpu_mask last = { .bits = { 2 } };
	struct vcpu *v;

	start(2);
	v = d->vcpus[0];
	CHECK_EQ(sched_set_affinity(&v->sched, &last, NULL), 0);
	v->is_pinned = true;
	CHECK_EQ(cpupool_remove_cpu(0, 1), -EADDRINUSE);
	v->is_pinned = false;
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
}

/* The end of a domain: it leaves its pool, which can go then. New ones begin where they are told. */
static void domains_end(void)
{
	struct domain_config config = { .id = 0x7ff4, .max_vcpus = 1, .max_pages = 64 };
	uint32_t id = CPUPOOL_ANY;
	struct domain *third;

	start(2);
	CHECK_EQ(cpupool_create(&id), 0);
	config.cpupool_id = id;
	CHECK_EQ(domain_create(&config, &third), -EINVAL);
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
	CHECK_EQ(cpupool_add_cpu(id, 1), 0);
	CHECK_EQ(domain_create(&config, &third), 0);
	CHECK_EQ(cpupool_of_domain(third), id);
	CHECK_EQ(cpupool_remove_cpu(id, 1), -EBUSY);
	domain_destroy(third);
	CHECK_EQ(cpupool_move_domain(third, id), -EINVAL);
	CHECK_EQ(cpupool_remove_cpu(id, 1), 0);
	CHECK_EQ(cpupool_destroy(id), 0);
	domain_put(third);
	for (unsigned n = 0; n < 20; n++) {
		settle();
		fake_advance(20000000);
	}
	struct cpupool_info info;

	CHECK_EQ(cpupool_info_get(0, &info), 0);
	CHECK_EQ(info.nr_domains, 2);
}

static void ratelimit(void)
{
	uint32_t id = CPUPOOL_ANY;

	start(2);
	CHECK_EQ(cpupool_set_ratelimit(99, 500), -ENOENT);
	CHECK_EQ(cpupool_set_ratelimit(0, 500), 0);
	CHECK_EQ(percpu_of(1)->run_queue.ratelimit_ns, 500000);
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
	CHECK_EQ(cpupool_add_cpu(id, 1), 0);
	CHECK_EQ(percpu_of(1)->run_queue.ratelimit_ns, 1000000);
	CHECK_EQ(percpu_of(0)->run_queue.ratelimit_ns, 500000);
}

UNIT_MAIN(UNIT(first_pool), UNIT(spare), UNIT(ids), UNIT(cpus_move), UNIT(vcpus_follow),
          UNIT(affinity_comes_back), UNIT(pinned), UNIT(domains_end), UNIT(ratelimit))
