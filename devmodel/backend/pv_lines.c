/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper's lines about paravirtual devices: what the guest has, and frontends that come and go. */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 10000 /* for a predecessor's last writes */

static bool is_said(const struct control_line *line, const char *name, const char *value)
{
	const char *said = control_value(line, name);

	return said && !strcmp(said, value);
}

/* ---- what the guest has ---- */

static void drive_report(struct process *p, const struct pv_drive *d)
{
	struct control_text t;

	control_begin(&t, "pv-drive");
	control_put_number(&t, "number", d->number);
	control_put_number(&t, "sectors", d->disk->size / DISK_SECTOR);
	control_put_number(&t, "read-only", d->disk->is_read_only);
	control_put_number(&t, "discard", d->disk->may_discard);
	control_put_number(&t, "segments", PV_SEGMENTS);
	control_put_number(&t, "ring-order", PV_RING_ORDER);
	process_say(p, &t);
}

/* The emulated drive's, shared. */
static struct disk *disk_share(struct process *p, const struct control_line *line, int shadow,
                               struct failure *f)
{
	struct disk *disk = shadow >= 0 ? p->block.drives[shadow].disk : NULL;

	if (disk)
		disk->users++;
	else
		fail(f, "drive %s: there is no emulated drive %s with a disk",
		     control_value(line, "number"), control_value(line, "same"));
	return disk;
}

static struct disk *disk_of(struct process *p, const struct control_line *line, struct failure *f)
{
	const char *path = control_value(line, "path"), *format = control_value(line, "format");
	bool is_cdrom = is_said(line, "kind", "cdrom");
	struct disk_wish w = { .path = path ? path : "",
		               .format = format ? format : "",
		               .is_cdrom = is_cdrom,
		               .is_read_only = is_cdrom || !is_said(line, "access", "w"),
		               .is_forced = control_number(line, "force", 1, 0),
		               .no_discard = !control_number(line, "discard", 1, 1),
		               .patience_ms = PATIENCE_MS };

	return disk_open(&w, &p->loop, f);
}

bool pv_drive_line(struct process *p, const struct control_line *line, struct failure *f)
{
	uint32_t number = (uint32_t)control_number(line, "number", UINT32_MAX, 0);
	const char *same = control_value(line, "same");
	int shadow = drive_number(same);
	struct pv_drive *d;
	struct disk *disk;

	if (!pv_guest_open(&p->pv, f))
		return false;
	disk = same ? disk_share(p, line, shadow, f) : disk_of(p, line, f);
	if (!disk)
		return false;
	d = number ? pv_block_add(&p->pv_block, number, disk, shadow) : NULL;
	if (!d) {
		disk_put(disk);
		return fail(f, "drive %s: %d paravirtual drives can be had, each number once",
		            control_value(line, "number"), PV_DRIVES);
	}
	drive_report(p, d);
	return true;
}

static void said(void *context, const char *text)
{
	requests_block_events.log(context, text);
}

/* The emulated interface's wire, or one of its own. */
bool pv_nic_line(struct process *p, const struct control_line *line, struct failure *f)
{
	unsigned n = (unsigned)control_number(line, "n", DEVMODEL_NICS - 1, DEVMODEL_NICS);

	if (n == DEVMODEL_NICS || p->pv_nets[n].is_there)
		return fail(f, "network interface %s: 0 to %d can be had, each once",
		            control_value(line, "n"), DEVMODEL_NICS - 1);
	if (!pv_guest_open(&p->pv, f) || (!p->nics[n].is_there && !nic_line(p, line, f)))
		return false;
	pv_net_init(&p->pv_nets[n], &p->pv, &p->nics[n], n, said, p);
	return true;
}

/* ---- what the keeper is told ---- */

static void drive_closed(void *context, uint32_t number)
{
	struct control_text t;

	control_begin(&t, "pv-closed");
	control_put_number(&t, "drive", number);
	process_say(context, &t);
}

const struct pv_block_events pv_lines_block_events = { drive_closed };

/* ---- frontends ---- */

/* "8,9,10": how many; 0: no such list, or too long. */
static unsigned grants_read(const char *text, uint32_t *grants, unsigned most)
{
	unsigned n = 0;
	char *end;

	while (text && *text && n < most) {
		unsigned long grant = strtoul(text, &end, 10);

		if (end == text || grant > UINT32_MAX || (*end && *end != ','))
			return 0;
		grants[n++] = (uint32_t)grant;
		text = *end ? end + 1 : end;
	}
	return text && !*text ? n : 0;
}

static struct pv_drive *drive_of(struct process *p, const struct control_line *line,
                                 struct failure *f)
{
	struct pv_drive *d =
		pv_block_find(&p->pv_block, (uint32_t)control_number(line, "drive", UINT32_MAX, 0));

	if (!d)
		fail(f, "the guest has no paravirtual drive %s", control_value(line, "drive"));
	return d;
}

static bool drive_connect(struct process *p, const struct control_line *line, struct failure *f)
{
	struct pv_block_wish w = { .protocol = control_value(line, "protocol"),
		                   .port = (uint32_t)control_number(line, "event-channel",
		                                                    UINT32_MAX, 0) };
	struct pv_drive *d = drive_of(p, line, f);

	w.nr_pages = grants_read(control_value(line, "ring-ref"), w.grants, ARRAY_LEN(w.grants));
	return d && pv_block_connect(d, &w, f);
}

static struct pv_net *net_of(struct process *p, const struct control_line *line, struct failure *f)
{
	unsigned n = (unsigned)control_number(line, "nic", DEVMODEL_NICS - 1, DEVMODEL_NICS);

	if (n < DEVMODEL_NICS && p->pv_nets[n].is_there)
		return &p->pv_nets[n];
	fail(f, "the guest has no paravirtual network interface %s", control_value(line, "nic"));
	return NULL;
}

static uint32_t word(const struct control_line *line, const char *name)
{
	return (uint32_t)control_number(line, name, UINT32_MAX - 1, UINT32_MAX);
}

static bool net_connect(struct process *p, const struct control_line *line, struct failure *f)
{
	bool is_split = control_value(line, "event-channel-rx");
	struct pv_net_wish w = { .out_grant = word(line, "tx-ring-ref"),
		                 .in_grant = word(line, "rx-ring-ref"),
		                 .out_port = word(line,
		                                  is_split ? "event-channel-tx" : "event-channel"),
		                 .in_port = is_split ? word(line, "event-channel-rx") : 0,
		                 .takes_copies = control_number(line, "rx-copy", 1, 0),
		                 .takes_parts = control_number(line, "sg", 1, 0) };
	struct pv_net *v = net_of(p, line, f);

	return v && pv_net_connect(v, &w, f);
}

static bool net_disconnect(struct process *p, const struct control_line *line, struct failure *f)
{
	struct pv_net *v = net_of(p, line, f);
	struct control_text t;

	if (!v)
		return false;
	pv_net_disconnect(v);
	control_begin(&t, "pv-closed");
	control_put_number(&t, "nic", v->n);
	process_say(p, &t);
	return true;
}

bool pv_connect(struct process *p, const struct control_line *line, struct failure *f)
{
	if (!p->pv.is_attached)
		return fail(f, "the guest has no paravirtual devices");
	return control_value(line, "nic") ? net_connect(p, line, f) : drive_connect(p, line, f);
}

bool pv_disconnect(struct process *p, const struct control_line *line, struct failure *f)
{
	struct pv_drive *d;

	if (control_value(line, "nic"))
		return net_disconnect(p, line, f);
	d = drive_of(p, line, f);
	if (d)
		pv_block_disconnect(d);
	return d;
}
