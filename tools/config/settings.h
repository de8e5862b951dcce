/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The syntax of a guest's description: KEY = VALUE, where a value is a string, a number, or a list of them. No meaning yet. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "messages.h"

#define SETTINGS_MAX 256
#define LIST_MAX     64

struct setting_value {
	char *text;
	unsigned line;
};

struct setting {
	char *key;
	unsigned line;
	bool is_list;
	struct setting_value *values; /* one, if it is no list */
	size_t nr;
	bool has_nested; /* lists in the list; their elements stand among values */
	bool is_used;    /* somebody has asked for it */
};

struct settings {
	const char *file; /* for messages */
	struct setting rows[SETTINGS_MAX];
	size_t nr;
};

/* text ends with a zero byte. What cannot be understood is a message, and false. A key that comes twice: the later one counts, with a notice. */
bool settings_parse(struct settings *s, const char *file, const char *text, struct messages *m);
/* KEY=VALUE as on a command line: a value that is no string or list by its own quotes is taken as it is. */
bool settings_override(struct settings *s, const char *word, struct messages *m);
struct setting *settings_find(struct settings *s, const char *key);
void settings_free(struct settings *s);

#endif
