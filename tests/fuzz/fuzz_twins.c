/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AMD-V and VT-x side by side on fake hardware: the core sets the same registers, segments, events and shadows on both, and the CPUs stop for the same reasons, each told in its vendor's words.
 * What the core sees must be the same: registers, segments, paging mode, privilege, shadows, events that come back, and neutral exits.
 *
 * Input: steps of a byte each with what it needs; a missing byte is 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two enumerations that live in one folder each. */
#define ATTENTION_TLB SVM_ATTENTION_TLB
#define ATTENTION_CPU SVM_ATTENTION_CPU
#include "svm.h"
#undef ATTENTION_TLB
#undef ATTENTION_CPU
#include "vmx.h"

#include "descriptor.h"
#include "virt_event.h"
#include "vmcs_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct svm_host svm_host;
struct vmx_host vmx_host;

static struct vcpu amd, intel;
static struct vmcb vmcb;
static struct svm_vcpu amd_state;
static struct vmx_vcpu intel_state;
static struct vmx_cpu intel_cpu;
static struct percpu pc;
static uint8_t apic[PAGE_SIZE];

static const uint8_t *input;
static size_t left;

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}
void vmx_enter(struct vcpu *v, bool is_launched)
{
}
void svm_enter(struct vcpu *v, uint64_t guest_vmcb_pa, uint64_t host_vmcb_pa)
{
}

static uint64_t take(unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && left; i++, left--)
		value |= (uint64_t)*input++ << 8 * i;
	return value;
}

static void must(bool ok, const char *what, uint64_t a, uint64_t b)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_twins: %s: AMD-V %#llx, VT-x %#llx\n", what, (unsigned long long)a,
	        (unsigned long long)b);
	abort();
}
#define SAME(what, a, b) must((a) == (b), what, a, b)

static void start(void)
{
	fake_vmcs_reset();
	memset(&amd, 0, sizeof(amd));
	memset(&intel, 0, sizeof(intel));
	memset(&vmcb, 0, sizeof(vmcb));
	memset(apic, 0, sizeof(apic));
	svm_host = (struct svm_host){ .features = 1u << SVM_NRIP_SAVE | 1u << SVM_DECODE_ASSISTS |
		                                  1u << SVM_SPEC_CTRL };
	vmx_host = (struct vmx_host){ .limits.physical_bits = 46,
		                      .cr0_hidden = CR0_NE,
		                      .cr4_hidden = CR4_VMXE,
		                      .has_io_info = true };
	vmx_host.controls.value[VMX_PROC] = PROC_TPR_SHADOW;
	intel_cpu.percpu = &pc;
	amd_state = (struct svm_vcpu){ .vmcb = &vmcb };
	intel_state = (struct vmx_vcpu){ .cpu = &intel_cpu,
		                         .percpu = &pc,
		                         .virtual_apic = apic,
		                         .entry_controls = ENTRY_LOAD_EFER | ENTRY_LOAD_PAT };
	amd.virt = &amd_state;
	intel.virt = &intel_state;
	svm_state_reset(&amd);
	svm_event_reset(&amd_state);
	vmx_state_reset(&intel);
	vmx_event_reset(&intel);
}

/* ---- what the core sees ---- */

static void events_compare(const struct event *a, const struct event *b)
{
	SAME("an event's type", a->type, b->type);
	if (a->type == EVENT_NONE)
		return;
	SAME("an event's vector", a->vector, b->vector);
	SAME("an event's error code", a->error_code, b->error_code);
	SAME("an event's length", a->insn_len, b->insn_len);
	SAME("an event's address", a->cr2, b->cr2);
}

