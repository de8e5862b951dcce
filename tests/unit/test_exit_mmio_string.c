/* SPDX-License-Identifier: GPL-2.0-or-later */
/* String instructions, SSE moves and read-modify-write on a device that keeps account of what it is asked. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#define DEVICE 0xd0000000u
#define PAGE   4096u

static struct domain *d;
static struct vcpu *v;

/* Memory of a device's own, with a count of accesses. */
static struct device {
	struct io_region region;
	uint8_t bytes[2 * PAGE];
	unsigned reads, writes;
} device;

static enum io_result device_access(struct io_region *r, struct io_access *a)
{
	if (a->is_write) {
		device.writes++;
		memcpy(device.bytes + a->addr, &a->value, a->size);
	} else {
		device.reads++;
		a->value = 0;
		memcpy(&a->value, device.bytes + a->addr, a->size);
	}
	return IO_DONE;
}

/* A guest in flat 32-bit mode whose code is at 0x1000, with 64 pages of RAM. */
static void start(const void *code, size_t n)
{
	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	v->regs.rip = 0x1000;
	memcpy(fake_guest_page(d, 1), code, n);
	device = (struct device){ .region = { .name = "device",
		                              .base = DEVICE,
		                              .size = sizeof(device.bytes),
		                              .min_access = 1,
		                              .max_access = 8,
		                              .access = device_access } };
	for (unsigned i = 0; i < sizeof(device.bytes); i++)
		device.bytes[i] = (uint8_t)(i * 7 + 1);
	CHECK_EQ(iobus_claim(&d->mmio, &device.region), 0);
}
#define START(...)                                              \
	do {                                                    \
		static const uint8_t code_[] = { __VA_ARGS__ }; \
		start(code_, sizeof(code_));                    \
	} while (0)

static void take(uint64_t at, bool is_write)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_MMIO,
		                      .mmio = { .gpa = { at }, .is_write = is_write } };
	exit_dispatch(v);
}

static void registers(uint64_t source, uint64_t dest, uint64_t count)
{
	v->regs.r[GPR_RSI] = source;
	v->regs.r[GPR_RDI] = dest;
	v->regs.r[GPR_RCX] = count;
}

static void check_registers(uint64_t source, uint64_t dest, uint64_t count)
{
	CHECK_EQ(v->regs.r[GPR_RSI], source);
	CHECK_EQ(v->regs.r[GPR_RDI], dest);
	CHECK_EQ(v->regs.r[GPR_RCX], count);
}

static void check_exception(uint8_t vector)
{
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, vector);
	CHECK_EQ(v->regs.rip, 0x1000);
	v->event.type = EVENT_NONE;
}

/* 32-bit paging: the first 256 KiB and the device's two pages where they are. Returns the table of the first 4 MiB. */
static uint32_t *start_paging(void)
{
	uint32_t *directory = fake_guest_page(d, 8), *low = fake_guest_page(d, 9);
	uint32_t *high = fake_guest_page(d, 10);

	directory[0] = 0x9000 | PTE_P | PTE_W | PTE_U;
	directory[DEVICE >> 22] = 0xa000 | PTE_P | PTE_W | PTE_U;
	for (unsigned i = 0; i < 64; i++)
		low[i] = i << 12 | PTE_P | PTE_W | PTE_U;
	high[0] = DEVICE | PTE_P | PTE_W | PTE_U;
	high[1] = (DEVICE + PAGE) | PTE_P | PTE_W | PTE_U;
	virt->set_reg(v, REG_CR3, 0x8000);
	virt->set_reg(v, REG_CR0, CR0_PE | CR0_ET | CR0_WP | CR0_PG);
	return low;
}

