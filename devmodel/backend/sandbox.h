/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up every privilege, when everything is open: an own uid, an empty root, no networks, no capabilities, and a list of system calls. README.md explains the list. */
#ifndef BACKEND_SANDBOX_H
#define BACKEND_SANDBOX_H

#include "failure.h"
#include "link_place.h"
#include "pv_place.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* place, pv: what of the hypervisor is open; NULL: nothing. start: begins the threads that there are to be: they have no rights any more, and the list is theirs, too. There is no way back. Without root's rights there is no own uid and no empty root: the list of system calls remains. False: a kernel without seccomp, or no memory. */
bool sandbox_enter(uint32_t uid, const struct link_place *place, const struct pv_place *pv,
                   bool (*start)(void *context, struct failure *f), void *context,
                   struct failure *f);
/* What a helper keeps. */
#define SANDBOX_FILES 48
struct sandbox_file {
	const char *path;           /* absolute; one that is not there is left out */
	bool is_written, is_system; /* is_system: a link stays a link */
};
struct sandbox_wish {
	uint32_t uid;
	bool keeps_network;
	const char *resolv; /* a copy of the resolver's settings; NULL: none */
	const struct sandbox_file *
		files; /* which are in its root under their own names, and which it may open whoever owns them; nothing else is there */
	size_t nr_files; /* at most SANDBOX_FILES */
};
/* The part before the list of system calls, for helpers: the user-mode network's process, and: */
bool sandbox_drop(const struct sandbox_wish *w, struct failure *f);
/* For a program of others', which is executed next: that part, and a list of what it may not do. */
bool sandbox_program(const struct sandbox_wish *w, struct failure *f);

#endif
