/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control and debug registers. */
#include "guest.h"

static void write_cr0(void *v)
{
	cr0_write((ulong_t)v);
}

static void write_cr3(void *v)
{
	cr3_write((ulong_t)v);
}

static void write_cr4(void *v)
{
	cr4_write((ulong_t)v);
}

static void cr0_bits(void)
{
	ulong_t old = cr0_read();

	CHECK(old & CR0_PE);
	CHECK_EQ(!!(old & CR0_PG), !!env_paging);
	cr0_write(old | CR0_TS | CR0_MP | CR0_AM | CR0_NE);
	CHECK_EQ(cr0_read() & (CR0_TS | CR0_MP | CR0_AM | CR0_NE),
	         CR0_TS | CR0_MP | CR0_AM | CR0_NE);
	cr0_write(old ^ CR0_WP);
	CHECK_EQ((cr0_read() ^ old) & CR0_WP, CR0_WP);
	cr0_write(old);
	CHECK_EQ(cr0_read(), old);
}

/* A kernel turns caches off and on when it sets MTRRs. */
static void cr0_cache_bits(void)
{
	ulong_t old = cr0_read(), v;
	uint16_t words[2] = { 0x5555, 0x5555 };

	cr0_write(old | CR0_CD);
	CHECK_EQ(cr0_read() & CR0_CD, CR0_CD);
	/* Other readers of CR0 meanwhile */
	__asm__ volatile("smsw %0" : "=r"(v));
	CHECK_EQ((uint32_t)v, (uint32_t)(old | CR0_CD));
	v = ~(ulong_t)0;
	__asm__ volatile("smsw %w0" : "+r"(v));
	CHECK_EQ(v, ~(ulong_t)0xffff | (uint16_t)old);
	__asm__ volatile("smsw %0" : "+m"(words[0]));
	CHECK_EQ(words[0], (uint16_t)old);
	CHECK_EQ(words[1], 0x5555);
	__asm__ volatile("wbinvd" : : : "memory");
	cr0_write(old & ~(ulong_t)(CR0_CD | CR0_NW));
	CHECK_EQ(cr0_read() & (CR0_CD | CR0_NW), 0);
}

static void cr0_bad(void)
{
	ulong_t old = cr0_read();

	CHECK_TRAP(write_cr0, (void *)((old & ~(ulong_t)CR0_PE) | CR0_PG), VEC_GP);
	CHECK_TRAP(write_cr0, (void *)((old & ~(ulong_t)CR0_CD) | CR0_NW), VEC_GP);
	if (sizeof(ulong_t) == 8) {
		CHECK_TRAP(write_cr0, (void *)(ulong_t)(old | 1ull << 32), VEC_GP);
	}
	CHECK_EQ(cr0_read(), old);
}

static void lmsw_and_clts(void)
{
	ulong_t old = cr0_read(), v;

	__asm__ volatile("lmsw %w0" : : "r"(old | CR0_TS | CR0_MP));
	CHECK_EQ(cr0_read() & (CR0_TS | CR0_MP), CR0_TS | CR0_MP);
	__asm__ volatile("clts");
	CHECK_EQ(cr0_read() & CR0_TS, 0);
	/* LMSW sets PE and never clears it. */
	__asm__ volatile("lmsw %w0" : : "r"((ulong_t)0));
	CHECK(cr0_read() & CR0_PE);
	__asm__ volatile("smsw %0" : "=r"(v));
	CHECK(v & CR0_PE);
	cr0_write(old);
}

static void cr3_moves(void)
{
	ulong_t old = cr3_read();

	for (unsigned i = 0; i < 50; i++)
		cr3_write(old);
	CHECK_EQ(cr3_read(), old);
}

/* A new translation must show after MOV CR3 and after INVLPG. */
static void translations_are_flushed(void)
{
	uint8_t *a = page_alloc(), *b = page_alloc();
	volatile uint8_t *w = window_address(3);

	if (!env_paging)
		return;
	*a = 1;
	*b = 2;
	for (unsigned i = 0; i < 20; i++) {
		window_map(3, HC_PTR(a), PTE_P | PTE_W);
		CHECK_EQ(*w, 1);
		window_map(3, HC_PTR(b), PTE_P | PTE_W);
		cr3_write(cr3_read());
		CHECK_EQ(*w, 2);
	}
	window_clear(3);
}

static void cr4_bits(void)
{
	ulong_t old = cr4_read();

	cr4_write(old | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE | CR4_TSD | CR4_PCE);
	CHECK_EQ(cr4_read() & (CR4_OSFXSR | CR4_DE | CR4_TSD), CR4_OSFXSR | CR4_DE | CR4_TSD);
	cr4_write(old ^ CR4_PGE);
	CHECK_EQ((cr4_read() ^ old) & CR4_PGE, CR4_PGE);
	cr4_write(old);
	CHECK_EQ(cr4_read(), old);
}

