/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP streams as the kernel hands them over, cut into frames (RFC 791, 793, 8200, 3168). */
#include "segment.h"

#include "checksum.h"

#include <string.h>

#define ETHER_HEAD 14u
#define VLAN_TAG   4u
#define IPV4_HEAD  20u
#define IPV6_HEAD  40u
#define TCP_HEAD   20u

enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88a8 };
enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* Behind up to two tags. 0: there is no such place. */
static uint32_t network_find(const uint8_t *frame, uint32_t n, uint32_t *type)
{
	uint32_t at = ETHER_HEAD;

	if (n < ETHER_HEAD)
		return 0;
	*type = get16(frame + 12);
	for (unsigned tags = 0; tags < 2 && (*type == ETHER_VLAN || *type == ETHER_QINQ); tags++) {
		if (n < at + VLAN_TAG)
			return 0;
		*type = get16(frame + at + 2);
		at += VLAN_TAG;
	}
	return at;
}

static bool stream_begin(struct segments *s, const struct virtio_net_hdr *h, uint32_t max)
{
	uint32_t type = 0, head;

	s->network = network_find(s->packet, s->length, &type);
	s->is_v6 = type == ETHER_IPV6;
	s->transport = h->csum_start;
	if (!s->network || (type != ETHER_IPV4 && type != ETHER_IPV6))
		return false;
	head = s->is_v6 ? IPV6_HEAD : IPV4_HEAD;
	if (s->length < s->network + head)
		return false;
	if (!s->is_v6)
		head = (s->packet[s->network] & 15u) * 4;
	if (head < IPV4_HEAD || s->transport < s->network + head ||
	    s->length < s->transport + TCP_HEAD)
		return false;
	s->payload = s->transport + (s->packet[s->transport + 12] >> 4) * 4u;
	s->size = h->gso_size;
	s->at = s->payload;
	return s->payload >= s->transport + TCP_HEAD && s->payload < s->length && s->size &&
	       s->payload + s->size <= max;
}

bool segments_begin(struct segments *s, const struct virtio_net_hdr *h, uint8_t *packet, uint32_t n,
                    uint32_t max)
{
	bool is_good = true;

	*s = (struct segments){ .packet = packet, .length = n };
	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		is_good = n >= ETHER_HEAD && n <= max;
		if (is_good && h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
			is_good = checksum_finish(packet, n, h->csum_start, h->csum_offset);
		break;
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6: is_good = stream_begin(s, h, max); break;
	default: is_good = false;
	}
	if (!is_good)
		s->at = s->length;
	return is_good;
}

/* to: the packet's headers, of a frame with n bytes of payload that begin done bytes after the first. */
static void headers_put(const struct segments *s, uint8_t *to, uint32_t done, uint32_t n)
{
	uint8_t *ip = to + s->network, *tcp = to + s->transport;
	uint32_t sequence = (get16(tcp + 4) << 16 | get16(tcp + 6)) + done;

	if (s->is_v6) {
		put16(ip + 4, s->payload - s->network - IPV6_HEAD + n);
	} else {
		put16(ip + 2, s->payload - s->network + n);
		put16(ip + 4, get16(ip + 4) + s->number);
		put16(ip + 10, 0);
		put16(ip + 10, checksum_of(ip, (ip[0] & 15u) * 4));
	}
	put32(tcp + 4, sequence);
	if (s->at + n < s->length)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (done)
		tcp[13] &= (uint8_t)~TCP_CWR;
}

uint32_t segments_next(struct segments *s, uint8_t *to)
{
	uint32_t n = s->length - s->at;

	if (!n)
		return 0;
	if (!s->size) {
		memcpy(to, s->packet, s->length);
		s->at = s->length;
		return s->length;
	}
	if (n > s->size)
		n = s->size;
	memcpy(to, s->packet, s->payload);
	memcpy(to + s->payload, s->packet + s->at, n);
	headers_put(s, to, s->at - s->payload, n);
	(void)checksum_fill(to, s->payload + n);
	s->at += n;
	s->number++;
	return s->payload + n;
}
