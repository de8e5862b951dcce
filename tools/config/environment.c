/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this machine has what a guest's plan asks for. */
#include "environment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct checking {
	const struct guest_config *g;
	const struct config_environment *e;
	struct messages *m;
};

#define SCREEN_PORT 5900

static const char *where(const struct checking *c)
{
	return c->g->file[0] ? c->g->file : NULL;
}

static unsigned line_of(const struct checking *c, const char *key)
{
	return guest_config_line(c->g, key);
}

/* ---- names ---- */

/* False: there it is; what else is wrong follows from that. */
static bool identity_check(struct checking *c)
{
	const struct guest_config *g = c->g;
	unsigned domid;

	if (!c->e->guest)
		return true;
	if (c->e->guest(c->e->context, g->name, g->uuid, &domid))
		return error_at(
			c->m, where(c), line_of(c, "name"),
			"name \"%s\": domain %u has this name already; end it with xl destroy %s, or choose another name",
			g->name, domid, g->name);
	if (g->has_uuid && c->e->guest(c->e->context, NULL, g->uuid, &domid))
		return error_at(
			c->m, where(c), line_of(c, "uuid"),
			"uuid: domain %u has this uuid already; a copied description needs a new one, or none",
			domid);
	return true;
}

/* ---- memory and CPUs ---- */

/* Claimed at once for the guest and its screen. */
static uint64_t claimed_kib(const struct guest_config *g)
{
	return g->memory_kib + (g->type == GUEST_HVM ? (uint64_t)g->videoram_mib * 1024 : 0);
}

/* As xl reckons it: 1 MiB for each vcpu and 8 KiB for each MiB. */
uint64_t guest_overhead_kib(const struct guest_config *g)
{
	uint64_t tables = (uint64_t)g->max_vcpus * 1024 + g->max_memory_kib / 1024 * 8;

	return claimed_kib(g) - g->memory_kib + tables;
}

static void memory_check(struct checking *c)
{
	uint64_t over = guest_overhead_kib(c->g), have;

	if (!c->e->free_kib)
		return;
	have = c->e->free_kib(c->e->context);
	if (c->g->memory_kib + over <= have)
		return;
	if (claimed_kib(c->g) <= have)
		notice_at(c->m, where(c), line_of(c, "memory"),
		          "memory of \"%s\": it just fits: %" PRIu64
		          " MiB are free, and with its tables it may want %" PRIu64 " MiB",
		          c->g->name, have / 1024, (c->g->memory_kib + over) / 1024);
	else
		error_at(c->m, where(c), line_of(c, "memory"),
		         "memory of \"%s\": %" PRIu64 " MiB are asked for and up to %" PRIu64
		         " MiB of screen and tables come on top, but %" PRIu64
		         " MiB are free; lower memory=, or end or shrink another guest",
		         c->g->name, c->g->memory_kib / 1024, over / 1024, have / 1024);
}

static void cpus_check(struct checking *c)
{
	unsigned host = c->e->cpus ? c->e->cpus(c->e->context) : 0;

	if (!host)
		return;
	if (c->g->vcpus > host)
		notice_at(
			c->m, where(c), line_of(c, "vcpus"),
			"vcpus = %u: this machine has %u CPUs, which they share; the guest is slower than with %u",
			c->g->vcpus, host, host);
	if (c->g->highest_cpu >= (int)host)
		error_at(
			c->m, where(c), line_of(c, "cpus"),
			"cpus = \"%s\": there is no CPU %d: this machine has 0 to %u; correct the list, or leave it out",
			c->g->cpus, c->g->highest_cpu, host - 1);
}

/* ---- files ---- */

static bool file_check(struct checking *c, unsigned line, const char *what, const char *path)
{
	struct file_facts f;
	int error = c->e->file ? c->e->file(c->e->context, path, &f) : 0;

	if (error)
		return error_at(c->m, where(c), line,
		                "%s \"%s\": %s; correct the path, or put the file there", what,
		                path, strerror(error));
	return true;
}

/* False: there is none, or it is no good. */
static bool program_check(struct checking *c, const char *key, const char *path)
{
	struct file_facts f;

	if (!path[0] || !file_check(c, line_of(c, key), key, path) || !c->e->file)
		return false;
	if (c->e->file(c->e->context, path, &f) != 0)
		return false;
	if (f.kind == FILE_FOLDER)
		return error_at(c->m, where(c), line_of(c, key),
		                "%s \"%s\": this is a folder; name the file in it", key, path);
	if (f.kind == FILE_REGULAR && f.size == 0)
		return error_at(c->m, where(c), line_of(c, key),
		                "%s \"%s\": the file is empty; put a whole one there", key, path);
	return true;
}

