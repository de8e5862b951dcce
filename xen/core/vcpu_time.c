/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time as a guest sees it. Each structure that a guest may read while we write it has a version or a flag that says so: pvclock's and the wall clock's
 * are odd meanwhile, the runstate's has bit 63 of its entry time set (when the guest asked for that).
 */
#include "domain.h"

#include "string.h"

#include <xen/foreign/x86_32.h>

#define INFO_TIME      offsetof(struct vcpu_info, time)
#define VERSION_OFFSET offsetof(struct vcpu_time_info, version)
#define NS_A_SECOND    1000000000ull

_Static_assert(sizeof(struct vcpu_time_info) == 32 && INFO_TIME == 32, "layout");
_Static_assert(offsetof(struct vcpu_info_x86_32, time) == INFO_TIME, "layout");
_Static_assert(offsetof(struct vcpu_runstate_info, state_entry_time) == 8 &&
                       sizeof(struct vcpu_runstate_info) == 48,
               "layout");

/* A 32-bit guest's vcpu_runstate_info: 64-bit fields lie at multiples of 4. */
struct compat_runstate_info {
	int32_t state;
	uint64_t state_entry_time;
	uint64_t time[4];
} packed_struct;
_Static_assert(sizeof(struct compat_runstate_info) == 44, "layout");

const struct save_field vcpu_time_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct vcpu_time, runstate_linear),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_time, time_linear),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu_time, runstate_registered),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu_time, time_registered),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu_time, runstate_compat),
	SAVE_LAST,
};

uint64_t domain_now_ns(struct domain *d)
{
	return machine_now_ns() - d->time_offset_ns;
}

/* ---- pvclock ---- */

static void time_fill(struct vcpu *v, struct vcpu_time_info *t)
{
	uint64_t tsc = machine_tsc();

	memset(t, 0, sizeof(*t));
	t->tsc_timestamp = tsc + v->tsc_offset;
	t->system_time = machine_tsc_to_ns(tsc) - v->domain->time_offset_ns;
	machine_tsc_scale(&t->tsc_to_system_mul, &t->tsc_shift);
	t->flags = machine_tsc_reliable() ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
}

/* Into memory that the guest reads at any moment (and could write: only the version is read back, and any value of it does). */
static void time_write(uint8_t *to, const struct vcpu_time_info *t)
{
	uint8_t *version = to + VERSION_OFFSET; /* anywhere: the guest chose the place */
	uint32_t odd, even;

	memcpy(&odd, version, sizeof(odd));
	odd |= 1;
	even = odd + 1;
	memcpy(version, &odd, sizeof(odd));
	barrier_full();
	memcpy(to + sizeof(odd), (const uint8_t *)t + sizeof(odd), sizeof(*t) - sizeof(odd));
	barrier_full();
	memcpy(version, &even, sizeof(even));
}

/* The registered copy, through the guest's own page tables. What cannot be written is left out: it is the guest's own address. */
static void time_copy(struct vcpu *v, const struct vcpu_time_info *filled)
{
	struct vcpu_time_info t = *filled;
	uint64_t to = v->time.time_linear;
	uint32_t version;

	if (copy_from_guest(v, &version, to + VERSION_OFFSET, sizeof(version)))
		return;
	version |= 1;
	t.version = version;
	if (copy_to_guest(v, to + VERSION_OFFSET, &version, sizeof(version)))
		return;
	barrier_full();
	if (copy_to_guest(v, to, &t, sizeof(t)))
		return;
	barrier_full();
	version++;
	if (copy_to_guest(v, to + VERSION_OFFSET, &version, sizeof(version)))
		return;
}

void vcpu_time_update(struct vcpu *v)
{
	struct vcpu_time_info t;

	time_fill(v, &t);
	spin_lock(&v->domain->events.lock);
	time_write(v->info + INFO_TIME, &t);
	spin_unlock(&v->domain->events.lock);
	if (!v->time.time_registered)
		return;
	if (v == percpu()->current)
		time_copy(v, &t);
	else
		vcpu_request(v, VCPU_REQ_TIME);
}

/* ---- runstate ---- */

