/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU's area: descriptor tables, stacks with guard pages, features. */
#include "cpu.h"

#include "cpu_insn.h"
#include "image.h"
#include "layout.h"
#include "log.h"
#include "machine.h"
#include "page_alloc.h"
#include "paging.h"
#include "string.h"
#include "traps.h"

/* One block a CPU; CPU 0's is in traps.S because head.S stands on its stack. */
#define CPU_AREA_ORDER 4
struct cpu_area {
	uint8_t guard[PAGE_SIZE];
	uint8_t stack[CPU_STACK_SIZE];
	struct {
		uint8_t guard[PAGE_SIZE];
		uint8_t stack[IST_STACK_SIZE];
	} ist[NR_IST - 1];
	union {
		struct cpu cpu;
		uint8_t room[8192];
	};
};
_Static_assert(sizeof(struct cpu_area) == PAGE_SIZE << CPU_AREA_ORDER, "traps.S has this size");
_Static_assert(sizeof(struct cpu_area) == CPU_AREA_SIZE &&
                       offsetof(struct cpu_area, cpu) == CPU_AREA_STRUCT,
               "layout.h");
_Static_assert(offsetof(struct cpu, percpu) == 0, "percpu points to both");

extern struct cpu_area cpu0_area;
void cpu_load_segments(const void *gdtr);

struct cpu_features cpu_features;

static struct cpu *cpus[MAX_CPUS];
static unsigned nr_cpus = 1;

struct percpu *percpu(void)
{
	struct percpu *p;

	__asm__("mov %%gs:0, %0" : "=r"(p));
	return p;
}

struct percpu *percpu_of(unsigned cpu)
{
	return &cpus[cpu]->percpu;
}

struct cpu *cpu_of(unsigned cpu)
{
	return cpus[cpu];
}

unsigned machine_nr_cpus(void)
{
	return nr_cpus;
}

/* ---- features ---- */

static void read_model(struct cpu_features *f, uint32_t max_extended)
{
	uint32_t r[4];
	size_t n = 0;

	if (max_extended < 0x80000004)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		cpuid(0x80000002 + i, 0, r);
		memcpy(f->model + i * 16, r, 16);
	}
	n = strlen(f->model);
	while (n && f->model[n - 1] == ' ')
		f->model[--n] = 0;
}

static void read_features(struct cpu_features *f)
{
	uint32_t r[4], max_basic, max_extended;

	cpuid(0, 0, r);
	max_basic = r[0];
	f->amd = r[1] == 0x68747541 || r[1] == 0x6f677948; /* "Auth", "Hygo" */
	cpuid(1, 0, r);
	f->x2apic = r[2] >> 21 & 1;
	f->tsc_deadline = r[2] >> 24 & 1;
	f->xsave = r[2] >> 26 & 1;
	f->rdrand = r[2] >> 30 & 1;
	f->emulated = r[2] >> 31 & 1;
	f->pge = r[3] >> 13 & 1;
	if (max_basic >= 7) {
		cpuid(7, 0, r);
		f->fsgsbase = r[1] & 1;
		f->tsc_adjust = r[1] >> 1 & 1;
		f->smep = r[1] >> 7 & 1;
		f->smap = r[1] >> 20 & 1;
		f->umip = r[2] >> 2 & 1;
	}
	if (f->xsave && max_basic >= 13) {
		cpuid(13, 1, r);
		f->xsaveopt = r[0] & 1;
	}
	f->physical_bits = 36;
	cpuid(0x80000000, 0, r);
	max_extended = r[0];
	if (max_extended >= 0x80000001) {
		cpuid(0x80000001, 0, r);
		f->nx = r[3] >> 20 & 1;
		f->gib_pages = r[3] >> 26 & 1;
		f->rdtscp = r[3] >> 27 & 1;
	}
	if (max_extended >= 0x80000007) {
		cpuid(0x80000007, 0, r);
		f->invariant_tsc = r[3] >> 8 & 1;
	}
	if (max_extended >= 0x80000008) {
		cpuid(0x80000008, 0, r);
		f->physical_bits = MIN(r[0] & 0xff, 52u);
	}
	read_model(f, max_extended);
}

