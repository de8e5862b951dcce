/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every length here is the guest's. */
#include "checksum.h"

#include <arpa/inet.h>
#include <string.h>

#define ETHER_HEAD 14u
#define VLAN_TAG   4u
#define IPV4_HEAD  20u
#define IPV6_HEAD  40u
#define TCP_HEAD   20u
#define UDP_HEAD   8u

enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88a8 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* What the sum is over. */
struct stretch {
	const uint8_t *addresses;
	uint32_t addresses_length;
	uint8_t protocol;
	uint8_t *data;
	uint32_t length;
};

static uint32_t word(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Eight bytes a step, in the machine's order: the sum is the same with its bytes swapped. */
static uint32_t sum(const uint8_t *at, uint32_t n, uint32_t from)
{
	uint64_t words = 0, eight;

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&eight, at, 8);
		words += eight;
		words += words < eight;
	}
	eight = 0;
	memcpy(&eight, at, n);
	words += eight;
	words += words < eight;
	return fold(from) +
	       ntohs((uint16_t)fold((uint32_t)(words & 0xffff) + (uint32_t)(words >> 16 & 0xffff) +
	                            (uint32_t)(words >> 32 & 0xffff) + (uint32_t)(words >> 48)));
}

static bool ipv4_find(uint8_t *at, uint32_t n, struct stretch *s)
{
	uint32_t head, total;

	if (n < IPV4_HEAD || at[0] >> 4 != 4)
		return false;
	head = (at[0] & 15u) * 4;
	total = word(at + 2);
	if (head < IPV4_HEAD || total < head || total > n || word(at + 6) & 0x3fff)
		return false; /* of fragments nobody knows the whole */
	*s = (struct stretch){ at + 12, 8, at[9], at + head, total - head };
	return true;
}

static bool ipv6_find(uint8_t *at, uint32_t n, struct stretch *s)
{
	if (n < IPV6_HEAD || at[0] >> 4 != 6 || word(at + 4) > n - IPV6_HEAD)
		return false;
	*s = (struct stretch){ at + 8, 32, at[6], at + IPV6_HEAD, word(at + 4) };
	return true;
}

/* Where the checksum is in a segment or datagram; 0: it is neither, or too short. */
static uint32_t place_of(const struct stretch *s)
{
	if (s->protocol == PROTOCOL_TCP && s->length >= TCP_HEAD)
		return 16;
	return s->protocol == PROTOCOL_UDP && s->length >= UDP_HEAD ? 6 : 0;
}

static bool stretch_fill(const struct stretch *s)
{
	uint32_t place = place_of(s), total;

	if (!place)
		return false;
	s->data[place] = s->data[place + 1] = 0;
	total = sum(s->addresses, s->addresses_length, s->protocol + s->length);
	total = ~fold(sum(s->data, s->length, total)) & 0xffff;
	if (!total && s->protocol == PROTOCOL_UDP)
		total = 0xffff; /* 0 would say that there is none */
	s->data[place] = (uint8_t)(total >> 8);
	s->data[place + 1] = (uint8_t)total;
	return true;
}

bool checksum_fill(uint8_t *frame, uint32_t n)
{
	uint32_t at = ETHER_HEAD, type;
	struct stretch s;

	if (n < ETHER_HEAD)
		return false;
	type = word(frame + 12);
	for (unsigned tags = 0; tags < 2 && (type == ETHER_VLAN || type == ETHER_QINQ); tags++) {
		if (n < at + VLAN_TAG)
			return false;
		type = word(frame + at + 2);
		at += VLAN_TAG;
	}
	if (type == ETHER_IPV4)
		return ipv4_find(frame + at, n - at, &s) && stretch_fill(&s);
	return type == ETHER_IPV6 && ipv6_find(frame + at, n - at, &s) && stretch_fill(&s);
}

uint16_t checksum_of(const uint8_t *at, uint32_t n)
{
	return (uint16_t)~fold(sum(at, n, 0));
}

/* UDP's 0 would say that there is none; for the others 0xffff is the same. */
bool checksum_finish(uint8_t *frame, uint32_t n, uint32_t start, uint32_t offset)
{
	uint32_t total;

	if (start > n || n - start < 2 || offset > n - start - 2)
		return false;
	total = checksum_of(frame + start, n - start);
	if (!total)
		total = 0xffff;
	frame[start + offset] = (uint8_t)(total >> 8);
	frame[start + offset + 1] = (uint8_t)total;
	return true;
}
