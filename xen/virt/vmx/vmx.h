/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-x inside: what a CPU, a domain and a vcpu have, and who in this folder does what. Only xen/virt/vmx includes it. */
#ifndef VMX_VMX_H
#define VMX_VMX_H

#include "domain.h"
#include "percpu.h"
#include "vcpu.h"
#include "virt_backend.h"
#include "virt_describe.h"
#include "virt_msrs.h"
#include "virt_ports.h"
#include "virt_tags.h"
#include "vmcs.h"
#include "vmx_controls.h"

/* This computer's VT-x; set by probe() and the first cpu_enable(), then constant. */
struct vmx_host {
	struct vmx_controls controls;
	struct virt_limits limits;
	uint32_t revision;
	bool has_io_info, has_ibpb, has_tsc_aux;
	bool has_invvpid;     /* of one VPID; else it gets a fresh one */
	bool posts;           /* interrupts by descriptor */
	uint8_t barriers;     /* enum virt_barrier, before each entry */
	uint64_t invept_type; /* the narrowest that there is */
	bool checks_entries; /* vmcs_check() before each entry of a changed state, not only after a refused one */
	uint64_t cr4_hidden; /* CR4 bits that are set under each guest */
	uint64_t cr0_hidden; /* the same of CR0 */
	uint64_t efer, pat;  /* the host's */
};
extern struct vmx_host vmx_host;

static inline bool vmx_has_proc(uint32_t bit)
{
	return vmx_control_on(&vmx_host.controls, VMX_PROC, bit);
}
static inline bool vmx_has_proc2(uint32_t bit)
{
	return vmx_control_on(&vmx_host.controls, VMX_PROC2, bit);
}

#define VMX_IO_ORDER 1 /* two pages, SDM 24.6.4 */
#define VMX_NR_VPIDS 65536u

/* MSRs that are put into the CPU when they differ from what it has; all but KERNEL_GS_BASE change by WRMSR only, which exits. */
enum vmx_lazy_msr { LAZY_STAR, LAZY_LSTAR, LAZY_CSTAR, LAZY_FMASK, LAZY_TSC_AUX, NR_LAZY_MSRS };

/* percpu->virt. Own CPU only. */
struct vmx_cpu {
	struct percpu *percpu;
	struct vmx_vcpu *current; /* whose VMCS is current; NULL: none */
	struct tag_pool tags;
	uint64_t lazy[NR_LAZY_MSRS]; /* what those MSRs hold now */
	void *vmxon;
};

/* Why an entry is not just an entry. */
enum vmx_attention {
	ATTENTION_CHECK = 1 << 0, /* the state has changed: its rules, if they are checked */
	ATTENTION_TLB = 1 << 1,   /* cached linear translations are old */
	ATTENTION_EPT = 1 << 2, /* cached nested translations on this CPU may be of another time */
	ATTENTION_CPU = 1 << 3, /* MSRs or breakpoints to put into the CPU */
	ATTENTION_PDPTE = 1 << 4,  /* PAE paging: the four entries that CR3 names are to be read */
	ATTENTION_EVENT = 1 << 5,  /* an event is injected */
	ATTENTION_SHADOW = 1 << 6, /* the shadow of STI or MOV SS */
};

/* Guest's and host's value of an MSR that is exchanged by the areas. */
#define VMX_AREA_MSRS 4
struct vmx_msr_area {
	struct vmx_msr_entry guest[VMX_AREA_MSRS] __attribute__((aligned(16)));
	struct vmx_msr_entry host[VMX_AREA_MSRS] __attribute__((aligned(16)));
};

/* #UD: the other vendor's hypercall. #DB, #AC: their delivery can raise them again for ever. #MF joins them while the guest has CR0.NE clear. */
#define VMX_EXCEPTIONS (1u << X86_UD | 1u << X86_DB | 1u << X86_AC | 1u << X86_MC)

/* vcpu->virt. The CPU where the vcpu is loaded, or whoever has it stopped. */
struct vmx_vcpu {
	/* hot */
	struct percpu *percpu; /* where it is loaded */
	uint32_t attention;    /* enum vmx_attention */
	uint32_t interruptibility;
	uint32_t proc_controls;    /* as in the VMCS */
	uint32_t event_info;       /* VMCS_ENTRY_EVENT while it is not delivered */
	uint32_t tpr_threshold;    /* as in the VMCS */
	bool is_launched;          /* since the last VMCLEAR */
	uint64_t rip, rsp, rflags; /* as in the VMCS */
	uint64_t cr2;

	struct spinlock lock; /* who makes the VMCS current, and where: cpu */
	struct vmx_cpu *cpu;  /* where it is loaded; NULL: nowhere, then its VMCS is clear */
	uint8_t *vmcs;        /* a page, and behind it virtual_apic */
	uint64_t vmcs_pa, eptp;
	struct tag_user tag; /* VPIDs */

	/* the guest's view where it is not the VMCS's */
	uint64_t cr0, cr4, efer,
		debugctl; /* of CR0 and CR4: the bits that the guest does not own */
	uint64_t pat, spec_ctrl;
	uint64_t dr6, kernel_gs_base; /* while they are not in the CPU */
	uint64_t lazy[NR_LAZY_MSRS];
	uint32_t entry_controls;
	bool breakpoints_live; /* DR0-3 and DR6 are in the CPU */

