/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: the machine's own ports, memory and interrupts for a domain. Nobody gives what he has not. */
#include "domctl.h"

#define MAPPING_MAX 64u /* frames in one memory_mapping, as Xen has it */
#define PORTS       0x10000u

long domctl_irq_permission(struct control_call *c, void *member)
{
	const struct xen_domctl_irq_permission *x = member;

	if (!direct_irq_may(c->caller->domain, x->pirq))
		return -EPERM;
	return x->allow_access ? direct_irqs_give(c->d, x->pirq, x->pirq)
	                       : direct_irqs_take(c->d, x->pirq, x->pirq);
}

/* False: none, or beyond the end of what is numbered so. */
static bool range_end(uint64_t first, uint64_t nr, uint64_t *last)
{
	*last = first + nr - 1;
	return nr && *last >= first;
}

long domctl_iomem_permission(struct control_call *c, void *member)
{
	const struct xen_domctl_iomem_permission *x = member;
	uint64_t last;

	if (!range_end(x->first_mfn, x->nr_mfns, &last) || last > UINT64_MAX >> PAGE_SHIFT)
		return -EINVAL;
	if (!direct_frames_may(c->caller->domain, x->first_mfn, last))
		return -EPERM;
	return x->allow_access ? direct_frames_give(c->d, x->first_mfn, last)
	                       : direct_frames_take(c->d, x->first_mfn, last);
}

static bool caller_has_ports(struct control_call *c, uint32_t first, uint32_t last)
{
	struct direct_io *own = &c->caller->domain->direct;
	bool has;

	spin_lock(&own->lock);
	has = rangeset_has_all(&own->ports, first, last);
	spin_unlock(&own->lock);
	return has;
}

static long ports_change(struct control_call *c, uint32_t first, uint32_t nr, bool give)
{
	if (first >= PORTS || !nr || nr > PORTS - first)
		return -EINVAL;
	if (!caller_has_ports(c, first, first + nr - 1))
		return -EPERM;
	return give ? direct_ports_give(c->d, first, first + nr - 1)
	            : direct_ports_take(c->d, first, first + nr - 1);
}

long domctl_ioport_permission(struct control_call *c, void *member)
{
	const struct xen_domctl_ioport_permission *x = member;

	return ports_change(c, x->first_port, x->nr_ports, x->allow_access);
}

/* A guest sees ports at their own numbers only. */
long domctl_ioport_mapping(struct control_call *c, void *member)
{
	const struct xen_domctl_ioport_mapping *x = member;

	if (x->first_gport != x->first_mport)
		return -EOPNOTSUPP;
	return ports_change(c, x->first_mport, x->nr_ports, x->add_mapping == DPCI_ADD_MAPPING);
}

static long frame_map(struct domain *d, uint64_t to, uint64_t frame)
{
	return p2m_replace(&d->p2m, gfn(to), mfn(frame), 0, P2M_MMIO_DIRECT,
	                   P2M_MASK(P2M_HOLE) | P2M_MASK(P2M_MMIO_DIRECT));
}

static long frame_unmap(struct domain *d, uint64_t to, uint64_t frame)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(to));

	if (e.type != P2M_MMIO_DIRECT || e.mfn.v != frame)
		return 0;
	return p2m_replace(&d->p2m, gfn(to), INVALID_MFN, 0, P2M_HOLE, P2M_MASK(P2M_MMIO_DIRECT));
}

/* Caller and domain both need the right to the frames. What was mapped before an error is taken out again. */
long domctl_memory_mapping(struct control_call *c, void *member)
{
	const struct xen_domctl_memory_mapping *x = member;
	bool add = x->add_mapping == DPCI_ADD_MAPPING;
	uint64_t last_mfn, last_gfn, i;
	long err = 0;

	if (!range_end(x->first_mfn, x->nr_mfns, &last_mfn) ||
	    !range_end(x->first_gfn, x->nr_mfns, &last_gfn) || last_mfn > UINT64_MAX >> PAGE_SHIFT)
		return -EINVAL;
	if (x->nr_mfns > MAPPING_MAX)
		return -E2BIG;
	if (!direct_frames_may(c->caller->domain, x->first_mfn, last_mfn) ||
	    !direct_frames_may(c->d, x->first_mfn, last_mfn))
		return -EPERM;
	for (i = 0; i < x->nr_mfns && !err; i++)
		err = add ? frame_map(c->d, x->first_gfn + i, x->first_mfn + i)
		          : frame_unmap(c->d, x->first_gfn + i, x->first_mfn + i);
	if (err && add)
		while (i--)
			(void)!frame_unmap(c->d, x->first_gfn + i, x->first_mfn + i);
	return err;
}
