/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's own records: clock, layout, memory map, parameters, shared page, grants, watchdogs. */
#include "grant_ops.h"
#include "hypercall.h"
#include "save_records.h"

#include "string.h"

#define PERMILLE 1000u

struct page_state {
	uint8_t bytes[PAGE_SIZE];
};
static const struct save_field page_saved[] = { SAVE_BLOB(1, struct page_state, bytes), SAVE_LAST };

uint32_t save_limit_one(const struct domain *d)
{
	return 1;
}

/* ---- CPUID policy: the toolstack gives it to the new domain; the record is the proof that it is the same ---- */

_Static_assert(sizeof(struct cpuid_policy) % 8 == 0, "no padding");
struct policy_state {
	struct cpuid_policy policy;
};
static const struct save_field policy_saved[] = { SAVE_BLOB(1, struct policy_state, policy),
	                                          SAVE_LAST };

static const void *policy_get(struct domain *d, uint32_t n, void *state)
{
	return &d->cpuid;
}

static int policy_put(struct restore *r, uint32_t n, const void *state)
{
	if (memcmp(state, &r->d->cpuid, sizeof(r->d->cpuid)))
		return restore_refuse(r, "the new domain has another CPUID policy");
	return 0;
}

const struct save_row save_policy = {
	.name = "CPUID policy",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct policy_state, policy_saved),
	.limit = save_limit_one,
	.get = policy_get,
	.put = policy_put,
};

/* ---- clock: both of the guest's clocks stand still while it is nowhere ---- */

struct clock_state {
	uint64_t system_ns; /* the guest's */
	uint64_t tsc;       /* the machine's, at the same moment */
	uint32_t tsc_khz;
};
static const struct save_field clock_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct clock_state, system_ns),
	SAVE_ONE(SAVE_U64, 1, struct clock_state, tsc),
	SAVE_ONE(SAVE_U32, 1, struct clock_state, tsc_khz),
	SAVE_LAST,
};

static const void *clock_get(struct domain *d, uint32_t n, void *state)
{
	struct clock_state *s = state;

	s->tsc = machine_tsc();
	s->system_ns = machine_tsc_to_ns(s->tsc) - d->time_offset_ns;
	s->tsc_khz = machine_tsc_khz();
	return s;
}

static int clock_put(struct restore *r, uint32_t n, const void *state)
{
	const struct clock_state *s = state;
	uint32_t here = machine_tsc_khz();
	uint32_t off = s->tsc_khz > here ? s->tsc_khz - here : here - s->tsc_khz;
	uint64_t tsc = machine_tsc();

	/* Measured anew at each start, so never quite the same. */
	if (off > here / PERMILLE)
		return restore_refuse(r, "the time-stamp counter here has another frequency");
	r->tsc_shift = s->tsc - tsc;
	r->d->time_offset_ns = machine_tsc_to_ns(tsc) - s->system_ns;
	return 0;
}

const struct save_row save_clock = {
	.name = "clock",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct clock_state, clock_saved),
	.limit = save_limit_one,
	.get = clock_get,
	.put = clock_put,
};

/* ---- fields of struct domain ---- */

const struct save_field domain_saved[] = {
	SAVE_ONE(SAVE_BOOL, 1, struct domain, is_compat),
	SAVE_ONE(SAVE_U32, 1, struct domain, vm_assist),
	SAVE_ONE(SAVE_U64, 1, struct domain, hypercall_page),
	SAVE_ONE(SAVE_U64, 1, struct domain, wallclock_offset_s),
	SAVE_LAST,
};

static const void *domain_get_state(struct domain *d, uint32_t n, void *state)
{
	return d;
}

static int domain_put_state(struct restore *r, uint32_t n, const void *state)
{
	const struct domain *s = state;

	if ((s->vm_assist & ~VM_ASSIST_VALID))
		return restore_refuse(r, "unknown bits of vm_assist");
	if (s->hypercall_page & ~PAGE_MASK)
		return restore_refuse(r, "the hypercall page is no page");
	save_copy(domain_saved, r->d, s);
	return 0;
}

const struct save_row save_domain = {
	.name = "domain",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct domain, domain_saved),
	.limit = save_limit_one,
	.get = domain_get_state,
	.put = domain_put_state,
};

/* ---- memory map ---- */

static const struct save_field memory_map_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct domain_e820, addr),
	SAVE_ONE(SAVE_U64, 1, struct domain_e820, size),
	SAVE_ONE(SAVE_U32, 1, struct domain_e820, type),
	SAVE_LAST,
};

static uint32_t memory_map_limit(const struct domain *d)
{
	return d->nr_e820;
}

static const void *memory_map_get(struct domain *d, uint32_t n, void *state)
{
	return &d->e820[n];
}

