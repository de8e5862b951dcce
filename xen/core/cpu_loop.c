// SPDX-License-Identifier: GPL-2.0-or-later
/* The endless loop of each physical CPU: pending work, the current vcpu, its exit; or a thread of ours. */
#include "console.h"
#include "domain.h"
#include "host_irq.h"
#include "percpu.h"

static void cpu_do_pending(struct percpu *pc)
{
	uint32_t work = atomic_exchange(&pc->pending, 0);

	if (work & PENDING_IRQ)
		host_irq_run();
	if (work & PENDING_TIMER)
		timers_run();
	if (work & PENDING_WORK)
		work_run();
	if (work & PENDING_CONSOLE)
		console_run();
	if (work & PENDING_SCHED)
		sched_run();
}

bool cpu_loop_once(void)
{
	struct percpu *pc = percpu();
	struct vcpu *v;

	if (unlikely(read_once(pc->pending)))
		cpu_do_pending(pc);
	v = pc->current;
	if (unlikely(!v)) {
		if (!pc->thread)
			return read_once(pc->pending) != 0;
		pc->thread->run(pc->thread);
		return true;
	}
	if (unlikely(!vcpu_entry_is_clean(v)) && !vcpu_prepare_entry(v))
		return true;
	virt->run(v);
	pc->nr_exits++;
	exit_dispatch(v);
	return true;
}

void cpu_loop(void)
{
	for (;;) {
		while (cpu_loop_once())
			;
		if (!page_scrub_some())
			machine_idle();
		else
			machine_irq_window();
	}
}
