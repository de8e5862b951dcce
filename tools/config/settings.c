/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser. */
#include "settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4

struct reader {
	struct settings *s;
	struct messages *m;
	const char *at;
	unsigned line;
	const char *file;
};

static bool wrong(struct reader *r, const char *what)
{
	return error_at(r->m, r->file, r->line, "%s", what);
}

/* ---- blanks ---- */

static void comment_skip(struct reader *r)
{
	while (*r->at && *r->at != '\n')
		r->at++;
}

static void blank_skip(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' ||
	       (*r->at == '\\' && r->at[1] == '\n')) {
		if (*r->at == '\\') {
			r->at++;
			r->line++;
		}
		r->at++;
	}
	if (*r->at == '#')
		comment_skip(r);
}

static void lines_skip(struct reader *r)
{
	for (;;) {
		blank_skip(r);
		if (*r->at == '\n')
			r->line++;
		else if (*r->at != ';')
			return;
		r->at++;
	}
}

/* ---- values ---- */

static const struct {
	char letter, means;
} escapes[] = { { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { 'a', '\a' },
	        { 'b', '\b' }, { 'f', '\f' }, { 'v', '\v' } };

static char escape(struct reader *r)
{
	char c = *r->at;

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (escapes[i].letter == c)
			return escapes[i].means;
	return c;
}

static char *quoted(struct reader *r)
{
	char quote = *r->at++, *text = malloc(strlen(r->at) + 1);
	size_t n = 0;

	for (; text && *r->at && *r->at != quote && *r->at != '\n'; r->at++) {
		if (*r->at == '\\' && r->at[1] && r->at[1] != '\n') {
			r->at++;
			text[n++] = escape(r);
		} else {
			text[n++] = *r->at;
		}
	}
	if (!text || *r->at != quote) {
		free(text);
		wrong(r, "a text has no closing quote on its line; texts end where they begin");
		return NULL;
	}
	r->at++;
	text[n] = 0;
	return text;
}

static bool is_bare(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_-+.:/", c));
}

/* A number, or what was meant as one. */
static char *bare(struct reader *r)
{
	const char *from = r->at;

	while (is_bare(*r->at))
		r->at++;
	if (r->at == from) {
		wrong(r,
		      "a value is missing: it is a string in quotes, a number, or a list in [ ]");
		return NULL;
	}
	if (!isdigit((unsigned char)*from) && *from != '-') {
		error_at(r->m, r->file, r->line, "%.*s must stand in quotes: \"%.*s\"",
		         (int)(r->at - from), from, (int)(r->at - from), from);
		return NULL;
	}
	return strndup(from, (size_t)(r->at - from));
}

/* text is the setting's from here on, whatever comes of it; NULL: its message is said. */
static bool text_add(struct reader *r, struct setting *to, char *text)
{
	struct setting_value *more = NULL;

	if (!text)
		return false;
	if (to->nr < LIST_MAX)
		more = realloc(to->values, (to->nr + 1) * sizeof(*more));
	if (!more) {
		free(text);
		return error_at(r->m, r->file, r->line,
		                "the list of %s is too long: 64 elements are enough for any key",
		                to->key);
	}
	to->values = more;
	to->values[to->nr++] = (struct setting_value){ text, r->line };
	return true;
}

static bool text_join(struct reader *r, struct setting_value *to, const char *tail)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s", to->text, tail) < 0)
		return wrong(r, "no memory is left");
	free(to->text);
	to->text = text;
	return true;
}

static bool value_add(struct reader *r, struct setting *to)
{
	return text_add(r, to, *r->at == '"' || *r->at == '\'' ? quoted(r) : bare(r));
}

static bool element_read(struct reader *r, struct setting *to, unsigned depth);

static bool list_read(struct reader *r, struct setting *to, unsigned depth)
{
	unsigned begin = r->line;

	r->at++;
	to->is_list = true;
	for (;;) {
		lines_skip(r);
		if (*r->at == ']')
			break;
		if (!*r->at)
			return error_at(r->m, r->file, begin,
			                "the list of %s, begun here, has no closing ]", to->key);
		if (!element_read(r, to, depth))
			return false;
		lines_skip(r);
		if (*r->at == ',')
			r->at++;
		else if (*r->at != ']')
			return error_at(
				r->m, r->file, r->line,
				"the elements of the list of %s are not divided by a comma; put one between them",
				to->key);
	}
	r->at++;
	return true;
}

static bool element_read(struct reader *r, struct setting *to, unsigned depth)
{
	if (*r->at != '[')
		return value_add(r, to);
	if (depth == DEPTH_MAX)
		return wrong(r,
		             "lists stand too deep within one another; no key wants more than two");
	to->has_nested = true;
	return list_read(r, to, depth + 1);
}

