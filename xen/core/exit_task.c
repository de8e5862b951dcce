/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware task switches (SDM volume 3, 7.3), which VT-x leaves to us; AMD's CPUs make them by themselves. The CPU has judged the way to the new task: gate, privileges, the
 * new descriptor. Memory may have changed since, so what is read here is checked again.
 *
 * Up to the loading of the new registers a fault is the old task's, which can try again: so all that may fault comes before it, and what is written until then is what a second
 * try writes, too. From there on faults are the new task's.
 */
#include "task_switch.h"
#include "domain.h"
#include "errno.h"
#include "exit_handlers.h"
#include "string.h"

#define FLAGS_VALID 0x3f7fd5u
/* Faults: the instruction runs again, so RF is set in the flags that are saved (SDM 17.3.1.1). */
#define FAULTS                                                                                     \
	(1u << X86_DE | 1u << X86_BR | 1u << X86_UD | 1u << X86_NM | 1u << X86_TS | 1u << X86_NP | \
	 1u << X86_SS | 1u << X86_GP | 1u << X86_PF | 1u << X86_MF | 1u << X86_AC | 1u << X86_XM)

static const struct tss_form tss_forms[] = {
	{ .type = TYPE_TSS_16, .width = 2, .nr_segs = 4, .first = 0x0e, .limit = 0x2b },
	{ TYPE_TSS_32, 4, 6, 0x20, TSS_MAX_BYTES - 1, 0x1c, 0x64 },
};

/* NULL: not a task-state segment, or not in that state. */
static const struct tss_form *form_of(const struct segment *tss, bool is_busy)
{
	for (unsigned i = 0; i < ARRAY_LEN(tss_forms); i++)
		if ((tss->attr & (SEG_ATTR_S | SEG_ATTR_TYPE)) ==
		    (tss_forms[i].type | (is_busy ? TYPE_BUSY : 0)))
			return &tss_forms[i];
	return NULL;
}

static bool memory_read(struct task_switch *t, void *to, uint64_t linear, size_t n)
{
	return !guest_read_linear(t->v, to, linear, n, WALK_IMPLICIT, &t->fault);
}

static bool memory_write(struct task_switch *t, uint64_t linear, const void *from, size_t n)
{
	return !guest_write_implicit(t->v, linear, from, n, &t->fault);
}

bool task_descriptor(struct task_switch *t, const struct segment *table, uint16_t selector,
                     uint8_t vector, uint64_t *at, struct segment *out)
{
	uint64_t d;

	if (SELECTOR_TABLE(selector) + 7 > table->limit)
		return task_fails(t, vector, selector);
	*at = table->base + SELECTOR_TABLE(selector);
	if (!memory_read(t, &d, *at, sizeof(d)))
		return false;
	*out = segment_of_descriptor(selector, d);
	return true;
}

bool task_descriptor_mark(struct task_switch *t, uint64_t at, const struct segment *s, uint8_t set,
                          uint8_t clear)
{
	uint8_t rights = (uint8_t)s->attr, now = (rights | set) & ~clear;

	return now == rights || memory_write(t, at + DESCRIPTOR_RIGHTS, &now, 1);
}

static bool nests(const struct task_switch *t)
{
	return t->reason == TASK_CALL || t->reason == TASK_GATE;
}

/* The new task's descriptor; IRET goes back to a busy one. */
static bool target_find(struct task_switch *t, uint16_t selector, uint64_t *at)
{
	uint8_t vector = t->reason == TASK_IRET ? X86_TS : X86_GP;

	if (selector_is_null(selector) || (selector & SELECTOR_LOCAL))
		return task_fails(t, vector, selector);
	if (!task_descriptor(t, &t->gdt, selector, vector, at, &t->to_tss))
		return false;
	t->to = form_of(&t->to_tss, t->reason == TASK_IRET);
	if (!t->to)
		return task_fails(t, vector, selector);
	if (!(t->to_tss.attr & SEG_ATTR_P))
		return task_fails(t, X86_NP, selector);
	return t->to_tss.limit >= t->to->limit || task_fails(t, X86_TS, selector);
}

