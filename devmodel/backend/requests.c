/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper's lines while the process serves, and what the keeper is told. */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- saying ---- */

void process_say(struct process *p, const struct control_text *t)
{
	(void)control_send(p->keeper.fd, t, -1);
}

void process_say_text(struct process *p, const char *word, const char *text)
{
	struct control_text t;

	control_begin(&t, word);
	control_put(&t, "text", text);
	process_say(p, &t);
}

static void paused(void *context, const char *text)
{
	struct process *p = context;

	history_say(&p->history, text);
	process_say_text(p, "pause", text);
}

static void resumed(void *context)
{
	struct process *p = context;
	struct control_text t;

	history_say(&p->history, "there is room again; the guest goes on");
	control_begin(&t, "resume");
	process_say(p, &t);
}

static void ejected(void *context, unsigned drive)
{
	struct control_text t;
	char name[4];

	drive_name(name, drive);
	control_begin(&t, "ejected");
	control_put(&t, "vdev", name);
	process_say(context, &t);
}

static void said(void *context, const char *text)
{
	struct process *p = context;

	history_say(&p->history, text);
	process_say_text(p, "log", text);
}

const struct block_events requests_block_events = { paused, resumed, ejected, said };

/* ---- requests: each fills in what follows "done", or fails ---- */

struct request {
	const struct control_line *line;
	int descriptor; /* -1: none came, or somebody has it now */
	struct control_text answer;
	struct failure failure;
};

/* The drive that the line names; -1: failed. */
static int drive_of(const struct process *p, struct request *r)
{
	const char *name = control_value(r->line, "vdev");
	int n = drive_number(name);

	if (n >= 0 && p->block.drives[n].is_there)
		return n;
	fail(&r->failure, "the guest has no drive %s: `xl block-list` shows those that it has",
	     name ? name : "");
	return -1;
}

static int cd_drive_of(const struct process *p, struct request *r)
{
	int n = drive_of(p, r);

	if (n < 0 || p->block.drives[n].is_cdrom)
		return n;
	fail(&r->failure, "drive %s is no CD drive: its disk stays in it",
	     control_value(r->line, "vdev"));
	return -1;
}

static bool cd_insert(struct process *p, struct request *r)
{
	const char *name = control_value(r->line, "name");
	int n = cd_drive_of(p, r), fd = r->descriptor;
	struct disk *disk;

	if (n < 0)
		return false;
	if (fd < 0)
		return fail(&r->failure, "cd-insert: no descriptor of the medium came along");
	if (p->block.drives[n].disk && block_is_locked(&p->block, (unsigned)n))
		return fail(
			&r->failure,
			"the guest has locked drive %s: eject the medium there first, or by `xl cd-eject`",
			control_value(r->line, "vdev"));
	r->descriptor = -1;
	disk = disk_adopt(fd, name ? name : "medium", true, &r->failure);
	if (!disk)
		return false;
	block_change_medium(&p->block, (unsigned)n, disk);
	control_put_number(&r->answer, "sectors", disk->size / DISK_SECTOR);
	return true;
}

static bool cd_eject(struct process *p, struct request *r)
{
	int n = cd_drive_of(p, r);

	if (n < 0)
		return false;
	if (block_is_locked(&p->block, (unsigned)n) && !control_number(r->line, "force", 1, 0)) {
		block_ask_eject(&p->block, (unsigned)n);
		control_put_number(&r->answer, "asked", 1);
		return true;
	}
	block_change_medium(&p->block, (unsigned)n, NULL);
	return true;
}

static bool disk_resize(struct process *p, struct request *r)
{
	int n = drive_of(p, r);

	if (n < 0)
		return false;
	control_put_number(&r->answer, "sectors", block_resize(&p->block, (unsigned)n));
	return true;
}

