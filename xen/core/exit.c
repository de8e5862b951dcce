// SPDX-License-Identifier: GPL-2.0-or-later
/* From an exit to its handler, and the one place that moves RIP over a finished instruction. */
#include "exit_handlers.h"
#include "domain.h"
#include "errno.h"
#include "hypercall.h"
#include "insn_decode.h"
#include "log.h"
#include "percpu.h"

#include <xen/sched.h>

/* Longest that one instruction byte fetch can be. */
#define FETCH_BYTES INSN_MAX_LEN

/* The guest's own fault; or no memory is there any more, and what a bus gives is no instruction. */
static cold_fn void fetch_failed(struct vcpu *v, const struct event *fault)
{
	if (fault->type == EVENT_NONE)
		vcpu_raise_ud(v);
	else
		vcpu_raise(v, *fault);
}

/* The hardware gave no bytes, or stopped at the end of a page. */
static cold_fn int decode_partly(struct vcpu *v, uint8_t bytes[FETCH_BYTES], size_t n,
                                 enum insn_mode mode, struct insn *out)
{
	struct event fault;
	int err = n ? insn_decode(bytes, n, mode, out) : -ENODATA;

	if (err == -ENODATA) {
		n = guest_fetch_insn(v, bytes, &fault);
		err = n ? insn_decode(bytes, n, mode, out) : -ENODATA;
	}
	if (err == -ENODATA && n < FETCH_BYTES) {
		fetch_failed(v, &fault);
		return -EFAULT;
	}
	return err;
}

/* What was fetched in full, and perhaps decoded before: loops that wait for a device are a few instructions. */
int exit_insn(struct vcpu *v, const struct insn **out)
{
	struct insn_memo *m = &v->insn_memo[(v->regs.rip ^ v->regs.rip >> 2) % INSN_MEMO_SLOTS];
	enum insn_mode mode = insn_mode_of(guest_paging_mode(v));
	uint64_t words[2] = { 0, 0 };
	uint8_t *bytes = (uint8_t *)words;
	struct event fault;
	size_t n = virt->insn_bytes(v, bytes);
	int err = 0;

	if (!n)
		n = guest_fetch_insn(v, bytes, &fault);
	*out = &m->insn;
	if (unlikely(n < FETCH_BYTES)) {
		m->mode = 0;
		err = decode_partly(v, bytes, n, mode, &m->insn);
	} else if (unlikely(m->bytes[0] != words[0] || m->bytes[1] != words[1] ||
	                    m->mode != mode + 1u)) {
		err = insn_decode(bytes, n, mode, &m->insn);
		m->bytes[0] = words[0];
		m->bytes[1] = words[1];
		m->mode = err ? 0 : mode + 1u;
	}
	if (likely(!err)) {
		v->exit.insn_len = m->insn.len;
		return 0;
	}
	if (err != -EFAULT)
		vcpu_raise_ud(v);
	return err;
}

/*
 * The instructions that exit most, in the spelling that everybody uses: their length without decoding. 0: look closer. They are the same in all modes, as no
 * prefix is there.
 */
static unsigned plain_length(const uint8_t bytes[FETCH_BYTES])
{
	uint32_t word = bytes[0] | bytes[1] << 8 | (uint32_t)bytes[2] << 16;

	if (word == 0xd9010f || word == 0xc1010f) /* VMMCALL, VMCALL */
		return 3;
	word &= 0xffff;
	if (word == 0xa20f || word == 0x320f || word == 0x300f) /* CPUID, RDMSR, WRMSR */
		return 2;
	return 0;
}

/* Sets v->exit.insn_len. As exit_insn(), but for those who need no more than that. */
static int exit_insn_length(struct vcpu *v)
{
	uint8_t bytes[FETCH_BYTES];
	struct event unused;
	const struct insn *insn;

	if (guest_fetch_insn(v, bytes, &unused) == FETCH_BYTES) {
		v->exit.insn_len = (uint8_t)plain_length(bytes);
		if (likely(v->exit.insn_len))
			return 0;
	}
	return exit_insn(v, &insn);
}

static enum exit_next exit_host_event(struct vcpu *v)
{
	machine_irq_window();
	return NEXT_SAME;
}

static enum exit_next exit_halt(struct vcpu *v)
{
	/* RIP goes past HLT first: the wake-up resumes behind it. */
	exit_skip_insn(v);
	vcpu_halt(v);
	return NEXT_SAME;
}

static enum exit_next exit_hypercall(struct vcpu *v)
{
	hypercall_handle(v);
	return NEXT_SAME;
}

static enum exit_next exit_window_open(struct vcpu *v)
{
	virt->open_window(v, WINDOW_NONE, 0);
	atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
	return NEXT_SAME;
}

static enum exit_next exit_apic_write(struct vcpu *v)
{
	vlapic_written(v, v->exit.apic.offset, v->exit.apic.value);
	return NEXT_SAME;
}

static enum exit_next exit_invd(struct vcpu *v)
{
	/* RAM is write-back and coherent; a guest owns no cache that it could lose. */
	return NEXT_INSN;
}

static enum exit_next exit_pause(struct vcpu *v)
{
	sched_unit_yield(&v->sched);
	return NEXT_INSN;
}

static enum exit_next exit_rdtsc(struct vcpu *v)
{
	uint64_t tsc = machine_tsc() + v->tsc_offset;

	v->regs.r[GPR_RAX] = (uint32_t)tsc;
	v->regs.r[GPR_RDX] = tsc >> 32;
	return NEXT_INSN;
}

