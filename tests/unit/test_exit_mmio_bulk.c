/* SPDX-License-Identifier: GPL-2.0-or-later */
/* String instructions on memory of a device model that the test plays: how often it is entered, and what moves. INS and OUTS on device memory. */
#include <string.h>

#include "device.h"
#include "devmodel.h"
#include "exit_handlers.h"
#include "fake_domain.h"
#include "iobus_copy.h"
#include "machine_fake.h"
#include "ring3_program.h"
#include "unit.h"
#include "usermode_fake.h"
#include "virt_script.h"

#define DEVICE 0xa0000u /* above the guest's RAM */
#define PAGE   4096u
#define PORT   0x1f0

static struct domain *d;
static struct vcpu *v;

/* ---- ring 3: a bus with some memory that adds its latch, the last byte that was read, to what is written ---- */

static struct io_bus bus;
static struct chip {
	struct io_region region;
	uint8_t bytes[2 * PAGE];
	uint8_t latch;
	unsigned single, strings, port_strings, ports;
} device;

static enum io_result device_access(struct io_region *r, struct io_access *a)
{
	if (a->is_write) {
		for (unsigned i = 0; i < a->size; i++)
			device.bytes[a->addr + i] = (uint8_t)((a->value >> 8 * i) + device.latch);
	} else {
		a->value = 0;
		memcpy(&a->value, device.bytes + a->addr, a->size);
		device.latch = (uint8_t)a->value;
	}
	return IO_DONE;
}

static uint64_t single(const uint64_t args[USERMODE_ARGS])
{
	struct io_access a = {
		.addr = args[1], .size = (uint8_t)args[2], .is_write = args[3], .value = args[4]
	};

	device.single++;
	iobus_access(&bus, &a);
	return a.value;
}

static void string(const uint64_t args[USERMODE_ARGS])
{
	uint8_t *bulk = d->devmodel->shared->bulk;
	struct io_copy c = { .source = args[1],
		             .dest = args[2],
		             .source_bytes = args[1] == DEVMODEL_STRING_BULK ? bulk : NULL,
		             .dest_bytes = args[2] == DEVMODEL_STRING_BULK ? bulk : NULL,
		             .count = (uint32_t)args[4],
		             .size = (uint8_t)args[3],
		             .down = args[3] & DEVMODEL_STRING_DOWN };

	device.strings++;
	CHECK(c.count * c.size <= DEVMODEL_BULK);
	iobus_copy(&bus, &c);
}

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	uint64_t result[USERMODE_ARGS] = { 0 };

	switch (args[0]) {
	case DEVMODEL_MMIO: result[0] = single(args); break;
	case DEVMODEL_MMIO_STRING: string(args); break;
	case DEVMODEL_PIO:
		device.ports++;
		result[0] = 0x5a;
		break;
	case DEVMODEL_PIO_STRING:
		device.port_strings++;
		memset(d->devmodel->shared->bulk, 0x5a, args[2] * args[4]);
		break;
	}
	CHECK(!u->call(u, DEVMODEL_CALL_RETURN, result));
	return USERMODE_DONE;
}

/* ---- a guest in flat 32-bit mode whose code is at 0x1000, with 64 pages of RAM ---- */

static void start(const void *code, size_t n)
{
	struct devmodel_config config = { .image = &ring3_program,
		                          .image_size = sizeof(ring3_program),
		                          .image_name = "test",
		                          .board = { .version = DEVMODEL_ABI_VERSION,
		                                     .vram_size = 16 * PAGE } };

	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	d->max_pages += 64;
	ring3_program_make();
	device = (struct chip){ .region = { "device", DEVICE, 2 * PAGE, 1, 8, device_access } };
	for (unsigned i = 0; i < sizeof(device.bytes); i++)
		device.bytes[i] = (uint8_t)(i * 7 + 1);
	CHECK_EQ(iobus_init(&bus, "ring 3", 4), 0);
	CHECK_EQ(iobus_claim(&bus, &device.region), 0);
	fake_usermode = ring3;
	CHECK_EQ(devmodel_create(d, &config), 0);
	memcpy(fake_guest_page(d, 1), code, n);
	v->regs.rip = 0x1000;
}
#define START(...)                                              \
	do {                                                    \
		static const uint8_t code_[] = { __VA_ARGS__ }; \
		start(code_, sizeof(code_));                    \
	} while (0)

static void stop(void)
{
	iobus_destroy(&bus);
	CHECK_EQ(devmodel_destroy(d), 0);
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

static void take(uint64_t at, bool is_write)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_MMIO,
		                      .mmio = { .gpa = { at }, .is_write = is_write } };
	exit_dispatch(v);
}

