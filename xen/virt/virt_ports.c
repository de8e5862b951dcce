/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ports of a domain cause exits. Contract: virt_ports.h. */
#include "virt_ports.h"
#include "errno.h"
#include "heap.h"
#include "page_alloc.h"
#include "string.h"

static struct spinlock ports_lock = SPINLOCK_INIT;

/* The domain's first vcpu makes what all of them share. */
int virt_ports_attach(struct domain *d, unsigned order)
{
	struct virt_ports *fresh, *shared;

	fresh = heap_alloc(sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	fresh->bitmap = page_alloc_virt(order);
	if (!fresh->bitmap) {
		heap_free(fresh);
		return -ENOMEM;
	}
	memset(fresh->bitmap, 0xff, PAGE_SIZE << order);

	spin_lock(&ports_lock);
	if (!d->virt)
		d->virt = fresh;
	shared = d->virt;
	shared->nr_vcpus++;
	spin_unlock(&ports_lock);

	if (shared != fresh) {
		page_free_virt(fresh->bitmap, order);
		heap_free(fresh);
	}
	return 0;
}

void virt_ports_detach(struct domain *d, unsigned order)
{
	struct virt_ports *p;
	bool is_last;

	spin_lock(&ports_lock);
	p = d->virt;
	is_last = --p->nr_vcpus == 0;
	if (is_last)
		d->virt = NULL;
	spin_unlock(&ports_lock);

	if (is_last) {
		page_free_virt(p->bitmap, order);
		heap_free(p);
	}
}

void virt_trap_port(struct domain *d, uint16_t port, bool on)
{
	struct virt_ports *p = d->virt;

	if (p)
		map_bit_put(p->bitmap, port, on);
}
