/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock's registers, flags and interrupt. MC146818A; the second index and data port as the PIIX3 has them (290550, 2.5.6). */
#include "vrtc.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "hvm_platform.h"
#include "string.h"

#define RTC_PORT  0x70
#define RTC_IRQ   8
#define NS        1000000000u
#define UPDATE_NS 2228000u   /* UIP comes so long before the bytes change: 244 + 1984 us */
#define PHASE_NS  500000000u /* the first update after the divider was held */
#define FLAGS     (RTC_C_PF | RTC_C_AF | RTC_C_UF)
#define ENABLES   (RTC_B_PIE | RTC_B_AIE | RTC_B_UIE)
#define D_VALID   0x80
#define A_DEFAULT 0x26 /* 32768 Hz, 1024 ticks a second */
#define EPOCH_DOW 6    /* of year 0: its first day counts as a Saturday */

const struct save_field vrtc_saved[] = {
	SAVE_ARRAY(SAVE_U8, 1, struct vrtc, index),
	SAVE_ONE(SAVE_BOOL, 1, struct vrtc, nmi_masked),
	SAVE_BLOB(1, struct vrtc, cmos),
	SAVE_ONE(SAVE_U8, 1, struct vrtc, flags),
	SAVE_ONE(SAVE_U8, 1, struct vrtc, weekday_bias),
	SAVE_ONE(SAVE_U64, 1, struct vrtc, offset_s),
	SAVE_ONE(SAVE_U32, 1, struct vrtc, offset_ns),
	SAVE_ONE(SAVE_U64, 1, struct vrtc, seen_ns),
	SAVE_ONE(SAVE_BOOL, 1, struct vrtc, is_cut_off),
	SAVE_ONE(SAVE_U32, 1, struct vrtc, tick.missed),
	SAVE_ONE(SAVE_U32, 1, struct vrtc, tick.backlog),
	SAVE_LAST,
};

/* ---- time; lock ---- */

static uint64_t now_of(const struct vrtc *r)
{
	return domain_now_ns(r->domain);
}

/* Nanoseconds since an update, and updates, since some moment. */
static uint64_t phase_of(const struct vrtc *r, uint64_t now)
{
	return now + r->base_ns;
}

static int64_t second_of(const struct vrtc *r, uint64_t now)
{
	return r->base_s + (int64_t)(phase_of(r, now) / NS);
}

static bool divider_held(const struct vrtc *r)
{
	return (r->cmos[RTC_A] & RTC_A_RESET) == RTC_A_RESET;
}

static bool is_running(const struct vrtc *r)
{
	return !divider_held(r) && !(r->cmos[RTC_B] & RTC_B_SET);
}

/* The date of the machine that the guest's offset is from. */
static void real_base(const struct vrtc *r, int64_t *s, uint32_t *ns)
{
	uint64_t utc = machine_wallclock_ns() + r->domain->time_offset_ns;

	*s = (int64_t)(utc / NS) + (int64_t)read_once(r->domain->wallclock_offset_s);
	*ns = (uint32_t)(utc % NS);
}

static void base_from_offset(struct vrtc *r)
{
	int64_t s;
	uint32_t ns;

	real_base(r, &s, &ns);
	ns += r->offset_ns;
	r->base_s = (int64_t)((uint64_t)s + (uint64_t)r->offset_s + ns / NS);
	r->base_ns = ns % NS;
}

static void offset_from_base(struct vrtc *r)
{
	int64_t s;
	uint32_t ns;

	real_base(r, &s, &ns);
	r->offset_s = (int64_t)((uint64_t)r->base_s - (uint64_t)s - (r->base_ns < ns));
	r->offset_ns = r->base_ns < ns ? r->base_ns + NS - ns : r->base_ns - ns;
}

/* The bytes are the time's, while it runs; and the time is the bytes'. */
static void bytes_show(struct vrtc *r, uint64_t now)
{
	if (is_running(r))
		vrtc_bytes_from(r->cmos, second_of(r, now), r->weekday_bias);
}

static void bytes_take(struct vrtc *r, uint64_t now)
{
	if (!is_running(r))
		return;
	r->base_s = vrtc_seconds_from(r->cmos, &r->weekday_bias) - (int64_t)(phase_of(r, now) / NS);
	offset_from_base(r);
}

/* ---- flags; lock ---- */

