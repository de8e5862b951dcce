/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt wires of an HVM guest's board: from devices to both controllers, shared lines, links, the PICs' way to CPUs, the callback for events. */
#include <string.h>

#include "errno.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;

static void start(void)
{
	d = board_create(BOARD_ALL, 2);
}

static bool pic_line(unsigned line)
{
	return d->pic->chip[line >> 3].lines >> (line & 7) & 1;
}

static bool pin(unsigned gsi)
{
	return container_of(vioapic_line(d, gsi), struct vioapic_pin, wire)->asserted;
}

static void isa(void)
{
	start();
	for (unsigned irq = 0; irq < 16; irq++) {
		unsigned gsi = irq ? irq : 2;

		irq_routing_isa_set(d, irq, true);
		CHECK_EQ(pic_line(irq), irq != 2);
		CHECK_EQ(pin(gsi), irq != 2);
		irq_routing_isa_set(d, irq, false);
		CHECK(!pic_line(irq) && !pin(gsi));
	}
	irq_routing_isa_set(d, 16, true); /* no such one */
	irq_routing_isa_set(d, 5, true);
	irq_routing_isa_set(d, 5, true); /* the same end: counts once */
	irq_routing_isa_set(d, 5, false);
	CHECK(!pic_line(5));
	board_pin(d, 4, 0x51);
	irq_routing_isa_set(d, 4, true);
	CHECK_EQ(board_take(d), 0x51);
	CHECK_EQ(board_take(d), -1);
	board_destroy(d);
}

static void pci(void)
{
	start();
	/* slot 3, function 0, pin A: line 28; function 1, the same pin: the same line */
	irq_routing_pci_set(d, 3 << 3, 0, true);
	CHECK(pin(28));
	irq_routing_pci_set(d, 3 << 3 | 1, 0, true);
	irq_routing_pci_set(d, 3 << 3, 0, false);
	CHECK(pin(28));
	irq_routing_pci_set(d, 3 << 3 | 1, 0, false);
	CHECK(!pin(28));
	/* slot 11 has the lines of slot 3 */
	irq_routing_pci_set(d, 11 << 3, 1, true);
	CHECK(pin(29));
	irq_routing_pci_set(d, 3 << 3, 1, true);
	irq_routing_pci_set(d, 11 << 3, 1, false);
	CHECK(pin(29));
	irq_routing_pci_set(d, 3 << 3, 1, false);
	CHECK(!pin(29));
	irq_routing_pci_set(d, 31 << 3, 3, true);
	CHECK(pin(16 + ((31 * 4 + 3) & 31)));
	irq_routing_pci_set(d, 256, 0, true);
	irq_routing_pci_set(d, 0, 4, true);
	board_destroy(d);
}

static void links(void)
{
	start();
	irq_routing_link_set(d, 3, 11);
	irq_routing_pci_set(d, 3 << 3, 0, true); /* link 3 */
	CHECK(pic_line(11) && pin(11));
	irq_routing_link_set(d, 3, 10); /* it goes on elsewhere */
	CHECK(!pic_line(11) && pic_line(10));
	irq_routing_link_set(d, 2, 10);
	irq_routing_pci_set(d, 1 << 3, 1, true); /* link 2 */
	irq_routing_pci_set(d, 3 << 3, 0, false);
	CHECK(pic_line(10));
	irq_routing_isa_set(d, 10, true);
	irq_routing_pci_set(d, 1 << 3, 1, false);
	CHECK(pic_line(10));
	irq_routing_isa_set(d, 10, false);
	CHECK(!pic_line(10) && !pin(10));
	irq_routing_pci_set(d, 1 << 3, 1, true);
	irq_routing_link_set(d, 2, 0);
	CHECK(!pic_line(10));
	irq_routing_link_set(d, 2, 9);
	CHECK(pic_line(9));
	irq_routing_link_set(d, 4, 9);
	irq_routing_link_set(d, 0, 16);
	board_destroy(d);
}

