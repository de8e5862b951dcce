/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain, step by step. */
#include "builder.h"

#include "domain_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

/* What a guest takes beyond its memory: option ROMs, the pages of store and console, tables of the builder. */
#define EXTRA_KIB 4096u

static bool refused(struct domain_image *d, const char *what, int rc)
{
	return fail(d->failure, "%s: %s: %s", d->plan->name, what, hypervisor_error(rc));
}

uint8_t *file_read(struct domain_image *d, const char *what, const char *path, size_t *size)
{
	uint8_t *bytes = NULL;
	struct stat s;
	FILE *f = fopen(path, "re");

	if (!f || fstat(fileno(f), &s) != 0) {
		fail(d->failure, "%s: %s, %s, cannot be read: %s. Correct its path", d->plan->name,
		     what, path, strerror(errno));
	} else if (!S_ISREG(s.st_mode) || s.st_size == 0) {
		fail(d->failure, "%s: %s, %s, is no file or is empty", d->plan->name, what, path);
	} else {
		*size = (size_t)s.st_size;
		bytes = malloc(*size);
		if (!bytes || fread(bytes, 1, *size, f) != *size) {
			fail(d->failure, "%s: %s, %s, cannot be read to its end", d->plan->name,
			     what, path);
			free(bytes);
			bytes = NULL;
		}
	}
	if (f)
		fclose(f);
	return bytes;
}

/* ---- the domain itself ---- */

static bool create(struct domain_image *d)
{
	const struct build_plan *p = d->plan;
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain };
	struct xen_domctl_createdomain *c = &op.u.createdomain;
	int rc;

	memcpy(c->handle, p->uuid, sizeof(c->handle));
	c->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	c->max_vcpus = p->max_vcpus;
	c->max_evtchn_port = p->max_event_channels ? p->max_event_channels : 1023;
	c->max_grant_frames = p->max_grant_frames ? (int32_t)p->max_grant_frames : -1;
	c->max_maptrack_frames = -1;
	c->grant_opts = XEN_DOMCTL_GRANT_version(1);
	c->arch.emulation_flags =
		p->is_hvm ? XEN_X86_EMU_ALL & ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ)
			  : XEN_X86_EMU_LAPIC;
	rc = hypervisor_domctl(d->h, &op);
	if (rc < 0)
		return refused(d, "the hypervisor does not make a domain", rc);
	d->built->domid = op.domain;
	return true;
}

uint64_t build_limit_kib(uint64_t memory_kib, uint64_t videoram_kib)
{
	return memory_kib + EXTRA_KIB +
	       (videoram_kib ? videoram_kib + DEVMODEL_VRAM_HIDDEN / 1024 : 0);
}

static bool limits_set(struct domain_image *d)
{
	const struct build_plan *p = d->plan;
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_vcpus, .domain = (domid_t)d->built->domid };
	int rc;

	op.u.max_vcpus.max = p->max_vcpus;
	rc = hypervisor_domctl(d->h, &op);
	if (rc < 0)
		return refused(d, "its vcpus are refused", rc);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_mem, .domain = (domid_t)d->built->domid };
	op.u.max_mem.max_memkb =
		build_limit_kib(p->max_memory_kib, p->is_hvm ? p->videoram_mib * 1024ull : 0);
	rc = hypervisor_domctl(d->h, &op);
	return rc == 0 || refused(d, "its limit of memory is refused", rc);
}

static bool time_set(struct domain_image *d)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_settimeoffset,
		                 .domain = (domid_t)d->built->domid };
	int rc;

	op.u.settimeoffset.time_offset_seconds = d->plan->time_offset;
	rc = hypervisor_domctl(d->h, &op);
	if (rc < 0)
		return refused(d, "its clock is refused", rc);
	if (!d->plan->tsc_mode)
		return true;
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_settscinfo,
		                  .domain = (domid_t)d->built->domid };
	op.u.tsc_info.tsc_mode = d->plan->tsc_mode;
	rc = hypervisor_domctl(d->h, &op);
	return rc == 0 || refused(d, "its tsc_mode is refused", rc);
}

/* Claimed before it is asked for piece by piece: two guests that start together do not both get half. */
static int claim(struct domain_image *d, uint64_t pages)
{
	struct xen_memory_reservation r = { .nr_extents = pages,
		                            .domid = (domid_t)d->built->domid };

	return (int)hypervisor_memory_op(d->h, XENMEM_claim_pages, &r, sizeof(r));
}

