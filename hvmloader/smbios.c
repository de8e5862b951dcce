/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMBIOS 2.8 (DSP0134): the entry point and the structures that it asks for. */
#include "console.h"
#include "format.h"
#include "iron.h"
#include "string.h"
#include "tables.h"

#define STRUCTURES_MAX 256 /* bytes of one structure with its texts, apart from them */

struct smbios_entry {
	char anchor[4]; /* _SM_ */
	uint8_t checksum, length, major, minor;
	uint16_t largest;
	uint8_t revision, formatted[5];
	char dmi_anchor[5]; /* _DMI_ */
	uint8_t dmi_checksum;
	uint16_t table_length;
	uint32_t table;
	uint16_t structures;
	uint8_t bcd;
} packed_struct;
_Static_assert(sizeof(struct smbios_entry) == 31, "entry point");

struct smbios_header {
	uint8_t type, length;
	uint16_t handle;
} packed_struct;

struct smbios_bios { /* type 0 */
	struct smbios_header h;
	uint8_t vendor, version;
	uint16_t segment;
	uint8_t date, size;
	uint64_t features;
	uint8_t more_features[2], major, minor, ec_major, ec_minor;
} packed_struct;

struct smbios_system { /* type 1 */
	struct smbios_header h;
	uint8_t manufacturer, product, version, serial, uuid[16], wake_up, sku, family;
} packed_struct;

struct smbios_chassis { /* type 3 */
	struct smbios_header h;
	uint8_t manufacturer, type, version, serial, asset, boot_state, power_state, thermal_state,
		security;
	uint32_t oem;
	uint8_t height, cords, elements, element_length, sku;
} packed_struct;

struct smbios_processor { /* type 4 */
	struct smbios_header h;
	uint8_t socket, type, family, manufacturer;
	uint32_t id[2];
	uint8_t version, voltage;
	uint16_t external_clock, max_speed, speed;
	uint8_t status, upgrade;
	uint16_t cache[3];
	uint8_t serial, asset, part, cores, enabled, threads;
	uint16_t features, family2;
} packed_struct;

struct smbios_array { /* type 16 */
	struct smbios_header h;
	uint8_t location, use, correction;
	uint32_t kib;
	uint16_t error_handle, devices;
	uint64_t bytes;
} packed_struct;

struct smbios_memory { /* type 17 */
	struct smbios_header h;
	uint16_t array, error_handle, width, data_width, size;
	uint8_t form, set, locator, bank, type;
	uint16_t detail, speed;
	uint8_t manufacturer, serial, asset, part, attributes;
	uint32_t extended;
	uint16_t configured_speed, minimum, maximum, configured;
} packed_struct;

struct smbios_array_address { /* type 19 */
	struct smbios_header h;
	uint32_t start_kib, end_kib;
	uint16_t array;
	uint8_t width;
	uint64_t start, end;
} packed_struct;

struct smbios_boot { /* type 32 */
	struct smbios_header h;
	uint8_t reserved[6], status;
} packed_struct;

_Static_assert(sizeof(struct smbios_bios) == 24, "type 0");
_Static_assert(sizeof(struct smbios_system) == 27, "type 1");
_Static_assert(sizeof(struct smbios_chassis) == 22, "type 3");
_Static_assert(sizeof(struct smbios_processor) == 42, "type 4");
_Static_assert(sizeof(struct smbios_array) == 23, "type 16");
_Static_assert(sizeof(struct smbios_memory) == 40, "type 17");
_Static_assert(sizeof(struct smbios_array_address) == 31, "type 19");
_Static_assert(sizeof(struct smbios_boot) == 11, "type 32");

/* Handles: the type and a number of its own. */
#define HANDLE(type, n) ((uint16_t)((type) << 8 | (n)))
#define NO_HANDLE       0xfffe

#define TABLE_BYTES(vcpus, dimms) \
	(1024 + CONFIG_TEXTS * CONFIG_TEXT_MAX + (vcpus)*128 + (dimms)*128)
#define DIMM_BYTES GIB(16)

/* The table as it grows. One structure is open: its fixed part, then its texts. */
struct smbios {
	uint8_t *at, *end, *start;
	uint8_t texts;
	unsigned nr, largest;
};

static void *open(struct smbios *s, uint8_t type, uint16_t number, uint8_t length)
{
	struct smbios_header *h = (void *)s->at;

	if (s->end - s->at < length + STRUCTURES_MAX)
		die("the SMBIOS table needs more memory than it was given");
	h->type = type;
	h->length = length;
	h->handle = HANDLE(type, number);
	s->start = s->at;
	s->at += length;
	s->texts = 0;
	s->nr++;
	return h;
}

