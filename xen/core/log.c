/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log ring and its copy on the console. */
#include "log.h"

#include "domain.h"
#include "format.h"
#include "machine.h"
#include "options.h"
#include "spinlock.h"
#include "string.h"

#define RING_SIZE 65536u /* a power of two */
#define LINE_MAX  512
#define PREFIX    "(XEN) "

/* Of what is rate limited: so many at once, then one each interval. */
#define BURST       10
#define INTERVAL_NS 500000000ull

static struct spinlock lock = SPINLOCK_INIT; /* all below */
static bool lock_broken;
static char ring[RING_SIZE];
static uint64_t written; /* bytes ever; the last RING_SIZE of them are in the ring */
static uint64_t cleared; /* what is shown to readers from the start begins here */
static bool inside_line; /* the last byte was not a newline */

struct thresholds {
	int lower, upper; /* enum log_level, or -1: nothing */
};
static struct thresholds own = { LOG_INFO, LOG_INFO }, guests = { LOG_ERROR, LOG_INFO };
static uint64_t own_tokens_ns;
static uint32_t own_dropped;

static void log_lock(void)
{
	if (!lock_broken)
		spin_lock(&lock);
}

static void log_unlock(void)
{
	if (!lock_broken)
		spin_unlock(&lock);
}

void log_break_lock(void)
{
	lock_broken = true;
}

void log_set_level(enum log_level lower, enum log_level upper)
{
	own = (struct thresholds){ (int)lower, (int)MAX(lower, upper) };
}

void log_set_guest_level(enum log_level lower, enum log_level upper)
{
	guests = (struct thresholds){ (int)lower, (int)MAX(lower, upper) };
}

/* One word up to '/' or the end. False: not a level. */
static bool parse_level(const char **text, int *level)
{
	static const struct {
		char name[8];
		int level;
	} words[] = {
		{ "none", -1 },       { "error", LOG_ERROR }, { "warning", LOG_WARNING },
		{ "info", LOG_INFO }, { "debug", LOG_DEBUG }, { "all", LOG_DEBUG },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i].name);

		if (strncmp(*text, words[i].name, n) || ((*text)[n] && (*text)[n] != '/'))
			continue;
		*text += n;
		*level = words[i].level;
		return true;
	}
	return false;
}

static void set_from_option(const char *option, const char *value, struct thresholds *t)
{
	const char *at = value;
	struct thresholds parsed;
	bool good;

	if (!*value)
		return;
	good = parse_level(&at, &parsed.lower);
	parsed.upper = parsed.lower;
	if (good && *at == '/') {
		at++;
		good = parse_level(&at, &parsed.upper);
	}
	if (!good || *at) {
		log_warning("option %s=%s: a level is none, error, warning, info, debug or all",
		            option, value);
		return;
	}
	*t = (struct thresholds){ parsed.lower, MAX(parsed.lower, parsed.upper) };
}

void log_set_options(const char *loglvl, const char *guest_loglvl)
{
	set_from_option("loglvl", loglvl, &own);
	set_from_option("guest_loglvl", guest_loglvl, &guests);
}

/* What guests write goes to the console; the ring is for our own lines, unless it is asked for. */
static void put(const char *text, size_t n, bool own_line)
{
	for (size_t i = 0; i < n && (own_line || options.console_to_ring); i++)
		ring[written++ & (RING_SIZE - 1)] = text[i];
	if (n)
		inside_line = text[n - 1] != '\n';
	machine_console_put(text, n);
}

/* Text of length n in a buffer of LINE_MAX, of which a part may have been cut: ends it as a line. */
static void put_line(char *line, size_t n)
{
	n = MIN(n, (size_t)LINE_MAX - 2);
	while (n && line[n - 1] == '\n')
		n--;
	line[n++] = '\n';
	if (inside_line)
		put("\n", 1, false);
	put(line, n, true);
}

/*
 * May one more pass? *next_ns is when the next one would be on schedule; those that come at once may run BURST intervals ahead of it.
 */
static bool take_token(uint64_t *next_ns)
{
	uint64_t now = machine_now_ns(), next = MAX(*next_ns, now);

	if (next - now > (BURST - 1) * INTERVAL_NS)
		return false;
	*next_ns = next + INTERVAL_NS;
	return true;
}

/* Is a line of this level let through? Says first how many were not. */
static bool admit(const struct thresholds *t, enum log_level level, uint64_t *tokens_ns,
                  uint32_t *dropped, const char *who, bool always_limit)
{
	char line[LINE_MAX];

	if ((int)level > t->upper)
		return false;
	if ((int)level <= t->lower && !always_limit)
		return true;
	if (!take_token(tokens_ns)) {
		*dropped += *dropped != UINT32_MAX;
		return false;
	}
	if (*dropped) {
		put_line(line, format(line, sizeof(line), PREFIX "%s%u lines were dropped", who,
		                      *dropped));
		*dropped = 0;
	}
	return true;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;
	size_t n;

	log_lock();
	if (!admit(&own, level, &own_tokens_ns, &own_dropped, "", false)) {
		log_unlock();
		return;
	}
	n = format(line, sizeof(line), PREFIX);
	va_start(ap, fmt);
	n += format_v(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	put_line(line, n);
	log_unlock();
}

void log_guest(struct domain *d, enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX], who[16];
	va_list ap;
	size_t n;

	format(who, sizeof(who), "d%u: ", d->id);
	log_lock();
	if (!admit(&guests, level, &d->log_tokens_ns, &d->log_dropped, who, true)) {
		log_unlock();
		return;
	}
	n = format(line, sizeof(line), PREFIX "%s", who);
	va_start(ap, fmt);
	n += format_v(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	put_line(line, n);
	log_unlock();
}

void log_guest_text(struct domain *d, const char *text, size_t n)
{
	log_lock();
	put(text, n, false);
	log_unlock();
}

void log_guest_line(struct domain *d, const char *name, const char *text, size_t n)
{
	char line[LINE_MAX];
	size_t at = format(line, sizeof(line), "(d%u) %s", d->id, name);

	n = MIN(n, sizeof(line) - at);
	memcpy(line + at, text, n);
	at = MIN(at + n, sizeof(line) - 1);
	line[at++] = '\n';
	log_lock();
	if (inside_line)
		put("\n", 1, false);
	put(line, at, false);
	log_unlock();
}

void log_span(uint64_t *begin, uint64_t *end)
{
	log_lock();
	*end = written;
	*begin = MAX(cleared, written > RING_SIZE ? written - RING_SIZE : 0);
	log_unlock();
}

size_t log_read(uint64_t *index, char *to, size_t size, bool clear)
{
	uint64_t oldest, n;

	log_lock();
	oldest = written > RING_SIZE ? written - RING_SIZE : 0;
	if (*index == 0)
		oldest = MAX(oldest, cleared);
	if (*index < oldest || *index > written)
		*index = oldest;
	n = MIN(written - *index, (uint64_t)size);
	for (uint64_t i = 0; i < n; i++)
		to[i] = ring[(*index + i) & (RING_SIZE - 1)];
	*index += n;
	if (clear)
		cleared = MAX(cleared, *index);
	log_unlock();
	return n;
}
