/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: a guest's hardware state as Xen's records. */
#include "domctl.h"

#include "hvm_context.h"

/* Without a buffer: how large it has to be. */
long domctl_gethvmcontext(struct control_call *c, void *member)
{
	struct xen_domctl_hvmcontext *x = member;
	uint64_t handle = control_handle(x->buffer);
	long err;

	if (!handle) {
		x->size = hvm_context_size(c->d);
		return 0;
	}
	domain_pause(c->d);
	err = hvm_context_save(c, c->d, handle, &x->size);
	domain_unpause(c->d);
	return err;
}

long domctl_gethvmcontext_partial(struct control_call *c, void *member)
{
	struct xen_domctl_hvmcontext_partial *x = member;
	uint64_t size = x->bufsz;
	long err;

	if (x->type > UINT16_MAX || x->instance > UINT16_MAX)
		return -EINVAL;
	domain_pause(c->d);
	err = hvm_context_save_one(c, c->d, (uint16_t)x->type, (uint16_t)x->instance,
	                           control_handle(x->buffer), &size);
	domain_unpause(c->d);
	x->bufsz = size;
	return err;
}

long domctl_sethvmcontext(struct control_call *c, void *member)
{
	const struct xen_domctl_hvmcontext *x = member;
	long err;

	domain_pause(c->d);
	err = hvm_context_load(c, c->d, control_handle(x->buffer), x->size);
	domain_unpause(c->d);
	return err;
}