static void kernel_check(struct checking *c)
{
	const struct guest_config *g = c->g;
	char why[300];

	if (program_check(c, "kernel", g->kernel) && g->type == GUEST_PVH && c->e->is_kernel &&
	    !c->e->is_kernel(c->e->context, g->kernel, why, sizeof(why)))
		error_at(c->m, where(c), line_of(c, "kernel"), "kernel \"%s\": %s", g->kernel, why);
}

/* ---- disks ---- */

static bool disk_wrong(struct checking *c, const struct config_disk *d, const char *why)
{
	return error_at(c->m, where(c), d->line, "disk \"%s\": %s", d->target, why);
}

static bool disk_file(struct checking *c, const struct config_disk *d)
{
	struct file_facts f;

	if (!c->e->file)
		return true;
	if (!file_check(c, d->line, d->is_cdrom ? "CD" : "disk", d->target) ||
	    c->e->file(c->e->context, d->target, &f) != 0)
		return false;
	if (f.kind != FILE_REGULAR && f.kind != FILE_BLOCK)
		return disk_wrong(
			c, d,
			f.kind == FILE_FOLDER
				? "this is a folder; name the image in it"
				: "this is neither a file nor a block device; name one of these");
	if (f.size == 0)
		return disk_wrong(
			c, d,
			"it is empty: it has no size; make it with truncate -s 10G or qemu-img create");
	if (!d->is_read_only && !f.is_writable)
		return disk_wrong(
			c, d, "it cannot be written; allow it with chmod, or say r for its access");
	return true;
}

/* A guest can write any first bytes to its disk: then "raw" in so many words is right, and the format that they show would be a trap. */
static bool format_differs(struct checking *c, const struct config_disk *d, enum image_kind kind)
{
	const char *seen = image_kind_name(kind);

	if (d->format == DISK_RAW && d->has_format) {
		notice_at(
			c->m, where(c), d->line,
			"disk \"%s\": the guest gets its bytes as they are, as format=raw says; they look like a %s image",
			d->target, seen);
		return true;
	}
	if (kind == IMAGE_COMPRESSED)
		return disk_wrong(
			c, d,
			"it is compressed; unpack it first, or say format=raw if it is no archive");
	if (kind == IMAGE_VHDX || kind == IMAGE_VDI)
		return error_at(
			c->m, where(c), d->line,
			"disk \"%s\": a %s image is not served; convert it (qemu-img convert -O qcow2 OLD NEW), or say format=raw if the guest itself wrote that",
			d->target, seen);
	if (d->format == DISK_RAW)
		return error_at(
			c->m, where(c), d->line,
			"disk \"%s\": its format is raw where none is said, but the file is a %s image; say format=%s, or format=raw if the guest itself wrote that",
			d->target, seen, seen);
	return error_at(
		c->m, where(c), d->line,
		"disk \"%s\": its format is said to be %s, but the file is %s; say format=%s",
		d->target, disk_format_name(d->format), seen, kind == IMAGE_ISO ? "raw" : seen);
}

static bool disk_format(struct checking *c, const struct config_disk *d)
{
	struct image_facts f;

	if (!c->e->image)
		return true;
	if (!c->e->image(c->e->context, d->target, &f))
		return disk_wrong(c, d, "it cannot be read; look at its rights, and at dmesg");
	if (!image_fits(f.kind, d->format))
		return format_differs(c, d, f.kind);
	if (f.is_truncated)
		return error_at(
			c->m, where(c), d->line,
			"disk \"%s\": this %s image is cut off: it speaks of data behind its end; copy it again, or see qemu-img check",
			d->target, image_kind_name(f.kind));
	if (f.is_damaged)
		return error_at(
			c->m, where(c), d->line,
			"disk \"%s\": this %s image is damaged; try qemu-img check -r all on a copy",
			d->target, image_kind_name(f.kind));
	if (f.is_encrypted)
		return disk_wrong(
			c, d,
			"it is encrypted, which is not served; convert it with qemu-img convert");
	if (d->is_cdrom && f.kind != IMAGE_ISO)
		notice_at(c->m, where(c), d->line,
		          "CD \"%s\": it is no ISO 9660 image; the guest may not know it",
		          d->target);
	return true;
}