/* RIP behind the instruction, where one has come to its end with this; flags as an event or IRET leaves them behind. */
static void registers_collect(const struct task_switch *t, uint32_t word[TSS_WORDS])
{
	struct vcpu *v = t->v;
	struct segment s;

	word[TSS_IP] = (uint32_t)v->regs.rip + v->exit.insn_len;
	word[TSS_FLAGS] = (uint32_t)v->regs.rflags;
	if (t->reason == TASK_IRET)
		word[TSS_FLAGS] &= ~(uint32_t)RFLAGS_NT;
	if (t->reason == TASK_GATE && v->event.type == EVENT_EXCEPTION &&
	    (FAULTS >> v->event.vector & 1))
		word[TSS_FLAGS] |= RFLAGS_RF;
	for (unsigned i = 0; i < 8; i++)
		word[TSS_GPRS + i] = (uint32_t)v->regs.r[i];
	for (unsigned i = SEG_ES; i <= SEG_GS; i++) {
		virt->get_segment(v, (enum segment_name)i, &s);
		word[TSS_SEGS + i] = s.selector;
	}
}

static bool old_task_save(struct task_switch *t)
{
	uint32_t word[TSS_WORDS];
	uint8_t bytes[TSS_MAX_BYTES];
	unsigned n;

	t->from = form_of(&t->from_tss, true);
	if (!t->from || t->from_tss.limit < t->from->limit)
		return task_fails(t, X86_TS, t->from_tss.selector);
	registers_collect(t, word);
	n = TSS_SEGS + t->from->nr_segs;
	for (unsigned i = 0; i < n; i++)
		memcpy(bytes + i * t->from->width, &word[i], t->from->width);
	return memory_write(t, t->from_tss.base + t->from->first, bytes, n * t->from->width);
}

static bool new_task_read(struct task_switch *t)
{
	uint8_t bytes[TSS_MAX_BYTES];
	const struct tss_form *f = t->to;
	unsigned n = TSS_SEGS + f->nr_segs;

	if (!memory_read(t, bytes, t->to_tss.base, f->limit + 1u))
		return false;
	memset(t->word, 0, sizeof(t->word));
	for (unsigned i = 0; i <= n; i++)
		memcpy(&t->word[i < n ? i : TSS_LDT], bytes + f->first + i * f->width, f->width);
	if (f->cr3) {
		memcpy(&t->cr3, bytes + f->cr3, sizeof(t->cr3));
		t->traps = bytes[f->trap] & 1;
	}
	return true;
}

/* The way back, and which tasks are busy: those on the way are. */
static bool tasks_link(struct task_switch *t, uint64_t to_at)
{
	struct segment old;
	uint64_t at;

	if (nests(t) && !memory_write(t, t->to_tss.base, &t->from_tss.selector, 2))
		return false;
	if (t->reason != TASK_IRET && !task_descriptor_mark(t, to_at, &t->to_tss, TYPE_BUSY, 0))
		return false;
	if (nests(t))
		return true;
	/* Without a descriptor of its own (TR as it is at reset) there is nothing to mark. */
	return selector_is_null(t->from_tss.selector) ||
	       (task_descriptor(t, &t->gdt, t->from_tss.selector, X86_TS, &at, &old) &&
	        task_descriptor_mark(t, at, &old, 0, TYPE_BUSY));
}

/* Of a 16-bit task nobody has set the upper halves. */
#define UPPER_UNKNOWN 0xffff0000u

