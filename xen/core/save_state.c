/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The row of records: written and read, with the rules that hold for all of them. */
#include "save_records.h"

#include "heap.h"
#include "log.h"
#include "string.h"

static const struct save_row *const rows[NR_RECORDS] = {
	[RECORD_POLICY] = &save_policy,
	[RECORD_CLOCK] = &save_clock,
	[RECORD_DOMAIN] = &save_domain,
	[RECORD_MEMORY_MAP] = &save_memory_map,
	[RECORD_PARAMS] = &save_params,
	[RECORD_PLACES] = &save_places,
	[RECORD_FIFO_PAGE] = &save_fifo_page,
	[RECORD_SHARED_INFO] = &save_shared_info,
	[RECORD_PORT] = &save_port,
	[RECORD_GRANTS] = &save_grants,
	[RECORD_GRANT_FRAME] = &save_grant_frame,
	[RECORD_WATCHDOGS] = &save_watchdogs,
	[RECORD_MSRS] = &save_msrs,
	[RECORD_HARDWARE] = &save_hardware,
	[RECORD_VCPU] = &save_vcpu,
	[RECORD_FPU] = &save_fpu,
	[RECORD_AREAS] = &save_areas,
	[RECORD_APIC] = &save_apic,
	[RECORD_TIMERS] = &save_timers,
	[RECORD_IOAPIC] = &save_ioapic,
	[RECORD_PIC] = &save_pic,
	[RECORD_WIRES] = &save_wires,
	[RECORD_PIT] = &save_pit,
	[RECORD_RTC] = &save_rtc,
	[RECORD_HPET] = &save_hpet,
	[RECORD_PM_TIMER] = &save_pm_timer,
};

static uint32_t state_size_max(void)
{
	uint32_t size = 0;

	for (unsigned type = RECORD_END + 1; type < NR_RECORDS; type++)
		size = MAX(size, rows[type]->size);
	return size;
}

/* ---- writing ---- */

struct writer {
	uint8_t *buf;
	size_t size, used; /* used counts on when buf is full */
};

static void record_write(struct writer *w, const struct save_header *h,
                         const struct save_field *fields, const void *state)
{
	uint8_t *to = w->buf + w->used;

	w->used += sizeof(*h) + h->length;
	if (w->used > w->size)
		return;
	memcpy(to, h, sizeof(*h));
	if (fields && save_write(fields, h->version, state, to + sizeof(*h), h->length) < 0)
		bug("a record of type %u has no room", h->type);
}

static void row_write(struct writer *w, struct domain *d, uint16_t type, void *scratch)
{
	const struct save_row *row = rows[type];
	struct save_header h = { .type = type, .version = row->version };

	h.length = (uint32_t)save_size(row->fields, row->version);
	for (h.number = 0; h.number < row->limit(d); h.number++) {
		const void *state;

		memset(scratch, 0, row->size);
		state = row->get(d, h.number, scratch);
		if (state)
			record_write(w, &h, row->fields, state);
	}
}

long domain_save(struct domain *d, void *buf, size_t size)
{
	static const struct save_header end = { .type = RECORD_END };
	struct writer w = { .buf = buf, .size = size };
	void *scratch = heap_alloc(state_size_max());

	if (!scratch)
		return -ENOMEM;
	for (uint16_t type = RECORD_END + 1; type < NR_RECORDS; type++)
		row_write(&w, d, type, scratch);
	record_write(&w, &end, NULL, NULL);
	heap_free(scratch);
	return (long)w.used;
}

/* ---- reading ---- */

struct reader {
	struct restore r;
	const uint8_t *at;
	size_t left;
	struct save_header h, last; /* last: RECORD_END before the first */
	uint32_t nr_seen;           /* of the type of last */
};

static int header_read(struct reader *in)
{
	if (in->left < sizeof(in->h))
		return restore_refuse(&in->r, "the end is missing");
	memcpy(&in->h, in->at, sizeof(in->h));
	in->at += sizeof(in->h);
	in->left -= sizeof(in->h);
	if (in->h.type >= NR_RECORDS)
		return restore_refuse(&in->r, "unknown type");
	if (in->h.length > in->left)
		return restore_refuse(&in->r, "cut short");
	if (in->h.type == RECORD_END)
		return in->left ? restore_refuse(&in->r, "something follows the end") : 0;
	if (in->h.type < in->last.type ||
	    (in->h.type == in->last.type && in->h.number <= in->last.number))
		return restore_refuse(&in->r, "out of order");
	return 0;
}

/* How many of a type the domain has. */
static uint32_t row_count(const struct save_row *row, struct domain *d, void *scratch)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < row->limit(d); i++)
		n += row->get(d, i, scratch) != NULL;
	return n;
}

/* The types from the last record's up to, and without, the one that comes now are over. */
static int types_finish(struct reader *in, void *scratch)
{
	unsigned end = in->h.type == RECORD_END ? NR_RECORDS : in->h.type;

	for (unsigned type = MAX(in->last.type, RECORD_END + 1); type < end; type++) {
		uint32_t seen = type == in->last.type ? in->nr_seen : 0;

		if (rows[type]->is_complete && seen != row_count(rows[type], in->r.d, scratch)) {
			in->h.type = (uint16_t)type;
			return restore_refuse(&in->r, "one is missing");
		}
	}
	if (in->h.type != in->last.type)
		in->nr_seen = 0;
	return 0;
}

static int record_put(struct reader *in, void *scratch)
{
	const struct save_row *row = rows[in->h.type];

	if (!in->h.version || in->h.version > row->version)
		return restore_refuse(&in->r, "unknown version");
	if (row->limit == save_limit_one && in->h.number)
		return restore_refuse(&in->r, "there is one only");
	if (row->limit == save_limit_vcpus && !domain_vcpu(in->r.d, in->h.number))
		return restore_refuse(&in->r, "no such vcpu");
	memset(scratch, 0, row->size);
	if (save_read(row->fields, in->h.version, scratch, in->at, in->h.length))
		return restore_refuse(&in->r, "wrong length, or a bool that is none");
	in->at += in->h.length;
	in->left -= in->h.length;
	in->nr_seen++;
	in->last = in->h;
	return row->put(&in->r, in->h.number, scratch);
}

static int records_read(struct reader *in, void *scratch)
{
	int err;

	do {
		err = header_read(in);
		if (!err)
			err = types_finish(in, scratch);
		if (!err && in->h.type != RECORD_END)
			err = record_put(in, scratch);
	} while (!err && in->h.type != RECORD_END);
	return err;
}

int domain_restore(struct domain *d, const void *buf, size_t size, struct save_refusal *refusal)
{
	struct reader in = { .r.d = d, .at = buf, .left = size };
	void *scratch;
	int err;

	*refusal = (struct save_refusal){ .record = "domain", .why = "it is not in building" };
	if (read_once(d->state) != DOMAIN_BUILDING)
		return -EINVAL;
	scratch = heap_alloc(state_size_max());
	if (!scratch)
		return -ENOMEM;
	err = records_read(&in, scratch);
	heap_free(scratch);
	refusal->record = in.h.type && in.h.type < NR_RECORDS ? rows[in.h.type]->name : "end";
	refusal->number = in.h.number;
	refusal->why = err == -ENOMEM ? "no memory" : in.r.why;
	return err;
}
