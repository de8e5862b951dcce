/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guardian of a keeper: a copy of its process (by fork) that waits for its death, and then is the keeper, with what the keeper knew when the copy was made. Files are shared: those that the keeper has open
 * stay open. Whenever the keeper knows something new that must not be lost it has another copy made, which takes the place of the one before. Only the newest takes over, and only when the keeper has died
 * without a word (kill -9, out of memory), not when it has ended its guardian before.
 */
#ifndef KEEPER_GUARDIAN_H
#define KEEPER_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct guardian_words;

struct guardian {
	struct guardian_words *shared; /* between a keeper and all its guardians */
	pid_t pid;                     /* 0: none */
	int handle;                    /* readable when the guardian is dead; -1: none */
	/* In the guardian, at once: what it need not hold meanwhile is let go. */
	void (*forget)(void *context);
	/* In the guardian, when it is the keeper: it has no guardian of its own yet. It does not return. */
	void (*take_over)(void *context);
	void *context;
};

/* No guardian yet. False: no memory; the keeper goes on without, and guardian_renew() fails. */
bool guardian_init(struct guardian *g, void (*forget)(void *context),
                   void (*take_over)(void *context), void *context);
/* Another copy. False: there is no process for it; the one before, if any, stays. */
bool guardian_renew(struct guardian *g);
/* The keeper's work is done: nobody takes over. */
void guardian_end(struct guardian *g);

/* A descriptor that is readable when the process has ended; -1: errno. */
int process_handle(pid_t pid);
/* Ends a process by its handle and waits until it has ended; closes the handle. */
void process_kill(int *handle);

#endif
