/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine control block: its layout and bits (APM volume 2, appendix B and C), our own consistency check, and its contents in words.
 * Pure: knows no vcpu and touches no hardware.
 */
#ifndef SVM_VMCB_H
#define SVM_VMCB_H

#include "virt_rules.h"

/* intercept[]: six words at VMCB offsets 0 to 0x14 */
enum intercept_word { ICEPT_CR, ICEPT_DR, ICEPT_EXCEPTION, ICEPT_MISC1, ICEPT_MISC2, ICEPT_MISC3 };
#define ICEPT_CR_READ(n)  (1u << (n))
#define ICEPT_CR_WRITE(n) (1u << (16 + (n)))

/* ICEPT_MISC1 */
#define ICEPT_INTR        (1u << 0)
#define ICEPT_NMI         (1u << 1)
#define ICEPT_INIT        (1u << 3)
#define ICEPT_VINTR       (1u << 4)
#define ICEPT_RDTSC       (1u << 14)
#define ICEPT_RDPMC       (1u << 15)
#define ICEPT_CPUID       (1u << 18)
#define ICEPT_RSM         (1u << 19)
#define ICEPT_IRET        (1u << 20)
#define ICEPT_INVD        (1u << 22)
#define ICEPT_PAUSE       (1u << 23)
#define ICEPT_HLT         (1u << 24)
#define ICEPT_INVLPGA     (1u << 26)
#define ICEPT_IOIO        (1u << 27)
#define ICEPT_MSR         (1u << 28)
#define ICEPT_FERR_FREEZE (1u << 30)
#define ICEPT_SHUTDOWN    (1u << 31)

/* ICEPT_MISC2 */
#define ICEPT_VMRUN   (1u << 0)
#define ICEPT_VMMCALL (1u << 1)
#define ICEPT_VMLOAD  (1u << 2)
#define ICEPT_VMSAVE  (1u << 3)
#define ICEPT_STGI    (1u << 4)
#define ICEPT_CLGI    (1u << 5)
#define ICEPT_SKINIT  (1u << 6)
#define ICEPT_RDTSCP  (1u << 7)
#define ICEPT_WBINVD  (1u << 9)
#define ICEPT_MONITOR (1u << 10)
#define ICEPT_MWAIT   (1u << 11)
#define ICEPT_XSETBV  (1u << 13)
#define ICEPT_RDPRU   (1u << 14)

/* tlb_control, APM 15.16.1 */
#define TLB_KEEP        0
#define TLB_FLUSH_ALL   1
#define TLB_FLUSH_GUEST 3 /* flush by ASID only */

/* int_ctl, APM 15.21.1 */
#define VINTR_TPR       0xfu
#define VINTR_IRQ       (1u << 8)
#define VINTR_PRIO(p)   ((uint32_t)(p) << 16)
#define VINTR_PRIO_MASK 0xf0000u
#define VINTR_IGN_TPR   (1u << 20)
#define VINTR_MASKING   (1u << 24)

/* interrupt_shadow */
#define VMCB_SHADOW BIT(0)

/* nested_ctl and lbr_ctl */
#define NESTED_PAGING BIT(0)
#define LBR_VIRT      BIT(0)

/* clean, APM 15.15.3: a set bit tells the CPU that its copy of that group may still be used */
#define CLEAN_INTERCEPTS BIT(0)
#define CLEAN_IOPM       BIT(1)
#define CLEAN_ASID       BIT(2)
#define CLEAN_TPR        BIT(3)
#define CLEAN_NP         BIT(4)
#define CLEAN_CRX        BIT(5)
#define CLEAN_DRX        BIT(6)
#define CLEAN_DT         BIT(7)
#define CLEAN_SEG        BIT(8)
#define CLEAN_CR2        BIT(9)
#define CLEAN_LBR        BIT(10)
#define CLEAN_ALL        0x7ffu

/* Exit codes, APM appendix C */
enum svm_exitcode {
	SVM_EXIT_CR_READ = 0x00,
	SVM_EXIT_CR_WRITE = 0x10,
	SVM_EXIT_DR_READ = 0x20,
	SVM_EXIT_DR_WRITE = 0x30,
	SVM_EXIT_EXCEPTION = 0x40,
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI,
	SVM_EXIT_SMI,
	SVM_EXIT_INIT,
	SVM_EXIT_VINTR,
	SVM_EXIT_RDTSC = 0x6e,
	SVM_EXIT_RDPMC,
	SVM_EXIT_CPUID = 0x72,
	SVM_EXIT_RSM,
	SVM_EXIT_IRET,
	SVM_EXIT_INVD = 0x76,
	SVM_EXIT_PAUSE,
	SVM_EXIT_HLT,
	SVM_EXIT_INVLPGA = 0x7a,
	SVM_EXIT_IOIO,
	SVM_EXIT_MSR,
	SVM_EXIT_FERR_FREEZE = 0x7e,
	SVM_EXIT_SHUTDOWN,
	SVM_EXIT_VMRUN,
	SVM_EXIT_VMMCALL,
	SVM_EXIT_VMLOAD,
	SVM_EXIT_VMSAVE,
	SVM_EXIT_STGI,
	SVM_EXIT_CLGI,
	SVM_EXIT_SKINIT,
	SVM_EXIT_RDTSCP,
	SVM_EXIT_WBINVD = 0x89,
	SVM_EXIT_MONITOR,
	SVM_EXIT_MWAIT,
	SVM_EXIT_MWAIT_ARMED,
	SVM_EXIT_XSETBV,
	SVM_EXIT_RDPRU,
	SVM_NR_PLAIN_EXITS,
	SVM_EXIT_NPF = 0x400,
};
#define SVM_EXIT_INVALID (~0ull)

