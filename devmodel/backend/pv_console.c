/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of hvc0 between the ring and its peer. Indices in the ring are the guest's say: what is impossible there is an empty ring, or a full one. */
#include "pv_console.h"

#include "atomic.h"
#include "types.h"

#include <errno.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/grant_table.h>
#include <xen/io/console.h>

#define IN_SIZE  ((uint32_t)sizeof(((struct xencons_interface *)0)->in))
#define OUT_SIZE ((uint32_t)sizeof(((struct xencons_interface *)0)->out))

_Static_assert(!(IN_SIZE & (IN_SIZE - 1)) && !(OUT_SIZE & (OUT_SIZE - 1)), "indices run freely");

static struct pv_console *console_of(struct serial *s)
{
	return container_of(s, struct pv_console, serial);
}

/* Out of the ring, as much as the peer's side has room for. */
static bool out_look(struct pv_console *c)
{
	uint32_t taken = c->ring->out_cons, waiting = load_acquire(&c->ring->out_prod) - taken, n;
	uint8_t bytes[OUT_SIZE];

	if (!waiting || waiting > OUT_SIZE)
		return false;
	n = serial_room(&c->serial, waiting);
	for (uint32_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)read_once(c->ring->out[(taken + i) % OUT_SIZE]);
	store_release(&c->ring->out_cons, taken + n);
	serial_put(&c->serial, bytes, n);
	return n;
}

static bool in_put(struct pv_console *c)
{
	uint32_t put = c->ring->in_prod, full = put - load_acquire(&c->ring->in_cons);
	uint32_t n = full > IN_SIZE ? 0 : MIN(c->serial.nr_typed, IN_SIZE - full);

	for (uint32_t i = 0; i < n; i++)
		c->ring->in[(put + i) % IN_SIZE] = (char)c->serial.typed[i];
	store_release(&c->ring->in_prod, put + n);
	if (n)
		serial_typed(&c->serial, n);
	return n;
}

/* The guest is told of room in one direction and of bytes in the other alike. */
static void look(struct serial *s)
{
	struct pv_console *c = console_of(s);

	if (c->ring && out_look(c))
		pv_port_tell(c->guest, &c->port);
}

static void type(struct serial *s)
{
	struct pv_console *c = console_of(s);

	if (c->ring && in_put(c))
		pv_port_tell(c->guest, &c->port);
}

static void peer_changed(struct serial *s)
{
}

static const struct serial_port console_port = { type, look, peer_changed };

static void heard(struct pv_port *port)
{
	struct pv_console *c = container_of(port, struct pv_console, port);

	look(&c->serial);
	type(&c->serial);
}

static bool attached(void *context, struct failure *f)
{
	static const uint32_t grants[] = { GNTTAB_RESERVED_CONSOLE };
	struct pv_console *c = context;
	int err;

	if (!c->remote)
		return fail(f, "attach: it wants console= for the guest's console");
	c->ring = pv_place_map(&c->guest->place, grants, 1, true);
	if (!c->ring)
		return fail(
			f,
			"console: its ring cannot be mapped: %s. Is /dev/xen/gntdev there (module xen-gntdev)?",
			strerror(errno));
	err = pv_port_bind(c->guest, &c->port, c->remote);
	if (err)
		return fail(f, "console: its event channel %u cannot be bound: %s", c->remote,
		            strerror(-err));
	heard(&c->port); /* what was said while nobody was here */
	return true;
}

bool pv_console_start(struct pv_console *c, struct pv_guest *g, struct history *h,
                      struct failure *f)
{
	c->guest = g;
	c->port.heard = heard;
	serial_start(&c->serial, &console_port, g->loop, h);
	return pv_guest_add_part(g, attached, c, f);
}
