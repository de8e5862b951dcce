/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core started on the fake machine, as start.c does it on the iron. */
#include <stdlib.h>

#include "domain.h"
#include "machine_fake.h"

static void core_start(unsigned nr_cpus)
{
	for (unsigned i = 0; i < nr_cpus; i++)
		if (timer_queue_init(&percpu_of(i)->timers) || sched_cpu_init(i))
			abort();
	if (domains_init())
		abort();
}

void fake_core_init(uint64_t bytes, unsigned nr_cpus)
{
	fake_memory_init(bytes, nr_cpus);
	core_start(nr_cpus);
}

void fake_core_restart(uint64_t bytes, unsigned nr_cpus)
{
	fake_memory_restart(bytes, nr_cpus);
	core_start(nr_cpus);
}