/* ---- settings ---- */

static void setting_free(struct setting *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->values[i].text);
	free(s->values);
	free(s->key);
}

static struct setting *setting_place(struct reader *r, char *key)
{
	struct setting *old = settings_find(r->s, key);

	if (old) {
		if (r->line)
			notice_at(r->m, r->file, r->line,
			          "%s was set in line %u already; this one counts", key, old->line);
		setting_free(old);
		memset(old, 0, sizeof(*old));
		return old;
	}
	return r->s->nr < SETTINGS_MAX ? &r->s->rows[r->s->nr++] : NULL;
}

static bool value_read(struct reader *r, struct setting *to);

/* KEY += VALUE: a list grows by a list, a text by a text. */
static bool value_append(struct reader *r, struct setting *to)
{
	struct setting more = { .key = to->key, .line = r->line };
	bool done = value_read(r, &more);

	if (done && more.is_list != to->is_list)
		done = error_at(
			r->m, r->file, r->line,
			"%s += joins a list to a list, and a text to a text; line %u has the other kind",
			to->key, to->line);
	for (size_t i = 0; i < more.nr && done; i++) {
		struct reader at = *r;

		at.line = more.values[i].line;
		done = to->is_list ? text_add(&at, to, strdup(more.values[i].text))
		                   : text_join(&at, &to->values[0], more.values[i].text);
	}
	to->has_nested |= more.has_nested;
	more.key = NULL;
	setting_free(&more);
	return done;
}

static bool setting_read(struct reader *r)
{
	const char *from = r->at;
	struct setting *to;
	char *key;

	while (isalnum((unsigned char)*r->at) || *r->at == '_' || *r->at == '-')
		r->at++;
	if (r->at == from)
		return error_at(r->m, r->file, r->line, "KEY = VALUE is expected, not \"%.*s\"",
		                (int)strcspn(from, "\n"), from);
	key = strndup(from, (size_t)(r->at - from));
	blank_skip(r);
	if (key && r->at[0] == '+' && r->at[1] == '=' && (to = settings_find(r->s, key)) != NULL) {
		free(key);
		r->at += 2;
		return value_append(r, to);
	}
	r->at += *r->at == '+'; /* to what is not there: the same as = */
	if (!key || *r->at != '=') {
		error_at(r->m, r->file, r->line,
		         "%.60s has no = behind it; a line is KEY = VALUE, and # begins a comment",
		         key ? key : "?");
		free(key);
		return false;
	}
	r->at++;
	to = setting_place(r, key);
	if (!to) {
		free(key);
		return wrong(r, "there are too many settings; no description needs more than 256");
	}
	to->key = key;
	to->line = r->line;
	return value_read(r, to);
}

/* What stands behind = up to the setting's end. */
static bool value_read(struct reader *r, struct setting *to)
{
	blank_skip(r);
	if (*r->at == '[' ? !list_read(r, to, 0) : !value_add(r, to))
		return false;
	blank_skip(r);
	return !*r->at || *r->at == '\n' || *r->at == ';' ||
	       error_at(
		       r->m, r->file, r->line,
		       "behind the value of %s stands \"%.*s\"; a setting ends with its line, or with ;",
		       to->key, (int)strcspn(r->at, "\n"), r->at);
}

bool settings_parse(struct settings *s, const char *file, const char *text, struct messages *m)
{
	struct reader r = { .s = s, .m = m, .at = text, .line = 1, .file = file };

	s->file = file;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		r.at += 3; /* an editor's mark of UTF-8 */
	for (lines_skip(&r); *r.at; lines_skip(&r))
		if (!setting_read(&r))
			return false;
	return true;
}

/* Quotes are the shell's there: what is no list or string by its own quotes gets them. */
bool settings_override(struct settings *s, const char *word, struct messages *m)
{
	const char *value = strchr(word, '=');
	struct reader r = { .s = s, .m = m, .file = word };
	char *text = NULL;
	bool done;

	if (!value)
		return error_at(m, NULL, 0, "%s: KEY=VALUE is expected", word);
	value++;
	while (*value == ' ')
		value++;
	if (*value == '[' || *value == '"' || *value == '\'')
		text = strdup(word);
	else if (asprintf(&text, "%.*s\"%s\"", (int)(value - word), word, value) < 0)
		text = NULL;
	if (!text)
		return error_at(m, NULL, 0, "%s: no memory is left", word);
	r.at = text;
	done = setting_read(&r);
	free(text);
	return done;
}

struct setting *settings_find(struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->nr; i++)
		if (s->rows[i].key && strcmp(s->rows[i].key, key) == 0)
			return &s->rows[i];
	return NULL;
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->nr; i++)
		setting_free(&s->rows[i]);
	s->nr = 0;
}
