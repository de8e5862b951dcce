// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ACPI tables of a PVH domain (ACPI 6.4, 5.2): enough to find the CPUs and to learn what a PC has that this guest has not. No IO-APIC, no sleep states;
 * the fixed registers are named because hardware-reduced mode is off, but nobody answers there: a guest ends itself by hypercall.
 */
#include "pvh_parts.h"
#include "errno.h"
#include "heap.h"
#include "string.h"

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} packed_struct;

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes */
	char oem[6];
	uint8_t revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
} packed_struct;

struct acpi_gas {
	uint8_t space, width, offset, access;
	uint64_t address;
} packed_struct;

struct acpi_fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	uint32_t gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	uint8_t gpe0_length, gpe1_length, gpe1_base, cstate_control;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_gas reset;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor_revision;
	uint64_t x_facs, x_dsdt;
	struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control;
	struct acpi_gas x_pm_timer, x_gpe0, x_gpe1, sleep_control, sleep_status;
} packed_struct;
_Static_assert(sizeof(struct acpi_fadt) == 268, "revision 5");

struct acpi_facs {
	char signature[4];
	uint32_t length, hardware_signature, waking_vector, lock, flags;
	uint64_t x_waking_vector;
	uint8_t version, reserved[31];
} packed_struct;
_Static_assert(sizeof(struct acpi_facs) == 64, "ACPI 5.2.10");

struct acpi_madt {
	struct acpi_header header;
	uint32_t lapic_address, flags;
} packed_struct;

struct madt_lapic {
	uint8_t type, length, uid, apic_id;
	uint32_t flags;
} packed_struct;

struct madt_x2apic {
	uint8_t type, length;
	uint16_t reserved;
	uint32_t apic_id, flags, uid;
} packed_struct;

#define FADT_WBINVD          (1u << 0)
#define FADT_NO_POWER_BUTTON (1u << 4)
#define FADT_NO_SLEEP_BUTTON (1u << 5)
#define FADT_NO_FIXED_RTC    (1u << 6)
#define BOOT_NO_VGA          (1u << 2)
#define BOOT_NO_CMOS_RTC     (1u << 5)
#define PM1A_EVENT_PORT      0xb000
#define PM1A_CONTROL_PORT    0xb004
#define LAPIC_ADDRESS        0xfee00000
#define LAPIC_ENABLED        1u

/* Definition block with nothing in it: Scope (\_SB) {} */
static const uint8_t dsdt_aml[] = { 0x10, 0x06, '\\', '_', 'S', 'B', '_' };

/* The tables as they grow: bytes[n] will be at PVH_ACPI + n. */
struct tables {
	uint8_t *bytes;
	uint32_t end;
};

static uint8_t checksum(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	uint8_t sum = 0;

	while (n--)
		sum += *bytes++;
	return (uint8_t)-sum;
}

static void *table_begin(struct tables *t, const char *signature, uint8_t revision)
{
	struct acpi_header *h;

	t->end = (uint32_t)align_up(t->end, 64);
	h = (struct acpi_header *)(t->bytes + t->end);
	t->end += sizeof(*h);
	memcpy(h->signature, signature, sizeof(h->signature));
	h->revision = revision;
	memcpy(h->oem, "Zazen ", sizeof(h->oem));
	memcpy(h->oem_table, "PVH     ", sizeof(h->oem_table));
	memcpy(h->creator, "ZAZN", sizeof(h->creator));
	h->oem_revision = h->creator_revision = 1;
	return h;
}

/* Length and checksum of a table that ends here. Returns its guest address. */
static uint32_t table_finish(struct tables *t, void *table)
{
	struct acpi_header *h = table;
	uint32_t at = (uint32_t)((uint8_t *)table - t->bytes);

	h->length = t->end - at;
	h->checksum = 0;
	h->checksum = checksum(h, h->length);
	return PVH_ACPI + at;
}

static uint32_t dsdt_write(struct tables *t)
{
	void *h = table_begin(t, "DSDT", 2);

	memcpy(t->bytes + t->end, dsdt_aml, sizeof(dsdt_aml));
	t->end += sizeof(dsdt_aml);
	return table_finish(t, h);
}