static void state_compare(void)
{
	struct paging_mode p, q;
	struct segment s, t;

	for (unsigned r = 0; r < NR_VCPU_REGS; r++)
		SAME("a register", svm_get_reg(&amd, (enum vcpu_reg)r),
		     vmx_get_reg(&intel, (enum vcpu_reg)r));
	for (unsigned i = 0; i < NR_SEGS; i++) {
		svm_get_segment(&amd, (enum segment_name)i, &s);
		vmx_get_segment(&intel, (enum segment_name)i, &t);
		SAME("a selector", s.selector, t.selector);
		SAME("a segment's attributes", s.attr, t.attr);
		SAME("a segment's limit", s.limit, t.limit);
		SAME("a segment's base", s.base, t.base);
	}
	svm_get_paging(&amd, &p);
	vmx_get_paging(&intel, &q);
	SAME("CR0 of the paging mode", p.cr0, q.cr0);
	SAME("CR4 of the paging mode", p.cr4, q.cr4);
	SAME("EFER of the paging mode", p.efer, q.efer);
	SAME("the code's mode", p.cs_attr_l * 2 + p.cs_attr_d, q.cs_attr_l * 2 + q.cs_attr_d);
	SAME("CPL", svm_get_cpl(&amd), vmx_get_cpl(&intel));
	SAME("the shadow", svm_interrupt_shadow(&amd), vmx_interrupt_shadow(&intel));
	SAME("RIP", amd.regs.rip, intel.regs.rip);
	SAME("RFLAGS", amd.regs.rflags, intel.regs.rflags);
	events_compare(&amd.event, &intel.event);
}

/* ---- what the core does ---- */

static bool is_protected(void)
{
	return svm_get_reg(&amd, REG_CR0) & CR0_PE;
}

static void segment_set(enum segment_name name, const struct segment *s)
{
	svm_set_segment(&amd, name, s);
	vmx_set_segment(&intel, name, s);
}

/* As descriptors and loads make them: accessed, busy, with a granularity that fits. (VT-x has rules for the rest, fuzz_vmx.) */
static void step_segment(void)
{
	static const uint8_t code[] = { 9, 11, 13, 15 }, data[] = { 1, 3, 5, 7 };
	enum segment_name name = (enum segment_name)(take(1) % NR_SEGS);
	struct segment s = { .selector = (uint16_t)(take(2) & ~4u), .limit = (uint32_t)take(3) };
	uint8_t how = (uint8_t)take(1);

	s.base = name == SEG_FS || name == SEG_GS || name >= SEG_LDTR ? canonical(take(8))
	                                                              : (uint32_t)take(8);
	s.attr = (uint16_t)(SEG_ATTR_P | SEG_ATTR_S | (take(1) & 1 ? SEG_ATTR_DB : 0));
	if (s.limit >> 20) {
		s.limit |= 0xfff;
		s.attr |= SEG_ATTR_G;
	}
	if (is_protected())
		s.attr |= (how & 3) << 5;
	if (name >= SEG_GDTR)
		s = (struct segment){ .limit = (uint16_t)s.limit, .base = s.base };
	else if (name >= SEG_LDTR)
		s.attr = (s.attr & ~(SEG_ATTR_S | 0x60u)) | (name == SEG_TR ? 11 : TYPE_LDT);
	else
		s.attr |= name == SEG_CS
		                  ? code[how >> 2 & 3]
		                  : data[name == SEG_SS ? 1 + 2 * (how >> 2 & 1) : how >> 2 & 3];
	segment_set(name, &s);
}

static void step_register(void)
{
	static const struct {
		uint8_t reg;
		bool is_linear;
		uint64_t mask, set;
	} rows[] = {
		{ REG_CR2, false, ~0ull, 0 },
		{ REG_CR3, false, (1ull << 40) - 1, 0 },
		{ REG_CR4, false, 0x3007ff & ~CR4_MCE, 0 },
		{ REG_CR8, false, 15, 0 },
		{ REG_EFER, false, EFER_SCE | EFER_LME | EFER_NXE, 0 },
		{ REG_DR6, false, 0xe00f, 0xffff0ff0 },
		{ REG_DR7, false, 0xffff2bff, 0x400 },
		{ REG_STAR, false, ~0ull, 0 },
		{ REG_LSTAR, true, ~0ull, 0 },
		{ REG_CSTAR, true, ~0ull, 0 },
		{ REG_FMASK, false, 0xffffffff, 0 },
		{ REG_KERNEL_GS_BASE, true, ~0ull, 0 },
		{ REG_SYSENTER_CS, false, 0xffffffff, 0 },
		{ REG_SYSENTER_ESP, true, ~0ull, 0 },
		{ REG_SYSENTER_EIP, true, ~0ull, 0 },
		{ REG_PAT, false, 0x0101010101010101, 0x0404040404040404 },
		{ REG_DEBUGCTL, false, 3, 0 },
		{ REG_TSC_AUX, false, 0xffffffff, 0 },
		{ REG_SPEC_CTRL, false, 7, 0 },
	};
	unsigned i = (unsigned)take(1) % ARRAY_LEN(rows);
	uint64_t value = (take(8) & rows[i].mask) | rows[i].set;

	if (rows[i].is_linear)
		value = canonical(value);
	svm_set_reg(&amd, (enum vcpu_reg)rows[i].reg, value);
	vmx_set_reg(&intel, (enum vcpu_reg)rows[i].reg, value);
}

