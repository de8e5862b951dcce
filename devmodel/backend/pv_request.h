/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a request of a paravirtual drive: taking it apart, checking it, moving its data. */
#ifndef BACKEND_PV_REQUEST_H
#define BACKEND_PV_REQUEST_H

#include "pv_block.h"

#include <xen/xen.h>

#include <xen/io/blkif.h>

#define PV_REQUEST_IS_GOOD 1 /* none of BLKIF_RSP_ */

/* Where things are in an entry: 32-bit drivers do not align numbers of 64 bits. */
struct pv_layout {
	const char *protocol;
	uint32_t bytes, answer_bytes, id, sector, segments;
};

/* protocol as in the store; NULL: native. NULL: unknown. */
const struct pv_layout *pv_layout_find(const char *protocol);

/* The next request of the ring, which is there. */
bool pv_request_is_barrier(const struct pv_ring *r);
/* Takes it into s, and its indirect segments from the guest. PV_REQUEST_IS_GOOD, or what it is to be answered with: an error, or BLKIF_RSP_OKAY for one that is done already. */
int16_t pv_request_take(struct pv_slot *s, const struct disk *disk, struct pv_ring *r,
                        const struct pv_layout *l, struct pv_place *place);
/* s->request for this step; disk, bytes and done are set. */
void pv_request_fill(struct pv_slot *s, enum disk_op op);
/* Data from the guest's pages to s->request.bytes, and back. False: a page is not granted. */
bool pv_data_take(struct pv_slot *s, struct pv_place *place);
bool pv_data_give(struct pv_slot *s, struct pv_place *place);
void pv_answer_put(struct pv_ring *r, const struct pv_layout *l, const struct pv_slot *s);

#endif
