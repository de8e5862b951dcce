/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vcpu's last exits and a domain's end, as the tools see them (domain_history.h). */
#include "history.h"

#include "domctl.h"
#include "format.h"
#include "heap.h"
#include "string.h"

_Static_assert(sizeof(struct history_record) == 32 &&
                       sizeof(struct domain_history) == 184 + 32 * 32,
               "one layout for all callers");
_Static_assert(sizeof(struct history_domctl_get) <= CONTROL_MEMBER_MAX, "room for the member");

static const uint8_t kinds[] = {
	[EXIT_PIO] = HISTORY_PORT,
	[EXIT_PIO_STRING] = HISTORY_PORT_STRING,
	[EXIT_MMIO] = HISTORY_MEMORY,
	[EXIT_CPUID] = HISTORY_CPUID,
	[EXIT_MSR_READ] = HISTORY_MSR_READ,
	[EXIT_MSR_WRITE] = HISTORY_MSR_WRITE,
	[EXIT_CR_ACCESS] = HISTORY_CONTROL_REGISTER,
	[EXIT_DR_ACCESS] = HISTORY_DEBUG_REGISTER,
	[EXIT_XSETBV] = HISTORY_XSETBV,
	[EXIT_HALT] = HISTORY_HALT,
	[EXIT_HYPERCALL] = HISTORY_HYPERCALL,
	[EXIT_EXCEPTION] = HISTORY_EXCEPTION,
	[EXIT_TASK_SWITCH] = HISTORY_TASK_SWITCH,
	[EXIT_INVD] = HISTORY_CACHE,
	[EXIT_PAUSE] = HISTORY_PAUSE,
	[EXIT_RDTSC] = HISTORY_TIME,
	[EXIT_RDPMC] = HISTORY_REFUSED,
	[EXIT_MWAIT] = HISTORY_REFUSED,
	[EXIT_VIRT_INSN] = HISTORY_REFUSED,
	[EXIT_TRIPLE_FAULT] = HISTORY_TRIPLE_FAULT,
	[EXIT_BAD_ENTRY] = HISTORY_BAD,
	[EXIT_UNKNOWN] = HISTORY_BAD,
	[HISTORY_OF_RAISED] = HISTORY_RAISED,
};

/* Only the member that the kind names means something. */
static void record_fill(struct history_record *r, const struct exit_past *p)
{
	struct vcpu_exit x = { 0 };

	memcpy(&x.raw, p->words, sizeof(p->words));
	*r = (struct history_record){ .rip = p->rip, .count = p->count, .kind = kinds[p->kind] };
	switch (p->kind) {
	case EXIT_PIO:
	case EXIT_PIO_STRING:
		r->address = x.pio.port;
		r->size = x.pio.size;
		r->is_write = x.pio.is_write;
		r->value = p->rax;
		break;
	case EXIT_MMIO:
		r->address = x.mmio.gpa.v;
		r->is_write = x.mmio.is_write;
		break;
	case EXIT_MSR_READ:
	case EXIT_MSR_WRITE: r->address = x.msr.index; break;
	case EXIT_CR_ACCESS:
		r->address = x.cr.cr;
		r->is_write = x.cr.is_write;
		break;
	case EXIT_DR_ACCESS:
		r->address = x.dr.dr;
		r->is_write = x.dr.is_write;
		break;
	case EXIT_CPUID:
	case EXIT_HYPERCALL: r->address = (uint32_t)p->rax; break;
	case EXIT_EXCEPTION:
		r->address = x.exception.vector;
		r->value = x.exception.has_error ? x.exception.error_code : 0;
		break;
	case HISTORY_OF_RAISED:
		r->address = p->words[0];
		r->value = p->words[1];
		break;
	case EXIT_BAD_ENTRY:
	case EXIT_UNKNOWN: r->address = x.raw.code; break;
	default: break;
	}
}

static void vcpu_fill(struct domain_history *to, struct exit_history *h)
{
	struct exit_past *p = h->newest;

	for (uint32_t i = 0; i < HISTORY_RECORDS; i++) {
		p = history_next(h, p);
		if (p->count)
			record_fill(&to->records[to->nr_records++], p);
	}
}

static void domain_fill(struct domain_history *to, struct domain *d)
{
	spin_lock(&d->lock);
	to->now_ns = machine_now_ns();
	to->ended_ns = d->ending.at_ns;
	to->ended_vcpu = d->ending.vcpu;
	memcpy(to->why, d->ending.why, sizeof(to->why));
	spin_unlock(&d->lock);
}

long domctl_history_get(struct control_call *c, void *member)
{
	const struct history_domctl_get *x = member;
	struct domain *d = c->d;
	struct domain_history *h;
	long err = 0;

	if (x->size != sizeof(*h))
		return -EINVAL;
	if (x->vcpu >= d->max_vcpus)
		return -ENOENT;
	h = heap_alloc(sizeof(*h));
	if (!h)
		return -ENOMEM;
	domain_pause(d);
	domain_fill(h, d);
	if (domain_vcpu(d, x->vcpu))
		vcpu_fill(h, &domain_vcpu(d, x->vcpu)->history);
	else
		err = -ENOENT;
	domain_unpause(d);
	if (!err && control_put(c, h, x->buffer, 0, sizeof(*h)))
		err = -EFAULT;
	heap_free(h);
	return err;
}

/* ---- the end in words ---- */

/* Of several, the first one is the cause. */
void domain_ending_note(struct domain *d, const char *fmt, ...)
{
	char why[HISTORY_WORDS];
	va_list ap;

	va_start(ap, fmt);
	format_v(why, sizeof(why), fmt, ap);
	va_end(ap);
	spin_lock(&d->lock);
	if (!d->is_shut_down && !d->ending.why[0])
		memcpy(d->ending.why, why, sizeof(why));
	spin_unlock(&d->lock);
}

void domain_ending_set(struct domain *d)
{
	const struct vcpu *v = percpu()->current;

	d->ending.at_ns = machine_now_ns();
	d->ending.vcpu = v && v->domain == d ? v->id : ~0u;
}
