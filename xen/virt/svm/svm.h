/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AMD-V inside: what a CPU, a domain and a vcpu have, and who in this folder does what. Only xen/virt/svm includes it. */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include "domain.h"
#include "percpu.h"
#include "timer.h"
#include "vcpu.h"
#include "virt_backend.h"
#include "virt_describe.h"
#include "virt_msrs.h"
#include "virt_ports.h"
#include "virt_tags.h"
#include "vmcb.h"

/* CPUID 8000_000A EDX */
enum svm_feature {
	SVM_NESTED_PAGING = 0,
	SVM_LBR_VIRT = 1,
	SVM_NRIP_SAVE = 3,
	SVM_CLEAN_BITS = 5,
	SVM_FLUSH_BY_ASID = 6,
	SVM_DECODE_ASSISTS = 7,
	SVM_PAUSE_FILTER = 10,
	SVM_PAUSE_THRESHOLD = 12,
	SVM_SPEC_CTRL = 20,
};

/* This computer's AMD-V; set by probe() and the first cpu_enable(), then constant. */
struct svm_host {
	uint32_t features; /* bits by enum svm_feature */
	bool has_ibpb, has_tsc_aux, has_rdpru;
	bool is_emulated;    /* svm_event_emulated() */
	bool virq_in_kernel; /* there, too: options.h */
	uint64_t cr4_hidden; /* CR4 bits that stay set under a guest: MCE if we have it */
	struct virt_limits limits;
};
extern struct svm_host svm_host;

static inline bool svm_has(enum svm_feature f)
{
	return svm_host.features >> f & 1;
}

#define SVM_IOPM_ORDER 2 /* 12 KiB, APM 15.10.1 */

/* percpu->virt. Own CPU only. */
struct svm_cpu {
	struct percpu *percpu;
	uint64_t host_vmcb_pa; /* holds the host's FS, GS, TR, LDTR and system-call MSRs */
	struct tag_pool tags;
	uint64_t tsc_aux; /* what MSR_TSC_AUX holds now */
	void *hsave, *host_vmcb;
	struct timer virq_timer; /* where is_emulated: ends a guest's run, no more */
};

/* IRET ends the blocking of NMIs; it is intercepted before it runs, so there is a state between. */
enum svm_nmi_state { NMI_OPEN, NMI_MASKED, NMI_RETIRING };

/* Why an entry is not just an entry. The low bits are VMCB_CHECK_*. */
enum svm_attention {
	ATTENTION_TLB = 1 << 8,        /* cached translations are old: a flush or another ASID */
	ATTENTION_CPU = 1 << 9,        /* MSRs or breakpoints to put into the CPU */
	ATTENTION_STEP = 1 << 10,      /* the next instruction is single-stepped by us */
	ATTENTION_SPEC_CTRL = 1 << 11, /* an MSR to write before and after */
};

/* vcpu->virt. The CPU where the vcpu is loaded, or whoever has it stopped. */
struct svm_vcpu {
	/* hot */
	struct vmcb *vmcb;
	uint64_t vmcb_pa;
	struct percpu *percpu; /* where it is loaded, and that CPU's VMCB for its own state */
	uint64_t host_vmcb_pa;
	uint32_t attention; /* enum svm_attention, and VMCB_CHECK_* to do before entry */
	bool is_injected;   /* injected holds what event_inj was made from */

	struct svm_cpu *cpu; /* where it is loaded; NULL: nowhere */
	struct tag_user tag; /* ASIDs */

	/* the guest's view where it is not the VMCB's */
	uint64_t
		cr0_differs; /* CR0.CD, CR0.NW (set) and CR0.NE (clear) where the guest wrote them so */
	uint64_t cr4_hidden; /* CR4 bits set in the VMCB that the guest has clear */
	uint64_t tsc_aux, spec_ctrl;
	bool breakpoints_live; /* DR0-3 are in the CPU, not in vcpu->dr */

	/* events, svm_event.c */
	uint64_t
		virq; /* an interrupt, in EVENTINJ's form, that goes in as a virtual one; 0: none */
	bool virq_defers; /* and a window has to wait for it */
	struct event injected;
	uint64_t injected_rip; /* RIP after inject moved it */
	uint64_t step;         /* RFLAGS_TF with ATTENTION_STEP, else 0 */
	enum svm_nmi_state nmi;
	bool nmi_window;
	bool step_tf;      /* TF was the guest's own when stepping began */
	uint64_t step_dr6; /* causes that stood in DR6 when stepping began */
	uint64_t iret_rip; /* NMI_RETIRING: the IRET that has not run yet */

	uint8_t *msrpm; /* private copy; NULL: a shared one */
};

/* Changes intercept bits of one word. */
static inline void svm_intercept(struct svm_vcpu *s, enum intercept_word w, uint32_t bits, bool on)
{
	if (on)
		s->vmcb->intercept[w] |= bits;
	else
		s->vmcb->intercept[w] &= ~bits;
	s->vmcb->clean &= ~CLEAN_INTERCEPTS;
}

/* entry.S: one stay in the guest; it exchanges all of v->regs but RAX, RSP, RIP and RFLAGS, which are in the VMCB. */
_Static_assert(offsetof(struct vcpu, regs) == 0, "entry.S takes a vcpu for its registers");
void svm_enter(struct vcpu *v, uint64_t guest_vmcb_pa, uint64_t host_vmcb_pa);
/* Where svm_enter() ends. */
void svm_leave(struct vcpu *v);

/* virt_ops' slots, in the files of their names */
VIRT_DECLARE(svm);

/* svm_state.c */
bool svm_breakpoints_wanted(const struct svm_vcpu *s);

/* svm_event.c */
/* The guest writes CR8: the window that waited for that is over. */
void svm_cr8_window_close(struct svm_vcpu *s);
void svm_event_reset(struct svm_vcpu *s);
/* An event that the guest has not got (info in EVENTINJ's form): into v->event again. */
void svm_event_take_back(struct vcpu *v, uint64_t info);
/*
 * Just before the entry, under an emulator that may deliver an injected interrupt a second time, at any moment of the same stay in the guest (tests/system/dom0/README.md). Into a kernel it is injected, and an
 * interrupt of our own ends the stay at the first instruction of the handler. Into user mode, where the guest faults before that, it goes as a virtual one, which the guest takes at once, because it can; after
 * the exit one that it has not taken goes back to the core. A window, which is a virtual interrupt, too, cannot be open beside it: the run ends a moment later, and the core asks again.
 */
void svm_event_emulated(struct svm_vcpu *s);
void svm_event_virq_end(struct vcpu *v);
/* The guest is about to run IRET with NMIs blocked. */
void svm_event_iret(struct vcpu *v);
/* After an exit while stepping; decode of the #DB that ends it. */
void svm_step_pause(struct vcpu *v);
void svm_step_done(struct vcpu *v);

/* svm_exit.c: v->exit from the VMCB's exit fields */
void svm_exit_decode(struct vcpu *v);

#endif
