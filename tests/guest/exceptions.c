/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions inside a guest: delivered as the processor would, with or without the hypervisor in between. */
#include "guest.h"

ASM_FUNCTION(divide, "xor %%ecx, %%ecx; xor %%edx, %%edx; div %%ecx")
ASM_FUNCTION(undefined, "ud2")
ASM_FUNCTION(break_point, "int3")
ASM_FUNCTION(int_vector, "int $0x41")
ASM_FUNCTION(overflow_gate, "int $4")
ASM_FUNCTION(load_bad_selector, "mov $0x1008, %%eax; mov %%eax, %%fs")
ASM_FUNCTION(load_absent_segment, "mov $0x48, %%eax; mov %%eax, %%fs")
ASM_FUNCTION(load_absent_stack, "mov $0x48, %%eax; mov %%eax, %%ss")
ASM_FUNCTION(privileged, "hlt")

static void read_byte(void *p)
{
	*(volatile uint8_t *)p;
}

static void write_byte(void *p)
{
	*(volatile uint8_t *)p = 1;
}

static void simple_ones(void)
{
	CHECK_TRAP(divide, NULL, VEC_DE);
	CHECK_TRAP(undefined, NULL, VEC_UD);
	CHECK_TRAP(break_point, NULL, VEC_BP);
	CHECK_TRAP(overflow_gate, NULL, VEC_OF);
}

static void addresses(void)
{
	struct exception e = exception_of(undefined, NULL);

	CHECK_EQ(*(volatile uint16_t *)e.ip, 0x0b0f);
	e = exception_of(break_point, NULL);
	CHECK_EQ(*(volatile uint8_t *)(e.ip - 1), 0xcc);
}

static void error_codes(void)
{
	struct exception e = exception_of(load_bad_selector, NULL);

	CHECK_EQ(e.vector, VEC_GP);
	CHECK_EQ(e.error, 0x1008);
	e = exception_of(load_absent_segment, NULL);
	CHECK_EQ(e.vector, VEC_NP);
	CHECK_EQ(e.error, 0x48);
	e = exception_of(load_absent_stack, NULL);
	CHECK_EQ(e.vector, VEC_SS);
	CHECK_EQ(e.error, 0x48);
}

static void page_faults(void)
{
	uint8_t *page = page_alloc();
	struct exception e;

	if (!env_paging)
		return;
	e = exception_of(read_byte, bad_pointer());
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.error, 0);
	CHECK_EQ(e.address, HC_PTR(bad_pointer()));
	e = exception_of(write_byte, bad_pointer());
	CHECK_EQ(e.error, 2);
	window_map(5, HC_PTR(page), PTE_P);
	CHECK_EQ(exception_of(read_byte, window_address(5)).vector, NO_EXCEPTION);
	e = exception_of(write_byte, window_address(5));
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.error, 3); /* CR0.WP */
	e = exception_of_user(read_byte, window_address(5));
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.error, 5);
	window_map(5, HC_PTR(page), PTE_P | PTE_U);
	CHECK_EQ(exception_of_user(read_byte, window_address(5)).vector, NO_EXCEPTION);
	e = exception_of_user(write_byte, window_address(5));
	CHECK_EQ(e.error, 7);
	window_clear(5);
}

/* Execution of a page with NX set. */
static void no_execute(void)
{
	uint8_t *page = page_alloc();
	uint64_t old = rdmsr(MSR_EFER);
	struct exception e;

	if (!env_paging)
		return;
	page[0] = 0xc3; /* RET */
	wrmsr(MSR_EFER, old | EFER_NXE);
	window_map(6, HC_PTR(page), PTE_P | PTE_W);
	CHECK_EQ(exception_of((void (*)(void *))window_address(6), NULL).vector, NO_EXCEPTION);
	window_map(6, HC_PTR(page), PTE_P | PTE_W | PTE_NX);
	e = exception_of((void (*)(void *))window_address(6), NULL);
	CHECK_EQ(e.vector, VEC_PF);
	CHECK_EQ(e.error, 0x11);
	window_clear(6);
	wrmsr(MSR_EFER, old);
}

static void user_privilege(void)
{
	CHECK_EQ(exception_of_user(privileged, NULL).vector, VEC_GP);
	CHECK_EQ(exception_of_user(undefined, NULL).vector, VEC_UD);
	CHECK_EQ(exception_of_user(break_point, NULL).vector, VEC_BP);
	CHECK_EQ(exception_of_user(divide, NULL).vector, VEC_DE);
	/* A gate of DPL 0: #GP with the gate's number (QEMU's long mode gets the code wrong). */
	CHECK_EQ(exception_of_user(int_vector, NULL).vector, VEC_GP);
}

static volatile unsigned steps;
static volatile ulong_t step_dr6;

static void step(struct trap_frame *f)
{
	steps++;
	step_dr6 = dr6_read();
	if (steps >= 1000)
		f->flags &= ~(ulong_t)FLAG_TF;
}

