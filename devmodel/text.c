/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to the guest's logs. */
#include "call.h"
#include "string.h"

void devmodel_text(enum devmodel_text kind, const uint8_t *bytes, size_t n)
{
	while (n) {
		size_t piece = MIN(n, (size_t)DEVMODEL_TEXT);

		memcpy(devmodel_shared()->text, bytes, piece);
		devmodel_call(DEVMODEL_CALL_TEXT, kind, piece, 0, 0);
		bytes += piece;
		n -= piece;
	}
}