static void from_device_across_pages(void)
{
	uint8_t *page;

	START(0xf3, 0xa4); /* rep movsb */
	page = fake_guest_page(d, 2);
	registers(DEVICE + PAGE - 3, 0x2ffe, 6);
	take(DEVICE + PAGE - 3, false);
	check_registers(DEVICE + PAGE + 3, 0x3004, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(!memcmp(page + 0xffe, device.bytes + PAGE - 3, 2));
	CHECK(!memcmp(fake_guest_page(d, 3), device.bytes + PAGE - 1, 4));
	CHECK_EQ(device.reads, 6);
	CHECK_EQ(device.writes, 0);
}

static void from_device_to_device_downwards(void)
{
	uint8_t before[sizeof(device.bytes)];

	START(0xf3, 0x66, 0xa5); /* rep movsw */
	memcpy(before, device.bytes, sizeof(before));
	registers(DEVICE + 0x100, DEVICE + 0x200, 4);
	v->regs.rflags |= RFLAGS_DF;
	take(DEVICE + 0x100, false);
	check_registers(DEVICE + 0xf8, DEVICE + 0x1f8, 0);
	CHECK(!memcmp(device.bytes + 0x1fa, before + 0xfa, 8));
	CHECK(!memcmp(device.bytes + 0x202, before + 0x202, 8));
	CHECK_EQ(device.bytes[0x1f9], before[0x1f9]);
}

static void cut_in_batches(void)
{
	unsigned exits = 0;

	START(0xf3, 0xab); /* rep stosd */
	registers(0, DEVICE, 2 * PAGE / 4);
	v->regs.r[GPR_RAX] = 0x12345678;
	take(DEVICE, true);
	CHECK_EQ(v->regs.rip, 0x1000);
	CHECK(v->regs.r[GPR_RCX] && v->regs.r[GPR_RCX] < 2 * PAGE / 4);
	CHECK_EQ(v->regs.r[GPR_RDI], DEVICE + 4 * (2 * PAGE / 4 - v->regs.r[GPR_RCX]));
	while (v->regs.r[GPR_RCX] && exits++ < 100)
		take(v->regs.r[GPR_RDI], true);
	CHECK(exits >= 2 && exits < 100);
	check_registers(0, DEVICE + 2 * PAGE, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK_EQ(device.writes, 2 * PAGE / 4);
	for (unsigned i = 0; i < 2 * PAGE; i += 4)
		CHECK(!memcmp(device.bytes + i, "\x78\x56\x34\x12", 4));
}

static void without_repetition(void)
{
	START(0xad); /* lodsd */
	registers(DEVICE + 8, 1, 2);
	v->regs.r[GPR_RAX] = ~0ull;
	take(DEVICE + 8, false);
	check_registers(DEVICE + 12, 1, 2);
	CHECK_EQ(v->regs.r[GPR_RAX], 0x4e474039);
	CHECK_EQ(v->regs.rip, 0x1001);
}

static void count_of_zero(void)
{
	START(0xf3, 0xa4);
	registers(DEVICE, 0x2000, 0);
	take(DEVICE, false);
	check_registers(DEVICE, 0x2000, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK_EQ(device.reads, 0);
}

static void compares_until_different(void)
{
	START(0xf3, 0xa6); /* repe cmpsb */
	memcpy(fake_guest_page(d, 2), device.bytes, 32);
	((uint8_t *)fake_guest_page(d, 2))[5] = 0;
	registers(DEVICE, 0x2000, 20);
	take(DEVICE, false);
	check_registers(DEVICE + 6, 0x2006, 14);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(!(v->regs.rflags & RFLAGS_ZF));
	CHECK_EQ(device.reads, 6);
}

static void scans_until_found(void)
{
	START(0xf2, 0xae); /* repne scasb */
	registers(7, DEVICE, 20);
	v->regs.r[GPR_RAX] = device.bytes[9];
	take(DEVICE, false);
	check_registers(7, DEVICE + 10, 10);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(v->regs.rflags & RFLAGS_ZF);
}

static void page_fault_in_the_middle(void)
{
	uint32_t *table;

	START(0xf3, 0xa5); /* rep movsd */
	table = start_paging();
	table[5] = 0;
	registers(DEVICE, 0x4ff8, 8);
	take(DEVICE, false);
	check_exception(X86_PF);
	CHECK_EQ(v->event.cr2, 0x5000);
	CHECK_EQ(v->event.error_code, PFEC_WRITE);
	check_registers(DEVICE + 8, 0x5000, 6);
	CHECK_EQ(device.reads, 2); /* the third element was not read in vain */
	table[5] = 0x5000 | PTE_P | PTE_W;
	take(DEVICE + 8, false);
	check_registers(DEVICE + 32, 0x5018, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(!memcmp(fake_guest_page(d, 5), device.bytes + 8, 24));
}

/* An element of which only the second page is missing: no byte of it moves. */
static void page_fault_within_an_element(void)
{
	uint32_t *table;
	uint8_t *page;

	START(0xa5); /* movsd */
	table = start_paging();
	table[5] = 0;
	page = fake_guest_page(d, 4);
	registers(DEVICE, 0x4ffe, 0);
	take(DEVICE, false);
	check_exception(X86_PF);
	CHECK_EQ(v->event.cr2, 0x5000);
	check_registers(DEVICE, 0x4ffe, 0);
	CHECK_EQ(page[0xffe], 0);
	CHECK_EQ(device.reads, 0);
}

static void source_fault_in_the_middle(void)
{
	uint32_t *table;

	START(0xf3, 0xa4); /* rep movsb */
	table = start_paging();
	table[5] = 0;
	registers(0x4fff, DEVICE, 8);
	take(DEVICE, true);
	check_exception(X86_PF);
	CHECK_EQ(v->event.cr2, 0x5000);
	CHECK_EQ(v->event.error_code, 0);
	check_registers(0x5000, DEVICE + 1, 7);
	CHECK_EQ(device.writes, 1);
}

static void segment_limit_in_the_middle(void)
{
	START(0xf3, 0xa4); /* rep movsb */
	script_of(v)->segment[SEG_ES].limit = 0x2003;
	registers(DEVICE, 0x2000, 8);
	take(DEVICE, false);
	check_exception(X86_GP);
	check_registers(DEVICE + 4, 0x2004, 4);
	CHECK_EQ(device.reads, 4);
}

/* An override moves the source only. */
static void segments(void)
{
	START(0x64, 0xa4); /* movsb es:[edi], fs:[esi] */
	script_of(v)->segment[SEG_FS].base = DEVICE;
	script_of(v)->segment[SEG_DS].base = 0x10000;
	script_of(v)->segment[SEG_ES].base = 0x2000;
	registers(3, 4, 0);
	take(DEVICE + 3, false);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 2))[4], device.bytes[3]);
	check_registers(4, 5, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
}

#define VGA 0xa0000u

/* 16-bit code, and the device where a PC's display memory is. */
static void start_16bit(const void *code, size_t n)
{
	start(code, n);
	iobus_release(&d->mmio, &device.region);
	device.region.base = VGA;
	CHECK_EQ(iobus_claim(&d->mmio, &device.region), 0);
	script_of(v)->segment[SEG_CS].attr &= ~SEG_ATTR_DB;
	for (unsigned s = SEG_ES; s <= SEG_GS; s++)
		script_of(v)->segment[s].limit = 0xffff;
}

/* Offsets wrap at 64 KiB, downwards too, and the upper halves of registers stay. */
static void real_mode_downwards_with_override(void)
{
	static const uint8_t code[] = { 0xf3, 0x36, 0xa4 }; /* rep movsb es:[di], ss:[si] */
	uint8_t *low, *high;

	start_16bit(code, sizeof(code));
	virt->set_reg(v, REG_CR0, CR0_ET);
	script_of(v)->segment[SEG_SS].base = 0x20000;
	script_of(v)->segment[SEG_ES].base = VGA;
	low = fake_guest_page(d, 0x20);
	high = fake_guest_page(d, 0x2f);
	memcpy(low, "\x12\x34", 2);
	memcpy(high + 0xffe, "\x56\x78", 2);
	v->regs.rflags |= RFLAGS_DF;
	registers(0xabcd0001, 0x56781003, 0x12340004);
	take(VGA + 0x1003, true);
	CHECK(!memcmp(device.bytes + 0x1000, "\x56\x78\x12\x34", 4));
	check_registers(0xabcdfffd, 0x56780fff, 0x12340000);
	CHECK_EQ(v->regs.rip, 0x1003);
}

/* Real mode's segments, and the rights of a program: what the monitor keeps for itself faults. */
static void virtual_8086(void)
{
	static const uint8_t code[] = { 0xf3, 0x64, 0xa5 }; /* rep movsw es:[di], fs:[si] */
	uint32_t *low;

	start_16bit(code, sizeof(code));
	low = start_paging();
	low[VGA >> 12] = VGA | PTE_P | PTE_W | PTE_U;
	low[0x31] &= ~PTE_U;
	v->regs.rflags |= RFLAGS_VM;
	guest_walk_cache_reset(&v->walk);
	script_set_cpl(v, 3);
	script_of(v)->segment[SEG_FS].base = VGA;
	script_of(v)->segment[SEG_ES].base = 0x30000;
	registers(0x10, 0xffc, 4);
	take(VGA + 0x10, false);
	check_exception(X86_PF);
	CHECK_EQ(v->event.error_code, 7); /* there, written, by a user */
	check_registers(0x14, 0x1000, 2);
	CHECK(!memcmp((uint8_t *)fake_guest_page(d, 0x30) + 0xffc, device.bytes + 0x10, 4));
	low[0x31] |= PTE_U;
	guest_walk_cache_reset(&v->walk);
	take(VGA + 0x14, false);
	check_registers(0x18, 0x1004, 0);
	CHECK(!memcmp(fake_guest_page(d, 0x31), device.bytes + 0x14, 4));
}

static void element_in_ram_and_device(void)
{
	uint8_t *page;

	START(0xa5); /* movsd */
	page = fake_guest_page(d, 63);
	page[0xffe] = 0x11;
	page[0xfff] = 0x22;
	registers(0x3fffe, DEVICE + PAGE - 1, 0); /* above the RAM there is nobody */
	take(0x40000, false);
	CHECK(!memcmp(device.bytes + PAGE - 1, "\x11\x22\xff\xff", 4));
}

/* As soon as no device is touched any more, the CPU goes on. */
static void leaves_ram_to_the_cpu(void)
{
	START(0xf3, 0xaa); /* rep stosb */
	v->regs.rflags |= RFLAGS_DF;
	v->regs.r[GPR_RAX] = 0x5a;
	registers(0, 0x40003, 2000);
	take(0x40003, true);
	CHECK_EQ(v->regs.rip, 0x1000);
	check_registers(0, 0x3fffe, 1995);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 63))[0xfff], 0x5a);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 63))[0xffe], 0);
}

