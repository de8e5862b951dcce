/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architecture's registers: bits, numbers and the shapes shared by everybody. SDM volumes 1 and 3, APM volume 2. */
#ifndef X86_REGISTERS_H
#define X86_REGISTERS_H

#include "types.h"

#define BIT(n) (1ull << (n))

/* CR0, SDM 2.5 */
#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_ET BIT(4)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)

/* CR4, SDM 2.5 */
#define CR4_VME        BIT(0)
#define CR4_PVI        BIT(1)
#define CR4_TSD        BIT(2)
#define CR4_DE         BIT(3)
#define CR4_PSE        BIT(4)
#define CR4_PAE        BIT(5)
#define CR4_MCE        BIT(6)
#define CR4_PGE        BIT(7)
#define CR4_PCE        BIT(8)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP       BIT(11)
#define CR4_LA57       BIT(12)
#define CR4_VMXE       BIT(13)
#define CR4_SMXE       BIT(14)
#define CR4_FSGSBASE   BIT(16)
#define CR4_PCIDE      BIT(17)
#define CR4_OSXSAVE    BIT(18)
#define CR4_SMEP       BIT(20)
#define CR4_SMAP       BIT(21)
#define CR4_PKE        BIT(22)
#define CR4_CET        BIT(23)
#define CR4_PKS        BIT(24)

/* EFER, APM 3.1.7 */
#define EFER_SCE   BIT(0)
#define EFER_LME   BIT(8)
#define EFER_LMA   BIT(10)
#define EFER_NXE   BIT(11)
#define EFER_SVME  BIT(12)
#define EFER_LMSLE BIT(13)
#define EFER_FFXSR BIT(14)

/* DR6 and DR7, SDM 17.2.3 and 17.2.4 */
#define DR6_BREAKPOINTS 0xfull
#define DR6_BD          BIT(13)
#define DR6_BS          BIT(14)
#define DR6_BT          BIT(15)
#define DR6_CAUSES      (DR6_BREAKPOINTS | DR6_BD | DR6_BS | DR6_BT)
#define DR7_LOCAL       0x155ull /* L0 to L3, LE */
#define DR7_ENABLED     0xffull  /* L0 to G3 */
#define DR7_GD          BIT(13)

#define RFLAGS_CF   BIT(0)
#define RFLAGS_MBS  BIT(1) /* always one */
#define RFLAGS_PF   BIT(2)
#define RFLAGS_AF   BIT(4)
#define RFLAGS_ZF   BIT(6)
#define RFLAGS_SF   BIT(7)
#define RFLAGS_TF   BIT(8)
#define RFLAGS_IF   BIT(9)
#define RFLAGS_DF   BIT(10)
#define RFLAGS_OF   BIT(11)
#define RFLAGS_IOPL (BIT(12) | BIT(13))
#define RFLAGS_NT   BIT(14)
#define RFLAGS_RF   BIT(16)
#define RFLAGS_VM   BIT(17)
#define RFLAGS_AC   BIT(18)
#define RFLAGS_VIF  BIT(19)
#define RFLAGS_VIP  BIT(20)
#define RFLAGS_ID   BIT(21)

/* Exceptions, SDM 6.3 */
enum x86_exception {
	X86_DE = 0,
	X86_DB = 1,
	X86_NMI = 2,
	X86_BP = 3,
	X86_OF = 4,
	X86_BR = 5,
	X86_UD = 6,
	X86_NM = 7,
	X86_DF = 8,
	X86_TS = 10,
	X86_NP = 11,
	X86_SS = 12,
	X86_GP = 13,
	X86_PF = 14,
	X86_MF = 16,
	X86_AC = 17,
	X86_MC = 18,
	X86_XM = 19,
	X86_VE = 20,
	X86_CP = 21,
};

/* Page-fault error code, SDM 4.7 */
#define PFEC_PRESENT BIT(0)
#define PFEC_WRITE   BIT(1)
#define PFEC_USER    BIT(2)
#define PFEC_RSVD    BIT(3)
#define PFEC_FETCH   BIT(4)
#define PFEC_PKEY    BIT(5)

/* Page-table entries, SDM 4.5 */
#define PTE_P    BIT(0)
#define PTE_W    BIT(1)
#define PTE_U    BIT(2)
#define PTE_PWT  BIT(3)
#define PTE_PCD  BIT(4)
#define PTE_A    BIT(5)
#define PTE_D    BIT(6)
#define PTE_PS   BIT(7)
#define PTE_G    BIT(8)
#define PTE_NX   BIT(63)
#define PTE_ADDR 0x000ffffffffff000ull

