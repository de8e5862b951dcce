// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exceptions that we intercept: #UD for the other vendor's hypercall instruction, #DB and #AC so that their delivery cannot loop without us, #MF where the guest wants its x87's errors the
 * old way.
 */
#include "exit_handlers.h"
#include "domain.h"
#include "hvm_platform.h"
#include "hypercall.h"
#include "insn_decode.h"
#include "machine.h"
#include "percpu.h"
#include "string.h"

/* VMCALL is 0F 01 C1, VMMCALL 0F 01 D9. */
static bool insn_is_hypercall(const struct insn *i)
{
	return i->map == MAP_0F && i->opcode == 0x01 && (i->modrm == 0xc1 || i->modrm == 0xd9) &&
	       !i->lock;
}

static enum exit_next exception_ud(struct vcpu *v)
{
	struct event fault;
	struct insn insn;
	uint8_t bytes[INSN_MAX_LEN];
	size_t n = guest_fetch_insn(v, bytes, &fault);

	if (n && insn_decode(bytes, n, insn_mode_of(guest_paging_mode(v)), &insn) == 0 &&
	    insn_is_hypercall(&insn)) {
		v->exit.insn_len = insn.len;
		hypercall_handle(v);
		return NEXT_SAME;
	}
	vcpu_raise_ud(v);
	return NEXT_SAME;
}

/* ---- x87 errors with CR0.NE clear (SDM volume 1, 8.7.2) ---- */

#define OPCODE_WAIT 0x9b
#define STATUS_AT   2 /* the status word in a save area */
#define STATE_WORDS \
	3 /* control, status, what is in use, pointers to the last instruction and its operand */
#define STATUS_KEPT 0x7f00 /* all but what has happened: as FNCLEX leaves it */

static void errors_clear(struct vcpu *v)
{
	uint8_t *area = v->fpu_area;
	uint16_t status;

	machine_fpu_save(area, v->xcr0);
	memcpy(&status, area + STATUS_AT, sizeof(status));
	status &= STATUS_KEPT;
	memcpy(area + STATUS_AT, &status, sizeof(status));
	machine_fpu_load(area, v->xcr0);
}

/* The CPU would do as if there was no error. Most often this is the WAIT of a handler's FSAVE or FSTENV, which has nothing to do; for another one the errors are forgotten. */
static enum exit_next error_ignored(struct vcpu *v)
{
	uint8_t bytes[INSN_MAX_LEN];
	struct event fault;

	if (guest_fetch_insn(v, bytes, &fault) && bytes[0] == OPCODE_WAIT) {
		v->exit.insn_len = 1;
		return NEXT_INSN;
	}
	errors_clear(v);
	return NEXT_SAME;
}

static uint64_t sum(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * 0x100000001b3ull;
}

/* Of registers and of the x87's own state: the same when an interrupt handler comes back to the instruction with the error still there. Never 0. */
static uint64_t stop_sum(struct vcpu *v)
{
	uint64_t s = sum(v->regs.rip, v->regs.rflags & ~RFLAGS_RF), words[STATE_WORDS];

	machine_fpu_save(v->fpu_area, v->xcr0);
	memcpy(words, v->fpu_area, sizeof(words));
	machine_fpu_load(v->fpu_area, v->xcr0);
	for (unsigned i = 0; i < NR_GPRS; i++)
		s = sum(s, v->regs.r[i]);
	for (unsigned i = 0; i < STATE_WORDS; i++)
		s = sum(s, words[i]);
	return s | 1;
}

/* The instruction waits until an interrupt comes, not only that of the error, and begins anew behind its handler. */
static enum exit_next exception_mf(struct vcpu *v)
{
	unsigned shadow = virt->interrupt_shadow(v);
	uint64_t stop = stop_sum(v), before = v->fpu_stop;

	v->fpu_stop = 0;
	if (irq_routing_fpu_error(v->domain, v->regs.rflags & RFLAGS_IF, stop == before)) {
		if (!(v->regs.rflags & RFLAGS_IF))
			v->fpu_stop = before;
		return error_ignored(v);
	}
	v->fpu_stop = stop;
	if (shadow & SHADOW_STI_MOV_SS)
		virt->set_interrupt_shadow(v, shadow & ~SHADOW_STI_MOV_SS);
	vcpu_halt(v);
	return NEXT_SAME;
}

enum exit_next exit_exception(struct vcpu *v)
{
	struct event e = event_exception(v->exit.exception.vector);

	if (e.vector == X86_UD)
		return exception_ud(v);
	if (e.vector == X86_MF && v->domain->pic && !(virt->get_reg(v, REG_CR0) & CR0_NE))
		return exception_mf(v);
	e.has_error = v->exit.exception.has_error;
	e.error_code = v->exit.exception.error_code;
	e.cr2 = v->exit.exception.cr2_or_dr6;
	vcpu_raise(v, e);
	return NEXT_SAME;
}

void exit_raise_single_step(struct vcpu *v)
{
	virt->set_reg(v, REG_DR6, virt->get_reg(v, REG_DR6) | DR6_BS);
	vcpu_raise(v, event_exception(X86_DB));
}
