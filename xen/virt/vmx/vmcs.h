/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine control structure: its fields and bits (SDM volume 3, chapters 24 to 27 and appendix B), access to them, our own consistency check,
 * and its contents in words. Knows no vcpu: all of it is about the VMCS that is current on this CPU.
 */
#ifndef VMX_VMCS_H
#define VMX_VMCS_H

#include "virt_rules.h"

/* Fields by encoding, SDM appendix B. The high halves of 64-bit fields are not needed in long mode. */
enum vmcs_field {
	/* 16 bits */
	VMCS_VPID = 0x0000,
	VMCS_POSTED_VECTOR = 0x0002,
	GUEST_ES_SELECTOR =
		0x0800, /* the others follow in steps of 2, in the order ES CS SS DS FS GS LDTR TR */
	GUEST_INTERRUPT_STATUS = 0x0810, /* highest waiting vector, in bits 15:8 that in service */
	GUEST_LOG_INDEX = 0x0812,        /* of the next entry in the log of writes */
	HOST_ES_SELECTOR = 0x0c00,
	HOST_CS_SELECTOR = 0x0c02,
	HOST_SS_SELECTOR = 0x0c04,
	HOST_DS_SELECTOR = 0x0c06,
	HOST_FS_SELECTOR = 0x0c08,
	HOST_GS_SELECTOR = 0x0c0a,
	HOST_TR_SELECTOR = 0x0c0c,
	/* 64 bits */
	VMCS_IO_BITMAP_A = 0x2000,
	VMCS_IO_BITMAP_B = 0x2002,
	VMCS_MSR_BITMAP = 0x2004,
	VMCS_EXIT_MSR_STORE = 0x2006,
	VMCS_EXIT_MSR_LOAD = 0x2008,
	VMCS_ENTRY_MSR_LOAD = 0x200a,
	VMCS_WRITE_LOG = 0x200e,
	VMCS_TSC_OFFSET = 0x2010,
	VMCS_VIRTUAL_APIC = 0x2012,
	VMCS_POSTED_DESCRIPTOR = 0x2016,
	VMCS_EPT_POINTER = 0x201a,
	VMCS_EOI_EXITS = 0x201c, /* four of them, in steps of 2 */
	VMCS_XSS_EXITING = 0x202c,
	VMCS_GUEST_PHYSICAL = 0x2400,
	VMCS_LINK_POINTER = 0x2800,
	GUEST_DEBUGCTL = 0x2802,
	GUEST_PAT = 0x2804,
	GUEST_EFER = 0x2806,
	GUEST_PDPTE0 = 0x280a, /* to 3 in steps of 2 */
	HOST_PAT = 0x2c00,
	HOST_EFER = 0x2c02,
	/* 32 bits */
	VMCS_PIN_CONTROLS = 0x4000,
	VMCS_PROC_CONTROLS = 0x4002,
	VMCS_EXCEPTION_BITMAP = 0x4004,
	VMCS_PF_MASK = 0x4006,
	VMCS_PF_MATCH = 0x4008,
	VMCS_CR3_TARGETS = 0x400a,
	VMCS_EXIT_CONTROLS = 0x400c,
	VMCS_EXIT_STORE_COUNT = 0x400e,
	VMCS_EXIT_LOAD_COUNT = 0x4010,
	VMCS_ENTRY_CONTROLS = 0x4012,
	VMCS_ENTRY_LOAD_COUNT = 0x4014,
	VMCS_ENTRY_EVENT = 0x4016,
	VMCS_ENTRY_ERROR = 0x4018,
	VMCS_ENTRY_LENGTH = 0x401a,
	VMCS_TPR_THRESHOLD = 0x401c,
	VMCS_PROC2_CONTROLS = 0x401e,
	VMCS_PLE_GAP = 0x4020,
	VMCS_PLE_WINDOW = 0x4022,
	VMCS_INSTRUCTION_ERROR = 0x4400,
	VMCS_EXIT_REASON = 0x4402,
	VMCS_EXIT_EVENT = 0x4404,
	VMCS_EXIT_ERROR = 0x4406,
	VMCS_VECTORING_EVENT = 0x4408,
	VMCS_VECTORING_ERROR = 0x440a,
	VMCS_EXIT_LENGTH = 0x440c,
	VMCS_EXIT_INSN_INFO = 0x440e,
	GUEST_ES_LIMIT = 0x4800, /* in steps of 2, and behind TR GDTR and IDTR */
	GUEST_ES_RIGHTS = 0x4814,
	GUEST_INTERRUPTIBILITY = 0x4824,
	GUEST_ACTIVITY = 0x4826,
	GUEST_SYSENTER_CS = 0x482a,
	HOST_SYSENTER_CS = 0x4c00,
	/* as wide as the CPU */
	VMCS_CR0_MASK = 0x6000,
	VMCS_CR4_MASK = 0x6002,
	VMCS_CR0_SHADOW = 0x6004,
	VMCS_CR4_SHADOW = 0x6006,
	VMCS_QUALIFICATION = 0x6400,
	VMCS_GUEST_LINEAR = 0x640a,
	GUEST_CR0 = 0x6800,
	GUEST_CR3 = 0x6802,
	GUEST_CR4 = 0x6804,
	GUEST_ES_BASE = 0x6806, /* in steps of 2, and behind TR GDTR and IDTR */
	GUEST_DR7 = 0x681a,
	GUEST_RSP = 0x681c,
	GUEST_RIP = 0x681e,
	GUEST_RFLAGS = 0x6820,
	GUEST_PENDING_DEBUG = 0x6822,
	GUEST_SYSENTER_ESP = 0x6824,
	GUEST_SYSENTER_EIP = 0x6826,
	HOST_CR0 = 0x6c00,
	HOST_CR3 = 0x6c02,
	HOST_CR4 = 0x6c04,
	HOST_FS_BASE = 0x6c06,
	HOST_GS_BASE = 0x6c08,
	HOST_TR_BASE = 0x6c0a,
	HOST_GDTR_BASE = 0x6c0c,
	HOST_IDTR_BASE = 0x6c0e,
	HOST_SYSENTER_ESP = 0x6c10,
	HOST_SYSENTER_EIP = 0x6c12,
	HOST_RSP = 0x6c14, /* entry.S has this number */
	HOST_RIP = 0x6c16,
};

