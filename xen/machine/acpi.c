/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables: pure, bounded. Numbers in the code are offsets of fields in the tables (ACPI 6.4, chapter 5). */
#include "acpi.h"

#include "errno.h"
#include "string.h"

#define HEADER_SIZE    36
#define TABLE_MAX_SIZE MIB(16)
#define MAX_TABLES     256
#define RSDP_V1_SIZE   20
#define RSDP_V2_SIZE   36

/* A whole table whose length and sum are right. */
struct table {
	const uint8_t *data;
	uint32_t length;
};

struct parser {
	acpi_map map;
	void *arg;
	struct acpi_info *out;
};

static bool sum_is_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum = (uint8_t)(sum + *p++);
	return !sum;
}

/* Little-endian field of 1 to 8 bytes; 0 where the table ends before it. */
static uint64_t field(const struct table *t, uint32_t offset, uint32_t size)
{
	uint64_t v = 0;

	if (offset > t->length || size > t->length - offset)
		return 0;
	memcpy(&v, t->data + offset, size);
	return v;
}

static bool table_map(struct parser *p, uint64_t at, struct table *t)
{
	const uint8_t *header;

	if (!at)
		return false;
	header = p->map(p->arg, at, HEADER_SIZE);
	if (!header)
		return false;
	*t = (struct table){ header, HEADER_SIZE };
	t->length = (uint32_t)field(t, 4, 4);
	if (t->length < HEADER_SIZE || t->length > TABLE_MAX_SIZE)
		return false;
	t->data = p->map(p->arg, at, t->length);
	return t->data && sum_is_zero(t->data, t->length);
}

/* A generic address structure (12 bytes) at offset. */
static struct acpi_address address_at(const struct table *t, uint32_t offset)
{
	return (struct acpi_address){ .space = (uint8_t)field(t, offset, 1),
		                      .width = (uint8_t)field(t, offset + 1, 1),
		                      .address = field(t, offset + 4, 8) };
}

/* ---- MADT ---- */

static void add_cpu(struct acpi_info *out, uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
	if (!(flags & 1))
		return;
	for (uint32_t i = 0; i < out->nr_cpus; i++)
		if (out->cpus[i].apic_id == apic_id)
			return;
	if (out->nr_cpus == ACPI_MAX_CPUS) {
		out->nr_cpus_dropped++;
		return;
	}
	out->cpus[out->nr_cpus++] = (struct acpi_cpu){ apic_id, acpi_id };
}

/* MPS flags; what conforms to the bus is active high and edge on ISA. */
static bool flags_active_low(uint32_t flags)
{
	return (flags & 3) == 3;
}
static bool flags_level(uint32_t flags)
{
	return (flags >> 2 & 3) == 3;
}

static void add_override(struct acpi_info *out, const struct table *e)
{
	uint32_t source = (uint32_t)field(e, 3, 1), flags = (uint32_t)field(e, 8, 2);

	if (source < ARRAY_LEN(out->isa))
		out->isa[source] = (struct acpi_isa_irq){ .gsi = (uint32_t)field(e, 4, 4),
			                                  .active_low = flags_active_low(flags),
			                                  .level = flags_level(flags) };
}

static void add_nmi(struct acpi_info *out, uint32_t acpi_id, uint32_t flags, uint32_t lint)
{
	if (out->nr_nmis == ACPI_MAX_NMIS || lint > 1)
		return;
	out->nmis[out->nr_nmis++] = (struct acpi_nmi){ .acpi_id = acpi_id,
		                                       .lint = (uint8_t)lint,
		                                       .active_low = flags_active_low(flags),
		                                       .level = flags_level(flags) };
}

static void add_ioapic(struct acpi_info *out, const struct table *e)
{
	if (out->nr_ioapics == ACPI_MAX_IOAPICS)
		return;
	out->ioapics[out->nr_ioapics++] =
		(struct acpi_ioapic){ .id = (uint32_t)field(e, 2, 1),
		                      .address = (uint32_t)field(e, 4, 4) & ~0xfffu,
		                      .gsi_base = (uint32_t)field(e, 8, 4) };
}