/* exit_info_1 of IOIO, APM 15.10.2 */
#define IOIO_IN            BIT(0)
#define IOIO_STRING        BIT(2)
#define IOIO_REP           BIT(3)
#define IOIO_SIZE(info)    (((info) >> 4) & 7) /* bytes: 1, 2 or 4 */
#define IOIO_ADDRESS(info) (((info) >> 7) & 7) /* 1, 2, 4 stand for 16, 32, 64 bits */
#define IOIO_SEGMENT(info) (((info) >> 10) & 7)
#define IOIO_PORT(info)    ((uint16_t)((info) >> 16))
/* exit_info_1 of NPF, APM 15.25.6: a page-fault code and */
#define NPF_IN_WALK BIT(33)
/* exit_info_1 of a CR access with decode assists, APM 15.8.1 */
#define CR_IS_MOV BIT(63)

struct vmcb {
	/* control area */
	uint32_t intercept[6];
	uint8_t reserved_018[0x3c - 0x18];
	uint16_t pause_threshold;
	uint16_t pause_count;
	uint64_t iopm_pa;
	uint64_t msrpm_pa;
	uint64_t tsc_offset;
	uint32_t asid;
	uint8_t tlb_control;
	uint8_t reserved_05d[3];
	uint32_t int_ctl;
	uint32_t int_vector;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info_1;
	uint64_t exit_info_2;
	uint64_t exit_int_info;
	uint64_t nested_ctl;
	uint8_t reserved_098[0xa8 - 0x98];
	uint64_t event_inj;
	uint64_t nested_cr3;
	uint64_t lbr_ctl;
	uint32_t clean;
	uint32_t reserved_0c4;
	uint64_t next_rip;
	uint8_t nr_insn_bytes;
	uint8_t insn_bytes[15];
	uint8_t reserved_0e0[0x400 - 0xe0];
	/* state-save area */
	struct segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved_4cc;
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint64_t rsp;
	uint64_t s_cet, ssp, isst_addr;
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_648[0x668 - 0x648];
	uint64_t g_pat;
	uint64_t dbgctl, br_from, br_to, last_excp_from, last_excp_to;
	uint8_t reserved_698[0x6e0 - 0x698];
	uint64_t spec_ctrl;
	uint8_t reserved_6e8[0x1000 - 0x6e8];
};
_Static_assert(offsetof(struct vmcb, iopm_pa) == 0x40, "VMCB layout");
_Static_assert(offsetof(struct vmcb, int_ctl) == 0x60, "VMCB layout");
_Static_assert(offsetof(struct vmcb, nested_ctl) == 0x90, "VMCB layout");
_Static_assert(offsetof(struct vmcb, event_inj) == 0xa8, "VMCB layout");
_Static_assert(offsetof(struct vmcb, next_rip) == 0xc8, "VMCB layout");
_Static_assert(offsetof(struct vmcb, es) == 0x400, "VMCB layout");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "VMCB layout");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "VMCB layout");
_Static_assert(offsetof(struct vmcb, cr4) == 0x548, "VMCB layout");
_Static_assert(offsetof(struct vmcb, rip) == 0x578, "VMCB layout");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "VMCB layout");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "VMCB layout");
_Static_assert(offsetof(struct vmcb, g_pat) == 0x668, "VMCB layout");
_Static_assert(offsetof(struct vmcb, spec_ctrl) == 0x6e0, "VMCB layout");
_Static_assert(sizeof(struct vmcb) == 0x1000, "VMCB layout");

/* Which rules are worth running, by what has changed since the last entry. */
#define VMCB_CHECK_STATE   BIT(0) /* control registers, EFER, CS, PAT, debug registers */
#define VMCB_CHECK_EVENT   BIT(1)
#define VMCB_CHECK_CONTROL BIT(2) /* intercepts, bitmaps, ASID, nested paging */
#define VMCB_CHECK_ALL     (VMCB_CHECK_STATE | VMCB_CHECK_EVENT | VMCB_CHECK_CONTROL)

/*
 * VMRUN's own consistency rules (APM 15.5.1, 15.20, 15.25.4), of the groups asked for. NULL: all hold; else the broken rule in
 * words. Emulators check only some of them and hardware does not say which one it was.
 */
const char *vmcb_check(const struct vmcb *vmcb, const struct virt_limits *limits, unsigned groups);

/* The n-th line (from 0) of what the block has beside the guest's registers, in words; 0 when there is no such line, else its length. */
size_t vmcb_describe(const struct vmcb *vmcb, unsigned n, char *buf, size_t size);

#endif
