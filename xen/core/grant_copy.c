/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GNTTABOP_copy: bytes between two pages, each the caller's own by frame number or anybody's by grant. */
#include "grant_ops.h"

#include "string.h"

/* The struct as a 32-bit caller has it. */
struct gnttab_copy_compat {
	struct {
		union {
			uint32_t gmfn;
		} u;
		uint16_t domid, offset;
	} source, dest;
	uint16_t len, flags;
	int16_t status;
	uint16_t pad;
};
_Static_assert(sizeof(struct gnttab_copy_compat) == 24, "layout");
_Static_assert(sizeof(struct gnttab_copy) == 40, "layout");

#define COPY_FIELD(field) ABI_FIELD(struct gnttab_copy, struct gnttab_copy_compat, field)
static const struct abi_field copy_fields[] = { COPY_FIELD(source.u.gmfn), COPY_FIELD(source.domid),
	                                        COPY_FIELD(source.offset), COPY_FIELD(dest.u.gmfn),
	                                        COPY_FIELD(dest.domid),    COPY_FIELD(dest.offset),
	                                        COPY_FIELD(len),           COPY_FIELD(flags),
	                                        COPY_FIELD(status),        ABI_END };
const struct abi_struct grant_copy_abi = {
	sizeof(struct gnttab_copy),
	sizeof(struct gnttab_copy_compat),
	copy_fields,
};

struct copy_end {
	const struct gnttab_copy_ptr *ptr;
	struct domain *domain; /* referenced */
	bool by_grant, readonly;
	mfn_t mfn;
};

static int end_find_domain(struct vcpu *caller, struct copy_end *e)
{
	/* By frame number: only one's own, and only under this name. */
	if (e->ptr->domid != DOMID_SELF && !e->by_grant)
		return GNTST_permission_denied;
	e->domain = domain_by_handle(caller, e->ptr->domid);
	return e->domain ? GNTST_okay : GNTST_bad_domain;
}

static int end_claim(struct vcpu *caller, struct copy_end *e)
{
	enum p2m_type type;

	if (e->by_grant)
		return grant_pin(e->domain, e->ptr->u.ref, caller->domain->id, e->readonly, false,
		                 &e->mfn);
	return grant_frame_get(e->domain, e->ptr->u.gmfn, e->readonly, &e->mfn, &type);
}

static void end_release(struct copy_end *e)
{
	if (e->by_grant)
		grant_unpin(e->domain, e->ptr->u.ref, e->readonly);
	else
		page_put(e->mfn);
}

static int copy_bytes(const struct copy_end *source, const struct copy_end *dest, uint16_t len)
{
	uint32_t from = source->ptr->offset, to = dest->ptr->offset;

	if (from + len > PAGE_SIZE || to + len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	memmove((uint8_t *)mfn_to_virt(dest->mfn) + to,
	        (const uint8_t *)mfn_to_virt(source->mfn) + from, len);
	return GNTST_okay;
}

void grant_copy_one(struct vcpu *caller, void *op_)
{
	struct gnttab_copy *op = op_;
	struct copy_end source = {
		.ptr = &op->source,
		.by_grant = op->flags & GNTCOPY_source_gref,
		.readonly = true,
	};
	struct copy_end dest = { .ptr = &op->dest, .by_grant = op->flags & GNTCOPY_dest_gref };
	int r;

	r = end_find_domain(caller, &source);
	if (r)
		goto out;
	r = end_find_domain(caller, &dest);
	if (r)
		goto put_source;
	r = end_claim(caller, &source);
	if (r)
		goto put_both;
	r = end_claim(caller, &dest);
	if (!r) {
		r = copy_bytes(&source, &dest, op->len);
		end_release(&dest);
	}
	end_release(&source);
put_both:
	domain_put(dest.domain);
put_source:
	domain_put(source.domain);
out:
	op->status = r;
}
