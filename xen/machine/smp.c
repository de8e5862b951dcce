/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bring-up of the other CPUs, one after the other (SDM 8.4.4), and kicks. */
#include "smp.h"

#include "acpi.h"
#include "apic.h"
#include "clock.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "errno.h"
#include "fpu.h"
#include "log.h"
#include "options.h"
#include "paging.h"
#include "string.h"
#include "trampoline.h"
#include "traps.h"

/* An IPI that a CPU did not answer within this is lost; and how long a CPU may take for its own set-up. */
#define ANSWER_US 20000
#define SETUP_US  1000000

/* struct cpu.online */
enum { CPU_OFF, CPU_ALIVE, CPU_SYNCED, CPU_READY, CPU_FAILED };

static struct cpu *starting; /* the one that is on its way; read by it */
static int (*secondary_init)(unsigned cpu);
static struct clock_sync sync;
static bool released;
bool smp_stopping;

/* ---- kicks ---- */

/* The interrupt itself is the message: it ends guest mode or idle, and the CPU loop looks at everything then. */
static void kick_interrupt(uint8_t vector)
{
	atomic_exchange(&this_cpu()->kicked, 0);
}

/*
 * A kick that is still on its way to that CPU serves for this one as well: it will be taken after this moment, and whatever the caller has changed
 * is seen then.
 */
void machine_kick_cpu(unsigned cpu)
{
	struct cpu *c = cpu_of(cpu);

	if (c == this_cpu() || atomic_exchange(&c->kicked, 1))
		return;
	apic_send(c->apic_id, VECTOR_KICK);
}

/* The guest that it was for has left meanwhile. */
static void notify_interrupt(uint8_t vector)
{
}

void machine_notify_cpu(unsigned cpu)
{
	apic_send(cpu_of(cpu)->apic_id, VECTOR_NOTIFY);
}

/* ---- the new CPU ---- */

void smp_secondary_main(void)
{
	struct cpu *c = starting;

	cpu_load(c);
	paging_cpu_init();
	cr3_write(paging_root);
	store_release(&c->online, CPU_ALIVE);
	clock_sync_second(&sync);
	apic_cpu_init();
	fpu_cpu_init();
	if (secondary_init(c->percpu.cpu)) {
		store_release(&c->online, CPU_FAILED);
		for (;;)
			cpu_halt();
	}
	store_release(&c->online, CPU_READY);
	/* asleep, not spinning: under an emulator the others need the host's time */
	while (!load_acquire(&released))
		__asm__ volatile("sti; hlt; cli" ::: "memory");
	cpu_loop();
}

/* ---- the boot CPU ---- */

static bool wait_for(struct cpu *c, uint32_t state, unsigned us)
{
	uint64_t start = tsc_read(), span = clock_ns_to_tsc((uint64_t)us * 1000);

	while (load_acquire(&c->online) < state)
		if (tsc_read() - start > span)
			return false;
		else
			cpu_relax();
	return true;
}

/* The variables of the copy. */
static void set_variable(uint64_t page, const uint64_t *variable, uint64_t value)
{
	size_t offset = (size_t)((const uint8_t *)variable - trampoline_start);

	memcpy((uint8_t *)hpa_to_virt(hpa(page)) + offset, &value, sizeof(value));
}

static bool start_cpu(struct cpu *c, uint64_t page)
{
	memset(&sync, 0, sizeof(sync));
	starting = c;
	set_variable(page, &trampoline_stack, (uint64_t)c->stack_top);
	set_variable(page, &trampoline_percpu, (uint64_t)c);
	barrier_full();
	apic_send_init(c->apic_id);
	/* Newer CPUs need no pause here; the second start-up message serves the others. */
	clock_delay_us(10);
	apic_send_startup(c->apic_id, (uint8_t)(page >> PAGE_SHIFT));
	if (!wait_for(c, CPU_ALIVE, 300)) {
		if (!wait_for(c, CPU_ALIVE, ANSWER_US / 2))
			apic_send_startup(c->apic_id, (uint8_t)(page >> PAGE_SHIFT));
		if (!wait_for(c, CPU_ALIVE, ANSWER_US))
			return false;
	}
	clock_sync_first(&sync);
	return wait_for(c, CPU_READY, SETUP_US) && c->online == CPU_READY;
}

