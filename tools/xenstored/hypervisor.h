/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that the daemon wants of a hypervisor, so that tests can be one. Errors are negative errno. A domain id is one that the hypervisor gave, or 0.
 */
#ifndef XENSTORED_HYPERVISOR_H
#define XENSTORED_HYPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

struct domain_info {
	uint8_t handle[16]; /* its uuid: another domain of the same id has another one */
	bool shutdown;      /* it has ended, by itself or by a crash, and is still there */
	bool dying;         /* it is being taken apart: nothing of it may be held any more */
};

struct hypervisor {
	/* 0, or -ENOENT when there is none of that id. */
	int (*domain_info)(struct hypervisor *h, uint32_t domid, struct domain_info *info);

	/*
	 * The page of a domain's ring, of domain 0 its own kernel's; NULL when it cannot be had. gfn is what INTRODUCE said. Of domain 0 *port is set to what its
	 * kernel waits for.
	 */
	struct xenstore_domain_interface *(*map_ring)(struct hypervisor *h, uint32_t domid,
	                                              uint64_t gfn, uint32_t *port);
	void (*unmap_ring)(struct hypervisor *h, uint32_t domid,
	                   struct xenstore_domain_interface *page);

	/* Event channels: a local port bound to the domain's; events on it; the next local port that has one (it is open for more then), or -EAGAIN. */
	int (*bind)(struct hypervisor *h, uint32_t domid, uint32_t remote_port);
	void (*unbind)(struct hypervisor *h, int port);
	void (*notify)(struct hypervisor *h, int port);
	int (*pending)(struct hypervisor *h);

	int fd;             /* readable when pending has something; -1 for never */
	int exception_port; /* the local port of events for domains that end; -1 for none */
};

/* The real one. NULL with a line on standard error when this is no domain 0. */
struct hypervisor *hypervisor_xen(void);
/* None: only the socket is served, and every domain is taken to be there. For tests on a machine without a hypervisor. */
struct hypervisor *hypervisor_none(void);

#endif