static bool state(struct process *p, struct request *r)
{
	const struct block *b = &p->block;
	const struct pv_block *v = &p->pv_block;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "attached", p->link.is_attached },
		{ "paused", b->is_paused || v->is_paused },
		{ "reads", b->reads + v->reads },
		{ "writes", b->writes + v->writes },
		{ "read-bytes", b->read_bytes + v->read_bytes },
		{ "written-bytes", b->written_bytes + v->written_bytes },
		{ "errors", b->errors + v->errors },
	};
	uint64_t sent = 0, received = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		control_put_number(&r->answer, rows[i].name, rows[i].value);
	for (unsigned i = 0; i < DEVMODEL_NICS; i++) {
		sent += p->nics[i].sent;
		received += p->nics[i].received;
	}
	control_put_number(&r->answer, "frames-sent", sent);
	control_put_number(&r->answer, "frames-received", received);
	return true;
}

static bool screen(struct process *p, struct request *r)
{
	const char *format = control_value(r->line, "format");
	bool is_text = format && !strcmp(format, "text");

	if (!p->screen)
		return fail(&r->failure,
		            "the guest has no screen: write vnc=1 into its description");
	if (r->descriptor < 0)
		return fail(&r->failure, "screen: no descriptor to write to came along");
	return (is_text ? screen_print_text : screen_print_png)(p->screen, r->descriptor) ||
	       fail(&r->failure, "the picture cannot be written, or there is none yet");
}

static bool view(struct process *p, struct request *r)
{
	int fd = r->descriptor;

	if (!p->screen)
		return fail(&r->failure,
		            "the guest has no screen: write vnc=1 or sdl=1 into its description");
	if (fd < 0)
		return fail(&r->failure, "view: no connection came along");
	r->descriptor = -1;
	return screen_add_viewer(p->screen, fd) ||
	       fail(&r->failure, "the screen takes no viewer now");
}

static bool connect_pv(struct process *p, struct request *r)
{
	return pv_connect(p, r->line, &r->failure);
}

static bool disconnect_pv(struct process *p, struct request *r)
{
	return pv_disconnect(p, r->line, &r->failure);
}

static bool quit(struct process *p, struct request *r)
{
	p->is_quitting = true; /* the answer comes when all is written */
	return true;
}

static const struct {
	const char *word;
	bool (*serve)(struct process *p, struct request *r);
} requests[] = {
	{ "cd-insert", cd_insert },
	{ "cd-eject", cd_eject },
	{ "disk-resize", disk_resize },
	{ "state", state },
	{ "quit", quit },
	{ "screen", screen },
	{ "view", view },
	{ "pv-connect", connect_pv },
	{ "pv-disconnect", disconnect_pv },
};

static bool serve(struct process *p, struct request *r)
{
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		if (!strcmp(requests[i].word, r->line->word))
			return requests[i].serve(p, r);
	return fail(
		&r->failure,
		"\"%s\" is nothing that this backend can do: keeper and backend must be of one build",
		r->line->word);
}

static void line_serve(struct process *p, struct control_line *line, int descriptor)
{
	struct request r = { .line = line, .descriptor = descriptor };

	control_begin(&r.answer, "done");
	if (!control_parse(line)) {
		process_say_text(p, "failed", "that is no request");
	} else if (!serve(p, &r)) {
		process_say_text(p, "failed", r.failure.text);
	} else if (!p->is_quitting) {
		process_say(p, &r.answer);
	}
	if (r.descriptor >= 0)
		close(r.descriptor);
}

static void keeper_ready(struct event_source *s, uint32_t events)
{
	struct process *p = container_of(s, struct process, keeper);
	struct control_line line;
	int descriptor = -1, n = control_receive(s->fd, &line, &descriptor);

	if (n == -EAGAIN)
		return;
	if (n == -EMSGSIZE) {
		process_say_text(p, "failed", "that line is too long");
		return;
	}
	if (n <= 0) {
		event_remove(&p->loop, s);
		p->is_quitting = true;
		return;
	}
	line_serve(p, &line, descriptor);
}

void requests_start(struct process *p)
{
	p->keeper.ready = keeper_ready;
	if (!event_add(&p->loop, &p->keeper, EPOLLIN))
		p->is_quitting = true;
}
