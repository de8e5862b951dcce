/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware's reason becomes a neutral struct vcpu_exit: a row for each exit code, and a small decoder where the kind needs more than its
 * name. Exit codes: APM volume 2, appendix C.
 */
#include "svm.h"
#include "virt_event.h"
#include "string.h"

static void decode_cr(struct vcpu *v, const struct vmcb *m)
{
	uint64_t info = m->exit_info_1;

	v->exit.cr.cr = m->exit_code & 0xf;
	v->exit.cr.is_write = m->exit_code >= SVM_EXIT_CR_WRITE;
	/* Without the MOV bit it may be CLTS, LMSW or SMSW. */
	v->exit.cr.gpr =
		svm_has(SVM_DECODE_ASSISTS) && (info & CR_IS_MOV) ? info & 0xf : GPR_DECODE;
	if (m->exit_code == SVM_EXIT_CR_WRITE + 8)
		svm_cr8_window_close(v->virt);
}

/* First use since the vcpu came to this CPU: from now on the debug registers are the guest's, and it simply tries again. */
static void decode_dr(struct vcpu *v, const struct vmcb *m)
{
	svm_breakpoints_load(v);
	v->exit.insn_len = 0;
}

static void decode_exception(struct vcpu *v, const struct vmcb *m)
{
	uint8_t vector = m->exit_code & 0x1f;
	bool has_error = EXCEPTIONS_WITH_ERROR >> vector & 1;

	v->exit.exception.vector = vector;
	v->exit.exception.has_error = has_error;
	v->exit.exception.error_code = has_error ? (uint32_t)m->exit_info_1 : 0;
	v->exit.exception.cr2_or_dr6 = vector == X86_PF ? m->exit_info_2 : 0;
}

static void decode_db(struct vcpu *v, const struct vmcb *m)
{
	struct svm_vcpu *s = v->virt;

	decode_exception(v, m);
	/* The CPU has written DR6 and cleared DR7.GD already (APM 15.12.2). */
	v->exit.exception.cr2_or_dr6 = m->dr6;
	if (s->step)
		svm_step_done(v);
}

/* A machine check of this computer: our own handler takes it, as if it had come here. */
static void decode_mc(struct vcpu *v, const struct vmcb *m)
{
	__asm__ volatile("int $18" : : : "memory");
}

static void decode_iret(struct vcpu *v, const struct vmcb *m)
{
	svm_event_iret(v);
	v->exit.insn_len = 0;
}

static void decode_io(struct vcpu *v, const struct vmcb *m)
{
	uint64_t info = m->exit_info_1;

	v->exit.insn_len = (uint8_t)(m->exit_info_2 - m->rip);
	v->exit.pio.port = IOIO_PORT(info);
	v->exit.pio.size = IOIO_SIZE(info);
	v->exit.pio.is_write = !(info & IOIO_IN);
	v->exit.pio.rep = info & IOIO_REP;
	if (likely(!(info & IOIO_STRING)))
		return;
	v->exit.kind = EXIT_PIO_STRING;
	v->exit.pio.addr_size = IOIO_ADDRESS(info) * 2;
	if (info & IOIO_IN)
		v->exit.pio.segment = SEG_ES;
	else
		v->exit.pio.segment =
			svm_has(SVM_DECODE_ASSISTS) ? IOIO_SEGMENT(info) : SEGMENT_DECODE;
}

static void decode_msr(struct vcpu *v, const struct vmcb *m)
{
	v->exit.kind = m->exit_info_1 & 1 ? EXIT_MSR_WRITE : EXIT_MSR_READ;
	v->exit.msr.index = (uint32_t)v->regs.r[GPR_RCX];
}

static void decode_npf(struct vcpu *v, const struct vmcb *m)
{
	uint64_t info = m->exit_info_1;

	v->exit.mmio.gpa = gpa(m->exit_info_2);
	v->exit.mmio.is_present = info & PFEC_PRESENT;
	v->exit.mmio.is_write = info & PFEC_WRITE;
	v->exit.mmio.is_fetch = info & PFEC_FETCH;
	v->exit.mmio.in_walk = info & NPF_IN_WALK;
}

static void decode_raw(struct vcpu *v, const struct vmcb *m)
{
	v->exit.raw.code = m->exit_code;
	v->exit.raw.info1 = m->exit_info_1;
	v->exit.raw.info2 = m->exit_info_2;
}

struct exit_row {
	uint8_t cause; /* enum exit_cause; CAUSE_NONE: nothing that we intercept */
	uint8_t kind;  /* enum exit_kind */
	void (*decode)(struct vcpu *v, const struct vmcb *m);
};

