/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each physical CPU has to itself: how others tell it that there is work. */
#include "percpu.h"

#include "atomic.h"

/*
 * Who sets the bit kicks. When it was set before, somebody else has kicked or is about to: the CPU clears the bit before it looks.
 */
void percpu_raise(unsigned cpu, enum pending_work work)
{
	struct percpu *p = percpu_of(cpu);

	if (atomic_fetch_or(&p->pending, (uint32_t)work) & work)
		return;
	if (p != percpu())
		machine_kick_cpu(cpu);
}
