/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exit handlers as a library: a guest's vcpus stop for any reason, with any registers, segments, control registers and instruction bytes; two other domains stand by and must not
 * notice. Then all are destroyed, and every page and object must be back.
 *
 * Input: one byte of set-up, then steps of a byte each with what it needs.
 */
#include <string.h>

#include "two_domains.c"

#include "fake_domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS 96u
#define CODE  0xc000u

static struct domain *guest;
static struct vcpu *vcpu;

static void must(bool ok, const char *what)
{
	require(ok, what);
}

/* ---- two devices that check what the bus promises ---------------------------------------------------- */

static enum io_result device_access(struct io_region *r, struct io_access *a)
{
	must(a->size >= r->min_access && a->size <= r->max_access && !(a->size & (a->size - 1)),
	     "device: size of access");
	must(a->addr % a->size == 0 && a->addr + a->size <= r->size, "device: offset");
	must(((struct vcpu *)a->cpu)->domain == guest, "device: somebody else's access");
	if (!a->is_write)
		a->value = 0x8877665544332211ull;
	return IO_DONE;
}

static struct io_region devices[] = {
	{ .name = "byte port", .base = 0x60, .size = 5, .min_access = 1, .max_access = 1 },
	{ .name = "port", .base = 0x1f0, .size = 8, .min_access = 1, .max_access = 4 },
	{ .name = "narrow", .base = 0xfed00000, .size = 0x400, .min_access = 4, .max_access = 4 },
	{ .name = "wide", .base = 0xfed00ff8, .size = 0x1010, .min_access = 1, .max_access = 8 },
};

static void devices_claim(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(devices); i++) {
		devices[i].access = device_access;
		must(!iobus_claim(i < 2 ? &guest->pio : &guest->mmio, &devices[i]), "iobus_claim");
	}
}

static void devices_release(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(devices); i++)
		iobus_release(i < 2 ? &guest->pio : &guest->mmio, &devices[i]);
}

/* ---- the bystanders ----------------------------------------------------------------------------------- */

static struct {
	uint8_t pages[FUZZ_PAGES][PAGE_SIZE];
	struct guest_regs regs;
	uint64_t reg[NR_VCPU_REGS];
} seen[2];

static struct domain *bystander(unsigned i)
{
	return fuzz_domains[i ? 2 : 0];
}

/* They sleep, so that nearly all turns are the guest's. */
static void bystanders_halt(void)
{
	static const struct vcpu_exit halt = { .kind = EXIT_HALT, .insn_len = 1 };

	for (unsigned i = 0; i < 2; i++) {
		struct vcpu *v = bystander(i)->vcpus[0];

		v->regs.rflags |= RFLAGS_IF;
		script_of(v)->idle.exit = halt;
		must(fuzz_exit(v, &halt), "halt");
	}
}

static void bystanders_remember(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct vcpu *v = bystander(i)->vcpus[0];

		for (unsigned n = 0; n < FUZZ_PAGES; n++)
			memcpy(seen[i].pages[n], fake_guest_page(bystander(i), n), PAGE_SIZE);
		seen[i].regs = v->regs;
		memcpy(seen[i].reg, script_of(v)->reg, sizeof(seen[i].reg));
	}
}

static void bystanders_check(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct domain *d = bystander(i);
		struct vcpu *v = d->vcpus[0];

		must(d->state == DOMAIN_RUNNING && (i == 0 || !d->is_shut_down), "bystander's end");
		for (unsigned n = 0; n < FUZZ_PAGES; n++)
			must(!memcmp(seen[i].pages[n], fake_guest_page(d, n), PAGE_SIZE),
			     "bystander's memory");
		must(!memcmp(&seen[i].regs.r, &v->regs.r, sizeof(v->regs.r)),
		     "bystander's registers");
		must(!memcmp(seen[i].reg, script_of(v)->reg, sizeof(seen[i].reg)),
		     "bystander's control registers");
		must(v->event.type == EVENT_NONE && script_of(v)->nr_delivered == 0,
		     "bystander's events");
		must(v->is_up && !d->vcpus[1]->is_up, "bystander's vcpus");
	}
}

/* ---- values --------------------------------------------------------------------------------------------- */