static void disk_check(struct checking *c, const struct config_disk *d)
{
	char who[128] = "";

	if (d->format == DISK_EMPTY)
		return;
	if (d->script[0]) {
		error_at(
			c->m, where(c), d->line,
			"disk \"%s\": scripts of disks (%s) are not served; attach it first (nbd-client, iscsiadm, drbdadm) and name its device",
			d->target, d->script);
		return;
	}
	if (!disk_file(c, d) || !disk_format(c, d))
		return;
	if (!d->is_forced && c->e->is_in_use &&
	    c->e->is_in_use(c->e->context, d->target, d->is_read_only, who, sizeof(who)))
		error_at(
			c->m, where(c), d->line,
			"disk \"%s\": %s; end that use, or say w! for its access if you know that it is safe",
			d->target, who);
}

static void disks_check(struct checking *c)
{
	const struct guest_config *g = c->g;

	for (size_t i = 0; i < g->nr_disks; i++) {
		disk_check(c, &g->disks[i]);
		for (size_t j = 0; j < i; j++)
			if (g->disks[i].target[0] && !g->disks[i].is_read_only &&
			    !g->disks[i].is_forced &&
			    strcmp(g->disks[i].target, g->disks[j].target) == 0)
				error_at(
					c->m, where(c), g->disks[i].line,
					"disk \"%s\": it is %s's image already; two drives that write to one image destroy it: give each its own",
					g->disks[i].target, g->disks[j].vdev);
	}
}

/* ---- network, screen, serial lines ---- */

static void nics_check(struct checking *c)
{
	for (size_t i = 0; i < c->g->nr_nics; i++) {
		const struct config_nic *n = &c->g->nics[i];

		if (n->has_bridge && !n->script[0] && c->e->is_bridge &&
		    !c->e->is_bridge(c->e->context, n->bridge))
			error_at(
				c->m, where(c), n->line,
				"vif %zu: there is no bridge \"%s\"; make it (ip link add %s type bridge), or leave bridge= out for a network of its own",
				i, n->bridge, n->bridge);
	}
}

static bool port_check(struct checking *c, unsigned line, const char *what, const char *address,
                       unsigned port, const char *remedy)
{
	if (!c->e->is_port_free || c->e->is_port_free(c->e->context, address, port))
		return true;
	return error_at(c->m, where(c), line, "%s: port %u of %s is taken; %s", what, port,
	                address[0] ? address : "all addresses", remedy);
}

static void screen_check(struct checking *c)
{
	const struct guest_config *g = c->g;

	if (g->type == GUEST_HVM && g->has_screen && g->vnc && !g->vnc_unused)
		port_check(c, line_of(c, "vncdisplay"), "vncdisplay", g->vnc_listen,
		           SCREEN_PORT + g->vnc_display,
		           "choose another vncdisplay=, or vncunused=1 for the first free one");
}

/* The folder in which a line's file or socket shall be. */
static void folder_check(struct checking *c, const struct config_serial *s, const char *path)
{
	char folder[CONFIG_TEXT];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	folder[strcspn(folder, ",")] = 0;
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = 0;
	file_check(c, s->line, "serial: the folder", folder);
}

static void tcp_check(struct checking *c, const struct config_serial *s)
{
	char address[CONFIG_TEXT], *colon;

	if (!strstr(s->text, "server"))
		return; /* it calls somebody */
	snprintf(address, sizeof(address), "%s", s->text + 4);
	address[strcspn(address, ",")] = 0;
	colon = strrchr(address, ':');
	if (!colon)
		return;
	*colon = 0;
	port_check(c, s->line, "serial", address, (unsigned)strtoul(colon + 1, NULL, 10),
	           "choose another one");
}

static void serials_check(struct checking *c)
{
	for (size_t i = 0; i < c->g->nr_serials; i++) {
		const struct config_serial *s = &c->g->serials[i];

		if (s->text[0] == '/')
			file_check(c, s->line, "serial: the device", s->text);
		else if (strncmp(s->text, "file:", 5) == 0 || strncmp(s->text, "unix:", 5) == 0)
			folder_check(c, s, s->text + 5);
		else if (strncmp(s->text, "tcp:", 4) == 0)
			tcp_check(c, s);
	}
}

bool guest_config_check(const struct guest_config *g, const struct config_environment *e,
                        struct messages *m)
{
	struct checking c = { g, e, m };
	size_t before = m->nr_errors;

	if (!identity_check(&c))
		return false;
	memory_check(&c);
	cpus_check(&c);
	kernel_check(&c);
	(void)program_check(&c, "ramdisk", g->ramdisk);
	(void)program_check(&c, "device_model_override", g->device_model);
	(void)program_check(&c, "firmware_override", g->firmware);
	disks_check(&c);
	nics_check(&c);
	screen_check(&c);
	serials_check(&c);
	return m->nr_errors == before;
}