static void into_read_only_memory(void)
{
	START(0xf3, 0xa4);
	((uint8_t *)fake_guest_page(d, 5))[0] = 9;
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(5), P2M_RAM_RW, P2M_RAM_RO), 0);
	registers(DEVICE, 0x5000, 4);
	take(0x5000, true);
	check_registers(DEVICE + 4, 0x5004, 0);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 5))[0], 9);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 5))[1], 0);
}

static void into_log_dirty_memory(void)
{
	START(0xa4);
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(5), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	registers(DEVICE, 0x5000, 0);
	take(DEVICE, false);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(5)).type, P2M_RAM_RW);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 5))[0], device.bytes[0]);
}

static void single_step_stops_at_each_element(void)
{
	START(0xf3, 0xa4);
	v->regs.rflags |= RFLAGS_TF;
	script_of(v)->shadow = SHADOW_STI_MOV_SS;
	registers(DEVICE, 0x2000, 2);
	take(DEVICE, false);
	check_exception(X86_DB);
	check_registers(DEVICE + 1, 0x2001, 1);
	CHECK_EQ(script_of(v)->shadow, 0);
	take(DEVICE + 1, false);
	CHECK_EQ(v->event.vector, X86_DB);
	CHECK_EQ(v->regs.rip, 0x1002);
}