void machine_command_msr(uint32_t index)
{
	(void)!msr_write_safe(index, 1);
}

/* ---- descriptor tables ---- */

static void fill_tables(struct cpu_area *a)
{
	struct cpu *c = &a->cpu;
	uint64_t tss = (uint64_t)&c->tss, limit = sizeof(c->tss) - 1;

	c->stack_guards[0] = a->guard;
	c->stack_top = a->stack + sizeof(a->stack);
	c->tss.rsp[0] = (uint64_t)c->stack_top;
	c->tss.iomap_base = sizeof(c->tss);
	for (unsigned i = 0; i < ARRAY_LEN(a->ist); i++) {
		c->stack_guards[i + 1] = a->ist[i].guard;
		c->tss.ist[i] = (uint64_t)a->ist[i].stack + sizeof(a->ist[i].stack);
	}
	/* SDM 3.4.5: present, accessed, so that the CPU never writes them */
	c->gdt[SELECTOR_CODE64 / 8] = 0x00af9b000000ffff;
	c->gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
	c->gdt[SELECTOR_CODE32 / 8] = 0x00cf9b000000ffff;
	c->gdt[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff;
	c->gdt[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff;
	/* SDM 8.2.3: an available 64-bit TSS */
	c->gdt[SELECTOR_TSS / 8] =
		limit | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
	c->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	c->percpu.self = &c->percpu;
	c->percpu.machine = c;
}

struct gdt_register {
	uint16_t limit;
	uint64_t base;
} packed_struct;

static struct gdt_register gdt_register(const struct cpu *c)
{
	return (struct gdt_register){ sizeof(c->gdt) - 1, (uint64_t)c->gdt };
}

void cpu_limit_gdt(const struct cpu *c)
{
	struct gdt_register gdtr = gdt_register(c);

	__asm__ volatile("lgdt %0" ::"m"(gdtr));
}

void cpu_load(struct cpu *c)
{
	struct gdt_register gdtr = gdt_register(c);

	c->gdt[SELECTOR_TSS / 8] &= ~BIT(41); /* not busy: LTR wants it so */
	cpu_load_segments(&gdtr);
	msr_write(MSR_GS_BASE, (uint64_t)c);
	__asm__ volatile("ltr %w0" ::"r"(SELECTOR_TSS));
	traps_load();
}

void cpu_init_first(void)
{
	read_features(&cpu_features);
	fill_tables(&cpu0_area);
	cpus[0] = &cpu0_area.cpu;

	traps_init();
	cpu_load(cpus[0]);
}

void cpu_guard_first(void)
{
	for (unsigned i = 0; i < NR_IST; i++)
		paging_guard(cpus[0]->stack_guards[i]);
}

struct cpu *cpu_create(uint32_t apic_id)
{
	struct cpu_area *a = page_alloc_virt(CPU_AREA_ORDER);

	if (!a)
		return NULL;
	fill_tables(a);
	a->cpu.apic_id = apic_id;
	for (unsigned i = 0; i < NR_IST; i++)
		paging_guard(a->cpu.stack_guards[i]);
	return &a->cpu;
}

void cpu_destroy(struct cpu *c)
{
	for (unsigned i = 0; i < NR_IST; i++)
		paging_unguard(c->stack_guards[i]);
	page_free_virt(container_of(c, struct cpu_area, cpu), CPU_AREA_ORDER);
}

void cpu_number(struct cpu *c, unsigned cpu)
{
	if (cpu >= MAX_CPUS)
		bug("CPU number %u", cpu);
	c->percpu.cpu = cpu;
	cpus[cpu] = c;
}

void cpu_count(unsigned count)
{
	nr_cpus = count;
}
