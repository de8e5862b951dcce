/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU pools: each CPU belongs to one pool or to none, each domain to one; its vcpus run on the pool's CPUs only. Pool 0 is there from the start, with all CPUs but spare ones, and is
 * where the first domain stays. Every function takes the pools' lock, which comes before all others.
 */
#ifndef CORE_CPUPOOL_H
#define CORE_CPUPOOL_H

#include "sched.h"

struct domain;
struct vcpu;

#define CPUPOOL_ANY 0xffffffffu /* XEN_SYSCTL_CPUPOOL_PAR_ANY */
#define CPUPOOLS    (MAX_CPUS + 1)

/* Called by sched_cpu_init(): the CPU joins pool 0. CPU 0 begins anew: there is no other pool. With spare_cpus=N the CPUs below N leave it as soon as CPU N joins. */
void cpupool_cpu_init(unsigned cpu);
/* How many CPUs are in pool 0: what the first domain has to itself. */
uint32_t cpupool_first_size(void);

/* *id: the wish, or CPUPOOL_ANY; the pool's id afterwards. -EEXIST, -ENOMEM: there are CPUPOOLS already. */
int must_check cpupool_create(uint32_t *id);
/* -ENOENT; -EBUSY: it has CPUs or domains, or is pool 0. */
int must_check cpupool_destroy(uint32_t id);
/* -ENOENT. -EINVAL: no such CPU; -ENODEV: not free (CPUPOOL_ANY: none is). */
int must_check cpupool_add_cpu(uint32_t id, uint32_t cpu);
/* Vcpus leave it soon. -ENOENT, -EINVAL; -ENODEV: not in the pool; -EBUSY: the last one while there are domains; -EADDRINUSE: SCHEDOP_pin_override holds a vcpu there. */
int must_check cpupool_remove_cpu(uint32_t id, uint32_t cpu);
/* -ENOENT; -EINVAL: the pool has no CPU, or d is dying. */
int must_check cpupool_move_domain(struct domain *d, uint32_t id);

struct cpupool_info {
	uint32_t id, nr_domains, ratelimit_us;
	struct cpu_mask cpus;
};
/* The pool with the next id from this one on. -ENOENT. */
int must_check cpupool_info_from(uint32_t id, struct cpupool_info *out);
/* Of one pool. -ENOENT. */
int must_check cpupool_info_get(uint32_t id, struct cpupool_info *out);
int must_check cpupool_set_ratelimit(uint32_t id, uint32_t us);
/* CPUs in no pool. */
void cpupool_free_cpus(struct cpu_mask *out);

/* A new domain joins a pool before it has vcpus (-EINVAL: no such pool, or it has no CPU); a dying one goes to pool 0; one that is gone leaves it. */
int must_check cpupool_domain_enter(struct domain *d, uint32_t id);
void cpupool_domain_dying(struct domain *d);
void cpupool_domain_leave(struct domain *d);
/* A new vcpu, when its domain's slot has it. */
void cpupool_vcpu_enter(struct vcpu *v);
/* The thread of its domain's device model, when the domain has that. */
void cpupool_thread_enter(struct domain *d);
/* For getdomaininfo. */
uint32_t cpupool_of_domain(const struct domain *d);

#endif
