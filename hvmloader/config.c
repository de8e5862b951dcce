/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the builder says of the guest. */
#include "types.h"
#include <xen/xen.h>
#include <xen/version.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_info_table.h>
#include "config.h"
#include "config_value.h"
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "string.h"

#define CMDLINE_MAX 2047
#define MODULES_MAX 16u

_Static_assert(sizeof(struct hvm_start_info) == 56, "layout of the start information");
_Static_assert(sizeof(struct hvm_modlist_entry) == 32, "layout of a module's row");

/* ---- words --------------------------------------------------------------------------------------- */

static const struct word {
	const char *name;
	bool (*set)(struct config *c, size_t offset, const char *value);
	size_t offset;
} words[] = {
#define FIELD(field) offsetof(struct config, field)
#define TEXT(i)      FIELD(text) + (i) * (CONFIG_TEXT_MAX + 1)
	{ "vcpus", value_vcpus, FIELD(online) },
	{ "maxvcpus", value_vcpus, FIELD(vcpus) },
	{ "apic", value_bool, FIELD(apic) },
	{ "acpi", value_bool, FIELD(acpi) },
	{ "acpi_s3", value_bool, FIELD(acpi_s3) },
	{ "acpi_s4", value_bool, FIELD(acpi_s4) },
	{ "waet", value_bool, FIELD(waet) },
	{ "relocate", value_bool, FIELD(relocate) },
	{ "hpet", value_hpet, FIELD(hpet) },
	{ "mmio_hole", value_size, FIELD(mmio_hole) },
	{ "uuid", value_uuid, FIELD(uuid) },
	{ "boot", value_boot, FIELD(boot) },
	{ "node", value_node, FIELD(nodes) },
	{ "bios", value_bios, 0 },
	{ "viridian", value_ignored, 0 },
	{ "videoram", value_ignored, 0 },
	{ "bios_vendor", value_text, TEXT(TEXT_BIOS_VENDOR) },
	{ "bios_version", value_text, TEXT(TEXT_BIOS_VERSION) },
	{ "system_manufacturer", value_text, TEXT(TEXT_MANUFACTURER) },
	{ "system_product_name", value_text, TEXT(TEXT_PRODUCT) },
	{ "system_version", value_text, TEXT(TEXT_VERSION) },
	{ "system_serial_number", value_text, TEXT(TEXT_SERIAL) },
	{ "serial", value_text, TEXT(TEXT_SERIAL) },
	{ "system_sku", value_text, TEXT(TEXT_SKU) },
	{ "system_family", value_text, TEXT(TEXT_FAMILY) },
	{ "chassis_serial_number", value_text, TEXT(TEXT_CHASSIS_SERIAL) },
	{ "chassis_asset_tag", value_text, TEXT(TEXT_ASSET_TAG) },
};

/* Cuts the next word NAME=VALUE, with VALUE perhaps in double quotes, out of *at. false: there is none. */
static bool word_next(const char **at, char *name, char *value, size_t size)
{
	const char *s = *at;
	size_t n = 0;
	bool quoted;

	while (*s == ' ' || *s == '\t' || *s == '\n')
		s++;
	if (!*s)
		return false;
	for (; *s && *s != '=' && *s != ' '; s++)
		if (n + 1 < size)
			name[n++] = *s;
	name[n] = 0;
	n = 0;
	s += *s == '=';
	quoted = *s == '"';
	s += quoted;
	for (; *s && (quoted ? *s != '"' : *s != ' ' && *s != '\t' && *s != '\n'); s++)
		if (n + 1 < size)
			value[n++] = *s;
	value[n] = 0;
	*at = s + (quoted && *s);
	return true;
}

static void word_apply(struct config *c, const char *name, const char *value)
{
	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(name, words[i].name))
			continue;
		if (!words[i].set(c, words[i].offset, value))
			say("%s=%s: no such value; the default stays", name, value);
		return;
	}
	say("%s: no such word; it is passed over", name);
}

void config_words(struct config *c, const char *text)
{
	char name[CONFIG_TEXT_MAX + 1], value[CONFIG_TEXT_MAX + 1];
	bool max_given = false, online_given = false;

	while (word_next(&text, name, value, sizeof(name))) {
		word_apply(c, name, value);
		max_given |= !strcmp(name, "maxvcpus");
		online_given |= !strcmp(name, "vcpus");
	}
	if (online_given && !max_given)
		c->vcpus = c->online;
	if (c->online > c->vcpus || (max_given && !online_given))
		c->online = c->vcpus;
}