	/* events, vmx_event.c */
	struct event injected; /* what event_info was made from */

	/* the local APIC, vmx_apic.c */
	uint8_t *virtual_apic; /* a page; where the CPU delivers no vectors, only the TPR is used */
	uint16_t interrupt_status; /* as in the VMCS */
	bool is_x2apic;            /* the CPU serves those MSRs */
	uint64_t eoi_exits[4];     /* as in the VMCS */

	uint64_t *write_log; /* a page, vmx_log.c; NULL: the CPU has none */
	uint8_t *msr_bitmap; /* private copy; NULL: a shared one */
	struct vmx_msr_area area;
	unsigned nr_area;
};

#define VIRTUAL_APIC_TPR 0x80

/*
 * Makes v's VMCS the current one, for code that may run while v is loaded nowhere, and back. Loaded here, there is nothing to do. The other way lasts some
 * hundred cycles. vmx.c
 */
void vmx_borrow(struct vmx_vcpu *s);
void vmx_give_back(struct vmx_vcpu *s);
static inline void vmx_drop(struct vmx_vcpu *const *borrowed)
{
	if (unlikely(*borrowed))
		vmx_give_back(*borrowed);
}
/* Is v's state in this CPU? */
static inline bool vmx_is_here(const struct vmx_vcpu *s)
{
	return s->cpu && s->cpu == percpu()->virt;
}
static inline struct vmx_vcpu *vmx_hold(struct vmx_vcpu *s)
{
	if (likely(vmx_is_here(s)))
		return NULL;
	vmx_borrow(s);
	return s;
}
/* To the end of the block. Not twice. */
#define VMX_HOLD(s) struct vmx_vcpu *const borrowed_ at_scope_end(vmx_drop) = vmx_hold(s)

/* Changes bits of the primary processor-based controls. Its VMCS is current. */
static inline void vmx_proc_control(struct vmx_vcpu *s, uint32_t bits, bool on)
{
	uint32_t value = on ? s->proc_controls | bits : s->proc_controls & ~bits;

	if (value == s->proc_controls)
		return;
	s->proc_controls = value;
	vmcs_write(VMCS_PROC_CONTROLS, value);
}

static inline void vmx_tpr_threshold(struct vmx_vcpu *s, uint32_t value)
{
	s->tpr_threshold = value;
	vmcs_write(VMCS_TPR_THRESHOLD, value);
}

/* entry.S: one stay in the guest; it exchanges all of v->regs but RSP, RIP and RFLAGS, which are in the VMCS. */
_Static_assert(offsetof(struct vcpu, regs) == 0, "entry.S takes a vcpu for its registers");
void vmx_enter(struct vcpu *v, bool is_launched);
/* Where vmx_enter() ends. refused: the instruction itself failed, there was no entry. */
void vmx_leave(struct vcpu *v, bool refused);
/* The CPU comes here at an exit. */
void vmx_exited(void);

/* virt_ops' slots, in the files of their names */
VIRT_DECLARE(vmx);

/* vmx_state.c */
/* The four top entries of a guest with PAE paging, from its memory into the VMCS. v is loaded here. */
void vmx_pdptes_load(struct vcpu *v);
bool vmx_breakpoints_wanted(void);
/* KERNEL_GS_BASE, which guests change without an exit: into the CPU and back. */
void vmx_swapgs_load(struct vmx_vcpu *s);
void vmx_swapgs_unload(struct vmx_vcpu *s);
/* The others: those of which the CPU has another value. */
void vmx_lazy_load(struct vmx_vcpu *s);

/* vmx_trap.c */
/* An MSR that the CPU exchanges at each entry and exit, from now on; and no more. Its VMCS is current. */
void vmx_area_set(struct vmx_vcpu *s, uint32_t index, uint64_t guest, uint64_t host);
void vmx_area_remove(struct vmx_vcpu *s, uint32_t index);

/* vmx_event.c */
void vmx_event_reset(struct vcpu *v);
/* An event that the guest has not got (info in VMCS_VECTORING_EVENT's form): into v->event again. */
void vmx_event_take_back(struct vcpu *v, uint32_t info, uint32_t error_code);
/* IRET had unblocked NMIs and then faulted: blocked again, for it will run once more. */
void vmx_event_iret_faulted(struct vmx_vcpu *s);
/* A #DB has come with these causes: into DR6, as its delivery would have done. Gives DR6. */
uint64_t vmx_event_debug(struct vcpu *v, uint64_t causes);
/* Before an entry with such a shadow: what the CPU wants to see together with it. */
void vmx_event_shadow_settle(struct vcpu *v);

/* vmx_apic.c: where the CPU delivers vectors itself, before each entry and after each exit. Its VMCS is current. */
void vmx_apic_init(struct vcpu *v);
void vmx_apic_enter(struct vcpu *v, struct vmx_vcpu *s);
void vmx_apic_leave(struct vcpu *v, struct vmx_vcpu *s);

/* vmx_log.c: the log of writes, where s has one. Its VMCS is current. */
void vmx_log_init(struct vmx_vcpu *s);
void vmx_log_drain(struct vcpu *v, struct vmx_vcpu *s);

/* vmx_exit.c: v->exit from the VMCS's exit fields */
void vmx_exit_decode(struct vcpu *v, uint32_t reason);

#endif
