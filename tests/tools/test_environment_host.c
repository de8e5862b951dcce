/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The callbacks for a real system, on files and a port made for it. */
#include "unit.h"

#include "environment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct config_environment e;
static char path[64];
static int fd = -1;

static void file_make(size_t size)
{
	environment_host(&e);
	strcpy(path, "/tmp/zazen-environment-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, (off_t)size), 0);
}

static void file_remove(void)
{
	close(fd);
	remove(path);
}

static void files_are_looked_at(void)
{
	struct file_facts f;

	file_make(12345);
	CHECK_EQ(e.file(NULL, path, &f), 0);
	CHECK_EQ(f.kind, FILE_REGULAR);
	CHECK_EQ(f.size, 12345);
	CHECK(f.is_writable);
	CHECK_EQ(e.file(NULL, "/tmp", &f), 0);
	CHECK_EQ(f.kind, FILE_FOLDER);
	CHECK_EQ(e.file(NULL, "/dev/null", &f), 0);
	CHECK_EQ(f.kind, FILE_CHAR);
	file_remove();
	CHECK_EQ(e.file(NULL, path, &f), ENOENT);
}

static void images_are_read(void)
{
	struct image_facts f;

	file_make(4096);
	CHECK(e.image(NULL, path, &f));
	CHECK_EQ(f.kind, IMAGE_RAW);
	CHECK_EQ(f.file_size, 4096);
	CHECK_EQ(pwrite(fd, "KDMV", 4, 0), 4);
	CHECK(e.image(NULL, path, &f));
	CHECK_EQ(f.kind, IMAGE_VMDK);
	file_remove();
	CHECK(!e.image(NULL, path, &f));
}

/* As backends lock: by open file, so that it counts within one process, too. */
static void locks_are_seen(void)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	char who[128];

	file_make(4096);
	CHECK(!e.is_in_use(NULL, path, false, who, sizeof(who)));
	CHECK_EQ(fcntl(fd, F_OFD_SETLK, &lock), 0);
	CHECK(e.is_in_use(NULL, path, false, who, sizeof(who)));
	CHECK(who[0]);
	CHECK(!e.is_in_use(NULL, path, true, who, sizeof(who))); /* readers share */
	lock.l_type = F_WRLCK;
	CHECK_EQ(fcntl(fd, F_OFD_SETLK, &lock), 0);
	CHECK(e.is_in_use(NULL, path, true, who, sizeof(who)));
	file_remove();
}

static void ports_are_tried(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	environment_host(&e);
	CHECK_EQ(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(listen(s, 1), 0);
	CHECK_EQ(getsockname(s, (struct sockaddr *)&a, &n), 0);
	CHECK(!e.is_port_free(NULL, "127.0.0.1", ntohs(a.sin_port)));
	close(s);
	CHECK(e.is_port_free(NULL, "127.0.0.1", ntohs(a.sin_port)));
}

static void bridges_are_known(void)
{
	environment_host(&e);
	CHECK(!e.is_bridge(NULL, "lo"));
	CHECK(!e.is_bridge(NULL, "zazen-none"));
	CHECK(!e.is_bridge(NULL, "../net/lo"));
}

UNIT_MAIN(UNIT(files_are_looked_at), UNIT(images_are_read), UNIT(locks_are_seen),
          UNIT(ports_are_tried), UNIT(bridges_are_known))