static void cr4_bad(void)
{
	ulong_t old = cr4_read();

	CHECK_TRAP(write_cr4, (void *)(old | CR4_VMXE), VEC_GP);
	CHECK_TRAP(write_cr4, (void *)(old | 1ul << 30), VEC_GP);
	if (sizeof(ulong_t) == 8)
		CHECK_TRAP(write_cr4, (void *)(old & ~(ulong_t)CR4_PAE), VEC_GP);
	CHECK_EQ(cr4_read(), old);
}

static void user_rdtsc(void *arg)
{
	rdtsc();
}

static void time_stamp_disable(void)
{
	ulong_t old = cr4_read();

	CHECK_EQ(exception_of_user(user_rdtsc, NULL).vector, NO_EXCEPTION);
	cr4_write(old | CR4_TSD);
	CHECK_EQ(exception_of_user(user_rdtsc, NULL).vector, VEC_GP);
	rdtsc();
	cr4_write(old);
}

static void user_cr0(void *arg)
{
	cr0_read();
}

static void from_user_mode(void)
{
	CHECK_EQ(exception_of_user(user_cr0, NULL).vector, VEC_GP);
	CHECK_EQ(exception_of_user(write_cr3, (void *)cr3_read()).vector, VEC_GP);
}

static void debug_registers(void)
{
	dr0_write(0x123450);
	dr1_write(0x123454);
	dr2_write(0x123458);
	dr3_write(0x12345c);
	CHECK_EQ(dr0_read(), 0x123450);
	CHECK_EQ(dr1_read(), 0x123454);
	CHECK_EQ(dr2_read(), 0x123458);
	CHECK_EQ(dr3_read(), 0x12345c);
	CHECK_EQ(dr6_read() & 0xffff0ff0u, 0xffff0ff0u);
	CHECK_EQ(dr7_read() & ~(ulong_t)0x300, 0x400);
	/* Another turn on the processor does not lose them. */
	for (unsigned i = 0; i < 5; i++)
		sched_op(SCHEDOP_yield, NULL);
	CHECK_EQ(dr2_read(), 0x123458);
	dr7_write(0x455);
	CHECK_EQ(dr7_read() & 0xff, 0x55);
	dr7_write(0x400);
}

static volatile unsigned watched, hits;

static void hit(struct trap_frame *f)
{
	hits++;
}

static void watch_point(void)
{
	trap_handle(VEC_DB, hit);
	dr0_write(HC_PTR(&watched));
	dr6_write(0xffff0ff0u);
	dr7_write(0x000d0402); /* G0, write, four bytes */
	watched = 5;
	barrier();
	CHECK_EQ(hits, 1);
	CHECK_EQ(dr6_read() & 0xf, 1);
	sched_op(SCHEDOP_yield, NULL); /* still armed after a turn */
	watched = 6;
	barrier();
	CHECK_EQ(hits, 2);
	dr7_write(0x400);
	watched = 7;
	CHECK_EQ(hits, 2);
	trap_handle(VEC_DB, NULL);
}

#ifdef __x86_64__
static void write_cr8(void *v)
{
	__asm__ volatile("mov %0, %%cr8" : : "r"((ulong_t)v));
}

static void cr8_is_tpr(void)
{
	ulong_t v;

	write_cr8((void *)5);
	CHECK_EQ(lapic_read(APIC_TPR), 0x50);
	lapic_write(APIC_TPR, 0x90);
	__asm__ volatile("mov %%cr8, %0" : "=r"(v));
	CHECK_EQ(v, 9);
	write_cr8(NULL);
	CHECK_EQ(lapic_read(APIC_TPR), 0);
}
#else
static void cr8_is_tpr(void)
{
}
#endif

static void set_xcr0(void *v)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)(ulong_t)v), "d"(0));
}

static void xsetbv(void)
{
	uint32_t lo, hi;

	if (!(cpuid(1, 0).c & 1u << 26)) {
		CHECK_TRAP(set_xcr0, (void *)1, VEC_UD);
		return;
	}
	CHECK_TRAP(set_xcr0, (void *)1, VEC_UD); /* CR4.OSXSAVE is clear */
	cr4_write(cr4_read() | CR4_OSXSAVE);
	set_xcr0((void *)3);
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	CHECK_EQ(lo, 3);
	CHECK_TRAP(set_xcr0, (void *)2, VEC_GP); /* without x87 */
	CHECK_TRAP(set_xcr0, (void *)4, VEC_GP); /* AVX without SSE */
	set_xcr0((void *)1);
	cr4_write(cr4_read() & ~(ulong_t)CR4_OSXSAVE);
}

GUEST_TESTS(TEST(cr0_bits), TEST(cr0_cache_bits), TEST(cr0_bad), TEST(lmsw_and_clts),
            TEST(cr3_moves), TEST(translations_are_flushed), TEST(cr4_bits), TEST(cr4_bad),
            TEST(time_stamp_disable), TEST(from_user_mode), TEST(debug_registers),
            TEST(watch_point), TEST(cr8_is_tpr), TEST(xsetbv));
