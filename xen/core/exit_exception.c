// SPDX-License-Identifier: GPL-2.0-or-later
/* Exceptions that we intercept: #UD for the other vendor's hypercall instruction, #DB and #AC so that their delivery cannot loop without us. */
#include "exit_handlers.h"
#include "domain.h"
#include "hypercall.h"
#include "insn_decode.h"
#include "percpu.h"

#define DR6_BS BIT(14)

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

enum exit_next exit_exception(struct vcpu *v)
{
	struct event e = event_exception(v->exit.exception.vector);

	if (e.vector == X86_UD)
		return exception_ud(v);
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