/* Each instruction once, those that exit as well. */
static void single_step(void)
{
	trap_handle(VEC_DB, step);
	steps = 0;
	dr6_write(0xffff0ff0u);
	__asm__ volatile("pushf\n\t"
	                 "orl $0x100, (%%" STACK_REGISTER ")\n\t"
	                 "popf\n\t"
	                 "nop\n\t" /* 1 */
	                 "nop\n\t"
	                 "xor %%eax, %%eax\n\t"
	                 "cpuid\n\t" /* 4 */
	                 "rdtsc\n\t"
	                 "mov $0x10, %%ecx\n\t"
	                 "rdmsr\n\t" /* 7 */
	                 "inb $0xe1, %%al\n\t"
	                 "pushf\n\t" /* 9 */
	                 "andl $~0x100, (%%" STACK_REGISTER ")\n\t"
	                 "popf\n\t" /* 11 */
	                 "nop"
	                 :
	                 :
	                 : "eax", "ebx", "ecx", "edx", "memory", "cc");
	trap_handle(VEC_DB, NULL);
	CHECK_EQ(steps, 11);
	CHECK(step_dr6 & 1u << 14);
}

static volatile unsigned nm_traps;

static void clear_ts(struct trap_frame *f)
{
	nm_traps++;
	__asm__ volatile("clts");
}

static void device_not_available(void)
{
	trap_handle(VEC_NM, clear_ts);
	cr0_write(cr0_read() | CR0_TS);
	sched_op(SCHEDOP_yield, NULL); /* the bit survives a turn */
	__asm__ volatile("fninit");
	CHECK_EQ(nm_traps, 1);
	__asm__ volatile("fninit");
	CHECK_EQ(nm_traps, 1);
	trap_handle(VEC_NM, NULL);
}

/* Instructions of the virtualisation extensions are not there. */
ASM_FUNCTION(do_vmrun, "xor %%eax, %%eax; vmrun")
ASM_FUNCTION(do_vmload, "xor %%eax, %%eax; vmload")
ASM_FUNCTION(do_vmsave, "xor %%eax, %%eax; vmsave")
ASM_FUNCTION(do_stgi, "stgi")
ASM_FUNCTION(do_clgi, "clgi")
ASM_FUNCTION(do_skinit, ".byte 0x0f, 0x01, 0xde")
ASM_FUNCTION(do_invlpga, "xor %%eax, %%eax; xor %%ecx, %%ecx; .byte 0x0f, 0x01, 0xdf")
ASM_FUNCTION(do_vmlaunch, "vmlaunch")
ASM_FUNCTION(do_vmxoff, "vmxoff")
ASM_FUNCTION(do_monitor, "xor %%ecx, %%ecx; xor %%edx, %%edx; lea trap_stubs, %%eax; monitor")
ASM_FUNCTION(do_mwait, "xor %%ecx, %%ecx; xor %%eax, %%eax; mwait")

static void virtualisation_is_hidden(void)
{
	static const struct {
		const char *name;
		void (*run)(void *);
	} list[] = {
		{ "vmrun", do_vmrun },     { "vmload", do_vmload },   { "vmsave", do_vmsave },
		{ "stgi", do_stgi },       { "clgi", do_clgi },       { "skinit", do_skinit },
		{ "invlpga", do_invlpga }, { "monitor", do_monitor }, { "vmlaunch", do_vmlaunch },
		{ "vmxoff", do_vmxoff },   { "mwait", do_mwait },
	};

	for (unsigned i = 0; i < ARRAY_LEN(list); i++) {
		int v = exception_of(list[i].run, NULL).vector;

		if (v != VEC_UD)
			test_fail("%s: vector %d", list[i].name, v);
	}
}

ASM_FUNCTION(do_wbinvd, "wbinvd")
ASM_FUNCTION(do_pause, "pause")
ASM_FUNCTION(do_rdpmc, "mov $0x7fffffff, %%ecx; rdpmc")
ASM_FUNCTION(do_rsm, ".byte 0x0f, 0xaa")

static void others(void)
{
	CHECK_NO_TRAP(do_wbinvd, NULL);
	for (unsigned i = 0; i < 100; i++)
		CHECK_NO_TRAP(do_pause, NULL);
	CHECK(exception_of(do_rdpmc, NULL).vector !=
	      NO_EXCEPTION); /* #GP; QEMU has no RDPMC: #UD */
	CHECK_TRAP(do_rsm, NULL, VEC_UD);
	CHECK_EQ(exception_of_user(do_wbinvd, NULL).vector, VEC_GP);
	CHECK_EQ(exception_of_user(do_pause, NULL).vector, NO_EXCEPTION);
}

GUEST_TESTS(TEST(simple_ones), TEST(addresses), TEST(error_codes), TEST(page_faults),
            TEST(no_execute), TEST(user_privilege), TEST(single_step), TEST(device_not_available),
            TEST(virtualisation_is_hidden), TEST(others));