static uint32_t facs_write(struct tables *t)
{
	struct acpi_facs *f;

	t->end = (uint32_t)align_up(t->end, 64);
	f = (struct acpi_facs *)(t->bytes + t->end);
	t->end += sizeof(*f);
	memcpy(f->signature, "FACS", 4);
	f->length = sizeof(*f);
	f->version = 2;
	return PVH_ACPI + t->end - (uint32_t)sizeof(*f);
}

static uint32_t fadt_write(struct tables *t, uint32_t facs, uint32_t dsdt)
{
	struct acpi_fadt *f = table_begin(t, "FACP", 5);

	t->end += sizeof(*f) - sizeof(f->header);
	f->facs = facs;
	f->dsdt = dsdt;
	f->x_dsdt = dsdt;
	f->sci = 9;
	f->pm1a_event = PM1A_EVENT_PORT;
	f->pm1_event_length = 4;
	f->pm1a_control = PM1A_CONTROL_PORT;
	f->pm1_control_length = 2;
	f->x_pm1a_event = (struct acpi_gas){ 1, 32, 0, 2, PM1A_EVENT_PORT };
	f->x_pm1a_control = (struct acpi_gas){ 1, 16, 0, 2, PM1A_CONTROL_PORT };
	f->c2_latency = f->c3_latency = 0xffff; /* no such states */
	f->boot_flags = BOOT_NO_VGA | BOOT_NO_CMOS_RTC;
	f->flags = FADT_WBINVD | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON | FADT_NO_FIXED_RTC;
	return table_finish(t, f);
}

static void madt_cpu_write(struct tables *t, uint32_t id)
{
	uint32_t apic_id = id * 2;

	if (apic_id < 255) {
		struct madt_lapic e = {
			0, sizeof(e), (uint8_t)id, (uint8_t)apic_id, LAPIC_ENABLED,
		};

		memcpy(t->bytes + t->end, &e, sizeof(e));
		t->end += sizeof(e);
	} else {
		struct madt_x2apic e = { 9, sizeof(e), 0, apic_id, LAPIC_ENABLED, id };

		memcpy(t->bytes + t->end, &e, sizeof(e));
		t->end += sizeof(e);
	}
}

static uint32_t madt_write(struct tables *t, uint32_t nr_vcpus)
{
	struct acpi_madt *m = table_begin(t, "APIC", 4);

	t->end += sizeof(*m) - sizeof(m->header);
	m->lapic_address = LAPIC_ADDRESS;
	for (uint32_t id = 0; id < nr_vcpus; id++)
		madt_cpu_write(t, id);
	return table_finish(t, m);
}

static uint32_t xsdt_write(struct tables *t, uint64_t fadt, uint64_t madt)
{
	void *h = table_begin(t, "XSDT", 1);

	memcpy(t->bytes + t->end, &fadt, sizeof(fadt));
	memcpy(t->bytes + t->end + sizeof(fadt), &madt, sizeof(madt));
	t->end += sizeof(fadt) + sizeof(madt);
	return table_finish(t, h);
}

static void rsdp_write(struct tables *t, uint32_t xsdt)
{
	struct acpi_rsdp *r = (struct acpi_rsdp *)t->bytes;

	memcpy(r->signature, "RSD PTR ", sizeof(r->signature));
	memcpy(r->oem, "Zazen ", sizeof(r->oem));
	r->revision = 2;
	r->length = sizeof(*r);
	r->xsdt = xsdt;
	r->checksum = checksum(r, 20);
	r->extended_checksum = checksum(r, sizeof(*r));
}

int pvh_acpi_write(struct domain *d)
{
	struct tables t = { .end = sizeof(struct acpi_rsdp) };
	uint32_t facs, dsdt, fadt, madt;
	int err;

	/* DOMAIN_MAX_VCPUS entries of at most 16 bytes, and less than 1 KiB of everything else */
	_Static_assert(DOMAIN_MAX_VCPUS * 16 + 1024 <= PVH_ACPI_SIZE, "tables fit");
	t.bytes = heap_alloc(PVH_ACPI_SIZE);
	if (!t.bytes)
		return -ENOMEM;
	facs = facs_write(&t);
	dsdt = dsdt_write(&t);
	fadt = fadt_write(&t, facs, dsdt);
	madt = madt_write(&t, d->max_vcpus);
	rsdp_write(&t, xsdt_write(&t, fadt, madt));
	err = pvh_copy(d, PVH_ACPI, t.bytes, t.end);
	heap_free(t.bytes);
	return err;
}