static enum exit_next exit_rdpmc(struct vcpu *v)
{
	vcpu_raise_gp(v);
	return NEXT_SAME;
}

static enum exit_next exit_undefined(struct vcpu *v)
{
	vcpu_raise_ud(v);
	return NEXT_SAME;
}

static enum exit_next exit_triple_fault(struct vcpu *v)
{
	vcpu_triple_fault(v);
	return NEXT_SAME;
}

static enum exit_next exit_bad(struct vcpu *v)
{
	log_error("d%uv%u: %s: code %#lx info %#lx %#lx", v->domain->id, v->id,
	          exit_kind_name(v->exit.kind), v->exit.raw.code, v->exit.raw.info1,
	          v->exit.raw.info2);
	return NEXT_CRASH;
}

/* completes: the instruction is done when the handler says NEXT_INSN, so its length must be known before any effect. */
static const struct exit_row {
	exit_handler fn;
	bool completes;
	const char *name;
} exit_rows[NR_EXIT_KINDS] = {
	[EXIT_HOST_EVENT] = { exit_host_event, false, "host event" },
	[EXIT_PIO] = { exit_pio, true, "port access" },
	[EXIT_PIO_STRING] = { exit_pio_string, false, "string port access" },
	[EXIT_MMIO] = { exit_mmio, false, "nested page fault" },
	[EXIT_CPUID] = { exit_cpuid, true, "CPUID" },
	[EXIT_MSR_READ] = { exit_msr_read, true, "RDMSR" },
	[EXIT_MSR_WRITE] = { exit_msr_write, true, "WRMSR" },
	[EXIT_CR_ACCESS] = { exit_cr_access, false, "control register access" },
	[EXIT_DR_ACCESS] = { exit_dr_access, false, "debug register access" },
	[EXIT_XSETBV] = { exit_xsetbv, true, "XSETBV" },
	[EXIT_HALT] = { exit_halt, true, "HLT" },
	[EXIT_HYPERCALL] = { exit_hypercall, true, "hypercall" },
	[EXIT_EXCEPTION] = { exit_exception, false, "exception" },
	[EXIT_TASK_SWITCH] = { exit_task_switch, false, "task switch" },
	[EXIT_WINDOW_OPEN] = { exit_window_open, false, "event window" },
	[EXIT_APIC_WRITE] = { exit_apic_write, false, "local APIC write" },
	[EXIT_INVD] = { exit_invd, true, "INVD" },
	[EXIT_PAUSE] = { exit_pause, true, "PAUSE" },
	[EXIT_RDTSC] = { exit_rdtsc, true, "RDTSC" },
	[EXIT_RDPMC] = { exit_rdpmc, false, "RDPMC" },
	[EXIT_MWAIT] = { exit_undefined, false, "MWAIT" },
	[EXIT_VIRT_INSN] = { exit_undefined, false, "virtualisation instruction" },
	[EXIT_TRIPLE_FAULT] = { exit_triple_fault, false, "triple fault" },
	[EXIT_BAD_ENTRY] = { exit_bad, false, "refused entry" },
	[EXIT_UNKNOWN] = { exit_bad, false, "unknown exit" },
};

const char *exit_kind_name(enum exit_kind kind)
{
	return kind < NR_EXIT_KINDS ? exit_rows[kind].name : "?";
}

void exit_skip_insn(struct vcpu *v)
{
	uint64_t rip = v->regs.rip + v->exit.insn_len;

	/* Only a step over a 4 GiB border needs the mode: outside 64-bit code EIP wraps. */
	if (unlikely((rip ^ v->regs.rip) >> 32) && !paging_64bit_code(guest_paging_mode(v)))
		rip = (uint32_t)rip;
	v->regs.rip = rip;
	v->regs.rflags &= ~RFLAGS_RF;
	if (unlikely(v->exit.in_shadow)) {
		virt->set_interrupt_shadow(v, virt->interrupt_shadow(v) & ~SHADOW_STI_MOV_SS);
		v->exit.in_shadow = false;
	}
	if (unlikely(v->regs.rflags & RFLAGS_TF))
		exit_raise_single_step(v);
}

void exit_pause_insn(struct vcpu *v)
{
	unsigned shadow = virt->interrupt_shadow(v);

	if (shadow & SHADOW_STI_MOV_SS)
		virt->set_interrupt_shadow(v, shadow & ~SHADOW_STI_MOV_SS);
	if (v->regs.rflags & RFLAGS_TF)
		exit_raise_single_step(v);
}

void exit_dispatch(struct vcpu *v)
{
	const struct exit_row *row = &exit_rows[v->exit.kind];
	enum exit_next next = NEXT_SAME;

	/* What came to this CPU, or is the consequence of our own wish, says nothing about the guest. */
	if (likely(v->exit.kind != EXIT_HOST_EVENT && v->exit.kind != EXIT_WINDOW_OPEN))
		history_note(&v->history, v->exit.kind, v->regs.rip, v->regs.r[GPR_RAX],
		             v->exit.raw.code, v->exit.raw.info1);
	/* The guest has run: what was known before its entry (runstate areas are written then) may be another mode's. */
	guest_walk_cache_reset(&v->walk);
	if (!row->completes || v->exit.insn_len || exit_insn_length(v) == 0)
		next = row->fn(v);
	if (likely(next == NEXT_INSN))
		exit_skip_insn(v);
	else if (unlikely(next == NEXT_CRASH))
		domain_crash(v->domain, "vcpu %u: cannot go on after %s", v->id, row->name);
}