/* A read-modify-write whose page may not be written: the device is not even read. */
static void rights_before_effects(void)
{
	START(0x09, 0x03); /* or [ebx], eax */
	start_paging();
	((uint32_t *)fake_guest_page(d, 10))[0] &= ~(uint32_t)PTE_W;
	v->regs.r[GPR_RBX] = DEVICE;
	take(DEVICE, false);
	check_exception(X86_PF);
	CHECK_EQ(v->event.error_code, PFEC_WRITE | PFEC_PRESENT);
	CHECK_EQ(v->event.cr2, DEVICE);
	CHECK_EQ(device.reads, 0);
	((uint32_t *)fake_guest_page(d, 10))[0] |= PTE_W;
	v->regs.r[GPR_RAX] = 0xf0;
	take(DEVICE, false);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK_EQ(device.bytes[0], 0xf1);
}

static void bit_numbers_reach_further(void)
{
	START(0x0f, 0xab, 0x03); /* bts [ebx], eax */
	v->regs.r[GPR_RBX] = DEVICE;
	v->regs.r[GPR_RAX] = 32 * 5;
	memset(device.bytes, 0, 64);
	take(DEVICE + 20, true);
	CHECK_EQ(device.bytes[0], 0);
	CHECK_EQ(device.bytes[20], 1);
}