static void level_pci_through_the_ioapic(void)
{
	struct vcpu *v;

	start();
	v = d->vcpus[0];
	board_pin(d, 28, 0x61 | PIN_LEVEL);
	irq_routing_pci_set(d, 3 << 3, 0, true);
	CHECK_EQ(vlapic_pending_vector(v), 0x61);
	vlapic_accept(v, 0x61);
	vlapic_eoi(v);
	CHECK_EQ(vlapic_pending_vector(v), 0x61); /* still high */
	vlapic_accept(v, 0x61);
	irq_routing_pci_set(d, 3 << 3, 0, false);
	vlapic_eoi(v);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	board_destroy(d);
}

static void own_devices(void)
{
	start();
	irq_routing_source_set(d, IRQ_SOURCE_HPET, 20, true);
	CHECK(pin(20));
	irq_routing_source_set(d, IRQ_SOURCE_HPET, 21, true);
	CHECK(!pin(20) && pin(21));
	irq_routing_pci_set(d, 1 << 3, 1, true); /* line 21, too */
	irq_routing_source_set(d, IRQ_SOURCE_HPET, 21, false);
	CHECK(pin(21));
	irq_routing_source_set(d, IRQ_SOURCE_HPET, IRQ_LINES, true);
	irq_routing_pci_set(d, 1 << 3, 1, false);
	CHECK(!pin(21));
	board_pics(d, 0xfffe);
	irq_routing_source_pulse(d, IRQ_SOURCE_PIT, 0);
	CHECK_EQ(board_take_pic(d), 0x20);
	CHECK_EQ(board_take_pic(d), -1);
	irq_routing_source_pulse(d, IRQ_SOURCE_PIT, 0);
	CHECK_EQ(board_take_pic(d), 0x20);
	board_destroy(d);
}

static void what_became_of_an_edge(void)
{
	start();
	CHECK_EQ(irq_routing_line_state(d, 0), IRQ_LINE_DEAF);
	board_out(d, 0x21, 0xfe); /* open, but nobody listens to the PICs */
	CHECK_EQ(irq_routing_line_state(d, 0), IRQ_LINE_DEAF);
	board_pics(d, 0xfffe);
	CHECK_EQ(irq_routing_line_state(d, 0), IRQ_LINE_TAKEN);
	irq_routing_source_pulse(d, IRQ_SOURCE_PIT, 0);
	CHECK_EQ(irq_routing_line_state(d, 0), IRQ_LINE_WAITS);
	CHECK_EQ(board_take_pic(d), 0x20);
	CHECK_EQ(irq_routing_line_state(d, 0), IRQ_LINE_TAKEN);
	board_pics(d, 0xffff);
	board_pin(d, 8, 0x71);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_TAKEN);
	irq_routing_source_pulse(d, IRQ_SOURCE_RTC, 8);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_WAITS);
	CHECK_EQ(board_take(d), 0x71);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_TAKEN);
	board_pin(d, 8, PIN_MASKED);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_DEAF);
	CHECK_EQ(irq_routing_line_state(d, 20), IRQ_LINE_DEAF);
	/* of the slave: its own mask and the cascade's */
	board_pics(d, 0xfe00);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_WAITS); /* latched behind the mask */
	CHECK_EQ(board_take_pic(d), 0x28);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_TAKEN);
	board_pics(d, 0xfe04);
	CHECK_EQ(irq_routing_line_state(d, 8), IRQ_LINE_DEAF);
	board_destroy(d);
}

static void messages(void)
{
	start();
	CHECK_EQ(irq_routing_msi(d, 0xfee00000, 0x45), 1);
	CHECK_EQ(board_take(d), 0x45);
	CHECK_EQ(irq_routing_msi(d, 0xfee02000, 0x46), 1); /* the second vcpu's */
	CHECK_EQ(vlapic_pending_vector(d->vcpus[1]), 0x46);
	CHECK_EQ(irq_routing_msi(d, 0xfee05000, 0x46), 0);
	CHECK_EQ(irq_routing_msi(d, 0xfec00000, 0x46), 0);
	CHECK_EQ(irq_routing_msi(d, 0x1fee00000, 0x46), 0);
	irq_routing_stop(&d->platform->routing);
	CHECK_EQ(irq_routing_msi(d, 0xfee00000, 0x45), 0);
	irq_routing_isa_set(d, 5, true);
	CHECK(!pin(5));
	board_destroy(d);
	CHECK_EQ(irq_routing_msi(d, 0xfee00000, 0x45), 0);
	irq_routing_isa_set(d, 5, true);
	irq_routing_pci_set(d, 8, 0, true);
	irq_routing_link_set(d, 0, 5);
}