/* The current VMCS (SDM 24.11.2). A field that the CPU does not have reads as 0, and a write to it is lost. vmcs_access.c; tests have an array. */
uint64_t vmcs_read(enum vmcs_field field);
void vmcs_write(enum vmcs_field field, uint64_t value);
/* INVEPT and INVVPID (SDM 28.3.3.1): of one table or tag, or of all. Types that the CPU does not have do nothing. */
#define INVALIDATE_SINGLE 1
#define INVALIDATE_ALL    2
void vmcs_invept(uint64_t type, uint64_t eptp);
void vmcs_invvpid(uint64_t type, uint16_t vpid);
/* The CPU's CR2, which is in no VMCS. */
uint64_t vmcs_read_cr2(void);
void vmcs_write_cr2(uint64_t value);

/* Fields of a segment, by enum segment_name; GDTR and IDTR have base and limit only. */
static inline enum vmcs_field vmcs_selector(enum segment_name s)
{
	return (enum vmcs_field)(GUEST_ES_SELECTOR + 2u * s);
}
static inline enum vmcs_field vmcs_base(enum segment_name s)
{
	return (enum vmcs_field)(GUEST_ES_BASE + 2u * s);
}
static inline enum vmcs_field vmcs_limit(enum segment_name s)
{
	return (enum vmcs_field)(GUEST_ES_LIMIT + 2u * s);
}
static inline enum vmcs_field vmcs_rights(enum segment_name s)
{
	return (enum vmcs_field)(GUEST_ES_RIGHTS + 2u * s);
}

/* Access rights, SDM table 24-2: bits 0 to 7 as in struct segment, 8 to 11 of that in 12 to 15 */
#define RIGHTS_UNUSABLE BIT(16)
static inline uint32_t rights_of_attr(uint16_t attr)
{
	return (attr & 0xffu) | (attr & 0xf00u) << 4;
}
static inline uint16_t attr_of_rights(uint32_t rights)
{
	return (uint16_t)((rights & 0xff) | (rights >> 4 & 0xf00));
}

