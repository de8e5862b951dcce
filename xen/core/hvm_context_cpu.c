/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records CPU and CPU_XSAVE: a vcpu's registers. */
#include "hvm_context.h"

#include "exit_handlers.h"
#include "heap.h"
#include "save_records.h"
#include "string.h"

#include <xen/hvm/save.h>

/* Registers by place, so that both ways are one loop. */
#define PLACE(field) offsetof(struct hvm_hw_cpu, field)
static const uint16_t gpr_places[NR_GPRS] = {
	[GPR_RAX] = PLACE(rax),    [GPR_RCX] = PLACE(rcx),    [GPR_RDX] = PLACE(rdx),
	[GPR_RBX] = PLACE(rbx),    [GPR_RSP] = PLACE(rsp),    [GPR_RBP] = PLACE(rbp),
	[GPR_RSI] = PLACE(rsi),    [GPR_RDI] = PLACE(rdi),    [GPR_R8] = PLACE(r8),
	[GPR_R8 + 1] = PLACE(r9),  [GPR_R8 + 2] = PLACE(r10), [GPR_R8 + 3] = PLACE(r11),
	[GPR_R8 + 4] = PLACE(r12), [GPR_R8 + 5] = PLACE(r13), [GPR_R8 + 6] = PLACE(r14),
	[GPR_R8 + 7] = PLACE(r15),
};

/* In hvm_hw_cpu and in vcpu_hardware_state. */
#define HARDWARE(theirs, ours)                                            \
	{                                                                 \
		PLACE(theirs), offsetof(struct vcpu_hardware_state, ours) \
	}
static const struct {
	uint16_t theirs, ours;
} hardware_places[] = {
	HARDWARE(cr0, cr0),
	HARDWARE(cr2, cr2),
	HARDWARE(cr3, cr3),
	HARDWARE(cr4, cr4),
	HARDWARE(msr_efer, efer),
	HARDWARE(dr6, dr6),
	HARDWARE(dr7, dr7),
	HARDWARE(msr_star, star),
	HARDWARE(msr_lstar, lstar),
	HARDWARE(msr_cstar, cstar),
	HARDWARE(msr_syscall_mask, fmask),
	HARDWARE(shadow_gs, kernel_gs_base),
	HARDWARE(sysenter_cs, sysenter_cs),
	HARDWARE(sysenter_esp, sysenter_esp),
	HARDWARE(sysenter_eip, sysenter_eip),
};
_Static_assert(ARRAY_LEN(hardware_places) == NR_HARDWARE_ROWS, "each register");

