/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a disk: that it is what it is said to be, and that nobody else has it. */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the first bytes of images are. */
static const struct {
	size_t length;
	const char *bytes, *name;
} magics[] = {
	{ 4, "QFI\xfb", "qcow2" },
	{ 4, "KDMV", "vmdk" },
	{ 21, "# Disk DescriptorFile", "vmdk" },
	{ 8, "conectix", "vhd" },
	{ 8, "vhdxfile", "vhdx" },
	{ 4, "QED\0", "qed" },
};

static const char *format_seen(int fd)
{
	char bytes[32] = { 0 };

	if (pread(fd, bytes, sizeof(bytes), 0) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (!memcmp(bytes, magics[i].bytes, magics[i].length))
			return magics[i].name;
	return NULL;
}

/* A loop device here that has this file, in device (of 16 bytes); false: none. */
static bool loop_device_of(const char *path, char device[16])
{
	DIR *dir = opendir("/sys/block");
	char real[PATH_MAX], name[PATH_MAX], backing[PATH_MAX];
	struct dirent *e;
	bool found = false;

	if (!dir || !realpath(path, real)) {
		if (dir)
			closedir(dir);
		return false;
	}
	while (!found && (e = readdir(dir))) {
		FILE *file;

		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		snprintf(name, sizeof(name), "/sys/block/%s/loop/backing_file", e->d_name);
		file = fopen(name, "re");
		if (!file)
			continue;
		if (fgets(backing, sizeof(backing), file)) {
			backing[strcspn(backing, "\n")] = 0;
			found = !strcmp(backing, real);
			snprintf(device, 16, "%.15s", e->d_name);
		}
		fclose(file);
	}
	closedir(dir);
	return found;
}

/*
 * Writers have a disk alone, readers share. The lock is that of the open file: requests that a killed process left in the kernel hold it until they are done, so a
 * successor cannot be overtaken by them.
 */
static bool lock(const struct disk *d, const struct disk_wish *w, struct failure *f)
{
	struct flock all = { .l_type = w->is_read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	if (w->is_forced)
		return true;
	for (unsigned waited = 0; fcntl(d->fd, F_OFD_SETLK, &all) != 0; waited += 10) {
		if (errno != EAGAIN && errno != EACCES)
			return true; /* a file system that has no locks */
		if (waited >= w->patience_ms)
			return fail(
				f,
				"disk %s is in use by another guest or program (a running QEMU, "
				"qemu-nbd?): end that, or say w! when both may write to it",
				d->name);
		usleep(10000);
	}
	return true;
}

static bool open_failed(const struct disk *d, const struct disk_wish *w, struct failure *f)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return fail(
			f,
			"disk %s: no such file: correct its path in the description, or make it "
			"(truncate -s 20G FILE)",
			d->name);
	case EBUSY:
		return fail(
			f,
			"disk %s is mounted, or a part of another device, in this system: unmount "
			"it, or say w! when both may write to it",
			d->name);
	case ETXTBSY:
		return fail(f, "disk %s is in use here as swap space or as a program: end that",
		            d->name);
	case EROFS:
	case EACCES:
	case EPERM:
		return fail(f, "disk %s cannot be %s: %s. %s", d->name,
		            w->is_read_only ? "read" : "written", strerror(errno),
		            w->is_read_only ? "Change its rights"
		                            : "Say r as its access, or change its rights");
	case ENXIO:
	case ENOMEDIUM:
		return fail(f, "disk %s: there is no medium in this device: put one in", d->name);
	default: return fail(f, "disk %s: %s", d->name, strerror(errno));
	}
}

/* The kernel refuses O_EXCL for a device that is mounted, or part of another one. */
static int flags_of(const struct disk_wish *w, bool is_block)
{
	int flags = O_CLOEXEC | O_NOCTTY | (w->is_read_only ? O_RDONLY : O_RDWR);

	return is_block && !w->is_read_only && !w->is_forced ? flags | O_EXCL : flags;
}

/* For a device that a process has left a moment ago the kernel may still say busy. */
static int open_patiently(const struct disk_wish *w, bool is_block)
{
	int fd;

	for (unsigned waited = 0;; waited += 10) {
		fd = open(w->path, flags_of(w, is_block));
		if (fd >= 0 || errno != EBUSY || waited >= w->patience_ms)
			return fd;
		usleep(10000);
	}
}