static void take_port(bool is_write, unsigned size)
{
	v->exit = (struct vcpu_exit){
		.kind = EXIT_PIO_STRING,
		.pio = { .port = PORT, .size = (uint8_t)size, .rep = true, .is_write = is_write }
	};
	exit_dispatch(v);
}

/* ---- MOVS, STOS ---- */

static void one_entry_for_many(void)
{
	START(0xf3, 0xaa); /* rep stosb */
	registers(0, DEVICE + 5, 300);
	v->regs.r[GPR_RAX] = 0x1177;
	take(DEVICE + 5, true);
	check_registers(0, DEVICE + 305, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(device.strings == 1 && device.single == 0);
	CHECK(device.bytes[4] == 29 && device.bytes[5] == 0x77 && device.bytes[304] == 0x77);
	CHECK_EQ(device.bytes[305], (uint8_t)(305 * 7 + 1));
	stop();
}

static void cut_at_pages_and_in_turns(void)
{
	unsigned turns = 0;

	START(0xf3, 0xab); /* rep stosd */
	registers(0, DEVICE + 2, (2 * PAGE - 4) / 4);
	v->regs.r[GPR_RAX] = 0x44332211;
	while (v->regs.rip == 0x1000 && turns++ < 100)
		take(v->regs.r[GPR_RDI], true);
	check_registers(0, DEVICE + 2 * PAGE - 2, 0);
	for (unsigned i = 2; i < 2 * PAGE - 2; i += 4)
		CHECK(!memcmp(device.bytes + i, "\x11\x22\x33\x44", 4));
	/* the element in both pages goes byte by byte, of the others none does */
	CHECK_EQ(device.single, 4);
	CHECK(device.strings >= 8 && device.strings <= 12);
	CHECK(turns >= 4 && turns < 20);
	stop();
}

static void from_ram(void)
{
	uint8_t *page;

	START(0xf3, 0xa5); /* rep movsd */
	page = fake_guest_page(d, 2);
	for (unsigned i = 0; i < PAGE; i++)
		page[i] = (uint8_t)(i * 3);
	registers(0x2010, DEVICE, 100);
	take(DEVICE, true);
	check_registers(0x2010 + 400, DEVICE + 400, 0);
	CHECK(!memcmp(device.bytes, page + 0x10, 400));
	CHECK(device.strings == 1 && device.single == 0);
	stop();
}

static void to_ram_downwards(void)
{
	uint8_t *page;

	START(0xf3, 0x66, 0xa5); /* rep movsw */
	page = fake_guest_page(d, 2);
	registers(DEVICE + 0x200, 0x2100, 50);
	v->regs.rflags |= RFLAGS_DF;
	take(DEVICE + 0x200, false);
	check_registers(DEVICE + 0x200 - 100, 0x2100 - 100, 0);
	CHECK(!memcmp(page + 0x102 - 100, device.bytes + 0x202 - 100, 100));
	CHECK(page[0x102] == 0 && page[0x101 - 100] == 0);
	CHECK(device.strings == 1 && device.single == 0);
	stop();
}

/* What a planar display lives on: each write takes the latch of the read just before. */
static void from_device_to_device(void)
{
	START(0xf3, 0xa4); /* rep movsb */
	registers(DEVICE, DEVICE + PAGE, 80);
	take(DEVICE, false);
	check_registers(DEVICE + 80, DEVICE + PAGE + 80, 0);
	for (unsigned i = 0; i < 80; i++)
		CHECK_EQ(device.bytes[PAGE + i], (uint8_t)(2 * (i * 7 + 1)));
	CHECK(device.strings == 1 && device.single == 0);
	stop();
}

/* Somebody of the hypervisor's own in the page: he and the device model are asked one by one. */
static unsigned own_accesses;
static enum io_result own_access(struct io_region *r, struct io_access *a)
{
	own_accesses++;
	return IO_DONE;
}

static void not_where_the_hypervisor_answers(void)
{
	static struct io_region own = { "own", DEVICE + 8, 4, 1, 8, own_access };

	START(0xf3, 0xaa);
	own_accesses = 0;
	CHECK_EQ(iobus_claim(&d->mmio, &own), 0);
	registers(0, DEVICE, 16);
	take(DEVICE, true);
	check_registers(0, DEVICE + 16, 0);
	CHECK_EQ(own_accesses, 4);
	CHECK(device.strings == 0 && device.single == 12);
	iobus_release(&d->mmio, &own);
	stop();
}

static void wraps_at_64_kib(void)
{
	START(0xf3, 0x67, 0xaa); /* rep stosb es:[di] */
	script_of(v)->segment[SEG_ES].base = DEVICE - 0xff00;
	registers(0, 0x1234fffe, 0x50004);
	v->regs.r[GPR_RAX] = 0x66;
	take(DEVICE + 0xfe, true);
	CHECK_EQ(v->regs.r[GPR_RDI],
	         0x12340000 | (uint16_t)(0xfffe + 4 - (v->regs.r[GPR_RCX] & 0xff)));
	CHECK(device.bytes[0xfe] == 0x66 && device.bytes[0xff] == 0x66);
	CHECK_EQ(device.bytes[0x100], (uint8_t)(0x100 * 7 + 1));
	stop();
}

static void single_step(void)
{
	START(0xf3, 0xaa);
	v->regs.rflags |= RFLAGS_TF;
	registers(0, DEVICE, 16);
	take(DEVICE, true);
	check_registers(0, DEVICE + 1, 15);
	CHECK(device.strings == 0 && device.single == 1);
	stop();
}

/* ---- MOV ---- */

/* The same place, other bytes; the same bytes, another mode. */
static void code_that_changes(void)
{
	START(0x88, 0x03); /* mov [ebx], al */
	v->regs.r[GPR_RBX] = DEVICE + 7;
	v->regs.r[GPR_RAX] = 0xaabb1122;
	take(DEVICE + 7, true);
	CHECK_EQ(device.bytes[7], 0x22);
	((uint8_t *)fake_guest_page(d, 1))[1] = 0x23; /* mov [ebx], ah */
	v->regs.rip = 0x1000;
	take(DEVICE + 7, true);
	CHECK_EQ(device.bytes[7], 0x11);
	((uint8_t *)fake_guest_page(d, 1))[0] = 0x89; /* mov [ebx], esp */
	v->regs.r[GPR_RSP] = 0x12345678;
	v->regs.rip = 0x1000;
	take(DEVICE + 7, true);
	CHECK(!memcmp(device.bytes + 7, "\x78\x56\x34\x12", 4));
	CHECK_EQ(v->regs.rip, 0x1002);
	stop();
}

/* An operand in two pages, and a segment that ends before it. */
static void moves_in_full(void)
{
	START(0x8b, 0x03); /* mov eax, [ebx] */
	v->regs.r[GPR_RBX] = DEVICE + PAGE - 2;
	take(DEVICE + PAGE - 2, false);
	CHECK(!memcmp(&v->regs.r[GPR_RAX], device.bytes + PAGE - 2, 4));
	v->regs.rip = 0x1000;
	script_of(v)->segment[SEG_DS].limit = DEVICE + 2;
	v->regs.r[GPR_RBX] = DEVICE;
	take(DEVICE, false);
	CHECK_EQ(v->event.vector, X86_GP);
	CHECK_EQ(v->regs.rip, 0x1000);
	v->event.type = EVENT_NONE;
	stop();
}

/* ---- INS, OUTS ---- */

static void port_to_ram(void)
{
	START(0xf3, 0x6d); /* rep insd */
	registers(0, 0x2000, 128);
	take_port(false, 4);
	check_registers(0, 0x2200, 0);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 2))[511], 0x5a);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 2))[512], 0);
	CHECK(device.port_strings == 1 && device.ports == 0);
	stop();
}

