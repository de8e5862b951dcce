// SPDX-License-Identifier: GPL-2.0-or-later
/* Operands of emulated instructions: from linear addresses to RAM and the device bus. */
#include "mmio_operand.h"
#include "devmodel.h"
#include "domain.h"
#include "errno.h"
#include "string.h"

static int page_find(struct vcpu *v, struct mmio_page *page, uint64_t linear, unsigned rights,
                     gpa_t *out, struct event *fault)
{
	uint64_t in_page = linear & (PAGE_SIZE - 1);

	if (!page->is_valid || page->linear != linear - in_page) {
		if (guest_linear_to_gpa(v, linear - in_page, rights, &page->gpa, fault)) {
			page->is_valid = false;
			fault->cr2 = fault->vector == X86_PF ? linear : 0;
			return -EFAULT;
		}
		page->linear = linear - in_page;
		page->is_valid = true;
	}
	*out = gpa(page->gpa.v + in_page);
	return 0;
}

int mmio_operand_find(struct vcpu *v, struct mmio_page *page, uint64_t linear, unsigned size,
                      unsigned rights, struct mmio_operand *out, struct event *fault)
{
	unsigned head = MIN(size, PAGE_SIZE - (unsigned)(linear & (PAGE_SIZE - 1)));

	*out = (struct mmio_operand){ .size = (uint8_t)size, .head = (uint8_t)head };
	if (page_find(v, page, linear, rights, &out->first, fault))
		return -EFAULT;
	linear += head;
	if (!paging_long_mode(guest_paging_mode(v)))
		linear = (uint32_t)linear;
	return head == size ? 0 : page_find(v, page, linear, rights, &out->second, fault);
}

/* The fault that we are here for (if it is one: INS and OUTS come here, too) found nothing in the page of at. */
static bool is_known_hole(const struct vcpu *v, gpa_t at)
{
	return v->exit.kind == EXIT_MMIO && v->exit.mmio.is_hole &&
	       !((at.v ^ v->exit.mmio.gpa.v) & PAGE_MASK);
}

/* One access in one page: RAM when there is some (true), else the bus. */
static bool bus_access(struct vcpu *v, gpa_t at, uint64_t *value, unsigned size, bool is_write)
{
	struct domain *d = v->domain;
	struct io_access a = {
		.addr = at.v, .size = size, .is_write = is_write, .value = *value, .cpu = v
	};

	bool is_hole = is_known_hole(v, at);

	/* Where the fault found nothing there is no memory to try first. */
	if (!is_hole) {
		if (!(is_write ? guest_write_gpa(d, at, value, size)
		               : guest_read_gpa(d, value, at, size)))
			return true;
	}
	if (is_write && unlikely(!is_hole) &&
	    p2m_type_is_page(p2m_lookup(&d->p2m, gpa_to_gfn(at)).type))
		return false; /* read-only */
	if (vlapic_owns(v, at)) {
		a.addr = at.v & (PAGE_SIZE - 1);
		vlapic_access(v, &a);
	} else if (iobus_access(&d->mmio, &a) == IO_UNCLAIMED && d->devmodel) {
		(void)devmodel_mmio(d->devmodel, &a);
	}
	*value = a.value;
	return false;
}

/* The bus takes powers of two up to 8 bytes; what lies in two pages goes byte by byte. */
static unsigned access_step(const struct mmio_operand *o)
{
	return o->head < o->size ? 1 : MIN(o->size, 8);
}

static gpa_t operand_gpa(const struct mmio_operand *o, unsigned n)
{
	return n < o->head ? gpa(o->first.v + n) : gpa(o->second.v + n - o->head);
}

bool mmio_operand_read(struct vcpu *v, const struct mmio_operand *o, void *to)
{
	unsigned step = access_step(o);
	bool is_ram = true;

	for (unsigned n = 0; n < o->size; n += step) {
		uint64_t value = 0;

		is_ram &= bus_access(v, operand_gpa(o, n), &value, step, false);
		memcpy((uint8_t *)to + n, &value, step);
	}
	return is_ram;
}

bool mmio_operand_write(struct vcpu *v, const struct mmio_operand *o, const void *from)
{
	unsigned step = access_step(o);
	bool is_ram = true;

	for (unsigned n = 0; n < o->size; n += step) {
		uint64_t value = 0;

		memcpy(&value, (const uint8_t *)from + n, step);
		is_ram &= bus_access(v, operand_gpa(o, n), &value, step, true);
	}
	return is_ram;
}

void mmio_operand_load(struct vcpu *v, const struct mmio_operand *o, uint64_t *value)
{
	*value = 0;
	if (likely(o->head == o->size))
		(void)bus_access(v, o->first, value, o->size, false);
	else
		(void)mmio_operand_read(v, o, value);
}

void mmio_operand_store(struct vcpu *v, const struct mmio_operand *o, uint64_t value)
{
	if (likely(o->head == o->size))
		(void)bus_access(v, o->first, &value, o->size, true);
	else
		(void)mmio_operand_write(v, o, &value);
}