/* The number of a text in the open structure; 0 for an empty one. */
static uint8_t text(struct smbios *s, const char *value)
{
	size_t n = strlen(value) + 1;

	if (n == 1)
		return 0;
	if ((size_t)(s->end - s->at) < n + 2)
		die("the SMBIOS table needs more memory than it was given");
	memcpy(s->at, value, n);
	s->at += n;
	return ++s->texts;
}

/* Two zero bytes end it: that of the last text is one of them. */
static void close(struct smbios *s)
{
	s->at += s->texts ? 1 : 2;
	s->largest = MAX(s->largest, (unsigned)(s->at - s->start));
}

/* ---- structures --------------------------------------------------------------------------------------- */

static void add_bios(struct smbios *s, const struct config *c)
{
	struct smbios_bios *t = open(s, 0, 0, sizeof(*t));

	t->segment = 0xe800;
	t->size = 3;                             /* 256 KiB, in units of 64 KiB less one */
	t->features = 1 << 4 | 1 << 7 | 1 << 15; /* ISA, PCI, boot from CD */
	t->features |= 1 << 16;                  /* selectable boot */
	t->more_features[0] = 1;                 /* ACPI */
	t->more_features[1] = 0x14; /* targeted content distribution; virtual machine */
	t->major = t->minor = t->ec_major = t->ec_minor = 0xff;
	t->vendor = text(s, c->text[TEXT_BIOS_VENDOR]);
	t->version = text(s, c->text[TEXT_BIOS_VERSION]);
	t->date = text(s, "01/01/2026");
	close(s);
}

static void uuid_text(const uint8_t *u, char *to, size_t size)
{
	format(to, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	       u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12],
	       u[13], u[14], u[15]);
}

/* The first three fields of a uuid are little-endian since version 2.6. */
static void uuid_copy(uint8_t *to, const uint8_t *u)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (unsigned i = 0; i < 16; i++)
		to[i] = u[order[i]];
}

static void add_system(struct smbios *s, const struct config *c)
{
	struct smbios_system *t = open(s, 1, 0, sizeof(*t));
	char uuid[40];

	uuid_text(c->uuid, uuid, sizeof(uuid));
	uuid_copy(t->uuid, c->uuid);
	t->wake_up = 6; /* the power switch */
	t->manufacturer = text(s, c->text[TEXT_MANUFACTURER]);
	t->product = text(s, c->text[TEXT_PRODUCT]);
	t->version = text(s, c->text[TEXT_VERSION]);
	t->serial = text(s, c->text[TEXT_SERIAL][0] ? c->text[TEXT_SERIAL] : uuid);
	t->sku = text(s, c->text[TEXT_SKU]);
	t->family = text(s, c->text[TEXT_FAMILY]);
	close(s);
}

static void add_chassis(struct smbios *s, const struct config *c)
{
	struct smbios_chassis *t = open(s, 3, 0, sizeof(*t));

	t->type = 1;                                           /* other */
	t->boot_state = t->power_state = t->thermal_state = 3; /* safe */
	t->security = 2;                                       /* unknown */
	t->manufacturer = text(s, c->text[TEXT_MANUFACTURER]);
	t->serial = text(s, c->text[TEXT_CHASSIS_SERIAL]);
	t->asset = text(s, c->text[TEXT_ASSET_TAG]);
	close(s);
}

static void add_processor(struct smbios *s, const struct config *c, unsigned i)
{
	struct smbios_processor *t = open(s, 4, (uint16_t)i, sizeof(*t));
	struct cpuid_result vendor = cpuid(0), model = cpuid(1);
	char name[13] = { 0 }, socket[16];

	memcpy(name, &vendor.b, 4);
	memcpy(name + 4, &vendor.d, 4);
	memcpy(name + 8, &vendor.c, 4);
	format(socket, sizeof(socket), "CPU %u", i);
	t->type = 3;   /* central processor */
	t->family = 2; /* unknown */
	t->id[0] = model.a;
	t->id[1] = model.d;
	t->status = i < c->online ? 0x41 : 0x44; /* populated; enabled, or idle */
	t->upgrade = 1;
	t->cache[0] = t->cache[1] = t->cache[2] = 0xffff;
	t->cores = t->enabled = t->threads = 1;
	t->features = 4; /* 64 bits */
	t->family2 = 2;
	t->socket = text(s, socket);
	t->manufacturer = text(s, name);
	close(s);
}

