/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network of guests that have no backends: one wire for all of them. A frame goes to every other interface; each has a short queue, and what finds no room is lost, as
 * on any network.
 */
#include "devmodel.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "string.h"

#define PORTS_MAX 64
#define QUEUE     32 /* frames that wait for one interface */

struct frame {
	struct frame *next;
	uint32_t length;
	uint8_t bytes[];
};

struct net_port {
	struct devmodel *model; /* NULL: free */
	uint32_t nic;
	struct frame *first, **last;
	uint32_t waiting;
};

static struct spinlock lock =
	SPINLOCK_INIT; /* all below. Inside devmodel.lock, outside of the heap's */
static struct net_port ports[PORTS_MAX];

static struct net_port *port_find(const struct devmodel *m, uint64_t nic)
{
	for (unsigned i = 0; i < PORTS_MAX; i++)
		if (ports[i].model == m && ports[i].nic == nic)
			return &ports[i];
	return NULL;
}

int devmodel_net_join(struct devmodel *m, uint32_t nic)
{
	struct net_port *p;

	spin_lock(&lock);
	p = port_find(NULL, 0);
	if (p) {
		*p = (struct net_port){ .model = m, .nic = nic };
		p->last = &p->first;
	}
	spin_unlock(&lock);
	return p ? 0 : -ENOSPC;
}

void devmodel_net_leave(struct devmodel *m)
{
	spin_lock(&lock);
	for (unsigned i = 0; i < PORTS_MAX; i++) {
		struct net_port *p = &ports[i];

		if (p->model != m)
			continue;
		while (p->first) {
			struct frame *f = p->first;

			p->first = f->next;
			heap_free(f);
		}
		*p = (struct net_port){ .model = NULL };
	}
	spin_unlock(&lock);
}

static void port_append(struct net_port *p, const uint8_t *bytes, uint32_t length)
{
	struct frame *f = p->waiting < QUEUE ? heap_alloc(sizeof(*f) + length) : NULL;

	if (!f)
		return;
	f->length = length;
	memcpy(f->bytes, bytes, length);
	*p->last = f;
	p->last = &f->next;
	p->waiting++;
	devmodel_raise(p->model, DEVMODEL_EVENT_FRAME);
}

int64_t devmodel_frame_send(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	struct net_port *from;

	if (args[1] > DEVMODEL_FRAME)
		return -EINVAL;
	spin_lock(&lock);
	from = port_find(m, args[0]);
	for (unsigned i = 0; from && i < PORTS_MAX; i++)
		if (ports[i].model && &ports[i] != from)
			port_append(&ports[i], m->shared->frame, (uint32_t)args[1]);
	spin_unlock(&lock);
	return from ? 1 : -ENODEV;
}

int64_t devmodel_frame_receive(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	struct net_port *p;
	struct frame *f = NULL;
	int64_t length = 0;

	spin_lock(&lock);
	p = port_find(m, args[0]);
	if (p && p->first) {
		f = p->first;
		p->first = f->next;
		if (!p->first)
			p->last = &p->first;
		p->waiting--;
	}
	spin_unlock(&lock);
	if (f) {
		memcpy(m->shared->frame, f->bytes, f->length);
		length = f->length;
	}
	heap_free(f);
	return p ? length : -ENODEV;
}
