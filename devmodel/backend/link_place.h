/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the link and VRAM are, and how "look" goes both ways. link_place_xen.c is the hypervisor's; a test plays it with shared memory of its own. */
#ifndef BACKEND_LINK_PLACE_H
#define BACKEND_LINK_PLACE_H

#include "control.h"
#include "failure.h"

#include <seccomp.h>

struct link_place {
	void *link; /* link_size bytes: read and written by others at any time */
	size_t link_size;
	uint8_t *vram; /* NULL: no screen */
	size_t vram_size;
	int fd; /* can be read when the device model says "look" */
	unsigned domid;
};

/* What can be opened before anybody is known; before privileges are given up. */
bool link_place_open(struct failure *f);
/* As the line "attach" says (with its descriptor; -1: none came): maps and binds. From then on no privilege is needed. */
bool link_place_attach(struct link_place *p, const struct control_line *line, int descriptor,
                       struct failure *f);
/* fd can be read: takes "look", however often it was said. False: nobody will say it any more. */
bool link_place_heard(struct link_place *p);
void link_place_tell(struct link_place *p);
/* The system calls that the two above need, beside reading and writing. 0, or a negative errno. */
int link_place_allow(const struct link_place *p, scmp_filter_ctx filter);

#endif
