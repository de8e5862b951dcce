/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What paravirtual devices need of the hypervisor: pages that the guest has granted, and event channels of its own. pv_place_xen.c is the hypervisor's, with /dev/xen/gntdev and /dev/xen/evtchn; a test plays it with
 * shared memory and sockets of its own. All of it works after privileges are given up, except pv_place_open() and pv_place_attach().
 */
#ifndef BACKEND_PV_PLACE_H
#define BACKEND_PV_PLACE_H

#include "control.h"
#include "failure.h"

#include <seccomp.h>

#define PV_PAGE 4096u

struct pv_place {
	int fd;       /* can be read when the guest has told a port; -1: not open */
	int grant_fd; /* the place's own, as all below */
	unsigned domid;
};

/* A piece to copy between memory of ours and a granted page: offset + length is at most PV_PAGE; local may cross pages. */
struct pv_copy {
	void *local;
	uint32_t grant;
	uint16_t offset, length;
	bool to_guest;
	int16_t status; /* out: 0, or a GNTST_ number (public xen/grant_table.h): the guest's fault */
};

/* Before privileges are given up. */
bool pv_place_open(struct pv_place *p, struct failure *f);
/* As the line "attach" says: from now on ports are this guest's only. */
bool pv_place_attach(struct pv_place *p, const struct control_line *line, struct failure *f);

/*
 * nr pages that the guest has granted, one behind another. They are the guest's to change at any time: what is read there is copied once, then checked. NULL: one is not granted (not for writing), or errno says
 * why. Never given to the kernel as a buffer for I/O (no DMA can reach another domain's page without an IOMMU): copied.
 */
void *pv_place_map(struct pv_place *p, const uint32_t *grants, unsigned nr, bool is_writable);
void pv_place_unmap(struct pv_place *p, void *at, unsigned nr);
/* All of them, each with its own status. 0, or a negative errno: none was tried. */
int pv_place_copy(struct pv_place *p, struct pv_copy *copies, unsigned nr);

/* To a port that the guest has made for us. Our port, above 0; a negative errno. */
int pv_place_bind(struct pv_place *p, uint32_t remote);
void pv_place_unbind(struct pv_place *p, uint32_t port);
void pv_place_tell(struct pv_place *p, uint32_t port);
/* fd can be read: one of our ports that was told, which is not heard again before it is unmasked; -1: none. */
int pv_place_heard(struct pv_place *p);
void pv_place_unmask(struct pv_place *p, uint32_t port);

/* The system calls that these need, beside reading, writing and mapping. 0, or a negative errno. */
int pv_place_allow(const struct pv_place *p, scmp_filter_ctx filter);

#endif
