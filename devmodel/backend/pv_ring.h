/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of requests and answers in pages that a guest shares (public xen/io/ring.h): the backend's end, for entries of any size. Answers go out in the order of their requests, and none of them is written before it is
 * published: an answer then never takes the place of a request that is not answered, and all that a successor of a killed process has to know is in the ring: requests from rsp_prod on are open, and are what the guest
 * wrote. (Between an answer's bytes and rsp_prod are the few instructions of pv_ring_publish().)
 */
#ifndef BACKEND_PV_RING_H
#define BACKEND_PV_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PV_RING_HEAD   64u  /* bytes before the first entry */
#define PV_RING_MOST   256u /* entries */
#define PV_RING_ANSWER 16u  /* bytes of the longest answer */

struct pv_ring {
	uint8_t *shared;    /* the guest's to change at any time; NULL: no ring */
	uint32_t entries;   /* a power of two */
	uint32_t bytes;     /* of an entry */
	uint32_t taken;     /* requests: the index of the next one */
	uint32_t answered;  /* ahead of what is published until pv_ring_publish() */
	uint32_t published; /* what the guest sees of them */
	bool is_broken;     /* an impossible index was read: nothing moves any more */
	uint32_t answer_bytes;
	uint8_t answers[PV_RING_MOST][PV_RING_ANSWER]; /* those that are not published, by index */
};

/* size: bytes of the shared pages. Goes on where the last backend stood. The sizes of entries and answers: at most PV_RING_MOST entries then fit, answers have at most PV_RING_ANSWER bytes. */
void pv_ring_init(struct pv_ring *r, void *shared, uint32_t size, uint32_t entry_bytes,
                  uint32_t answer_bytes);
/* Requests that have not been taken; 0 also for a broken ring. */
uint32_t pv_ring_waiting(struct pv_ring *r);
/* A copy of request number r->taken + ahead, of its first n bytes. */
void pv_ring_peek(const struct pv_ring *r, uint32_t ahead, void *to, size_t n);
/* The answer to the oldest request that has none. There is one that was taken. */
void pv_ring_answer(struct pv_ring *r, const void *from);
/* The guest sees the answers. True: it wants to be told. */
bool pv_ring_publish(struct pv_ring *r);
/* Fewer than n (1 to entries) are waiting: the guest shall tell when there are. True: they came meanwhile. */
bool pv_ring_sleep(struct pv_ring *r, uint32_t n);

#endif
