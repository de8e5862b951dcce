/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemon: a line each, to standard error or, once it is in the background, to the system's log. */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

void log_to_system(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
