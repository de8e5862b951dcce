/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's part of the link between a device model and its backend process: "look" in both directions, and the pages for the backend to map. What stands in them is
 * no business of ours.
 */
#include "devmodel.h"

#include "devmodel_control.h"
#include "domain.h"
#include "errno.h"

static void backend_says(struct domain *d, uint32_t port)
{
	devmodel_raise(d->devmodel, DEVMODEL_EVENT_LINK);
}

int devmodel_link_make(struct devmodel *m, uint16_t backend)
{
	int port = event_channel_bind_hypervisor(m->domain, backend, backend_says);

	if (port < 0)
		return port;
	m->port = (uint32_t)port;
	return 0;
}

int64_t devmodel_link_notify(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	return m->port && event_channel_tell_remote(m->domain, m->port);
}

/* ---- resources ---- */

static const struct devmodel_pages *pages_of(const struct devmodel *m, uint16_t type)
{
	return type == DEVMODEL_RESOURCE_LINK   ? &m->space.link
	       : type == DEVMODEL_RESOURCE_VRAM ? &m->space.vram
	                                        : NULL;
}

/* pages_lock held. NULL: no such list, or not now. */
static const struct devmodel_pages *pages_now(struct devmodel *m, uint16_t type)
{
	return m->has_pages ? pages_of(m, type) : NULL;
}

uint32_t devmodel_resource_frames(struct domain *d, uint16_t type, uint32_t id)
{
	struct devmodel *m = read_once(d->devmodel);
	const struct devmodel_pages *p;
	uint32_t nr = 0;

	if (!m || id)
		return 0;
	spin_lock(&m->pages_lock);
	p = pages_now(m, type);
	if (p)
		nr = p->nr;
	spin_unlock(&m->pages_lock);
	return nr;
}

int devmodel_resource_get(struct domain *d, uint16_t type, uint64_t frame, mfn_t *out)
{
	struct devmodel *m = read_once(d->devmodel);
	const struct devmodel_pages *p;
	int err = -EINVAL;

	if (!m)
		return -EINVAL;
	spin_lock(&m->pages_lock);
	p = pages_now(m, type);
	if (p && frame < p->nr) {
		*out = p->mfns[frame];
		err = page_get(*out, NULL) ? 0 : -EINVAL;
	}
	spin_unlock(&m->pages_lock);
	return err;
}
