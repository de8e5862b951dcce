/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts of the machine. */
#include "traps.h"

#include "apic.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "crash.h"
#include "format.h"
#include "host_irq.h"
#include "layout.h"
#include "log.h"
#include "paging.h"
#include "user_trap.h"

struct idt_gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM figure 6-8");

extern const uint8_t trap_stubs[256][16];
extern const struct trap_fixup {
	uint64_t insn, resume;
} trap_fixups[];

static struct idt_gate idt[256] __attribute__((aligned(PAGE_SIZE)));
static irq_handler handlers[256];

static const uint8_t ist_of[256] = {
	[X86_NMI] = IST_NMI,
	[X86_DF] = IST_DOUBLE_FAULT,
	[X86_MC] = IST_MACHINE_CHECK,
};

static const char *const exception_names[32] = {
	[X86_DE] = "divide error",
	[X86_DB] = "debug exception",
	[X86_NMI] = "NMI",
	[X86_BP] = "breakpoint",
	[X86_OF] = "overflow",
	[X86_BR] = "bound range exceeded",
	[X86_UD] = "invalid opcode",
	[X86_NM] = "FPU not available",
	[X86_DF] = "double fault",
	[X86_TS] = "invalid TSS",
	[X86_NP] = "segment not present",
	[X86_SS] = "stack fault",
	[X86_GP] = "general protection fault",
	[X86_PF] = "page fault",
	[X86_MF] = "x87 error",
	[X86_AC] = "alignment check",
	[X86_MC] = "machine check",
	[X86_XM] = "SIMD error",
	[X86_VE] = "virtualisation exception",
	[X86_CP] = "control protection",
};

void traps_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t stub = (uint64_t)trap_stubs[i];

		idt[i] = (struct idt_gate){
			.offset_low = (uint16_t)stub,
			.selector = SELECTOR_CODE64,
			.ist = ist_of[i],
			/* present, interrupt gate: IF is cleared; one of them ring 3 may call */
			.type = i == VECTOR_USER_CALL ? 0xee : 0x8e,
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
		};
	}
}

void traps_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} packed_struct idtr = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lidt %0" ::"m"(idtr));
}

void trap_set_irq(uint8_t vector, irq_handler fn)
{
	if (vector < VECTOR_FIRST_DEVICE || handlers[vector])
		bug("interrupt vector %#x is taken or reserved", vector);
	handlers[vector] = fn;
}

/* In words what a page fault tells. */
static void describe_page_fault(const struct trap_frame *f, char *buf, size_t size)
{
	uint64_t at = cr2_read();

	if (paging_is_guard(at)) {
		format(buf, size, "stack overflow (guard page at %#lx)", at);
		return;
	}
	format(buf, size, "page fault: %s %#lx, %s",
	       f->error_code & PFEC_FETCH   ? "instruction fetch from"
	       : f->error_code & PFEC_WRITE ? "write to"
	                                    : "read from",
	       at,
	       f->error_code & PFEC_RSVD      ? "reserved bits set in its entry"
	       : f->error_code & PFEC_PRESENT ? "which its mapping forbids"
	                                      : "which is not mapped");
}

static void log_machine_check_banks(void)
{
	uint64_t cap, status, address;

	if (!msr_read_safe(MSR_MCG_CAP, &cap))
		return;
	for (uint32_t i = 0; i < (cap & 0xff); i++) {
		uint32_t bank = MSR_MC0_CTL + i * 4;

		if (!msr_read_safe(bank + 1, &status) || !(status & BIT(63)))
			continue;
		address = 0;
		if ((status & BIT(58)) && !msr_read_safe(bank + 2, &address))
			address = 0;
		log_error("machine check bank %u: status %#lx address %#lx", i, status, address);
	}
}

static void noreturn_fn exception_fatal(struct trap_frame *f)
{
	const char *name = exception_names[f->vector];
	char what[128];

	if (f->vector == X86_PF)
		describe_page_fault(f, what, sizeof(what));
	else if (f->vector == X86_DF && paging_is_guard(cr2_read()))
		format(what, sizeof(what), "stack overflow (double fault, guard page at %#lx)",
		       cr2_read());
	else
		format(what, sizeof(what), "%s (vector %lu, error code %#lx)",
		       name ? name : "unknown exception", f->vector, f->error_code);
	if (f->vector == X86_MC)
		log_machine_check_banks();
	crash(f, what);
}

static void exception(struct trap_frame *f)
{
	if (f->vector == X86_NMI) {
		crash_nmi(f);
		this_cpu()->nr_irqs[X86_NMI]++;
		return;
	}
	if (f->vector == X86_GP) {
		for (const struct trap_fixup *x = trap_fixups; x->insn; x++) {
			if (f->rip != x->insn)
				continue;
			f->rip = x->resume;
			return;
		}
	}
	exception_fatal(f);
}

void machine_take_interrupt(uint8_t vector)
{
	this_cpu()->nr_irqs[vector]++;
	if (handlers[vector])
		handlers[vector](vector);
	else if (vector >= MACHINE_VECTOR_FIRST && vector <= MACHINE_VECTOR_LAST)
		host_irq_interrupt(vector);
	/* no end of interrupt for spurious ones: neither the PICs' nor the APIC's */
	if (vector >= VECTOR_FIRST_DEVICE && vector != VECTOR_SPURIOUS)
		apic_eoi();
}

static void dispatch(struct trap_frame *f)
{
	if (f->vector < 32)
		exception(f);
	else
		machine_take_interrupt((uint8_t)f->vector);
}

/* From ring 3, whose EFLAGS.AC would let us touch its pages by mistake. */
static void dispatch_user(struct trap_frame *f)
{
	if (cpu_features.smap)
		__asm__ volatile("clac");
	if (f->vector == X86_NMI || f->vector == X86_MC) {
		exception(f);
	} else if (f->vector < 32 || f->vector == VECTOR_USER_CALL) {
		usermode_trap(f);
	} else {
		machine_take_interrupt((uint8_t)f->vector);
		usermode_interrupted(f);
	}
}

void trap_dispatch(struct trap_frame *f)
{
	if (unlikely(f->cs & 3)) {
		dispatch_user(f);
		return;
	}
	dispatch(f);
}
