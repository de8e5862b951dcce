/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum of a frame whose sender has left it to the card (RFC 1071, 793, 768, 8200). */
#ifndef BACKEND_CHECKSUM_H
#define BACKEND_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

/* Fills in TCP's or UDP's checksum over IPv4 or IPv6, behind up to two VLAN tags. False: the frame is none of these, or shorter than it says. */
bool checksum_fill(uint8_t *frame, uint32_t n);
/* Of n bytes, as it goes into a header whose own is 0 meanwhile. */
uint16_t checksum_of(const uint8_t *at, uint32_t n);
/* The one at start + offset, where the pseudo header's sum is, over all from start on. False: that is not inside. */
bool checksum_finish(uint8_t *frame, uint32_t n, uint32_t start, uint32_t offset);

#endif
