/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights to the machine's ports, device memory and interrupts, and the two ways in which they take effect. */
#include "direct_io.h"

#include "domain.h"
#include "errno.h"
#include "vpci.h"

#define LAST_PORT 0xffffu

void direct_io_init(struct domain *d)
{
	d->direct = (struct direct_io){ .maps_on_fault = false };
	spin_init(&d->direct.lock);
}

void direct_io_destroy(struct domain *d)
{
	rangeset_destroy(&d->direct.ports);
	rangeset_destroy(&d->direct.frames);
	rangeset_destroy(&d->direct.irqs);
}

static int change(struct domain *d, struct rangeset *s, uint64_t first, uint64_t last, bool give)
{
	int err;

	spin_lock(&d->direct.lock);
	err = give ? rangeset_add(s, first, last) : rangeset_remove(s, first, last);
	spin_unlock(&d->direct.lock);
	return err;
}

static bool may(struct domain *d, const struct rangeset *s, uint64_t first, uint64_t last)
{
	bool all;

	spin_lock(&d->direct.lock);
	all = rangeset_has_all(s, first, last);
	spin_unlock(&d->direct.lock);
	return all;
}

/* ---- ports ---- */

static int ports_change(struct domain *d, uint32_t first, uint32_t last, bool give)
{
	int err;

	if (last > LAST_PORT)
		return -EINVAL;
	err = change(d, &d->direct.ports, first, last, give);
	for (uint32_t p = first; !err && p <= last; p++)
		virt->trap_port(d, (uint16_t)p, !give || iobus_find(&d->pio, p));
	return err;
}

int direct_ports_give(struct domain *d, uint32_t first, uint32_t last)
{
	return ports_change(d, first, last, true);
}

int direct_ports_take(struct domain *d, uint32_t first, uint32_t last)
{
	return ports_change(d, first, last, false);
}

/* size bytes of the access, from byte at of it. */
static void port_touch(struct io_access *a, unsigned at, unsigned size)
{
	uint16_t port = (uint16_t)(a->addr + at);
	uint64_t mask = (1ull << 8 * size) - 1, shift = 8 * at;

	if (a->is_write)
		machine_port_write(port, (uint32_t)(a->value >> shift & mask), size);
	else
		a->value = (a->value & ~(mask << shift)) | (uint64_t)machine_port_read(port, size)
		                                                   << shift;
}

void direct_port_access(struct domain *d, struct io_access *a)
{
	uint64_t first = a->addr, last = first + a->size - 1;
	bool any;

	spin_lock(&d->direct.lock);
	any = rangeset_has_any(&d->direct.ports, first, last);
	spin_unlock(&d->direct.lock);
	if (!any)
		return;
	if (may(d, &d->direct.ports, first, last)) {
		port_touch(a, 0, a->size);
		return;
	}
	/* At the border of what it may: byte by byte, and the others stay as the bus left them. */
	for (unsigned i = 0; i < a->size; i++)
		if (may(d, &d->direct.ports, first + i, first + i))
			port_touch(a, i, 1);
}

/* ---- frames and interrupts ---- */

int direct_frames_give(struct domain *d, uint64_t first, uint64_t last)
{
	return change(d, &d->direct.frames, first, last, true);
}

int direct_frames_take(struct domain *d, uint64_t first, uint64_t last)
{
	return change(d, &d->direct.frames, first, last, false);
}

bool direct_frames_may(struct domain *d, uint64_t first, uint64_t last)
{
	return may(d, &d->direct.frames, first, last);
}

int direct_irqs_give(struct domain *d, uint32_t first, uint32_t last)
{
	return change(d, &d->direct.irqs, first, last, true);
}

int direct_irqs_take(struct domain *d, uint32_t first, uint32_t last)
{
	return change(d, &d->direct.irqs, first, last, false);
}

bool direct_irq_may(struct domain *d, uint32_t irq)
{
	return may(d, &d->direct.irqs, irq, irq);
}

/* A page of an MSI-X table stays a hole; one that comes there while we map is seen after it, by us or by whoever moves it. */
static bool map(struct domain *d, uint64_t gfn, unsigned order)
{
	uint64_t base, size = (uint64_t)PAGE_SIZE << order;

	gfn = align_down(gfn, 1ull << order);
	base = gfn << PAGE_SHIFT;
	if (iobus_has_any(&d->mmio, base, size) || vpci_owns_mmio(d, base, size))
		return false;
	if (!may(d, &d->direct.frames, gfn, gfn + (1ull << order) - 1) ||
	    p2m_replace(&d->p2m, (gfn_t){ gfn }, mfn(gfn), order, P2M_MMIO_DIRECT,
	                P2M_MASK(P2M_HOLE)))
		return false;
	return !vpci_owns_mmio(d, base, size) ||
	       !p2m_replace(&d->p2m, (gfn_t){ gfn }, INVALID_MFN, order, P2M_HOLE,
	                    P2M_MASK(P2M_MMIO_DIRECT) | P2M_MASK(P2M_HOLE));
}

bool direct_frame_fault(struct domain *d, gfn_t gfn)
{
	if (!d->direct.maps_on_fault)
		return false;
	return map(d, gfn.v, PAGE_ORDER_2M) || map(d, gfn.v, PAGE_ORDER_4K);
}