/* ---- the classic table ------------------------------------------------------------------------------ */

static bool info_valid(const struct hvm_info_table *t)
{
	uint8_t sum = 0;

	if (memcmp(t->signature, "HVM INFO", 8) || t->length < sizeof(*t) || t->length > PAGE_SIZE)
		return false;
	for (uint32_t i = 0; i < t->length; i++)
		sum += ((const uint8_t *)t)[i];
	return !sum && t->nr_vcpus && t->nr_vcpus <= CONFIG_VCPUS_MAX;
}

static void read_info(struct config *c)
{
	const struct hvm_info_table *t = iron_memory(HVM_INFO);

	if (!info_valid(t))
		return;
	c->vcpus = t->nr_vcpus;
	c->online = 0;
	while (c->online < c->vcpus && t->vcpu_online[c->online / 8] >> c->online % 8 & 1)
		c->online++;
	if (!c->online)
		c->online = 1;
	c->apic = t->apic_mode;
	c->low_end = (uint64_t)t->low_mem_pgend << PAGE_SHIFT;
	c->high_end = (uint64_t)t->high_mem_pgend << PAGE_SHIFT;
	c->special_start = t->reserved_mem_pgstart << PAGE_SHIFT;
	/* Whoever builds with this table has a device model that is not told when RAM moves. */
	c->relocate = false;
}

/* ---- the start information ---------------------------------------------------------------------------- */

static void read_module(struct config *c, const struct hvm_modlist_entry *m)
{
	const char *name;
	struct module *to;

	if (!m->cmdline_paddr || m->cmdline_paddr > UINT32_MAX || !m->size ||
	    m->paddr + m->size > UINT32_MAX)
		return;
	name = iron_memory((uint32_t)m->cmdline_paddr);
	if (!strcmp(name, "firmware"))
		to = &c->bios;
	else if (!strcmp(name, "ipxe"))
		to = &c->ipxe;
	else
		return;
	*to = (struct module){ (uint32_t)m->paddr, (uint32_t)m->size };
}

static void read_start_info(struct config *c, uint32_t address)
{
	static char text[CMDLINE_MAX + 1];
	const struct hvm_start_info *s = iron_memory(address);
	const struct hvm_modlist_entry *m;

	if (!address || s->magic != XEN_HVM_START_MAGIC_VALUE)
		return;
	if (s->modlist_paddr && s->modlist_paddr < UINT32_MAX) {
		m = iron_memory((uint32_t)s->modlist_paddr);
		for (uint32_t i = 0; i < MIN(s->nr_modules, MODULES_MAX); i++)
			read_module(c, &m[i]);
	}
	if (s->cmdline_paddr && s->cmdline_paddr < UINT32_MAX) {
		const char *from = iron_memory((uint32_t)s->cmdline_paddr);

		if (strnlen(from, CMDLINE_MAX + 1) > CMDLINE_MAX)
			die("the command line has more than %u characters", CMDLINE_MAX);
		string_copy(text, from, sizeof(text));
		config_words(c, text);
	}
}

void config_defaults(struct config *c)
{
	static const char *const texts[CONFIG_TEXTS] = {
		[TEXT_BIOS_VENDOR] = "Xen",  [TEXT_BIOS_VERSION] = "4.17",
		[TEXT_MANUFACTURER] = "Xen", [TEXT_PRODUCT] = "HVM domU",
		[TEXT_VERSION] = "4.17",
	};

	memset(c, 0, sizeof(*c));
	c->vcpus = c->online = 1;
	c->apic = c->acpi = c->acpi_s3 = c->acpi_s4 = c->waet = c->relocate = true;
	c->hpet = -1;
	for (unsigned i = 0; i < CONFIG_TEXTS; i++)
		if (texts[i])
			string_copy(c->text[i], texts[i], sizeof(c->text[i]));
}

void config_read(struct config *c, uint32_t start_info)
{
	config_defaults(c);
	read_info(c);
	read_start_info(c, start_info);
	if (!c->has_uuid) {
		xen_domain_handle_t handle = { 0 };

		if (!hypercall(__HYPERVISOR_xen_version, XENVER_guest_handle, (uintptr_t)handle))
			memcpy(c->uuid, handle, sizeof(c->uuid));
	}
}