static void madt_entry(struct acpi_info *out, const struct table *e)
{
	switch (e->data[0]) {
	case 0: /* local APIC */
		add_cpu(out, (uint32_t)field(e, 3, 1), (uint32_t)field(e, 2, 1),
		        (uint32_t)field(e, 4, 4));
		break;
	case 1:
		if (e->length >= 12)
			add_ioapic(out, e);
		break;
	case 2:
		if (e->length >= 10)
			add_override(out, e);
		break;
	case 4: /* local APIC NMI */
		add_nmi(out, (uint32_t)field(e, 2, 1), (uint32_t)field(e, 3, 2),
		        (uint32_t)field(e, 5, 1));
		break;
	case 5: /* local APIC address */
		if (e->length >= 12)
			out->lapic_address = field(e, 4, 8);
		break;
	case 9: /* local x2APIC */
		add_cpu(out, (uint32_t)field(e, 4, 4), (uint32_t)field(e, 12, 4),
		        (uint32_t)field(e, 8, 4));
		break;
	case 10: /* local x2APIC NMI */
		add_nmi(out, (uint32_t)field(e, 4, 4), (uint32_t)field(e, 2, 2),
		        (uint32_t)field(e, 8, 1));
		break;
	}
}

static void parse_madt(struct parser *p, const struct table *t)
{
	uint32_t at = 44;

	p->out->has_madt = true;
	p->out->lapic_address = field(t, 36, 4);
	p->out->has_pic = field(t, 40, 4) & 1;
	while (at + 2 <= t->length) {
		struct table e = { t->data + at, t->data[at + 1] };

		if (e.length < 2 || e.length > t->length - at)
			return;
		madt_entry(p->out, &e);
		at += e.length;
	}
}

/* ---- FADT and the DSDT's _S5 ---- */

/* An AML integer at *at: byte, word and double word constants, zero and one. */
static bool aml_integer(const struct table *t, uint32_t *at, uint32_t *value)
{
	uint32_t op = (uint32_t)field(t, *at, 1), size = op == 0x0a   ? 1
	                                                 : op == 0x0b ? 2
	                                                 : op == 0x0c ? 4
	                                                              : 0;

	if (*at >= t->length || (!size && op > 1))
		return false;
	if (size && t->length - *at - 1 < size)
		return false;
	*value = size ? (uint32_t)field(t, *at + 1, size) : op;
	*at += 1 + size;
	return true;
}

/* Name (_S5_, Package () { type a, type b, ... }): tried at each place where the name stands. */
static void find_s5(struct acpi_info *out, const struct table *dsdt)
{
	static const uint8_t name[4] = { '_', 'S', '5', '_' };

	for (uint32_t i = HEADER_SIZE; i + sizeof(name) + 4 <= dsdt->length; i++) {
		uint32_t at = i + sizeof(name), a, b;

		if (memcmp(dsdt->data + i, name, sizeof(name)))
			continue;
		if (dsdt->data[i - 1] != 0x08 &&
		    (dsdt->data[i - 1] != '\\' || dsdt->data[i - 2] != 0x08))
			continue;
		if (dsdt->data[at++] != 0x12) /* PackageOp */
			continue;
		/* PkgLength: its first byte says how many follow; then the number of elements */
		at += 1 + (dsdt->data[at] >> 6) + 1;
		if (!aml_integer(dsdt, &at, &a))
			continue;
		if (!aml_integer(dsdt, &at, &b))
			b = a;
		if (a > 7 || b > 7)
			continue;
		out->has_s5 = true;
		out->s5_type_a = (uint8_t)a;
		out->s5_type_b = (uint8_t)b;
		return;
	}
}

/* A port block: the extended address if there is one (at offset_x), else the old 32-bit one. 0: none, or not a port. */
static uint16_t fadt_port(const struct table *t, uint32_t offset, uint32_t offset_x)
{
	struct acpi_address x = address_at(t, offset_x);
	uint64_t port = x.address && x.space == 1 ? x.address : field(t, offset, 4);

	return port <= 0xffff ? (uint16_t)port : 0;
}

static void parse_fadt(struct parser *p, const struct table *t)
{
	struct acpi_info *out = p->out;
	uint32_t flags = (uint32_t)field(t, 112, 4), boot = (uint32_t)field(t, 109, 2);
	struct table dsdt;

	out->has_fadt = true;
	out->smi_command = (uint32_t)field(t, 48, 4);
	out->acpi_enable = (uint32_t)field(t, 52, 1);
	out->pm1a_control = fadt_port(t, 64, 172);
	out->pm1b_control = fadt_port(t, 68, 184);
	out->pm_timer_port = field(t, 91, 1) == 4 ? fadt_port(t, 76, 208) : 0;
	out->pm_timer_32bit = flags >> 8 & 1;
	out->no_vga = boot >> 2 & 1;
	out->no_rtc = boot >> 5 & 1;
	out->reset = address_at(t, 116);
	out->reset_value = (uint8_t)field(t, 128, 1);
	out->has_reset = (flags >> 10 & 1) && out->reset.address && out->reset.space <= 2;
	if (table_map(p, field(t, 140, 8), &dsdt) || table_map(p, field(t, 40, 4), &dsdt))
		find_s5(out, &dsdt);
}

