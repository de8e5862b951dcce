/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved domain whose records were tampered with, restored: what is refused leaves a domain that can be ended, and what is taken runs and can be saved again. The input
 * is a list of changes to the records of a domain with something in each corner.
 */
#include "two_domains.c"

#include "event_ops.h"
#include "save_state.h"

#include <xen/errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHANGES     24u
#define ROOM        (128u << 10)
#define RECORDS_MAX 160u

static uint8_t row[ROOM], again[ROOM];
static size_t row_size;
static uint32_t starts[RECORDS_MAX + 1]; /* of records; the last is the end */
static unsigned nr_records;

/* ---- a guest with FIFO events, a vcpu_info of its own, timers ---- */

static void source_fill(struct domain *d)
{
	struct evtchn_init_control control = { .control_gfn = 12, .offset = 64 };
	struct vcpu *v = d->vcpus[0];
	struct event_channel *chn;

	require(!event_fifo_init_control(d, &control) && !event_fifo_expand_array(d, 13), "FIFO");
	for (uint32_t port = 1; port < 6; port++) {
		require(!event_port_make(d, port, &chn), "port");
		chn->state = port == 1 ? PORT_VIRQ : port == 2 ? PORT_PIRQ : PORT_IPI;
		chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		event_port_set_pending(d, port);
	}
	v->virq_port[0] = 1;
	require(!vcpu_info_register(d->vcpus[1], 14, 128), "vcpu_info");
	v->periodic_ns = 5000000;
	timer_set(&v->periodic, machine_now_ns() + 5000000);
	timer_set(&v->singleshot, machine_now_ns() + 7000000);
	vlapic_write(v, 0xf0, 0x1ff);
	vlapic_write(v, 0x320, 0x20061);
	vlapic_write(v, 0x380, 50000);
	require(domain_watchdog(d, 0, 5) == 1, "watchdog");
}

/* ---- changes ---- */

static void records_find(void)
{
	struct save_header h;

	starts[0] = 0;
	for (nr_records = 0; nr_records < RECORDS_MAX; nr_records++) {
		uint32_t at = starts[nr_records];

		if (row_size - at < sizeof(h))
			break;
		memcpy(&h, row + at, sizeof(h));
		if (h.length > row_size - at - sizeof(h))
			break;
		starts[nr_records + 1] = at + (uint32_t)sizeof(h) + h.length;
	}
}

static void bytes_set(uint32_t at, uint32_t end, unsigned n)
{
	uint64_t value = fuzz_raw(n);

	if (at < end)
		memcpy(row + at, &value, MIN(n, end - at));
}

static void change_field(uint32_t start, uint32_t end)
{
	uint32_t at = (uint32_t)fuzz_raw(2);
	unsigned n = 1u << (fuzz_byte() & 3);

	start += sizeof(struct save_header);
	if (start < end)
		bytes_set(start + at % (end - start), end, n);
}

static void change_header(uint32_t start, uint32_t end)
{
	static const uint8_t offsets[] = { 0, 2, 4, 8 }, sizes[] = { 2, 2, 4, 4 };
	unsigned n = fuzz_byte() & 3;

	bytes_set(start + offsets[n], end, sizes[n]);
}

static void change_remove(uint32_t start, uint32_t end)
{
	memmove(row + start, row + end, row_size - end);
	row_size -= end - start;
}

static void change_double(uint32_t start, uint32_t end)
{
	if (row_size + (end - start) > ROOM)
		return;
	memmove(row + end, row + start, row_size - start);
	row_size += end - start;
	/* Where there may be several: the next one. */
	row[end + offsetof(struct save_header, number)]++;
}

static void change_cut(uint32_t start, uint32_t end)
{
	row_size = start + (uint32_t)fuzz_raw(2) % (end - start + 1);
}

static void (*const changes[8])(uint32_t start, uint32_t end) = {
	change_field, change_field,  change_field,  change_field,
	change_field, change_header, change_double, change_remove,
};

static void row_change(void)
{
	for (unsigned i = 0; i < CHANGES && !fuzz_input_over(); i++) {
		uint8_t kind = fuzz_byte(), which;

		records_find();
		if (!nr_records)
			return;
		which = fuzz_byte() % nr_records;
		if (kind == 0xff)
			change_cut(starts[which], starts[which + 1]);
		else
			changes[kind & 7](starts[which], starts[which + 1]);
	}
}

/* ---- restored ---- */

static void restored_run(struct domain *d)
{
	long size = domain_save(d, again, sizeof(again));

	require(size == -XEN_ENOMEM || (size > 0 && (size_t)size <= sizeof(again)), "saved again");
	if (domain_start(d))
		return;
	for (unsigned i = 0; i < 8; i++)
		fuzz_let_run(3000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct save_refusal refusal = { .why = NULL };
	uint8_t wide, fail;
	uint8_t *copy;
	long n;
	int err;

	fuzz_input(data, size);
	wide = fuzz_byte();
	fail = fuzz_byte();
	fuzz_nr_started = FUZZ_GUEST_A + 1;
	fuzz_start(wide, 0, 4096);
	source_fill(fuzz_domains[1]);
	n = domain_save(fuzz_domains[1], row, sizeof(row));
	require(n > 0 && (size_t)n <= sizeof(row), "saved");
	row_size = (size_t)n;
	row_change();

	/* In a block of just that size, so that reading beyond it is seen. */
	copy = malloc(row_size + 1);
	require(copy, "malloc");
	memcpy(copy + 1, row, row_size);
	objects.fail_every = fail < 0xe0 ? 0 : fail - 0xdeu;
	err = domain_restore(fuzz_domains[2], copy + 1, row_size, &refusal);
	free(copy);
	require(!err || err == -XEN_ENOMEM || (err == -XEN_EINVAL && refusal.why),
	        "refused with a reason");
	require(size > 2 || fail >= 0xe0 || !err, "what nobody tampered with is restored");
	if (!err)
		restored_run(fuzz_domains[2]);
	fuzz_end();
	return 0;
}
