/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system that this runs on, as guest_config_check() asks for it. */
#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "kernel_file.h"

static enum file_kind kind_of(mode_t mode)
{
	return S_ISREG(mode)   ? FILE_REGULAR
	       : S_ISBLK(mode) ? FILE_BLOCK
	       : S_ISCHR(mode) ? FILE_CHAR
	       : S_ISDIR(mode) ? FILE_FOLDER
	                       : FILE_OTHER;
}

/* Of a block device, the device says it. 0: not known. */
static uint64_t size_of(int fd, const struct stat *s)
{
	uint64_t size = 0;

	if (!S_ISBLK(s->st_mode))
		return (uint64_t)s->st_size;
	return ioctl(fd, BLKGETSIZE64, &size) == 0 ? size : 0;
}

static int host_file(void *context, const char *path, struct file_facts *f)
{
	struct stat s;
	int fd;

	if (stat(path, &s) != 0)
		return errno;
	f->kind = kind_of(s.st_mode);
	f->size = (uint64_t)s.st_size;
	f->is_writable = access(path, W_OK) == 0;
	if (f->kind != FILE_BLOCK)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno;
	f->size = size_of(fd, &s);
	close(fd);
	return 0;
}

static long host_read(void *context, uint64_t offset, void *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got =
			pread(*(int *)context, (char *)to + done, n - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (long)done;
}

static bool host_image(void *context, const char *path, struct image_facts *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct image_source source = { .read = host_read, .context = &fd };
	struct stat s;
	bool done;

	if (fd < 0)
		return false;
	done = fstat(fd, &s) == 0;
	if (done) {
		source.size = size_of(fd, &s);
		done = image_probe(&source, f);
	}
	close(fd);
	return done;
}

/* The whole file; NULL: errno says why. */
static uint8_t *file_whole(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = NULL;
	struct stat s;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &s) == 0) {
		*size = (size_t)s.st_size;
		bytes = malloc(*size ? *size : 1);
	}
	if (bytes && host_read(&fd, 0, bytes, *size) != (long)*size) {
		free(bytes);
		bytes = NULL;
	}
	close(fd);
	return bytes;
}

static bool host_is_kernel(void *context, const char *path, char *why, size_t size)
{
	struct kernel_file_fault fault;
	struct kernel_file kernel;
	size_t bytes = 0;
	uint8_t *file = file_whole(path, &bytes);
	bool done;

	if (!file) {
		snprintf(why, size,
		         "it cannot be read: %s. Correct its rights, or name another file",
		         strerror(errno));
		return false;
	}
	done = kernel_file_open(&kernel, file, bytes, &fault);
	if (done)
		kernel_file_close(&kernel);
	else
		snprintf(why, size, "%s", fault.text);
	free(file);
	return done;
}

/* Backends lock a file as a whole; the kernel knows what is mounted or part of another device. */
static bool host_is_in_use(void *context, const char *path, bool is_read_only, char *who,
                           size_t size)
{
	struct flock all = { .l_type = is_read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };
	struct stat s;
	bool is_used = false;
	int fd;

	if (stat(path, &s) != 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
	                        (S_ISBLK(s.st_mode) && !is_read_only ? O_EXCL : 0));
	if (fd < 0) {
		snprintf(who, size, "it is mounted, or part of another device");
		return errno == EBUSY;
	}
	if (fcntl(fd, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK) {
		is_used = true;
		snprintf(who, size, "another guest or program has locked it");
	}
	close(fd);
	return is_used;
}

static bool host_is_bridge(void *context, const char *name)
{
	char path[128];

	if (strchr(name, '/'))
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", name);
	return access(path, F_OK) == 0;
}

/* By taking it for a moment. */
static bool host_is_port_free(void *context, const char *address, unsigned port)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		                  .ai_socktype = SOCK_STREAM },
			*list = NULL;
	char number[16];
	bool is_free = true;

	snprintf(number, sizeof(number), "%u", port);
	if (getaddrinfo(address[0] ? address : NULL, number, &hints, &list) != 0)
		return true; /* no fault of the port's */
	for (struct addrinfo *a = list; a && is_free; a = a->ai_next) {
		int one = 1, fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		is_free = bind(fd, a->ai_addr, a->ai_addrlen) == 0 || errno != EADDRINUSE;
		close(fd);
	}
	freeaddrinfo(list);
	return is_free;
}

void environment_host(struct config_environment *e)
{
	*e = (struct config_environment){
		.file = host_file,
		.image = host_image,
		.is_in_use = host_is_in_use,
		.is_kernel = host_is_kernel,
		.is_bridge = host_is_bridge,
		.is_port_free = host_is_port_free,
	};
}
