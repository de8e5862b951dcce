/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU's virtualisation: all that the core knows of SVM and VMX. No optional slots; hardware that may be missing is the backend's business. One
 * backend is chosen at start. A third, scripted one (tests/host) serves the unit tests. All calls are on the CPU where v is loaded
 * or while v is not running anywhere, unless said otherwise.
 */
#ifndef VIRT_VIRT_OPS_H
#define VIRT_VIRT_OPS_H

#include "exit.h"
#include "p2m.h"

/* Registers outside struct guest_regs. Setting gives the hardware what it needs; validity was checked by the caller. */
enum vcpu_reg {
	REG_CR0,
	REG_CR2,
	REG_CR3,
	REG_CR4,
	REG_CR8, /* the hardware's view of TPR bits 7:4 */
	REG_EFER,
	REG_DR6,
	REG_DR7,
	REG_STAR,
	REG_LSTAR,
	REG_CSTAR,
	REG_FMASK,
	REG_KERNEL_GS_BASE,
	REG_SYSENTER_CS,
	REG_SYSENTER_ESP,
	REG_SYSENTER_EIP,
	REG_PAT,
	REG_DEBUGCTL,
	REG_TSC_AUX,   /* what RDTSCP and RDPID give */
	REG_SPEC_CTRL, /* in force while the guest runs; the host's own is 0 */
	NR_VCPU_REGS
};

enum window { WINDOW_NONE, WINDOW_INTERRUPT, WINDOW_NMI };

/* interrupt_shadow() bits */
#define SHADOW_STI_MOV_SS BIT(0)
#define SHADOW_NMI        BIT(1) /* NMIs blocked until IRET */

/*
 * How this vendor spells a nested page-table entry: masks, so that the walk of p2m.c needs no calls. A leaf carries our type at type_shift (4 software
 * bits, none of them looked at by the hardware). leaf[] holds for each type all bits but address and large: permissions, memory type, accessed and
 * dirty set (so the hardware never writes entries, but for the one below), and the type itself; leaf[P2M_HOLE] is 0. Filled when the backend is chosen, constant then.
 *
 * Where the CPU marks what was written, an entry of P2M_RAM_LOGDIRTY may be written and has the mark clear: the CPU sets it, at any time. Elsewhere such an entry is
 * write-protected.
 */
struct nested_format {
	uint64_t present;  /* any of these bits: the entry points somewhere */
	uint64_t large;    /* in entries of level 1 and up: a leaf */
	uint64_t address;  /* the frame's bits, at their physical place */
	uint64_t dirty;    /* the CPU's mark; 0: there is none */
	uint64_t table;    /* ORed to a table's address */
	uint64_t leaf[16]; /* by enum p2m_type */
	uint8_t type_shift;
	uint8_t max_leaf_level; /* 1: 2 MiB, 2: 1 GiB */
	uint8_t gpa_bits;       /* width of guest physical addresses, at most 48: four levels */
	bool tells_writes; /* p2m_written() is called for what the CPU marks, at the latest when the vcpu stops */
};

/* Level 0: 4 KiB, 1: 2 MiB, 2: 1 GiB. */
static inline uint64_t nested_leaf(const struct nested_format *f, mfn_t m, unsigned level,
                                   enum p2m_type type)
{
	if (type == P2M_HOLE)
		return 0;
	if (type == P2M_ON_DEMAND)
		return (uint64_t)type << f->type_shift;
	return m.v << PAGE_SHIFT | f->leaf[type] | (level ? f->large : 0);
}
static inline uint64_t nested_table(const struct nested_format *f, mfn_t m)
{
	return m.v << PAGE_SHIFT | f->table;
}
static inline bool nested_is_present(const struct nested_format *f, uint64_t pte)
{
	return pte & f->present;
}
/* Of a present entry. (One that is on demand is not present, and not zero.) */
static inline bool nested_is_leaf(const struct nested_format *f, uint64_t pte, unsigned level)
{
	return !level || (pte & f->large);
}
static inline mfn_t nested_mfn(const struct nested_format *f, uint64_t pte)
{
	return mfn((pte & f->address) >> PAGE_SHIFT);
}
/* Of any entry but a table's. */
static inline enum p2m_type nested_type(const struct nested_format *f, uint64_t pte)
{
	return (enum p2m_type)(pte >> f->type_shift & 15);
}

