/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device model that is up to no good: what somebody could do who got hold of one by a fault in a chip. It makes no board; at the guest's first access it does what the last byte
 * of the first network card's address says. Nothing but its guest may be hurt by it (../hvm-attack.sh).
 */
#include "call.h"
#include "errno.h"

uint64_t devmodel_entry(uint64_t kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

#define DIRECT_MAP    0xffff800000000000ull
#define IMAGE_OF_XEN  0xffffffff80200000ull
#define NOT_CANONICAL 0x0000900000000000ull

static uint32_t random_state = 1;

static uint64_t random64(void)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 3; i++) {
		random_state = random_state * 1664525 + 1013904223;
		r = r << 24 ^ random_state >> 4;
	}
	return r;
}

static uint8_t peek(uint64_t at)
{
	return *(volatile uint8_t *)at;
}

static void poke(uint64_t at)
{
	*(volatile uint64_t *)at = 0x4141414141414141;
}

static void jump(uint64_t at)
{
	((void (*)(void))at)();
}

/* ---- wild reads, writes and jumps ---- */

static void read_direct_map(void)
{
	peek(DIRECT_MAP + MIB(2));
}
static void read_hypervisor(void)
{
	peek(IMAGE_OF_XEN);
}
static void read_nothing(void)
{
	peek(0);
}
static void read_strange(void)
{
	peek(NOT_CANONICAL);
}
static void write_direct_map(void)
{
	poke(DIRECT_MAP + MIB(2));
}
static void write_hypervisor(void)
{
	poke(IMAGE_OF_XEN);
}
static void write_own_code(void)
{
	poke(DEVMODEL_IMAGE);
}
static void write_past_vram(void)
{
	poke(DEVMODEL_VRAM + DEVMODEL_VRAM_MAX + MIB(1));
}
static void jump_to_data(void)
{
	jump((uint64_t)&random_state);
}
static void jump_to_shared(void)
{
	jump(DEVMODEL_SHARED);
}
static void jump_to_hypervisor(void)
{
	jump(IMAGE_OF_XEN);
}
static void jump_to_guest_ram(void)
{
	jump(DEVMODEL_GUEST + 0x1000);
}

/* ---- time and memory ---- */

static void loop(void)
{
	for (;;)
		__asm__ volatile("");
}

/* Interrupts cannot be kept away. */
static void loop_uninterrupted(void)
{
	__asm__ volatile("pushfq\n\tandq $~0x200, (%%rsp)\n\tpopfq" : : : "memory", "cc");
	loop();
}

static void loop_of_calls(void)
{
	for (;;)
		devmodel_call(DEVMODEL_CALL_NOW, 0, 0, 0, 0);
}

static void loop_of_text(void)
{
	for (;;)
		devmodel_call(DEVMODEL_CALL_TEXT, DEVMODEL_TEXT_SERIAL, DEVMODEL_TEXT, 0, 0);
}

static noinline_fn uint64_t deeper(uint64_t n)
{
	volatile uint64_t here[32] = { n };

	return n ? here[0] + deeper(n + 1) + here[1] : 0;
}

static void stack_overflow(void)
{
	deeper(1);
}

static void all_memory(void)
{
	for (uint64_t at = 0; at < DEVMODEL_GUEST_MAX; at += 1ull << 30)
		peek(DEVMODEL_GUEST + at);
	loop();
}

/* ---- what only the hypervisor may ---- */

