/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on the standard output as JSON has it, with its quotes. */
#ifndef XL_JSON_H
#define XL_JSON_H

void json_text(const char *text);

#endif
