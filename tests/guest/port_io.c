/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port exits: all sizes, string forms, ports that nobody has. */
#include "guest.h"

#define NOBODY \
	0x3f8 /* the serial port: the hypervisor has it, so each access exits and nobody answers */

static void reads_of_nobody(void)
{
	for (unsigned i = 0; i <= 4; i++) {
		CHECK_EQ(in8((uint16_t)(NOBODY + i)), 0xff);
		CHECK_EQ(in16((uint16_t)(NOBODY + i)), 0xffff);
		CHECK_EQ(in32((uint16_t)(NOBODY + i)), 0xffffffffu);
	}
}

/* Narrow reads leave the rest of RAX alone, a 32-bit one clears its upper half. */
static void register_parts(void)
{
	ulong_t a = (ulong_t)0x1122334455667788ull;

	__asm__ volatile("inb %%dx, %%al" : "+a"(a) : "d"(NOBODY));
	CHECK_EQ(a, (ulong_t)0x11223344556677ffull);
	__asm__ volatile("inw %%dx, %%ax" : "+a"(a) : "d"(NOBODY));
	CHECK_EQ(a, (ulong_t)0x112233445566ffffull);
	__asm__ volatile("inl %%dx, %%eax" : "+a"(a) : "d"(NOBODY));
	CHECK_EQ(a, (ulong_t)0xffffffffull);
}

static void immediate_ports(void)
{
	uint8_t a = 0;

	__asm__ volatile("inb $0xe1, %0" : "=a"(a));
	CHECK_EQ(a, 0xff);
	__asm__ volatile("outb %0, $0xe1" : : "a"(a));
}

static void writes_to_nobody(void)
{
	for (unsigned i = 0; i <= 4; i++) {
		out8((uint16_t)(NOBODY + i), 1);
		out16((uint16_t)(NOBODY + i), 2);
		out32((uint16_t)(NOBODY + i), 3);
	}
	CHECK_EQ(in8(NOBODY), 0xff);
}

static void last_ports(void)
{
	CHECK_EQ(in8(0xffff), 0xff);
	in16(0xffff);
	in32(0xfffd);
	CHECK_EQ(in8(NOBODY), 0xff);
}

#define STRING_IN(letter, buf, count)                                                              \
	({                                                                                         \
		void *to_ = (buf);                                                                 \
		ulong_t n_ = (count);                                                              \
		__asm__ volatile("rep ins" letter : "+D"(to_), "+c"(n_) : "d"(NOBODY) : "memory"); \
		CHECK_EQ(n_, 0);                                                                   \
		to_;                                                                               \
	})
#define STRING_OUT(letter, buf, count)                   \
	({                                               \
		const void *from_ = (buf);               \
		ulong_t n_ = (count);                    \
		__asm__ volatile("rep outs" letter       \
		                 : "+S"(from_), "+c"(n_) \
		                 : "d"(NOBODY)           \
		                 : "memory");            \
		CHECK_EQ(n_, 0);                         \
		from_;                                   \
	})

static void string_in(void)
{
	uint8_t *p = page_alloc_many(4, 1);

	CHECK(STRING_IN("b", p, 100) == p + 100);
	CHECK(p[0] == 0xff && p[99] == 0xff && !p[100]);
	CHECK(STRING_IN("w", p + 200, 100) == p + 400);
	CHECK(p[200] == 0xff && p[399] == 0xff && !p[400]);
	CHECK(STRING_IN("l", p + 500, 100) == p + 900);
	CHECK(p[500] == 0xff && p[899] == 0xff && !p[900]);
	/* Across pages, unaligned. */
	CHECK(STRING_IN("l", p + 4001, 1500) == p + 10001);
	CHECK(!p[4000] && p[4001] == 0xff && p[10000] == 0xff && !p[10001]);
	CHECK(STRING_IN("b", p + 12000, 0) == p + 12000);
	CHECK(!p[12000]);
}

static void string_out(void)
{
	uint8_t *p = page_alloc_many(4, 1);

	CHECK(STRING_OUT("b", p, 100) == p + 100);
	CHECK(STRING_OUT("w", p, 100) == p + 200);
	CHECK(STRING_OUT("l", p + 1, 2500) == p + 10001);
	CHECK(STRING_OUT("b", p, 0) == p);
}