static void do_hlt(void)
{
	__asm__ volatile("hlt");
}
static void do_cli(void)
{
	__asm__ volatile("cli");
}
static void do_out(void)
{
	__asm__ volatile("out %%al, $0x80" : : "a"(0));
}
static void do_wrmsr(void)
{
	__asm__ volatile("wrmsr" : : "c"(0xc0000080), "a"(0), "d"(0));
}
static void do_cr3(void)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(0ull) : "memory");
}
static void do_lgdt(void)
{
	__asm__ volatile("lgdt (%0)" : : "r"(DEVMODEL_SHARED) : "memory");
}
static void do_int2(void)
{
	__asm__ volatile("int $2");
}
static void do_int80(void)
{
	__asm__ volatile("int $0x80");
}
static void do_int3(void)
{
	__asm__ volatile("int3");
}
static void do_syscall(void)
{
	__asm__ volatile("syscall" : : : "rcx", "r11", "memory");
}
static void do_sysenter(void)
{
	__asm__ volatile("sysenter" : : : "memory");
}
static void do_vmrun(void)
{
	__asm__ volatile("vmrun" : : "a"(0));
}
static void do_vmmcall(void)
{
	__asm__ volatile("vmmcall" : : "a"(0));
}
static void do_fpu(void)
{
	__asm__ volatile("fninit");
}
static void do_single_step(void)
{
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop" : : : "memory", "cc");
}

/* The hypervisor's own code segment. */
static void far_return(void)
{
	__asm__ volatile("push %0\n\tpush %1\n\tlretq" : : "r"(8ull), "r"(IMAGE_OF_XEN) : "memory");
}

/* Segments emptied and the stack nowhere, then calls: these have to come back all the same; then a fault so. */
static void segments_and_stack(void)
{
	__asm__ volatile("mov %0, %%ds\n\tmov %0, %%es\n\tmov %0, %%fs\n\tmov %0, %%gs" : : "r"(0));
	for (unsigned i = 0; i < 1000; i++)
		devmodel_call(DEVMODEL_CALL_NOW, 0, 0, 0, 0);
	__asm__ volatile("mov %0, %%rsp\n\tmov %1, %%eax\n\tint %2\n\tud2"
	                 :
	                 : "r"(DIRECT_MAP + MIB(4)), "i"(DEVMODEL_CALL_NOW),
	                   "i"(DEVMODEL_CALL_VECTOR)
	                 : "memory", "rax");
}

/* ---- wild calls: whatever they do, it is to this guest ---- */

static uint64_t argument(void)
{
	static const uint64_t interesting[] = { 0,           1,      2,
		                                4095,        4096,   0xa0000,
		                                MIB(1),      GIB(4), DEVMODEL_GUEST_MAX,
		                                1ull << 63,  ~0ull,  DIRECT_MAP,
		                                IMAGE_OF_XEN };
	uint64_t r = random64();

	return r & 1 ? interesting[r / 2 % (sizeof(interesting) / sizeof(interesting[0]))]
	             : r >> r % 64;
}

static void wild_calls(void)
{
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t number = 1 + random64() % (DEVMODEL_NR_CALLS + 2);

		if (number == DEVMODEL_CALL_TEXT && i % 64) /* the console is for others, too */
			continue;
		devmodel_call((enum devmodel_call)number, argument(), argument(), argument(),
		              argument());
	}
	__asm__ volatile("ud2");
}

/* ---- which ---- */

static void (*const attacks[])(void) = {
	read_direct_map,
	read_hypervisor,
	read_nothing,
	read_strange,
	write_direct_map,
	write_hypervisor,
	write_own_code,
	write_past_vram,
	jump_to_data,
	jump_to_shared,
	jump_to_hypervisor,
	jump_to_guest_ram,
	loop,
	loop_uninterrupted,
	loop_of_calls,
	loop_of_text,
	stack_overflow,
	all_memory,
	do_hlt,
	do_cli,
	do_out,
	do_wrmsr,
	do_cr3,
	do_lgdt,
	do_int2,
	do_int80,
	do_int3,
	do_syscall,
	do_sysenter,
	do_vmrun,
	do_vmmcall,
	do_fpu,
	do_single_step,
	far_return,
	segments_and_stack,
	wild_calls,
};

uint64_t devmodel_entry(uint64_t kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint8_t which = devmodel_shared()->board.nics[0].mac[5];

	random_state = which + 1;
	if (kind != DEVMODEL_START && which < sizeof(attacks) / sizeof(attacks[0]))
		attacks[which]();
	return kind == DEVMODEL_START ? 0 : ~0ull;
}
