/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector registers as wide as the CPU has them (up to ZMM0-31 and the opmasks): every kind of exit, sleep and preemption leaves them as they were, and so do the
 * guest's own XSAVE instructions in all their forms, with some components in their initial state.
 */
#include "guest.h"

#define BIT(n) (1ull << (n))

#define ROUNDS 40

#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define XCR0_MOVED  (BIT(0) | XCR0_SSE | XCR0_AVX | XCR0_AVX512)

enum width { NO_XSAVE, ONLY_SSE, WITH_AVX, WITH_AVX512 };

struct vectors {
	uint8_t zmm[32][64];
	uint64_t k[8];
} __attribute__((aligned(64)));

static enum width width;
static uint64_t xcr0_all;
static volatile unsigned lost;

#define EACH(insn, n) __asm__ volatile(".irp n," n "\n\t" insn "\n\t.endr\n" : : "r"(v) : "memory")
#define FIRST_16      "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define LAST_16       "16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
#define FIRST_8       "0,1,2,3,4,5,6,7"

static void load(const struct vectors *v)
{
	if (width == WITH_AVX512) {
		EACH("vmovdqu64 64*\\n(%0), %%zmm\\n", FIRST_16 "," LAST_16);
		EACH("kmovq 2048+8*\\n(%0), %%k\\n", FIRST_8);
	} else if (width == WITH_AVX) {
		EACH("vmovdqu 64*\\n(%0), %%ymm\\n", FIRST_16);
	} else {
		EACH("movups 64*\\n(%0), %%xmm\\n", FIRST_16);
	}
}

static void store(struct vectors *v)
{
	memset(v, 0, sizeof(*v));
	if (width == WITH_AVX512) {
		EACH("vmovdqu64 %%zmm\\n, 64*\\n(%0)", FIRST_16 "," LAST_16);
		EACH("kmovq %%k\\n, 2048+8*\\n(%0)", FIRST_8);
	} else if (width == WITH_AVX) {
		EACH("vmovdqu %%ymm\\n, 64*\\n(%0)", FIRST_16);
	} else {
		EACH("movups %%xmm\\n, 64*\\n(%0)", FIRST_16);
	}
}

/* Which registers hold something in a test of partly initial states. */
enum { ALL_IN_USE = 0xf, XMM_IN_USE = 1, UPPER_IN_USE = 2, HIGH_IN_USE = 4, MASKS_IN_USE = 8 };

static uint8_t pattern(unsigned seed, unsigned reg, unsigned at)
{
	return (uint8_t)(seed * 37 + reg * 7 + at * 3 + 1);
}

/* The registers of this width, those in use each with numbers of its own, the others 0. */
static void fill(struct vectors *v, unsigned seed, unsigned in_use)
{
	unsigned bytes = width == WITH_AVX512 ? 64 : width == WITH_AVX ? 32 : 16;

	memset(v, 0, sizeof(*v));
	for (unsigned r = 0; r < (width == WITH_AVX512 ? 32u : 16u); r++)
		for (unsigned at = 0; at < bytes; at++) {
			unsigned part = r >= 16 ? HIGH_IN_USE : at < 16 ? XMM_IN_USE : UPPER_IN_USE;

			if (in_use & part)
				v->zmm[r][at] = pattern(seed, r, at);
		}
	for (unsigned r = 0; width == WITH_AVX512 && (in_use & MASKS_IN_USE) && r < 8; r++)
		v->k[r] = 0x0101010101010101ull * pattern(seed, 32 + r, 0);
}

