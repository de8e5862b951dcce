/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring between a domain and the daemon: one page, two circles of bytes. All of the page is the domain's to scribble on: the daemon keeps its own positions, reads
 * each index once, and takes nothing for granted.
 *
 * A restart loses nothing: the domain sees requests taken (req_cons) only once they and what they did are in the journal; how far replies got is in the page itself
 * (rsp_prod), and the journal has all replies since a known position.
 */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

struct connection;

struct ring {
	struct xenstore_domain_interface *page; /* NULL while not connected */
	int port;                               /* the local one */
	uint32_t taken;                         /* position of the next byte of a request */
	uint32_t told;                          /* what the domain knows of it */
	uint32_t put;                           /* position of the next byte of a reply */
};

/* The page and port are there, the positions are those of the page: a ring that is new, or comes with a domain from elsewhere. */
void ring_begin(struct connection *c);
/* The page is there again after a restart; the queue has all replies since position put. */
void ring_resume(struct connection *c);

/* Takes bytes of requests, works off what is whole, a few at a time. Returns whether there may be more. */
bool ring_take(struct connection *c);
/* After the journal is written: tells the domain what was taken, and gives it what fits of the replies. */
void ring_give(struct connection *c);

#endif
