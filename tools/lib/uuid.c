/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs. */
#include "uuid.h"

#include <ctype.h>
#include <stdio.h>

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned n = 0, value;

	while (*text && n < 16) {
		if (*text == '-') {
			text++;
			continue;
		}
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &value) != 1)
			return false;
		uuid[n++] = (uint8_t)value;
		text += 2;
	}
	return n == 16 && !*text;
}

void uuid_print(char to[37], const uint8_t u[16])
{
	snprintf(to, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12],
	         u[13], u[14], u[15]);
}
