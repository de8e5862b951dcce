// SPDX-License-Identifier: GPL-2.0-or-later
/* What a tap gives, cut into frames as they are on the wire: lengths, numbers, flags and sums of each. */
#include "segment.h"

#include "checksum.h"
#include "unit.h"

#include <string.h>

#define MAX     2000u
#define PAYLOAD 3500u
#define SIZE    1448u

static uint8_t packet[65536], out[MAX], payload[PAYLOAD];
static struct segments s;

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

/* A byte at a time. */
static uint32_t slow_sum(const uint8_t *at, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Ethernet (with a tag), IP, TCP with twelve bytes of options. Where the IP header is. */
static uint32_t packet_make(bool is_v6, bool is_tagged, struct virtio_net_hdr *h)
{
	uint32_t ip = is_tagged ? 18 : 14, tcp = ip + (is_v6 ? 40 : 24);

	memset(packet, 0x11, tcp);
	memset(packet + tcp, 0, 32);
	if (is_tagged)
		memcpy(packet + 12, "\x81\x00\x00\x07", 4);
	memcpy(packet + ip - 2, is_v6 ? "\x86\xdd" : "\x08\x00", 2);
	packet[ip] = is_v6 ? 0x60 : 0x46;
	packet[ip + 6] = is_v6 ? 6 : 0x40;
	if (!is_v6) {
		packet[ip + 7] = 0;
		memcpy(packet + ip + 4, "\xff\xff", 2); /* the number goes round */
		packet[ip + 9] = 6;
	}
	memcpy(packet + tcp + 4, "\xff\xff\xff\x00", 4);
	packet[tcp + 12] = 0x80;
	packet[tcp + 13] = 0x80 | 0x10 | 0x08 | 0x01;
	for (uint32_t i = 0; i < PAYLOAD; i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(packet + tcp + 32, payload, PAYLOAD);
	*h = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                      .gso_type = is_v6 ? VIRTIO_NET_HDR_GSO_TCPV6
		                                        : VIRTIO_NET_HDR_GSO_TCPV4,
		                      .gso_size = SIZE,
		                      .csum_start = (uint16_t)tcp,
		                      .csum_offset = 16 };
	return ip;
}

static void segment_check(bool is_v6, uint32_t ip, uint32_t number, uint32_t n)
{
	uint32_t tcp = ip + (is_v6 ? 40 : 24), left = PAYLOAD - number * SIZE,
		 here = left < SIZE ? left : SIZE;

	CHECK_EQ(n, tcp + 32 + here);
	CHECK(!memcmp(out + tcp + 32, payload + number * SIZE, here));
	CHECK_EQ(get32(out + tcp + 4), (uint32_t)(0xffffff00u + number * SIZE));
	CHECK_EQ(out[tcp + 13], 0x10 | (number ? 0 : 0x80) | (left > SIZE ? 0 : 0x09));
	if (is_v6) {
		CHECK_EQ(get16(out + ip + 4), 32 + here);
		CHECK_EQ(slow_sum(out + tcp, 32 + here, slow_sum(out + ip + 8, 32, 6 + 32 + here)),
		         0xffff);
	} else {
		CHECK_EQ(get16(out + ip + 2), 24 + 32 + here);
		CHECK_EQ(get16(out + ip + 4), (0xffff + number) & 0xffff);
		CHECK_EQ(slow_sum(out + ip, 24, 0), 0xffff);
		CHECK_EQ(slow_sum(out + tcp, 32 + here, slow_sum(out + ip + 12, 8, 6 + 32 + here)),
		         0xffff);
	}
}

static void streams(void)
{
	struct virtio_net_hdr h;

	for (unsigned kind = 0; kind < 4; kind++) {
		bool is_v6 = kind & 1;
		uint32_t ip = packet_make(is_v6, kind & 2, &h), n, number = 0;

		CHECK(segments_begin(&s, &h, packet, h.csum_start + 32u + PAYLOAD, MAX));
		while (segments_left(&s)) {
			n = segments_next(&s, out);
			segment_check(is_v6, ip, number++, n);
		}
		CHECK_EQ(number, 3);
		CHECK_EQ(segments_next(&s, out), 0);
	}
}

static void one_frame(void)
{
	struct virtio_net_hdr h = { 0 };

	memset(packet, 0x22, 100);
	CHECK(segments_begin(&s, &h, packet, 100, MAX));
	CHECK_EQ(segments_next(&s, out), 100);
	CHECK(!memcmp(out, packet, 100) && !segments_left(&s));
	/* its sum has been left to us; an odd length */
	h = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                     .csum_start = 34,
		                     .csum_offset = 6 };
	memcpy(packet + 40, "\x12\x34", 2);
	CHECK(segments_begin(&s, &h, packet, 99, MAX));
	CHECK_EQ(segments_next(&s, out), 99);
	memcpy(packet + 40, "\x12\x34", 2);
	CHECK_EQ(get16(out + 40), 0xffff & ~slow_sum(packet + 34, 65, 0));
}

/* Nothing comes out of what makes no sense. */
static void refused(struct virtio_net_hdr h, uint32_t n)
{
	CHECK(!segments_begin(&s, &h, packet, n, MAX));
	CHECK(!segments_left(&s));
	CHECK_EQ(segments_next(&s, out), 0);
}

static void nonsense(void)
{
	struct virtio_net_hdr h, bad;
	uint32_t ip = packet_make(false, false, &h), whole = h.csum_start + 32u + PAYLOAD;

	for (uint32_t n = 0; n <= h.csum_start + 32u; n++)
		refused(h, n);
	bad = h;
	bad.gso_size = 0;
	refused(bad, whole);
	bad.gso_size = MAX;
	refused(bad, whole);
	bad = h;
	bad.csum_start = (uint16_t)(ip + 20);
	refused(bad, whole);
	bad.csum_start = 65535;
	refused(bad, whole);
	bad = h;
	bad.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	refused(bad, whole);
	packet[h.csum_start + 12] = 0x40;
	refused(h, whole);
	packet[12] = 0x12;
	refused(h, whole);
	bad = (struct virtio_net_hdr){ 0 };
	refused(bad, 13);
	refused(bad, MAX + 1);
	bad.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	bad.csum_start = 90;
	bad.csum_offset = 9;
	refused(bad, 100);
	bad.csum_start = 101;
	refused(bad, 100);
}

UNIT_MAIN(UNIT(streams), UNIT(one_frame), UNIT(nonsense))
