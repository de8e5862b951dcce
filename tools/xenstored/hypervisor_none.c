/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No hypervisor: every domain is there, none has a ring. */
#include <errno.h>
#include <string.h>

#include "hypervisor.h"

static int domain_info(struct hypervisor *h, uint32_t domid, struct domain_info *info)
{
	memset(info, 0, sizeof(*info));
	return 0;
}

static struct xenstore_domain_interface *map_ring(struct hypervisor *h, uint32_t domid,
                                                  uint64_t gfn, uint32_t *port)
{
	return NULL;
}

static void unmap_ring(struct hypervisor *h, uint32_t domid, struct xenstore_domain_interface *page)
{
}

static int bind_port(struct hypervisor *h, uint32_t domid, uint32_t remote_port)
{
	return -ENODEV;
}

static void no_port(struct hypervisor *h, int port)
{
}

static int pending(struct hypervisor *h)
{
	return -EAGAIN;
}

struct hypervisor *hypervisor_none(void)
{
	static struct hypervisor none = {
		.domain_info = domain_info,
		.map_ring = map_ring,
		.unmap_ring = unmap_ring,
		.bind = bind_port,
		.unbind = no_port,
		.notify = no_port,
		.pending = pending,
		.fd = -1,
		.exception_port = -1,
	};

	return &none;
}
