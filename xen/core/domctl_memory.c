/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: a domain's memory. */
#include "domctl.h"

/* ---- what is at which frame ---- */

#define FRAMES_A_CALL 1024u

/*
 * A guest with its own page tables has pages and holes; there is no more to say of them. Who asks wants to save what is there: what is on demand comes, as with Xen. Where no page is
 * left for that, it is told as none.
 */
static uint64_t frame_info(struct domain *d, uint64_t n)
{
	if (p2m_lookup(&d->p2m, gfn(n)).type == P2M_ON_DEMAND && p2m_demand_wait(&d->p2m, gfn(n)))
		return XEN_DOMCTL_PFINFO_XTAB;
	return p2m_type_is_page(p2m_lookup(&d->p2m, gfn(n)).type) ? XEN_DOMCTL_PFINFO_NOTAB
	                                                          : XEN_DOMCTL_PFINFO_XTAB;
}

/* The array of frame numbers becomes one of answers. */
long domctl_getpageframeinfo3(struct control_call *c, void *member)
{
	const struct xen_domctl_getpageframeinfo3 *x = member;
	uint64_t value;

	if (x->num > FRAMES_A_CALL)
		return -E2BIG;
	for (uint64_t i = 0; i < x->num; i++) {
		if (control_get(c, &value, control_handle(x->array), i, sizeof(value)))
			return -EFAULT;
		value = frame_info(c->d, value);
		if (control_put(c, &value, control_handle(x->array), i, sizeof(value)))
			return -EFAULT;
	}
	return 0;
}

/* ---- memory for nested page tables: kept and given back; p2m.c has its own limit by the domain's size ---- */

long domctl_get_paging_mempool_size(struct control_call *c, void *member)
{
	((struct xen_domctl_paging_mempool *)member)->size = read_once(c->d->settings.paging_pool);
	return 0;
}

static long pool_set(struct domain *d, uint64_t bytes)
{
	if (bytes % PAGE_SIZE)
		return -EINVAL;
	write_once(d->settings.paging_pool, bytes);
	return 0;
}

long domctl_set_paging_mempool_size(struct control_call *c, void *member)
{
	return pool_set(c->d, ((const struct xen_domctl_paging_mempool *)member)->size);
}

long domctl_shadow_op(struct control_call *c, void *member)
{
	struct xen_domctl_shadow_op *x = member;

	switch (x->op) {
	case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
		x->mb = (uint32_t)(align_up(read_once(c->d->settings.paging_pool), MIB(1)) >> 20);
		return 0;
	case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION: return pool_set(c->d, MIB(x->mb));
	case XEN_DOMCTL_SHADOW_OP_ENABLE:
		return x->mode == XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY ? domctl_log_dirty_enable(c)
		                                                     : -EINVAL;
	case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY: return domctl_log_dirty_enable(c);
	case XEN_DOMCTL_SHADOW_OP_OFF: return domctl_log_dirty_disable(c);
	case XEN_DOMCTL_SHADOW_OP_CLEAN: return domctl_log_dirty_read(c, x, true);
	case XEN_DOMCTL_SHADOW_OP_PEEK: return domctl_log_dirty_read(c, x, false);
	default: return -EINVAL;
	}
}

/* ---- the page of calls, for builders that place it themselves ---- */

long domctl_hypercall_init(struct control_call *c, void *member)
{
	const struct xen_domctl_hypercall_init *x = member;

	if (x->gmfn > UINT64_MAX >> PAGE_SHIFT)
		return -EACCES;
	return hypercall_page_fill(c->d, x->gmfn << PAGE_SHIFT) ? -EACCES : 0;
}