static uint64_t address_value(void)
{
	static const uint64_t places[] = { 0x8000,
		                           FUZZ_PML4,
		                           FUZZ_PAGES * PAGE_SIZE - 16,
		                           VLAPIC_BASE,
		                           VLAPIC_BASE + 0x300,
		                           0xfed00000,
		                           0xfed00ff0,
		                           0xfed02000,
		                           0x100000000ull - 8,
		                           0,
		                           1ull << 40,
		                           (1ull << 47) - 4,
		                           ~0ull << 47,
		                           ~0ull - 3,
		                           VLAPIC_BASE + 0xff8,
		                           0x3ffffffcull };
	uint8_t n = fuzz_byte();

	return places[n & 15] + (n >> 4) * 4 + (n & 0x80 ? fuzz_byte() : 0);
}

static uint64_t word_value(void)
{
	uint8_t n = fuzz_byte();

	if (n < 0x60)
		return n;
	if (n < 0xa0)
		return 1ull << n % 64;
	if (n < 0xc0)
		return (1ull << n % 64) - 1;
	return n < 0xe0 ? address_value() : fuzz_raw(8);
}

static uint32_t msr_value(void)
{
	static const uint32_t known[] = {
		MSR_TSC,
		MSR_APIC_BASE,
		MSR_TSC_ADJUST,
		MSR_SPEC_CTRL,
		MSR_SYSENTER_CS,
		MSR_SYSENTER_ESP,
		MSR_MCG_STATUS,
		MSR_MISC_ENABLE,
		MSR_DEBUGCTL,
		MSR_MTRR_PHYSBASE0,
		MSR_MTRR_FIX64K,
		MSR_MTRR_FIX4K_C0,
		MSR_PAT,
		MSR_MTRR_DEF_TYPE,
		MSR_MC0_CTL,
		MSR_TSC_DEADLINE,
		MSR_X2APIC_FIRST,
		MSR_XSS,
		MSR_XEN_HYPERCALL,
		MSR_EFER,
		MSR_STAR,
		MSR_FS_BASE,
		MSR_KERNEL_GS_BASE,
		MSR_TSC_AUX,
		MSR_K7_EVNTSEL0,
		MSR_HWCR,
		MSR_IORR_BASE0,
		MSR_VM_CR,
		MSR_VIRT_SPEC_CTRL,
		MSR_OSVW_STATUS,
		MSR_BIOS_SIGN,
		MSR_DE_CFG,
	};
	uint8_t n = fuzz_byte();

	if (n < 0xa0)
		return known[n % ARRAY_LEN(known)];
	if (n < 0xe0)
		return known[n % ARRAY_LEN(known)] + fuzz_byte();
	return n < 0xf0 ? MSR_X2APIC_FIRST + n % 0x40 : (uint32_t)fuzz_raw(4);
}

/* ---- instructions ----------------------------------------------------------------------------------------- */