static void registers_load(struct task_switch *t)
{
	struct vcpu *v = t->v;
	uint64_t cr0 = virt->get_reg(v, REG_CR0);

	t->to_tss.attr |= TYPE_BUSY;
	virt->set_segment(v, SEG_TR, &t->to_tss);
	if (t->to->cr3 && (cr0 & CR0_PG))
		virt->set_reg(v, REG_CR3, t->cr3);
	virt->set_reg(v, REG_CR0, cr0 | CR0_TS);
	virt->set_reg(v, REG_DR7, virt->get_reg(v, REG_DR7) & ~DR7_LOCAL);
	v->regs.rip = t->word[TSS_IP];
	v->regs.rflags = (t->word[TSS_FLAGS] & FLAGS_VALID) | RFLAGS_MBS;
	if (nests(t))
		v->regs.rflags |= RFLAGS_NT;
	for (unsigned i = 0; i < 8; i++)
		v->regs.r[i] = t->word[TSS_GPRS + i] | (t->to->width == 2 ? UPPER_UNKNOWN : 0);
	guest_walk_cache_reset(&v->walk);
}

/* As exceptions do that push one; on the new task's stack. */
static bool error_code_push(struct task_switch *t)
{
	struct vcpu *v = t->v;
	struct segment ss;
	uint64_t sp, mask, linear;

	if (!v->exit.task.has_error)
		return true;
	virt->get_segment(v, SEG_SS, &ss);
	mask = ss.attr & SEG_ATTR_DB ? 0xffffffff : 0xffff;
	sp = (v->regs.r[GPR_RSP] - t->to->width) & mask;
	if (segment_linear(v, SEG_SS, sp, t->to->width, true, &linear, &t->fault) ||
	    guest_write_linear(v, linear, &v->exit.task.error_code, t->to->width, &t->fault))
		return false;
	v->regs.r[GPR_RSP] = (v->regs.r[GPR_RSP] & ~mask) | sp;
	return true;
}

/* The instruction is over, and with it its shadow; NMIs are blocked by one's delivery, and no more after IRET. */
static void shadow_settle(struct task_switch *t)
{
	unsigned shadow = virt->interrupt_shadow(t->v) & ~(unsigned)SHADOW_STI_MOV_SS;

	if (t->reason == TASK_IRET)
		shadow &= ~(unsigned)SHADOW_NMI;
	if (t->reason == TASK_GATE && t->v->event.type == EVENT_NMI)
		shadow |= SHADOW_NMI;
	virt->set_interrupt_shadow(t->v, shadow);
}

static bool task_switch(struct task_switch *t)
{
	uint64_t to_at;

	virt->get_segment(t->v, SEG_GDTR, &t->gdt);
	virt->get_segment(t->v, SEG_TR, &t->from_tss);
	if (!target_find(t, t->v->exit.task.selector, &to_at) || !old_task_save(t) ||
	    !new_task_read(t) || !tasks_link(t, to_at))
		return false;
	shadow_settle(t);
	registers_load(t);
	return task_segments_load(t) && error_code_push(t);
}

/* An event of the machine's or of the program's instructions, but none that it asked for (INT n). */
static bool is_external(const struct event *e)
{
	return e->type == EVENT_INTERRUPT || e->type == EVENT_NMI || e->type == EVENT_EXCEPTION;
}

enum exit_next exit_task_switch(struct vcpu *v)
{
	struct task_switch t = { .v = v, .reason = (enum task_reason)(v->exit.task.reason & 3) };
	uint16_t selector = v->exit.task.selector;

	if (!(virt->get_reg(v, REG_CR0) & CR0_PE) || (virt->get_reg(v, REG_EFER) & EFER_LMA)) {
		vcpu_raise(v, event_exception_code(X86_GP, selector & ~3u));
		return NEXT_SAME;
	}
	t.external = t.reason == TASK_GATE && is_external(&v->event);
	if (!task_switch(&t)) {
		if (t.fault.type != EVENT_NONE)
			vcpu_raise(v, t.fault);
		else
			domain_crash(
				v->domain,
				"vcpu %u: task switch to selector %#x: its tables are not in RAM",
				v->id, selector);
		return NEXT_SAME;
	}
	/* What came by the gate has been delivered. */
	if (t.reason == TASK_GATE)
		v->event.type = EVENT_NONE;
	if (t.traps) {
		virt->set_reg(v, REG_DR6, virt->get_reg(v, REG_DR6) | DR6_BT);
		vcpu_raise(v, event_exception(X86_DB));
	}
	return NEXT_SAME;
}