/* ---- SSE ---- */

#define XMM(n) (fake_fpu[0] + 160 + 16 * (n))

static void start_sse(void)
{
	virt->set_reg(v, REG_CR4, CR4_OSFXSR);
	fake_fpu[0][512] = 3; /* XSTATE_BV: the registers are in use */
	for (unsigned i = 0; i < 256; i++)
		XMM(0)[i] = (uint8_t)(i ^ 0xa5);
	v->regs.r[GPR_RBX] = DEVICE + 4;
}

static void vector_load_and_store(void)
{
	uint8_t others[256];

	START(0x0f, 0x10, 0x1b, /* movups xmm3, [ebx] */ 0x0f, 0x11, 0x13, /* movups [ebx], xmm2 */
	      0xf3, 0x0f, 0x10, 0x0b /* movss xmm1, [ebx] */);
	start_sse();
	memcpy(others, XMM(0), 256);
	take(DEVICE + 4, false);
	CHECK(!memcmp(XMM(3), device.bytes + 4, 16));
	CHECK(!memcmp(XMM(0), others, 48) && !memcmp(XMM(4), others + 64, 192));
	take(DEVICE + 4, true);
	CHECK(!memcmp(device.bytes + 4, others + 32, 16));
	CHECK_EQ(device.bytes[20], (uint8_t)(20 * 7 + 1));
	take(DEVICE + 4, false);
	CHECK(!memcmp(XMM(1), others + 32, 4));
	CHECK(!memcmp(XMM(1) + 4, (uint8_t[12]){ 0 }, 12));
	CHECK_EQ(v->regs.rip, 0x100a);
}

/* XSAVE's initial state: the area's bytes are old, the registers are zero. */
static void vector_initial_state(void)
{
	START(0x0f, 0x11, 0x13, /* movups [ebx], xmm2 */ 0x0f, 0x12, 0x1b /* movlps xmm3, [ebx] */);
	start_sse();
	fake_fpu[0][512] = 1;
	take(DEVICE + 4, true);
	CHECK(!memcmp(device.bytes + 4, (uint8_t[16]){ 0 }, 16));
	fake_fpu[0][512] = 1;
	memset(XMM(3), 0x77, 16);
	device.bytes[4] = 0x12;
	take(DEVICE + 4, false);
	CHECK_EQ(fake_fpu[0][512], 3);
	CHECK(!memcmp(XMM(3), (uint8_t[16]){ 0x12 }, 16));
}

