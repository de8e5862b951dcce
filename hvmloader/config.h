/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the builder says of the guest: words of the command line (README.md lists them), else the classic table of Xen's builders, else defaults.
 */
#ifndef HVMLOADER_CONFIG_H
#define HVMLOADER_CONFIG_H

#include "types.h"

#define CONFIG_VCPUS_MAX 128
#define CONFIG_NODES_MAX 8
#define CONFIG_TEXT_MAX  64

struct config_node {
	uint64_t
		memory; /* bytes, of RAM in the order of addresses; the last node has what is left */
	unsigned vcpu_first, vcpu_last;
};

/* Texts of SMBIOS. */
enum config_text {
	TEXT_BIOS_VENDOR,
	TEXT_BIOS_VERSION,
	TEXT_MANUFACTURER,
	TEXT_PRODUCT,
	TEXT_VERSION,
	TEXT_SERIAL, /* empty: the uuid */
	TEXT_SKU,
	TEXT_FAMILY,
	TEXT_CHASSIS_SERIAL,
	TEXT_ASSET_TAG,
	CONFIG_TEXTS
};

struct module {
	uint32_t base, size; /* size 0: none */
};

struct config {
	unsigned vcpus;  /* all that there can be */
	unsigned online; /* how many are up at the start: the first ones */
	bool apic, acpi, acpi_s3, acpi_s4, waet, relocate;
	int hpet;           /* -1: look */
	uint64_t mmio_hole; /* bytes of the hole below 4 GiB at least; 0: no wish */
	uint8_t uuid[16];   /* in the order of its text */
	bool has_uuid;
	char boot[5]; /* letters of the boot order; empty: the CMOS has it */
	char text[CONFIG_TEXTS][CONFIG_TEXT_MAX + 1];
	struct config_node nodes[CONFIG_NODES_MAX];
	unsigned nr_nodes; /* 0: no SRAT */
	/* From the classic table; 0: not there. */
	uint64_t low_end, high_end;
	uint32_t special_start;   /* pages for others, from here to 4 GiB */
	struct module bios, ipxe; /* in place of the carried ones */
};

/* start_info: its address. Copies all that is needed: later memory is put to other use. Complaints go to the console. */
void config_read(struct config *c, uint32_t start_info);
/* Words alone, over what c has. */
void config_words(struct config *c, const char *words);
void config_defaults(struct config *c);

#endif
