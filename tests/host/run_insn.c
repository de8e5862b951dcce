/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one instruction: written to a page of its own with a RET behind it, and called with the registers loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "run_insn.h"

/* Keeps regs and code on the stack, below what the instruction can reach through its registers. */
void run_insn_call(struct guest_regs *regs, const void *code);
__asm__(".text\n"
        "run_insn_call:\n"
        "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "	push %rdi; push %rsi\n"
        "	mov %rdi, %rax\n"
        "	pushq 136(%rax); popfq\n"
        "	mov 8(%rax), %rcx; mov 16(%rax), %rdx; mov 24(%rax), %rbx; mov 40(%rax), %rbp\n"
        "	mov 48(%rax), %rsi; mov 56(%rax), %rdi; mov 64(%rax), %r8; mov 72(%rax), %r9\n"
        "	mov 80(%rax), %r10; mov 88(%rax), %r11; mov 96(%rax), %r12; mov 104(%rax), %r13\n"
        "	mov 112(%rax), %r14; mov 120(%rax), %r15; mov (%rax), %rax\n"
        "	call *(%rsp)\n"
        "	pushfq; push %rax; mov 24(%rsp), %rax\n"
        "	mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax); mov %rbp, 40(%rax)\n"
        "	mov %rsi, 48(%rax); mov %rdi, 56(%rax); mov %r8, 64(%rax); mov %r9, 72(%rax)\n"
        "	mov %r10, 80(%rax); mov %r11, 88(%rax); mov %r12, 96(%rax); mov %r13, 104(%rax)\n"
        "	mov %r14, 112(%rax); mov %r15, 120(%rax)\n"
        "	popq (%rax); popq 136(%rax)\n"
        "	add $16, %rsp\n"
        "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "	cld\n"
        "	ret\n");

_Static_assert(offsetof(struct guest_regs, rflags) == 136, "run_insn_call knows the layout");

void run_insn(const uint8_t *bytes, unsigned len, struct guest_regs *regs)
{
	static uint8_t *page;
	uint64_t settable = RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF;
	uint64_t others = regs->rflags & ~settable;

	if (!page) {
		page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED) {
			perror("no page to run code in");
			exit(100);
		}
	}
	memcpy(page, bytes, len);
	page[len] = 0xc3;
	regs->rflags = (regs->rflags & settable) | RFLAGS_MBS | RFLAGS_IF;
	regs->rip = (uintptr_t)page;
	run_insn_call(regs, page);
	regs->rflags = (regs->rflags & settable) | others;
}
