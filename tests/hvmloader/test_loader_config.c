/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader/config.c, config_value.c */
#include <string.h>
#include "types.h"
#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_info_table.h>
#include "unit.h"
#include "config.h"
#include "iron_fake.h"
#include "layout.h"

static struct config c;

static void words(const char *text)
{
	fake_iron_reset();
	config_defaults(&c);
	config_words(&c, text);
}

static void defaults(void)
{
	words("");
	CHECK_EQ(c.vcpus, 1);
	CHECK_EQ(c.online, 1);
	CHECK(c.acpi && c.apic && c.relocate && c.waet);
	CHECK_EQ(c.hpet, -1);
	CHECK(!strcmp(c.text[TEXT_PRODUCT], "HVM domU"));
	CHECK_EQ(iron.console_len, 0);
}

static void plain(void)
{
	words("vcpus=2 maxvcpus=4 acpi=0 apic=1 hpet=0 mmio_hole=512M boot=dcn "
	      "uuid=01234567-89ab-cdef-0011-223344556677 serial=abc acpi_s3=0 bios=seabios");
	CHECK_EQ(c.online, 2);
	CHECK_EQ(c.vcpus, 4);
	CHECK(!c.acpi && !c.acpi_s3 && c.acpi_s4);
	CHECK_EQ(c.hpet, 0);
	CHECK_EQ(c.mmio_hole, MIB(512));
	CHECK(!strcmp(c.boot, "dcn"));
	CHECK(!strcmp(c.text[TEXT_SERIAL], "abc"));
	CHECK_EQ(c.uuid[0], 0x01);
	CHECK_EQ(c.uuid[15], 0x77);
	CHECK(c.has_uuid);
	CHECK_EQ(iron.console_len, 0);
}

static void quoted(void)
{
	words("system_manufacturer=\"A maker of things\" vcpus=3");
	CHECK(!strcmp(c.text[TEXT_MANUFACTURER], "A maker of things"));
	CHECK_EQ(c.online, 3);
	words("vcpus=3 serial=\"no end");
	CHECK(!strcmp(c.text[TEXT_SERIAL], "no end"));
	words("serial=\"\" vcpus=2");
	CHECK_EQ(c.online, 2);
}

static void vcpus(void)
{
	words("vcpus=8");
	CHECK_EQ(c.vcpus, 8);
	words("maxvcpus=8");
	CHECK_EQ(c.online, 8);
	words("vcpus=8 maxvcpus=4");
	CHECK_EQ(c.online, 4);
}

static void wrong(void)
{
	static const char *const values[] = {
		"vcpus=0",       "vcpus=129",
		"vcpus=2x",      "vcpus=",
		"acpi=2",        "hpet=yes",
		"uuid=12",       "uuid=0123456g-89ab-cdef-0011-223344556677",
		"boot=x",        "boot=ccccc",
		"bios=ovmf",     "mmio_hole=x",
		"node=1",        "node=1M:3-2",
		"node=1M:0-128", "what=1",
		"alone",
	};

	for (unsigned i = 0; i < ARRAY_LEN(values); i++) {
		words(values[i]);
		CHECK(iron.console_len > 0);
		CHECK_EQ(c.vcpus, 1);
		CHECK(!c.has_uuid && !c.boot[0] && !c.nr_nodes);
	}
}

static void nodes(void)
{
	words("vcpus=4 node=512M:0-1 node=1G:2-3 node=0:5");
	CHECK_EQ(c.nr_nodes, 3);
	CHECK_EQ(c.nodes[0].memory, MIB(512));
	CHECK_EQ(c.nodes[1].vcpu_first, 2);
	CHECK_EQ(c.nodes[1].vcpu_last, 3);
	CHECK_EQ(c.nodes[2].vcpu_last, 5);
}

/* ---- what the builder leaves in memory ------------------------------------------------------------- */

#define START 0x400000

static struct hvm_start_info *start_info(const char *cmdline)
{
	struct hvm_start_info *s = iron_memory(START);

	s->magic = XEN_HVM_START_MAGIC_VALUE;
	s->cmdline_paddr = START + 0x1000;
	strcpy(iron_memory(START + 0x1000), cmdline);
	return s;
}

static struct hvm_info_table *info_table(unsigned vcpus, unsigned online)
{
	struct hvm_info_table *t = iron_memory(HVM_INFO);
	uint8_t sum = 0;

	memcpy(t->signature, "HVM INFO", 8);
	t->length = sizeof(*t);
	t->apic_mode = 1;
	t->nr_vcpus = vcpus;
	t->low_mem_pgend = 0x10000;
	t->reserved_mem_pgstart = 0xfeff0;
	for (unsigned i = 0; i < online; i++)
		t->vcpu_online[i / 8] |= (uint8_t)(1 << i % 8);
	for (unsigned i = 0; i < sizeof(*t); i++)
		sum += ((uint8_t *)t)[i];
	t->checksum = (uint8_t)-sum;
	return t;
}

static void classic(void)
{
	fake_iron_reset();
	info_table(4, 2);
	config_read(&c, 0);
	CHECK_EQ(c.vcpus, 4);
	CHECK_EQ(c.online, 2);
	CHECK_EQ(c.low_end, MIB(256));
	CHECK_EQ(c.special_start, 0xfeff0000);
	CHECK(!c.relocate);
	CHECK_EQ(c.uuid[0], 0xa0); /* the hypervisor knows it */

	/* Words win. */
	start_info("vcpus=1 relocate=1");
	config_read(&c, START);
	CHECK_EQ(c.vcpus, 1);
	CHECK(c.relocate);

	fake_iron_reset();
	info_table(4, 2)->checksum++;
	config_read(&c, 0);
	CHECK_EQ(c.vcpus, 1);
	CHECK_EQ(c.low_end, 0);
}

static void modules(void)
{
	struct hvm_start_info *s;
	struct hvm_modlist_entry *m;

	fake_iron_reset();
	s = start_info("");
	s->nr_modules = 3;
	s->modlist_paddr = START + 0x2000;
	m = iron_memory(START + 0x2000);
	strcpy(iron_memory(START + 0x3000), "firmware");
	strcpy(iron_memory(START + 0x3010), "other");
	m[0] = (struct hvm_modlist_entry){ 0x500000, 0x20000, START + 0x3000, 0 };
	m[1] = (struct hvm_modlist_entry){ 0x600000, 0x20000, START + 0x3010, 0 };
	m[2] = (struct hvm_modlist_entry){ 0x700000, 0x20000, 0, 0 };
	config_read(&c, START);
	CHECK_EQ(c.bios.base, 0x500000);
	CHECK_EQ(c.bios.size, 0x20000);
	CHECK_EQ(c.ipxe.size, 0);
}

static void long_line(void)
{
	fake_iron_reset();
	start_info("");
	memset(iron_memory(START + 0x1000), 'a', 4096);
	CHECK(DIES(config_read(&c, START)));
}

UNIT_MAIN(UNIT(defaults), UNIT(plain), UNIT(quoted), UNIT(vcpus), UNIT(wrong), UNIT(nodes),
          UNIT(classic), UNIT(modules), UNIT(long_line))
