/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the x87 with CR0.NE clear: interrupt 13, port 0xf0, a CPU that waits, a handler that is not disturbed. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/arch-x86/xen.h>

#define FPU_PORT 0xf0
#define WAIT     0x9b
#define FLD1     0xd9

static struct domain *d;
static struct vcpu *v;
static struct script_vcpu *s;

static void start(uint8_t code)
{
	d = board_create(BOARD_ALL, 1);
	v = d->vcpus[0];
	s = script_of(v);
	s->reg[REG_CR0] &= ~(uint64_t)CR0_NE;
	v->regs.rip = 0x1000;
	v->regs.rflags |= RFLAGS_IF;
	memset(fake_guest_page(d, 1), code, 32);
	board_pics(d, (uint16_t) ~(1u << 13 | 1u << 2));
}

static void error(void)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_EXCEPTION, .exception = { .vector = X86_MF } };
	exit_dispatch(v);
}

static bool line_is_up(void)
{
	return d->platform->routing.isa >> 13 & 1;
}

static void test_new_way(void)
{
	start(WAIT);
	s->reg[REG_CR0] |= CR0_NE;
	error();
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, X86_MF);
	CHECK(!line_is_up());
	v->event.type = EVENT_NONE;
	board_destroy(d);
	/* nobody is there to take the wire */
	d = board_create(XEN_X86_EMU_LAPIC, 1);
	v = d->vcpus[0];
	script_of(v)->reg[REG_CR0] &= ~(uint64_t)CR0_NE;
	error();
	CHECK_EQ(v->event.vector, X86_MF);
	v->event.type = EVENT_NONE;
	board_destroy(d);
}

/* As the BIOS's handler does: port 0xf0, end of interrupt. */
static void test_interrupt(void)
{
	start(WAIT);
	s->shadow = SHADOW_STI_MOV_SS;
	error();
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.rip, 0x1000);
	CHECK(line_is_up());
	CHECK_EQ(s->shadow, 0);
	CHECK(vcpu_prepare_entry(v));
	CHECK(!v->halted);
	CHECK_EQ(s->injected.vector, 0x28 + 5);
	s->injected.type = EVENT_NONE;
	/* the handler's own WAIT is let through, whether before the port or after it */
	v->regs.rflags &= ~RFLAGS_IF;
	error();
	CHECK_EQ(v->regs.rip, 0x1001);
	CHECK_EQ(board_in(d, FPU_PORT), 0xff);
	CHECK(line_is_up());
	board_out(d, FPU_PORT, 0);
	CHECK(!line_is_up());
	error();
	CHECK_EQ(v->regs.rip, 0x1002);
	board_out(d, 0xa0, 0x20);
	board_out(d, 0x20, 0x20);
	error();
	CHECK_EQ(v->regs.rip, 0x1003);
	CHECK(!line_is_up());
	/* the next one is new */
	v->regs.rflags |= RFLAGS_IF;
	v->regs.r[GPR_RCX]++;
	error();
	CHECK_EQ(v->regs.rip, 0x1003);
	CHECK(line_is_up());
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x28 + 5);
	board_destroy(d);
}

/* A handler may leave the error standing: the port says that the instruction shall go on. Behind it the next one is new. */
static void test_error_stays(void)
{
	start(WAIT);
	error();
	CHECK(vcpu_prepare_entry(v));
	s->injected.type = EVENT_NONE;
	board_out(d, FPU_PORT, 0);
	board_out(d, 0xa0, 0x20);
	board_out(d, 0x20, 0x20);
	error();
	CHECK_EQ(v->regs.rip, 0x1001);
	CHECK(!line_is_up());
	v->regs.rip = 0x1000;
	error();
	CHECK_EQ(v->regs.rip, 0x1000);
	CHECK(line_is_up());
	/* without the port it waits for good */
	CHECK(vcpu_prepare_entry(v));
	s->injected.type = EVENT_NONE;
	board_out(d, 0xa0, 0x20);
	board_out(d, 0x20, 0x20);
	error();
	CHECK_EQ(v->regs.rip, 0x1000);
	CHECK(v->halted);
	board_destroy(d);
}

/* Masked, it waits for any other interrupt. */
static void test_waits(void)
{
	start(WAIT);
	board_pics(d, 0xfffd);
	CHECK(vcpu_prepare_entry(v));
	error();
	CHECK(v->halted);
	CHECK(!vcpu_prepare_entry(v));
	irq_routing_isa_set(d, 1, true);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x21);
	CHECK_EQ(v->regs.rip, 0x1000);
	board_destroy(d);
}

/* Who takes no interrupts goes on, and has it later. */
static void test_interrupts_off(void)
{
	start(FLD1);
	v->regs.rflags &= ~RFLAGS_IF;
	error();
	CHECK(!v->halted);
	CHECK_EQ(v->regs.rip, 0x1000); /* once more, without the error */
	CHECK(line_is_up());
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.type, EVENT_NONE);
	v->regs.rflags |= RFLAGS_IF;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x28 + 5);
	board_destroy(d);
}

static void test_reset(void)
{
	struct irq_routing state;

	start(WAIT);
	error();
	board_out(d, FPU_PORT, 0);
	irq_routing_save(d, &state);
	CHECK(state.fpu_ignored);
	v->regs.r[GPR_RCX]++;
	error();
	CHECK(line_is_up());
	CHECK_EQ(irq_routing_restore(d, &state), 0);
	CHECK(!line_is_up());
	CHECK(d->platform->routing.fpu_ignored);
	v->regs.r[GPR_RCX]++;
	error();
	hvm_platform_reset(d);
	CHECK(!line_is_up());
	CHECK(!d->platform->routing.fpu_ignored);
	board_destroy(d);
}

UNIT_MAIN(UNIT(test_new_way), UNIT(test_interrupt), UNIT(test_error_stays), UNIT(test_waits),
          UNIT(test_interrupts_off), UNIT(test_reset))
