/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that the kernel holds a moment longer than the backend lived: here somebody else's lock, which goes away while the keeper waits. */
#include "kept_guest.h"
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct guest_config config;
static char image[] = "/tmp/zazen-disks-XXXXXX";
static atomic_bool is_free;

static int locked(void)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(image, O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_OFD_SETLK, &all), 0);
	return fd;
}

static void *let_go(void *fd)
{
	usleep(200000);
	atomic_store(&is_free, true);
	close(*(int *)fd);
	return NULL;
}

static void waits_for_locks(void)
{
	int made = mkstemp(image), fd;
	pthread_t thread;

	CHECK(made >= 0);
	close(made);
	memset(&config, 0, sizeof(config));
	config.nr_disks = 2; /* the first: a drive without a medium */
	snprintf(config.disks[1].target, sizeof(config.disks[1].target), "%s", image);
	disks_wait_free(&config); /* nobody has it */
	fd = locked();
	CHECK_EQ(pthread_create(&thread, NULL, let_go, &fd), 0);
	disks_wait_free(&config);
	CHECK(atomic_load(&is_free));
	CHECK_EQ(pthread_join(thread, NULL), 0);
	/* one that is shared by force is nobody's to wait for */
	fd = locked();
	config.disks[1].is_forced = true;
	disks_wait_free(&config);
	close(fd);
	unlink(image);
}

UNIT_MAIN(UNIT(waits_for_locks))