/* Descriptor tables have neither selector nor attributes: 0, which is where no segment has one. */
#define SEGMENT(name)                                                                             \
	{                                                                                         \
		PLACE(name##_sel), PLACE(name##_limit), PLACE(name##_base), PLACE(name##_arbytes) \
	}
static const struct {
	uint16_t selector, limit, base, attr;
} segment_places[NR_SEGS] = {
	[SEG_CS] = SEGMENT(cs),
	[SEG_DS] = SEGMENT(ds),
	[SEG_ES] = SEGMENT(es),
	[SEG_FS] = SEGMENT(fs),
	[SEG_GS] = SEGMENT(gs),
	[SEG_SS] = SEGMENT(ss),
	[SEG_TR] = SEGMENT(tr),
	[SEG_LDTR] = SEGMENT(ldtr),
	[SEG_GDTR] = { 0, PLACE(gdtr_limit), PLACE(gdtr_base), 0 },
	[SEG_IDTR] = { 0, PLACE(idtr_limit), PLACE(idtr_base), 0 },
};

static uint64_t *at_64(const void *base, size_t offset)
{
	return (uint64_t *)((uintptr_t)base + offset);
}

static uint32_t *at_32(const void *base, size_t offset)
{
	return (uint32_t *)((uintptr_t)base + offset);
}

/* ---- the event on its way; numbers of SDM table 24-16 ---- */

static const uint8_t event_types[] = {
	[EVENT_INTERRUPT] = 0,      [EVENT_NMI] = 2,
	[EVENT_EXCEPTION] = 3,      [EVENT_SOFT_INTERRUPT] = 4,
	[EVENT_SOFT_EXCEPTION] = 6,
};

static void event_save(const struct event *e, struct hvm_hw_cpu *r)
{
	if (e->type == EVENT_NONE)
		return;
	r->pending_valid = 1;
	r->pending_type = event_types[e->type] & 7;
	r->pending_vector = e->vector;
	r->pending_error_valid = e->has_error;
	r->error_code = e->error_code;
}

static int event_load(const struct hvm_hw_cpu *r, struct event *e)
{
	*e = (struct event){ .type = EVENT_NONE };
	if (!r->pending_valid)
		return 0;
	for (unsigned type = EVENT_INTERRUPT; type < ARRAY_LEN(event_types); type++)
		if (event_types[type] == r->pending_type)
			e->type = type;
	e->vector = r->pending_vector;
	e->has_error = r->pending_error_valid;
	e->error_code = e->has_error ? r->error_code : 0;
	/* The record has no length: INT n has two bytes, INT3 and INTO have one. */
	e->insn_len = e->type == EVENT_SOFT_INTERRUPT ? 2 : e->type == EVENT_SOFT_EXCEPTION ? 1 : 0;
	return e->type == EVENT_NONE || r->pending_reserved || vcpu_event_refused(e) ? -EINVAL : 0;
}

/* ---- CPU ---- */

/* A vcpu that is down has no record: it starts from power-on. */
static uint32_t cpu_save(struct vcpu *v, void *record)
{
	struct hvm_hw_cpu *r = record;
	struct vcpu_hardware_state s = { 0 };

	if (!v->is_up)
		return 0;
	save_hardware.get(v->domain, v->id, &s);
	memcpy(r->fpu_regs, v->fpu_area, sizeof(r->fpu_regs));
	for (unsigned i = 0; i < NR_GPRS; i++)
		*at_64(r, gpr_places[i]) = v->regs.r[i];
	for (unsigned i = 0; i < ARRAY_LEN(hardware_places); i++)
		*at_64(r, hardware_places[i].theirs) = *at_64(&s, hardware_places[i].ours);
	for (unsigned i = 0; i < NR_SEGS; i++) {
		*at_32(r, segment_places[i].limit) = s.segment[i].limit;
		*at_64(r, segment_places[i].base) = s.segment[i].base;
		if (!segment_places[i].attr)
			continue;
		*at_32(r, segment_places[i].selector) = s.segment[i].selector;
		*at_32(r, segment_places[i].attr) = s.segment[i].attr;
	}
	memcpy(&r->dr0, v->dr, sizeof(v->dr));
	r->rip = v->regs.rip;
	r->rflags = v->regs.rflags;
	r->msr_tsc_aux = v->msrs.tsc_aux;
	r->tsc = v->domain->settings.context_tsc + v->tsc_offset;
	r->flags = XEN_X86_FPU_INITIALISED;
	event_save(&v->event, r);
	return sizeof(*r);
}

static int hardware_read(const struct hvm_hw_cpu *r, struct vcpu_hardware_state *s)
{
	for (unsigned i = 0; i < ARRAY_LEN(hardware_places); i++)
		*at_64(s, hardware_places[i].ours) = *at_64(r, hardware_places[i].theirs);
	for (unsigned i = 0; i < NR_SEGS; i++) {
		uint32_t selector = 0, attr = 0;

		s->segment[i].limit = *at_32(r, segment_places[i].limit);
		s->segment[i].base = *at_64(r, segment_places[i].base);
		if (segment_places[i].attr) {
			selector = *at_32(r, segment_places[i].selector);
			attr = *at_32(r, segment_places[i].attr);
		}
		/* Bit 16 says "unusable" in the manner of one vendor: the same as not present. */
		if (attr == 1u << 16)
			attr = 0;
		if ((selector | attr) >> 16)
			return -EINVAL;
		s->segment[i].selector = (uint16_t)selector;
		s->segment[i].attr = (uint16_t)attr;
	}
	return 0;
}

/* Counters of vcpus that have not started go with that of the first: they begin together. */
static void tsc_load(struct vcpu *v, uint64_t tsc)
{
	struct vcpu *other;
	uint32_t i;

	v->tsc_offset = tsc - v->domain->settings.context_tsc;
	virt->set_tsc_offset(v, v->tsc_offset);
	domain_for_each_vcpu(v->domain, other, i) {
		if (v->id || other->is_up)
			continue;
		other->tsc_offset = v->tsc_offset;
		virt->set_tsc_offset(other, other->tsc_offset);
	}
}

/* FXSAVE's image in front of what the area holds, or all of it as at power-on. */
static int fpu_load(struct vcpu *v, const struct hvm_hw_cpu *r)
{
	struct fpu_state *s;
	struct restore restore = { .d = v->domain };
	int err;

	if (!(r->flags & XEN_X86_FPU_INITIALISED)) {
		machine_fpu_init(v->fpu_area);
		return 0;
	}
	s = heap_alloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	save_fpu.get(v->domain, v->id, s);
	memcpy(&s->area, r->fpu_regs, sizeof(r->fpu_regs));
	s->area.xstate_bv |= XSTATE_LEGACY;
	err = save_fpu.put(&restore, v->id, s);
	heap_free(s);
	return err;
}

static void cpu_apply(struct vcpu *v, const struct hvm_hw_cpu *r, const struct event *e)
{
	for (unsigned i = 0; i < NR_GPRS; i++)
		v->regs.r[i] = *at_64(r, gpr_places[i]);
	v->regs.rip = r->rip;
	v->regs.rflags = r->rflags | RFLAGS_MBS;
	memcpy(v->dr, &r->dr0, sizeof(v->dr));
	v->event = *e;
	v->halted = false;
	v->msrs.tsc_aux = r->msr_tsc_aux;
	vcpu_msrs_apply(v);
	tsc_load(v, r->tsc);
	atomic_fetch_or(&v->requests, VCPU_REQ_EVENT | VCPU_REQ_TIME);
	spin_lock(&v->domain->lock);
	v->is_initialised = true;
	v->init_pending = false;
	vcpu_up_locked(v);
	spin_unlock(&v->domain->lock);
}

static int cpu_load(struct vcpu *v, const void *record, uint32_t length)
{
	const struct hvm_hw_cpu *r = record;
	struct vcpu_hardware_state hardware = { .interrupt_shadow = 0 };
	struct restore restore = { .d = v->domain };
	struct guest_msrs msrs = v->msrs;
	struct event event;
	int err;

	msrs.tsc_aux = r->msr_tsc_aux;
	if ((r->flags & ~XEN_X86_FPU_INITIALISED) || r->pad0 ||
	    !guest_msrs_valid(&msrs, &v->domain->cpuid) || hardware_read(r, &hardware) ||
	    event_load(r, &event) ||
	    vcpu_registers_refused(hardware.cr4, r->rip, r->rflags | RFLAGS_MBS))
		return -EINVAL;
	/* LMA follows from the others; builders leave it out. */
	if ((hardware.efer & EFER_LME) && (hardware.cr0 & CR0_PG))
		hardware.efer |= EFER_LMA;
	err = save_hardware.put(&restore, v->id, &hardware);
	err = err ? err : fpu_load(v, r);
	if (!err)
		cpu_apply(v, r, &event);
	return err;
}

const struct hvm_record hvm_record_cpu = {
	.type = HVM_SAVE_CODE(CPU),
	.name = "CPU",
	.size = sizeof(struct hvm_hw_cpu),
	.min_size = sizeof(struct hvm_hw_cpu),
	.save = cpu_save,
	.load = cpu_load,
};

/* ---- CPU_XSAVE ---- */

#define XSAVE_FRONT offsetof(struct hvm_hw_cpu_xsave, save_area)

static bool has_xsave(const struct vcpu *v)
{
	return cpuid_xcr0_valid(&v->domain->cpuid) != 0;
}

static uint32_t xsave_save(struct vcpu *v, void *record)
{
	struct hvm_hw_cpu_xsave *r = record;
	size_t size = machine_fpu_size();

	if (!v->is_up || !has_xsave(v) || size > FPU_AREA_MAX)
		return 0;
	r->xfeature_mask = cpuid_xcr0_valid(&v->domain->cpuid);
	r->xcr0 = v->xcr0;
	r->xcr0_accum = v->xcr0;
	memcpy(&r->save_area, v->fpu_area, size);
	return (uint32_t)(XSAVE_FRONT + size);
}

static int xsave_area_load(struct vcpu *v, const struct hvm_hw_cpu_xsave *r, uint32_t size)
{
	struct fpu_state *s = heap_alloc(sizeof(*s));
	struct restore restore = { .d = v->domain };
	int err;

	if (!s)
		return -ENOMEM;
	s->size = (uint32_t)machine_fpu_size();
	memcpy(&s->area, &r->save_area, MIN(size, s->size));
	err = save_fpu.put(&restore, v->id, s);
	heap_free(s);
	return err;
}

/* A longer area than ours holds nothing there, or states that we refuse. */
static int xsave_load(struct vcpu *v, const void *record, uint32_t length)
{
	const struct hvm_hw_cpu_xsave *r = record;
	const uint8_t *end = (const uint8_t *)record + length;
	size_t size = machine_fpu_size();
	int err;

	if (!has_xsave(v) || size > FPU_AREA_MAX)
		return -EINVAL;
	if (r->xcr0 != 1 && cpuid_xcr0_check(&v->domain->cpuid, r->xcr0))
		return -EINVAL;
	for (const uint8_t *p = (const uint8_t *)&r->save_area + size; p < end; p++)
		if (*p)
			return -EINVAL;
	err = xsave_area_load(v, r, length - (uint32_t)XSAVE_FRONT);
	if (!err)
		v->xcr0 = r->xcr0;
	return err;
}

const struct hvm_record hvm_record_xsave = {
	.type = CPU_XSAVE_CODE,
	.name = "CPU_XSAVE",
	.size = XSAVE_FRONT + FPU_AREA_MAX,
	.min_size = sizeof(struct hvm_hw_cpu_xsave),
	.save = xsave_save,
	.load = xsave_load,
};
