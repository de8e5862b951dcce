/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tap gives with a struct virtio_net_hdr (virtio 1.1, 5.1.6): a frame whose checksum has been left to the card, or a piece of a TCP stream that is larger than the wire takes. Out of it come
 * frames as they are on the wire.
 */
#ifndef BACKEND_SEGMENT_H
#define BACKEND_SEGMENT_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>

struct segments {
	uint8_t *packet; /* whoever begins keeps it until the last one is out */
	uint32_t length;
	/* of a stream's piece; size 0: it is one frame as it stands */
	uint32_t size;                        /* payload of a segment */
	uint32_t network, transport, payload; /* where they begin */
	uint32_t at;                          /* what of the packet has come out, from payload on */
	uint16_t number;                      /* segments so far */
	bool is_v6;
};

/* False: it is none, or does not fit into frames of max bytes; nothing will come out. */
bool segments_begin(struct segments *s, const struct virtio_net_hdr *h, uint8_t *packet, uint32_t n,
                    uint32_t max);
/* The next frame, in to (max bytes). Its length; 0: that was all. */
uint32_t segments_next(struct segments *s, uint8_t *to);
static inline bool segments_left(const struct segments *s)
{
	return s->at < s->length;
}

#endif
