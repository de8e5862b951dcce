/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake iron: core/machine.h answered by a host program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "machine_fake.h"

#define GUARD MIB(16)

uint8_t *direct_map;

struct fake_counts fake_counts;
void (*fake_on_kick)(unsigned cpu);
void (*fake_on_idle)(void);
void (*fake_on_irq_window)(void);
bool fake_console_echo;
uint8_t fake_fpu[MAX_CPUS][FAKE_FPU_SIZE];
uint64_t fake_xcr0[MAX_CPUS];
uint64_t fake_seed;
uint8_t fake_port[65536 + 4];
struct fake_port_write fake_port_write;
uint64_t fake_tick_ns;
jmp_buf fake_end_jump;
bool fake_end_armed;
char fake_bug_text[256];

static struct percpu cpus[MAX_CPUS];
static unsigned nr_cpus = 1;
static __thread unsigned this_cpu;
static uint64_t now_ns, wallclock_ns;
static uint64_t timer_at[MAX_CPUS];
static uint64_t ram_bytes;
static char console[65536];
static size_t console_length;

/* RAM between two ranges that may not be touched, so that running off either end is seen. */
static void ram_create(uint64_t bytes, bool keep)
{
	uint8_t *p;

	if (direct_map && keep && ram_bytes == bytes)
		return;
	if (direct_map)
		munmap(direct_map - GUARD, ram_bytes + 2 * GUARD);
	p = mmap(NULL, bytes + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	         -1, 0);
	if (p == MAP_FAILED || mprotect(p + GUARD, bytes, PROT_READ | PROT_WRITE)) {
		perror("fake RAM");
		abort();
	}
	direct_map = p + GUARD;
	ram_bytes = bytes;
}

static void machine_start(uint64_t bytes, unsigned cpu_count, bool keep_ram)
{
	ram_create(bytes ? bytes : FAKE_RAM_DEFAULT, keep_ram);
	if (cpu_count < 1 || cpu_count > MAX_CPUS)
		abort();
	nr_cpus = cpu_count;
	memset(cpus, 0, sizeof(cpus));
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		cpus[i].self = &cpus[i];
		cpus[i].cpu = i;
		timer_at[i] = UINT64_MAX;
	}
	this_cpu = 0;
	now_ns = 0;
	wallclock_ns = 1700000000ull * 1000000000;
	memset(&fake_counts, 0, sizeof(fake_counts));
	fake_on_kick = NULL;
	fake_on_idle = fake_on_irq_window = NULL;
	memset(fake_fpu, 0, sizeof(fake_fpu));
	memset(fake_xcr0, 0, sizeof(fake_xcr0));
	memset(fake_port, 0, sizeof(fake_port));
	memset(&fake_port_write, 0, sizeof(fake_port_write));
	fake_seed = 1;
	fake_tick_ns = 0;
	fake_end_armed = false;
	fake_bug_text[0] = 0;
	fake_console_clear();
}

void fake_machine_init(uint64_t bytes, unsigned cpu_count)
{
	machine_start(bytes, cpu_count, false);
}

void fake_machine_restart(uint64_t bytes, unsigned cpu_count)
{
	machine_start(bytes, cpu_count, true);
}

uint64_t fake_ram_bytes(void)
{
	return ram_bytes;
}

/* ---- CPUs ---- */

void fake_set_cpu(unsigned cpu)
{
	if (cpu >= nr_cpus)
		abort();
	this_cpu = cpu;
}

unsigned machine_nr_cpus(void)
{
	return nr_cpus;
}

struct percpu *percpu(void)
{
	return &cpus[this_cpu];
}

struct percpu *percpu_of(unsigned cpu)
{
	if (cpu >= nr_cpus)
		abort();
	return &cpus[cpu];
}

void machine_kick_cpu(unsigned cpu)
{
	if (cpu == this_cpu)
		return;
	if (cpu >= nr_cpus)
		abort();
	__atomic_fetch_add(&fake_counts.kicks[cpu], 1, __ATOMIC_SEQ_CST);
	if (fake_on_kick)
		fake_on_kick(cpu);
}

void machine_notify_cpu(unsigned cpu)
{
	if (cpu >= nr_cpus)
		abort();
	__atomic_fetch_add(&fake_counts.notified[cpu], 1, __ATOMIC_SEQ_CST);
}

void machine_take_interrupt(uint8_t vector)
{
	fake_counts.interrupts++;
	fake_counts.last_interrupt = vector;
}

void machine_irq_window(void)
{
	fake_counts.irq_windows++;
	if (fake_on_irq_window)
		fake_on_irq_window();
}

void machine_interrupts_look(void)
{
}

void machine_idle(void)
{
	if (__atomic_load_n(&percpu()->pending, __ATOMIC_SEQ_CST))
		return;
	fake_counts.idles++;
	if (fake_on_idle)
		fake_on_idle();
}

/* ---- time ---- */

