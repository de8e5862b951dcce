/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums of network packets: the Internet's 16-bit sum (RFC 1071), Ethernet's CRC (IEEE 802.3, 3.2.9). */
#ifndef HW_NET_CHECKSUM_H
#define HW_NET_CHECKSUM_H

#include "types.h"

/* Ones' complement sum of big-endian words, sum of other parts (each of an even length) added; an odd last byte is the upper half of a word. Not complemented. */
uint16_t net_sum(const uint8_t *bytes, size_t n, uint32_t sum);
/* As it is sent, lowest byte first. */
uint32_t ethernet_crc(const uint8_t *bytes, size_t n);

static inline uint16_t net_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t net_get32(const uint8_t *p)
{
	return (uint32_t)net_get16(p) << 16 | net_get16(p + 2);
}
static inline void net_put16(uint8_t *p, uint16_t value)
{
	p[0] = value >> 8;
	p[1] = (uint8_t)value;
}
static inline void net_put32(uint8_t *p, uint32_t value)
{
	net_put16(p, value >> 16);
	net_put16(p + 2, (uint16_t)value);
}

#endif