static bool size_find(struct disk *d, const struct disk_wish *w, struct failure *f)
{
	off_t end = lseek(d->fd, 0, SEEK_END);

	if (end < 0)
		return fail(f, "disk %s: its size cannot be found: %s", d->name, strerror(errno));
	d->size = (uint64_t)end / DISK_SECTOR * DISK_SECTOR;
	return d->size ||
	       fail(f,
	            "disk %s is empty: make it as large as it shall be (truncate -s 20G FILE), or "
	            "write no path for a drive without a medium",
	            d->name);
}

static bool format_check(const struct disk *d, const struct disk_wish *w, struct failure *f)
{
	const char *seen = *w->format ? NULL : format_seen(d->fd);

	return !seen ||
	       fail(f,
	            "disk %s is a %s image, but the description does not say so: write format=%s, or format=raw if the "
	            "guest shall see the image as it is",
	            d->name, seen, seen);
}

static bool raw_open(struct disk *d, const struct disk_wish *w, const struct stat *s,
                     struct failure *f)
{
	char device[16];

	if (S_ISREG(s->st_mode) && !w->is_read_only && !w->is_forced &&
	    loop_device_of(w->path, device))
		return fail(
			f,
			"disk %s is in use by /dev/%s: free that (losetup -d /dev/%s), or say w! when "
			"both may write to it",
			d->name, device, device);
	d->fd = open_patiently(w, S_ISBLK(s->st_mode));
	if (d->fd < 0)
		return open_failed(d, w, f);
	if (!size_find(d, w, f) || !format_check(d, w, f) || !lock(d, w, f))
		return false;
	return disk_ring_take(d) || fail(f, "disk %s: there are too many disks", d->name);
}

static bool is_raw(const struct disk_wish *w)
{
	return !*w->format || !strcmp(w->format, "raw");
}

static bool open_it(struct disk *d, const struct disk_wish *w, struct event_loop *l,
                    struct failure *f)
{
	struct stat s;

	if (!strcmp(w->format, "nbd"))
		return disk_nbd_open(d, w, l, f);
	if (stat(w->path, &s) != 0)
		return open_failed(d, w, f);
	if (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode))
		return fail(f, "disk %s is neither a file nor a block device: correct its path",
		            d->name);
	return is_raw(w) ? raw_open(d, w, &s, f) : disk_nbd_open(d, w, l, f);
}

static struct disk *disk_new(const char *name, bool is_read_only, struct failure *f)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (!d) {
		fail(f, "disk %s: there is no memory left in the control domain", name);
		return NULL;
	}
	d->users = 1;
	d->fd = -1;
	d->is_read_only = is_read_only;
	d->may_discard = !is_read_only;
	snprintf(d->name, sizeof(d->name), "%s", name);
	return d;
}

void disk_put(struct disk *d)
{
	if (!d || --d->users)
		return;
	if (d->kind)
		d->kind->close(d);
	else if (d->fd >= 0)
		close(d->fd);
	free(d);
}

struct disk *disk_open(const struct disk_wish *w, struct event_loop *l, struct failure *f)
{
	struct disk *d = disk_new(w->path, w->is_read_only, f);

	if (!d)
		return NULL;
	d->may_discard = !w->is_read_only && !w->no_discard;
	if (open_it(d, w, l, f))
		return d;
	disk_put(d);
	return NULL;
}

struct disk *disk_adopt(int fd, const char *name, bool is_read_only, struct failure *f)
{
	const struct disk_wish w = {
		.path = name, .format = "", .is_read_only = is_read_only, .is_cdrom = true
	};
	struct disk *d = disk_new(name, is_read_only, f);

	if (!d) {
		close(fd);
		return NULL;
	}
	d->fd = fd;
	if (size_find(d, &w, f) && format_check(d, &w, f) && lock(d, &w, f) &&
	    (disk_ring_take(d) || fail(f, "disk %s: there are too many disks", name)))
		return d;
	disk_put(d);
	return NULL;
}
