/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The crash dump. It believes nothing: memory is looked at only where it is mapped, and a fault inside the dump ends it. */
#include "crash.h"

#include "clock.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "domain.h"
#include "format.h"
#include "log.h"
#include "machine.h"
#include "options.h"
#include "paging.h"
#include "power.h"
#include "smp.h"
#include "symbols.h"
#include "vcpu.h"
#include "virt_ops.h"

#define MAX_TRACE 32
#define NR_CODE   16
#define NR_STACK  16
#define REBOOT_MS 5000

static struct cpu *crashing; /* the first one; atomic */
static unsigned depth;       /* of crash() on that CPU */

/* ---- pieces of the dump ---- */

static bool readable(uint64_t linear, size_t n)
{
	return paging_is_mapped(linear) && paging_is_mapped(linear + n - 1);
}

static void log_address(const char *indent, uint64_t addr)
{
	uint64_t offset, size;
	const char *name = symbol_find(addr, &offset, &size);

	if (name)
		log_error("%s[%016lx] %s+%#lx/%#lx", indent, addr, name, offset, size);
	else
		log_error("%s[%016lx]", indent, addr);
}

static void log_registers(const struct trap_frame *f)
{
	log_error("RIP    %04lx:%016lx", f->cs & 0xffff, f->rip);
	log_address("       ", f->rip);
	log_error("RFLAGS %016lx   RSP %04lx:%016lx", f->rflags, f->ss & 0xffff, f->rsp);
	log_error("rax %016lx  rbx %016lx  rcx %016lx", f->rax, f->rbx, f->rcx);
	log_error("rdx %016lx  rsi %016lx  rdi %016lx", f->rdx, f->rsi, f->rdi);
	log_error("rbp %016lx  r8  %016lx  r9  %016lx", f->rbp, f->r8, f->r9);
	log_error("r10 %016lx  r11 %016lx  r12 %016lx", f->r10, f->r11, f->r12);
	log_error("r13 %016lx  r14 %016lx  r15 %016lx", f->r13, f->r14, f->r15);
}

static void log_control_registers(void)
{
	log_error("cr0 %016lx  cr2 %016lx  cr3 %016lx  cr4 %016lx", cr0_read(), cr2_read(),
	          cr3_read(), cr4_read());
	log_error("efer %08lx  gs base %016lx", msr_read(MSR_EFER), msr_read(MSR_GS_BASE));
}

/* The bytes around RIP, the one at RIP in <>. */
static void log_code(uint64_t rip)
{
	char line[NR_CODE * 5 + 8];
	size_t at = 0;

	for (uint64_t a = rip - NR_CODE / 2; a != rip + NR_CODE / 2; a++) {
		const char *fmt = a == rip ? " <%02x>" : " %02x";

		if (readable(a, 1))
			at += format(line + at, sizeof(line) - at, fmt, *(const uint8_t *)a);
		else
			at += format(line + at, sizeof(line) - at, " ??");
	}
	log_error("code%s", line);
}

static void log_stack(uint64_t rsp)
{
	for (unsigned i = 0; i < NR_STACK; i += 4) {
		const uint64_t *w = (const uint64_t *)(rsp & ~7ull) + i;

		if (!readable((uint64_t)w, 32))
			return;
		log_error("stack %016lx %016lx %016lx %016lx", w[0], w[1], w[2], w[3]);
	}
}

/* By frame pointers: each frame must lie above the one before, so it ends. */
static void log_trace(uint64_t rip, uint64_t rsp, uint64_t rbp)
{
	log_error("call trace:");
	if (rip)
		log_address("   ", rip);
	/* a jump to nowhere: the caller's address is on top of the stack */
	if (rip && !symbol_is_text(rip) && readable(rsp, 8) &&
	    symbol_is_text(*(const uint64_t *)rsp))
		log_address("   ", *(const uint64_t *)rsp - 1);
	for (unsigned i = 0; i < MAX_TRACE && is_aligned(rbp, 8) && readable(rbp, 16); i++) {
		const uint64_t *frame = (const uint64_t *)rbp;

		if (!symbol_is_text(frame[1]))
			return;
		/* a return address: the call is before it */
		log_address("   ", frame[1] - 1);
		if (frame[0] <= rbp)
			return;
		rbp = frame[0];
	}
}

static void log_vcpu(void)
{
	struct vcpu *v = percpu()->current;

	if (!v) {
		log_error("no vcpu was current");
		return;
	}
	log_error("current: d%uv%u (%s), its last exit: %s", v->domain->id, v->id, v->domain->name,
	          exit_kind_name(v->exit.kind));
	if (virt)
		virt->dump(v);
}

static void log_other_cpus(void)
{
	for (unsigned i = 0; i < machine_nr_cpus(); i++) {
		struct cpu *c = cpu_of(i);

		if (c == this_cpu())
			continue;
		if (!load_acquire(&c->stopped)) {
			log_error("CPU%u does not answer", i);
			continue;
		}
		log_error("CPU%u was at:", i);
		log_address("   ", c->stopped_rip);
	}
}

static void dump(const struct trap_frame *f, const char *what)
{
	struct percpu *p = percpu();
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	log_error("----[ Zazen %s crashed ]----", ZAZEN_VERSION);
	log_error("CPU%u: %s", p->cpu, what);
	if (f) {
		log_registers(f);
		log_code(f->rip);
	}
	log_control_registers();
	log_trace(f ? f->rip : 0, f ? f->rsp : 0, f ? f->rbp : here);
	if (f)
		log_stack(f->rsp);
	log_vcpu();
	log_other_cpus();
	log_error("----[ end of dump ]----");
}

/* ---- the end ---- */

static void noreturn_fn finish(void)
{
	if (options.noreboot) {
		log_error("halted (noreboot)");
		power_halt();
	}
	log_error("the machine restarts in %u seconds", REBOOT_MS / 1000);
	clock_delay_us(REBOOT_MS * 1000);
	machine_reboot();
}

void crash(const struct trap_frame *f, const char *what)
{
	struct cpu *none = NULL;

	irq_disable();
	if (!atomic_compare_exchange(&crashing, &none, this_cpu()) && crashing != this_cpu()) {
		/* another CPU was first: its dump counts */
		this_cpu()->stopped_rip = f ? f->rip : (uint64_t)__builtin_return_address(0);
		store_release(&this_cpu()->stopped, 1);
		power_halt();
	}
	switch (depth++) {
	case 0:
		log_break_lock();
		smp_stop_others();
		dump(f, what);
		finish();
	case 1:
		log_error("crashed again while dumping: %s", what);
		if (f)
			log_address("   at ", f->rip);
		finish();
	default: power_halt();
	}
}

bool crash_nmi(struct trap_frame *f)
{
	if (!load_acquire(&crashing) && !load_acquire(&smp_stopping))
		return false;
	if (crashing == this_cpu())
		return false;
	this_cpu()->stopped_rip = f->rip;
	store_release(&this_cpu()->stopped, 1);
	power_halt();
}

void bug(const char *fmt, ...)
{
	char what[192];
	va_list ap;

	va_start(ap, fmt);
	format_v(what, sizeof(what), fmt, ap);
	va_end(ap);
	crash(NULL, what);
}

void machine_panic(void)
{
	crash(NULL, "panic");
}
