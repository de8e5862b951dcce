/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backend process of one guest, in the order of its life: hears what the guest has, opens it all, hears that the guest is made, maps its link (of an HVM guest), gives up every privilege, serves, and ends when
 * the keeper says so or is gone. control.h has the conversation.
 */
#include "process.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_NS 30000000000u /* a machine under load may take long */

static struct process process;

/* ---- the description ---- */

static bool line_read(struct process *p, struct control_line *line, int *descriptor,
                      struct failure *f)
{
	int n = control_receive(p->keeper.fd, line, descriptor);

	if (n == 0)
		return fail(f, "backend: its keeper has gone");
	if (n < 0)
		return fail(f, "backend: its keeper cannot be heard: %s", strerror(-n));
	return control_parse(line) ||
	       fail(f, "backend: its keeper said something that is no line of words: keeper "
	               "and backend must be of one build");
}

static bool description_read(struct process *p, struct failure *f)
{
	for (; p->nr_lines < PROCESS_LINES; p->nr_lines++) {
		p->descriptors[p->nr_lines] = -1;
		if (!line_read(p, &p->description[p->nr_lines], &p->descriptors[p->nr_lines], f))
			return false;
		if (!strcmp(p->description[p->nr_lines].word, "open"))
			return true;
	}
	return fail(f, "backend: the guest has too many devices: %d are the most",
	            PROCESS_LINES - 1);
}

static void ready_say(struct process *p)
{
	struct control_text t;

	control_begin(&t, "ready");
	process_say(p, &t);
}

/* ---- attaching ---- */

static bool attach(struct process *p, struct failure *f)
{
	struct control_line line;
	int descriptor = -1;

	if (!line_read(p, &line, &descriptor, f))
		return false;
	if (strcmp(line.word, "attach") != 0)
		return fail(
			f,
			"backend: \"%s\" came instead of attach: keeper and backend must be of one build",
			line.word);
	p->domid = (unsigned)control_number(&line, "domid", 0x7fef, 0);
	p->console.remote = (uint32_t)control_number(&line, "console", UINT32_MAX, 0);
	if (!pv_guest_attach(&p->pv, &line, f))
		return false;
	if (p->has_model)
		return model_link_attach(&p->link, &line, descriptor, f);
	if (descriptor >= 0)
		close(descriptor);
	return true;
}

static void tell_device_model(void *context)
{
	struct process *p = context;

	link_place_tell(&p->link.place);
}

static bool threads_start(void *context, struct failure *f)
{
	struct process *p = context;

	return !p->screen ||
	       screen_start(p->screen, p->link.memory, p->link.place.vram, p->link.place.vram_size,
	                    tell_device_model, p) ||
	       fail(f, "backend: no thread for its screen: %s", strerror(errno));
}

static bool privileges_drop(struct process *p, struct failure *f)
{
	return sandbox_enter(p->uid ? p->uid : BACKEND_UID + p->domid,
	                     p->has_model ? &p->link.place : NULL,
	                     p->pv.is_open ? &p->pv.place : NULL, threads_start, p, f);
}

/* The device model has answered: the last of the parts. */
static void answered(void *context)
{
	struct process *p = context;
	struct control_text t;

	event_timer_clear(&p->loop, &p->answer_timer);
	if (p->screen)
		screen_attached(p->screen);
	control_begin(&t, "attached");
	process_say(p, &t);
}

static void nothing(void *context)
{
}

static void unanswered(struct event_timer *t)
{
	struct process *p = container_of(t, struct process, answer_timer);
	char text[160];

	snprintf(text, sizeof(text),
	         "guest %u: its device model does not answer: xl dmesg and xl why say more",
	         p->domid);
	process_say_text(p, "error", text);
	p->status = 1;
	p->loop.is_over = true;
}

/* ---- serving ---- */

static void round_over(void *context)
{
	struct process *p = context;

	/* First: what is read from the page cache is answered before anybody is told. */
	disk_ring_kick();
	if (p->has_model)
		model_link_round_over(&p->link);
	pv_block_round_over(&p->pv_block);
	for (unsigned i = 0; i < DEVMODEL_NICS; i++)
		pv_net_round_over(&p->pv_nets[i]);
	p->loop.has_more |= disk_ring_kick();
	if (p->is_quitting && block_is_idle(&p->block) && pv_block_is_idle(&p->pv_block))
		p->loop.is_over = true;
}

static void serve(struct process *p)
{
	p->loop.round_over = round_over;
	p->loop.context = p;
	p->answer_timer.fire = unanswered;
	(void)fcntl(p->keeper.fd, F_SETFL, O_NONBLOCK);
	requests_start(p);
	if (p->has_model)
		event_timer_set(&p->loop, &p->answer_timer, ANSWER_NS);
	else
		answered(p);
	round_over(p);
	event_loop_run(&p->loop);
}

static void finish(struct process *p)
{
	struct control_text t;

	for (unsigned i = 0; i < LINK_SERIALS; i++)
		if (p->serials[i].serial.is_there)
			serial_flush(&p->serials[i].serial);
	if (p->console.serial.is_there)
		serial_flush(&p->console.serial);
	history_flush(&p->history);
	pv_block_close(&p->pv_block);
	block_close(&p->block);
	if (!p->is_quitting || !p->keeper.is_added)
		return;
	control_begin(&t, "done");
	process_say(p, &t);
}

static int failed(struct process *p, const struct failure *f)
{
	process_say_text(p, "error", f->text);
	return 1;
}

/* --control=FD. False: it is another command line. */
static bool arguments_read(struct process *p, int argc, char **argv)
{
	static const char option[] = "--control=";
	char *end;

	if (argc != 2 || strncmp(argv[1], option, sizeof(option) - 1) != 0)
		return false;
	p->keeper.fd = (int)strtol(argv[1] + sizeof(option) - 1, &end, 10);
	return !*end && fcntl(p->keeper.fd, F_SETFD, FD_CLOEXEC) == 0;
}

int main(int argc, char **argv)
{
	struct process *p = &process;
	struct failure f = { "" };

	if (!arguments_read(p, argc, argv)) {
		fprintf(stderr,
		        "zazen-backend is started by a guest's keeper (xl create): --control=FD\n");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	if (!event_loop_init(&p->loop) || !description_read(p, &f) || !process_open(p, &f))
		return failed(p, &f);
	model_link_add_part(&p->link, answered, nothing, p);
	ready_say(p);
	if (!attach(p, &f) || !privileges_drop(p, &f))
		return failed(p, &f);
	serve(p);
	finish(p);
	return p->status;
}