/* clang-format off */
static const struct exit_row exit_rows[SVM_NR_PLAIN_EXITS] = {
	[SVM_EXIT_CR_READ ... SVM_EXIT_CR_WRITE + 15] = ROW_INSN(EXIT_CR_ACCESS, decode_cr),
	[SVM_EXIT_DR_READ ... SVM_EXIT_DR_WRITE + 15] = ROW_INSN(EXIT_HOST_EVENT, decode_dr),
	/* Most of them only while an instruction is stepped, svm_event.c. */
	[SVM_EXIT_EXCEPTION + X86_DE]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_BR]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_NM]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_TS ... SVM_EXIT_EXCEPTION + X86_PF] =
						ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_MF]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_XM]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_DB]         = ROW_EVENT(EXIT_EXCEPTION,   decode_db),
	[SVM_EXIT_EXCEPTION + X86_UD]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_AC]         = ROW_EVENT(EXIT_EXCEPTION,   decode_exception),
	[SVM_EXIT_EXCEPTION + X86_MC]         = ROW_EVENT(EXIT_HOST_EVENT,  decode_mc),
	[SVM_EXIT_INTR]                       = ROW_EVENT(EXIT_HOST_EVENT,  NULL),
	[SVM_EXIT_NMI]                        = ROW_EVENT(EXIT_HOST_EVENT,  NULL),
	[SVM_EXIT_SMI]                        = ROW_EVENT(EXIT_HOST_EVENT,  NULL),
	[SVM_EXIT_INIT]                       = ROW_EVENT(EXIT_HOST_EVENT,  NULL),
	[SVM_EXIT_VINTR]                      = ROW_EVENT(EXIT_WINDOW_OPEN, NULL),
	[SVM_EXIT_RDTSC]                      = ROW_INSN(EXIT_RDTSC,        NULL),
	[SVM_EXIT_RDPMC]                      = ROW_INSN(EXIT_RDPMC,        NULL),
	[SVM_EXIT_CPUID]                      = ROW_INSN(EXIT_CPUID,        NULL),
	[SVM_EXIT_RSM]                        = ROW_INSN(EXIT_VIRT_INSN,    NULL),
	[SVM_EXIT_IRET]                       = ROW_INSN(EXIT_HOST_EVENT,   decode_iret),
	[SVM_EXIT_INVD]                       = ROW_INSN(EXIT_INVD,         NULL),
	[SVM_EXIT_PAUSE]                      = ROW_INSN(EXIT_PAUSE,        NULL),
	[SVM_EXIT_HLT]                        = ROW_INSN(EXIT_HALT,         NULL),
	[SVM_EXIT_INVLPGA]                    = ROW_INSN(EXIT_VIRT_INSN,    NULL),
	[SVM_EXIT_IOIO]                       = ROW_INSN(EXIT_PIO,          decode_io),
	[SVM_EXIT_MSR]                        = ROW_INSN(EXIT_MSR_READ,     decode_msr),
	[SVM_EXIT_FERR_FREEZE]                = ROW_EVENT(EXIT_HOST_EVENT,  NULL),
	[SVM_EXIT_SHUTDOWN]                   = ROW_EVENT(EXIT_TRIPLE_FAULT, NULL),
	[SVM_EXIT_VMRUN]                      = ROW_INSN(EXIT_VIRT_INSN,    NULL),
	[SVM_EXIT_VMMCALL]                    = ROW_INSN(EXIT_HYPERCALL,    NULL),
	[SVM_EXIT_VMLOAD ... SVM_EXIT_SKINIT] = ROW_INSN(EXIT_VIRT_INSN,    NULL),
	[SVM_EXIT_RDTSCP]                     = ROW_INSN(EXIT_RDTSC,        NULL),
	[SVM_EXIT_WBINVD]                     = ROW_INSN(EXIT_INVD,         NULL),
	[SVM_EXIT_MONITOR ... SVM_EXIT_MWAIT_ARMED] = ROW_INSN(EXIT_MWAIT,  NULL),
	[SVM_EXIT_XSETBV]                     = ROW_INSN(EXIT_XSETBV,       NULL),
	[SVM_EXIT_RDPRU]                      = ROW_INSN(EXIT_VIRT_INSN,    NULL),
};
/* clang-format on */
static const struct exit_row npf_row = ROW_EVENT(EXIT_MMIO, decode_npf);
static const struct exit_row unknown_row = ROW_EVENT(EXIT_UNKNOWN, decode_raw);

void svm_exit_decode(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	const struct vmcb *m = s->vmcb;
	const struct exit_row *row;

	if (likely(m->exit_code < SVM_NR_PLAIN_EXITS && exit_rows[m->exit_code].cause))
		row = &exit_rows[m->exit_code];
	else
		row = m->exit_code == SVM_EXIT_NPF ? &npf_row : &unknown_row;

	v->exit.kind = row->kind;
	v->exit.insn_len = 0;
	if (row->cause == CAUSE_INSN && svm_has(SVM_NRIP_SAVE))
		v->exit.insn_len = (uint8_t)(m->next_rip - m->rip);
	if (row->decode)
		row->decode(v, m);
}

size_t svm_insn_bytes(struct vcpu *v, uint8_t bytes[15])
{
	struct svm_vcpu *s = v->virt;
	const struct vmcb *m = s->vmcb;
	size_t n = m->nr_insn_bytes & 0xf;

	/* Given with nested page faults only (APM 15.8.4). */
	if (!svm_has(SVM_DECODE_ASSISTS) || m->exit_code != SVM_EXIT_NPF ||
	    v->exit.kind != EXIT_MMIO)
		return 0;
	memcpy(bytes, m->insn_bytes, n);
	return n;
}
