/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board of an HVM guest: which devices its flags make, its end, its reset, and interrupts of PICs and callback on their way into the guest. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;

static void flags(void)
{
	static const struct {
		uint32_t flag;
		uint16_t port;
		uint32_t memory;
	} rows[] = {
		{ XEN_X86_EMU_PIC, 0x20, 0 },
		{ XEN_X86_EMU_PIC, 0x4d1, 0 },
		{ XEN_X86_EMU_PIT, 0x43, 0 },
		{ XEN_X86_EMU_PIT, 0x61, 0 },
		{ XEN_X86_EMU_RTC, 0x73, 0 },
		{ XEN_X86_EMU_PM, PM_TIMER_PORT, 0 },
		{ XEN_X86_EMU_IOAPIC, 0, HVM_IOAPIC_BASE },
		{ XEN_X86_EMU_HPET, 0, HPET_BASE },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		d = board_create(XEN_X86_EMU_LAPIC | rows[i].flag, 1);
		for (unsigned k = 0; k < ARRAY_LEN(rows); k++) {
			bool there = rows[k].port ? iobus_find(&d->pio, rows[k].port) != NULL
			                          : iobus_find(&d->mmio, rows[k].memory) != NULL;

			CHECK_EQ(there, rows[k].flag == rows[i].flag);
		}
		board_destroy(d);
		CHECK(!d->platform && !d->pic && !d->nr_ioapics);
		CHECK(!iobus_find(&d->pio, 0x43) && !iobus_find(&d->mmio, HVM_IOAPIC_BASE));
	}
	d = board_create(XEN_X86_EMU_LAPIC, 1);
	CHECK(!d->platform);
	board_destroy(d);
	d = board_create(BOARD_ALL, 1);
	CHECK_EQ(d->ioapics[0]->nr_pins, 48);
	CHECK_EQ(board_read(d, HVM_IOAPIC_BASE, 4), 0);
	board_write(d, HVM_IOAPIC_BASE, 4, 1);
	CHECK_EQ(board_read(d, HVM_IOAPIC_BASE + 0x10, 4) >> 16, 47);
	CHECK_EQ(d->hvm_params.value[HVM_PARAM_HPET_ENABLED], 1);
	CHECK_EQ(d->hvm_params.value[HVM_PARAM_TIMER_MODE], 1);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_TIMER_MODE, 3), 0);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_TIMER_MODE, 4), -EINVAL);
	board_destroy(d);
}

static enum io_result nothing(struct io_region *r, struct io_access *a)
{
	return IO_DONE;
}

/* A place is taken: what was made goes with the domain. */
static void refused(void)
{
	static struct io_region taken;

	d = fake_domain_machine(1, 1, 16);
	d->emulation_flags = BOARD_ALL;
	taken = (struct io_region){ "taken", 0x70, 1, 1, 1, nothing };
	CHECK_EQ(iobus_claim(&d->pio, &taken), 0);
	CHECK_EQ(hvm_platform_create(d), -EEXIST);
	CHECK(d->platform->pit && !d->platform->rtc);
	iobus_release(&d->pio, &taken);
	board_destroy(d);
}

/* By the domain's own end, with timers that run. */
static void end_of_domain(void)
{
	struct domain *guest;
	uint64_t before;

	d = fake_domain_machine(1, 1, 16);
	before = page_nr_free();
	for (unsigned i = 0; i < 3; i++) {
		struct domain_config config = {
			.id = 5, .max_vcpus = 2, .max_pages = 100, .emulation_flags = BOARD_ALL
		};

		guest = fake_domain_build(&config, 16, 0);
		CHECK_EQ(hvm_platform_create(guest), 0);
		CHECK_EQ(domain_start(guest), 0);
		board_out(guest, 0x43, 0x34);
		board_out(guest, 0x40, 0xa9);
		board_out(guest, 0x40, 0x04);
		board_write(guest, HPET_BASE + 0x100, 8, 0x4c | 20 << 9);
		board_write(guest, HPET_BASE + 0x108, 8, 100000);
		board_write(guest, HPET_BASE + 0x10, 8, 1);
		board_advance(3000000);
		fixture_end(guest);
		board_advance(10000000);
		CHECK(!domain_get(5));
	}
	CHECK(page_nr_free() + 8 >= before); /* but for what heaps keep */
}

static void reset(void)
{
	d = board_create(BOARD_ALL, 1);
	board_pin(d, 5, 0x55);
	board_pics(d, 0xfffe);
	board_out(d, 0x61, 3);
	vrtc_set_cmos(d, 0x40, 0x40);
	board_write(d, HPET_BASE + 0x10, 8, 3);
	CHECK(d->platform->pit->is_cut_off && d->platform->rtc->is_cut_off);
	hvm_platform_reset(d);
	CHECK_EQ(board_in(d, 0x61) & 0xf, 0);
	CHECK(!d->platform->pit->is_cut_off && !d->platform->rtc->is_cut_off);
	CHECK_EQ(d->platform->hpet->config, 0);
	CHECK_EQ(d->pic->chip[0].vector_base, 0);
	board_write(d, HVM_IOAPIC_BASE, 4, 0x10 + 10);
	CHECK_EQ(board_read(d, HVM_IOAPIC_BASE + 0x10, 4), 0x10000);
	board_out(d, 0x70, 0x40);
	CHECK_EQ(board_in(d, 0x71), 0x40);
	board_destroy(d);
}

