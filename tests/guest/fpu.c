/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four vcpus on two processors, each with numbers of its own in x87, SSE and MXCSR: they must stay. */
#include "guest.h"

#define ROUNDS 300

static volatile unsigned lost;

struct image {
	uint8_t bytes[512] __attribute__((aligned(16)));
};

/* An FXSAVE image full of a CPU's own pattern. */
static void make_image(struct image *m, unsigned cpu)
{
	memset(m, 0, sizeof(*m));
	*(uint16_t *)m->bytes = (uint16_t)(0x037f - (cpu & 3));  /* FCW: some exceptions unmasked */
	m->bytes[4] = 0xff;                                      /* all registers in use */
	*(uint32_t *)(m->bytes + 24) = 0x1f80 ^ (cpu & 3) << 13; /* MXCSR: rounding */
	for (unsigned i = 0; i < 8; i++)
		for (unsigned j = 0; j < 8; j++)
			m->bytes[32 + i * 16 + j] = (uint8_t)(cpu * 16 + i + j);
	for (unsigned i = 0; i < 8; i++)
		*(uint16_t *)(m->bytes + 32 + i * 16 + 8) = 0x4000;
	for (unsigned i = 0; i < (sizeof(ulong_t) == 8 ? 16u : 8u) * 16; i++)
		m->bytes[160 + i] = (uint8_t)(cpu * 32 + i);
}

static bool same(const struct image *a, const struct image *b)
{
	return !memcmp(a->bytes, b->bytes, 2) && a->bytes[4] == b->bytes[4] &&
	       !memcmp(a->bytes + 24, b->bytes + 24, 4) &&
	       !memcmp(a->bytes + 32, b->bytes + 32, sizeof(ulong_t) == 8 ? 384 : 256);
}

static void hold(void *arg)
{
	struct image mine, now;

	cr4_write(cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT);
	cr0_write((cr0_read() | CR0_MP | CR0_NE) & ~(ulong_t)(CR0_TS | CR0_EM));
	make_image(&mine, this_cpu()->id);
	__asm__ volatile("fxrstor %0" : : "m"(mine));
	for (unsigned i = 0; i < ROUNDS; i++) {
		for (unsigned j = 0; j < 2000; j++)
			barrier();
		if (i % 4 == 0)
			sched_op(SCHEDOP_yield, NULL);
		memset(&now, 0, sizeof(now));
		__asm__ volatile("fxsave %0" : "=m"(now));
		if (!same(&mine, &now))
			atomic_add((unsigned *)&lost, 1);
	}
}

static void initial_state(void)
{
	struct image m;

	cr4_write(cr4_read() | CR4_OSFXSR);
	__asm__ volatile("fninit; fxsave %0" : "=m"(m));
	CHECK_EQ(*(uint16_t *)m.bytes, 0x37f);
	CHECK_EQ(*(uint32_t *)(m.bytes + 24), 0x1f80);
}

static void alone(void)
{
	lost = 0;
	hold(NULL);
	CHECK_EQ(lost, 0);
}

static void under_preemption(void)
{
	lost = 0;
	for (unsigned i = 1; i < 4; i++)
		cpu_run(i, hold, NULL);
	hold(NULL);
	for (unsigned i = 1; i < 4; i++)
		CHECK(cpu_wait(i, 10000));
	CHECK_EQ(lost, 0);
}

/* The state of one vcpu is there after it slept, and a hypercall does not touch it. */
static void across_sleep(void)
{
	struct image mine, now;
	struct sched_poll p = { .timeout = clock_ns() + 5000000 };

	make_image(&mine, 9);
	memset(&now, 0, sizeof(now));
	__asm__ volatile("fxrstor %0" : : "m"(mine));
	sched_op(SCHEDOP_poll, &p);
	__asm__ volatile("fxsave %0" : "=m"(now));
	CHECK(same(&mine, &now));
}

void guest_setup(void)
{
	cpu_start_all(4);
}

GUEST_TESTS(TEST(initial_state), TEST(alone), TEST(under_preemption), TEST(across_sleep));
