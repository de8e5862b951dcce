/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Indices are the guest's to write: each is read once, and one that cannot be breaks the ring for good. */
#include "pv_ring.h"

#include "atomic.h"
#include "types.h"

#include <string.h>
#include <xen/xen.h>

#include <xen/io/ring.h>

/* The head as all rings have it. */
struct ring_head {
	uint32_t req_prod, req_event;
	uint32_t rsp_prod, rsp_event;
};

struct one {
	uint8_t byte;
};
DEFINE_RING_TYPES(one, struct one, struct one);
_Static_assert(offsetof(struct one_sring, ring) == PV_RING_HEAD, "entries begin here");
_Static_assert(
	offsetof(struct one_sring, req_prod) == offsetof(struct ring_head, req_prod) &&
		offsetof(struct one_sring, req_event) == offsetof(struct ring_head, req_event) &&
		offsetof(struct one_sring, rsp_prod) == offsetof(struct ring_head, rsp_prod) &&
		offsetof(struct one_sring, rsp_event) == offsetof(struct ring_head, rsp_event),
	"the head is the public one");

static struct ring_head *head(const struct pv_ring *r)
{
	return (struct ring_head *)r->shared;
}

static uint8_t *entry(const struct pv_ring *r, uint32_t index)
{
	return r->shared + PV_RING_HEAD + (size_t)(index & (r->entries - 1)) * r->bytes;
}

void pv_ring_init(struct pv_ring *r, void *shared, uint32_t size, uint32_t entry_bytes,
                  uint32_t answer_bytes)
{
	uint32_t most = (size - PV_RING_HEAD) / entry_bytes, n = 1;

	while (n * 2 <= MIN(most, PV_RING_MOST))
		n *= 2;
	r->shared = shared;
	r->entries = n;
	r->bytes = entry_bytes;
	r->answer_bytes = MIN(answer_bytes, PV_RING_ANSWER);
	r->is_broken = false;
	r->taken = r->answered = r->published = read_once(head(r)->rsp_prod);
}

uint32_t pv_ring_waiting(struct pv_ring *r)
{
	uint32_t produced;

	if (!r->shared || r->is_broken)
		return 0;
	produced = load_acquire(&head(r)->req_prod);
	/* Never more than fit, and never fewer than were there. */
	if (produced - r->answered > r->entries || produced - r->taken > r->entries) {
		r->is_broken = true;
		return 0;
	}
	return produced - r->taken;
}

void pv_ring_peek(const struct pv_ring *r, uint32_t ahead, void *to, size_t n)
{
	memcpy(to, entry(r, r->taken + ahead), MIN(n, (size_t)r->bytes));
	barrier_compiler(); /* what is checked is the copy */
}

void pv_ring_answer(struct pv_ring *r, const void *from)
{
	memcpy(r->answers[r->answered % PV_RING_MOST], from, r->answer_bytes);
	r->answered++;
}

bool pv_ring_publish(struct pv_ring *r)
{
	uint32_t before, wanted;

	if (!r->shared || r->is_broken)
		return false;
	before = r->published;
	for (uint32_t i = before; i != r->answered; i++)
		memcpy(entry(r, i), r->answers[i % PV_RING_MOST], r->answer_bytes);
	r->published = r->answered;
	store_release(&head(r)->rsp_prod, r->answered);
	barrier_full();
	wanted = read_once(head(r)->rsp_event);
	return r->answered - wanted < r->answered - before;
}

bool pv_ring_sleep(struct pv_ring *r, uint32_t n)
{
	if (!r->shared || r->is_broken)
		return false;
	if (pv_ring_waiting(r) >= n)
		return true;
	write_once(head(r)->req_event, r->taken + n);
	barrier_full();
	return pv_ring_waiting(r) >= n;
}
