/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts. */
#include "sandbox_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void resolv_copy(const char *from)
{
	char text[4096];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n = in < 0 ? -1 : read(in, text, sizeof(text));

	if (in >= 0)
		close(in);
	if (n <= 0 || mkdir("etc", 0755) != 0)
		return;
	out = open("etc/resolv.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (out < 0)
		return;
	if (write(out, text, (size_t)n) != n)
		(void)ftruncate(out, 0);
	close(out);
}

/* The folders that lead to path, below the working directory. */
static bool folders_make(char *path)
{
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) != 0 && errno != EEXIST && errno != EROFS)
			return false;
		*slash = '/';
	}
	return true;
}

static bool link_copy(const char *path, const char *place)
{
	char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof(to) - 1);

	if (n < 0)
		return false;
	to[n] = 0;
	return symlink(to, place) == 0 || errno == EEXIST;
}

/* What has come in with a folder before is there already; it is covered. */
static bool place_make(const char *place, bool is_folder)
{
	int fd;

	if (is_folder)
		return mkdir(place, 0755) == 0 || errno == EEXIST;
	fd = open(place, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EROFS || access(place, F_OK) == 0;
	close(fd);
	return true;
}

/* Its mount, which is nowhere yet: once our root covers a folder the names in it lead elsewhere. -1: the file is not there; who wants it will say so. */
static bool tree_take(const struct sandbox_file *file, int *tree)
{
	*tree = -1;
	if (file->path[0] != '/' || strlen(file->path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	*tree = open_tree(AT_FDCWD, file->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return *tree >= 0 || errno == ENOENT;
}

static bool file_bring(const struct sandbox_file *file, int tree)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | (file->is_written ? 0 : MS_RDONLY);
	char place[PATH_MAX];
	struct stat s;

	snprintf(place, sizeof(place), "%s", file->path + 1);
	if (!folders_make(place))
		return false;
	if (file->is_system && lstat(file->path, &s) == 0 && S_ISLNK(s.st_mode))
		return link_copy(file->path, place);
	return fstat(tree, &s) == 0 && place_make(place, S_ISDIR(s.st_mode)) &&
	       move_mount(tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
	       mount(NULL, place, NULL, flags, NULL) == 0;
}

/* The old root is put away where that is possible (an initramfs cannot be). */
static bool root_change(void)
{
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		(void)umount2(".", MNT_DETACH);
	else if (chroot(".") != 0)
		return false;
	return chdir("/") == 0;
}

/* Into the file system that is over this folder. */
static bool root_fill(const struct sandbox_wish *w, const int *trees, const char *place,
                      const char **what)
{
	const char *size =
		w->nr_files ? "size=256k,nr_inodes=1k,mode=0555" : "size=16k,nr_inodes=8,mode=0555";

	if (mount("none", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, size) != 0 ||
	    chdir(place) != 0)
		return false;
	if (w->resolv)
		resolv_copy(w->resolv);
	for (size_t i = 0; i < w->nr_files; i++) {
		if (trees[i] >= 0 && !file_bring(&w->files[i], trees[i])) {
			*what = w->files[i].path;
			return false;
		}
	}
	(void)mount(NULL, place, NULL,
	            MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return true;
}

bool sandbox_root_enter(const struct sandbox_wish *w, const char **what)
{
	int trees[SANDBOX_FILES];

	*what = "a view of files of its own";
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	for (size_t i = 0; i < w->nr_files; i++) {
		*what = w->files[i].path;
		if (!tree_take(&w->files[i], &trees[i]))
			return false;
	}
	*what = "an empty root";
	if (!root_fill(w, trees, "/tmp", what) || !root_change())
		return false;
	for (size_t i = 0; i < w->nr_files; i++)
		if (trees[i] >= 0)
			close(trees[i]);
	return true;
}
