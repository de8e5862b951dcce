/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest as an ELF core file: its memory by guest-physical address and the registers of its vcpus. It has the shape of kdump's files, which crash and gdb read: notes, then segments whose p_align is 0;
 * a note NT_PRSTATUS a vcpu, and one in the form of QEMU's (its name is "QEMU"), by which crash finds where a kernel was put.
 */
#ifndef TOOLS_CORE_FILE_H
#define TOOLS_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct core_vcpu {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
	struct core_segment {
		uint32_t selector, limit, attributes; /* as VMX has them: SDM table 24-2 */
		uint64_t base;
	} cs, ds, es, fs, gs, ss, ldt, tr, gdt, idt;
	uint64_t cr0, cr2, cr3, cr4, kernel_gs_base;
	bool is_up; /* otherwise all is zero */
};

struct core_range {
	uint64_t gfn, pages;
};

struct core_plan {
	const struct core_vcpu *vcpus;
	size_t nr_vcpus;
	struct core_range *ranges; /* ascending; joined where there are more than a file can name */
	size_t nr_ranges;
	/* Fills pages of the guest, at most CORE_PAGES; what cannot be read is zero. False: stop, with errno. */
	bool (*read)(void *context, uint64_t gfn, size_t pages, void *to);
	void *context;
};

#define CORE_PAGES 256u

/* False: errno. Holes in the guest's memory, and pages of zeros, are holes in the file. */
bool core_file_write(int fd, struct core_plan *p);

#endif