static void report_skew(unsigned cpu)
{
	if (!sync.max_skew)
		return;
	log_warning("CPU%u: its TSC is %lu ticks behind; time is not the same on all CPUs", cpu,
	            sync.max_skew);
	clock_set_unreliable();
}

/* 0; or an errno: left out. A CPU that hangs keeps its area: it might still come. */
static int add_cpu(uint32_t apic, uint64_t page, int (*before)(unsigned cpu))
{
	unsigned cpu = machine_nr_cpus();
	struct cpu *c = cpu_create(apic);
	int err;

	if (!c)
		return -ENOMEM;
	cpu_number(c, cpu);
	err = before(cpu);
	if (err) {
		cpu_destroy(c);
		return err;
	}
	if (!start_cpu(c, page)) {
		apic_send_init(apic); /* back to waiting, whatever it does */
		return c->online == CPU_FAILED ? -EIO : -ETIMEDOUT;
	}
	report_skew(cpu);
	cpu_count(cpu + 1);
	return 0;
}

static bool prepare_trampoline(uint64_t page)
{
	size_t size = (size_t)(trampoline_end - trampoline_start);
	uint64_t tables;

	if (!page) {
		log_error("no RAM below 640 KiB for other CPUs to start in");
		return false;
	}
	tables = paging_trampoline_root(hpa(page));
	if (!tables)
		return false;
	if (size > PAGE_SIZE || page >= 0xa0000 || !is_aligned(page, PAGE_SIZE))
		bug("trampoline of %zu bytes at %#lx", size, page);
	memcpy(hpa_to_virt(hpa(page)), trampoline_start, size);
	set_variable(page, &trampoline_cr3, tables);
	return true;
}

void smp_start(uint64_t page, int (*before)(unsigned cpu), int (*cpu_init)(unsigned cpu))
{
	unsigned limit = options.maxcpus ? MIN(options.maxcpus, (uint32_t)MAX_CPUS) : MAX_CPUS;
	unsigned missing = 0;

	trap_set_irq(VECTOR_KICK, kick_interrupt);
	trap_set_irq(VECTOR_NOTIFY, notify_interrupt);
	secondary_init = cpu_init;
	if (acpi.nr_cpus > 1 && limit > 1 && !prepare_trampoline(page)) {
		log_error("only this CPU is used: the others cannot be started");
		return;
	}
	for (uint32_t i = 0; i < acpi.nr_cpus && machine_nr_cpus() < limit; i++) {
		uint32_t apic = acpi.cpus[i].apic_id;
		int err;

		if (apic == cpu_of(0)->apic_id || (apic > 254 && !apic_is_x2apic()))
			continue;
		err = add_cpu(apic, page, before);
		if (!err)
			continue;
		missing++;
		log_error("the CPU with APIC id %u is left out: %s (%d)", apic,
		          err == -ETIMEDOUT ? "it does not answer"
		          : err == -ENOMEM  ? "no memory"
		                            : "its set-up failed",
		          err);
	}
	/* A CPU that did not answer may still look at the trampoline and its tables: they stay then. */
	if (acpi.nr_cpus > 1 && limit > 1 && !missing) {
		uint64_t tables;

		memcpy(&tables,
		       (uint8_t *)hpa_to_virt(hpa(page)) +
		               ((const uint8_t *)&trampoline_cr3 - trampoline_start),
		       sizeof(tables));
		paging_trampoline_free(tables);
	}
	log_info("%u CPUs", machine_nr_cpus());
}

void smp_release(void)
{
	store_release(&released, true);
	for (unsigned i = 0; i < machine_nr_cpus(); i++)
		machine_kick_cpu(i);
}

void smp_stop_others(void)
{
	uint64_t start = tsc_read(), span = clock_ns_to_tsc(10000000);

	if (machine_nr_cpus() == 1 || atomic_exchange(&smp_stopping, true))
		return;
	apic_send_nmi_others();
	for (unsigned i = 0; i < machine_nr_cpus(); i++)
		while (cpu_of(i) != this_cpu() && !load_acquire(&cpu_of(i)->stopped))
			if (tsc_read() - start > span)
				break;
			else
				cpu_relax();
}
