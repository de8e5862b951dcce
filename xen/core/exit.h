/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a vcpu left guest mode, in words that neither vendor owns, and what its handlers answer. */
#ifndef CORE_EXIT_H
#define CORE_EXIT_H

#include "event.h"

enum exit_kind {
	EXIT_HOST_EVENT, /* a physical interrupt or NMI came, or entry was refused because work is pending: nothing to do for the guest */
	EXIT_PIO,
	EXIT_PIO_STRING,
	EXIT_MMIO, /* nested page fault */
	EXIT_CPUID,
	EXIT_MSR_READ,
	EXIT_MSR_WRITE,
	EXIT_CR_ACCESS,
	EXIT_DR_ACCESS,
	EXIT_XSETBV,
	EXIT_HALT,
	EXIT_HYPERCALL, /* this vendor's call instruction */
	EXIT_EXCEPTION, /* an exception that the guest caused and we intercept */
	EXIT_TASK_SWITCH,
	EXIT_WINDOW_OPEN, /* an interrupt or NMI can be taken now */
	EXIT_APIC_WRITE, /* the CPU has written a register of the local APIC, which has effects beyond it */
	EXIT_INVD, /* INVD or WBINVD */
	EXIT_PAUSE,
	EXIT_RDTSC, /* RDTSC or RDTSCP (tsc_mode) */
	EXIT_RDPMC,
	EXIT_MWAIT,     /* MONITOR, MWAIT */
	EXIT_VIRT_INSN, /* VMRUN, VMXON and their kin: not for guests */
	EXIT_TRIPLE_FAULT,
	EXIT_BAD_ENTRY, /* the hardware or our own check refused the state */
	EXIT_UNKNOWN,
	NR_EXIT_KINDS
};

struct vcpu_exit {
	enum exit_kind kind;
	uint8_t insn_len; /* 0: not known, decode to find out */
	bool in_shadow;   /* the guest stopped in the shadow of STI or MOV SS */
	union {
		struct {
			uint16_t port;
			uint8_t size; /* 1, 2, 4 */
			bool is_write, rep;
			uint8_t addr_size; /* string forms: 2, 4, 8; 0: decode */
			uint8_t segment;   /* string forms: enum segment_name; 0xff: decode */
		} pio;
		struct {
			gpa_t gpa;
			bool is_write, is_fetch,
				is_present; /* present: an entry was there but forbade it */
			bool in_walk;       /* the guest's page-table walk, not its data */
			bool is_hole;       /* set by the handler: nothing is mapped there */
		} mmio;
		struct {
			uint32_t index;
		} msr;
		struct {
			uint8_t cr, gpr; /* gpr 0xff: decode */
			bool is_write;
		} cr;
		struct {
			uint8_t dr, gpr;
			bool is_write;
		} dr;
		struct {
			uint8_t vector;
			bool has_error;
			uint32_t error_code;
			uint64_t cr2_or_dr6; /* #PF: address; #DB: pending DR6 bits */
		} exception;
		struct {
			uint16_t selector;
			uint8_t reason; /* 0 CALL, 1 IRET, 2 JMP, 3 a gate of the IDT: for vcpu.event, or for INT n, which has a length */
			bool has_error; /* the event that came by the gate pushes one */
			uint32_t error_code;
		} task;
		struct {
			uint16_t offset;
			uint32_t value; /* of EOI: the vector that is over */
		} apic;
		struct {
			uint64_t code, info1, info2;
		} raw; /* EXIT_UNKNOWN, EXIT_BAD_ENTRY: for the dump */
	};
};

enum exit_next {
	NEXT_INSN,  /* step over the instruction, then resume */
	NEXT_SAME,  /* resume where it stopped (faulted, waits, or already moved) */
	NEXT_CRASH, /* the guest did what we cannot carry on from */
};

struct vcpu;
typedef enum exit_next (*exit_handler)(struct vcpu *v);

/* Handles v->exit: the handler of its kind, then the one place that advances RIP. */
void exit_dispatch(struct vcpu *v);

/* The current instruction, fetched and decoded; *out stays until the next is asked for. 0; -EFAULT: the guest's #PF is raised already; -EINVAL: #UD is raised already. */
struct insn;
int must_check exit_insn(struct vcpu *v, const struct insn **out);

/* For messages. */
const char *exit_kind_name(enum exit_kind kind);

#endif
