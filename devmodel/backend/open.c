/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening all that a description names, in an order of our own. */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 10000 /* for a predecessor's last writes */

int drive_number(const char *vdev)
{
	if (!vdev || strncmp(vdev, "hd", 2) != 0 || vdev[2] < 'a' || vdev[2] > 'd' || vdev[3])
		return -1;
	return vdev[2] - 'a';
}

void drive_name(char name[4], unsigned n)
{
	snprintf(name, 4, "hd%c", (char)('a' + (n & 3)));
}

static bool is_said(const struct control_line *line, const char *name, const char *value)
{
	const char *said = control_value(line, name);

	return said && !strcmp(said, value);
}

/* Whose it is from now on. -1: none came. */
static int descriptor_take(struct process *p, const struct control_line *line)
{
	int *place = &p->descriptors[line - p->description], taken = *place;

	*place = -1;
	return taken;
}

/* ---- a line each ---- */

static bool guest_open(struct process *p, const struct control_line *line, struct failure *f)
{
	p->guest_name = control_value(line, "name");
	return history_open(&p->history, control_value(line, "log"), &p->loop, f);
}

static bool user_open(struct process *p, const struct control_line *line, struct failure *f)
{
	p->uid = (uint32_t)control_number(line, "uid", UINT32_MAX - 1, 0);
	return p->uid || fail(f, "user: uid= is no number of a user");
}

static void drive_report(struct process *p, unsigned n)
{
	const struct disk *d = p->block.drives[n].disk;
	struct control_text t;
	char name[4];

	drive_name(name, n);
	control_begin(&t, "drive");
	control_put(&t, "vdev", name);
	control_put_number(&t, "sectors", d ? d->size / DISK_SECTOR : 0);
	control_put_number(&t, "read-only", d ? d->is_read_only : 1);
	process_say(p, &t);
}

static bool drive_open(struct process *p, const struct control_line *line, struct failure *f)
{
	int n = drive_number(control_value(line, "vdev"));
	const char *path = control_value(line, "path"), *format = control_value(line, "format");
	bool is_cdrom = is_said(line, "kind", "cdrom");
	struct disk_wish w = { .path = path,
		               .format = format ? format : "",
		               .is_cdrom = is_cdrom,
		               .is_read_only = is_cdrom || !is_said(line, "access", "w"),
		               .is_forced = control_number(line, "force", 1, 0),
		               .no_discard = !control_number(line, "discard", 1, 1),
		               .patience_ms = PATIENCE_MS };
	struct disk *disk = NULL;

	if (n < 0 || p->block.drives[n].is_there)
		return fail(f, "drive %s: hda to hdd can be had, each once",
		            control_value(line, "vdev"));
	if (!is_cdrom && (!path || !*path))
		return fail(f, "drive %s: only a CD drive can be empty: name an image or a device",
		            control_value(line, "vdev"));
	if (path && *path) {
		disk = disk_open(&w, &p->loop, f);
		if (!disk)
			return false;
	}
	block_add_drive(&p->block, (unsigned)n, is_cdrom, disk);
	drive_report(p, (unsigned)n);
	return true;
}

bool nic_line(struct process *p, const struct control_line *line, struct failure *f)
{
	struct nic_wish w = { .n = (unsigned)control_number(line, "n", DEVMODEL_NICS - 1,
		                                            DEVMODEL_NICS),
		              .mac = control_value(line, "mac"),
		              .bridge = control_value(line, "bridge"),
		              .ifname = control_value(line, "ifname"),
		              .script = control_value(line, "script"),
		              .xenstore = control_value(line, "xenstore"),
		              .domid = (unsigned)control_number(line, "domid", 0x7fef, 0),
		              .mtu = (unsigned)control_number(line, "mtu", 65521, 0),
		              .rate = control_number(line, "rate", UINT64_MAX, 0),
		              .is_user = is_said(line, "net", "user") };
	struct control_text t;

	if (w.n == DEVMODEL_NICS || p->nics[w.n].is_there)
		return fail(f, "network interface %s: 0 to %d can be had, each once",
		            control_value(line, "n"), DEVMODEL_NICS - 1);
	if (!nic_open(&p->nics[w.n], &w, f))
		return false;
	control_begin(&t, "nic");
	control_put_number(&t, "n", w.n);
	if (p->nics[w.n].is_user)
		control_put(&t, "net", "user");
	else
		control_put(&t, "tap", p->nics[w.n].ifname);
	process_say(p, &t);
	return true;
}

static bool serial_line(struct process *p, const struct control_line *line, struct failure *f)
{
	unsigned n = (unsigned)control_number(line, "n", LINK_SERIALS - 1, LINK_SERIALS);
	const char *to = control_value(line, "to");
	struct serial *s = &p->serials[n % LINK_SERIALS].serial;
	struct control_text t;
	char name[16];

	if (n == LINK_SERIALS || s->is_there)
		return fail(f, "serial line %s: 0 to %d can be had, each once",
		            control_value(line, "n"), LINK_SERIALS - 1);
	snprintf(name, sizeof(name), "serial%u", n);
	if (!serial_open(s, name, to ? to : "none", descriptor_take(p, line), f))
		return false;
	control_begin(&t, "serial");
	control_put_number(&t, "n", n);
	if (s->kind == SERIAL_PTY)
		control_put(&t, "path", s->name);
	process_say(p, &t);
	return true;
}