/* Opcodes that the handlers know; the bytes behind come from the input. */
static const struct {
	uint8_t n, bytes[3];
} opcodes[] = {
	{ 1, { 0x88 } },
	{ 1, { 0x89 } },
	{ 1, { 0x8a } },
	{ 1, { 0x8b } },
	{ 1, { 0xa0 } },
	{ 1, { 0xa1 } },
	{ 1, { 0xa2 } },
	{ 1, { 0xa3 } },
	{ 1, { 0xa4 } },
	{ 1, { 0xa5 } },
	{ 1, { 0xaa } },
	{ 1, { 0xab } },
	{ 1, { 0xac } },
	{ 1, { 0xad } },
	{ 1, { 0xae } },
	{ 1, { 0xa6 } },
	{ 1, { 0xc6 } },
	{ 1, { 0xc7 } },
	{ 2, { 0x0f, 0xb6 } },
	{ 2, { 0x0f, 0xb7 } },
	{ 2, { 0x0f, 0xbe } },
	{ 2, { 0x0f, 0xbf } },
	{ 1, { 0x63 } },
	{ 1, { 0x80 } },
	{ 1, { 0x81 } },
	{ 1, { 0x83 } },
	{ 1, { 0x84 } },
	{ 1, { 0x85 } },
	{ 1, { 0x86 } },
	{ 1, { 0x87 } },
	{ 1, { 0xf6 } },
	{ 1, { 0xf7 } },
	{ 1, { 0xfe } },
	{ 1, { 0xff } },
	{ 1, { 0x00 } },
	{ 1, { 0x21 } },
	{ 1, { 0x0b } },
	{ 1, { 0x33 } },
	{ 1, { 0x3b } },
	{ 1, { 0x39 } },
	{ 2, { 0x0f, 0xb0 } },
	{ 2, { 0x0f, 0xb1 } },
	{ 2, { 0x0f, 0xc0 } },
	{ 2, { 0x0f, 0xc1 } },
	{ 2, { 0x0f, 0xc7 } },
	{ 2, { 0x0f, 0xa3 } },
	{ 2, { 0x0f, 0xab } },
	{ 2, { 0x0f, 0xb3 } },
	{ 2, { 0x0f, 0xbb } },
	{ 2, { 0x0f, 0xba } },
	{ 2, { 0x0f, 0x20 } },
	{ 2, { 0x0f, 0x22 } },
	{ 2, { 0x0f, 0x21 } },
	{ 2, { 0x0f, 0x23 } },
	{ 2, { 0x0f, 0x01 } },
	{ 2, { 0x0f, 0x06 } },
	{ 1, { 0x6c } },
	{ 1, { 0x6d } },
	{ 1, { 0x6e } },
	{ 1, { 0x6f } },
	{ 1, { 0xe4 } },
	{ 1, { 0xed } },
	{ 3, { 0x0f, 0x01, 0xc1 } },
	{ 3, { 0x0f, 0x01, 0xd9 } },
	{ 2, { 0x0f, 0xa2 } },
	{ 2, { 0x0f, 0x30 } },
	{ 3, { 0x0f, 0x38, 0xf0 } },
	{ 2, { 0x0f, 0x6f } },
	{ 2, { 0x0f, 0xc3 } },
	{ 1, { 0xf4 } },
	{ 1, { 0x8f } },
	{ 1, { 0x50 } },
};
static const uint8_t prefixes[] = { 0x66, 0x67, 0xf3, 0xf2, 0xf0, 0x2e,
	                            0x64, 0x65, 0x36, 0x48, 0x41, 0x44 };

static void instruction_make(uint8_t bytes[15])
{
	uint8_t how = fuzz_byte();
	unsigned n = 0, op;

	for (unsigned i = 0; i < (how & 3u); i++)
		bytes[n++] = fuzz_pick(prefixes);
	op = fuzz_byte();
	if (op < 0xf0)
		for (unsigned i = 0; i < opcodes[op % ARRAY_LEN(opcodes)].n; i++)
			bytes[n++] = opcodes[op % ARRAY_LEN(opcodes)].bytes[i];
	for (unsigned more = how >> 2 & 7; more && n < 15; more--)
		bytes[n++] = fuzz_byte();
}

/* In memory at RIP, and, as processors with decode assists do, with the exit. */
static void instruction_place(uint8_t how)
{
	uint8_t bytes[15] = { 0 };

	instruction_make(bytes);
	vcpu->regs.rip = how & 1 ? CODE : CODE + PAGE_SIZE - how % 16;
	fuzz_guest_store(guest, vcpu->regs.rip, bytes, sizeof(bytes));
	memcpy(script_of(vcpu)->insn, bytes, sizeof(bytes));
	script_of(vcpu)->insn_len = how & 2 ? 15 : 0;
}

/* ---- exits ------------------------------------------------------------------------------------------------- */