/* Of a leaf: was the page written to since it became P2M_RAM_LOGDIRTY? */
static inline bool nested_is_dirty(const struct nested_format *f, uint64_t pte)
{
	enum p2m_type t = nested_type(f, pte);

	return t == P2M_RAM_RW || (t == P2M_RAM_LOGDIRTY && (pte & f->dirty));
}

struct virt_ops {
	const char *name; /* "svm", "vmx", "script": for messages only */

	/* machine: does this computer have what we need? On false *why says in plain words what is missing; it stays NULL where there is nothing of this kind at all. */
	bool (*probe)(const char **why);
	/* Once on each CPU, before any vcpu; -ENODEV with a log line (locked by firmware), -ENOMEM. */
	int (*cpu_enable)(unsigned cpu);
	void (*cpu_disable)(void);

	/* vcpu: v->virt is the backend's. create leaves the state of vcpu_reset(). -ENOMEM */
	int (*vcpu_create)(struct vcpu *v);
	void (*vcpu_destroy)(struct vcpu *v);
	/* Power-on state (SDM table 9-1), INIT form. */
	void (*vcpu_reset)(struct vcpu *v);
	/* v will next run on this CPU / leaves it: the state that lives in the CPU (VMLOAD/VMSAVE, MSRs). */
	void (*vcpu_load)(struct vcpu *v);
	void (*vcpu_unload)(struct vcpu *v);

	/*
	 * Enters the guest with v->regs and comes back with v->regs and v->exit. Sets and clears percpu->in_guest and returns EXIT_HOST_EVENT without
	 * entering when percpu->pending is not 0 after in_guest was set; flushes this guest's TLB entries first when v->flush_generation is behind the p2m's. An event whose
	 * delivery was cut short is put back in v->event. Interrupts are off on both sides.
	 */
	void (*run)(struct vcpu *v);

	/* state */
	void (*get_paging)(struct vcpu *v, struct paging_mode *out);
	uint64_t (*get_reg)(struct vcpu *v, enum vcpu_reg r);
	void (*set_reg)(struct vcpu *v, enum vcpu_reg r, uint64_t value);
	void (*get_segment)(struct vcpu *v, enum segment_name s, struct segment *out);
	void (*set_segment)(struct vcpu *v, enum segment_name s, const struct segment *in);
	uint8_t (*get_cpl)(struct vcpu *v);

	/* events: inject is for the next entry, at most one; false when one is set already */
	bool (*inject)(struct vcpu *v, const struct event *e);
	/*
	 * Exit with EXIT_WINDOW_OPEN as soon as the guest can take an interrupt of this priority class (vector >> 4; 16: whatever the TPR says) / an NMI. The
	 * two are independent; NONE closes both, and nothing else does. An interrupt behind the TPR may show instead as the EXIT_CR_ACCESS of the
	 * guest's next write to CR8, which closes its window.
	 */
	void (*open_window)(struct vcpu *v, enum window w, uint8_t priority);
	unsigned (*interrupt_shadow)(struct vcpu *v);
	void (*set_interrupt_shadow)(struct vcpu *v, unsigned shadow);

	/*
	 * Where v->lapic.by_cpu: a vector was put among those that wait there. True: the CPU that runs v takes it without an exit; false: v must be made to look. Any CPU.
	 */
	bool (*post)(struct vcpu *v);

	/* intercepts, a guest's MSR is trapped both ways unless said otherwise; ports are all trapped at first */
	void (*trap_msr)(struct vcpu *v, uint32_t index, bool on_read, bool on_write);
	void (*trap_port)(struct domain *d, uint16_t port, bool on);
	void (*trap_rdtsc)(struct vcpu *v, bool on);
	void (*set_tsc_offset)(struct vcpu *v, uint64_t offset);

	/* Instruction bytes that the hardware gave with the exit (decode assists); 0: none */
	size_t (*insn_bytes)(struct vcpu *v, uint8_t bytes[15]);
	/* State of a vcpu in words, for dumps and debug keys; safe for a vcpu that is not running. */
	void (*dump)(struct vcpu *v);
	/* Has NPT/EPT, unrestricted guest and so on: a line for the log of what is used. */
	void (*describe)(char *buf, size_t size);

	const struct nested_format *nested;
	bool hypercall_is_vmmcall; /* native instruction; the other one is served at #UD */
};

extern const struct virt_ops svm_ops, vmx_ops;
/* The backend in use; NULL: none, guests are refused. */
extern const struct virt_ops *virt;

/* Tries each backend; sets virt. On failure a reason for each in why (plain words). */
int must_check virt_select(char *why, size_t size);

#endif
