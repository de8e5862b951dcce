/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: a ring buffer that dom0 can read (xl dmesg), copied to the console. Lines start with "(XEN) " on the
 * console as Xen's users know. Callable anywhere, also with locks held (its own lock is the last in the order).
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdarg.h>
#include "types.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct domain;

/* One line; no newline needed at the end. */
void log_line(enum log_level level, const char *fmt, ...) printf_like(2, 3);
#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

/* A line that a guest causes: "dN: ...", at most a burst of 10 and then 2 a second a domain; counts what it drops. */
void log_guest(struct domain *d, enum log_level level, const char *fmt, ...) printf_like(3, 4);

/* Thresholds as loglvl= and guest_loglvl= give them: lines above are dropped, lines between lower and upper are rate limited. */
void log_set_level(enum log_level lower, enum log_level upper);
void log_set_guest_level(enum log_level lower, enum log_level upper);
/* The same from the text of loglvl= and guest_loglvl=: LEVEL[/LEVEL]; empty: unchanged; what is no level gets one warning line. */
void log_set_options(const char *loglvl, const char *guest_loglvl);

/* A guest's console text as it came, to ring and console. */
void log_guest_text(struct domain *d, const char *text, size_t n);
/* A whole line of what a guest says on one of its devices: "(d1) name text". */
void log_guest_line(struct domain *d, const char *name, const char *text, size_t n);

/*
 * Reads the ring from *index (a running byte count; older than kept: moved up). Returns bytes copied and moves *index. With clear, what was
 * read is not shown again to readers that start at 0.
 */
size_t log_read(uint64_t *index, char *to, size_t size, bool clear);

/* The count of the oldest byte that readers from the start are shown, and of bytes written ever. */
void log_span(uint64_t *begin, uint64_t *end);

/* For the crash dump only: no lock is taken any more, because its holder may have been stopped. */
void log_break_lock(void);

/* "We wrong": dump and stop this machine (or reboot). Never reachable from a guest's choice. */
void bug(const char *fmt, ...) printf_like(1, 2) noreturn_fn;

#endif