static void trigger_register(void)
{
	start();
	board_out(d, 0x4d0, 0xff);
	board_out(d, 0x4d1, 0xff);
	CHECK_EQ(board_in(d, 0x4d0), 0xf8);
	CHECK_EQ(board_in(d, 0x4d1), 0xde);
	board_pics(d, 0xfbfb & ~(1u << 11));
	irq_routing_isa_set(d, 11, true);
	CHECK_EQ(board_take_pic(d), 0x2b);
	CHECK_EQ(board_take_pic(d), 0x2b); /* a level: again */
	board_out(d, 0x4d1, 0);
	irq_routing_isa_set(d, 11, false);
	irq_routing_isa_set(d, 11, true);
	CHECK_EQ(board_take_pic(d), 0x2b);
	CHECK_EQ(board_take_pic(d), -1);
	board_out(d, 0x4d1, 0x08); /* it is high still */
	CHECK_EQ(board_take_pic(d), 0x2b);
	board_destroy(d);
}

/* Three ways from the PICs to a CPU: LINT0, no APIC at all, pin 0 of the IO-APIC. */
static void ways_to_the_cpu(void)
{
	struct vcpu *v, *other;

	start();
	v = d->vcpus[0];
	other = d->vcpus[1];
	board_out(d, 0x21, 0xfd);
	irq_routing_isa_set(d, 1, true);
	CHECK(!hvm_platform_extint_waits(v));
	atomic_exchange(&v->requests, 0);
	vlapic_write(v, APIC_LVT_TIMER + LVT_LINT0 * 0x10, DELIVER_EXTINT << 8);
	CHECK(v->requests & VCPU_REQ_EVENT); /* it looks again */
	CHECK(hvm_platform_extint_waits(v) && !hvm_platform_extint_waits(other));
	CHECK(vcpu_has_work(v) || !(v->regs.rflags & RFLAGS_IF));
	vlapic_write(v, APIC_LVT_TIMER + LVT_LINT0 * 0x10, LVT_MASKED | DELIVER_EXTINT << 8);
	CHECK(!hvm_platform_extint_waits(v));
	vlapic_write(v, APIC_LVT_TIMER + LVT_LINT0 * 0x10, 0x30); /* fixed: no PICs */
	CHECK(!hvm_platform_extint_waits(v));
	atomic_exchange(&other->requests, 0);
	board_write(d, HVM_IOAPIC_BASE, 4, 0x11);
	board_write(d, HVM_IOAPIC_BASE + 0x10, 4, 2u << 24);
	board_write(d, HVM_IOAPIC_BASE, 4, 0x10);
	board_write(d, HVM_IOAPIC_BASE + 0x10, 4, DELIVER_EXTINT << 8);
	CHECK(hvm_platform_extint_waits(other) && !hvm_platform_extint_waits(v));
	CHECK(other->requests & VCPU_REQ_EVENT);
	board_write(d, HVM_IOAPIC_BASE + 0x10, 4, PIN_MASKED | DELIVER_EXTINT << 8);
	CHECK(!hvm_platform_extint_waits(other));
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, 0xfee00100)); /* off */
	CHECK(hvm_platform_extint_waits(v));
	CHECK_EQ(board_take_pic(d), 0x21);
	CHECK(!hvm_platform_extint_waits(v));
	board_destroy(d);
}

static bool full(void *who, uint8_t vector)
{
	*(int *)who = vector;
	return false;
}

static void refused_by_the_cpu(void)
{
	int vector = -1;

	start();
	board_pics(d, 0xfbfb & ~(1u << 12));
	irq_routing_isa_set(d, 12, true);
	CHECK(!vpic_acknowledge_by(d->pic, full, &vector));
	CHECK_EQ(vector, 0x2c);
	CHECK_EQ(d->pic->chip[0].isr | d->pic->chip[1].isr, 0);
	CHECK_EQ(board_take_pic(d), 0x2c); /* it has waited */
	vector = -1;
	CHECK(vpic_acknowledge_by(d->pic, full, &vector)); /* nothing to take */
	CHECK_EQ(vector, -1);
	board_destroy(d);
}

/* ---- the callback ---- */