static void exit_fill(struct vcpu_exit *e)
{
	static const uint8_t sizes[] = { 1, 2, 4 };

	switch (e->kind) {
	case EXIT_PIO:
	case EXIT_PIO_STRING:
		e->pio.port = fuzz_byte() & 1 ? 0x1f0 + fuzz_byte() % 8 : 0x5e + fuzz_byte() % 8;
		e->pio.size = fuzz_pick(sizes);
		e->pio.is_write = fuzz_byte() & 1;
		e->pio.rep = fuzz_byte() & 1;
		e->pio.segment = 0xff;
		break;
	case EXIT_MMIO:
		e->mmio.gpa = gpa(address_value());
		e->mmio.is_write = fuzz_byte() & 1;
		e->mmio.is_fetch = fuzz_byte() > 0xe8;
		e->mmio.in_walk = fuzz_byte() > 0xf0;
		break;
	case EXIT_MSR_READ:
	case EXIT_MSR_WRITE: vcpu->regs.r[GPR_RCX] = e->msr.index = msr_value(); break;
	case EXIT_CR_ACCESS:
		e->cr.cr = fuzz_byte() & 15;
		e->cr.gpr = fuzz_byte();
		e->cr.gpr = e->cr.gpr < 0x80 ? e->cr.gpr & 15 : 0xff;
		e->cr.is_write = fuzz_byte() & 1;
		break;
	case EXIT_DR_ACCESS:
		e->dr.dr = fuzz_byte() & 15;
		e->dr.gpr = fuzz_byte() & 15;
		e->dr.is_write = fuzz_byte() & 1;
		break;
	case EXIT_EXCEPTION:
		e->exception.vector = fuzz_byte() & 31;
		e->exception.has_error = fuzz_byte() & 1;
		e->exception.error_code = (uint32_t)word_value();
		e->exception.cr2_or_dr6 = word_value();
		break;
	case EXIT_CPUID:
		vcpu->regs.r[GPR_RAX] = fuzz_byte() % 64u | (uint64_t)(fuzz_byte() & 0xc) << 28;
		break;
	case EXIT_TASK_SWITCH:
		e->task.selector = (uint16_t)fuzz_raw(2);
		e->task.reason = fuzz_byte() & 3;
		break;
	default: break;
	}
}

static void step_exit(void)
{
	uint8_t kind = fuzz_byte(), how = fuzz_byte();
	struct vcpu_exit e = { .kind = kind % NR_EXIT_KINDS };

	/* Those that end the domain are for the rest of the bytes. */
	if (kind < 0xf0 &&
	    (e.kind == EXIT_TRIPLE_FAULT || e.kind == EXIT_BAD_ENTRY || e.kind == EXIT_UNKNOWN))
		e.kind = EXIT_MMIO;
	e.insn_len = how & 0x80 ? how % 16 : how & 0x40 ? 2 : 0;
	if (how & 0x20)
		instruction_place(how);
	exit_fill(&e);
	fuzz_exit(vcpu, &e);
}

/* An access to the APIC's page or a device by a common instruction: what most exits are. */
static void step_mmio(void)
{
	uint8_t n = fuzz_byte();
	uint64_t at = n & 1 ? VLAPIC_BASE + (fuzz_byte() & 0x3fu) * 16 : address_value();
	bool is_write = n & 2;
	uint8_t bytes[15] = { is_write ? 0x89 : 0x8b, 0x07 };
	struct vcpu_exit e = { .kind = EXIT_MMIO,
		               .mmio = { .gpa = gpa(at), .is_write = is_write } };

	vcpu->regs.r[GPR_RDI] = at;
	vcpu->regs.rip = CODE;
	vcpu->regs.r[GPR_RAX] = word_value();
	memcpy(script_of(vcpu)->insn, bytes, sizeof(bytes));
	script_of(vcpu)->insn_len = 15;
	fuzz_exit(vcpu, &e);
}

static void step_msr(void)
{
	uint8_t n = fuzz_byte();
	uint64_t value = word_value();
	struct vcpu_exit e = { .kind = n & 1 ? EXIT_MSR_WRITE : EXIT_MSR_READ, .insn_len = 2 };

	vcpu->regs.r[GPR_RCX] = n & 2 ? MSR_X2APIC_FIRST + fuzz_byte() % 0x40u : msr_value();
	vcpu->regs.r[GPR_RAX] = (uint32_t)value;
	vcpu->regs.r[GPR_RDX] = value >> 32;
	fuzz_exit(vcpu, &e);
}

