/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a guest's description. */
#include "guest_media.h"

#include "environment.h"
#include "guest_config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text(const char *format, ...)
{
	char *made;
	va_list list;
	int n;

	va_start(list, format);
	n = vasprintf(&made, format, list);
	va_end(list);
	if (n < 0)
		abort(); /* no memory for a line of text */
	return made;
}

static bool no_memory(void)
{
	fputs("run: there is no memory left on this computer\n", stderr);
	return false;
}

/* ---- where they are ---- */

/*
 * A path of the description, which is for the computer where the guest will live: what is not there is looked for beside the description, with the folders that the path has and without them. NULL: not found. A relative
 * disk begins with /dev/, as xl has it.
 */
static char *file_find(const struct guest_config *g, const char *path)
{
	const char *name = strrchr(path, '/'), *slash = strrchr(g->file, '/');
	const char *rest = strncmp(path, "/dev/", 5) == 0 ? path + 5 : path;
	const int folder = slash ? (int)(slash + 1 - g->file) : 0;
	char *places[] = { text("%s", path), text("%.*s%s", folder, g->file, rest),
		           text("%.*s%s", folder, g->file, name ? name + 1 : path) };
	char *found = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!found && access(places[i], F_OK) == 0)
			found = places[i];
		else
			free(places[i]);
	}
	return found;
}

static void path_find(const struct guest_config *g, char *path, size_t size)
{
	char *found = path[0] ? file_find(g, path) : NULL;

	if (found && strlen(found) < size)
		strcpy(path, found);
	free(found);
}

/* The description has the paths of this computer from then on. False: something is not there, or no good. */
static bool files_check(struct guest_config *g, struct messages *messages)
{
	struct config_environment e;

	for (size_t i = 0; i < g->nr_disks; i++)
		path_find(g, g->disks[i].target, sizeof(g->disks[i].target));
	path_find(g, g->kernel, sizeof(g->kernel));
	path_find(g, g->ramdisk, sizeof(g->ramdisk));
	environment_host(&e);
	/* The guest does not run here. */
	e.is_bridge = NULL;
	e.is_port_free = NULL;
	return guest_config_check(g, &e, messages);
}

static void line_add(struct guest_media *m, const char *key, char *value)
{
	m->lines[m->nr_lines++] = (struct description_line){ key, value };
}

/* ---- disks: QEMU reads them, the control domain has them as raw devices ---- */

static const char *const formats[] = {
	[DISK_RAW] = "raw", [DISK_QCOW2] = "qcow2", [DISK_QCOW] = "qcow",
	[DISK_VHD] = "vpc", [DISK_VMDK] = "vmdk",   [DISK_QED] = "qed",
};

static void disk_take(struct guest_media *m, const struct config_disk *d, char *list, size_t size)
{
	const size_t n = strlen(list);
	const char *comma = n > 1 ? "," : "";
	struct machine_medium *to = &m->media[m->nr_media];

	if (d->format == DISK_EMPTY) {
		snprintf(list + n, size - n, "%s\",%s:cdrom,r\"", comma, d->vdev);
		return;
	}
	*to = (struct machine_medium){ .path = text("%s", d->target),
		                       .format = formats[d->format],
		                       .read_only = d->is_read_only };
	snprintf(list + n, size - n, "%s\"/media/%zu,raw,%s%s,%s\"", comma, m->nr_media, d->vdev,
	         d->is_cdrom ? ":cdrom" : "", d->is_read_only ? "r" : "w");
	m->nr_media++;
}

static bool disks_take(struct guest_media *m, const struct guest_config *g)
{
	char list[2048] = "[";

	for (size_t i = 0; i < g->nr_disks; i++) {
		if (m->nr_media == MACHINE_MEDIA && g->disks[i].format != DISK_EMPTY) {
			fprintf(stderr,
			        "run: %s:%u: the emulated machine has room for %d disks; leave some out\n",
			        g->file, g->disks[i].line, MACHINE_MEDIA);
			return false;
		}
		disk_take(m, &g->disks[i], list, sizeof(list));
	}
	if (g->nr_disks)
		line_add(m, "disk", text("%s]", list));
	return true;
}

static void file_take(struct guest_media *m, const char *key, const char *path)
{
	if (!path[0])
		return;
	m->files[m->nr_files].name = key;
	m->files[m->nr_files++].path = text("%s", path);
	line_add(m, key, text("\"/%s\"", key));
}

/* The screen's port is forwarded to this computer: it listens on all addresses of the control domain, at the port that is told. */
static bool all_take(struct guest_media *m, const struct guest_config *g)
{
	if (g->type == GUEST_PV) {
		fprintf(stderr,
		        "run: %s: type=\"pv\" does not start yet: type=\"pvh\" starts the same Linux kernel from 4.11 on, type=\"hvm\" a whole disk\n",
		        g->file);
		return false;
	}
	m->has_screen = g->type == GUEST_HVM && g->has_screen && g->vnc;
	if (m->has_screen) {
		line_add(m, "vnclisten", text("\"0.0.0.0\""));
		line_add(m, "vncdisplay", text("0"));
		/* The browsers' port is this guest's, not that of another one of the same description. */
		m->words[m->nr_words++] = text("vncwebsocket=5800");
	}
	m->memory_mib = (unsigned)(g->memory_kib / 1024) + g->videoram_mib + 16;
	file_take(m, "kernel", g->kernel);
	file_take(m, "ramdisk", g->ramdisk);
	return disks_take(m, g);
}

/* Those that the machine has its own lines for have been heeded already. */
static bool words_take(struct guest_media *m, int nr, char **words)
{
	if (nr > MEDIA_WORDS - 1) {
		fprintf(stderr, "run: at most %d KEY=VALUE words: put them into the description\n",
		        MEDIA_WORDS - 1);
		return false;
	}
	for (int i = 0; i < nr; i++)
		if (!description_has(m->lines, m->nr_lines, words[i]) &&
		    strncmp(words[i], "vncwebsocket", 12) != 0)
			m->words[m->nr_words++] = text("%s", words[i]);
	return true;
}

bool guest_media_read(struct guest_media *m, const char *build, int nr, char **arguments)
{
	struct guest_config *g = calloc(1, sizeof(*g));
	struct messages *messages = calloc(1, sizeof(*messages));
	const int nr_words = nr > 1 ? nr - 1 : 0;
	bool done;

	memset(m, 0, sizeof(*m));
	if (!g || !messages)
		return no_memory();
	m->config_path = nr ? text("%s", arguments[0]) : text("%s/appliance/example.cfg", build);
	done = guest_config_read(g, m->config_path, arguments + 1, (size_t)nr_words, messages) &&
	       files_check(g, messages);
	messages_print(messages, stderr, true);
	done = done && all_take(m, g) && words_take(m, nr_words, arguments + 1);
	if (done && !(m->description = description_make(m->config_path, m->lines, m->nr_lines)))
		done = no_memory();
	free(g);
	free(messages);
	return done;
}