static bool same(const struct vectors *a, const struct vectors *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* The first register that differs, for messages: 0-31, 32 and up: opmasks. */
static unsigned different(const struct vectors *a, const struct vectors *b)
{
	for (unsigned r = 0; r < 32; r++)
		if (memcmp(a->zmm[r], b->zmm[r], 64))
			return r;
	for (unsigned r = 0; r < 8; r++)
		if (a->k[r] != b->k[r])
			return 32 + r;
	return 99;
}

static void xsetbv(uint64_t v)
{
	__asm__ volatile("xsetbv"
	                 :
	                 : "c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
	                 : "memory");
}

/* On each vcpu: everything on. */
static void switch_on(void)
{
	cr0_write((cr0_read() | CR0_MP | CR0_NE) & ~(ulong_t)(CR0_TS | CR0_EM));
	cr4_write(cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT);
	if (width == NO_XSAVE)
		return;
	cr4_write(cr4_read() | CR4_OSXSAVE);
	xsetbv(xcr0_all);
}

/* ---- what the guest's own instructions do ------------------------------------------------------ */
/* SDM volume 1, 13.4: legacy region, header, then the components. */
static uint8_t area[4096] __attribute__((aligned(64)));

#define XFORM(name, save, restore)                                                                 \
	static void name(bool back)                                                                \
	{                                                                                          \
		uint32_t lo = (uint32_t)xcr0_all, hi = (uint32_t)(xcr0_all >> 32);                 \
		if (back)                                                                          \
			__asm__ volatile(restore " (%0)"                                           \
			                 :                                                         \
			                 : "r"(area), "a"(lo), "d"(hi)                             \
			                 : "memory");                                              \
		else                                                                               \
			__asm__ volatile(save " (%0)" : : "r"(area), "a"(lo), "d"(hi) : "memory"); \
	}
XFORM(form_xsave, "xsave64", "xrstor64")
XFORM(form_xsaveopt, "xsaveopt64", "xrstor64")
XFORM(form_xsavec, "xsavec64", "xrstor64")
XFORM(form_xsaves, "xsaves64", "xrstors64")

/* The header that SAVE left: XSTATE_BV, XCOMP_BV. */
static uint64_t header(unsigned n)
{
	return ((const uint64_t *)(area + 512))[n];
}

struct restoring {
	void (*form)(bool);
};

static void restore(void *arg)
{
	((const struct restoring *)arg)->form(true);
}

static void check_form(const char *name, void (*form)(bool), unsigned in_use)
{
	static struct vectors mine, other, now;
	struct exception ended;

	fill(&mine, 1, in_use);
	fill(&other, 2, ALL_IN_USE);
	memset(area, 0, sizeof(area));
	load(&mine);
	form(false);
	load(&other);
	ended = exception_of(restore, &(struct restoring){ form });
	if (ended.vector != NO_EXCEPTION) {
		test_fail(
			"%s, in use %x: exception %d at the restore of XSTATE_BV %llx XCOMP_BV %llx",
			name, in_use, ended.vector, (unsigned long long)header(0),
			(unsigned long long)header(1));
		return;
	}
	store(&now);
	if (!same(&mine, &now))
		test_fail("%s, in use %x: register %u changed", name, in_use,
		          different(&mine, &now));
}

static void instructions(void)
{
	uint32_t have;

	if (width == NO_XSAVE) {
		test_note("this CPU has no XSAVE");
		return;
	}
	have = cpuid(13, 1).a;
	for (unsigned in_use = 0; in_use <= ALL_IN_USE; in_use++) {
		check_form("XSAVE", form_xsave, in_use);
		if (have & 1)
			check_form("XSAVEOPT", form_xsaveopt, in_use);
		if (have & 2)
			check_form("XSAVEC", form_xsavec, in_use);
		if (have & 8)
			check_form("XSAVES", form_xsaves, in_use);
	}
	CHECK(have || width <= WITH_AVX512);
}

/* ---- what exits do ------------------------------------------------------------------------------- */
static void by_cpuid(void)
{
	(void)cpuid(1, 0);
}
static void by_port(void)
{
	(void)in8(0x80);
}
static void by_msr(void)
{
	(void)rdmsr(MSR_EFER);
}
static void by_cr4(void)
{
	cr4_write(cr4_read() ^ CR4_TSD), cr4_write(cr4_read() ^ CR4_TSD);
}
static void by_device(void)
{
	(void)*(volatile uint32_t *)(ulong_t)0xfee10000;
}
static void by_hypercall(void)
{
	version_op(XENVER_version, NULL);
}
static void by_yield(void)
{
	sched_op(SCHEDOP_yield, NULL);
}
static void by_exception(void *arg)
{
	(void)arg, *(volatile uint8_t *)bad_pointer();
}
static void by_fault(void)
{
	exception_of(by_exception, NULL);
}
static void by_debug_register(void)
{
	dr7_write(dr7_read());
}

static void by_sleep(void)
{
	struct sched_poll p = { .timeout = clock_ns() + 3000000 };

	sched_op(SCHEDOP_poll, &p);
}

/* Narrow and wide again: what is switched off for a while stays. */
static void by_xsetbv(void)
{
	if (width == NO_XSAVE)
		return;
	xsetbv(xcr0_all & (BIT(0) | XCR0_SSE));
	(void)cpuid(13, 0);
	by_yield();
	xsetbv(xcr0_all);
}

/* Carried out in the saved state; the moved register is written, with what it has. */
static void by_vector_store(void)
{
	__asm__ volatile("movups %%xmm3, (%0)" : : "r"((ulong_t)0xfee10000) : "memory");
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "CPUID", by_cpuid },
	{ "a port", by_port },
	{ "an MSR", by_msr },
	{ "CR4", by_cr4 },
	{ "DR7", by_debug_register },
	{ "device memory", by_device },
	{ "a hypercall", by_hypercall },
	{ "yielding", by_yield },
	{ "a fault", by_fault },
	{ "sleep", by_sleep },
	{ "XSETBV", by_xsetbv },
	{ "a vector store to device memory", by_vector_store },
};