static int memory_map_put(struct restore *r, uint32_t n, const void *state)
{
	struct domain *d = r->d;

	if (n >= ARRAY_LEN(d->e820) || (n && n != d->nr_e820))
		return restore_refuse(r, "the entries do not follow each other");
	save_copy(memory_map_saved, &d->e820[n], state);
	d->nr_e820 = n + 1;
	return 0;
}

const struct save_row save_memory_map = {
	.name = "memory map entry",
	.version = 1,
	SAVE_STATE(struct domain_e820, memory_map_saved),
	.limit = memory_map_limit,
	.get = memory_map_get,
	.put = memory_map_put,
};

/* ---- HVM parameters ---- */

static const void *params_get(struct domain *d, uint32_t n, void *state)
{
	return &d->hvm_params;
}

/* As the toolstack would set them: how events reach the guest follows from them. */
static int params_put(struct restore *r, uint32_t n, const void *state)
{
	const struct hvm_params *s = state;

	for (uint32_t i = 0; i < HVM_NR_PARAMS; i++)
		if (s->value[i] != r->d->hvm_params.value[i] &&
		    hvm_param_set(NULL, r->d, i, s->value[i]))
			return restore_refuse(r, "a value that cannot be set");
	return 0;
}

const struct save_row save_params = {
	.name = "HVM parameters",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct hvm_params, hvm_params_saved),
	.limit = save_limit_one,
	.get = params_get,
	.put = params_put,
};

/* ---- the page that hypervisor and guest share ---- */

static const void *shared_info_get(struct domain *d, uint32_t n, void *state)
{
	return d->shared_info;
}

static int shared_info_put(struct restore *r, uint32_t n, const void *state)
{
	memcpy(r->d->shared_info, state, PAGE_SIZE);
	domain_wallclock_update(r->d);
	return 0;
}

const struct save_row save_shared_info = {
	.name = "shared_info",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct page_state, page_saved),
	.limit = save_limit_one,
	.get = shared_info_get,
	.put = shared_info_put,
};

/* ---- grants: what is lent. Mappings are the holders' state ---- */

static const void *grants_get(struct domain *d, uint32_t n, void *state)
{
	return &d->grants;
}

static int grants_put(struct restore *r, uint32_t n, const void *state)
{
	const struct grant_table *s = state;
	struct grant_table *t = &r->d->grants;
	int err = -EINVAL;

	spin_lock(&t->lock);
	if (s->nr_frames >= t->nr_frames && s->nr_frames <= t->max_frames)
		err = grant_table_grow(t, s->nr_frames);
	spin_unlock(&t->lock);
	return err == -EINVAL ? restore_refuse(r, "the table cannot be so big") : err;
}

const struct save_row save_grants = {
	.name = "grant table",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct grant_table, grant_table_saved),
	.limit = save_limit_one,
	.get = grants_get,
	.put = grants_put,
};

static uint32_t grant_frame_limit(const struct domain *d)
{
	return d->grants.nr_frames;
}

static const void *frame_get_state(struct domain *d, uint32_t n, void *state)
{
	return d->grants.frames[n];
}

static int frame_put_state(struct restore *r, uint32_t n, const void *state)
{
	if (n >= r->d->grants.nr_frames)
		return restore_refuse(r, "the table is not so big");
	memcpy(r->d->grants.frames[n], state, PAGE_SIZE);
	return 0;
}

const struct save_row save_grant_frame = {
	.name = "grant frame",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct page_state, page_saved),
	.limit = grant_frame_limit,
	.get = frame_get_state,
	.put = frame_put_state,
};

/* ---- watchdogs ---- */

struct watchdogs_state {
	uint32_t armed;
	uint64_t at_ns[DOMAIN_WATCHDOGS]; /* the guest's time */
};
static const struct save_field watchdogs_saved[] = {
	SAVE_ONE(SAVE_U32, 1, struct watchdogs_state, armed),
	SAVE_ARRAY(SAVE_U64, 1, struct watchdogs_state, at_ns),
	SAVE_LAST,
};

static const void *watchdogs_get(struct domain *d, uint32_t n, void *state)
{
	struct watchdogs_state *s = state;

	s->armed = d->watchdog_armed;
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		if (s->armed >> i & 1)
			s->at_ns[i] = d->watchdog[i].at_ns - d->time_offset_ns;
	return s;
}

static int watchdogs_put(struct restore *r, uint32_t n, const void *state)
{
	const struct watchdogs_state *s = state;
	struct domain *d = r->d;

	if (s->armed >> DOMAIN_WATCHDOGS)
		return restore_refuse(r, "more than there are");
	spin_lock(&d->lock);
	d->watchdog_armed = s->armed;
	for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
		if (s->armed >> i & 1)
			timer_set(&d->watchdog[i], s->at_ns[i] + d->time_offset_ns);
	spin_unlock(&d->lock);
	return 0;
}

const struct save_row save_watchdogs = {
	.name = "watchdogs",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct watchdogs_state, watchdogs_saved),
	.limit = save_limit_one,
	.get = watchdogs_get,
	.put = watchdogs_put,
};
