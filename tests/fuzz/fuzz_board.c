/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board of an HVM guest: any access to any of its devices while time passes, lines rise and fall and CPUs take what comes. After each step what must hold of them is
 * looked at; now and then all of it is saved and put into itself again.
 *
 * Input: steps of 8 bytes: what, which, size, place (2 bytes), value (3 bytes).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP  8u
#define STEPS 300u

static struct domain *d;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

/* ---- what must hold ---- */

static void wires_hold(void)
{
	struct irq_routing again = d->platform->routing, *r = &d->platform->routing;

	must(irq_routing_count(&again), "wires that can be");
	must(!memcmp(again.line_count, r->line_count, sizeof(r->line_count)), "line counts");
	must(!memcmp(again.link_count, r->link_count, sizeof(r->link_count)), "link counts");
	for (unsigned line = 0; line < IRQ_LINES; line++) {
		struct irq_line *pin = vioapic_line(d, line ? line : 2);

		if (line == 2)
			continue;
		must(container_of(pin, struct vioapic_pin, wire)->asserted ==
		             (r->line_count[line] != 0),
		     "a pin that is its line");
		if (line < 16)
			must((d->pic->chip[line >> 3].lines >> (line & 7) & 1) ==
			             (r->line_count[line] != 0),
			     "a PIC's line");
	}
}

static void timers_hold(void)
{
	const struct vrtc *c = d->platform->rtc;
	const struct vhpet *h = d->platform->hpet;
	const struct vpit *p = d->platform->pit;
	bool legacy = (h->config & 3) == 3;

	must(p->is_cut_off == legacy && c->is_cut_off == legacy, "legacy replacement");
	must(c->flags == (c->flags & 0x70), "flags of the RTC");
	must(d->platform->routing.source_level[IRQ_SOURCE_RTC] ==
	             (!legacy && (c->flags & c->cmos[RTC_B] & 0x70)),
	     "the RTC's line");
	for (unsigned i = 0; i < HPET_TIMERS; i++)
		must(h->timers[i].due == UINT64_MAX || (h->config & 1),
		     "no match while the counter stands");
	for (unsigned i = 0; i < PIT_CHANNELS; i++) {
		const struct vpit_channel *ch = &p->channel[i];

		must(ch->count <= 65536 && ch->next_count <= 65536, "counts of the PIT");
		must(ch->state == PIT_IDLE || ch->count, "something to count from");
		must(ch->gate == (i < 2 || (p->control & 1)), "gates");
	}
}

/* ---- steps ---- */

static uint64_t value_of(const uint8_t *s)
{
	uint64_t low = s[5] | s[6] << 8;

	/* small numbers, large ones, and all ones above */
	return s[7] & 1   ? low << (s[7] & 0x38)
	       : s[7] & 2 ? low | ~0xffffull
	                  : low | (uint64_t)s[7] << 16;
}

static void access(struct io_bus *bus, uint64_t base, const uint8_t *s)
{
	struct io_access a = { .addr = base,
		               .size = (uint8_t)(1u << (s[2] & 3)),
		               .is_write = s[2] & 4,
		               .value = value_of(s),
		               .cpu = d->vcpus[0] };

	(void)iobus_access(bus, &a);
}

static void port(const uint8_t *s)
{
	static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x40, 0x41,  0x42,  0x43,
		                          0x61, 0x70, 0x71, 0x72, 0x73, 0x4d0, 0x4d1, 0xb008 };

	access(&d->pio, ports[s[1] & 15] + (s[2] & 0x80 ? s[3] & 3u : 0u), s);
}

static void hpet(const uint8_t *s)
{
	access(&d->mmio, HPET_BASE + (s[1] & 1 ? (s[3] | s[4] << 8) & 0x3ff : (s[3] & 0x3f) * 8),
	       s);
}

static void ioapic(const uint8_t *s)
{
	board_pin(d, s[1] % HVM_IOAPIC_PINS, (uint32_t)value_of(s));
}

static void rtc(const uint8_t *s)
{
	board_out(d, 0x70, s[1] & 0xf);
	if (s[2] & 4)
		board_out(d, 0x71, s[5]);
	else
		(void)board_in(d, 0x71);
}

