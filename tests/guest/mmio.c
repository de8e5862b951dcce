/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nested page faults: nothing behind a frame, all kinds of instructions; frames that come and go. */
#include "guest.h"

/* In the window of the local APICs, which no domain may touch directly, behind the one page where its own answers. */
static volatile uint8_t *nobody(void)
{
	return (volatile uint8_t *)(ulong_t)0xfee10000;
}

static void reads(void)
{
	CHECK_EQ(*nobody(), 0xff);
	CHECK_EQ(*(volatile uint16_t *)nobody(), 0xffff);
	CHECK_EQ(*(volatile uint32_t *)(nobody() + 8), 0xffffffffu);
	CHECK_EQ(*(volatile ulong_t *)(nobody() + 16), (ulong_t)-1);
	CHECK_EQ(*(volatile uint16_t *)(nobody() + 1), 0xffff);
}

static void writes(void)
{
	*nobody() = 1;
	*(volatile uint16_t *)nobody() = 2;
	*(volatile uint32_t *)nobody() = 3;
	*(volatile ulong_t *)nobody() = 4;
	CHECK_EQ(*nobody(), 0xff);
}

/* The operand forms that compilers give for device registers. */
static void instructions(void)
{
	volatile uint8_t *p = nobody();
	ulong_t v;
	bool carry;

	__asm__ volatile("movzbl (%1), %k0" : "=r"(v) : "r"(p));
	CHECK_EQ(v, 0xff);
	__asm__ volatile("movsbl (%1), %k0" : "=r"(v) : "r"(p));
	CHECK_EQ((uint32_t)v, 0xffffffffu);
	__asm__ volatile("movzwl (%1), %k0" : "=r"(v) : "r"(p));
	CHECK_EQ(v, 0xffff);
	__asm__ volatile("movl $5, (%0)" : : "r"(p) : "memory");
	__asm__ volatile("testb $1, (%1); setnz %0" : "=q"(carry) : "r"(p) : "cc");
	CHECK_EQ(carry, 1);
	__asm__ volatile("cmpl $-1, (%1); sete %0" : "=q"(carry) : "r"(p) : "cc");
	CHECK_EQ(carry, 1);
	__asm__ volatile("orl $1, (%0)" : : "r"(p) : "memory", "cc");
	__asm__ volatile("andl $1, (%0)" : : "r"(p) : "memory", "cc");
	__asm__ volatile("btl $3, (%1); setc %0" : "=q"(carry) : "r"(p) : "cc");
	CHECK_EQ(carry, 1);
	v = 0x55;
	__asm__ volatile("xchgl %k0, (%1)" : "+r"(v) : "r"(p) : "memory");
	CHECK_EQ((uint32_t)v, 0xffffffffu);
	v = 1;
	__asm__ volatile("addl (%1), %k0" : "+r"(v) : "r"(p) : "cc");
	CHECK_EQ((uint32_t)v, 0);
}

static void string_copies(void)
{
	uint8_t *ram = page_alloc();

	memcpy(ram, (const void *)nobody(), 64);
	CHECK(ram[0] == 0xff && ram[63] == 0xff && !ram[64]);
	memset(ram, 3, 64);
	memcpy((void *)nobody(), ram, 64);
	memset((void *)nobody(), 0, 100);
	CHECK_EQ(*nobody(), 0xff);
}

