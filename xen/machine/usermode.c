/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ring 3 on this CPU. It reaches nothing but its own pages: no ports, no FPU (whose registers are a guest's), no page of ours. */
#include "usermode.h"

#include "cpu.h"
#include "cpu_insn.h"
#include "layout.h"
#include "log.h"
#include "paging.h"
#include "string.h"
#include "user_trap.h"

#define EMULATED_PATIENCE 40

void usermode_enter(uint64_t cr3, const uint64_t args[USERMODE_ARGS], uint64_t entry,
                    uint64_t stack, void *rsp0);
void usermode_leave(uint64_t cr3, uint64_t rsp0) noreturn_fn;

static void fpu_forbid(void)
{
	cr0_write(cr0_read() | CR0_TS);
}

static void fpu_allow(void)
{
	__asm__ volatile("clts");
}

/* The hypervisor's half, as it is now. */
static void share_upper_half(struct usermode *u)
{
	uint64_t version = read_once(paging_root_version);

	if (u->root_version == version)
		return;
	memcpy(u->root + 256, (uint64_t *)hpa_to_virt(hpa(paging_root)) + 256, PAGE_SIZE / 2);
	u->root_version = version;
}

enum usermode_end machine_usermode_run(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	struct cpu *c = this_cpu();

	if (c->user)
		bug("ring 3 is entered from ring 3's own calls");
	share_upper_half(u);
	c->user = u;
	c->user_start = tsc_read();
	c->user_end = USERMODE_DONE;
	cpu_limit_gdt(c);
	fpu_forbid();
	usermode_enter(virt_to_hpa(u->root).v, args, u->entry, u->stack,
	               (uint8_t *)&c->tss + offsetof(struct tss64, rsp));
	fpu_allow();
	c->user = NULL;
	return c->user_end;
}

void machine_usermode_flush(struct usermode *u)
{
	cr3_write(virt_to_hpa(u->root).v);
}

static void noreturn_fn leave(struct trap_frame *f, enum usermode_end end)
{
	struct cpu *c = this_cpu();
	struct usermode *u = c->user;

	c->user_end = end;
	u->report.rip = f->rip;
	u->report.rsp = f->rsp;
	u->report.ran_ticks = tsc_read() - c->user_start;
	usermode_leave(paging_root, c->tss.rsp[0]);
}

static void call(struct usermode *u, struct trap_frame *f)
{
	uint64_t args[USERMODE_ARGS] = { f->rdi, f->rsi, f->rdx, f->rcx, f->r8, f->r9 };

	if (!u->call(u, f->rax, args))
		leave(f, USERMODE_DONE);
	f->rax = args[0];
}

void usermode_trap(struct trap_frame *f)
{
	struct usermode *u = this_cpu()->user;
	uint64_t address = f->vector == X86_PF ? cr2_read() : 0;

	if (!u)
		bug("a trap from ring 3, where nobody is");
	if (f->vector == VECTOR_USER_CALL) {
		call(u, f);
		return;
	}
	if (f->vector == X86_PF &&
	    u->page_fault(u, address, f->error_code & PFEC_WRITE, f->error_code & PFEC_FETCH))
		return;
	u->report.vector = (uint8_t)f->vector;
	u->report.error_code = (uint32_t)f->error_code;
	u->report.address = address;
	leave(f, USERMODE_FAULT);
}

/* An emulator is slow, and stands still while its own host has other things to do: there time says little of what was done. */
static uint64_t budget(const struct usermode *u)
{
	return u->budget_ns * (cpu_features.emulated ? EMULATED_PATIENCE : 1);
}

/*
 * The budget needs an interrupt when it ends. Timers of the CPU's queue are not run in ring 3, so the next interrupt is set here; the queue sets its own when it is
 * run, which PENDING_TIMER asks for.
 */
void usermode_interrupted(struct trap_frame *f)
{
	struct cpu *c = this_cpu();
	uint64_t end = machine_tsc_to_ns(c->user_start) + budget(c->user);

	if (machine_now_ns() >= end)
		leave(f, USERMODE_LATE);
	if (read_once(c->percpu.pending) & PENDING_TIMER)
		machine_arm_timer(end);
}