static bool memory_claim(struct domain_image *d)
{
	uint64_t kib =
		d->plan->memory_kib + (d->plan->is_hvm ? d->plan->videoram_mib * 1024ull : 0);
	int rc = claim(d, kib / 4);

	if (rc == 0 || rc == -ENOSYS || rc == -EOPNOTSUPP)
		return true;
	return fail(
		d->failure,
		"%s: %llu MiB of memory are not free. End another guest, or give it less (memory=); xl info shows free_memory",
		d->plan->name, (unsigned long long)kib / 1024);
}

/* ---- store and console ---- */

static bool port_make(struct domain_image *d, uint32_t *port)
{
	struct evtchn_alloc_unbound a = { .dom = (domid_t)d->built->domid,
		                          .remote_dom = DOMID_SELF };
	long rc = hypervisor_event_channel_op(d->h, EVTCHNOP_alloc_unbound, &a, sizeof(a));

	*port = a.port;
	return rc == 0 || refused(d, "no event channel for its store or console", (int)rc);
}

static bool param_set(struct domain_image *d, uint32_t index, uint64_t value)
{
	struct xen_hvm_param p = { .domid = (domid_t)d->built->domid,
		                   .index = index,
		                   .value = value };
	long rc = hypervisor_hvm_op(d->h, HVMOP_set_param, &p, sizeof(p));

	return rc == 0 || refused(d, "its store or console is refused", (int)rc);
}

/* The first grants, which the guest's kernel leaves alone: the control domain maps these pages by them. */
static bool grants_seed(struct domain_image *d)
{
	struct hypervisor_resource *resource;
	grant_entry_v1_t *table =
		hypervisor_resource_map(d->h, d->built->domid, XENMEM_resource_grant_table,
	                                XENMEM_resource_grant_table_id_shared, 1, &resource);

	if (!table)
		return fail(d->failure, "%s: its grant table cannot be reached: %s", d->plan->name,
		            strerror(errno));
	table[GNTTAB_RESERVED_CONSOLE].frame = (uint32_t)d->built->console_gfn;
	table[GNTTAB_RESERVED_XENSTORE].frame = (uint32_t)d->built->store_gfn;
	__sync_synchronize();
	table[GNTTAB_RESERVED_CONSOLE].flags = GTF_permit_access;
	table[GNTTAB_RESERVED_XENSTORE].flags = GTF_permit_access;
	hypervisor_resource_unmap(d->h, resource);
	return true;
}

static bool lines_make(struct domain_image *d)
{
	struct built *b = d->built;

	b->store_gfn = STORE_GFN;
	b->console_gfn = CONSOLE_GFN;
	return ram_populate_range(d, CONSOLE_GFN << PAGE_SHIFT, (STORE_GFN + 1) << PAGE_SHIFT) &&
	       ram_zero(d, CONSOLE_GFN << PAGE_SHIFT, 2 * GUEST_PAGE, "store and console") &&
	       port_make(d, &b->store_port) && port_make(d, &b->console_port) &&
	       param_set(d, HVM_PARAM_STORE_PFN, b->store_gfn) &&
	       param_set(d, HVM_PARAM_STORE_EVTCHN, b->store_port) &&
	       param_set(d, HVM_PARAM_CONSOLE_PFN, b->console_gfn) &&
	       param_set(d, HVM_PARAM_CONSOLE_EVTCHN, b->console_port) && grants_seed(d);
}

/* ---- all ---- */

bool build(struct hypervisor *h, const struct build_plan *plan, struct built *built,
           struct failure *failure)
{
	struct domain_image d = { .h = h, .plan = plan, .built = built, .failure = failure };
	bool done;

	memset(built, 0, sizeof(*built));
	if (!create(&d))
		return false;
	done = limits_set(&d) && cpu_policy_apply(&d) && time_set(&d) && memory_claim(&d) &&
	       (plan->is_hvm ? hvm_furnish(&d) : pvh_furnish(&d)) && lines_make(&d);
	(void)claim(&d, 0);
	if (!done)
		build_undo(h, built->domid);
	return done;
}

static bool is_gone(struct hypervisor *h, uint32_t domid)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = (domid_t)domid };

	return hypervisor_domctl(h, &op) < 0 || op.domain != domid;
}

void build_undo(struct hypervisor *h, uint32_t domid)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct xen_domctl op = { .cmd = XEN_DOMCTL_destroydomain, .domain = (domid_t)domid };

	while (hypervisor_domctl(h, &op) == -EAGAIN)
		nanosleep(&moment, NULL);
	/* what others still map keeps it: then it goes when they let go */
	for (unsigned i = 0; i < 500 && !is_gone(h, domid); i++)
		nanosleep(&moment, NULL);
}
