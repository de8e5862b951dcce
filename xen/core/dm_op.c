/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dm_op, public xen/hvm/dm_op.h: what a device model in the control domain asks of its guest's board and memory. The call is a struct in the caller's first buffer, with a second one where a
 * list or a bitmap belongs to it. Long operations keep their progress in the struct, as Xen's do.
 */
#include "dm_op.h"

#include "domain.h"
#include "guest_memory.h"
#include "hvm_platform.h"
#include "hypercall.h"
#include "memory_op.h"
#include "save_records.h"
#include "string.h"

#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>

#define BUFFERS_MAX   2
#define OP_HEAD       offsetof(struct xen_dm_op, u)
#define NO_ERROR_CODE 0xffffffffu /* of inject_event */
#define GFN_END       (1ull << 40)
/* Pages whose writes are asked for at once: 256 MiB of video memory. */
#define VRAM_PAGES_MAX 65536u

struct dm_buffer {
	uint64_t handle, size;
};

struct dm_call {
	struct vcpu *caller;
	struct domain *d;
	struct dm_buffer buffers[BUFFERS_MAX]; /* the struct's own, the other; size 0: none */
	bool copy_back;                        /* the member has changed */
};

struct compat_buf {
	uint32_t handle, size;
};
static const struct abi_field buf_fields[] = {
	{ offsetof(struct dm_buffer, handle), offsetof(struct compat_buf, handle), 8, 4 },
	{ offsetof(struct dm_buffer, size), offsetof(struct compat_buf, size), 8, 4 },
	ABI_END,
};
static const struct abi_struct buf_abi = { sizeof(struct dm_buffer), sizeof(struct compat_buf),
	                                   buf_fields };
_Static_assert(sizeof(struct xen_dm_op_buf) == sizeof(struct dm_buffer), "layout");

static bool has_board(const struct dm_call *c)
{
	return c->d->platform;
}

/* ---- interrupts ---- */

static long set_pci_intx_level(struct dm_call *c, void *member)
{
	const struct xen_dm_op_set_pci_intx_level *x = member;

	if (x->domain || x->bus || x->device > 31 || x->intx > 3 || x->level > 1)
		return -EINVAL;
	if (!has_board(c))
		return -ENODEV;
	irq_routing_pci_set(c->d, x->device << 3, x->intx, x->level);
	return 0;
}

static long set_isa_irq_level(struct dm_call *c, void *member)
{
	const struct xen_dm_op_set_isa_irq_level *x = member;

	if (x->isa_irq >= IRQ_ISA_LINES || x->level > 1)
		return -EINVAL;
	if (!has_board(c))
		return -ENODEV;
	irq_routing_isa_set(c->d, x->isa_irq, x->level);
	return 0;
}

static long set_pci_link_route(struct dm_call *c, void *member)
{
	const struct xen_dm_op_set_pci_link_route *x = member;

	if (x->link >= IRQ_LINKS || x->isa_irq >= IRQ_ISA_LINES)
		return -EINVAL;
	if (!has_board(c))
		return -ENODEV;
	irq_routing_link_set(c->d, x->link, x->isa_irq);
	return 0;
}

static long inject_msi(struct dm_call *c, void *member)
{
	const struct xen_dm_op_inject_msi *x = member;

	if (x->pad)
		return -EINVAL;
	if (!has_board(c))
		return -ENODEV;
	(void)irq_routing_msi(c->d, x->addr, x->data);
	return 0;
}

static const struct {
	bool is_known;
	enum event_type type;
} event_types[] = {
	[XEN_DMOP_EVENT_ext_int] = { true, EVENT_INTERRUPT },
	[XEN_DMOP_EVENT_nmi] = { true, EVENT_NMI },
	[XEN_DMOP_EVENT_hw_exc] = { true, EVENT_EXCEPTION },
	[XEN_DMOP_EVENT_sw_int] = { true, EVENT_SOFT_INTERRUPT },
	[XEN_DMOP_EVENT_sw_exc] = { true, EVENT_SOFT_EXCEPTION },
};

/* With the vcpu off its CPU. */
static long event_put(struct vcpu *v, const struct xen_dm_op_inject_event *x)
{
	struct event e = { .type = event_types[x->type].type,
		           .vector = x->vector,
		           .insn_len = x->insn_len };

	if (v->event.type != EVENT_NONE)
		return -EBUSY;
	if (e.type == EVENT_EXCEPTION && x->error_code != NO_ERROR_CODE) {
		e.has_error = true;
		e.error_code = x->error_code;
	}
	if (e.type == EVENT_EXCEPTION && x->vector == X86_PF)
		e.cr2 = x->cr2;
	if (vcpu_event_refused(&e))
		return -EINVAL;
	v->event = e;
	vcpu_request(v, VCPU_REQ_EVENT);
	return 0;
}

