/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages about a description. */
#include "messages.h"

#include <stdarg.h>

bool message_add(struct messages *m, enum message_kind kind, const char *file, unsigned line,
                 const char *format, ...)
{
	struct message *to;
	va_list list;
	int n = 0;

	if (kind == MESSAGE_ERROR)
		m->nr_errors++;
	if (m->nr == MESSAGES_MAX)
		return false;
	to = &m->rows[m->nr++];
	to->kind = kind;
	if (file && line)
		n = snprintf(to->text, sizeof(to->text), "%s:%u: ", file, line);
	else if (file)
		n = snprintf(to->text, sizeof(to->text), "%s: ", file);
	if (n < 0 || (size_t)n >= sizeof(to->text))
		return false;
	va_start(list, format);
	vsnprintf(to->text + n, sizeof(to->text) - (size_t)n, format, list);
	va_end(list);
	return false;
}

void messages_print(const struct messages *m, FILE *to, bool notices)
{
	for (size_t i = 0; i < m->nr; i++)
		if (m->rows[i].kind == MESSAGE_ERROR || notices)
			fprintf(to, "%s%s\n", m->rows[i].kind == MESSAGE_ERROR ? "" : "notice: ",
			        m->rows[i].text);
}