/* Longer than what one exit carries out, over frame borders, both ways; and the comparing ones. */
static void string_instructions(void)
{
	uint8_t *ram = page_alloc_many(3, 1);
	const volatile void *from = nobody() + 1;
	void *to = ram + 2;
	ulong_t n = 2000, eax = 0xff;
	bool equal;

	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
	CHECK_EQ(n, 0);
	CHECK_EQ((ulong_t)from, (ulong_t)nobody() + 8001);
	CHECK_EQ((ulong_t)to, (ulong_t)ram + 8002);
	CHECK(!ram[1] && ram[2] == 0xff && ram[8001] == 0xff && !ram[8002]);
	from = ram + 8001;
	to = (void *)(nobody() + 8000);
	n = 5000;
	__asm__ volatile("std; rep movsb; cld" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
	CHECK_EQ(n, 0);
	CHECK_EQ((ulong_t)to, (ulong_t)nobody() + 3000);
	from = nobody();
	to = ram + 4000;
	ram[4700] = 0;
	n = 3000;
	__asm__ volatile("repe cmpsb; sete %3"
	                 : "+S"(from), "+D"(to), "+c"(n), "=q"(equal)
	                 :
	                 : "memory", "cc");
	CHECK_EQ(equal, 0);
	CHECK_EQ(n, 3000 - 701);
	CHECK_EQ((ulong_t)to, (ulong_t)ram + 4701);
	to = (void *)nobody();
	n = 600;
	__asm__ volatile("repe scasb; sete %2"
	                 : "+D"(to), "+c"(n), "=q"(equal)
	                 : "a"(eax)
	                 : "memory", "cc");
	CHECK_EQ(equal, 1);
	CHECK_EQ(n, 0);
}

static void vector_moves(void)
{
	struct {
		uint32_t word[4];
	} v = { { 1, 2, 3, 4 } }, ones = v;
	ulong_t cr4 = cr4_read();

	cr4_write(cr4 | CR4_OSFXSR);
	/* the registers live on through the exits */
	__asm__ volatile("movups %3, %%xmm1; movups %2, %%xmm0; movups %%xmm1, %2;"
	                 "movups %%xmm0, %1; movups %%xmm1, %0"
	                 : "=m"(v), "=m"(ones), "+m"(*(struct { char c[16]; } *)(nobody() + 4))
	                 : "m"(v));
	CHECK_EQ(ones.word[0], 0xffffffffu);
	CHECK_EQ(ones.word[3], 0xffffffffu);
	CHECK_EQ(v.word[0], 1);
	CHECK_EQ(v.word[3], 4);
	__asm__ volatile("movd %1, %%xmm0; movups %%xmm0, %0"
	                 : "=m"(v)
	                 : "m"(*(const volatile uint32_t *)nobody()));
	CHECK_EQ(v.word[0], 0xffffffffu);
	CHECK_EQ(v.word[1], 0);
	cr4_write(cr4);
}

static void pushes(void)
{
	ulong_t v;

	__asm__ volatile("push %1; pop %0" : "=r"(v) : "m"(*(const volatile ulong_t *)nobody()));
	CHECK_EQ(v, (ulong_t)-1);
}

static void across_two_frames(void)
{
	volatile uint32_t *p = (volatile uint32_t *)(nobody() + 4096 - 2);

	CHECK_EQ(*p, 0xffffffffu);
	*p = 1;
}

static void frame_taken_away(void)
{
	uint8_t *page = page_alloc();
	xen_pfn_t f = page_frame(page);
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	r.extent_start.p = &f;
	page[3] = 0x12;
	CHECK_EQ(*(volatile uint8_t *)(page + 3), 0x12);
	CHECK_EQ(memory_op(XENMEM_decrease_reservation, &r), 1);
	CHECK_EQ(*(volatile uint8_t *)(page + 3), 0xff); /* no stale translation */
	*(volatile uint8_t *)(page + 3) = 0x34;
	CHECK_EQ(memory_op(XENMEM_populate_physmap, &r), 1);
	*(volatile uint8_t *)(page + 3) = 0x56;
	CHECK_EQ(*(volatile uint8_t *)(page + 3), 0x56);
}

/* What a mapped frame held before is gone; what is mapped now shows at once. */
static void frame_replaced(void)
{
	volatile uint32_t *page = page_alloc();
	struct xen_add_to_physmap a = { .domid = DOMID_SELF,
		                        .space = XENMAPSPACE_grant_table,
		                        .gpfn = page_frame((void *)page) };
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = a.gpfn };

	page[1000] = 0x12345678;
	CHECK_EQ(memory_op(XENMEM_add_to_physmap, &a), 0);
	CHECK_EQ(page[1000], 0);
	CHECK_EQ(memory_op(XENMEM_remove_from_physmap, &r), 0);
	CHECK_EQ(page[1000], 0xffffffffu);
}

static void first_touches(void)
{
	volatile uint8_t *pages = page_alloc_many(600, 1);

	for (unsigned i = 0; i < 600; i++)
		pages[i * 4096] = (uint8_t)i;
	for (unsigned i = 0; i < 600; i++)
		CHECK_EQ(pages[i * 4096], (uint8_t)i);
}

/* Above 4 GiB, and as far as the processor says that addresses go: the machine's own bus answers the first domain there, with whatever it has. */
static void far_away(void)
{
	unsigned bits = cpuid(0x80000008, 0).a & 0xff;
	volatile uint8_t *p = window_address(0);
	uint8_t first;

	if (!env_paging)
		return;
	window_map(0, 1ull << (bits - 1), PTE_P | PTE_W);
	first = *p;
	*p = 1;
	CHECK_EQ(*p, first);
	window_map(0, 0x180000000ull, PTE_P | PTE_W);
	CHECK(*p == 0xff || *p == 0);
	window_clear(0);
}

static void user_read(void *arg)
{
	*(uint8_t *)arg = *nobody();
}

static void from_user_mode(void)
{
	uint8_t v = 0;

	CHECK_EQ(exception_of_user(user_read, &v).vector, NO_EXCEPTION);
	CHECK_EQ(v, 0xff);
}

GUEST_TESTS(TEST(reads), TEST(writes), TEST(instructions), TEST(string_copies),
            TEST(string_instructions), TEST(vector_moves), TEST(pushes), TEST(across_two_frames),
            TEST(frame_taken_away), TEST(frame_replaced), TEST(first_touches), TEST(far_away),
            TEST(from_user_mode));
