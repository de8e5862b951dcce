/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum of a frame whose sender has left it to the card (RFC 1071, 793, 768, 8200). */
#ifndef BACKEND_CHECKSUM_H
#define BACKEND_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

/* Fills in TCP's or UDP's checksum over IPv4 or IPv6, behind up to two VLAN tags. False: the frame is none of these, or shorter than it says. */
bool checksum_fill(uint8_t *frame, uint32_t n);

#endif
