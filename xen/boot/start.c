// SPDX-License-Identifier: GPL-2.0-or-later
/* The start-up order, on one screen. head.S comes here. */
#include "acpi.h"
#include "apic.h"
#include "boot_memory.h"
#include "clock.h"
#include "console_out.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "cpu_policy.h"
#include "dom0_build.h"
#include "dom0_layout.h"
#include "dom0_memory.h"
#include "domain.h"
#include "errno.h"
#include "fpu.h"
#include "guest_build.h"
#include "image.h"
#include "ioapic.h"
#include "layout.h"
#include "log.h"
#include "machine_describe.h"
#include "options.h"
#include "page_alloc.h"
#include "paging.h"
#include "smp.h"
#include "string.h"
#include "traps.h"
#include "uart.h"
#include "virt_ops.h"

void start(uint32_t magic, uint64_t info) noreturn_fn;

static struct boot_info boot_info;
static uint64_t started_tsc;

/* ---- steps ----------------------------------------------------------------------------------------- */

static void options_start(uint32_t magic, uint64_t info)
{
	int err = boot_info_read(magic, info, boot_memory_map, NULL, &boot_info);

	options_parse(err ? ""
	                  : boot_command_line_skip_name(boot_info.command_line, boot_info.loader));
	console_out_init(boot_info.framebuffer.type == 2 ||
	                 (boot_info.framebuffer.type == 0xff && !boot_info.efi));
	log_info("Zazen %s (Xen 4.17 ABI), started by %s%s", ZAZEN_VERSION,
	         boot_info.loader[0] ? boot_info.loader : "a nameless loader",
	         boot_info.efi ? " on UEFI" : "");
	log_info("command line: %s", options.command_line);
	options_report();
	if (err)
		bug("the boot loader's information is damaged or not Multiboot's (EAX %#x, error %d)",
		    magic, -err);
}

/* UEFI's RSDP came by copy; ours lies in the image then. */
static uint64_t rsdp_address(void)
{
	if (boot_info.rsdp_length)
		return image_phys(boot_info.rsdp_copy);
	return boot_info.rsdp;
}

/* What each CPU needs of the core before it runs, called on the first one. */
static int cpu_prepare(unsigned cpu)
{
	int err = timer_queue_init(&percpu_of(cpu)->timers);

	return err ? err : sched_cpu_init(cpu);
}

/* And what it does itself. */
static int cpu_start(unsigned cpu)
{
	return virt ? virt->cpu_enable(cpu) : 0;
}

static void core_start(void)
{
	char why[600] = "";

	if (cpu_prepare(0))
		bug("no memory for the first CPU's timers and queue");
	if (virt_select(why, sizeof(why)))
		log_error("no guest can run: %s", why);
	if (virt && cpu_start(0)) {
		log_error("no guest can run: the first CPU's virtualisation cannot be switched on");
		virt = NULL;
	}
	if (virt) {
		virt->describe(why, sizeof(why));
		log_info("%s: %s", virt->name, why);
	}
	if (domains_init())
		bug("no memory for the domain table");
}

static struct cpuid_leaf cpuid_ask(uint32_t leaf, uint32_t subleaf)
{
	uint32_t r[4];

	cpuid(leaf, subleaf, r);
	return (struct cpuid_leaf){ r[0], r[1], r[2], r[3] };
}

/* Domain 0 from the modules; NULL: none, and the console has said why. */
static struct domain *first_domain(void)
{
	const struct dom0_machine machine = { .boot = &boot_info,
		                              .held = boot_memory_held(),
		                              .release = boot_memory_release };
	struct domain *d = NULL;
	int err = -ENODEV;

	if (virt) {
		cpuid_read_host(cpuid_ask, &cpu_policy_host);
		cpuid_guest_default(&cpu_policy_host, &cpu_policy_guest);
		err = dom0_build(&machine, &dom0_layout, &cpu_policy_guest, &d);
	}
	boot_memory_release();
	if (!err)
		return d;
	log_error("no domain runs; this console answers to debug keys (three times ^A, then h)");
	return NULL;
}

/* Guests that need no first domain. */
static void described_guests(void)
{
	cpuid_read_host(cpuid_ask, &cpu_policy_host);
	cpuid_guest_default(&cpu_policy_host, &cpu_policy_guest);
	boot_memory_release_but_modules();
	if (!virt || !guests_start(&boot_info, &cpu_policy_guest))
		log_error(
			"no domain runs; this console answers to debug keys (three times ^A, then h)");
}

/* From here on the domain lives by itself: the builder's reference goes. */
static void first_domain_start(struct domain *d)
{
	console_out_give_screen();
	if (domain_start(d))
		bug("the first domain does not start");
	domain_put(d);
}

static void start_report(const struct domain *d)
{
	uint64_t used = boot_memory_total() - (page_nr_free() << PAGE_SHIFT);

	if (d)
		used -= d->nr_pages << PAGE_SHIFT;
	log_info("memory: %llu MiB, of which the hypervisor takes %llu KiB",
	         (unsigned long long)boot_memory_total() >> 20, (unsigned long long)used >> 10);
	log_info("%s %llu ms after start", d ? "first guest entry" : "ready",
	         (unsigned long long)((tsc_read() - started_tsc) / machine_tsc_khz()));
}

/* ---- the order --------------------------------------------------------------------------------------- */

void start(uint32_t magic, uint64_t info)
{
	struct domain *d;

	started_tsc = tsc_read();
	cpu_init_first();
	options_start(magic, info);
	boot_memory_init(&boot_info);
	fpu_init();
	fpu_cpu_init();
	acpi_init(rsdp_address());
	clock_init();
	apic_init();
	apic_timer_init();
	ioapic_init();
	core_start();
	smp_start(boot_memory_trampoline(&boot_info), cpu_prepare, cpu_start);
	uart_enable_input(options.com1_irq);
	machine_describe(&boot_info);
	if (guests_are_described(&boot_info)) {
		described_guests();
		start_report(NULL);
	} else {
		d = first_domain();
		start_report(d);
		if (d)
			first_domain_start(d);
	}
	smp_release();
	cpu_loop();
}
