/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Console input: who gets the characters, and the debug keys. Three times ^A switches between the hypervisor and whoever's line this is: dom0, or guests that run without one, one
 * after the other.
 */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "types.h"

struct domain;

/* From the serial driver, on any CPU, in an interrupt: stores the byte and raises PENDING_CONSOLE. */
void console_input(uint8_t byte);
/* Deferred part: routes stored bytes to dom0 (VIRQ_CONSOLE) or to the keys. */
void console_run(void);
/* console_io read: bytes waiting for dom0. */
size_t console_read(char *to, size_t size);

/* A debug key that did not come from the console: done on this CPU before it runs a guest again. False: too many wait. */
bool must_check console_key(char key);

/* A debug key: one row a key. fn runs on one CPU from its loop. */
struct debug_key {
	char key;
	const char *help;
	void (*fn)(void);
};
/* Ends with key 0. */
extern const struct debug_key debug_keys[];
/* Does what the key says; unknown keys get one line. */
void debug_key_press(char key);

#endif
