// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The link's place in a test: the descriptor that comes with "attach" is a pair of sockets' end, whose first message has a memory file's descriptor: the link, and VRAM behind it. A byte on the socket is
 * "look", either way.
 */
#include "link_place.h"

#include "devmodel_link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

bool link_place_open(struct failure *f)
{
	return true;
}

static void *map(int fd, size_t at, size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);

	return p == MAP_FAILED ? NULL : p;
}

bool link_place_attach(struct link_place *p, const struct control_line *line, int descriptor,
                       struct failure *f)
{
	struct control_line first;
	struct stat s;
	int memory = -1;

	p->fd = descriptor;
	p->domid = (unsigned)control_number(line, "domid", 0x7fef, 0);
	if (descriptor < 0 || control_receive(descriptor, &first, &memory) <= 0 ||
	    fstat(memory, &s) != 0)
		return fail(f, "attach: no memory came");
	(void)fcntl(descriptor, F_SETFL, O_NONBLOCK);
	p->link_size = DEVMODEL_LINK_SIZE;
	p->vram_size = (size_t)s.st_size - p->link_size;
	p->link = map(memory, 0, p->link_size);
	p->vram = map(memory, p->link_size, p->vram_size);
	close(memory);
	return (p->link && p->vram) || fail(f, "attach: %s", strerror(errno));
}

bool link_place_heard(struct link_place *p)
{
	char bytes[64];
	ssize_t n;

	do
		n = recv(p->fd, bytes, sizeof(bytes), 0);
	while (n > 0);
	return n < 0;
}

void link_place_tell(struct link_place *p)
{
	(void)send(p->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int link_place_allow(const struct link_place *p, scmp_filter_ctx filter)
{
	return 0;
}
