/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link's place under the hypervisor: resources of the guest, and an event channel. */
#include "link_place.h"

#include "devmodel_control.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/sys/evtchn.h>

static xenforeignmemory_handle *memory;
static xenevtchn_handle *events;
static evtchn_port_t port;

bool link_place_open(struct failure *f)
{
	memory = xenforeignmemory_open(NULL, 0);
	events = xenevtchn_open(NULL, 0);
	if (memory && events)
		return true;
	return fail(
		f,
		"the hypervisor's devices /dev/xen/privcmd and /dev/xen/evtchn: %s. This is for "
		"the control domain's root: boot the hypervisor, and load the kernel's module xen-evtchn",
		strerror(errno));
}

static void *map(unsigned domid, unsigned type, size_t *size, struct failure *f)
{
	xenforeignmemory_resource_handle *r;
	void *at = NULL;

	if (xenforeignmemory_resource_size(memory, (domid_t)domid, type, 0, size) != 0 || !*size) {
		fail(f, "guest %u has no device model, or ended meanwhile: %s", domid,
		     strerror(errno));
		return NULL;
	}
	r = xenforeignmemory_map_resource(memory, (domid_t)domid, type, 0, 0, *size / PAGE_SIZE,
	                                  &at, PROT_READ | PROT_WRITE, 0);
	if (!r)
		fail(f, "guest %u: the pages of its device model cannot be mapped: %s", domid,
		     strerror(errno));
	return at; /* for as long as the process lives */
}

static bool bind_port(unsigned domid, uint32_t remote, struct failure *f)
{
	int bound = xenevtchn_bind_interdomain(events, domid, remote);

	if (bound < 0)
		return fail(f, "guest %u: port %u of its device model cannot be bound: %s", domid,
		            remote, strerror(errno));
	port = (evtchn_port_t)bound;
	/* An older kernel does not know it; the list of system calls says the same. */
	(void)xenevtchn_restrict(events, (domid_t)domid);
	return true;
}

bool link_place_attach(struct link_place *p, const struct control_line *line, int descriptor,
                       struct failure *f)
{
	unsigned domid = (unsigned)control_number(line, "domid", 0x7fef, 0);
	uint32_t remote = (uint32_t)control_number(line, "port", UINT32_MAX, 0);

	if (descriptor >= 0)
		close(descriptor);
	if (!domid || !remote)
		return fail(f, "attach: it wants domid= and port=");
	p->domid = domid;
	p->link = map(domid, DEVMODEL_RESOURCE_LINK, &p->link_size, f);
	p->vram = p->link ? map(domid, DEVMODEL_RESOURCE_VRAM, &p->vram_size, f) : NULL;
	if (!p->vram || !bind_port(domid, remote, f))
		return false;
	p->fd = xenevtchn_fd(events);
	(void)xenforeignmemory_close(memory);
	memory = NULL;
	return true;
}

bool link_place_heard(struct link_place *p)
{
	xenevtchn_port_or_error_t heard = xenevtchn_pending(events);

	if (heard >= 0)
		(void)xenevtchn_unmask(events, (evtchn_port_t)heard);
	return true;
}

void link_place_tell(struct link_place *p)
{
	(void)xenevtchn_notify(events, port);
}

int link_place_allow(const struct link_place *p, scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
	                        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)p->fd),
	                        SCMP_A1(SCMP_CMP_EQ, IOCTL_EVTCHN_NOTIFY));
}
