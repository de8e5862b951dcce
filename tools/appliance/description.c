/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A setting reaches from its line to that of the next one. */
#include "description.h"

#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_of(const struct description_line *lines, size_t nr, const char *key, size_t length)
{
	for (size_t i = 0; i < nr; i++)
		if (strlen(lines[i].key) == length && strncmp(lines[i].key, key, length) == 0)
			return true;
	return false;
}

bool description_has(const struct description_line *lines, size_t nr, const char *word)
{
	return is_of(lines, nr, word, strcspn(word, "= "));
}

static char *file_text(const char *path)
{
	FILE *f = fopen(path, "r"), *to;
	char *text = NULL, bytes[4096];
	size_t size, n;

	if (!f)
		return NULL;
	to = open_memstream(&text, &size);
	while (to && (n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, n, to);
	if (to)
		fclose(to);
	fclose(f);
	return text;
}

/* The setting in which this line is; NULL: none has begun. */
static const struct setting *setting_at(const struct settings *s, unsigned line)
{
	const struct setting *found = NULL;

	for (size_t i = 0; i < s->nr; i++)
		if (s->rows[i].line <= line && (!found || s->rows[i].line > found->line))
			found = &s->rows[i];
	return found;
}

static void text_print(FILE *to, const char *text, const struct settings *s,
                       const struct description_line *lines, size_t nr)
{
	unsigned line = 1;

	for (const char *at = text, *end; *at; at = *end ? end + 1 : end, line++) {
		const struct setting *in = setting_at(s, line);

		end = at + strcspn(at, "\n");
		fprintf(to, "%s%.*s\n",
		        in && is_of(lines, nr, in->key, strlen(in->key)) ? "# " : "",
		        (int)(end - at), at);
	}
	fputs("# Of this machine:\n", to);
	for (size_t i = 0; i < nr; i++)
		fprintf(to, "%s = %s\n", lines[i].key, lines[i].value);
}

char *description_make(const char *path, const struct description_line *lines, size_t nr)
{
	struct messages *m = calloc(1, sizeof(*m));
	struct settings *s = calloc(1, sizeof(*s));
	char *text = file_text(path), *made = NULL;
	size_t size;
	FILE *to;

	if (m && s && text && settings_parse(s, path, text, m) &&
	    (to = open_memstream(&made, &size))) {
		text_print(to, text, s, lines, nr);
		fclose(to);
	}
	if (s)
		settings_free(s);
	free(text);
	free(s);
	free(m);
	return made;
}