/* A stack of the privilege that the mode has goes with it. */
static void step_mode(void)
{
	static const uint64_t modes[] = { CR0_ET, CR0_ET | CR0_PE, CR0_ET | CR0_PE | CR0_PG,
		                          CR0_ET | CR0_CD | CR0_NW };
	uint8_t how = (uint8_t)take(1);
	uint64_t cr0 = modes[how & 3] | (how & 4 ? CR0_TS : 0) | (how & 8 ? CR0_WP : 0);
	struct segment ss = { .attr = 0xc93, .limit = ~0u };

	segment_set(SEG_SS, &ss);
	svm_set_reg(&amd, REG_CR0, cr0);
	vmx_set_reg(&intel, REG_CR0, cr0);
}

static void step_flags(void)
{
	uint64_t flags = RFLAGS_MBS | (take(3) & (RFLAGS_IF | RFLAGS_TF | RFLAGS_ID | RFLAGS_AC));
	unsigned shadow = (unsigned)take(1) & (SHADOW_STI_MOV_SS | SHADOW_NMI);

	amd.regs.rflags = intel.regs.rflags = flags;
	svm_set_interrupt_shadow(&amd, shadow);
	vmx_set_interrupt_shadow(&intel, shadow);
}

static struct event event_make(void)
{
	struct event e = { .type = (enum event_type)(take(1) % 5 + 1), .vector = (uint8_t)take(1) };

	if (e.type == EVENT_NMI)
		e.vector = X86_NMI;
	if (event_is_soft(&e))
		e.insn_len = (uint8_t)(1 + take(1) % 15);
	if (e.type == EVENT_SOFT_EXCEPTION)
		e.vector = e.vector & 1 ? X86_BP : X86_OF;
	if (e.type != EVENT_EXCEPTION)
		return e;
	e.vector = e.vector % 20 == X86_NMI ? X86_UD : e.vector % 20;
	e.has_error = is_protected() && (EXCEPTIONS_WITH_ERROR >> e.vector & 1);
	e.error_code = e.has_error ? (uint32_t)take(2) : 0;
	e.cr2 = e.vector == X86_PF ? take(8) : 0;
	return e;
}

/* Into the guest, which either takes it or is stopped in the middle of its delivery. */
static void step_event(void)
{
	struct event e = event_make();
	bool is_cut_short = take(1) & 1;

	if (e.type == EVENT_NMI && svm_interrupt_shadow(&amd))
		return;
	SAME("injection", svm_inject(&amd, &e), vmx_inject(&intel, &e));
	amd.event.type = intel.event.type = EVENT_NONE;
	/* The CPU blocks NMIs itself on VT-x. */
	if (e.type == EVENT_NMI)
		vmcs_write(GUEST_INTERRUPTIBILITY, intel_state.interruptibility |= BLOCKED_NMI);
	if (is_cut_short) {
		svm_event_take_back(&amd, vmcb.event_inj);
		vmx_event_take_back(&intel, (uint32_t)vmcs_read(VMCS_ENTRY_EVENT),
		                    (uint32_t)vmcs_read(VMCS_ENTRY_ERROR));
	}
	vmcb.event_inj = 0;
	amd_state.is_injected = false;
	intel_state.event_info = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
	state_compare();
	amd.event.type = intel.event.type = EVENT_NONE;
}

static void step_window(void)
{
	enum window w = (enum window)(take(1) % 2);
	uint8_t priority = (uint8_t)(take(1) % 17);

	svm_open_window(&amd, w, priority);
	vmx_open_window(&intel, w, priority);
}

/* ---- why they stop ---- */

