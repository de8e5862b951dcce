/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records of a guest's hardware state: the row as a whole. */
#include "hvm_context.h"

#include "heap.h"
#include "log.h"
#include "string.h"

#include <xen/hvm/save.h>

/* In the order of their numbers, which is that of the row. */
static const struct hvm_record *const records[] = {
	&hvm_record_cpu,        &hvm_record_pic,     &hvm_record_ioapic,     &hvm_record_lapic,
	&hvm_record_lapic_regs, &hvm_record_pci_irq, &hvm_record_isa_irq,    &hvm_record_pci_link,
	&hvm_record_pit,        &hvm_record_rtc,     &hvm_record_hpet,       &hvm_record_pm_timer,
	&hvm_record_mtrr,       &hvm_record_xsave,   &hvm_record_tsc_adjust, &hvm_record_msr,
};

/* ---- out ---- */

/* Where the row goes; without buffer it is only measured. */
struct row_out {
	struct control_call *call;
	uint64_t handle;
	uint64_t at, size;
	bool measures;
};

static int bytes_out(struct row_out *o, const void *bytes, uint64_t n)
{
	if (!o->measures &&
	    (o->at + n > o->size || control_put(o->call, bytes, o->handle + o->at, 0, n)))
		return o->at + n > o->size ? -ENOSPC : -EFAULT;
	o->at += n;
	return 0;
}

static int record_out(struct row_out *o, uint16_t type, uint16_t instance, const void *record,
                      uint32_t length)
{
	struct hvm_save_descriptor descriptor = { type, instance, length };
	int err = bytes_out(o, &descriptor, sizeof(descriptor));

	return err || !length ? err : bytes_out(o, record, length);
}

static void header_fill(struct domain *d, struct hvm_save_header *h)
{
	*h = (struct hvm_save_header){
		.magic = HVM_FILE_MAGIC,
		.version = HVM_FILE_VERSION,
		.cpuid = d->cpuid.basic[1].a,
		.gtsc_khz = machine_tsc_khz(),
	};
}

static uint32_t nr_records(const struct domain *d, const struct hvm_record *r)
{
	return r->nr_of_board ? r->nr_of_board : d->max_vcpus;
}

/* The record with its length; 0: there is none. */
static uint32_t record_get(struct domain *d, const struct hvm_record *r, uint32_t n, void *record)
{
	struct vcpu *v = domain_vcpu(d, n);

	memset(record, 0, r->size);
	if (r->nr_of_board)
		return r->board_save(d, n, record);
	return v ? r->save(v, record) : 0;
}

static int row_out(struct domain *d, struct row_out *o, uint8_t *record)
{
	struct hvm_save_header header;
	int err;

	d->settings.context_tsc = machine_tsc();
	header_fill(d, &header);
	err = record_out(o, HVM_SAVE_CODE(HEADER), 0, &header, sizeof(header));
	for (unsigned r = 0; r < ARRAY_LEN(records) && !err; r++) {
		for (uint32_t i = 0; i < nr_records(d, records[r]) && !err; i++) {
			uint32_t length = record_get(d, records[r], i, record);

			if (length)
				err = record_out(o, records[r]->type, (uint16_t)i, record, length);
		}
	}
	return err ? err : record_out(o, HVM_SAVE_CODE(END), 0, NULL, 0);
}

/* As it would be with every vcpu up. */
uint32_t hvm_context_size(struct domain *d)
{
	uint32_t size = 3 * sizeof(struct hvm_save_descriptor) + sizeof(struct hvm_save_header);

	for (unsigned r = 0; r < ARRAY_LEN(records); r++)
		size += nr_records(d, records[r]) *
		        (records[r]->size + (uint32_t)sizeof(struct hvm_save_descriptor));
	return size;
}

int hvm_context_save(struct control_call *c, struct domain *d, uint64_t handle, uint32_t *size)
{
	struct row_out o = { .call = c, .handle = handle, .size = *size };
	uint8_t *record = heap_alloc(HVM_RECORD_MAX);
	int err;

	if (!record)
		return -ENOMEM;
	err = row_out(d, &o, record);
	heap_free(record);
	if (!err)
		*size = (uint32_t)o.at;
	return err;
}

static const struct hvm_record *record_of(uint16_t type)
{
	for (unsigned r = 0; r < ARRAY_LEN(records); r++)
		if (records[r]->type == type)
			return records[r];
	return NULL;
}

