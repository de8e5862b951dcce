/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants and event channels under the hypervisor. */
#include "pv_place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <xen/xen.h>

#include <xen/grant_table.h>

#include <xen/sys/evtchn.h>
#include <xen/sys/gntdev.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#define COPIES 64 /* at a time */

static xengnttab_handle *grant_table;
static xenevtchn_handle *events;

bool pv_place_open(struct pv_place *p, struct failure *f)
{
	p->fd = p->grant_fd = -1;
	grant_table = xengnttab_open(NULL, 0);
	events = xenevtchn_open(NULL, 0);
	if (!grant_table || !events)
		return fail(
			f,
			"the hypervisor's devices /dev/xen/gntdev and /dev/xen/evtchn: %s. This is for "
			"the control domain's root: load the kernel's modules xen-gntdev and xen-evtchn",
			strerror(errno));
	p->fd = xenevtchn_fd(events);
	(void)fcntl(p->fd, F_SETFL, O_NONBLOCK); /* read until none is left */
	p->grant_fd = xengnttab_fd(grant_table);
	return true;
}

bool pv_place_attach(struct pv_place *p, const struct control_line *line, struct failure *f)
{
	p->domid = (unsigned)control_number(line, "domid", DOMID_FIRST_RESERVED - 1, 0);
	if (!p->domid)
		return fail(f, "attach: it wants domid=");
	/* An older kernel does not know it. */
	(void)xenevtchn_restrict(events, (domid_t)p->domid);
	return true;
}

/* ---- pages ---- */

void *pv_place_map(struct pv_place *p, const uint32_t *grants, unsigned nr, bool is_writable)
{
	return xengnttab_map_domain_grant_refs(grant_table, nr, p->domid,
	                                       (uint32_t *)(uintptr_t)grants,
	                                       is_writable ? PROT_READ | PROT_WRITE : PROT_READ);
}

void pv_place_unmap(struct pv_place *p, void *at, unsigned nr)
{
	(void)xengnttab_unmap(grant_table, at, nr);
}

static xengnttab_grant_copy_segment_t segment_of(const struct pv_place *p, const struct pv_copy *c)
{
	xengnttab_grant_copy_segment_t s = { .len = c->length,
		                             .flags = c->to_guest ? GNTCOPY_dest_gref
		                                                  : GNTCOPY_source_gref };
	union xengnttab_copy_ptr *guests = c->to_guest ? &s.dest : &s.source;
	union xengnttab_copy_ptr *ours = c->to_guest ? &s.source : &s.dest;

	guests->foreign.ref = c->grant;
	guests->foreign.offset = c->offset;
	guests->foreign.domid = (uint16_t)p->domid;
	ours->virt = c->local;
	return s;
}

int pv_place_copy(struct pv_place *p, struct pv_copy *copies, unsigned nr)
{
	xengnttab_grant_copy_segment_t segments[COPIES];

	while (nr) {
		unsigned n = nr < COPIES ? nr : COPIES;

		for (unsigned i = 0; i < n; i++)
			segments[i] = segment_of(p, &copies[i]);
		if (xengnttab_grant_copy(grant_table, n, segments) != 0)
			return -errno;
		for (unsigned i = 0; i < n; i++)
			copies[i].status = segments[i].status;
		copies += n;
		nr -= n;
	}
	return 0;
}

/* ---- ports ---- */

int pv_place_bind(struct pv_place *p, uint32_t remote)
{
	xenevtchn_port_or_error_t port = xenevtchn_bind_interdomain(events, p->domid, remote);

	return port > 0 ? port : -(errno ? errno : EINVAL);
}

void pv_place_unbind(struct pv_place *p, uint32_t port)
{
	(void)xenevtchn_unbind(events, port);
}

void pv_place_tell(struct pv_place *p, uint32_t port)
{
	(void)xenevtchn_notify(events, port);
}

int pv_place_heard(struct pv_place *p)
{
	return xenevtchn_pending(events);
}

void pv_place_unmask(struct pv_place *p, uint32_t port)
{
	(void)xenevtchn_unmask(events, port);
}

/* ---- what is left of the system calls ---- */

static int allow_ioctl(scmp_filter_ctx filter, int fd, unsigned long number)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
	                        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd),
	                        SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, number));
}

int pv_place_allow(const struct pv_place *p, scmp_filter_ctx filter)
{
	static const unsigned long of_events[] = { IOCTL_EVTCHN_BIND_INTERDOMAIN,
		                                   IOCTL_EVTCHN_UNBIND, IOCTL_EVTCHN_NOTIFY };
	static const unsigned long of_grants[] = { IOCTL_GNTDEV_MAP_GRANT_REF,
		                                   IOCTL_GNTDEV_UNMAP_GRANT_REF,
		                                   IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR,
		                                   IOCTL_GNTDEV_GRANT_COPY };
	int err = 0;

	for (size_t i = 0; i < sizeof(of_events) / sizeof(of_events[0]) && !err; i++)
		err = allow_ioctl(filter, p->fd, of_events[i]);
	for (size_t i = 0; i < sizeof(of_grants) / sizeof(of_grants[0]) && !err; i++)
		err = allow_ioctl(filter, p->grant_fd, of_grants[i]);
	return err;
}