#define TYPE(t) ((uint64_t)(t) << 56)

static void upcall(bool on)
{
	d->vcpus[0]->info[0] = on;
}

static void callback_by_line(void)
{
	start();
	board_pin(d, 9, 0x91 | PIN_LEVEL);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, 9), 0);
	irq_routing_callback_sync(d);
	CHECK(!pin(9));
	upcall(true);
	irq_routing_callback_sync(d);
	CHECK(pin(9) && pic_line(9));
	CHECK_EQ(vlapic_pending_vector(d->vcpus[0]), 0x91);
	vlapic_accept(d->vcpus[0], 0x91);
	/* the guest's handler: no exit, and the end of interrupt finds the line low */
	upcall(false);
	vlapic_eoi(d->vcpus[0]);
	CHECK(!pin(9));
	CHECK_EQ(vlapic_pending_vector(d->vcpus[0]), -1);
	/* by the PICs: the last look is at the acknowledge and at each access */
	board_pics(d, 0xfbfb & ~(1u << 9));
	upcall(true);
	irq_routing_callback_sync(d);
	CHECK(hvm_platform_extint_waits(d->vcpus[0]));
	upcall(false);
	board_in(d, 0x21);
	CHECK(!hvm_platform_extint_waits(d->vcpus[0]));
	board_destroy(d);
}

static void callback_by_pin(void)
{
	start();
	irq_routing_link_set(d, 2, 5);
	/* slot 2, pin A: line 24, link 2 */
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, TYPE(1) | 2 << 11), 0);
	upcall(true);
	irq_routing_callback_sync(d);
	CHECK(pin(24) && pic_line(5));
	irq_routing_pci_set(d, 2 << 3, 0, true); /* the device's own pin beside it */
	upcall(false);
	irq_routing_callback_sync(d);
	CHECK(pin(24) && pic_line(5));
	irq_routing_pci_set(d, 2 << 3, 0, false);
	CHECK(!pin(24) && !pic_line(5));
	upcall(true);
	irq_routing_callback_sync(d);
	/* another way: the old one is low */
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, TYPE(2) | 0xf3), 0);
	CHECK(!pin(24) && !pic_line(5));
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, TYPE(1) | 3 << 11 | 1), 0);
	CHECK(pin(29) && !pin(24));
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, 200), 0); /* no such line */
	CHECK(!pin(29));
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, 0), 0);
	irq_routing_callback_sync(d);
	board_destroy(d);
}

static void saved(void)
{
	struct irq_routing out, again;

	start();
	irq_routing_link_set(d, 3, 11);
	irq_routing_pci_set(d, 3 << 3, 0, true);
	irq_routing_isa_set(d, 4, true);
	irq_routing_source_set(d, IRQ_SOURCE_RTC, 8, true);
	memset(&out, 0, sizeof(out));
	irq_routing_save(d, &out);
	board_destroy(d);
	start();
	CHECK_EQ(irq_routing_restore(d, &out), 0);
	CHECK_EQ(d->platform->routing.line_count[11], 1);
	CHECK_EQ(d->platform->routing.line_count[28], 1);
	CHECK_EQ(d->platform->routing.line_count[4], 1);
	CHECK_EQ(d->platform->routing.line_count[8], 1);
	irq_routing_pci_set(d, 3 << 3, 0, false);
	CHECK_EQ(d->platform->routing.line_count[11], 0);
	again = out;
	again.link_route[0] = 16;
	CHECK_EQ(irq_routing_restore(d, &again), -EINVAL);
	again = out;
	again.source_line[0] = IRQ_LINES;
	CHECK_EQ(irq_routing_restore(d, &again), -EINVAL);
	again = out;
	again.callback_link = 1; /* held by nobody */
	CHECK_EQ(irq_routing_restore(d, &again), -EINVAL);
	board_destroy(d);
}

UNIT_MAIN(UNIT(isa), UNIT(pci), UNIT(links), UNIT(level_pci_through_the_ioapic), UNIT(own_devices),
          UNIT(what_became_of_an_edge), UNIT(messages), UNIT(trigger_register),
          UNIT(ways_to_the_cpu), UNIT(refused_by_the_cpu), UNIT(callback_by_line),
          UNIT(callback_by_pin), UNIT(saved))
