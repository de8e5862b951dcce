/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * It is executed in a root of its own that has the libraries, itself, and the files of the image; with a uid that no other process has, no network, no privilege but that to open those files, whoever owns them, and a
 * list of system calls. It finds its socket as systemd would hand it over.
 */
#include "qemu_nbd.h"

#include "image_files.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-nbd"
#define OPTIONS 2048

struct program {
	struct image_files image;
	struct sandbox_file files[SANDBOX_FILES];
	size_t nr_files;
	int listener, ours;
	int words[2]; /* what went wrong before it was executed */
	char options[OPTIONS];
};

static const struct sandbox_file system_files[] = {
	{ .path = "/lib", .is_system = true },
	{ .path = "/lib64", .is_system = true },
	{ .path = "/usr/lib", .is_system = true },
	{ .path = "/usr/lib64", .is_system = true },
	{ .path = "/etc/ld.so.cache", .is_system = true },
	{ .path = "/dev/null",
	  .is_system = true }, /* on which it tries which kind of locks there is */
	{ .path = PROGRAM, .is_system = true },
};
#define NR_SYSTEM (sizeof(system_files) / sizeof(system_files[0]))
_Static_assert(NR_SYSTEM + IMAGE_FILES <= SANDBOX_FILES, "all of them go in");

/* A path as a value of qemu-nbd's options: commas are doubled. */
static bool path_quote(char *to, size_t size, const char *path)
{
	size_t n = 0;

	for (; *path; path++) {
		if (n + 3 > size)
			return false;
		to[n++] = *path;
		if (*path == ',')
			to[n++] = ',';
	}
	to[n] = 0;
	return true;
}

static bool options_make(struct program *p, const struct disk_wish *w, const char *driver,
                         struct failure *f)
{
	char path[OPTIONS / 2];
	struct stat s;
	bool is_block = stat(w->path, &s) == 0 && S_ISBLK(s.st_mode);

	if (!path_quote(path, sizeof(path), w->path))
		return fail(f, "disk %s: the path is too long", w->path);
	snprintf(p->options, sizeof(p->options),
	         "driver=%s,discard=unmap,file.driver=%s,file.filename=%s%s%s", driver,
	         is_block ? "host_device" : "file", path, w->is_forced ? ",file.locking=off" : "",
	         w->is_forced && w->is_read_only ? ",force-share=on" : "");
	return true;
}

static bool files_find(struct program *p, const struct disk_wish *w, struct failure *f)
{
	if (!image_files_find(&p->image, w->path, !w->is_read_only, f))
		return false;
	memcpy(p->files, system_files, sizeof(system_files));
	p->nr_files = NR_SYSTEM;
	for (size_t i = 0; i < p->image.nr; i++)
		p->files[p->nr_files++] =
			(struct sandbox_file){ .path = p->image.rows[i].path,
			                       .is_written = p->image.rows[i].is_written };
	return true;
}

/* A socket without a name in any file system: nothing stays behind, whoever is killed. */
static bool connection_make(struct program *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(sa_family_t); /* the kernel chooses a name */

	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	p->ours = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->listener < 0 || p->ours < 0 ||
	    bind(p->listener, (struct sockaddr *)&a, length) != 0 || listen(p->listener, 1) != 0)
		return false;
	length = sizeof(a);
	return getsockname(p->listener, (struct sockaddr *)&a, &length) == 0 &&
	       connect(p->ours, (struct sockaddr *)&a, length) == 0 &&
	       pipe2(p->words, O_CLOEXEC) == 0;
}

static _Noreturn void child(struct program *p, bool is_read_only)
{
	char program[] = "qemu-nbd", by_options[] = "--image-opts", cache[] = "--cache=writeback",
	     discard[] = "--discard=unmap", read_only[] = "--read-only";
	char *argv[] = { program, by_options, cache,
		         discard, p->options, is_read_only ? read_only : NULL,
		         NULL };
	const struct sandbox_wish w = { .uid = QEMU_NBD_UID + (uint32_t)getpid(),
		                        .files = p->files,
		                        .nr_files = p->nr_files };
	int words = fcntl(p->words[1], F_DUPFD_CLOEXEC, 8);
	struct failure f = { "" };
	char pid[16];

	(void)setsid();
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	if (words >= 0 && dup2(p->listener, 3) == 3 && sandbox_program(&w, &f)) {
		execv(PROGRAM, argv);
		fail(&f,
		     "images of this format are read by qemu-nbd, which does not start: %s. Install qemu-utils",
		     strerror(errno));
	}
	(void)!write(words, f.text, strlen(f.text));
	_exit(127);
}

/* It was executed, or said why not. */
static bool started(struct program *p, pid_t pid, const struct disk_wish *w, struct failure *f)
{
	char text[sizeof(f->text)];
	size_t n = 0;
	ssize_t got;

	close(p->words[1]);
	p->words[1] = -1;
	while (n < sizeof(text) - 1 &&
	       (got = read(p->words[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = 0;
	if (!n)
		return true;
	waitpid(pid, NULL, 0);
	return fail(f, "disk %s: %s", w->path, text);
}

static void program_free(struct program *p)
{
	const int all[] = { p->listener, p->ours, p->words[0], p->words[1] };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
	free(p);
}

int qemu_nbd_start(const struct disk_wish *w, const char *driver, struct failure *f)
{
	struct program *p = calloc(1, sizeof(*p));
	int ours = -1;
	pid_t pid;

	if (!p) {
		fail(f, "disk %s: there is no memory left in the control domain", w->path);
		return -1;
	}
	p->listener = p->ours = p->words[0] = p->words[1] = -1;
	if (!options_make(p, w, driver, f) || !files_find(p, w, f))
		goto out;
	if (!connection_make(p)) {
		fail(f, "disk %s: no connection for its server: %s", w->path, strerror(errno));
		goto out;
	}
	pid = fork();
	if (pid == 0)
		child(p, w->is_read_only);
	if (pid < 0) {
		fail(f, "disk %s: its server cannot be started: %s", w->path, strerror(errno));
	} else if (started(p, pid, w, f)) {
		ours = p->ours;
		p->ours = -1;
	}
out:
	program_free(p);
	return ours;
}
