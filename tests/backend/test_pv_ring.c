// SPDX-License-Identifier: GPL-2.0-or-later
/* What a ring holds at any moment is what the successor of a killed backend needs. */
#include "pv_ring.h"
#include "unit.h"

#include <string.h>

#define SIZE    4096u
#define REQUEST 112u
#define ANSWER  16u

static _Alignas(8) uint8_t page[SIZE];
static uint32_t *const req_prod = (uint32_t *)page, *const rsp_prod = (uint32_t *)page + 2,
		       *const rsp_event = (uint32_t *)page + 3;
static struct pv_ring ring, next;

static uint8_t *entry(unsigned i)
{
	return page + PV_RING_HEAD + (size_t)i * REQUEST;
}

/* n requests, each of bytes of its own number. */
static void begin(unsigned n)
{
	memset(page, 0, sizeof(page));
	for (unsigned i = 0; i < n; i++)
		memset(entry(i), (int)(i + 1), REQUEST);
	*req_prod = n;
	pv_ring_init(&ring, page, SIZE, REQUEST, ANSWER);
}

static void answer(uint8_t with)
{
	uint8_t a[ANSWER];

	memset(a, with, sizeof(a));
	pv_ring_answer(&ring, a);
}

/* The next one that a successor would take. */
static uint8_t taken_next(void)
{
	uint8_t q[REQUEST];

	pv_ring_init(&next, page, SIZE, REQUEST, ANSWER);
	pv_ring_peek(&next, 0, q, sizeof(q));
	for (unsigned i = 1; i < REQUEST; i++)
		CHECK_EQ(q[i], q[0]);
	return q[0];
}

static void sizes(void)
{
	begin(0);
	CHECK_EQ(ring.entries, 32);
	pv_ring_init(&ring, page, SIZE, 8, 8);
	CHECK_EQ(ring.entries, PV_RING_MOST);
}

/* Killed after the answers, before the guest sees them: their requests are done again, and must be there. */
static void killed_before_publishing(void)
{
	begin(3);
	ring.taken += 3;
	answer(0xa1);
	answer(0xa2);
	CHECK_EQ(*rsp_prod, 0);
	CHECK_EQ(taken_next(), 1);
	CHECK_EQ(pv_ring_waiting(&next), 3);
}

static void published(void)
{
	begin(3);
	*rsp_event = 1;
	ring.taken += 3;
	answer(0xa1);
	answer(0xa2);
	CHECK(pv_ring_publish(&ring));
	CHECK_EQ(*rsp_prod, 2);
	CHECK_EQ(entry(0)[0], 0xa1);
	CHECK_EQ(entry(1)[ANSWER - 1], 0xa2);
	CHECK_EQ(entry(1)[ANSWER], 2); /* nothing beyond the answer */
	CHECK_EQ(taken_next(), 3);
	CHECK_EQ(pv_ring_waiting(&next), 1);
	answer(0xa3);
	CHECK(!pv_ring_publish(&ring)); /* it has not asked for more */
	CHECK_EQ(entry(2)[0], 0xa3);
}

UNIT_MAIN(UNIT(sizes), UNIT(killed_before_publishing), UNIT(published))
