/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's description names of this computer's files, and how the control domain of the emulated machine gets it: disks become disks of the machine, which QEMU reads in
 * whatever format they have; a kernel and its files go along with the description.
 */
#ifndef APPLIANCE_GUEST_MEDIA_H
#define APPLIANCE_GUEST_MEDIA_H

#include "description.h"
#include "machine.h"

#define MEDIA_WORDS 32
#define MEDIA_FILES 4

struct guest_media {
	char *config_path;
	unsigned memory_mib; /* of the guest, with what is its own beside it */
	bool has_screen;     /* on a port */
	struct machine_medium media[MACHINE_MEDIA];
	size_t nr_media;
	struct {
		const char *name; /* in the control domain, at its root */
		char *path;       /* here */
	} files[MEDIA_FILES];
	size_t nr_files;
	struct description_line
		lines[DESCRIPTION_LINES]; /* that the description has for the machine */
	size_t nr_lines;
	char *description;        /* for the control domain */
	char *words[MEDIA_WORDS]; /* the person's, for `xl create` */
	size_t nr_words;
};

/* arguments: GUEST.cfg and KEY=VALUE words; none: the example of the build. False: what is wrong has been said. */
bool guest_media_read(struct guest_media *g, const char *build, int nr, char **arguments);

#endif
