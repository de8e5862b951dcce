/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC. Registers by their MMIO offset (SDM table 10-1); in x2APIC mode the MSR is 0x800 + offset / 16. */
#include "apic.h"

#include "acpi.h"
#include "clock.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "ioapic.h"
#include "log.h"
#include "machine.h"
#include "paging.h"
#include "traps.h"

enum apic_register {
	APIC_ID = 0x20,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SVR = 0xf0,
	APIC_ISR = 0x100,
	APIC_ESR = 0x280,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERFORMANCE = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
	APIC_VERSION = 0x30,
};

#define SVR_ENABLED       BIT(8)
#define LVT_MASKED        BIT(16)
#define LVT_TSC_DEADLINE  BIT(18)
#define LVT_NMI           0x400u
#define LVT_ACTIVE_LOW    BIT(13)
#define DIVIDE_BY_1       0xbu
#define ICR_BUSY          BIT(12)
#define ICR_ASSERT        BIT(14)
#define ICR_ALL_BUT_SELF  (3u << 18)
#define DELIVERY_NMI      0x400u
#define DELIVERY_INIT     0x500u
#define DELIVERY_STARTUP  0x600u
#define APIC_BASE_ENABLED BIT(11)
#define APIC_BASE_X2APIC  BIT(10)
#define MSI_ADDRESS       0xfee00000u

/* Below this many nanoseconds ahead nothing is lost by firing at once. */
#define TIMER_MIN_NS 100

static volatile uint8_t *mmio;
static bool x2apic, deadline_mode;
static uint64_t ticks_per_ns_32; /* APIC timer ticks a nanosecond, 32.32 */

static uint32_t get(enum apic_register r)
{
	if (x2apic)
		return (uint32_t)msr_read(MSR_X2APIC_FIRST + r / 16);
	return mmio_read32(mmio + r);
}

static void set(enum apic_register r, uint32_t v)
{
	if (x2apic)
		msr_write(MSR_X2APIC_FIRST + r / 16, v);
	else
		mmio_write32(mmio + r, v);
}

uint32_t apic_id(void)
{
	uint32_t id = get(APIC_ID);

	return x2apic ? id : id >> 24;
}

bool apic_is_x2apic(void)
{
	return x2apic;
}

void apic_eoi(void)
{
	set(APIC_EOI, 0);
}

/* ---- messages ---- */

static void send(uint32_t destination, uint32_t low)
{
	if (x2apic) {
		/* WRMSR to the x2APIC is not ordered with stores before it (SDM 10.12.3) */
		__asm__ volatile("mfence; lfence" ::: "memory");
		msr_write(MSR_X2APIC_FIRST + APIC_ICR / 16, (uint64_t)destination << 32 | low);
		return;
	}
	for (unsigned i = 0; i < 100000 && (get(APIC_ICR) & ICR_BUSY); i++)
		cpu_relax();
	set(APIC_ICR_HIGH, destination << 24);
	set(APIC_ICR, low);
}

void apic_send(uint32_t destination, uint8_t vector)
{
	send(destination, ICR_ASSERT | vector);
}

void apic_send_nmi_others(void)
{
	send(0, ICR_ASSERT | ICR_ALL_BUT_SELF | DELIVERY_NMI);
}

void apic_send_init(uint32_t destination)
{
	send(destination, ICR_ASSERT | DELIVERY_INIT);
}

void apic_send_startup(uint32_t destination, uint8_t page)
{
	send(destination, ICR_ASSERT | DELIVERY_STARTUP | page);
}

/* SDM 10.11: physical destination, fixed, edge. */
struct machine_msi machine_msi(unsigned cpu, uint8_t vector)
{
	return (struct machine_msi){ MSI_ADDRESS | cpu_of(cpu)->apic_id << 12, vector };
}

bool machine_cpu_takes_irqs(unsigned cpu)
{
	return cpu_of(cpu)->apic_id < 0xff;
}

/* ---- the timer ---- */

static void timer_interrupt(uint8_t vector)
{
	atomic_fetch_or(&percpu()->pending, PENDING_TIMER);
}

void machine_arm_timer(uint64_t at_ns)
{
	uint64_t now, ahead, ticks;

	if (at_ns == UINT64_MAX) {
		if (deadline_mode)
			msr_write(MSR_TSC_DEADLINE, 0);
		else
			set(APIC_TIMER_INITIAL, 0);
		return;
	}
	now = machine_now_ns();
	ahead = at_ns > now ? at_ns - now : 0;
	if (ahead < TIMER_MIN_NS) {
		atomic_fetch_or(&percpu()->pending, PENDING_TIMER);
		return;
	}
	/* too far for the counter, or for the arithmetic: an early interrupt is allowed */
	if (ahead > 1000000000ull)
		ahead = 1000000000ull;
	if (deadline_mode) {
		msr_write(MSR_TSC_DEADLINE, tsc_read() + clock_ns_to_tsc(ahead));
		return;
	}
	ticks = (uint64_t)((unsigned __int128)ahead * ticks_per_ns_32 >> 32);
	ticks = MIN(ticks + 1, (uint64_t)UINT32_MAX);
	set(APIC_TIMER_INITIAL, (uint32_t)ticks);
}

