// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs of MOVS and STOS on memory of the device model's: one entry for many elements. */
#include "devmodel.h"
#include "domain.h"
#include "exit_handlers.h"
#include "insn_string.h"
#include "log.h"
#include "mmio_operand.h"
#include "string.h"

/* Bytes that one entry moves at most: they stand on the stack meanwhile. */
#define RUN_MAX 1024

/* One side: elements of one page. */
struct run_side {
	gpa_t first;
	enum { SIDE_OTHER, SIDE_RAM, SIDE_DEVICE } kind;
};

/* Whose is the page? Something of the hypervisor's in it, or memory that is not plain, is other. */
static unsigned side_kind(struct vcpu *v, gpa_t at, bool is_dest)
{
	struct domain *d = v->domain;
	gpa_t page = gpa(at.v & PAGE_MASK);
	struct p2m_entry e = p2m_lookup(&d->p2m, gpa_to_gfn(at));

	if (is_dest ? e.type == P2M_RAM_RW : p2m_access[e.type] & P2M_READ)
		return SIDE_RAM;
	if (e.type != P2M_HOLE || vlapic_owns(v, page) ||
	    iobus_has_any(&d->mmio, page.v, PAGE_SIZE))
		return SIDE_OTHER;
	return SIDE_DEVICE;
}

/* How many of n elements from offset on neither wrap at the address size nor leave the page. */
static uint64_t run_bound(const struct insn_string *s, uint64_t offset, uint64_t linear, bool down,
                          uint64_t n)
{
	uint64_t mask = s->addr_size == 8 ? ~0ull : (1ull << 8 * s->addr_size) - 1;
	uint64_t in_page = linear & (PAGE_SIZE - 1);

	if (in_page + s->size > PAGE_SIZE)
		return 0;
	if (down)
		return MIN(n, MIN(in_page, offset) / s->size + 1);
	return MIN(n, MIN(PAGE_SIZE - in_page, mask - offset) / s->size);
}

/* Bounds *n by one side. False: its elements have to be tried one by one. */
static bool side_find(struct vcpu *v, const struct insn_string *s, bool is_dest, uint64_t *n,
                      struct run_side *out)
{
	uint64_t offset = is_dest ? insn_string_dest(s, &v->regs) : insn_string_source(s, &v->regs);
	enum segment_name segment = is_dest ? SEG_ES : s->segment;
	bool down = v->regs.rflags & RFLAGS_DF;
	uint64_t linear, last;
	struct event fault;

	if (segment_linear(v, segment, offset, s->size, is_dest, &linear, &fault))
		return false;
	*n = run_bound(s, offset, linear, down, *n);
	if (*n < 2)
		return false;
	offset += (*n - 1) * (down ? -(uint64_t)s->size : s->size);
	/* the segment may end in between */
	if (segment_linear(v, segment, offset, s->size, is_dest, &last, &fault) ||
	    guest_linear_to_gpa(v, linear, is_dest ? WALK_WRITE : WALK_READ, &out->first, &fault))
		return false;
	out->kind = side_kind(v, out->first, is_dest);
	return out->kind != SIDE_OTHER;
}

/* Where in memory the lowest of the elements is. */
static gpa_t lowest(const struct run_side *side, const struct devmodel_string *run)
{
	return run->down ? gpa(side->first.v - (run->count - 1) * run->size) : side->first;
}

static void fill(const struct devmodel_string *run, uint64_t value)
{
	for (uint32_t i = 0; i < run->count; i++)
		memcpy(run->bytes + i * run->size, &value, run->size);
}

/* Fetches what a device is to get. False: the memory is gone. */
static bool run_load(struct vcpu *v, const struct insn_string *s, const struct run_side *source,
                     const struct devmodel_string *run)
{
	if (!s->reads_source)
		fill(run, v->regs.r[GPR_RAX]);
	else if (source->kind == SIDE_RAM)
		return !guest_read_gpa(v->domain, run->bytes, lowest(source, run),
		                       run->count * run->size);
	return true;
}

static void run_store(struct vcpu *v, const struct run_side *dest,
                      const struct devmodel_string *run)
{
	if (dest->kind == SIDE_RAM &&
	    guest_write_gpa(v->domain, lowest(dest, run), run->bytes, run->count * run->size))
		log_guest(v->domain, LOG_DEBUG, "vcpu %u: a copy to memory that is gone", v->id);
}

unsigned mmio_bulk(struct vcpu *v, const struct insn_string *s)
{
	uint8_t bytes[RUN_MAX];
	uint64_t n = MIN(insn_string_left(s, &v->regs), (uint64_t)RUN_MAX / s->size);
	struct run_side source = { .kind = SIDE_RAM }, dest;
	struct devmodel_string run = { .size = s->size,
		                       .down = v->regs.rflags & RFLAGS_DF,
		                       .bytes = bytes };

	if (!v->domain->devmodel || s->repeat != REPEAT_COUNT || !s->writes_dest)
		return 0;
	if ((s->reads_source && !side_find(v, s, false, &n, &source)) ||
	    !side_find(v, s, true, &n, &dest))
		return 0;
	if (source.kind == SIDE_RAM && dest.kind == SIDE_RAM)
		return 0;
	run.source = source.kind == SIDE_RAM ? DEVMODEL_STRING_BULK : source.first.v;
	run.dest = dest.kind == SIDE_RAM ? DEVMODEL_STRING_BULK : dest.first.v;
	run.count = (uint32_t)n;
	if (!run_load(v, s, &source, &run))
		return 0;
	(void)devmodel_mmio_string(v->domain->devmodel, &run);
	run_store(v, &dest, &run);
	return run.count;
}