static void port_to_device(void)
{
	START(0xf3, 0x6c); /* rep insb */
	registers(0, DEVICE + 3, 20);
	take_port(false, 1);
	check_registers(0, DEVICE + 23, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(device.bytes[2] == 15 && device.bytes[3] == 0x5a && device.bytes[22] == 0x5a);
	CHECK_EQ(device.bytes[23], (uint8_t)(23 * 7 + 1));
	CHECK_EQ(device.ports, 20);
	stop();
}

static void device_to_port(void)
{
	START(0xf3, 0x6f); /* rep outsd */
	registers(DEVICE + 8, 0, 5);
	take_port(true, 4);
	check_registers(DEVICE + 28, 0, 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	CHECK(device.ports == 5 && device.single == 5);
	stop();
}

static void port_to_read_only_memory(void)
{
	START(0xf3, 0x6c);
	CHECK_EQ(p2m_change_type(&d->p2m, gfn(5), P2M_RAM_RW, P2M_RAM_RO), 0);
	registers(0, 0x5000, 20);
	take_port(false, 1);
	check_registers(0, 0x5014, 0);
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 5))[0], 0);
	CHECK_EQ(v->regs.rip, 0x1002);
	stop();
}

UNIT_MAIN(UNIT(one_entry_for_many), UNIT(cut_at_pages_and_in_turns), UNIT(from_ram),
          UNIT(to_ram_downwards), UNIT(from_device_to_device),
          UNIT(not_where_the_hypervisor_answers), UNIT(wraps_at_64_kib), UNIT(single_step),
          UNIT(code_that_changes), UNIT(moves_in_full), UNIT(port_to_ram), UNIT(port_to_device),
          UNIT(device_to_port), UNIT(port_to_read_only_memory))