static uint64_t memory_total(const struct memory_map *m)
{
	return m->low_ram + (memory_map_high_end(m) - GIB(4));
}

static void add_array(struct smbios *s, uint64_t total, unsigned dimms)
{
	struct smbios_array *t = open(s, 16, 0, sizeof(*t));

	t->location = 1;   /* other */
	t->use = 3;        /* system memory */
	t->correction = 6; /* multi-bit */
	if (total >> 10 < 0x80000000u)
		t->kib = (uint32_t)(total >> 10);
	else {
		t->kib = 0x80000000u;
		t->bytes = total;
	}
	t->error_handle = NO_HANDLE;
	t->devices = (uint16_t)dimms;
	close(s);
}

static void add_memory(struct smbios *s, unsigned i, uint64_t bytes)
{
	struct smbios_memory *t = open(s, 17, (uint16_t)i, sizeof(*t));
	char name[16];

	t->array = HANDLE(16, 0);
	t->error_handle = NO_HANDLE;
	t->width = t->data_width = 64;
	if (bytes < GIB(32) - MIB(1)) {
		t->size = (uint16_t)(bytes >> 20);
	} else {
		t->size = 0x7fff;
		t->extended = (uint32_t)(bytes >> 20);
	}
	t->form = 9;   /* DIMM */
	t->type = 7;   /* RAM */
	t->detail = 2; /* other */
	format(name, sizeof(name), "DIMM %u", i);
	t->locator = text(s, name);
	close(s);
}

static void add_array_address(struct smbios *s, unsigned i, uint64_t start, uint64_t end)
{
	struct smbios_array_address *t = open(s, 19, (uint16_t)i, sizeof(*t));

	t->array = HANDLE(16, 0);
	t->width = 1;
	t->start_kib = (uint32_t)(start >> 10);
	t->end_kib = (uint32_t)((end - 1) >> 10);
	if (end >> 10 > UINT32_MAX) {
		t->start_kib = t->end_kib = UINT32_MAX;
		t->start = start;
		t->end = end - 1;
	}
	close(s);
}

static void add_memories(struct smbios *s, const struct machine *m, uint64_t total, unsigned dimms)
{
	uint64_t high = memory_map_high_end(m->map);

	add_array(s, total, dimms);
	for (unsigned i = 0; i < dimms; i++)
		add_memory(s, i, MIN(total - i * DIMM_BYTES, DIMM_BYTES));
	add_array_address(s, 0, 0, m->map->low_ram);
	if (high > GIB(4))
		add_array_address(s, 1, GIB(4), high);
}

static void add_all(struct smbios *s, const struct machine *m, uint64_t total, unsigned dimms)
{
	struct smbios_boot *boot;

	add_bios(s, m->config);
	add_system(s, m->config);
	add_chassis(s, m->config);
	for (unsigned i = 0; i < m->config->vcpus; i++)
		add_processor(s, m->config, i);
	add_memories(s, m, total, dimms);
	boot = open(s, 32, 0, sizeof(*boot));
	boot->status = 0;
	close(s);
	open(s, 127, 0, sizeof(struct smbios_header));
	close(s);
}

uint32_t smbios_build(struct machine *m)
{
	uint64_t total = memory_total(m->map);
	unsigned dimms = (unsigned)((total + DIMM_BYTES - 1) / DIMM_BYTES);
	uint32_t size = TABLE_BYTES(m->config->vcpus, dimms);
	uint32_t gpa = space_take(&m->reserved, sizeof(struct smbios_entry), 16);
	uint32_t table = space_take(&m->reserved, size, 16);
	struct smbios_entry *e = iron_memory(gpa);
	struct smbios s = { 0 };

	s.at = iron_memory(table);
	s.end = s.at + size;
	add_all(&s, m, total, dimms);
	memcpy(e->anchor, "_SM_", 4);
	e->length = sizeof(*e);
	e->major = 2;
	e->minor = 8;
	e->largest = (uint16_t)s.largest;
	memcpy(e->dmi_anchor, "_DMI_", 5);
	e->table_length = (uint16_t)(s.at - (uint8_t *)iron_memory(table));
	e->table = table;
	e->structures = (uint16_t)s.nr;
	e->bcd = 0x28;
	checksum_set(gpa + 0x10, sizeof(*e) - 0x10,
	             offsetof(struct smbios_entry, dmi_checksum) - 0x10);
	checksum_set(gpa, sizeof(*e), offsetof(struct smbios_entry, checksum));
	return gpa;
}