static long inject_event(struct dm_call *c, void *member)
{
	const struct xen_dm_op_inject_event *x = member;
	struct vcpu *v = domain_vcpu(c->d, x->vcpuid);
	long err;

	if (x->pad0 || x->pad1 || !v || x->type >= ARRAY_LEN(event_types) ||
	    !event_types[x->type].is_known)
		return -EINVAL;
	domain_pause(c->d);
	err = domain_is_dying(c->d) ? -ESRCH : event_put(v, x);
	domain_unpause(c->d);
	return err;
}

/* ---- memory ---- */

/* Pages [from, to), whose bits are put behind those of the pages from first on. */
static int vram_bits_put(struct dm_call *c, uint64_t from, uint64_t to, uint64_t first,
                         const uint64_t bits[P2M_SCAN / 64])
{
	uint8_t out[P2M_SCAN / 8 + 1] = { 0 };
	uint64_t shift = (from - first) % 8, at = (from - first) / 8;

	/* What stands in the first byte already is of the block before. */
	if (shift && copy_from_guest(c->caller, out, c->buffers[1].handle + at, 1))
		return -EFAULT;
	for (uint64_t page = from; page < to; page++) {
		uint64_t n = page - from + shift;

		if (bits[(page - from) / 64] >> (page - from) % 64 & 1)
			out[n / 8] |= (uint8_t)(1u << n % 8);
	}
	return copy_to_guest(c->caller, c->buffers[1].handle + at, out,
	                     (size_t)((to - from + shift + 7) / 8));
}

static long track_dirty_vram(struct dm_call *c, void *member)
{
	const struct xen_dm_op_track_dirty_vram *x = member;
	uint64_t first = x->first_pfn, end = first + x->nr, bits[P2M_SCAN / 64];
	long err = 0;

	if (x->pad || x->nr > VRAM_PAGES_MAX || end < first || end > GFN_END)
		return -EINVAL;
	if (c->buffers[1].size < (x->nr + 7) / 8)
		return -EINVAL;
	for (uint64_t from = first, to; from < end && !err; from = to) {
		to = MIN(end, align_down(from, P2M_SCAN) + P2M_SCAN);
		/* While a migration counts on it, nothing is cleaned. */
		err = p2m_dirty_range(&c->d->p2m, from, (unsigned)(to - from),
		                      !c->d->settings.logs_dirty, bits);
		if (!err)
			err = vram_bits_put(c, from, to, first, bits);
	}
	return err;
}

/* Extent opaque is the next one; pages of it that are done are taken off in the caller's list. */
static long modified_memory(struct dm_call *c, void *member)
{
	struct xen_dm_op_modified_memory *x = member;
	struct xen_dm_op_modified_memory_extent e;
	uint64_t size = c->buffers[1].size / sizeof(e);

	if (x->opaque > x->nr_extents || x->nr_extents > size)
		return -EINVAL;
	c->copy_back = true;
	for (; x->opaque < x->nr_extents; x->opaque++) {
		uint64_t at = c->buffers[1].handle + x->opaque * sizeof(e);

		if (copy_from_guest(c->caller, &e, at, sizeof(e)))
			return -EFAULT;
		if (e.pad || e.first_pfn > GFN_END - e.nr)
			return -EINVAL;
		for (; e.nr; e.nr--, e.first_pfn++) {
			if (hypercall_should_restart())
				return copy_to_guest(c->caller, at, &e, sizeof(e))
				               ? -EFAULT
				               : HYPERCALL_RESTART;
			(void)p2m_mark_dirty(&c->d->p2m, gfn(e.first_pfn));
		}
	}
	return 0;
}

/* Read-only or not; RAM does not become device memory by this call here. */
static int mem_type_set(struct domain *d, uint64_t page, bool read_only)
{
	enum p2m_type type = p2m_lookup(&d->p2m, gfn(page)).type;
	enum p2m_type to = read_only ? P2M_RAM_RO : P2M_RAM_RW;

	if (type == to || (!read_only && type == P2M_RAM_LOGDIRTY))
		return 0;
	if (type != P2M_RAM_RW && type != P2M_RAM_RO && type != P2M_RAM_LOGDIRTY)
		return -EINVAL;
	return p2m_change_type(&d->p2m, gfn(page), type, to);
}

static long set_mem_type(struct dm_call *c, void *member)
{
	struct xen_dm_op_set_mem_type *x = member;
	int err;

	if (x->pad || (x->mem_type != HVMMEM_ram_rw && x->mem_type != HVMMEM_ram_ro) ||
	    x->first_pfn > GFN_END - x->nr)
		return -EINVAL;
	for (; x->nr; x->nr--, x->first_pfn++) {
		c->copy_back = true;
		if (hypercall_should_restart())
			return HYPERCALL_RESTART;
		err = mem_type_set(c->d, x->first_pfn, x->mem_type == HVMMEM_ram_ro);
		if (err)
			return err;
	}
	return 0;
}