/* Both CPUs' words for an exit, and the length of its instruction. */
static void exit_tell(uint64_t code, uint64_t info1, uint64_t info2, uint32_t reason,
                      uint64_t qualification, uint8_t length)
{
	vmcb.rip = amd.regs.rip;
	vmcb.next_rip = amd.regs.rip + length;
	vmcb.exit_code = code;
	vmcb.exit_info_1 = info1;
	vmcb.exit_info_2 = info2;
	vmcs_write(VMCS_QUALIFICATION, qualification);
	vmcs_write(VMCS_EXIT_LENGTH, length);
	vmcs_write(VMCS_VECTORING_EVENT, 0);
	svm_exit_decode(&amd);
	vmx_exit_decode(&intel, reason);
	SAME("an exit's kind", amd.exit.kind, intel.exit.kind);
	SAME("an exit's length", amd.exit.insn_len, intel.exit.insn_len);
}

static void step_exit_plain(void)
{
	static const struct {
		uint32_t amd, intel;
	} rows[] = {
		{ SVM_EXIT_INTR, VMX_EXIT_INTERRUPT },
		{ SVM_EXIT_INIT, VMX_EXIT_INIT },
		{ SVM_EXIT_VINTR, VMX_EXIT_INTERRUPT_WINDOW },
		{ SVM_EXIT_SHUTDOWN, VMX_EXIT_TRIPLE_FAULT },
		{ SVM_EXIT_RDTSC, VMX_EXIT_RDTSC },
		{ SVM_EXIT_RDTSCP, VMX_EXIT_RDTSCP },
		{ SVM_EXIT_RDPMC, VMX_EXIT_RDPMC },
		{ SVM_EXIT_CPUID, VMX_EXIT_CPUID },
		{ SVM_EXIT_RSM, VMX_EXIT_RSM },
		{ SVM_EXIT_INVD, VMX_EXIT_INVD },
		{ SVM_EXIT_WBINVD, VMX_EXIT_WBINVD },
		{ SVM_EXIT_PAUSE, VMX_EXIT_PAUSE },
		{ SVM_EXIT_HLT, VMX_EXIT_HLT },
		{ SVM_EXIT_VMMCALL, VMX_EXIT_VMCALL },
		{ SVM_EXIT_VMRUN, VMX_EXIT_VMCLEAR },
		{ SVM_EXIT_SKINIT, VMX_EXIT_VMXON },
		{ SVM_EXIT_MONITOR, VMX_EXIT_MONITOR },
		{ SVM_EXIT_MWAIT, VMX_EXIT_MWAIT },
		{ SVM_EXIT_XSETBV, VMX_EXIT_XSETBV },
		{ 0x43, VMX_NR_EXITS + 7 }, /* nothing that we ask for */
	};
	unsigned i = (unsigned)take(1) % ARRAY_LEN(rows);

	exit_tell(rows[i].amd, 0, 0, rows[i].intel, 0, (uint8_t)(1 + take(1) % 15));
}

static void step_exit_port(void)
{
	static const uint8_t sizes[] = { 1, 2, 4 };
	uint64_t port = take(2);
	uint8_t how = (uint8_t)take(1), length = (uint8_t)(1 + take(1) % 15);
	unsigned size = sizes[how % 3], address = how >> 2 & 1 ? 2 : 1, seg = (how >> 5) % 6;
	bool in = how & 8, string = how & 16, rep = string && (take(1) & 1);

	vmcs_write(VMCS_EXIT_INSN_INFO, address << 7 | seg << 15);
	exit_tell(SVM_EXIT_IOIO,
	          port << 16 | seg << 10 | (uint64_t)(1 << address) << 7 | size << 4 |
	                  (rep ? IOIO_REP : 0) | (string ? IOIO_STRING : 0) | (in ? IOIO_IN : 0),
	          amd.regs.rip + length, VMX_EXIT_IO,
	          port << 16 | (rep ? IO_QUAL_REP : 0) | (string ? IO_QUAL_STRING : 0) |
	                  (in ? IO_QUAL_IN : 0) | (size - 1),
	          length);
	SAME("a port", amd.exit.pio.port, intel.exit.pio.port);
	SAME("a port's size", amd.exit.pio.size, intel.exit.pio.size);
	SAME("a port's direction", amd.exit.pio.is_write, intel.exit.pio.is_write);
	SAME("REP", amd.exit.pio.rep, intel.exit.pio.rep);
	if (!string)
		return;
	SAME("an address size", amd.exit.pio.addr_size, intel.exit.pio.addr_size);
	SAME("a string's segment", amd.exit.pio.segment, intel.exit.pio.segment);
}