/* The periodic interrupt's frequency; 0: none. Rates 1 and 2 are those of 8 and 9. */
static uint32_t frequency(const struct vrtc *r)
{
	unsigned rate = r->cmos[RTC_A] & RTC_A_RATE;

	if (!rate || divider_held(r))
		return 0;
	return 32768u >> ((rate < 3 ? rate + 7 : rate) - 1);
}

static uint64_t ticks_between(const struct vrtc *r, uint64_t from, uint64_t to)
{
	uint32_t hz = frequency(r);

	return hz ? time_to_counts(phase_of(r, to), hz) - time_to_counts(phase_of(r, from), hz) : 0;
}

static enum irq_line_state last_tick(struct vrtc *r)
{
	enum irq_line_state s = irq_routing_line_state(r->domain, RTC_IRQ);

	if (s == IRQ_LINE_DEAF)
		return s;
	return r->flags & RTC_C_PF ? IRQ_LINE_WAITS : IRQ_LINE_TAKEN;
}

/* One that is made up for comes by the timer only: a read of C that raised it would take it at once. */
static void ticks_advance(struct vrtc *r, uint64_t now, bool by_timer)
{
	uint64_t n = ticks_between(r, r->seen_ns, now);

	if (!n && !(by_timer && r->tick.backlog))
		return;
	if (!(r->cmos[RTC_B] & RTC_B_PIE) || r->is_cut_off) {
		if (n)
			r->flags |= RTC_C_PF;
	} else if (frequency(r) &&
	           vtick_due(&r->tick, r->domain, n, last_tick(r), NS / frequency(r))) {
		r->flags |= RTC_C_PF;
	}
}

static void flags_update(struct vrtc *r, uint64_t now, bool by_timer)
{
	ticks_advance(r, now, by_timer);
	if (is_running(r) && phase_of(r, r->seen_ns) / NS != phase_of(r, now) / NS) {
		r->flags |= RTC_C_UF;
		if (!(r->flags & RTC_C_AF) &&
		    vrtc_alarm_after(r->cmos, second_of(r, r->seen_ns)) <= second_of(r, now))
			r->flags |= RTC_C_AF;
	}
	r->seen_ns = now;
}

static void flags_advance(struct vrtc *r, uint64_t now)
{
	flags_update(r, now, false);
}

static bool is_asking(const struct vrtc *r)
{
	return r->flags & r->cmos[RTC_B] & ENABLES;
}

/* The time when phase_of() is so much. */
static uint64_t time_at(const struct vrtc *r, uint64_t phase)
{
	return phase - r->base_ns;
}

/* When the line rises next, or the alarm comes. The alarm is the power management's too: it counts as well where the line is high for another reason, or the HPET has taken it over. */
static uint64_t next_event(struct vrtc *r, uint64_t now)
{
	uint64_t next = UINT64_MAX, phase = phase_of(r, now), second = phase / NS;
	uint8_t b = r->cmos[RTC_B] & (is_asking(r) || r->is_cut_off ? RTC_B_AIE : ENABLES);
	uint32_t hz = frequency(r);
	int64_t alarm;

	if ((b & RTC_B_PIE) && hz) {
		next = time_at(r, counts_to_time(time_to_counts(phase, hz) + 1, hz));
		next = vtick_next(&r->tick, now, next, NS / hz);
	}
	if (!is_running(r))
		return next;
	if (b & RTC_B_UIE)
		next = MIN(next, time_at(r, (second + 1) * NS));
	if (b & RTC_B_AIE) {
		alarm = vrtc_alarm_after(r->cmos, second_of(r, now));
		if (alarm != INT64_MAX)
			next = MIN(
				next,
				time_at(r, (second + (uint64_t)(alarm - second_of(r, now))) * NS));
	}
	return next;
}

static bool is_alarming(const struct vrtc *r)
{
	return r->flags & r->cmos[RTC_B] & RTC_C_AF;
}

/* The interrupt line, the alarm and the timer follow from the rest. */
static void line_update(struct vrtc *r, uint64_t now)
{
	bool alarms = is_alarming(r);
	uint64_t next = UINT64_MAX;

	irq_routing_source_set(r->domain, IRQ_SOURCE_RTC, RTC_IRQ, is_asking(r) && !r->is_cut_off);
	if (alarms && !r->alarm_told)
		domain_alarm(r->domain);
	r->alarm_told = alarms;
	if (!alarms)
		next = next_event(r, now);
	if (next == UINT64_MAX)
		timer_cancel(&r->timer);
	else
		timer_set(&r->timer, next + r->domain->time_offset_ns);
}