static void exits(void)
{
	static struct vectors mine, now;

	for (unsigned in_use = 0; in_use <= ALL_IN_USE; in_use++)
		for (unsigned i = 0; i < ARRAY_LEN(ways); i++) {
			fill(&mine, i + 1, in_use);
			load(&mine);
			ways[i].run();
			store(&now);
			if (!same(&mine, &now))
				test_fail("%s, in use %x: register %u changed", ways[i].name,
				          in_use, different(&mine, &now));
		}
	CHECK(same(&mine, &now));
}

/* A load from device memory gives XMM3 its new value and leaves the rest of that register and the others. */
static void vector_load(void)
{
	static struct vectors mine, now;

	for (unsigned in_use = 0; in_use <= ALL_IN_USE; in_use++) {
		fill(&mine, 5, in_use);
		load(&mine);
		__asm__ volatile("movups (%0), %%xmm3" : : "r"((ulong_t)0xfee10000) : "memory");
		store(&now);
		memset(mine.zmm[3], 0xff, 16);
		CHECK_EQ(different(&mine, &now), 99);
	}
}

/* ---- many at once ---------------------------------------------------------------------------------- */
static struct vectors held[4], seen[4];

static void hold(void *arg)
{
	unsigned id = this_cpu()->id;

	(void)arg;
	switch_on();
	/* Each leaves other components in their initial state. */
	fill(&held[id], id + 1,
	     id == 3   ? HIGH_IN_USE
	     : id == 2 ? MASKS_IN_USE | XMM_IN_USE
	               : ALL_IN_USE);
	load(&held[id]);
	for (unsigned i = 0; i < ROUNDS; i++) {
		for (unsigned j = 0; j < 2000; j++)
			barrier();
		if (i % 4 == 0)
			sched_op(SCHEDOP_yield, NULL);
		if (i % 16 == 1)
			by_sleep();
		store(&seen[id]);
		if (!same(&held[id], &seen[id]))
			atomic_add((unsigned *)&lost, 1);
	}
}

static void under_preemption(void)
{
	lost = 0;
	for (unsigned i = 1; i < 4; i++)
		cpu_run(i, hold, NULL);
	hold(NULL);
	for (unsigned i = 1; i < 4; i++)
		CHECK(cpu_wait(i, 20000));
	CHECK_EQ(lost, 0);
}

void guest_setup(void)
{
	cpu_start_all(4);
	if (cpuid(1, 0).c & BIT(26)) {
		struct cpuid_regs valid = cpuid(13, 0);

		xcr0_all = (valid.a | (uint64_t)valid.d << 32) & XCR0_MOVED;
		width = xcr0_all & XCR0_AVX ? WITH_AVX : ONLY_SSE;
		/* Loads of whole opmasks are AVX512BW's. */
		if ((xcr0_all & XCR0_AVX512) == XCR0_AVX512 && (cpuid(7, 0).b & BIT(30)))
			width = WITH_AVX512;
		else
			xcr0_all &= ~XCR0_AVX512;
	}
	switch_on();
}

GUEST_TESTS(TEST(instructions), TEST(exits), TEST(vector_load), TEST(under_preemption));
