/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real hypervisor, through Xen's stable libraries and, for domain 0's own ring, the kernel's devices. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/sys/xenbus_dev.h>
#include <xen/xen.h>

#include "hypervisor.h"
#include "log.h"

#define PAGE 4096u

struct xen {
	struct hypervisor interface;
	xencall_handle *call;
	xenevtchn_handle *events;
	xengnttab_handle *grants;
	xenforeignmemory_handle *foreign;
	struct xen_domctl *domctl;              /* memory that the hypervisor may write */
	uint8_t by_grant[DOMID_FIRST_RESERVED]; /* how a domain's ring was mapped */
};

static int domain_info(struct hypervisor *h, uint32_t domid, struct domain_info *info)
{
	struct xen *x = (struct xen *)h;
	struct xen_domctl *d = x->domctl;

	memset(d, 0, sizeof(*d));
	d->cmd = XEN_DOMCTL_getdomaininfo;
	d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	d->domain = (domid_t)domid;
	/* It answers with the next domain when there is none of this number. */
	if (xencall1(x->call, __HYPERVISOR_domctl, (uint64_t)(uintptr_t)d) ||
	    d->u.getdomaininfo.domain != domid)
		return -ENOENT;
	memcpy(info->handle, d->u.getdomaininfo.handle, sizeof(info->handle));
	info->shutdown = d->u.getdomaininfo.flags & XEN_DOMINF_shutdown;
	info->dying = d->u.getdomaininfo.flags & XEN_DOMINF_dying;
	return 0;
}

/* A number in a file of /proc/xen. */
static int read_number(const char *file, unsigned long long *out)
{
	FILE *f = fopen(file, "r");
	int found;

	if (!f)
		return -errno;
	found = fscanf(f, "%llu", out);
	fclose(f);
	return found == 1 ? 0 : -EIO;
}

/* Our kernel's ring: by the device that Linux has had for it since 3.3, else by the older files. */
static struct xenstore_domain_interface *map_own(uint32_t *port)
{
	static const char device[] = "/dev/xen/xenbus_backend";
	unsigned long long number;
	void *page = MAP_FAILED;
	int fd = open(device, O_RDWR | O_CLOEXEC), result;

	if (fd >= 0) {
		result = ioctl(fd, IOCTL_XENBUS_BACKEND_EVTCHN);
		if (result > 0) {
			*port = (uint32_t)result;
			page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		}
		close(fd);
	}
	if (page == MAP_FAILED && !read_number("/proc/xen/xsd_port", &number)) {
		*port = (uint32_t)number;
		fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			close(fd);
		}
	}
	if (page != MAP_FAILED)
		return page;
	log_line("%s: %s; this kernel's own connection is not served", device, strerror(errno));
	return NULL;
}

static struct xenstore_domain_interface *map_ring(struct hypervisor *h, uint32_t domid,
                                                  uint64_t gfn, uint32_t *port)
{
	struct xen *x = (struct xen *)h;
	xen_pfn_t pfn = gfn;
	void *page;

	if (!domid)
		return map_own(port);
	if (domid >= DOMID_FIRST_RESERVED)
		return NULL;
	/* The builder granted us the page: no right to the rest of the domain's memory is needed. */
	page = xengnttab_map_grant_ref(x->grants, domid, GNTTAB_RESERVED_XENSTORE,
	                               PROT_READ | PROT_WRITE);
	x->by_grant[domid] = page != NULL;
	if (!page && gfn != ~0ull)
		page = xenforeignmemory_map(x->foreign, domid, PROT_READ | PROT_WRITE, 1, &pfn,
		                            NULL);
	if (!page)
		log_line("domain %u: its ring (grant %u, page %#llx) cannot be mapped: %s", domid,
		         GNTTAB_RESERVED_XENSTORE, (unsigned long long)gfn, strerror(errno));
	return page;
}

static void unmap_ring(struct hypervisor *h, uint32_t domid, struct xenstore_domain_interface *page)
{
	struct xen *x = (struct xen *)h;

	if (!domid)
		munmap(page, PAGE);
	else if (x->by_grant[domid])
		xengnttab_unmap(x->grants, page, 1);
	else
		xenforeignmemory_unmap(x->foreign, page, 1);
}

static int bind_port(struct hypervisor *h, uint32_t domid, uint32_t remote_port)
{
	int port = xenevtchn_bind_interdomain(((struct xen *)h)->events, domid, remote_port);

	if (port >= 0)
		return port;
	log_line("domain %u: its event channel %u cannot be bound: %s", domid, remote_port,
	         strerror(errno));
	return -errno;
}

static void unbind(struct hypervisor *h, int port)
{
	xenevtchn_unbind(((struct xen *)h)->events, (evtchn_port_t)port);
}

static void notify(struct hypervisor *h, int port)
{
	xenevtchn_notify(((struct xen *)h)->events, (evtchn_port_t)port);
}

static int pending(struct hypervisor *h)
{
	struct xen *x = (struct xen *)h;
	int port = xenevtchn_pending(x->events);

	if (port < 0)
		return -EAGAIN;
	/* Before the ring is looked at: what comes after the look makes a new event. */
	xenevtchn_unmask(x->events, (evtchn_port_t)port);
	return port;
}

struct hypervisor *hypervisor_xen(void)
{
	static struct xen x = { .interface = { domain_info, map_ring, unmap_ring, bind_port, unbind,
		                               notify, pending, -1, -1 } };
	struct domain_info info;
	int flags;

	x.call = xencall_open(NULL, 0);
	x.events = xenevtchn_open(NULL, 0);
	x.grants = xengnttab_open(NULL, 0);
	x.foreign = xenforeignmemory_open(NULL, 0);
	if (!x.call || !x.events || !x.grants || !x.foreign) {
		log_line(
			"the hypervisor's devices in /dev/xen cannot be opened: %s. Is this a domain 0, and are the modules xen_evtchn, xen_gntdev and xen_privcmd loaded?",
			strerror(errno));
		return NULL;
	}
	x.domctl = xencall_alloc_buffer(x.call, sizeof(*x.domctl));
	if (!x.domctl || domain_info(&x.interface, 0, &info)) {
		log_line(
			"the hypervisor does not say what domains there are: %s. Is this a domain 0, and its version 4.17?",
			strerror(errno));
		return NULL;
	}
	x.interface.fd = xenevtchn_fd(x.events);
	flags = fcntl(x.interface.fd, F_GETFL);
	fcntl(x.interface.fd, F_SETFL, flags | O_NONBLOCK);
	x.interface.exception_port = xenevtchn_bind_virq(x.events, VIRQ_DOM_EXC);
	if (x.interface.exception_port < 0)
		log_line("the ends of domains cannot be heard of: %s. Does another xenstored run?",
		         strerror(errno));
	return &x.interface;
}