static void string_backwards(void)
{
	uint8_t *p = page_alloc(), *to = p + 100;
	ulong_t n = 8;

	__asm__ volatile("std; rep insw; cld" : "+D"(to), "+c"(n) : "d"(NOBODY) : "memory");
	CHECK(to == p + 84);
	CHECK(p[86] == 0xff && p[101] == 0xff && !p[85] && !p[102]);
}

static void string_single(void)
{
	uint8_t *p = page_alloc();
	void *to = p;
	const void *from = p;

	__asm__ volatile("insb" : "+D"(to) : "d"(NOBODY) : "memory");
	CHECK(to == p + 1 && p[0] == 0xff && !p[1]);
	__asm__ volatile("outsl" : "+S"(from) : "d"(NOBODY) : "memory");
	CHECK(from == p + 4);
}

/* Where no memory is: the string goes on to its end, and a device there gets it. */
static void string_to_devices(void)
{
	uint8_t *hole = (uint8_t *)0xfee10000, *to = hole;
	uint32_t *tpr = (uint32_t *)(APIC_BASE_ADDRESS + 0x80);
	ulong_t n = 100;
	const void *from = hole;

	__asm__ volatile("rep insb" : "+D"(to), "+c"(n) : "d"(NOBODY) : "memory");
	CHECK(to == hole + 100 && n == 0);
	CHECK(STRING_OUT("l", hole, 3) == hole + 12);
	lapic_enable();
	to = (uint8_t *)tpr;
	__asm__ volatile("insl" : "+D"(to) : "d"(NOBODY) : "memory");
	CHECK(to == (uint8_t *)(tpr + 1));
	CHECK_EQ(lapic_read(APIC_TPR), 0xff);
	from = tpr;
	__asm__ volatile("outsl" : "+S"(from) : "d"(NOBODY) : "memory");
	CHECK(from == tpr + 1);
	lapic_write(APIC_TPR, 0);
}

static void in_to_unmapped(void *arg)
{
	void *to = arg;
	ulong_t n = 8;

	__asm__ volatile("rep insb" : "+D"(to), "+c"(n) : "d"(NOBODY) : "memory");
}

/* The buffer faults: #PF in the guest, at the right address, with the write bit. */
static void string_in_faults(void)
{
	struct exception e;
	uint8_t *page = page_alloc();

	if (!env_paging)
		return;
	e = exception_of(in_to_unmapped, bad_pointer());
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.address, HC_PTR(bad_pointer()));
	CHECK_EQ(e.error, 2);
	window_map(0, HC_PTR(page), PTE_P | PTE_W);
	window_clear(1);
	e = exception_of(in_to_unmapped, (uint8_t *)window_address(1) - 4);
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.address, HC_PTR(window_address(1)));
	CHECK_EQ(page[4092], 0xff);
	CHECK_EQ(page[4095], 0xff);
	window_clear(0);
}

static void user_in(void *arg)
{
	in8(NOBODY);
}

static void from_user_mode(void)
{
	CHECK_EQ(exception_of_user(user_in, NULL).vector, VEC_GP);
}

/* Ports that kernels poke at blindly while they start. */
static void usual_suspects(void)
{
	static const uint16_t ports[] = { 0x80, 0xed, 0xe9, 0x22, 0x92, 0x2f8, 0x378, 0x4d0 };

	for (unsigned i = 0; i < ARRAY_LEN(ports); i++) {
		uint8_t v = in8(ports[i]);

		if (ports[i] != 0x92 && ports[i] != 0xe9)
			out8(ports[i], v);
	}
	CHECK_EQ(in8(NOBODY), 0xff);
}

GUEST_TESTS(TEST(reads_of_nobody), TEST(register_parts), TEST(immediate_ports),
            TEST(writes_to_nobody), TEST(last_ports), TEST(string_in), TEST(string_out),
            TEST(string_backwards), TEST(string_single), TEST(string_in_faults),
            TEST(string_to_devices), TEST(from_user_mode), TEST(usual_suspects));
