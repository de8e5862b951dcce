/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to say about a description: errors, which end it, and notices. Each is one line: where, about what, why, and what to do. */
#ifndef CONFIG_MESSAGES_H
#define CONFIG_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum message_kind { MESSAGE_NOTICE, MESSAGE_ERROR };

struct message {
	enum message_kind kind;
	char text[500];
};

#define MESSAGES_MAX 64
struct messages {
	struct message rows[MESSAGES_MAX];
	size_t nr, nr_errors;
};

/* file: NULL: none; line 0: none. Returns false, so that an error can be returned at once. */
bool message_add(struct messages *m, enum message_kind kind, const char *file, unsigned line,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
#define error_at(m, file, line, ...) message_add(m, MESSAGE_ERROR, file, line, __VA_ARGS__)
#define notice_at(m, file, line, ...) \
	((void)message_add(m, MESSAGE_NOTICE, file, line, __VA_ARGS__))

void messages_print(const struct messages *m, FILE *to, bool notices);

#endif
