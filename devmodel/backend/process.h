/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process as a whole: its parts, and the conversation with the keeper. */
#ifndef BACKEND_PROCESS_H
#define BACKEND_PROCESS_H

#include "block.h"
#include "control.h"
#include "history.h"
#include "nic.h"
#include "pv_block.h"
#include "pv_console.h"
#include "pv_guest.h"
#include "pv_net.h"
#include "screen.h"
#include "serial_link.h"
#include "texts.h"

#define PROCESS_LINES 48 /* of a description */

struct process {
	struct event_loop loop;
	struct event_source keeper;      /* fd: the conversation */
	struct event_timer answer_timer; /* the device model must answer until then */
	struct model_link link;
	bool has_model; /* an HVM guest: the link is there */
	struct pv_guest pv;
	struct history history;
	struct block block;
	struct pv_block pv_block;
	struct pv_net pv_nets[DEVMODEL_NICS];
	struct serial_link serials[LINK_SERIALS];
	struct pv_console console;
	struct texts texts;
	struct nic nics[DEVMODEL_NICS];
	const char *guest_name; /* NULL: not said */
	unsigned domid;
	struct screen *screen; /* NULL: none */
	uint32_t uid;          /* 0: BACKEND_UID + domid */
	bool is_quitting;
	int status; /* of the process's end */
	struct control_line description[PROCESS_LINES];
	int descriptors[PROCESS_LINES]; /* that came with them; -1: none, or taken */
	unsigned nr_lines;
};

/* open.c: what the description names; each is reported. */
bool process_open(struct process *p, struct failure *f);

/* requests.c: the keeper's lines while the process serves. */
void requests_start(struct process *p);
/* What the keeper is told without having asked. */
extern const struct block_events requests_block_events;

/* pv_lines.c: paravirtual devices: what the description names, and frontends that come and go. */
bool nic_line(struct process *p, const struct control_line *line, struct failure *f); /* open.c's */
bool pv_drive_line(struct process *p, const struct control_line *line, struct failure *f);
bool pv_nic_line(struct process *p, const struct control_line *line, struct failure *f);
bool pv_connect(struct process *p, const struct control_line *line, struct failure *f);
bool pv_disconnect(struct process *p, const struct control_line *line, struct failure *f);
extern const struct pv_block_events pv_lines_block_events;

/* A line to the keeper. One that cannot be sent is lost: the keeper's end is closed, or it does not read. */
void process_say(struct process *p, const struct control_text *t);
void process_say_text(struct process *p, const char *word, const char *text);

/* hda to hdd: 0 to 3; -1. */
int drive_number(const char *vdev);
void drive_name(char name[4], unsigned n);

#endif
