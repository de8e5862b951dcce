/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records PIT, RTC, HPET and PMTIMER. They hold less than our own: what is not in them begins anew. */
#include "hvm_context.h"

#include "hvm_platform.h"
#include "string.h"

#include <xen/hvm/save.h>

#define RECORD_OF(kind, text, struct_name, saver, loader)                                 \
	{                                                                                 \
		.type = HVM_SAVE_CODE(kind), .name = (text), .size = sizeof(struct_name), \
		.min_size = sizeof(struct_name), .nr_of_board = 1, .board_save = (saver), \
		.board_load = (loader),                                                   \
	}

/* ---- PIT ---- */

/* How bytes are moved: numbers of the record's rw_mode, read_state and write_state */
enum { BYTE_LOW = 1, BYTE_HIGH = 2, BYTE_BOTH_LOW = 3, BYTE_BOTH_HIGH = 4 };

#define SPEAKER_GATE 1u
#define SPEAKER_DATA 2u

static uint8_t byte_state(const struct vpit_channel *c, bool high)
{
	return c->access < 3 ? c->access : high ? BYTE_BOTH_HIGH : BYTE_BOTH_LOW;
}

static void channel_save(const struct vpit_channel *c, struct hvm_hw_pit_channel *r)
{
	*r = (struct hvm_hw_pit_channel){
		.count = c->next_count ? c->next_count : c->count,
		.latched_count = c->latch,
		.count_latched = c->latched ? byte_state(c, c->read_high) : 0,
		.status_latched = c->status_latched,
		.status = c->status,
		.read_state = byte_state(c, c->read_high),
		.write_state = byte_state(c, c->write_high),
		.write_latch = c->write_low,
		.rw_mode = c->access,
		.mode = c->mode,
		.bcd = c->bcd,
		.gate = c->gate,
	};
}

static uint32_t pit_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_pit *r = record;
	struct vpit p;

	if (!d->platform || !d->platform->pit)
		return 0;
	memset(&p, 0, sizeof(p));
	vpit_save(d->platform->pit, &p);
	for (unsigned i = 0; i < PIT_CHANNELS; i++)
		channel_save(&p.channel[i], &r->channels[i]);
	r->speaker_data_on = p.control >> 1 & 1;
	return sizeof(*r);
}

static bool channel_load(const struct hvm_hw_pit_channel *r, struct vpit_channel *c, uint64_t t)
{
	if (r->mode > 5 || r->rw_mode > 3 || r->count > 65536)
		return false;
	memset(c, 0, sizeof(*c));
	c->mode = r->mode;
	c->access = r->rw_mode ? r->rw_mode : 3; /* one that nobody has programmed yet */
	c->bcd = r->bcd;
	c->gate = r->gate;
	c->latch = r->latched_count;
	c->latched = !r->count_latched ? 0 : r->count_latched == BYTE_BOTH_LOW ? 2 : 1;
	c->status_latched = r->status_latched;
	c->status = r->status;
	c->read_high = c->access == 3 && r->read_state == BYTE_BOTH_HIGH;
	c->write_high = c->access == 3 && r->write_state == BYTE_BOTH_HIGH;
	c->write_low = r->write_latch;
	/* 65536 is written as zero; of BCD the record has no digits. */
	if (r->rw_mode && r->count)
		vpit_channel_count(c, (uint16_t)r->count, t);
	return true;
}

static int pit_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_pit *r = record;
	uint64_t t = time_to_counts(domain_now_ns(d), PIT_HZ);
	struct vpit p;

	if (!d->platform || !d->platform->pit)
		return -ENODEV;
	memset(&p, 0, sizeof(p));
	vpit_save(d->platform->pit, &p);
	for (unsigned i = 0; i < PIT_CHANNELS; i++)
		if (!channel_load(&r->channels[i], &p.channel[i], t))
			return -EINVAL;
	/* The gates of the other two are wired to be on. */
	p.channel[0].gate = p.channel[1].gate = true;
	p.control = (uint8_t)((p.channel[2].gate ? SPEAKER_GATE : 0) |
	                      (r->speaker_data_on ? SPEAKER_DATA : 0));
	p.seen = t;
	return vpit_restore(d->platform->pit, &p);
}

