/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt controllers and vcpus as firmware leaves them. MultiProcessor Specification 1.4, 3.6.2.2 and B.4; SDM volume 3, 8.4 and 11.11. */
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "vcpus.h"

#define LAPIC_SPURIOUS (LAPIC_BASE + 0x0f0)
#define LAPIC_ICR      (LAPIC_BASE + 0x300)
#define LAPIC_ICR_HIGH (LAPIC_BASE + 0x310)
#define LAPIC_LINT0    (LAPIC_BASE + 0x350)
#define LAPIC_LINT1    (LAPIC_BASE + 0x360)
#define SPURIOUS_ON    0x1ffu
#define MODE_NMI       0x400u
#define MODE_EXTINT    0x700u
#define ICR_INIT       0x4500u /* INIT, assert */
#define ICR_STARTUP    0x4600u

#define IOAPIC_SELECT IOAPIC_BASE
#define IOAPIC_WINDOW (IOAPIC_BASE + 0x10)
#define IOAPIC_REG_ID 0

/* A turn lets other vcpus run, so these are seconds at least, and more on a slow machine. */
#define START_TURNS 20000000u

#define MSR_MTRR_CAP     0xfe
#define MSR_MTRR_BASE0   0x200
#define MSR_MTRR_MASK0   0x201
#define MSR_MTRR_FIX64   0x250
#define MSR_MTRR_FIX16   0x258 /* 0x80000 to 0x9ffff; the next: 0xa0000 to 0xbffff */
#define MSR_MTRR_FIX4    0x268 /* eight of them: 0xc0000 to 0xfffff */
#define MSR_MTRR_DEFAULT 0x2ff
#define MTRR_CAP_FIXED   0x100u
#define MTRR_ON          0x800u
#define MTRR_FIXED_ON    0x400u
#define MTRR_VALID       0x800u
#define MTRR_BACK        6u
#define EIGHT(type)      (0x0101010101010101ull * (type))

/* What vcpus that were started and the first one tell each other. */
static volatile unsigned started;
static const struct pci *types_of;

/* ---- APICs ------------------------------------------------------------------------------------------ */

void apic_setup(void)
{
	mmio_write32(IOAPIC_SELECT, IOAPIC_REG_ID);
	mmio_write32(IOAPIC_WINDOW, (uint32_t)IOAPIC_ID << 24);
	mmio_write32(LAPIC_SPURIOUS, SPURIOUS_ON);
	mmio_write32(LAPIC_LINT0, MODE_EXTINT);
	mmio_write32(LAPIC_LINT1, MODE_NMI);
}

static void send(unsigned vcpu, uint32_t command)
{
	mmio_write32(LAPIC_ICR_HIGH, (uint32_t)vcpu_apic_id(vcpu) << 24);
	mmio_write32(LAPIC_ICR, command);
}

/* ---- memory types --------------------------------------------------------------------------------------- */

static uint64_t address_mask(void)
{
	unsigned bits = 36;

	if (cpuid(0x80000000).a >= 0x80000008)
		bits = cpuid(0x80000008).a & 0xff;
	return (1ull << bits) - 1;
}

/* Covers [start, end) with pairs of base and mask: the largest aligned powers of two. Returns the next free pair. */
static unsigned cover(unsigned pair, unsigned pairs, uint64_t start, uint64_t end)
{
	uint64_t all = address_mask();

	while (start < end && pair < pairs) {
		uint64_t size = start & -start;

		while (size > end - start)
			size >>= 1;
		msr_write(MSR_MTRR_BASE0 + pair * 2, start); /* type 0: uncached */
		msr_write(MSR_MTRR_MASK0 + pair * 2, (all & ~(size - 1)) | MTRR_VALID);
		pair++;
		start += size;
	}
	return pair;
}

void memory_types_set(const struct pci *p)
{
	uint64_t cap;
	unsigned pair = 0, pairs;

	if (!(cpuid(1).d & 1u << 12))
		return;
	cap = msr_read(MSR_MTRR_CAP);
	pairs = cap & 0xff;
	msr_write(MSR_MTRR_DEFAULT, MTRR_BACK);
	if (cap & MTRR_CAP_FIXED) {
		msr_write(MSR_MTRR_FIX64, EIGHT(MTRR_BACK));
		msr_write(MSR_MTRR_FIX16, EIGHT(MTRR_BACK));
		msr_write(MSR_MTRR_FIX16 + 1, 0);
		for (unsigned i = 0; i < 8; i++)
			msr_write(MSR_MTRR_FIX4 + i, EIGHT(MTRR_BACK));
	}
	pair = cover(pair, pairs, p->hole_start, GIB(4));
	pair = cover(pair, pairs, p->high_start, p->high_end);
	for (; pair < pairs; pair++)
		msr_write(MSR_MTRR_MASK0 + pair * 2, 0);
	msr_write(MSR_MTRR_DEFAULT,
	          MTRR_ON | (cap & MTRR_CAP_FIXED ? MTRR_FIXED_ON : 0) | MTRR_BACK);
}

/* ---- the others ------------------------------------------------------------------------------------------ */

void ap_main(void)
{
	memory_types_set(types_of);
	started++;
}

static bool start_one(unsigned vcpu)
{
	unsigned before = started, turns = 0;

	send(vcpu, ICR_INIT);
	send(vcpu, ICR_STARTUP | TRAMPOLINE >> PAGE_SHIFT);
	/* A processor that took the first one passes the second over. */
	send(vcpu, ICR_STARTUP | TRAMPOLINE >> PAGE_SHIFT);
	while (started == before && turns < START_TURNS) {
		iron_yield();
		turns++;
	}
	send(vcpu, ICR_INIT);
	return started != before;
}

void vcpus_check(struct machine *m)
{
	types_of = m->pci;
	m->up[0] = 1;
	memory_types_set(m->pci);
	if (!m->config->apic)
		return;
	iron_ap_prepare(TRAMPOLINE);
	for (unsigned i = 1; i < m->config->online; i++) {
		m->up[i] = start_one(i);
		if (!m->up[i])
			say("vcpu %u does not start; the tables say that it is off", i);
	}
}