/* The APIC by its page or by its MSRs, with values that mean something to it. */
static void step_apic(void)
{
	static const struct {
		uint16_t reg;
		uint32_t value;
	} writes[] = {
		{ 0x0f0, 0x1ff },     { 0x320, 0x31 },       { 0x320, 0x20032 },
		{ 0x320, 0x40033 },   { 0x380, 100 },        { 0x380, 1000000 },
		{ 0x3e0, 0xb },       { 0x3e0, 3 },          { 0x300, 0x40041 },
		{ 0x300, 0x80041 },   { 0x300, 0xc0042 },    { 0x300, 0x500 },
		{ 0x300, 0xc500 },    { 0x300, 0x8500 },     { 0x300, 0x608 },
		{ 0x300, 0xc4608 },   { 0x300, 0xc4500 },    { 0x300, 0x400 },
		{ 0x300, 0x943 },     { 0x300, 0x143 },      { 0x310, 0x02 },
		{ 0x310, 0xff },      { 0x310, 0x2000000 },  { 0x0d0, 0x1000000 },
		{ 0x0d0, 0x2000000 }, { 0x0e0, 0x0fffffff }, { 0x0e0, 0xffffffff },
		{ 0x080, 0x40 },      { 0x0b0, 0 },          { 0x280, 0 },
		{ 0x370, 0xfe },      { 0x350, 0x700 },
	};
	uint8_t n = fuzz_byte(), which = fuzz_byte();
	uint32_t reg = which < 0xc0 ? writes[which % 32].reg : (which & 0x3fu) << 4;
	uint64_t value = n < 0xc0 ? writes[which % 32].value : word_value();
	bool is_write = n & 1, by_msr = n & 2;
	struct vcpu_exit e = { .kind = EXIT_MMIO,
		               .mmio = { .gpa = gpa(VLAPIC_BASE + reg), .is_write = is_write } };

	if (by_msr) {
		e = (struct vcpu_exit){ .kind = is_write ? EXIT_MSR_WRITE : EXIT_MSR_READ,
			                .insn_len = 2 };
		vcpu->regs.r[GPR_RCX] = MSR_X2APIC_FIRST + reg / 16;
		vcpu->regs.r[GPR_RDX] = n & 4 ? 2 : value >> 32;
	} else {
		uint8_t bytes[15] = { is_write ? 0x89 : 0x8b, 0x07 };

		vcpu->regs.r[GPR_RDI] = VLAPIC_BASE + reg;
		memcpy(script_of(vcpu)->insn, bytes, sizeof(bytes));
		script_of(vcpu)->insn_len = 15;
	}
	vcpu->regs.rip = CODE;
	vcpu->regs.r[GPR_RAX] = by_msr ? (uint32_t)value : value;
	fuzz_exit(vcpu, &e);
}

/* Exits with the very instructions that make them. */
static void step_idiom(void)
{
	static const struct {
		struct vcpu_exit exit;
		uint8_t n, bytes[4]; /* the last byte comes from the input when it is 0 */
	} idioms[] = {
		{ { .kind = EXIT_CR_ACCESS }, 3, { 0x0f, 0x22, 0 } },
		{ { .kind = EXIT_CR_ACCESS }, 3, { 0x0f, 0x20, 0 } },
		{ { .kind = EXIT_CR_ACCESS }, 4, { 0xf0, 0x0f, 0x22, 0xc0 } },
		{ { .kind = EXIT_CR_ACCESS }, 3, { 0x0f, 0x01, 0xf0 } },
		{ { .kind = EXIT_CR_ACCESS }, 3, { 0x0f, 0x01, 0x37 } },
		{ { .kind = EXIT_CR_ACCESS }, 2, { 0x0f, 0x06 } },
		{ { .kind = EXIT_CR_ACCESS, .insn_len = 3, .cr = { 8, 0, true } }, 0 },
		{ { .kind = EXIT_CR_ACCESS, .insn_len = 3, .cr = { 4, 1, true } }, 0 },
		{ { .kind = EXIT_CR_ACCESS, .insn_len = 3, .cr = { 3, 7, true } }, 0 },
		{ { .kind = EXIT_DR_ACCESS }, 3, { 0x0f, 0x23, 0 } },
		{ { .kind = EXIT_DR_ACCESS }, 3, { 0x0f, 0x21, 0 } },
		{ { .kind = EXIT_XSETBV, .insn_len = 3 }, 0 },
		{ { .kind = EXIT_EXCEPTION, .exception = { .vector = X86_UD } },
		  3,
		  { 0x0f, 0x01, 0xc1 } },
		{ { .kind = EXIT_EXCEPTION, .exception = { .vector = X86_UD } },
		  3,
		  { 0x0f, 0x01, 0xd9 } },
		{ { .kind = EXIT_HALT, .insn_len = 1 }, 0 },
		{ { .kind = EXIT_PIO_STRING, .pio = { 0x60, 1, false, true } }, 2, { 0xf3, 0x6c } },
		{ { .kind = EXIT_PIO_STRING, .pio = { 0x1f0, 4, false, true } },
		  2,
		  { 0xf3, 0x6d } },
		{ { .kind = EXIT_PIO_STRING, .pio = { 0x1f0, 2, true, true } },
		  3,
		  { 0x66, 0xf3, 0x6f } },
		{ { .kind = EXIT_WINDOW_OPEN }, 0 },
		{ { .kind = EXIT_CPUID, .insn_len = 2 }, 0 },
		{ { .kind = EXIT_HYPERCALL, .insn_len = 3 }, 0 },
	};
	uint8_t which = fuzz_byte() % ARRAY_LEN(idioms), n = idioms[which].n, bytes[15] = { 0 };
	struct vcpu_exit e = idioms[which].exit;

	memcpy(bytes, idioms[which].bytes, 4);
	if (n && !bytes[n - 1])
		bytes[n - 1] = fuzz_byte();
	vcpu->regs.rip = CODE;
	fuzz_guest_store(guest, CODE, bytes, sizeof(bytes));
	memcpy(script_of(vcpu)->insn, bytes, sizeof(bytes));
	script_of(vcpu)->insn_len = 15;
	fuzz_exit(vcpu, &e);
}

