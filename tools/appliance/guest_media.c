/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a guest's description. */
#include "guest_media.h"

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

static bool wrong(const char *file, const char *what)
{
	fprintf(stderr, "run: %s: %s\n", file, what);
	return false;
}

/* ---- disks: QEMU reads them, the control domain has them as raw devices ---- */

static const char *const formats[] = {
	[DISK_RAW] = "raw", [DISK_QCOW2] = "qcow2", [DISK_QCOW] = "qcow",
	[DISK_VHD] = "vpc", [DISK_VMDK] = "vmdk",   [DISK_QED] = "qed",
};

/* A path that is no device here: the description's folder is looked into as well. */
static char *file_find(const struct guest_config *g, const char *path)
{
	const char *name = strrchr(path, '/'), *slash = strrchr(g->file, '/');
	char *beside;

	if (access(path, R_OK) == 0)
		return text("%s", path);
	beside = slash ? text("%.*s%s", (int)(slash - g->file), g->file, name ? name : path)
	               : text("%s", name ? name + 1 : path);
	if (access(beside, R_OK) == 0)
		return beside;
	free(beside);
	return NULL;
}

static bool disk_take(struct guest_media *m, const struct guest_config *g,
                      const struct config_disk *d, char *list, size_t size)
{
	size_t n = strlen(list);
	struct machine_medium *to = &m->media[m->nr_media];

	if (d->format == DISK_EMPTY) {
		snprintf(list + n, size - n, "%s\",%s:cdrom,r\"", n > 1 ? "," : "", d->vdev);
		return true;
	}
	if (m->nr_media == MACHINE_MEDIA)
		return wrong(g->file, "too many disks");
	to->path = file_find(g, d->target);
	if (!to->path) {
		fprintf(stderr, "run: %s, line %u: %s is not there: correct its path\n", g->file,
		        d->line, d->target);
		return false;
	}
	to->format = formats[d->format];
	to->read_only = d->is_read_only;
	snprintf(list + n, size - n, "%s\"/media/%zu,raw,%s%s,%s\"", n > 1 ? "," : "", m->nr_media,
	         d->vdev, d->is_cdrom ? ":cdrom" : "", d->is_read_only ? "r" : "w");
	m->nr_media++;
	return true;
}

static bool disks_take(struct guest_media *m, const struct guest_config *g)
{
	char list[2048] = "[";

	for (size_t i = 0; i < g->nr_disks; i++)
		if (!disk_take(m, g, &g->disks[i], list, sizeof(list)))
			return false;
	if (g->nr_disks)
		m->words[m->nr_words++] = text("disk=%s]", list);
	return true;
}

static bool file_take(struct guest_media *m, const struct guest_config *g, const char *key,
                      const char *path)
{
	if (!path[0])
		return true;
	m->files[m->nr_files].name = key;
	m->files[m->nr_files].path = file_find(g, path);
	if (!m->files[m->nr_files].path) {
		fprintf(stderr, "run: %s: %s=\"%s\" is not there: correct its path\n", g->file, key,
		        path);
		return false;
	}
	m->nr_files++;
	m->words[m->nr_words++] = text("%s=/%s", key, key);
	return true;
}

/* The screen's port is forwarded to this computer: it listens on all addresses of the control domain. */
static bool all_take(struct guest_media *m, const struct guest_config *g)
{
	if (g->type == GUEST_HVM) {
		m->words[m->nr_words++] = text("vnclisten=0.0.0.0");
		m->words[m->nr_words++] = text("vncwebsocket=5800");
	}
	m->memory_mib = (unsigned)(g->memory_kib / 1024) + g->videoram_mib + 16;
	return disks_take(m, g) && file_take(m, g, "kernel", g->kernel) &&
	       file_take(m, g, "ramdisk", g->ramdisk);
}

bool guest_media_read(struct guest_media *m, const char *build, int nr, char **arguments)
{
	struct guest_config *g = calloc(1, sizeof(*g));
	struct messages *messages = calloc(1, sizeof(*messages));
	bool done;

	memset(m, 0, sizeof(*m));
	if (!g || !messages)
		return wrong("run", "no memory is left");
	m->config_path = nr ? text("%s", arguments[0]) : text("%s/appliance/example.cfg", build);
	done = guest_config_read(g, m->config_path, arguments + 1, nr > 1 ? (size_t)nr - 1 : 0,
	                         messages);
	messages_print(messages, stderr, true);
	for (int i = 1; i < nr && done; i++)
		if (m->nr_words < MEDIA_WORDS - 4)
			m->words[m->nr_words++] = text("%s", arguments[i]);
	done = done && all_take(m, g);
	free(g);
	free(messages);
	return done;
}