/* ---- into the guest ---- */

static struct script_vcpu *s;
static struct vcpu *v;

static void guest(void)
{
	d = board_create(BOARD_ALL, 1);
	v = d->vcpus[0];
	s = script_of(v);
	v->regs.rflags |= RFLAGS_IF;
	board_pics(d, 0xfffd);
}

static void extint_is_injected(void)
{
	guest();
	irq_routing_isa_set(d, 1, true);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.type, EVENT_INTERRUPT);
	CHECK_EQ(s->injected.vector, 0x21);
	CHECK_EQ(d->pic->chip[0].isr, 2);
	/* not before there is room */
	board_out(d, 0x20, 0x20);
	irq_routing_isa_set(d, 1, false);
	irq_routing_isa_set(d, 1, true);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(d->pic->chip[0].isr, 0);
	CHECK_EQ(s->window, WINDOW_INTERRUPT);
	CHECK_EQ(s->window_priority, 16); /* whatever the TPR says */
	s->injected.type = EVENT_NONE;
	v->regs.rflags &= ~RFLAGS_IF;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.type, EVENT_NONE);
	v->regs.rflags |= RFLAGS_IF;
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x21);
	board_destroy(d);
}

static void extint_ends_a_halt(void)
{
	guest();
	CHECK(vcpu_prepare_entry(v));
	vcpu_halt(v);
	CHECK(v->halted);
	CHECK(!vcpu_prepare_entry(v));
	irq_routing_isa_set(d, 1, true);
	CHECK(v->requests & VCPU_REQ_EVENT);
	CHECK(vcpu_prepare_entry(v));
	CHECK(!v->halted);
	CHECK_EQ(s->injected.vector, 0x21);
	board_destroy(d);
}

static void callback_ends_a_halt(void)
{
	guest();
	board_pin(d, 24, 0x77 | PIN_LEVEL);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, 1ull << 56 | 2 << 11), 0);
	CHECK(vcpu_prepare_entry(v));
	vcpu_halt(v);
	CHECK(v->halted);
	event_channel_upcall(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK(!v->halted);
	CHECK_EQ(s->injected.vector, 0x77);
	/* the handler clears the byte and ends it: nothing is left */
	s->injected.type = EVENT_NONE;
	v->info[0] = 0;
	vlapic_eoi(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.type, EVENT_NONE);
	/* it does not clear it: again */
	event_channel_upcall(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x77);
	s->injected.type = EVENT_NONE;
	vlapic_eoi(v);
	CHECK(vcpu_prepare_entry(v));
	CHECK_EQ(s->injected.vector, 0x77);
	board_destroy(d);
}

/* Is interrupt 13 requested? By the second PIC's request register. */
static bool fpu_line(void)
{
	board_out(d, 0xa0, 0x0a);
	return board_in(d, 0xa0) & 0x20;
}

/* Errors of the coprocessor, the old way: interrupt 13, which port 0xf0 ends; from then on the error that stands is ignored, but not another one. */
static void coprocessor(void)
{
	d = board_create(BOARD_ALL, 1);
	CHECK(!fpu_line());
	CHECK(!irq_routing_fpu_error(d, true, false));
	CHECK(fpu_line());
	CHECK(irq_routing_fpu_error(d, false, true)); /* with interrupts off it waits */
	board_out(d, 0xf0, 0);
	CHECK(!fpu_line());
	CHECK(irq_routing_fpu_error(d, false, true));
	CHECK(irq_routing_fpu_error(d, true, true)); /* the same one again */
	CHECK(!fpu_line());
	CHECK(!irq_routing_fpu_error(d, true, false));
	CHECK(fpu_line());
	CHECK_EQ(board_in(d, 0xf0), 0xff);
	board_destroy(d);
	/* without a board there are no wires */
	d = board_create(XEN_X86_EMU_LAPIC, 1);
	CHECK(irq_routing_fpu_error(d, true, false));
	irq_routing_fpu_clear(d);
	board_destroy(d);
}

/* In the guest's sleep the event timer has lost its power; where it is not there nothing happens. */
static void sleep(void)
{
	d = board_create(BOARD_ALL, 1);
	board_write(d, HPET_BASE + 0x10, 4, 1);
	CHECK_EQ(board_read(d, HPET_BASE + 0x10, 4), 1);
	hvm_platform_sleep(d);
	CHECK_EQ(board_read(d, HPET_BASE + 0x10, 4), 0);
	board_destroy(d);
	d = board_create(XEN_X86_EMU_LAPIC | XEN_X86_EMU_PIT, 1);
	hvm_platform_sleep(d);
	board_destroy(d);
}

UNIT_MAIN(UNIT(coprocessor), UNIT(sleep), UNIT(flags), UNIT(refused), UNIT(end_of_domain),
          UNIT(reset), UNIT(extint_is_injected), UNIT(extint_ends_a_halt),
          UNIT(callback_ends_a_halt))