const struct hvm_record hvm_record_pit =
	RECORD_OF(PIT, "PIT", struct hvm_hw_pit, pit_save, pit_load);

/* ---- RTC ---- */

static uint32_t rtc_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_rtc *r = record;
	struct vrtc c;

	if (!d->platform || !d->platform->rtc)
		return 0;
	vrtc_save(d->platform->rtc, &c);
	memcpy(r->cmos_data, c.cmos, sizeof(r->cmos_data));
	r->cmos_data[RTC_C] = c.flags;
	r->cmos_data[RTC_D] = 0x80;
	r->cmos_index = c.index[0];
	r->rtc_offset = (int64_t)((uint64_t)c.offset_s + d->wallclock_offset_s);
	return sizeof(*r);
}

static int rtc_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_rtc *r = record;
	struct vrtc c;

	if (!d->platform || !d->platform->rtc)
		return -ENODEV;
	vrtc_save(d->platform->rtc, &c);
	memcpy(c.cmos, r->cmos_data, sizeof(r->cmos_data));
	c.cmos[RTC_A] &= (uint8_t)~RTC_A_UIP;
	c.cmos[RTC_C] = c.cmos[RTC_D] = 0;
	c.flags = r->cmos_data[RTC_C] & (RTC_C_PF | RTC_C_AF | RTC_C_UF);
	c.index[0] = r->cmos_index & 0x7f;
	c.offset_s = (int64_t)((uint64_t)r->rtc_offset - d->wallclock_offset_s);
	c.seen_ns = domain_now_ns(d);
	return vrtc_restore(d->platform->rtc, &c);
}

const struct hvm_record hvm_record_rtc =
	RECORD_OF(RTC, "RTC", struct hvm_hw_rtc, rtc_save, rtc_load);

/* ---- HPET ---- */

static uint32_t hpet_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_hpet *r = record;
	struct vhpet *h = d->platform ? d->platform->hpet : NULL;
	struct vhpet copy;

	if (!h)
		return 0;
	memset(&copy, 0, sizeof(copy));
	r->capability = vhpet_read(h, HPET_REG_ID);
	r->config = vhpet_read(h, HPET_REG_CONFIG);
	r->isr = vhpet_read(h, HPET_REG_STATUS);
	r->mc64 = vhpet_read(h, HPET_REG_COUNTER);
	vhpet_save(h, &copy);
	for (unsigned i = 0; i < HPET_TIMERS; i++) {
		r->timers[i].config = vhpet_read(h, HPET_REG_TIMER(i));
		r->timers[i].cmp = copy.timers[i].comparator;
		r->period[i] = copy.timers[i].period;
	}
	return sizeof(*r);
}

static int hpet_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_hpet *r = record;
	struct vhpet *h = d->platform ? d->platform->hpet : NULL;
	struct vhpet in;

	if (!h)
		return -ENODEV;
	memset(&in, 0, sizeof(in));
	in.config = r->config;
	in.status = r->isr;
	in.counter = r->mc64;
	for (unsigned i = 0; i < HPET_TIMERS; i++) {
		in.timers[i].config =
			r->timers[i].config & (HPET_TIMER_WRITABLE | HPET_TIMER_ROUTE);
		in.timers[i].comparator = r->timers[i].cmp;
		in.timers[i].period = r->period[i];
	}
	return vhpet_load(h, &in);
}

const struct hvm_record hvm_record_hpet =
	RECORD_OF(HPET, "HPET", struct hvm_hw_hpet, hpet_save, hpet_load);

/* ---- PMTIMER: the event registers are the device model's ---- */

static uint32_t pm_timer_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_pmtimer *r = record;

	if (!d->platform || !d->platform->pm_timer)
		return 0;
	r->tmr_val = vpmtimer_count(d->platform->pm_timer);
	return sizeof(*r);
}

static int pm_timer_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_pmtimer *r = record;

	if (!d->platform || !d->platform->pm_timer)
		return -ENODEV;
	vpmtimer_set_count(d->platform->pm_timer, r->tmr_val);
	return 0;
}

const struct hvm_record hvm_record_pm_timer =
	RECORD_OF(PMTIMER, "PMTIMER", struct hvm_hw_pmtimer, pm_timer_save, pm_timer_load);
