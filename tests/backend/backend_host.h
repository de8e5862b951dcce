/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole backend process under test: the test is its keeper, and the device model at the other end of its link: the real one (devmodel/link_*.c), in memory that both have.
 */
#ifndef BACKEND_HOST_H
#define BACKEND_HOST_H

#include "control.h"
#include "devmodel_link.h"
#include "device_fake.h"
#include "link.h"
#include "pv_place_memory.h"

#include <sys/types.h>

extern struct backend_host {
	char directory[64]; /* for files; gone at the end */
	pid_t pid;          /* 0: none runs */
	int control;        /* the keeper's end */
	int look;           /* "look", both ways */
	int memory;
	struct devmodel_link *link;
	struct pv_memory *pv;     /* what the guest grants */
	int pv_memory, pv_events; /* the guest's end of its ports */
	struct devmodel_board board;
	struct control_line line; /* the last that came */
	char serial_path[64];     /* of the last pty that was reported */
	int pty;                  /* what goes with a line that ends with to=pty; 0: nothing */
	char console_path[64];    /* the same of the console's */
} backend_host;

/* New memory and the device model's side of it, for this board. No process yet. */
void backend_machine(const struct devmodel_board *b);
/* A process, told these lines (NULL is the last) and "open". False: it said "error", which is in line; it is gone. */
bool backend_start(const char *const *lines);
/* Attached and answered. */
bool backend_attach(void);
/* The same for a guest without a device model. */
bool backend_attach_pvh(void);
/* The guest's port tells; and it was told within a minute (others are passed over). */
void backend_pv_tell(uint32_t port);
bool backend_pv_told(uint32_t port);
/* The next line that begins with word (or "error", "failed"), in line. False: it ended, or nothing came for a minute. */
bool backend_wait_line(const char *word);
/* Sends a request; true: "done". */
bool backend_ask(const char *text, int descriptor);
/* One turn of the device model: hears the backend for at most ms. */
void backend_turn(int ms);
void backend_kill(void);
/* By "quit"; its exit status. */
int backend_quit(void);
/* directory/name, in one of a few static buffers. */
const char *backend_path(const char *name);
void backend_file(const char *name, uint64_t size);

/* A request of the device's side; turns are made until it is answered. Its error. */
int backend_request(unsigned drive, enum block_op op, uint64_t sector, uint32_t count, void *bytes,
                    bool fua);

/* A write of a sector of these bytes, which stays on its way; then, perhaps of another process, its error. */
void backend_submit_write(unsigned drive, uint64_t sector, uint8_t byte);
int backend_pending(void);

#endif