static void step_exit_msr(void)
{
	bool write = take(1) & 1;

	amd.regs.r[GPR_RCX] = intel.regs.r[GPR_RCX] = take(8);
	exit_tell(SVM_EXIT_MSR, write, 0, write ? VMX_EXIT_WRMSR : VMX_EXIT_RDMSR, 0, 2);
	SAME("an MSR", amd.exit.msr.index, intel.exit.msr.index);
}

static void step_exit_cr(void)
{
	static const uint8_t numbers[] = { 0, 3, 4, 8 };
	uint8_t how = (uint8_t)take(1), cr = numbers[how & 3], gpr = how >> 4;
	bool write = how & 4;

	exit_tell((write ? SVM_EXIT_CR_WRITE : SVM_EXIT_CR_READ) + cr, CR_IS_MOV | gpr, 0,
	          VMX_EXIT_CR, cr | (write ? CR_TO : CR_FROM) << 4 | (uint64_t)gpr << 8, 3);
	SAME("a control register", amd.exit.cr.cr, intel.exit.cr.cr);
	SAME("its other register", amd.exit.cr.gpr, intel.exit.cr.gpr);
	SAME("its direction", amd.exit.cr.is_write, intel.exit.cr.is_write);
}

static void step_exit_memory(void)
{
	uint64_t address = take(8) & ((1ull << 46) - 1), info = 0, q = EPT_QUAL_HAS_LINEAR;
	uint8_t how = (uint8_t)take(1);

	info |= (how & 1 ? PFEC_PRESENT : 0) | (how & 2 ? PFEC_WRITE : 0) |
	        (how & 4 ? PFEC_FETCH : 0) | (how & 8 ? NPF_IN_WALK : 0);
	q |= (how & 1 ? BIT(3) : 0) | (how & 2 ? EPT_QUAL_WRITE : 0) |
	     (how & 4 ? EPT_QUAL_FETCH : 0) | (how & 8 ? 0 : EPT_QUAL_TRANSLATED);
	vmcs_write(VMCS_GUEST_PHYSICAL, address);
	exit_tell(SVM_EXIT_NPF, info, address, VMX_EXIT_EPT_VIOLATION, q, 0);
	SAME("an address", amd.exit.mmio.gpa.v, intel.exit.mmio.gpa.v);
	SAME("a write", amd.exit.mmio.is_write, intel.exit.mmio.is_write);
	SAME("a fetch", amd.exit.mmio.is_fetch, intel.exit.mmio.is_fetch);
	SAME("an entry", amd.exit.mmio.is_present, intel.exit.mmio.is_present);
	SAME("a walk", amd.exit.mmio.in_walk, intel.exit.mmio.in_walk);
}

static void step_exit_exception(void)
{
	static const uint8_t vectors[] = { X86_UD, X86_AC, X86_DB };
	uint8_t vector = vectors[take(1) % ARRAY_LEN(vectors)];
	uint64_t causes = vector == X86_DB ? take(2) & (DR6_BREAKPOINTS | DR6_BS | DR6_BD) : 0;
	uint32_t error = vector == X86_AC ? EVINFO_ERROR_VALID : 0, code = (uint32_t)take(2);

	/* AMD's CPU has DR6 and DR7 right before the exit. */
	if (vector == X86_DB) {
		vmcb.dr6 = (vmcb.dr6 & ~DR6_BREAKPOINTS) | causes;
		vmcb.dr7 &= ~DR7_GD;
	}
	vmcs_write(VMCS_EXIT_EVENT, EVINFO_VALID | error | EVINFO_EXCEPTION << 8 | vector);
	vmcs_write(VMCS_EXIT_ERROR, code);
	exit_tell(SVM_EXIT_EXCEPTION + vector, code, 0, VMX_EXIT_EXCEPTION, causes, 0);
	SAME("an exception", amd.exit.exception.vector, intel.exit.exception.vector);
	SAME("its error code", amd.exit.exception.error_code, intel.exit.exception.error_code);
	SAME("its DR6", amd.exit.exception.cr2_or_dr6, intel.exit.exception.cr2_or_dr6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[])(
		void) = { step_segment,  step_register, step_mode,        step_flags,
		          step_event,    step_window,   step_exit_plain,  step_exit_port,
		          step_exit_msr, step_exit_cr,  step_exit_memory, step_exit_exception };

	input = data;
	left = size;
	start();
	state_compare();
	while (left) {
		steps[take(1) % ARRAY_LEN(steps)]();
		state_compare();
	}
	return 0;
}
