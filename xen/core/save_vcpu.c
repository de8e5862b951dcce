/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vcpu's own records: what stands in struct vcpu, its areas, APIC and timers. */
#include "event_ops.h"
#include "save_records.h"

/* Requests that are the guest's; the others come anew. */
#define REQUESTS_SAVED (VCPU_REQ_NMI | VCPU_REQ_RESET)

#define RFLAGS_DEFINED                                                                         \
	(RFLAGS_CF | RFLAGS_MBS | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF |  \
	 RFLAGS_IF | RFLAGS_DF | RFLAGS_OF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM | \
	 RFLAGS_AC | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_ID)
#define XCR0_X87      1ull
#define VECTOR_MIN    16 /* SDM 10.5.2 */
#define INSN_LEN_MAX  15
#define NR_EXCEPTIONS 32

uint32_t save_limit_vcpus(const struct domain *d)
{
	return d->max_vcpus;
}

/* ---- fields of struct vcpu ---- */

const struct save_field vcpu_saved[] = {
	SAVE_ARRAY(SAVE_U64, 1, struct vcpu, regs.r),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, regs.rip),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, regs.rflags),
	SAVE_ONE(SAVE_U32, 1, struct vcpu, requests),
	SAVE_ONE(SAVE_U32, 1, struct vcpu, event.type),
	SAVE_ONE(SAVE_U8, 1, struct vcpu, event.vector),
	SAVE_ONE(SAVE_U8, 1, struct vcpu, event.insn_len),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, event.has_error),
	SAVE_ONE(SAVE_U32, 1, struct vcpu, event.error_code),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, event.cr2),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, is_initialised),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, is_up),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, wait_for_sipi),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, init_pending),
	SAVE_ONE(SAVE_U16, 1, struct vcpu, sipi_vector),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, halted),
	SAVE_ONE(SAVE_BOOL, 1, struct vcpu, nmi_masked_by_soft),
	SAVE_ONE(SAVE_U8, 1, struct vcpu, upcall_vector),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, xcr0),
	SAVE_ARRAY(SAVE_U64, 1, struct vcpu, dr),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, tsc_offset),
	SAVE_ONE(SAVE_U64, 1, struct vcpu, periodic_ns),
	SAVE_ARRAY(SAVE_U32, 1, struct vcpu, virq_port),
	SAVE_ONE(SAVE_U64, 2, struct vcpu, fpu_stop),
	SAVE_LAST,
};

static const void *vcpu_get(struct domain *d, uint32_t n, void *state)
{
	struct vcpu *s = state;

	if (!domain_vcpu(d, n))
		return NULL;
	save_copy(vcpu_saved, s, d->vcpus[n]);
	s->requests &= REQUESTS_SAVED;
	return s;
}

const char *vcpu_event_refused(const struct event *e)
{
	if (e->type > EVENT_SOFT_EXCEPTION || e->insn_len > INSN_LEN_MAX)
		return "no such event";
	if ((e->type == EVENT_SOFT_INTERRUPT || e->type == EVENT_SOFT_EXCEPTION) && !e->insn_len)
		return "an instruction's event without its length";
	if (e->type == EVENT_NMI && e->vector != X86_NMI)
		return "an NMI with another vector";
	if ((e->type == EVENT_EXCEPTION || e->type == EVENT_SOFT_EXCEPTION) &&
	    (e->vector >= NR_EXCEPTIONS || e->vector == X86_NMI))
		return "no such exception";
	if (e->has_error && e->type != EVENT_EXCEPTION)
		return "an error code without an exception";
	return NULL;
}

/* Each is a port that this VIRQ is bound to. */
static const char *virqs_check(struct domain *d, const struct vcpu *s)
{
	const char *why = NULL;

	spin_lock(&d->events.lock);
	for (uint32_t virq = 0; virq < ARRAY_LEN(s->virq_port); virq++) {
		const struct event_channel *chn = event_channel_at(&d->events, s->virq_port[virq]);

		if (s->virq_port[virq] &&
		    (!chn || chn->state != PORT_VIRQ || chn->remote_port != virq))
			why = "a VIRQ without its port";
	}
	spin_unlock(&d->events.lock);
	return why;
}

const char *vcpu_registers_refused(uint64_t cr4, uint64_t rip, uint64_t rflags)
{
	const struct paging_mode mode = { .cr4 = cr4 };

	if ((rflags & ~RFLAGS_DEFINED) || !(rflags & RFLAGS_MBS))
		return "reserved bits of RFLAGS";
	return linear_is_canonical(&mode, rip) ? NULL : "RIP is not canonical";
}

static const char *registers_check(struct vcpu *v, const struct vcpu *s)
{
	const char *why =
		vcpu_registers_refused(virt->get_reg(v, REG_CR4), s->regs.rip, s->regs.rflags);

	if (why)
		return why;
	if (s->xcr0 != XCR0_X87 && cpuid_xcr0_check(&v->domain->cpuid, s->xcr0))
		return "XCR0";
	return NULL;
}