/* An HVM guest has other ways to speak, and a control domain without the module for grants has always been enough for it. */
static bool console_line(struct process *p, const struct control_line *line, struct failure *f)
{
	const char *to = control_value(line, "to");
	struct failure missing = { "" };
	struct control_text t;

	if (p->console.serial.is_there)
		return fail(f, "console: a guest has one");
	if (!pv_guest_open(&p->pv, &missing)) {
		if (!p->has_model)
			return fail(f, "%s", missing.text);
		process_say_text(p, "log", missing.text);
		return true;
	}
	if (!serial_open(&p->console.serial, "console", to ? to : "none", descriptor_take(p, line),
	                 f))
		return false;
	control_begin(&t, "console");
	if (p->console.serial.kind == SERIAL_PTY)
		control_put(&t, "path", p->console.serial.name);
	process_say(p, &t);
	return true;
}

static bool vnc_line(struct process *p, const struct control_line *line, struct failure *f)
{
	struct screen_wish w = { .name = p->guest_name,
		                 .listen = control_value(line, "listen"),
		                 .display = (unsigned)control_number(line, "display", 59635, 0),
		                 .takes_next_free = control_number(line, "unused", 1, 1),
		                 .is_local = control_number(line, "local", 1, 0),
		                 .password = control_value(line, "password"),
		                 .websocket = (unsigned)control_number(line, "websocket", 65535, 0),
		                 .keymap = control_value(line, "keymap") };
	struct control_text t;
	char why[400];
	unsigned port;

	p->screen = screen_open(&w, &port, why, sizeof(why));
	if (!p->screen)
		return fail(f, "%s", why);
	if (w.is_local)
		return true;
	control_begin(&t, "vnc");
	control_put(&t, "address", w.listen && *w.listen ? w.listen : "0.0.0.0");
	control_put_number(&t, "port", port);
	if (w.websocket)
		control_put_number(&t, "websocket", w.websocket);
	process_say(p, &t);
	return true;
}

static const struct {
	const char *word;
	bool (*open)(struct process *p, const struct control_line *line, struct failure *f);
	bool is_models; /* a device of the device model's */
} kinds[] = {
	{ "guest", guest_open, false },     { "user", user_open, false },
	{ "drive", drive_open, true },      { "nic", nic_line, true },
	{ "serial", serial_line, true },    { "vnc", vnc_line, true },
	{ "console", console_line, false }, { "pv-drive", pv_drive_line, false },
	{ "pv-nic", pv_nic_line, false },
};

static bool lines_open(struct process *p, size_t kind, struct failure *f)
{
	for (unsigned i = 0; i < p->nr_lines; i++) {
		if (strcmp(p->description[i].word, kinds[kind].word) != 0)
			continue;
		if (kinds[kind].is_models && !p->has_model)
			return fail(
				f,
				"%s: a guest without a device model has paravirtual devices only",
				kinds[kind].word);
		if (!kinds[kind].open(p, &p->description[i], f))
			return false;
	}
	return true;
}

static bool model_is_described(const struct process *p)
{
	for (unsigned i = 0; i < p->nr_lines; i++)
		if (!strcmp(p->description[i].word, "guest"))
			return control_number(&p->description[i], "model", 1, 1);
	return true;
}

static bool is_known(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].word, word))
			return true;
	return false;
}

static bool parts_start(struct process *p, struct failure *f)
{
	texts_start(&p->texts, &p->link, &p->history);
	for (unsigned i = 0; i < LINK_SERIALS; i++)
		if (p->serials[i].serial.is_there)
			serial_link_start(&p->serials[i], i, &p->link, &p->history);
	for (unsigned i = 0; i < DEVMODEL_NICS; i++)
		if (p->nics[i].is_there)
			nic_start(&p->nics[i], &p->link);
	return !p->console.serial.is_there || pv_console_start(&p->console, &p->pv, &p->history, f);
}

bool process_open(struct process *p, struct failure *f)
{
	model_link_init(&p->link, &p->loop);
	pv_guest_init(&p->pv, &p->loop);
	block_init(&p->block, &p->link, &requests_block_events, p);
	pv_block_init(&p->pv_block, &p->pv, &p->block, &requests_block_events,
	              &pv_lines_block_events, p);
	for (unsigned i = 0; i < p->nr_lines; i++)
		if (!is_known(p->description[i].word))
			return fail(
				f,
				"\"%s\" is nothing that this backend knows: keeper and backend must be of one "
				"build",
				p->description[i].word);
	p->has_model = model_is_described(p);
	if (!history_open(&p->history, NULL, &p->loop, f) || !disk_ring_start(&p->loop, f) ||
	    (p->has_model && !link_place_open(f)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!lines_open(p, i, f))
			return false;
	return parts_start(p, f);
}