static long relocate_memory(struct dm_call *c, void *member)
{
	struct xen_dm_op_relocate_memory *x = member;
	int err;

	if (x->pad || x->src_gfn > GFN_END - x->size || x->dst_gfn > GFN_END - x->size)
		return -EINVAL;
	for (; x->size; x->size--, x->src_gfn++, x->dst_gfn++) {
		c->copy_back = true;
		if (hypercall_should_restart())
			return HYPERCALL_RESTART;
		err = memory_page_move(c->d, x->src_gfn, x->dst_gfn);
		if (err)
			return err;
	}
	return 0;
}

/* Without devices that are passed through, all of a guest's memory is cached: nothing follows from it. */
static long pin_memory_cacheattr(struct dm_call *c, void *member)
{
	const struct xen_dm_op_pin_memory_cacheattr *x = member;
	static const uint8_t valid[] = { 1, 1, 0, 0, 1, 1, 1, 1 }; /* by XEN_DMOP_MEM_CACHEATTR_* */

	if (x->pad || x->end < x->start || x->end >= GFN_END)
		return -EINVAL;
	if (x->type == XEN_DMOP_DELETE_MEM_CACHEATTR)
		return 0;
	return x->type < ARRAY_LEN(valid) && valid[x->type] ? 0 : -EINVAL;
}

/* ---- the domain ---- */

static long remote_shutdown(struct dm_call *c, void *member)
{
	const struct xen_dm_op_remote_shutdown *x = member;

	domain_ending_note(c->d, "domain %u said so", c->caller->domain->id);
	domain_shutdown(c->d, x->reason);
	return 0;
}

static long nr_vcpus(struct dm_call *c, void *member)
{
	struct xen_dm_op_nr_vcpus *x = member;

	x->vcpus = c->d->max_vcpus;
	c->copy_back = true;
	return 0;
}

/* ---- the table ---- */

#define ROW(op, name) [XEN_DMOP_##op] = { name, sizeof(((struct xen_dm_op *)0)->u.op) }

static const struct {
	long (*fn)(struct dm_call *c, void *member);
	size_t size; /* of the member */
} rows[] = {
	ROW(track_dirty_vram, track_dirty_vram),
	ROW(set_pci_intx_level, set_pci_intx_level),
	ROW(set_isa_irq_level, set_isa_irq_level),
	ROW(set_pci_link_route, set_pci_link_route),
	ROW(modified_memory, modified_memory),
	ROW(set_mem_type, set_mem_type),
	ROW(inject_event, inject_event),
	ROW(inject_msi, inject_msi),
	ROW(remote_shutdown, remote_shutdown),
	ROW(relocate_memory, relocate_memory),
	ROW(pin_memory_cacheattr, pin_memory_cacheattr),
	ROW(nr_vcpus, nr_vcpus),
};

static long call_run(struct dm_call *c)
{
	struct xen_dm_op op;
	long r;

	memset(&op, 0, sizeof(op));
	if (c->buffers[0].size < OP_HEAD)
		return -EINVAL;
	if (copy_from_guest(c->caller, &op, c->buffers[0].handle, OP_HEAD))
		return -EFAULT;
	if (op.pad)
		return -EINVAL;
	if (op.op >= ARRAY_LEN(rows) || !rows[op.op].fn)
		return -EOPNOTSUPP;
	if (c->buffers[0].size < OP_HEAD + rows[op.op].size)
		return -EINVAL;
	if (copy_from_guest(c->caller, &op.u, c->buffers[0].handle + OP_HEAD, rows[op.op].size))
		return -EFAULT;
	r = rows[op.op].fn(c, &op.u);
	if (c->copy_back &&
	    copy_to_guest(c->caller, c->buffers[0].handle + OP_HEAD, &op.u, rows[op.op].size))
		r = -EFAULT;
	return r;
}

long dm_op(struct vcpu *caller, uint64_t *args)
{
	struct dm_call c = { .caller = caller };
	uint32_t n = (uint32_t)args[1];
	long r;

	if (n > BUFFERS_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < n; i++)
		if (abi_get(caller, &buf_abi, &c.buffers[i], args[2], i))
			return -EFAULT;
	c.d = domain_get((uint16_t)args[0]);
	if (!c.d)
		return -ESRCH;
	if (!caller->domain->is_privileged || c.d == caller->domain)
		r = -EPERM;
	else
		r = domain_is_dying(c.d) ? -ESRCH : call_run(&c);
	domain_put(c.d);
	return r;
}
