/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board of an HVM guest: what it is made of, and the PICs' way to the CPUs. */
#include "hvm_platform.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>

#define TRIGGER_PORT 0x4d0
#define FPU_PORT     0xf0
/* Interrupts 0, 1, 2, 8 and 13 are edges (PIIX3, 290550, 2.5.4.9). */
#define TRIGGER_MASK 0xdef8u

#define TIMER_MODE_DEFAULT 1u /* what was missed is made up for */

/* ---- ELCR: a byte for each PIC ---- */

static enum io_result trigger_access(struct io_region *r, struct io_access *a)
{
	struct domain *d = container_of(r, struct hvm_platform, trigger)->domain;
	unsigned shift = 8 * (unsigned)a->addr;
	uint16_t mask = vpic_level_mask(d->pic);

	if (a->is_write) {
		mask &= (uint16_t) ~(0xff << shift);
		mask |= (uint16_t)((uint8_t)a->value << shift);
		vpic_set_level_mask(d->pic, mask & TRIGGER_MASK);
	} else {
		a->value = mask >> shift & 0xff;
	}
	return IO_DONE;
}

/* ---- the x87's port: interrupt 13 goes, whatever is written (PIIX3, 290550, "coprocessor error register") ---- */

static enum io_result fpu_access(struct io_region *r, struct io_access *a)
{
	struct domain *d = container_of(r, struct hvm_platform, fpu_clear)->domain;

	if (a->is_write)
		irq_routing_fpu_clear(d);
	else
		a->value = ~0ull;
	return IO_DONE;
}

/* ---- the PICs' wire ---- */

static bool is_reached(struct vcpu *v)
{
	return vlapic_accepts_extint(&v->lapic) || vioapic_brings_extint(v->domain, v);
}

static void extint_set(struct irq_line *l, bool level)
{
	struct hvm_platform *p = container_of(l, struct hvm_platform, extint);
	struct vcpu *v;
	uint32_t i;

	if (level == p->extint_level)
		return;
	write_once(p->extint_level, level);
	if (!level)
		return;
	domain_for_each_vcpu(p->domain, v, i)
		if (is_reached(v))
			vcpu_request(v, VCPU_REQ_EVENT);
}

bool hvm_platform_extint_waits(struct vcpu *v)
{
	return read_once(v->domain->platform->extint_level) && is_reached(v);
}

bool hvm_platform_extint_take(struct vcpu *v, bool (*inject)(void *v, uint8_t vector))
{
	return vpic_acknowledge_by(v->domain->pic, inject, v);
}

static void lines_sync(struct vpic *pic)
{
	irq_routing_callback_sync(container_of(pic, struct hvm_pics, pic)->domain);
}

/* ---- making ---- */

static int pics_create(struct domain *d)
{
	struct hvm_platform *p = d->platform;
	struct hvm_pics *pics = heap_alloc(sizeof(*pics));
	int err;

	if (!pics)
		return -ENOMEM;
	pics->domain = d;
	d->pic = &pics->pic;
	p->extint.set = extint_set;
	vpic_init(d->pic, &p->extint);
	d->pic->sync = lines_sync;
	p->trigger = (struct io_region){ "ELCR", TRIGGER_PORT, 2, 1, 1, trigger_access };
	p->fpu_clear = (struct io_region){ "x87 error", FPU_PORT, 1, 1, 1, fpu_access };
	err = vpic_claim(d->pic, &d->pio);
	if (!err)
		err = iobus_claim(&d->pio, &p->trigger);
	return err ? err : iobus_claim(&d->pio, &p->fpu_clear);
}

static int ioapic_create(struct domain *d)
{
	static const struct vioapic_config config = { HVM_IOAPIC_BASE, 0, 0, HVM_IOAPIC_PINS };

	return vioapic_create(d, &config);
}

static int pit_create(struct domain *d)
{
	return vpit_create(d, &d->platform->pit);
}

static int rtc_create(struct domain *d)
{
	return vrtc_create(d, &d->platform->rtc);
}

static int hpet_create(struct domain *d)
{
	d->hvm_params.value[HVM_PARAM_HPET_ENABLED] = 1;
	return vhpet_create(d, &d->platform->hpet);
}

static int pm_timer_create(struct domain *d)
{
	return vpmtimer_create(d, &d->platform->pm_timer);
}

static const struct {
	uint32_t flag;
	int (*create)(struct domain *d);
} parts[] = {
	{ XEN_X86_EMU_PIC, pics_create },  { XEN_X86_EMU_IOAPIC, ioapic_create },
	{ XEN_X86_EMU_PIT, pit_create },   { XEN_X86_EMU_RTC, rtc_create },
	{ XEN_X86_EMU_HPET, hpet_create }, { XEN_X86_EMU_PM, pm_timer_create },
};

static uint32_t parts_flags(void)
{
	uint32_t flags = 0;

	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		flags |= parts[i].flag;
	return flags;
}

int hvm_platform_create(struct domain *d)
{
	struct hvm_platform *p;
	int err = 0;

	if (!(d->emulation_flags & parts_flags()))
		return 0;
	p = heap_alloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->domain = d;
	irq_routing_init(&p->routing);
	d->platform = p;
	d->hvm_params.value[HVM_PARAM_TIMER_MODE] = TIMER_MODE_DEFAULT;
	for (unsigned i = 0; i < ARRAY_LEN(parts) && !err; i++)
		if (d->emulation_flags & parts[i].flag)
			err = parts[i].create(d);
	return err;
}

int hvm_platform_stop(struct domain *d)
{
	struct hvm_platform *p = d->platform;

	if (!p)
		return 0;
	irq_routing_stop(&p->routing);
	if (p->hpet)
		vhpet_stop(p->hpet);
	if (p->rtc)
		vrtc_stop(p->rtc);
	if (p->pit)
		vpit_stop(p->pit);
	return 0;
}

void hvm_platform_destroy(struct domain *d)
{
	struct hvm_platform *p = d->platform;

	if (!p)
		return;
	hvm_platform_stop(d);
	if (p->hpet)
		vhpet_destroy(p->hpet);
	if (p->rtc)
		vrtc_destroy(p->rtc);
	if (p->pit)
		vpit_destroy(p->pit);
	if (p->pm_timer)
		vpmtimer_destroy(p->pm_timer);
	vioapics_destroy(d);
	if (d->pic) {
		vpic_release(d->pic, &d->pio);
		iobus_release(&d->pio, &p->trigger);
		iobus_release(&d->pio, &p->fpu_clear);
		heap_free(container_of(d->pic, struct hvm_pics, pic));
		d->pic = NULL;
	}
	d->platform = NULL;
	heap_free(p);
}

void hvm_platform_sleep(struct domain *d)
{
	struct hvm_platform *p = d->platform;

	if (!p)
		return;
	if (p->hpet)
		vhpet_reset(p->hpet);
	if (p->rtc)
		vrtc_sleep(p->rtc);
}

void hvm_platform_reset(struct domain *d)
{
	struct hvm_platform *p = d->platform;

	if (!p)
		return;
	if (p->hpet)
		vhpet_reset(p->hpet);
	if (p->rtc)
		vrtc_reset(p->rtc);
	if (p->pit)
		vpit_reset(p->pit);
	for (uint32_t i = 0; i < d->nr_ioapics; i++)
		vioapic_reset(d->ioapics[i]);
	if (d->pic) {
		irq_routing_fpu_reset(d);
		vpic_reset(d->pic);
	}
}
