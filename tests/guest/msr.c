/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RDMSR and WRMSR: those a kernel lives with, those that are not there. */
#include "guest.h"

struct access {
	uint32_t msr;
	uint64_t value;
};

static void do_read(void *arg)
{
	struct access *a = arg;

	a->value = rdmsr(a->msr);
}

static void do_write(void *arg)
{
	struct access *a = arg;

	wrmsr(a->msr, a->value);
}

static int read_vector(uint32_t msr)
{
	struct access a = { msr, 0 };

	return exception_of(do_read, &a).vector;
}

static int write_vector(uint32_t msr, uint64_t v)
{
	struct access a = { msr, v };

	return exception_of(do_write, &a).vector;
}

static void unknown(void)
{
	static const uint32_t msrs[] = { 0x3fffffff, 0x12345,    0xdead0000,
		                         0xc0ff0000, 0xffffffff, 0x40000100 };

	for (unsigned i = 0; i < ARRAY_LEN(msrs); i++) {
		struct access a = { msrs[i], 0 };
		struct exception e = exception_of(do_read, &a);

		CHECK_EQ(e.vector, VEC_GP);
		CHECK_EQ(e.error, 0);
		CHECK_EQ(write_vector(msrs[i], 0), VEC_GP);
	}
}

/* Written, read back and put back. */
static void kept(uint32_t msr, uint64_t v)
{
	uint64_t old = rdmsr(msr);

	wrmsr(msr, v);
	if (rdmsr(msr) != v)
		test_fail("MSR 0x%x is 0x%llx, not 0x%llx", msr, (unsigned long long)rdmsr(msr),
		          (unsigned long long)v);
	wrmsr(msr, old);
}

static void system_call_msrs(void)
{
	kept(0xc0000081, 0x0023001000000000ull); /* STAR */
	kept(0xc0000082, 0x1234567890ull);       /* LSTAR */
	kept(0xc0000083, 0x1234567890ull);       /* CSTAR */
	kept(0xc0000084, 0x47700);               /* FMASK */
	kept(0x174, 0x10);                       /* SYSENTER_CS */
	kept(0x175, 0x123456);
	kept(0x176, 0x345678);
}

static void segment_bases(void)
{
	kept(0xc0000100, 0x12345678);
	kept(0xc0000101, 0x12345678);
	kept(0xc0000102, 0x12345678);
	if (sizeof(ulong_t) == 8)
		kept(0xc0000100, 0xffff800000000000ull);
}

static void efer(void)
{
	uint64_t old = rdmsr(MSR_EFER);

	CHECK_EQ(!!(old & EFER_LMA), sizeof(ulong_t) == 8);
	CHECK_EQ(old & EFER_SVME, 0);
	wrmsr(MSR_EFER, old ^ 1); /* SCE */
	CHECK_EQ(rdmsr(MSR_EFER) & 1, (old ^ 1) & 1);
	wrmsr(MSR_EFER, old | EFER_NXE);
	CHECK(rdmsr(MSR_EFER) & EFER_NXE);
	wrmsr(MSR_EFER, old);
	CHECK_EQ(write_vector(MSR_EFER, old | 1ull << 63), VEC_GP);
	CHECK_EQ(write_vector(MSR_EFER, old | 1ull << 16), VEC_GP);
	CHECK_EQ(write_vector(MSR_EFER, old | EFER_SVME), VEC_GP);
	if (env_paging)
		CHECK_EQ(write_vector(MSR_EFER, old ^ 1u << 8), VEC_GP); /* LME while paging */
}

static void pat_and_mtrr(void)
{
	uint64_t cap = rdmsr(0xfe);

	CHECK_EQ(rdmsr(0x277), 0x0007040600070406ull);
	kept(0x277, 0x0007010600070406ull);
	CHECK_EQ(write_vector(0x277, 0x0707070707070703ull), VEC_GP); /* type 3 is none */
	CHECK((cap & 0xff) >= 1);
	CHECK_EQ(rdmsr(0x2ff) & 0xff, 6); /* write back by default */
	CHECK_EQ(write_vector(0xfe, cap), VEC_GP);
	CHECK_EQ(write_vector(0x2ff, 0x802), VEC_GP); /* type 2 is none */
	kept(0x200, 0xc0000000);
	kept(0x201, 0);
	kept(0x250, 0x0606060606060606ull);
	CHECK_EQ(write_vector(0x250, 0x0202020202020202ull), VEC_GP);
}

static void apic_base(void)
{
	uint64_t v = rdmsr(MSR_APIC_BASE);

	CHECK(v & APIC_BASE_ENABLE);
	CHECK(v & APIC_BASE_BSP);
	CHECK_EQ(v & ~0xfffull, APIC_BASE_ADDRESS);
	CHECK_EQ(write_vector(MSR_APIC_BASE, v | 1), VEC_GP); /* reserved */
	CHECK_EQ(write_vector(MSR_APIC_BASE, (v & ~(uint64_t)APIC_BASE_ENABLE) | APIC_BASE_X2APIC),
	         VEC_GP);
	CHECK_EQ(read_vector(0x802), VEC_GP); /* x2APIC is off */
}

static void time_stamp_counter(void)
{
	uint64_t a = rdmsr(0x10), b = rdtsc(), c = rdmsr(0x10);

	CHECK(a <= b && b <= c);
}

static void tsc_can_be_set(void)
{
	uint64_t old = rdtsc(), v;

	wrmsr(0x10, 1000);
	v = rdtsc();
	CHECK(v >= 1000 && v < 1000 + 10000000000ull);
	wrmsr(0x10, old + v);
}

/* What a kernel reads while it starts; each is there or raises #GP, and nothing else happens. */
static void early_reads(void)
{
	static const uint32_t there[] = { 0x10,  0x1b,  0xfe,  0x174, 0x179,
		                          0x17a, 0x277, 0x2ff, 0x8b,  0xc0000080 };
	static const uint32_t maybe[] = { 0x17,       0x34,       0x3a,       0x48,
		                          0xce,       0x10a,      0x1a0,      0x1d9,
		                          0x400,      0x401,      0xc0010010, 0xc0010015,
		                          0xc001001f, 0xc0010114, 0xc0010140, 0xc0011029,
		                          0xc0000103 };

	for (unsigned i = 0; i < ARRAY_LEN(there); i++)
		if (read_vector(there[i]) != NO_EXCEPTION)
			test_fail("MSR 0x%x is missing", there[i]);
	for (unsigned i = 0; i < ARRAY_LEN(maybe); i++) {
		int v = read_vector(maybe[i]);

		if (v != NO_EXCEPTION && v != VEC_GP)
			test_fail("MSR 0x%x raised %d", maybe[i], v);
	}
}

static void user_read(void *arg)
{
	rdmsr(0x10);
}

static void from_user_mode(void)
{
	CHECK_EQ(exception_of_user(user_read, NULL).vector, VEC_GP);
}

GUEST_TESTS(TEST(unknown), TEST(system_call_msrs), TEST(segment_bases), TEST(efer),
            TEST(pat_and_mtrr), TEST(apic_base), TEST(time_stamp_counter), TEST(tsc_can_be_set),
            TEST(early_reads), TEST(from_user_mode));