static int one_out(struct control_call *c, const struct hvm_record *r, struct domain *d, uint32_t n,
                   uint64_t handle, uint64_t *size, uint8_t *record)
{
	uint32_t length;

	d->settings.context_tsc = machine_tsc();
	length = record_get(d, r, n, record);
	if (!length)
		return -ENOENT;
	if (handle && *size < length)
		return -ENOSPC;
	*size = length;
	return handle ? control_put(c, record, handle, 0, length) : 0;
}

int hvm_context_save_one(struct control_call *c, struct domain *d, uint16_t type, uint16_t instance,
                         uint64_t handle, uint64_t *size)
{
	const struct hvm_record *r = record_of(type);
	uint8_t *record;
	int err;

	if (!r)
		return -EINVAL;
	if (instance >= nr_records(d, r))
		return -ENOENT;
	record = heap_alloc(HVM_RECORD_MAX);
	if (!record)
		return -ENOMEM;
	err = one_out(c, r, d, instance, handle, size, record);
	heap_free(record);
	return err;
}

/* ---- in ---- */

struct row_in {
	struct control_call *call;
	struct domain *d;
	uint64_t handle;
	uint32_t at, size;
	struct hvm_save_descriptor descriptor;
	uint8_t *record;
};

static int refuse(struct row_in *in, const char *name, const char *why)
{
	log_guest(in->call->caller->domain, LOG_INFO, "%s: record %s (%u, vcpu %u, %u bytes): %s",
	          in->d->name, name, in->descriptor.typecode, in->descriptor.instance,
	          in->descriptor.length, why);
	return -EINVAL;
}

static int bytes_in(struct row_in *in, void *to, uint32_t n)
{
	if (n > in->size - in->at)
		return -EINVAL;
	if (n && control_get(in->call, to, in->handle + in->at, 0, n))
		return -EFAULT;
	in->at += n;
	return 0;
}

/* The next descriptor and what belongs to it, zeroes behind. */
static int record_in(struct row_in *in)
{
	int err = bytes_in(in, &in->descriptor, sizeof(in->descriptor));

	if (err)
		return err;
	if (in->descriptor.length > HVM_RECORD_MAX)
		return refuse(in, "?", "too long");
	memset(in->record, 0, HVM_RECORD_MAX);
	return bytes_in(in, in->record, in->descriptor.length);
}

static int header_in(struct row_in *in)
{
	const struct hvm_save_header *h = (const struct hvm_save_header *)in->record;
	int err = record_in(in);

	if (err)
		return err;
	if (in->descriptor.typecode != HVM_SAVE_CODE(HEADER) ||
	    in->descriptor.length != sizeof(*h) || h->magic != HVM_FILE_MAGIC ||
	    h->version != HVM_FILE_VERSION)
		return refuse(in, "header", "not one that we know");
	return 0;
}

static int board_load(struct row_in *in, const struct hvm_record *r)
{
	int err;

	if (in->descriptor.instance >= r->nr_of_board)
		return refuse(in, r->name, "no such one");
	err = r->board_load(in->d, in->descriptor.instance, in->record);
	return err == -EINVAL ? refuse(in, r->name, "a state that none can have") : err;
}

static int record_load(struct row_in *in)
{
	const struct hvm_record *r = record_of(in->descriptor.typecode);
	struct vcpu *v = domain_vcpu(in->d, in->descriptor.instance);
	uint32_t length = in->descriptor.length;

	if (!r)
		return in->descriptor.typecode > HVM_SAVE_CODE_MAX
		               ? refuse(in, "?", "no such record")
		               : -ENODEV;
	if (r->nr_of_board && !in->d->platform)
		return -ENODEV;
	if (length < r->min_size || length > r->size)
		return refuse(in, r->name, "of another length");
	if (r->nr_of_board)
		return board_load(in, r);
	if (!v)
		return refuse(in, r->name, "no such vcpu");
	if (r->load(v, in->record, length))
		return refuse(in, r->name, "a state that no vcpu here can have");
	return 0;
}

static int row_in(struct row_in *in)
{
	int err = header_in(in);

	in->d->settings.context_tsc = machine_tsc();
	while (!err) {
		err = record_in(in);
		if (!err && in->descriptor.typecode == HVM_SAVE_CODE(END))
			return 0;
		if (!err)
			err = record_load(in);
	}
	return err;
}

int hvm_context_load(struct control_call *c, struct domain *d, uint64_t handle, uint32_t size)
{
	struct row_in in = { .call = c, .d = d, .handle = handle, .size = size };
	int err;

	in.record = heap_alloc(HVM_RECORD_MAX);
	if (!in.record)
		return -ENOMEM;
	err = row_in(&in);
	heap_free(in.record);
	return err;
}
