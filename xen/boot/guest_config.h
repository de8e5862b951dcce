/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description of a guest that starts without a control domain: a boot module in the syntax of xl's configuration files, of which a part is served. Pure. */
#ifndef BOOT_GUEST_CONFIG_H
#define BOOT_GUEST_CONFIG_H

#include "types.h"

#define GUEST_DISKS 4
#define GUEST_NICS  4

struct guest_disk {
	char file[128]; /* the name of a boot module; empty: an empty CD-ROM drive */
	unsigned drive; /* 0: hda to 3: hdd */
	bool is_cdrom, is_read_only, is_present;
};

struct guest_nic {
	bool is_present, has_mac;
	uint8_t mac[6];
};

struct guest_config {
	char name[32];
	char kernel[128]; /* a boot module to start instead of the firmware; empty: none */
	char extra[512];  /* its command line, or more words for hvmloader */
	char boot[8];     /* of c, d, n */
	uint32_t memory;  /* MiB */
	uint32_t vcpus, videoram, acpi, hpet, apic, usb_tablet, nr_serials, timer_mode;
	uint8_t uuid[16];
	bool has_uuid;
	char device_model[128]; /* a boot module to use instead of ours */
	struct guest_disk disks[GUEST_DISKS];
	struct guest_nic nics[GUEST_NICS];
};

/* report(arg, line, text) is told what is wrong or not served, line counted from 1. */
typedef void (*guest_config_report)(void *arg, unsigned line, const char *text);
/* -EINVAL: an error was reported. What is only not served is reported and left out. out starts with the defaults. */
int must_check guest_config_parse(const char *text, size_t size, guest_config_report report,
                                  void *arg, struct guest_config *out);
/* hvmloader is told of NUMA nodes. CPUs of two nodes share no cache, so each vcpu had better be a package of its own. */
bool guest_config_has_nodes(const struct guest_config *c);

#endif