/* Pin-based controls, SDM 24.6.1 */
#define PIN_EXTERNAL_INTERRUPT (1u << 0)
#define PIN_NMI                (1u << 3)
#define PIN_VIRTUAL_NMI        (1u << 5)
#define PIN_POSTED             (1u << 7)

/* Primary processor-based controls, SDM 24.6.2 */
#define PROC_INTERRUPT_WINDOW (1u << 2)
#define PROC_TSC_OFFSET       (1u << 3)
#define PROC_HLT              (1u << 7)
#define PROC_INVLPG           (1u << 9)
#define PROC_MWAIT            (1u << 10)
#define PROC_RDPMC            (1u << 11)
#define PROC_RDTSC            (1u << 12)
#define PROC_CR3_LOAD         (1u << 15)
#define PROC_CR3_STORE        (1u << 16)
#define PROC_CR8_LOAD         (1u << 19)
#define PROC_CR8_STORE        (1u << 20)
#define PROC_TPR_SHADOW       (1u << 21)
#define PROC_NMI_WINDOW       (1u << 22)
#define PROC_DR               (1u << 23)
#define PROC_IO               (1u << 24)
#define PROC_IO_BITMAPS       (1u << 25)
#define PROC_MSR_BITMAP       (1u << 28)
#define PROC_MONITOR          (1u << 29)
#define PROC_SECONDARY        (1u << 31)

/* Secondary processor-based controls */
#define PROC2_EPT            (1u << 1)
#define PROC2_RDTSCP         (1u << 3)
#define PROC2_X2APIC         (1u << 4)
#define PROC2_VPID           (1u << 5)
#define PROC2_WBINVD         (1u << 6)
#define PROC2_UNRESTRICTED   (1u << 7)
#define PROC2_APIC_REGISTERS (1u << 8)
#define PROC2_VECTORS        (1u << 9) /* virtual interrupt delivery */
#define PROC2_PAUSE_LOOP     (1u << 10)
#define PROC2_INVPCID        (1u << 12)
#define PROC2_WRITE_LOG      (1u << 17) /* page-modification logging, SDM 28.2.6 */
#define PROC2_XSAVES         (1u << 20)

/* VM-exit controls, SDM 24.7.1, and VM-entry controls, SDM 24.8.1 */
#define EXIT_SAVE_DEBUG  (1u << 2)
#define EXIT_HOST_64     (1u << 9)
#define EXIT_ACK         (1u << 15)
#define EXIT_LOAD_PAT    (1u << 19)
#define EXIT_LOAD_EFER   (1u << 21)
#define ENTRY_LOAD_DEBUG (1u << 2)
#define ENTRY_LONG_MODE  (1u << 9)
#define ENTRY_LOAD_PAT   (1u << 14)
#define ENTRY_LOAD_EFER  (1u << 15)

/* Interruptibility, SDM table 24-3 */
#define BLOCKED_STI    (1u << 0)
#define BLOCKED_MOV_SS (1u << 1)
#define BLOCKED_SHADOW (BLOCKED_STI | BLOCKED_MOV_SS)
#define BLOCKED_NMI    (1u << 3)

/* Pending debug exceptions, SDM table 24-4; the causes also are an exit's qualification for #DB, in DR6's places */
#define PENDING_BS BIT(14)

/* EPT pointer, SDM 24.6.11: tables are cached (6), four levels. Accessed and dirty bits are off, see ept.c. */
#define EPTP_FLAGS (6u | 3u << 3)
#define EPTP_MARKS BIT(6) /* accessed and dirty bits */

