/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the other virtual CPUs and giving them work. */
#include "guest.h"

struct cpu cpus[MAX_CPUS];
ulong_t ap_stack;
static unsigned ap_id;
static uint8_t ap_stacks[MAX_CPUS][STACK_SIZE] __attribute__((aligned(16)));
extern char trampoline_start[], trampoline_end[];
extern __attribute__((weak)) void ap_entry64(void);

static unsigned nr_cpus;
static uint32_t apic_ids[MAX_CPUS];

/* ---- the MADT (ACPI 5.2.12) -------------------------------------------------------------------- */

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t rest[28];
} packed_struct;

static const struct acpi_header *acpi_find(const char *signature)
{
	const char *rsdp = (const char *)(ulong_t)start_info.rsdp_paddr;
	const struct acpi_header *xsdt;
	uint64_t address;

	if (!rsdp || memcmp(rsdp, "RSD PTR ", 8))
		return NULL;
	memcpy(&address, rsdp + 24, sizeof(address));
	xsdt = (const struct acpi_header *)(ulong_t)address;
	for (uint32_t at = sizeof(*xsdt); at + 8 <= xsdt->length; at += 8) {
		const struct acpi_header *table;

		memcpy(&address, (const char *)xsdt + at, sizeof(address));
		table = (const struct acpi_header *)(ulong_t)address;
		if (!memcmp(table->signature, signature, 4))
			return table;
	}
	return NULL;
}

static void read_madt(void)
{
	const struct acpi_header *madt = acpi_find("APIC");
	const uint8_t *p, *end;

	if (!madt)
		return;
	p = (const uint8_t *)madt + sizeof(*madt) + 8;
	end = (const uint8_t *)madt + madt->length;
	for (; p + 2 <= end && p[1] >= 2; p += p[1]) {
		unsigned processor = p[0] == 9 ? *(const uint32_t *)(p + 12) : p[2];
		uint32_t id = p[0] == 9 ? *(const uint32_t *)(p + 4) : p[3];
		uint32_t flags =
			p[0] == 9 ? *(const uint32_t *)(p + 8) : *(const uint32_t *)(p + 4);

		if ((p[0] != 0 && p[0] != 9) || !(flags & 1) || processor >= MAX_CPUS)
			continue;
		apic_ids[processor] = id;
		if (processor + 1 > nr_cpus)
			nr_cpus = processor + 1;
	}
}

unsigned cpu_count(void)
{
	if (!nr_cpus)
		read_madt();
	if (!nr_cpus)
		nr_cpus = 1;
	return nr_cpus;
}

uint32_t cpu_apic_id(unsigned id)
{
	return id < cpu_count() ? apic_ids[id] : id * 2;
}

/* ---- start ---------------------------------------------------------------------------------------- */

void cpu_prepare(unsigned id)
{
	ap_id = id;
	ap_stack = (ulong_t)ap_stacks[id] + STACK_SIZE;
	atomic_store(&cpus[id].online, 0);
}

void cpu_context(struct vcpu_hvm_context *context)
{
	struct vcpu_hvm_x86_32 *r = &context->cpu_regs.x86_32;

	memset(context, 0, sizeof(*context));
	if (ap_entry64) {
		struct vcpu_hvm_x86_64 *l = &context->cpu_regs.x86_64;

		context->mode = VCPU_HVM_MODE_64B;
		l->rip = (ulong_t)ap_entry64;
		l->rflags = 2;
		l->cr0 = cr0_read();
		l->cr3 = cr3_read();
		l->cr4 = cr4_read();
		l->efer = rdmsr(MSR_EFER);
		return;
	}
	context->mode = VCPU_HVM_MODE_32B;
	r->eip = (uint32_t)(ulong_t)ap_entry32;
	r->eflags = 2;
	r->cr0 = CR0_PE | CR0_ET;
	r->cs_limit = r->ds_limit = r->ss_limit = r->es_limit = ~0u;
	r->cs_ar = 0xc9b;
	r->ds_ar = r->ss_ar = r->es_ar = 0xc93;
	r->tr_limit = 0x67;
	r->tr_ar = 0x8b;
}

