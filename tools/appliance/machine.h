/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The emulated machine of `make run`: what is in it, and QEMU's words for that. */
#ifndef APPLIANCE_MACHINE_H
#define APPLIANCE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#define MACHINE_MEDIA 12
#define MACHINE_PORTS 4

struct machine_medium {
	const char *path, *format; /* QEMU's name of the format */
	bool read_only;
};

struct machine {
	const char *xen, *kernel, *initrd; /* files */
	const char *kernel_arguments;      /* more of them */
	unsigned memory_mib, cpus;
	unsigned
		vnc_port; /* of this computer: that and the three after it go to 5900.. of the control domain */
	unsigned web_port; /* the same, to 5800.. */
	struct machine_medium
		media[MACHINE_MEDIA]; /* /media/0, /media/1, ... of the control domain */
	size_t nr_media;
};

/* KVM with nested virtualisation is there, and may be used. */
bool machine_has_kvm(void);
/* A line of words, NULL at the end; allocated. NULL: no memory. */
char **machine_command(const struct machine *m);

#endif