static void vector_faults(void)
{
	START(0x0f, 0x28, 0x1b); /* movaps xmm3, [ebx] */
	start_sse();
	take(DEVICE + 4, false);
	check_exception(X86_GP);
	virt->set_reg(v, REG_CR0, CR0_PE | CR0_ET | CR0_TS);
	take(DEVICE + 4, false);
	check_exception(X86_NM);
	virt->set_reg(v, REG_CR0, CR0_PE | CR0_ET | CR0_EM);
	take(DEVICE + 4, false);
	check_exception(X86_UD);
	CHECK_EQ(device.reads, 0);
	virt->set_reg(v, REG_CR0, CR0_PE | CR0_ET);
	v->regs.r[GPR_RBX] = DEVICE + 16;
	take(DEVICE + 16, false);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK(!memcmp(XMM(3), device.bytes + 16, 16));
}

static void push_from_device(void)
{
	START(0xff, 0x33, /* push dword [ebx] */ 0x66, 0xff, 0x33);
	v->regs.r[GPR_RBX] = DEVICE;
	v->regs.r[GPR_RSP] = 0x3002;
	take(DEVICE, false);
	CHECK_EQ(v->regs.r[GPR_RSP], 0x2ffe);
	CHECK(!memcmp((uint8_t *)fake_guest_page(d, 2) + 0xffe, device.bytes, 2));
	CHECK(!memcmp(fake_guest_page(d, 3), device.bytes + 2, 2));
	script_of(v)->segment[SEG_SS].attr &= ~SEG_ATTR_DB; /* a 16-bit stack */
	v->regs.r[GPR_RSP] = 0x12340000;
	take(DEVICE, false);
	CHECK_EQ(v->regs.r[GPR_RSP], 0x1234fffe);
	CHECK_EQ(v->regs.rip, 0x1005);
	CHECK(!memcmp((uint8_t *)fake_guest_page(d, 15) + 0xffe, device.bytes, 2));
	v->regs.rip = 0x1000;
	script_of(v)->segment[SEG_SS].limit = 0xfff;
	device.reads = 0;
	take(DEVICE, false);
	check_exception(X86_SS);
	CHECK_EQ(v->regs.r[GPR_RSP], 0x1234fffe);
	CHECK_EQ(device.reads, 0);
}

static void byte_swapping_move(void)
{
	START(0x0f, 0x38, 0xf0, 0x03, /* movbe eax, [ebx] */ 0x0f, 0x38, 0xf1, 0x03);
	v->regs.r[GPR_RBX] = DEVICE;
	memcpy(device.bytes, "\x12\x34\x56\x78", 4);
	take(DEVICE, false);
	CHECK_EQ(v->regs.r[GPR_RAX], 0x12345678);
	v->regs.r[GPR_RAX] = 0xaabbccdd;
	take(DEVICE, true);
	CHECK(!memcmp(device.bytes, "\xaa\xbb\xcc\xdd", 4));
}

UNIT_MAIN(UNIT(from_device_across_pages), UNIT(from_device_to_device_downwards),
          UNIT(cut_in_batches), UNIT(without_repetition), UNIT(count_of_zero),
          UNIT(compares_until_different), UNIT(scans_until_found), UNIT(page_fault_in_the_middle),
          UNIT(page_fault_within_an_element), UNIT(source_fault_in_the_middle),
          UNIT(segment_limit_in_the_middle), UNIT(segments),
          UNIT(real_mode_downwards_with_override), UNIT(virtual_8086),
          UNIT(element_in_ram_and_device), UNIT(leaves_ram_to_the_cpu), UNIT(into_read_only_memory),
          UNIT(into_log_dirty_memory), UNIT(single_step_stops_at_each_element),
          UNIT(rights_before_effects), UNIT(bit_numbers_reach_further), UNIT(vector_load_and_store),
          UNIT(vector_initial_state), UNIT(vector_faults), UNIT(push_from_device),
          UNIT(byte_swapping_move))
