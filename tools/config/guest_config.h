/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a description means: the plan of a guest, complete, every default filled in. xl.cfg(5) has the keys. */
#ifndef CONFIG_GUEST_CONFIG_H
#define CONFIG_GUEST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpuid_spec.h"
#include "messages.h"
#include "settings.h"
#include "uuid.h"

#define CONFIG_DISKS   16
#define CONFIG_NICS    8
#define CONFIG_SERIALS 4
#define CONFIG_TEXT    512
#define CONFIG_KEYS    64  /* at most, that are served */
#define CONFIG_CPUS    256 /* of a machine */

enum guest_type { GUEST_HVM, GUEST_PVH, GUEST_PV };
enum guest_action {
	ACTION_DESTROY,
	ACTION_RESTART,
	ACTION_RENAME_RESTART,
	ACTION_PRESERVE,
	ACTION_COREDUMP_DESTROY,
	ACTION_COREDUMP_RESTART,
	ACTION_SOFT_RESET
};
enum disk_format { DISK_RAW, DISK_QCOW2, DISK_QCOW, DISK_VHD, DISK_VMDK, DISK_QED, DISK_EMPTY };

struct config_disk {
	unsigned line;
	char target[CONFIG_TEXT]; /* "": a drive without a medium */
	enum disk_format format;
	bool has_format; /* it was said */
	char vdev[16];
	uint32_t
		number; /* as guests know it: public io/blkif.h's numbering, documented in xen-vbd-interface(7) */
	int ide; /* 0 to 3: hda to hdd; -1: no emulated drive */
	bool is_cdrom, is_read_only, is_forced, has_discard, no_discard;
	char script[CONFIG_TEXT];
};

struct config_nic {
	unsigned line;
	uint8_t mac[6];
	bool has_mac;    /* otherwise it is made from uuid and number */
	bool has_bridge; /* it was said; otherwise xenbr0 if there is one */
	char bridge[32], ifname[16], script[CONFIG_TEXT], ip[64];
	unsigned mtu;        /* 0: usual */
	uint64_t rate_bytes; /* a second; 0: no limit */
	bool is_emulated;    /* an e1000 beside the PV interface */
};

struct config_serial {
	unsigned line;
	char text[CONFIG_TEXT]; /* pty, null, none, file:PATH, unix:PATH, tcp:HOST:PORT */
};

struct guest_config {
	char file[CONFIG_TEXT], name[64];
	uint8_t uuid[16];
	bool has_uuid; /* otherwise it is made up */
	enum guest_type type;
	uint64_t memory_kib, max_memory_kib;
	unsigned vcpus, max_vcpus, cpu_weight, cpu_cap;
	char cpus[CONFIG_TEXT];            /* as it was said */
	uint8_t affinity[CONFIG_CPUS / 8]; /* what it means: bit by CPU; all set: no limit */
	int highest_cpu;                   /* that cpus= names; -1: none */
	unsigned key_lines[CONFIG_KEYS];   /* guest_config_line() */
	enum guest_action on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset;
	int64_t time_offset; /* seconds; with localtime, the zone is in it */
	int64_t rtc_offset;  /* as rtc_timeoffset= says it */
	bool localtime;
	unsigned tsc_mode, timer_mode;
	unsigned max_grant_frames, max_event_channels;
	struct cpuid_changes cpuid;

	char kernel[CONFIG_TEXT], ramdisk[CONFIG_TEXT], command_line[2048], bootloader[CONFIG_TEXT];
	char boot[8];
	bool acpi, acpi_s3, acpi_s4, apic, hpet, pae, nx, xen_platform_pci;
	char device_model[CONFIG_TEXT], firmware[CONFIG_TEXT]; /* overrides; "": ours */
	uint64_t mmio_hole_mib;

	unsigned videoram_mib;
	bool has_screen; /* vga="none" has none */
	bool vnc, vnc_unused, sdl, usb_tablet;
	char vnc_listen[64], vnc_password[64], keymap[16];
	unsigned vnc_display, vnc_websocket; /* a port for browsers; 0: none */

	struct config_disk disks[CONFIG_DISKS];
	size_t nr_disks;
	struct config_nic nics[CONFIG_NICS];
	size_t nr_nics;
	struct config_serial serials[CONFIG_SERIALS];
	size_t nr_serials;
};

/* The whole meaning of settings. False: messages has errors. */
bool guest_config_make(struct guest_config *g, struct settings *s, struct messages *m);
/* A file (overrides: KEY=VALUE words). False: messages has errors. */
bool guest_config_read(struct guest_config *g, const char *path, char **overrides,
                       size_t nr_overrides, struct messages *m);

/* The line that set key; 0: nothing did, or the command line. */
unsigned guest_config_line(const struct guest_config *g, const char *key);
/* It was set by KEY=VALUE on the command line. */
bool guest_config_is_word(const struct guest_config *g, const char *key);
/*
 * Does it see paravirtual devices? An HVM guest that does has its emulated ones taken away, whether or not it has all drivers: its description must ask for them, by xen_platform_pci=1.
 */
bool guest_config_has_pv(const struct guest_config *g);
/* Every key that is served with its value, and the line that set it, or "default". config_explain.c */
void guest_config_explain(const struct guest_config *g, FILE *to);
/* The words of descriptions. */
const char *guest_type_name(enum guest_type type);
const char *guest_action_name(enum guest_action action);
const char *tsc_mode_name(unsigned mode);
const char *timer_mode_name(unsigned mode);
/* A description that means the same, in one form for each thing: what is read back is the same plan. The password is in it. config_write.c */
void guest_config_write(const struct guest_config *g, FILE *to);
/* cpu_list.c: "0-3,^2", "all", "^1" into g->affinity and g->highest_cpu, added to what is there. False: not understood. */
bool cpu_list_parse(struct guest_config *g, const char *text);

/* disk_spec.c, nic_spec.c: one element of disk= and of vif=. */
bool disk_spec_parse(struct config_disk *d, const char *text, const char *file, unsigned line,
                     bool is_hvm, struct messages *m);
bool nic_spec_parse(struct config_nic *n, const char *text, const char *file, unsigned line,
                    struct messages *m);

/* An address that stays the same as long as uuid and number do. */
void nic_default_mac(const struct guest_config *g, unsigned n, uint8_t mac[6]);

#endif