/* Exit reasons, SDM appendix C */
enum vmx_reason {
	VMX_EXIT_EXCEPTION = 0,
	VMX_EXIT_INTERRUPT = 1,
	VMX_EXIT_TRIPLE_FAULT = 2,
	VMX_EXIT_INIT = 3,
	VMX_EXIT_SIPI = 4,
	VMX_EXIT_INTERRUPT_WINDOW = 7,
	VMX_EXIT_NMI_WINDOW = 8,
	VMX_EXIT_TASK_SWITCH = 9,
	VMX_EXIT_CPUID = 10,
	VMX_EXIT_GETSEC = 11,
	VMX_EXIT_HLT = 12,
	VMX_EXIT_INVD = 13,
	VMX_EXIT_RDPMC = 15,
	VMX_EXIT_RDTSC = 16,
	VMX_EXIT_RSM = 17,
	VMX_EXIT_VMCALL = 18,
	VMX_EXIT_VMCLEAR = 19,
	VMX_EXIT_VMXON = 27,
	VMX_EXIT_CR = 28,
	VMX_EXIT_DR = 29,
	VMX_EXIT_IO = 30,
	VMX_EXIT_RDMSR = 31,
	VMX_EXIT_WRMSR = 32,
	VMX_EXIT_BAD_STATE = 33,
	VMX_EXIT_BAD_MSR = 34,
	VMX_EXIT_MWAIT = 36,
	VMX_EXIT_MONITOR = 39,
	VMX_EXIT_PAUSE = 40,
	VMX_EXIT_ENTRY_MC = 41,
	VMX_EXIT_TPR = 43,
	VMX_EXIT_EOI = 45,
	VMX_EXIT_EPT_VIOLATION = 48,
	VMX_EXIT_EPT_MISCONFIG = 49,
	VMX_EXIT_INVEPT = 50,
	VMX_EXIT_RDTSCP = 51,
	VMX_EXIT_INVVPID = 53,
	VMX_EXIT_WBINVD = 54,
	VMX_EXIT_XSETBV = 55,
	VMX_EXIT_APIC_WRITE = 56,
	VMX_EXIT_LOG_FULL = 62,
	VMX_NR_EXITS = 63,
};
#define VMX_REASON_BASIC        0xffffu
#define VMX_REASON_ENTRY_FAILED (1u << 31)

/* Qualification of CR, SDM table 27-3 */
#define CR_QUAL_NUMBER(q) ((q)&0xf)
#define CR_QUAL_TYPE(q)   ((q) >> 4 & 3)
#define CR_QUAL_GPR(q)    ((q) >> 8 & 0xf)
#define CR_TO             0
#define CR_FROM           1
/* Of IO, SDM table 27-5 */
#define IO_QUAL_SIZE(q) (((q)&7) + 1)
#define IO_QUAL_IN      BIT(3)
#define IO_QUAL_STRING  BIT(4)
#define IO_QUAL_REP     BIT(5)
#define IO_QUAL_PORT(q) ((uint16_t)((q) >> 16))
/* Instruction information of INS and OUTS, SDM table 27-8 */
#define IO_INFO_ADDRESS(i) ((i) >> 7 & 7) /* 0, 1, 2: 16, 32, 64 bits */
#define IO_INFO_SEGMENT(i) ((i) >> 15 & 7)
/* Of EPT violations, SDM table 27-7 */
#define EPT_QUAL_WRITE         BIT(1)
#define EPT_QUAL_FETCH         BIT(2)
#define EPT_QUAL_RIGHTS        (BIT(3) | BIT(4) | BIT(5)) /* of the entry: none, it is not there */
#define EPT_QUAL_HAS_LINEAR    BIT(7)
#define EPT_QUAL_TRANSLATED    BIT(8) /* else: an access of the page walk */
#define EPT_QUAL_NMI_UNBLOCKED BIT(12)
/* Of task switches, SDM table 27-2 */
#define TASK_QUAL_SELECTOR(q) ((uint16_t)(q))
#define TASK_QUAL_REASON(q)   ((q) >> 30 & 3)

/* An entry of an MSR area, SDM table 24-15 */
struct vmx_msr_entry {
	uint32_t index, reserved;
	uint64_t value;
};

/*
 * VM entry's own rules about controls and the guest's state (SDM 26.2.1, 26.3) for the current VMCS. NULL: all hold; else the broken rule in words, with its section.
 * The CPU checks the same, but does not say which one it was.
 */
const char *vmcs_check(const struct virt_limits *limits);

/* The n-th line (from 0) of what the current VMCS has beside the guest's registers, in words; 0 when there is no such line, else its length. */
size_t vmcs_describe(unsigned n, char *buf, size_t size);

/* Why VMLAUNCH, VMRESUME, VMPTRLD and so on failed (SDM 30.4), never NULL. */
const char *vmcs_error_name(uint32_t error);

#endif