static const char *life_check(const struct vcpu *s)
{
	int16_t sipi = s->sipi_vector;

	if (s->is_up && (!s->is_initialised || s->wait_for_sipi))
		return "up without a state to run";
	if (sipi < -1 || sipi > 0xff)
		return "no such SIPI vector";
	if (s->upcall_vector && s->upcall_vector < VECTOR_MIN)
		return "no such upcall vector";
	if (s->requests & ~REQUESTS_SAVED)
		return "unknown requests";
	if (s->periodic_ns &&
	    (s->periodic_ns < VCPU_PERIOD_MIN_NS || s->periodic_ns > VCPU_PERIOD_MAX_NS))
		return "no such timer period";
	return NULL;
}

static int vcpu_put(struct restore *r, uint32_t n, const void *state)
{
	const struct vcpu *s = state;
	struct vcpu *v = r->d->vcpus[n];
	const char *why = registers_check(v, s);

	why = why ? why : vcpu_event_refused(&s->event);
	why = why ? why : life_check(s);
	why = why ? why : virqs_check(r->d, s);
	if (why)
		return restore_refuse(r, why);
	if (v->is_up)
		return restore_refuse(r, "it is up already");
	save_copy(vcpu_saved, v, s);
	v->requests |= VCPU_REQ_EVENT | VCPU_REQ_TIME | (v->halted ? VCPU_REQ_HALTED : 0);
	v->tsc_offset += r->tsc_shift;
	virt->set_tsc_offset(v, v->tsc_offset);
	guest_walk_cache_reset(&v->walk);
	if (s->is_up)
		vcpu_up(v);
	return 0;
}

const struct save_row save_vcpu = {
	.name = "vcpu",
	.version = 2,
	.is_complete = true,
	SAVE_STATE(struct vcpu, vcpu_saved),
	.limit = save_limit_vcpus,
	.get = vcpu_get,
	.put = vcpu_put,
};

/* ---- time and runstate areas ---- */

static const void *areas_get(struct domain *d, uint32_t n, void *state)
{
	return domain_vcpu(d, n) ? &d->vcpus[n]->time : NULL;
}

/* Linear addresses: looked at when they are written to, and the guest's own affair. */
static int areas_put(struct restore *r, uint32_t n, const void *state)
{
	save_copy(vcpu_time_saved, &r->d->vcpus[n]->time, state);
	return 0;
}

const struct save_row save_areas = {
	.name = "areas of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vcpu_time, vcpu_time_saved),
	.limit = save_limit_vcpus,
	.get = areas_get,
	.put = areas_put,
};

/* ---- local APIC ---- */

static const void *apic_get(struct domain *d, uint32_t n, void *state)
{
	if (!domain_vcpu(d, n))
		return NULL;
	vlapic_save(d->vcpus[n], state);
	return state;
}

static int apic_put(struct restore *r, uint32_t n, const void *state)
{
	if (vlapic_restore(r->d->vcpus[n], state))
		return restore_refuse(r, "a value that the register cannot have");
	return 0;
}

const struct save_row save_apic = {
	.name = "local APIC of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vlapic, vlapic_saved),
	.limit = save_limit_vcpus,
	.get = apic_get,
	.put = apic_put,
};

/* ---- timers, and the time that the vcpu has spent ---- */

struct timers_state {
	bool singleshot, periodic;                /* armed */
	uint64_t singleshot_ns, periodic_next_ns; /* the guest's time */
	uint64_t time_in[4];
};
static const struct save_field timers_saved[] = {
	SAVE_ONE(SAVE_BOOL, 1, struct timers_state, singleshot),
	SAVE_ONE(SAVE_BOOL, 1, struct timers_state, periodic),
	SAVE_ONE(SAVE_U64, 1, struct timers_state, singleshot_ns),
	SAVE_ONE(SAVE_U64, 1, struct timers_state, periodic_next_ns),
	SAVE_ARRAY(SAVE_U64, 1, struct timers_state, time_in),
	SAVE_LAST,
};

static const void *timers_get(struct domain *d, uint32_t n, void *state)
{
	struct timers_state *s = state;
	struct vcpu *v = domain_vcpu(d, n);
	struct sched_times times;

	if (!v)
		return NULL;
	s->singleshot = timer_is_set(&v->singleshot);
	if (s->singleshot)
		s->singleshot_ns = v->singleshot.at_ns - d->time_offset_ns;
	s->periodic = timer_is_set(&v->periodic);
	if (s->periodic)
		s->periodic_next_ns = v->periodic.at_ns - d->time_offset_ns;
	sched_times_get(&v->sched, &times);
	for (unsigned i = 0; i < ARRAY_LEN(s->time_in); i++)
		s->time_in[i] = times.time_in[i];
	return s;
}

static int timers_put(struct restore *r, uint32_t n, const void *state)
{
	const struct timers_state *s = state;
	struct vcpu *v = r->d->vcpus[n];

	if (s->periodic && !v->periodic_ns)
		return restore_refuse(r, "a periodic timer without a period");
	if (s->singleshot)
		timer_set(&v->singleshot, s->singleshot_ns + r->d->time_offset_ns);
	if (s->periodic)
		timer_set(&v->periodic, s->periodic_next_ns + r->d->time_offset_ns);
	sched_times_set(&v->sched, s->time_in);
	return 0;
}

const struct save_row save_timers = {
	.name = "timers of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct timers_state, timers_saved),
	.limit = save_limit_vcpus,
	.get = timers_get,
	.put = timers_put,
};