static void line(const uint8_t *s)
{
	bool level = s[2] & 1;

	switch (s[1] & 3) {
	case 0: irq_routing_isa_set(d, s[3], level); break;
	case 1: irq_routing_pci_set(d, s[3], s[4] & 7, level); break;
	case 2: irq_routing_link_set(d, s[3] & 7, s[4] & 0x1f); break;
	default: (void)irq_routing_msi(d, value_of(s) | 0xfee00000, s[3] | s[4] << 8);
	}
}

static void time_passes(const uint8_t *s)
{
	uint64_t ns = (uint64_t)(s[3] | s[4] << 8) << (s[1] & 31);

	fake_advance(ns & ((1ull << 42) - 1));
	timers_run();
}

static void cpu(const uint8_t *s)
{
	struct vcpu *v = d->vcpus[0];

	switch (s[1] & 7) {
	case 0: (void)board_take(d); break;
	case 1: (void)board_take_pic(d); break;
	case 2: vlapic_write(v, APIC_LVT_TIMER + LVT_LINT0 * 0x10, s[3] | s[4] << 8); break;
	case 3: v->info[0] = s[3] & 1; break;
	case 4: irq_routing_callback_sync(d); break;
	case 5:
		(void)!hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ,
		                     (uint64_t)(s[2] & 3) << 56 | s[3] | s[4] << 8);
		break;
	case 6: (void)!hvm_param_set(NULL, d, HVM_PARAM_TIMER_MODE, s[3] & 7); break;
	default: vlapic_eoi(v);
	}
}

static void move(const uint8_t *s)
{
	(void)!vpmtimer_move(d, (uint16_t)(s[3] | s[4] << 8));
	vrtc_set_cmos(d, s[3] | (s[4] & 1u) << 8, s[5]);
	if (s[1] & 1)
		vrtc_adjust(d, (int64_t)(value_of(s) << (s[2] & 0x3f)));
}

/* A byte of the record is another, where that can be read at all. */
static void damage(const struct save_field *fields, void *state, const uint8_t *s)
{
	static uint8_t record[1024];
	long n = save_write(fields, 1, state, record, sizeof(record));

	must(n > 0, "a record");
	record[value_of(s) % (size_t)n] ^= s[2];
	(void)!save_read(fields, 1, state, record, (size_t)n);
}

/* What a device says of itself, it takes. */
static void save_and_restore(const uint8_t *s)
{
	static struct vrtc c;
	struct vhpet h;
	struct vpit p;
	struct irq_routing w;

	memset(&c, 0, sizeof(c));
	memset(&h, 0, sizeof(h));
	memset(&p, 0, sizeof(p));
	vrtc_save(d->platform->rtc, &c);
	vhpet_save(d->platform->hpet, &h);
	vpit_save(d->platform->pit, &p);
	irq_routing_save(d, &w);
	if (s[1] & 1) {
		damage(vhpet_saved, &h, s);
		damage(vpit_saved, &p, s);
		damage(vrtc_saved, &c, s);
		/* what the others must agree with */
		h.config = d->platform->hpet->config;
		p.is_cut_off = d->platform->pit->is_cut_off;
		c.is_cut_off = d->platform->rtc->is_cut_off;
		c.flags = d->platform->rtc->flags;
		c.cmos[RTC_B] = d->platform->rtc->cmos[RTC_B];
		(void)!vrtc_restore(d->platform->rtc, &c);
		(void)!vhpet_restore(d->platform->hpet, &h);
		(void)!vpit_restore(d->platform->pit, &p);
		return;
	}
	must(!vrtc_restore(d->platform->rtc, &c), "the RTC takes its own");
	must(!vhpet_restore(d->platform->hpet, &h), "the HPET takes its own");
	must(!vpit_restore(d->platform->pit, &p), "the PIT takes its own");
	must(!irq_routing_restore(d, &w), "wires take their own");
}

static void (*const steps[])(const uint8_t *s) = {
	port, port,        port,        hpet, hpet, ioapic, rtc,
	line, time_passes, time_passes, cpu,  cpu,  move,   save_and_restore,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fake_domain_keeps_ram = true;
	d = board_create(BOARD_ALL, 2);
	for (unsigned n = 0; n < STEPS && size >= STEP; n++, data += STEP, size -= STEP) {
		steps[data[0] % ARRAY_LEN(steps)](data);
		wires_hold();
		timers_hold();
	}
	if (size & 1)
		hvm_platform_reset(d);
	board_destroy(d);
	must(!timer_is_set(&d->watchdog[0]), "nothing is left");
	return 0;
}