struct timer_sample {
	uint64_t tsc;
	uint32_t count;
};

/* The tightest of some readings of both counters. */
static struct timer_sample timer_sample(void)
{
	struct timer_sample best = { 0, 0 };
	uint64_t best_width = UINT64_MAX;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t before = tsc_read_ordered();
		uint32_t count = get(APIC_TIMER_CURRENT);
		uint64_t after = tsc_read_ordered();

		if (after - before >= best_width)
			continue;
		best_width = after - before;
		best = (struct timer_sample){ before + best_width / 2, count };
	}
	return best;
}

/* Counts for a millisecond of the TSC. */
void apic_timer_init(void)
{
	struct timer_sample first, last;

	if (cpu_features.tsc_deadline) {
		deadline_mode = true;
		set(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
		return;
	}
	set(APIC_TIMER_INITIAL, UINT32_MAX);
	first = timer_sample();
	clock_delay_us(1000);
	last = timer_sample();
	set(APIC_TIMER_INITIAL, 0);
	/* ticks a TSC tick, times TSC ticks a nanosecond; the counter is no faster than the TSC */
	ticks_per_ns_32 = ((uint64_t)(first.count - last.count) << 32) / (last.tsc - first.tsc) *
	                  machine_tsc_khz() / 1000000;
	if (!ticks_per_ns_32)
		bug("the APIC timer does not count");
	set(APIC_LVT_TIMER, VECTOR_TIMER);
	log_info("APIC timer: %lu kHz", ticks_per_ns_32 * 1000000 >> 32);
}

/* ---- start ---- */

static void error_interrupt(uint8_t vector)
{
	uint32_t esr;

	set(APIC_ESR, 0);
	esr = get(APIC_ESR);
	log_warning("CPU%u: local APIC error, status %#x", percpu()->cpu, esr);
}

/* What is left in service from the firmware would block lower priorities for good. */
static void clear_in_service(void)
{
	for (unsigned tries = 0; tries < 256; tries++) {
		uint32_t any = 0;

		for (unsigned i = 0; i < 8; i++)
			any |= get(APIC_ISR + i * 16);
		if (!any)
			return;
		apic_eoi();
	}
}

/* LINT1 is where PCs wire NMI; the MADT may say otherwise. */
static void set_lints(void)
{
	uint32_t lint[2] = { LVT_MASKED, LVT_NMI };

	for (uint32_t i = 0; i < acpi.nr_nmis; i++) {
		const struct acpi_nmi *n = &acpi.nmis[i];

		if (n->acpi_id != 0xff && n->acpi_id != 0xffffffff)
			continue;
		lint[n->lint & 1] = LVT_NMI | (n->active_low ? LVT_ACTIVE_LOW : 0);
	}
	set(APIC_LVT_LINT0, lint[0]);
	set(APIC_LVT_LINT1, lint[1]);
}

void apic_cpu_init(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLED;
	unsigned max_lvt;

	msr_write(MSR_APIC_BASE, base);
	if (x2apic)
		msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	set(APIC_SVR, SVR_ENABLED | VECTOR_SPURIOUS);
	set(APIC_TPR, 0);
	max_lvt = get(APIC_VERSION) >> 16 & 0xff;
	set(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	if (max_lvt >= 4)
		set(APIC_LVT_PERFORMANCE, LVT_MASKED);
	if (max_lvt >= 5)
		set(APIC_LVT_THERMAL, LVT_MASKED);
	set_lints();
	set(APIC_ESR, 0);
	set(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	set(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	clear_in_service();
	if (ticks_per_ns_32 || deadline_mode) /* another CPU has measured */
		set(APIC_LVT_TIMER, (deadline_mode ? LVT_TSC_DEADLINE : 0) | VECTOR_TIMER);
	this_cpu()->apic_id = apic_id();
}

static bool ids_need_x2apic(void)
{
	for (uint32_t i = 0; i < acpi.nr_cpus; i++)
		if (acpi.cpus[i].apic_id > 254)
			return true;
	return false;
}

void apic_init(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE);

	/* While LINT0 still carries their line: what they have asserted is withdrawn then, and no interrupt without a source is left over. */
	pic_disable();
	x2apic = (base & APIC_BASE_X2APIC) || (cpu_features.x2apic && ids_need_x2apic());
	if (!x2apic)
		mmio = io_map(hpa(base & PTE_ADDR), PAGE_SIZE);
	trap_set_irq(VECTOR_TIMER, timer_interrupt);
	trap_set_irq(VECTOR_APIC_ERROR, error_interrupt);
	apic_cpu_init();
}
