/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in headers: qcow2 (docs "interop/qcow2": header, extensions), qcow and QED (the same idea), VMDK ("Virtual Disk Format 5.0": the descriptor, alone or embedded). VHD and VHDX images with parents are not
 * served by qemu-nbd. Headers are the operator's files, and may be anything all the same.
 */
#include "image_files.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD   4096
#define TEXT   20480 /* of a descriptor */
#define SECTOR 512

struct image {
	struct image_files *files;
	size_t row;
	int fd;
	uint8_t head[HEAD];
	size_t nr; /* bytes of it */
	struct failure *f;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint64_t le64(const uint8_t *p)
{
	return (uint64_t)le32(p + 4) << 32 | le32(p);
}

/* ---- the list ---- */

/* A name as it stands in the image: relative ones begin where the image is. */
static bool path_make(char *to, const char *image, const char *name)
{
	const char *slash = strrchr(image, '/');
	int folder = name[0] == '/' || !slash ? 0 : (int)(slash - image) + 1;

	return snprintf(to, PATH_MAX, "%.*s%s", folder, image, name) < PATH_MAX;
}

/* "nbd://..." and the like; a file's name may have a colon behind a slash. */
static bool is_file(const char *name)
{
	size_t n = strcspn(name, ":/");

	return name[n] != ':';
}

/* is_plain: its bytes are the disk's, which a guest wrote; a header in them names nothing. */
static bool add(struct image *i, const char *name, bool is_written, bool is_plain)
{
	struct image_files *files = i->files;
	const char *image = files->rows[i->row].path;
	char path[PATH_MAX];

	if (!strncmp(name, "file:", 5))
		name += 5;
	if (!*name)
		return true;
	if (!is_file(name))
		return fail(
			i->f,
			"disk %s: it rests upon \"%.200s\", which is no file: copy it into one image (qemu-img convert)",
			image, name);
	if (!path_make(path, image, name))
		return fail(i->f, "disk %s: the name of the file that it rests upon is too long",
		            image);
	for (size_t k = 0; k < files->nr; k++)
		if (!strcmp(files->rows[k].path, path))
			return true;
	if (files->nr == IMAGE_FILES)
		return fail(
			i->f,
			"disk %s: it consists of more than %d files: put them together (qemu-img convert)",
			files->rows[0].path, IMAGE_FILES);
	files->rows[files->nr].is_written = is_written;
	files->rows[files->nr].is_plain = is_plain;
	memcpy(files->rows[files->nr++].path, path, sizeof(path));
	return true;
}

/* A name of n bytes at this place of the file. */
static bool add_at(struct image *i, uint64_t at, uint32_t n, bool is_written, bool is_plain)
{
	char name[1024];
	ssize_t got;

	if (!at || !n || n >= sizeof(name) || at > INT64_MAX)
		return true;
	got = pread(i->fd, name, n, (off_t)at);
	if (got != (ssize_t)n)
		return true;
	name[n] = 0;
	return add(i, name, is_written, is_plain);
}

/* ---- formats ---- */

#define QCOW2_ELSEWHERE 4u /* incompatible feature: the data are in a file of their own */
#define QCOW2_DATA_FILE 0x44415441u
#define QCOW2_BACKING   0xe2792acau /* what format is behind the image */
#define QED_BACKING     1u
#define QED_IS_RAW      4u /* what is behind it */

/* Where a header extension's n bytes begin; 0: there is none of this type. */
static size_t extension(const struct image *i, uint32_t type, uint32_t *n)
{
	size_t at = be32(i->head + 4) < 3 ? 72 : be32(i->head + 100);

	while (at >= 72 && at + 8 <= i->nr && be32(i->head + at)) {
		*n = be32(i->head + at + 4);
		if (*n > HEAD)
			break;
		if (be32(i->head + at) == type)
			return at + 8;
		at += 8 + (*n + 7) / 8 * 8;
	}
	return 0;
}

static bool is_backing_raw(const struct image *i)
{
	uint32_t n;
	size_t at = extension(i, QCOW2_BACKING, &n);

	return at && n == 3 && at + n <= i->nr && !memcmp(i->head + at, "raw", 3);
}

static bool data_file(struct image *i)
{
	uint32_t n = 0;
	size_t at = extension(i, QCOW2_DATA_FILE, &n);

	return add_at(i, at, n, i->files->rows[i->row].is_written, true);
}

/* Versions 1 to 3 have the name of what is behind the image at the same place. */
static bool qcow(struct image *i)
{
	bool is_raw = be32(i->head + 4) > 1 && is_backing_raw(i);

	if (!add_at(i, be64(i->head + 8), be32(i->head + 16), false, is_raw))
		return false;
	return be32(i->head + 4) < 3 || !(be64(i->head + 72) & QCOW2_ELSEWHERE) || data_file(i);
}

static bool qed(struct image *i)
{
	uint64_t features = le64(i->head + 16);

	return !(features & QED_BACKING) ||
	       add_at(i, le32(i->head + 56), le32(i->head + 60), false, features & QED_IS_RAW);
}

/* Its lines: RW 4192256 SPARSE "name.vmdk", and parentFileNameHint="name". */
static bool descriptor_line(struct image *i, char *line)
{
	bool is_extent = !strncmp(line, "RW ", 3) || !strncmp(line, "RDONLY ", 7) ||
	                 !strncmp(line, "NOACCESS ", 9);
	bool is_parent = !strncmp(line, "parentFileNameHint", 18);
	char *from = strchr(line, '"'), *to = from ? strchr(from + 1, '"') : NULL;

	if ((!is_extent && !is_parent) || !to)
		return true;
	*to = 0;
	return add(i, from + 1, is_extent && i->files->rows[i->row].is_written, is_extent);
}

static bool descriptor(struct image *i, uint64_t at)
{
	char text[TEXT + 1], *line, *rest = text;
	ssize_t n = at > INT64_MAX ? -1 : pread(i->fd, text, TEXT, (off_t)at);

	text[n > 0 ? n : 0] = 0;
	while ((line = strsep(&rest, "\r\n")))
		if (!descriptor_line(i, line))
			return false;
	return true;
}

static bool vmdk_text(struct image *i)
{
	return descriptor(i, 0);
}

static bool vmdk_sparse(struct image *i)
{
	uint64_t sector = le64(i->head + 28);

	return !sector || sector > INT64_MAX / SECTOR || descriptor(i, sector * SECTOR);
}

static const struct {
	size_t n;
	const char *mark;
	bool (*names)(struct image *i);
} formats[] = {
	{ 4, "QFI\xfb", qcow },
	{ 4, "QED", qed },
	{ 4, "KDMV", vmdk_sparse },
	{ 21, "# Disk DescriptorFile", vmdk_text },
};

static bool look(struct image *i)
{
	ssize_t n;

	memset(i->head, 0, sizeof(i->head));
	i->fd = open(i->files->rows[i->row].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (i->fd < 0)
		return true;
	n = pread(i->fd, i->head, sizeof(i->head), 0);
	i->nr = n > 0 ? (size_t)n : 0;
	for (size_t k = 0; k < sizeof(formats) / sizeof(formats[0]); k++) {
		if (memcmp(i->head, formats[k].mark, formats[k].n) != 0)
			continue;
		if (!formats[k].names(i)) {
			close(i->fd);
			return false;
		}
		break;
	}
	close(i->fd);
	return true;
}

bool image_files_find(struct image_files *files, const char *path, bool is_written,
                      struct failure *f)
{
	struct image i = { .files = files, .f = f };

	if (snprintf(files->rows[0].path, PATH_MAX, "%s", path) >= PATH_MAX)
		return fail(f, "disk %.200s: the path is too long", path);
	files->rows[0].is_written = is_written;
	files->rows[0].is_plain = false;
	files->nr = 1;
	for (; i.row < files->nr; i.row++)
		if (!files->rows[i.row].is_plain && !look(&i))
			return false;
	return true;
}