/* ---- task switches ------------------------------------------------------------------------------------------ */

#define TASK_GDT      0xb000u
#define TASK_STATE(n) (0xa000u + (n)*0x80u)

/* A table with segments of each kind and three tasks, a byte of it another one. */
static void tasks_make(void)
{
	static const uint8_t kinds[] = { 0, 0x9a, 0x92, 0xfa, 0xf2, 0x8b, 0x89, 0x81, 0x82, 0x12 };
	static const uint32_t rights = 0x00c00000;
	struct script_vcpu *c = script_of(vcpu);
	uint64_t base, d;

	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
		base = i >= 5 ? TASK_STATE(i - 5) : 0;
		d = i >= 5 ? 0x67 | base << 16 : 0xffff | (uint64_t)(rights | 0xf0000) << 32;
		d |= (uint64_t)kinds[i] << 40;
		fuzz_guest_store(guest, TASK_GDT + 8 * i, &d, 8);
	}
	fuzz_guest_store(guest, TASK_GDT + fuzz_byte() % 80u, &(uint8_t){ fuzz_byte() }, 1);
	c->segment[SEG_GDTR] = (struct segment){ .base = TASK_GDT, .limit = 79 };
	c->segment[SEG_TR] = (struct segment){ 0x28, 0x8b, 0x67, TASK_STATE(0) };
	for (unsigned task = 1; task < 3; task++)
		for (unsigned i = 0; i < 17; i++) {
			uint32_t word =
				i < 10 ? fuzz_byte() * 0x101u : (fuzz_byte() % 20u) * 4 & ~4u;

			fuzz_guest_store(guest, TASK_STATE(task) + 0x20 + 4 * i, &word, 4);
		}
}

static struct event task_event;

/* As a backend gives back what came by the gate. */
static void task_event_give(struct vcpu *v, void *unused)
{
	v->event = task_event;
}

static void step_task(void)
{
	uint8_t how = fuzz_byte();
	struct vcpu_exit e = { .kind = EXIT_TASK_SWITCH, .insn_len = how & 7 };
	struct script_step s = { .fn = task_event_give };

	if (how & 0x80) {
		fuzz_set_mode(vcpu, 1);
		tasks_make();
	}
	e.task.reason = how >> 3 & 3;
	e.task.selector = (uint16_t)((how & 0x40 ? 5 + fuzz_byte() % 4u : fuzz_byte() % 12u) * 8);
	task_event = (struct event){ .type = EVENT_NONE };
	if (e.task.reason == 3 && (how & 0x20)) {
		task_event = event_exception_code(fuzz_byte() & 31, 0x55);
		e.task.has_error = true;
		e.task.error_code = 0x55;
	}
	s.exit = e;
	fuzz_step(vcpu, &s);
}

/* ---- state -------------------------------------------------------------------------------------------------- */

static void step_register(void)
{
	uint8_t n = fuzz_byte();

	if (n < 0xf0)
		vcpu->regs.r[n & 15] = n & 0x40 ? address_value() : word_value();
	else
		vcpu->regs.rip = word_value();
}

static void step_flags(void)
{
	vcpu->regs.rflags = (fuzz_raw(3) & 0x3f7fd5) | RFLAGS_MBS;
	script_of(vcpu)->shadow = fuzz_byte() & 7;
	guest_walk_cache_reset(&vcpu->walk);
}

