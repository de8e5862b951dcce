/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console of the machine, between QEMU's pipes and the person. */
#ifndef APPLIANCE_TERMINAL_H
#define APPLIANCE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Progress is shown as lines; when it is over, ready() tells the rest, and the person has the console. */
struct terminal {
	int from_machine, to_machine; /* pipes */
	int stop;                     /* readable when somebody wants this to end (a signalfd) */
	FILE *log;                    /* all that the machine says */
	bool is_raw_from_start;       /* show the console as it is, and no progress */
	void (*ready)(void);
};

enum terminal_end {
	TERMINAL_MACHINE_ENDED,
	TERMINAL_LEFT, /* ^A x */
	TERMINAL_STOPPED,
	TERMINAL_FAILED, /* the machine said an error before it was ready, and nobody is there to look into it */
};
enum terminal_end terminal_run(struct terminal *t);

#endif