static void timer_fired(struct timer *t)
{
	struct vrtc *r = container_of(t, struct vrtc, timer);
	uint64_t now;

	spin_lock(&r->lock);
	now = now_of(r);
	flags_update(r, now, true);
	line_update(r, now);
	spin_unlock(&r->lock);
}

/* ---- registers; lock, flags up to date ---- */

static uint8_t read_a(const struct vrtc *r, uint64_t now)
{
	bool updating = is_running(r) && phase_of(r, now) % NS >= NS - UPDATE_NS;

	return r->cmos[RTC_A] | (updating ? RTC_A_UIP : 0);
}

static uint8_t read_c(struct vrtc *r)
{
	uint8_t v = r->flags | (is_asking(r) ? RTC_C_IRQ : 0);

	r->flags = 0;
	r->tick.waits = false;
	return v;
}

static void write_a(struct vrtc *r, uint8_t v, uint64_t now)
{
	bool was_held = divider_held(r);

	bytes_show(r, now);
	if ((r->cmos[RTC_A] ^ v) & RTC_A_RATE)
		vtick_reset(&r->tick, r->domain);
	r->cmos[RTC_A] = v & (uint8_t)~RTC_A_UIP;
	if (was_held && !divider_held(r)) {
		/* phase_of() is a second's second half from now on */
		r->base_ns = (uint32_t)((NS + PHASE_NS - now % NS) % NS);
		offset_from_base(r);
	}
	if (was_held)
		bytes_take(r, now);
}

static void write_b(struct vrtc *r, uint8_t v, uint64_t now)
{
	if (v & RTC_B_SET)
		v &= (uint8_t)~RTC_B_UIE;
	if ((v & ~r->cmos[RTC_B]) & RTC_B_PIE)
		vtick_reset(&r->tick, r->domain);
	bytes_show(r, now);
	r->cmos[RTC_B] = v;
	bytes_take(r, now);
}

static bool is_clock_byte(unsigned index)
{
	return index == RTC_SECONDS || index == RTC_MINUTES || index == RTC_HOURS ||
	       (index >= RTC_WEEKDAY && index <= RTC_YEAR) || index == RTC_CENTURY;
}

static uint8_t cmos_read(struct vrtc *r, unsigned index, uint64_t now)
{
	switch (index) {
	case RTC_A: return read_a(r, now);
	case RTC_C: return read_c(r);
	case RTC_D: return D_VALID;
	}
	if (is_clock_byte(index))
		bytes_show(r, now);
	return r->cmos[index];
}

static void cmos_write(struct vrtc *r, unsigned index, uint8_t v, uint64_t now)
{
	switch (index) {
	case RTC_A: write_a(r, v, now); return;
	case RTC_B: write_b(r, v, now); return;
	case RTC_C:
	case RTC_D: return;
	}
	if (!is_clock_byte(index)) {
		r->cmos[index] = v;
		return;
	}
	bytes_show(r, now);
	r->cmos[index] = v;
	bytes_take(r, now);
}

static void index_write(struct vrtc *r, unsigned bank, uint8_t v)
{
	r->index[bank] = v & 0x7f;
	if (!bank)
		r->nmi_masked = v & 0x80;
}

/* The index ports cannot be read. */
static enum io_result rtc_access(struct io_region *region, struct io_access *a)
{
	struct vrtc *r = container_of(region, struct vrtc, ports);
	unsigned bank = a->addr >> 1 & 1, index;
	uint64_t now;

	spin_lock(&r->lock);
	index = r->index[bank] | bank << 7;
	if (a->addr & 1) {
		now = now_of(r);
		flags_advance(r, now);
		if (a->is_write)
			cmos_write(r, index, (uint8_t)a->value, now);
		else
			a->value = cmos_read(r, index, now);
		/* most of what is read and written has nothing to do with interrupts */
		if (a->is_write ? index <= RTC_C || index == RTC_CENTURY : index == RTC_C)
			line_update(r, now);
	} else if (a->is_write) {
		index_write(r, bank, (uint8_t)a->value);
	} else {
		a->value = 0xff;
	}
	spin_unlock(&r->lock);
	return IO_DONE;
}

/* ---- the builder's and the tools' ---- */