/* As the guest's own MOV to CR would leave it where we do not look. */
static void step_control(void)
{
	static const uint8_t which[] = { REG_CR3, REG_CR4, REG_CR0, REG_CR2, REG_DR7, REG_EFER };
	uint64_t *reg = script_of(vcpu)->reg;
	uint8_t n = fuzz_byte();

	reg[which[n % ARRAY_LEN(which)]] ^= n & 0x80 ? word_value() : 1ull << (n & 31);
	/* The processor keeps these two in step. */
	if (!(reg[REG_CR0] & CR0_PG))
		reg[REG_EFER] &= ~(uint64_t)EFER_LMA;
	else if (reg[REG_EFER] & EFER_LME)
		reg[REG_EFER] |= EFER_LMA;
	guest_walk_cache_reset(&vcpu->walk);
}

static void step_segment(void)
{
	struct segment *s = &script_of(vcpu)->segment[fuzz_byte() % (SEG_GS + 1u)];

	s->attr = (uint16_t)fuzz_raw(2);
	s->base = word_value();
	s->limit = (uint32_t)word_value();
}

static void step_mode(void)
{
	fuzz_set_mode(vcpu, fuzz_byte() % 5);
}

static void step_time(void)
{
	fuzz_let_run(1ull << (fuzz_byte() % 34));
}

/* Page tables and such. */
static void step_store(void)
{
	uint64_t v = word_value();

	fuzz_guest_store(guest, address_value(), &v, 8);
}

/* A page becomes something else than RAM for reading and writing. */
static void step_map(void)
{
	static const enum p2m_type types[] = { P2M_RAM_RW, P2M_RAM_RO, P2M_RAM_LOGDIRTY };
	uint64_t n = 8 + fuzz_byte() % 16u;
	struct p2m_entry e = p2m_lookup(&guest->p2m, gfn(n));

	if (p2m_type_is_ram(e.type))
		(void)!p2m_change_type(&guest->p2m, gfn(n), e.type, fuzz_pick(types));
}

/* What the hypervisor itself has for the vcpu. */
static void step_event(void)
{
	uint8_t n = fuzz_byte();

	if (n & 1)
		vlapic_set_irq(&vcpu->lapic, (uint8_t)(16 + fuzz_byte() % 240u), n & 2);
	if (n & 4)
		vcpu_request(vcpu, VCPU_REQ_NMI);
	if (n & 8)
		vcpu_raise(vcpu, event_exception(n >> 4));
	vcpu->info[0] |= n >> 7;
	guest->hvm_params.callback = n & 0x40 ? CALLBACK_VECTOR : CALLBACK_NONE;
	guest->hvm_params.callback_vector = 0x31;
}

static void (*const step_kinds[16])(void) = {
	step_exit,    step_exit, step_idiom,    step_exit,     step_mmio,  step_apic,
	step_msr,     step_apic, step_register, step_register, step_flags, step_control,
	step_segment, step_mode, step_time,     step_store,
};

static void step(uint8_t n)
{
	vcpu = guest->vcpus[n >> 4 & 1];
	if (n >= 0xfc)
		step_task();
	else if (n >= 0xf0)
		step_map();
	else if (n >= 0xe0)
		step_event();
	else
		step_kinds[n & 15]();
}

/* Most guests switch their APICs on first. */
static void apics_start(uint8_t how)
{
	for (unsigned i = 0; i < FUZZ_VCPUS; i++) {
		struct vcpu *v = guest->vcpus[i];

		if (how & 8)
			vlapic_write(v, 0xf0, 0x1ff);
		if (how & 16)
			must(vlapic_msr_write(v, MSR_APIC_BASE, v->lapic.base_msr | BIT(10)),
			     "x2APIC");
		v->regs.rflags |= how & 32 ? RFLAGS_IF : 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t how;

	if (size < 4)
		return 0;
	fuzz_input(data, size);
	how = fuzz_byte();
	fuzz_start(how, 0, FUZZ_RAM);
	guest = fuzz_domains[1];
	apics_start(how);
	devices_claim();
	bystanders_halt();
	bystanders_remember();
	for (unsigned i = 0; i < STEPS && !fuzz_input_over() && !guest->is_shut_down; i++)
		step(fuzz_byte());
	bystanders_check();
	devices_release();
	fuzz_end();
	return 0;
}