/* MSRs */
#define MSR_TSC              0x10
#define MSR_PLATFORM_ID      0x17
#define MSR_APIC_BASE        0x1b
#define MSR_FEATURE_CONTROL  0x3a
#define MSR_TSC_ADJUST       0x3b
#define MSR_SPEC_CTRL        0x48
#define MSR_PRED_CMD         0x49
#define MSR_UCODE_WRITE      0x79
#define MSR_BIOS_SIGN        0x8b
#define MSR_PLATFORM_INFO    0xce
#define MSR_MTRR_CAP         0xfe
#define MSR_ARCH_CAPS        0x10a
#define MSR_FLUSH_CMD        0x10b
#define MSR_MISC_FEATURES    0x140
#define MSR_SYSENTER_CS      0x174
#define MSR_SYSENTER_ESP     0x175
#define MSR_SYSENTER_EIP     0x176
#define MSR_MCG_CAP          0x179
#define MSR_MCG_STATUS       0x17a
#define MSR_MCG_CTL          0x17b
#define MSR_MISC_ENABLE      0x1a0
#define MSR_DEBUGCTL         0x1d9
#define MSR_LAST_BRANCH      0x1db
#define MSR_MTRR_PHYSBASE0   0x200
#define MSR_MTRR_FIX64K      0x250
#define MSR_MTRR_FIX16K_8    0x258
#define MSR_MTRR_FIX16K_A    0x259
#define MSR_MTRR_FIX4K_C0    0x268
#define MSR_PAT              0x277
#define MSR_MTRR_DEF_TYPE    0x2ff
#define MSR_MC0_CTL          0x400
#define MSR_VMX_BASIC        0x480
#define MSR_VMX_PIN          0x481
#define MSR_VMX_PROC         0x482
#define MSR_VMX_EXIT         0x483
#define MSR_VMX_ENTRY        0x484
#define MSR_VMX_CR0_FIXED0   0x486
#define MSR_VMX_CR0_FIXED1   0x487
#define MSR_VMX_CR4_FIXED0   0x488
#define MSR_VMX_CR4_FIXED1   0x489
#define MSR_VMX_PROC2        0x48b
#define MSR_VMX_EPT_VPID_CAP 0x48c
#define MSR_VMX_TRUE_PIN     0x48d
#define MSR_VMX_TRUE_PROC    0x48e
#define MSR_VMX_TRUE_EXIT    0x48f
#define MSR_VMX_TRUE_ENTRY   0x490
#define MSR_TSC_DEADLINE     0x6e0
#define MSR_X2APIC_FIRST     0x800
#define MSR_X2APIC_LAST      0x8ff
#define MSR_XSS              0xda0
#define MSR_XEN_HYPERCALL    0x40000000
#define MSR_EFER             0xc0000080
#define MSR_STAR             0xc0000081
#define MSR_LSTAR            0xc0000082
#define MSR_CSTAR            0xc0000083
#define MSR_FMASK            0xc0000084
#define MSR_FS_BASE          0xc0000100
#define MSR_GS_BASE          0xc0000101
#define MSR_KERNEL_GS_BASE   0xc0000102
#define MSR_TSC_AUX          0xc0000103
#define MSR_K7_EVNTSEL0      0xc0010000
#define MSR_SYSCFG           0xc0010010
#define MSR_HWCR             0xc0010015
#define MSR_IORR_BASE0       0xc0010016
#define MSR_TOP_MEM2         0xc001001d
#define MSR_NB_CFG           0xc001001f
#define MSR_PATCH_LOADER     0xc0010020
#define MSR_INT_PENDING      0xc0010055
#define MSR_VM_CR            0xc0010114
#define MSR_VM_HSAVE_PA      0xc0010117
#define MSR_VIRT_SPEC_CTRL   0xc001011f
#define MSR_OSVW_ID_LENGTH   0xc0010140
#define MSR_OSVW_STATUS      0xc0010141
#define MSR_DE_CFG           0xc0011029

/* General registers by their number in instruction encodings. */
enum gpr {
	GPR_RAX,
	GPR_RCX,
	GPR_RDX,
	GPR_RBX,
	GPR_RSP,
	GPR_RBP,
	GPR_RSI,
	GPR_RDI,
	GPR_R8,
	GPR_R9,
	GPR_R10,
	GPR_R15 = 15,
	NR_GPRS
};

/* What a guest's integer unit holds; canonical here whenever the guest is not running. */
struct guest_regs {
	uint64_t r[NR_GPRS]; /* by enum gpr */
	uint64_t rip;
	uint64_t rflags;
};

enum segment_name {
	SEG_ES,
	SEG_CS,
	SEG_SS,
	SEG_DS,
	SEG_FS,
	SEG_GS,
	SEG_LDTR,
	SEG_TR,
	SEG_GDTR,
	SEG_IDTR,
	NR_SEGS
};

/* A segment with its hidden part. attr packs descriptor bits 40-47 in bits 0-7 and 52-55 in bits 8-11 (the
 * VMCB's form, APM 15.5.1). For GDTR and IDTR only base and limit count. */
struct segment {
	uint16_t selector;
	uint16_t attr;
	uint32_t limit;
	uint64_t base;
};
#define SEG_ATTR_TYPE   0x00f
#define SEG_ATTR_S      0x010
#define SEG_ATTR_DPL(a) (((a) >> 5) & 3)
#define SEG_ATTR_P      0x080
#define SEG_ATTR_AVL    0x100
#define SEG_ATTR_L      0x200
#define SEG_ATTR_DB     0x400
#define SEG_ATTR_G      0x800

/* How a guest translates addresses now: all that a page walk or an instruction's meaning depends on. */
struct paging_mode {
	uint64_t cr0, cr3, cr4, efer;
	uint64_t rflags;
	uint8_t cpl;       /* 3 in virtual-8086 mode */
	uint8_t cs_attr_l; /* CS.L: with EFER.LMA, 64-bit mode */
	uint8_t cs_attr_d; /* CS.D: 32-bit default sizes */
	uint32_t pkru;
};

static inline bool paging_long_mode(const struct paging_mode *m)
{
	return m->efer & EFER_LMA;
}
static inline bool paging_64bit_code(const struct paging_mode *m)
{
	return (m->efer & EFER_LMA) && m->cs_attr_l;
}

#endif