static bool wait_online(unsigned id)
{
	uint64_t end = clock_ns() + 2000000000ull;

	while (!atomic_load(&cpus[id].online))
		if (clock_ns() > end)
			return false;
		else
			sched_op(SCHEDOP_yield, NULL);
	return true;
}

bool cpu_start(unsigned id, enum cpu_start how)
{
	cpu_prepare(id);
	if (how == START_SIPI) {
		memcpy((void *)TRAMPOLINE, trampoline_start,
		       (size_t)(trampoline_end - trampoline_start));
		lapic_ipi(cpu_apic_id(id), APIC_INIT | APIC_ASSERT);
		lapic_ipi(cpu_apic_id(id), APIC_STARTUP | TRAMPOLINE >> 12);
	} else {
		struct vcpu_hvm_context context;

		cpu_context(&context);
		if (vcpu_op(VCPUOP_initialise, id, &context) || vcpu_op(VCPUOP_up, id, NULL))
			return false;
	}
	return wait_online(id);
}

void cpu_start_all(unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		if (!cpu_start(i, START_SIPI))
			test_fail("cpu %u did not start", i);
}

void cpu_secondary(void)
{
	struct cpu *c;

	cpu_init(ap_id);
	c = this_cpu();
	atomic_store(&c->online, 1);
	for (;;) {
		irq_off();
		while (!atomic_load(&c->work))
			irq_wait(), irq_off();
		irq_on();
		c->work(c->work_arg);
		atomic_store(&c->work, NULL);
	}
}

void cpu_run(unsigned id, void (*fn)(void *), void *arg)
{
	cpus[id].work_arg = arg;
	atomic_store(&cpus[id].work, fn);
	lapic_ipi(cpu_apic_id(id), APIC_FIXED | VECTOR_WAKE);
}

bool cpu_wait(unsigned id, unsigned milliseconds)
{
	uint64_t end = clock_ns() + milliseconds * 1000000ull;

	while (atomic_load(&cpus[id].work))
		if (clock_ns() > end)
			return false;
		else
			sched_op(SCHEDOP_yield, NULL);
	return true;
}

/* ---- tables ---------------------------------------------------------------------------------------- */

static struct idt_gate idt[256];
extern char trap_stubs[];
extern uint8_t gdt[];

struct table_pointer {
	uint16_t limit;
	ulong_t base;
} packed_struct;

void cpu_init_idt(void)
{
	for (unsigned v = 0; v < 256; v++)
		gate_set(&idt[v], (ulong_t)trap_stubs + v * 16, KERNEL_CODE, 0x8e00);
	gate_set(&idt[VECTOR_USER_EXIT], (ulong_t)trap_stubs + VECTOR_USER_EXIT * 16, KERNEL_CODE,
	         0xee00);
	gate_set(&idt[VEC_BP], (ulong_t)trap_stubs + VEC_BP * 16, KERNEL_CODE, 0xee00);
	gate_set(&idt[VEC_DF], (ulong_t)trap_stubs + VEC_DF * 16, KERNEL_CODE,
	         sizeof(ulong_t) == 8 ? 0x8e01 : 0x8e00);
}

static void tss_init(struct cpu *c)
{
	uint64_t base = (ulong_t)&c->tss;
	uint8_t *d = gdt + SEL_TSS + c->id * 16;

	memset(&c->tss, 0, sizeof(c->tss));
	tss_set_stacks(&c->tss, (ulong_t)c->trap_stack + sizeof(c->trap_stack),
	               (ulong_t)c->fault_stack + sizeof(c->fault_stack));
	c->tss.iopb = sizeof(c->tss);
	*(uint64_t *)d = (sizeof(c->tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 |
	                 (base >> 24 & 0xff) << 56;
	*(uint64_t *)(d + 8) = base >> 32;
}

void cpu_init(unsigned id)
{
	struct cpu *c = &cpus[id];
	struct table_pointer p = { sizeof(idt) - 1, (ulong_t)idt };

	c->id = id;
	c->recover = NULL;
	tss_init(c);
	__asm__ volatile("lidt %0" : : "m"(p));
	__asm__ volatile("ltr %0" : : "r"((uint16_t)(SEL_TSS + id * 16)));
	lapic_enable();
}