static struct vrtc *rtc_of(struct domain *d)
{
	return d->platform ? d->platform->rtc : NULL;
}

void vrtc_set_cmos(struct domain *d, unsigned index, uint8_t value)
{
	struct vrtc *r = rtc_of(d);

	if (!r || index <= RTC_D || index == RTC_CENTURY || index >= CMOS_SIZE)
		return;
	spin_lock(&r->lock);
	r->cmos[index] = value;
	spin_unlock(&r->lock);
}

void vrtc_adjust(struct domain *d, int64_t seconds)
{
	struct vrtc *r = rtc_of(d);
	uint64_t now;

	if (!r)
		return;
	spin_lock(&r->lock);
	if (!r->is_stopped) {
		now = now_of(r);
		flags_advance(r, now);
		r->offset_s = (int64_t)((uint64_t)r->offset_s + (uint64_t)seconds);
		base_from_offset(r);
		line_update(r, now);
	}
	spin_unlock(&r->lock);
}

void vrtc_date_changed(struct domain *d)
{
	vrtc_adjust(d, 0);
}

static void cut_off_set(struct vrtc *r, bool cut_off)
{
	uint64_t now = now_of(r);

	flags_advance(r, now);
	r->is_cut_off = cut_off;
	line_update(r, now);
}

void vrtc_sleep(struct vrtc *r)
{
	spin_lock(&r->lock);
	r->alarm_told = false;
	cut_off_set(r, false);
	spin_unlock(&r->lock);
}

void vrtc_cut_off(struct vrtc *r, bool cut_off)
{
	spin_lock(&r->lock);
	cut_off_set(r, cut_off);
	spin_unlock(&r->lock);
}

/* ---- life ---- */

void vrtc_reset(struct vrtc *r)
{
	uint64_t now;

	spin_lock(&r->lock);
	now = now_of(r);
	flags_advance(r, now);
	r->cmos[RTC_B] &= (uint8_t) ~(ENABLES | RTC_B_SQWE);
	r->flags = 0;
	r->is_cut_off = false;
	line_update(r, now);
	spin_unlock(&r->lock);
}

int vrtc_create(struct domain *d, struct vrtc **out)
{
	struct vrtc *r = heap_alloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	spin_init(&r->lock);
	r->domain = d;
	r->ports = (struct io_region){ "RTC", RTC_PORT, 4, 1, 1, rtc_access };
	r->cmos[RTC_A] = A_DEFAULT;
	r->cmos[RTC_B] = RTC_B_24_HOUR;
	r->weekday_bias = EPOCH_DOW;
	r->seen_ns = now_of(r);
	base_from_offset(r);
	err = timer_init(&r->timer, timer_fired, percpu()->cpu);
	err = err ? err : iobus_claim(&d->pio, &r->ports);
	if (err) {
		timer_kill(&r->timer);
		heap_free(r);
		return err;
	}
	*out = r;
	return 0;
}

/* After that nobody asks the vcpus anything. */
void vrtc_stop(struct vrtc *r)
{
	spin_lock(&r->lock);
	r->is_stopped = true;
	spin_unlock(&r->lock);
	timer_kill(&r->timer);
}

void vrtc_destroy(struct vrtc *r)
{
	iobus_release(&r->domain->pio, &r->ports);
	timer_kill(&r->timer);
	heap_free(r);
}

/* ---- saved and restored ---- */

void vrtc_save(struct vrtc *r, struct vrtc *out)
{
	spin_lock(&r->lock);
	bytes_show(r, now_of(r));
	save_copy(vrtc_saved, out, r);
	spin_unlock(&r->lock);
}

static bool state_valid(const struct vrtc *in)
{
	return !(in->flags & ~FLAGS) && in->index[0] < 0x80 && in->index[1] < 0x80 &&
	       in->weekday_bias < 7 && in->offset_ns < NS && !(in->cmos[RTC_A] & RTC_A_UIP);
}

int vrtc_restore(struct vrtc *r, const struct vrtc *in)
{
	int err = -EINVAL;
	uint64_t now;

	spin_lock(&r->lock);
	now = now_of(r);
	if (state_valid(in)) {
		save_copy(vrtc_saved, r, in);
		r->seen_ns = MIN(r->seen_ns, now);
		base_from_offset(r);
		r->alarm_told = is_alarming(r);
		err = 0;
		flags_advance(r, now);
		line_update(r, now);
	}
	spin_unlock(&r->lock);
	return err;
}