void fake_set_now(uint64_t ns)
{
	if (ns < now_ns)
		abort();
	now_ns = ns;
	for (unsigned i = 0; i < nr_cpus; i++) {
		if (timer_at[i] > now_ns)
			continue;
		timer_at[i] = UINT64_MAX;
		__atomic_fetch_or(&cpus[i].pending, PENDING_TIMER, __ATOMIC_SEQ_CST);
	}
}

void fake_advance(uint64_t ns)
{
	fake_set_now(now_ns + ns);
}

uint64_t fake_timer_at(unsigned cpu)
{
	return timer_at[cpu];
}

void machine_arm_timer(uint64_t at_ns)
{
	timer_at[this_cpu] = at_ns;
	if (at_ns > now_ns)
		return;
	timer_at[this_cpu] = UINT64_MAX;
	__atomic_fetch_or(&percpu()->pending, PENDING_TIMER, __ATOMIC_SEQ_CST);
}

uint64_t machine_now_ns(void)
{
	if (fake_tick_ns)
		fake_advance(fake_tick_ns);
	return now_ns;
}

uint64_t machine_tsc(void)
{
	return now_ns * 2;
}

uint32_t machine_tsc_khz(void)
{
	return FAKE_TSC_KHZ;
}

bool machine_tsc_reliable(void)
{
	return true;
}

void machine_tsc_scale(uint32_t *mul, int8_t *shift)
{
	*mul = 0x80000000u;
	*shift = 0;
}

uint64_t machine_tsc_to_ns(uint64_t tsc)
{
	return tsc / 2;
}

uint64_t machine_ticks_to_ns(uint64_t ticks)
{
	return ticks / 2;
}

uint64_t machine_wallclock_ns(void)
{
	return wallclock_ns;
}

void machine_set_wallclock_ns(uint64_t utc_at_zero)
{
	wallclock_ns = utc_at_zero;
}

/* ---- FPU ---- */

size_t machine_fpu_size(void)
{
	return FAKE_FPU_SIZE;
}

void machine_fpu_init(void *area)
{
	uint8_t *a = area;

	memset(a, 0, FAKE_FPU_SIZE);
	a[0] = 0x7f;
	a[1] = 0x03;
	a[24] = 0x80;
	a[25] = 0x1f;
}

void machine_fpu_save(void *area, uint64_t xcr0)
{
	fake_counts.fpu_saves++;
	memcpy(area, fake_fpu[this_cpu], FAKE_FPU_SIZE);
	fake_xcr0[this_cpu] = xcr0;
}

void machine_fpu_load(const void *area, uint64_t xcr0)
{
	fake_counts.fpu_loads++;
	memcpy(fake_fpu[this_cpu], area, FAKE_FPU_SIZE);
	fake_xcr0[this_cpu] = xcr0;
}

void machine_command_msr(uint32_t index)
{
	fake_counts.commands++;
}

/* ---- ports ---- */

uint32_t machine_port_read(uint16_t port, unsigned size)
{
	uint32_t value = 0;

	memcpy(&value, fake_port + port, size);
	return value;
}

void machine_port_write(uint16_t port, uint32_t value, unsigned size)
{
	memcpy(fake_port + port, &value, size);
	fake_port_write.count++;
	fake_port_write.port = port;
	fake_port_write.size = size;
	fake_port_write.value = value;
}

/* ---- symbols ---- */

size_t machine_build_id(const void **id)
{
	*id = "\x11\x22\x33\x44";
	return 4;
}

static const char *const symbols[] = { "start", "second_one", "last" };

uint32_t machine_nr_symbols(void)
{
	return sizeof(symbols) / sizeof(symbols[0]);
}

const char *machine_symbol(uint32_t n, uint64_t *address)
{
	if (n >= machine_nr_symbols())
		return NULL;
	*address = 0x1000 + 16 * n;
	return symbols[n];
}

/* ---- console, ends, entropy ---- */

void machine_console_put(const char *s, size_t n)
{
	size_t room = sizeof(console) - 1 - console_length;

	if (fake_console_echo)
		fwrite(s, 1, n, stderr);
	if (n > room)
		n = room;
	memcpy(console + console_length, s, n);
	console_length += n;
	console[console_length] = 0;
}

const char *fake_console_text(void)
{
	return console;
}

void fake_console_clear(void)
{
	console_length = 0;
	console[0] = 0;
}

static void noreturn_fn end(enum fake_end how)
{
	if (fake_end_armed)
		longjmp(fake_end_jump, how);
	fprintf(stderr, "the machine ended (%d): %s\n%s\n", how, fake_bug_text, console);
	abort();
}

void bug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_bug_text, sizeof(fake_bug_text), fmt, ap);
	va_end(ap);
	end(FAKE_END_BUG);
}

void machine_panic(void)
{
	end(FAKE_END_PANIC);
}

void machine_power_off(void)
{
	end(FAKE_END_POWER_OFF);
}

void machine_reboot(void)
{
	end(FAKE_END_REBOOT);
}

/* splitmix64 */
uint64_t machine_random(void)
{
	uint64_t z = fake_seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}
