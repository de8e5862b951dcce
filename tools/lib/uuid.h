/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs, in the order of bytes in which they are written (RFC 4122). */
#ifndef TOOLS_UUID_H
#define TOOLS_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37

/* Dashes may stand anywhere. False: it is no UUID. */
bool uuid_parse(const char *text, uint8_t uuid[16]);
void uuid_print(char to[UUID_TEXT], const uint8_t uuid[16]);

#endif