/* ---- the small ones ---- */

static void parse_hpet(struct parser *p, const struct table *t)
{
	struct acpi_address a = address_at(t, 40);

	if (a.space == 0)
		p->out->hpet_address = a.address;
}

static void parse_mcfg(struct parser *p, const struct table *t)
{
	for (uint32_t at = 44; at + 16 <= t->length && p->out->nr_mcfg < ACPI_MAX_MCFG; at += 16)
		p->out->mcfg[p->out->nr_mcfg++] =
			(struct acpi_mcfg){ .base = field(t, at, 8),
			                    .segment = (uint16_t)field(t, at + 8, 2),
			                    .first_bus = (uint8_t)field(t, at + 10, 1),
			                    .last_bus = (uint8_t)field(t, at + 11, 1) };
}

/* ---- root ---- */

static const struct {
	char signature[5];
	void (*parse)(struct parser *p, const struct table *t);
} parsers[] = {
	{ "APIC", parse_madt },
	{ "FACP", parse_fadt },
	{ "HPET", parse_hpet },
	{ "MCFG", parse_mcfg },
};

/* Each kind once: a second table of a kind is ignored. */
static void parse_root(struct parser *p, const struct table *root, uint32_t entry_size)
{
	bool seen[ARRAY_LEN(parsers)] = { false };
	uint32_t n = (root->length - HEADER_SIZE) / entry_size;

	for (uint32_t i = 0; i < MIN(n, (uint32_t)MAX_TABLES); i++) {
		struct table t;

		if (!table_map(p, field(root, HEADER_SIZE + i * entry_size, entry_size), &t))
			continue;
		p->out->nr_tables++;
		for (uint32_t k = 0; k < ARRAY_LEN(parsers); k++) {
			if (seen[k] || memcmp(t.data, parsers[k].signature, 4))
				continue;
			seen[k] = true;
			parsers[k].parse(p, &t);
		}
	}
}

static bool rsdp_valid(const uint8_t *p)
{
	return !memcmp(p, "RSD PTR ", 8) && sum_is_zero(p, RSDP_V1_SIZE);
}

/* On 16-byte borders of [base, base + size). 0: not there. */
static uint64_t rsdp_search_in(struct parser *p, uint64_t base, uint64_t size)
{
	const uint8_t *area = p->map(p->arg, base, size);

	if (!area)
		return 0;
	for (uint64_t i = 0; i + RSDP_V1_SIZE <= size; i += 16)
		if (rsdp_valid(area + i))
			return base + i;
	return 0;
}

static uint64_t rsdp_search(struct parser *p)
{
	const uint8_t *bda = p->map(p->arg, 0x40e, 2);
	uint64_t ebda = bda ? (uint64_t)(bda[0] | bda[1] << 8) << 4 : 0, found = 0;

	if (ebda >= 0x400 && ebda < 0xa0000)
		found = rsdp_search_in(p, ebda, 1024);
	return found ? found : rsdp_search_in(p, 0xe0000, 0x20000);
}

int acpi_parse(acpi_map map, void *arg, uint64_t rsdp, struct acpi_info *out)
{
	struct parser p = { map, arg, out };
	struct table r = { NULL, RSDP_V1_SIZE }, root;
	uint64_t xsdt = 0;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < ARRAY_LEN(out->isa); i++)
		out->isa[i].gsi = i;
	if (!rsdp)
		rsdp = rsdp_search(&p);
	if (!rsdp)
		return -ENOENT;
	r.data = map(arg, rsdp, RSDP_V1_SIZE);
	if (!r.data || !rsdp_valid(r.data))
		return -EINVAL;
	out->rsdp = rsdp;
	out->root = field(&r, 16, 4);
	if (field(&r, 15, 1) >= 2) {
		const uint8_t *v2 = map(arg, rsdp, RSDP_V2_SIZE);

		if (v2 && sum_is_zero(v2, RSDP_V2_SIZE)) {
			r = (struct table){ v2, RSDP_V2_SIZE };
			xsdt = field(&r, 24, 8);
		}
	}
	if (table_map(&p, xsdt, &root) && !memcmp(root.data, "XSDT", 4)) {
		out->root = xsdt;
		parse_root(&p, &root, 8);
		return 0;
	}
	if (!table_map(&p, out->root, &root) || memcmp(root.data, "RSDT", 4))
		return -EINVAL;
	parse_root(&p, &root, 4);
	return 0;
}