struct runstate_layout {
	uint32_t size, entry_offset;
};
static const struct runstate_layout runstate_layouts[] = {
	[false] = { sizeof(struct vcpu_runstate_info),
	            offsetof(struct vcpu_runstate_info, state_entry_time) },
	[true] = { sizeof(struct compat_runstate_info),
	           offsetof(struct compat_runstate_info, state_entry_time) },
};

static void runstate_fill(struct vcpu *v, uint64_t flag, bool compat, void *to)
{
	struct sched_times s;

	sched_times_get(&v->sched, &s);
	if (compat) {
		struct compat_runstate_info *r = to;

		r->state = (int32_t)s.state;
		r->state_entry_time = (s.since_ns - v->domain->time_offset_ns) | flag;
		memcpy(r->time, s.time_in, sizeof(r->time));
	} else {
		struct vcpu_runstate_info *r = to;

		memset(r, 0, sizeof(*r));
		r->state = (int)s.state;
		r->state_entry_time = (s.since_ns - v->domain->time_offset_ns) | flag;
		memcpy(r->time, s.time_in, sizeof(r->time));
	}
}

void vcpu_runstate_update(struct vcpu *v)
{
	uint8_t area[sizeof(struct vcpu_runstate_info)];
	const struct runstate_layout *l = &runstate_layouts[v->time.runstate_compat];
	uint64_t to = v->time.runstate_linear, entry;
	bool flagged = read_once(v->domain->vm_assist) >> VMASST_TYPE_runstate_update_flag & 1;

	if (!v->time.runstate_registered || v != percpu()->current)
		return;
	runstate_fill(v, flagged ? XEN_RUNSTATE_UPDATE : 0, v->time.runstate_compat, area);
	if (!flagged) {
		/* A failure is the guest's own: it gave the address. */
		(void)!copy_to_guest(v, to, area, l->size);
		return;
	}
	memcpy(&entry, area + l->entry_offset, sizeof(entry));
	if (copy_to_guest(v, to + l->entry_offset, &entry, sizeof(entry)))
		return;
	barrier_full();
	if (copy_to_guest(v, to, area, l->size))
		return;
	barrier_full();
	entry &= ~XEN_RUNSTATE_UPDATE;
	(void)!copy_to_guest(v, to + l->entry_offset, &entry, sizeof(entry));
}

/* ---- wall clock ---- */

struct wallclock_layout {
	uint32_t version, seconds, nanoseconds, seconds_high;
};
static const struct wallclock_layout wallclock_layouts[] = {
	[false] = { offsetof(struct shared_info, wc_version), offsetof(struct shared_info, wc_sec),
	            offsetof(struct shared_info, wc_nsec),
	            offsetof(struct shared_info, wc_sec_hi) },
	[true] = { offsetof(struct shared_info_x86_32, wc_version),
	           offsetof(struct shared_info_x86_32, wc_sec),
	           offsetof(struct shared_info_x86_32, wc_nsec),
	           offsetof(struct shared_info_x86_32, arch.wc_sec_hi) },
};

/* UTC at the guest's system time 0. */
void domain_wallclock_update(struct domain *d)
{
	uint8_t *shared = d->shared_info;
	const struct wallclock_layout *l;
	uint64_t ns =
		machine_wallclock_ns() + d->time_offset_ns + d->wallclock_offset_s * NS_A_SECOND;
	uint64_t seconds = ns / NS_A_SECOND;
	uint32_t *version, odd;

	spin_lock(&d->events.lock);
	l = &wallclock_layouts[d->is_compat];
	version = (uint32_t *)(shared + l->version);
	odd = read_once(*version) | 1;
	write_once(*version, odd);
	barrier_full();
	write_once(*(uint32_t *)(shared + l->seconds), (uint32_t)seconds);
	write_once(*(uint32_t *)(shared + l->nanoseconds), (uint32_t)(ns % NS_A_SECOND));
	write_once(*(uint32_t *)(shared + l->seconds_high), (uint32_t)(seconds >> 32));
	barrier_full();
	write_once(*version, odd + 1);
	spin_unlock(&d->events.lock);
}
