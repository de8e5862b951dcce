// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Grants and ports of a test. "attach" has pv=FD: a descriptor that the process was started with: an end of a pair of sockets, whose first message has the descriptor of a struct pv_memory. Ports of ours have
 * numbers of their own, so that nobody can mistake one for the other.
 */
#include "pv_place.h"

#include "pv_place_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xen/xen.h>

#include <xen/grant_table.h>

#define OUR_PORTS 1000u

static struct pv_memory *guest;
static int memory = -1;
static uint8_t is_bound[OUR_PORTS], is_masked[OUR_PORTS];

bool pv_place_open(struct pv_place *p, struct failure *f)
{
	p->fd = p->grant_fd = -1;
	return true;
}

bool pv_place_attach(struct pv_place *p, const struct control_line *line, struct failure *f)
{
	struct control_line first;

	p->domid = (unsigned)control_number(line, "domid", 0x7fef, 0);
	p->fd = (int)control_number(line, "pv", 1000, 0);
	if (!p->fd || control_receive(p->fd, &first, &memory) <= 0)
		return fail(f, "attach: no memory of grants came");
	(void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
	guest = mmap(NULL, sizeof(*guest), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	return guest != MAP_FAILED || fail(f, "attach: %s", strerror(errno));
}

static bool is_granted(uint32_t grant, bool is_writable)
{
	return grant < PV_GRANTS &&
	       guest->grants[grant] >= (is_writable ? PV_GRANTED_WRITE : PV_GRANTED_READ);
}

void *pv_place_map(struct pv_place *p, const uint32_t *grants, unsigned nr, bool is_writable)
{
	int protection = is_writable ? PROT_READ | PROT_WRITE : PROT_READ;
	uint8_t *at;

	for (unsigned i = 0; i < nr; i++)
		if (!is_granted(grants[i], is_writable)) {
			errno = EINVAL;
			return NULL;
		}
	at = mmap(NULL, (size_t)nr * PV_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	for (unsigned i = 0; i < nr; i++)
		if (mmap(at + i * PV_PAGE, PV_PAGE, protection, MAP_SHARED | MAP_FIXED, memory,
		         (off_t)grants[i] * PV_PAGE) == MAP_FAILED)
			abort();
	return at;
}

void pv_place_unmap(struct pv_place *p, void *at, unsigned nr)
{
	(void)munmap(at, (size_t)nr * PV_PAGE);
}

int pv_place_copy(struct pv_place *p, struct pv_copy *copies, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		struct pv_copy *c = &copies[i];

		if (!is_granted(c->grant, c->to_guest)) {
			c->status = GNTST_bad_gntref;
		} else if (c->offset + c->length > PV_PAGE) {
			c->status = GNTST_bad_copy_arg;
		} else {
			uint8_t *guests = guest->pages[c->grant] + c->offset;

			memcpy(c->to_guest ? guests : c->local, c->to_guest ? c->local : guests,
			       c->length);
			c->status = GNTST_okay;
		}
	}
	return 0;
}

/* ---- ports: ours is OUR_PORTS + the guest's ---- */

static uint32_t remote_of(uint32_t port)
{
	if (port < OUR_PORTS || port >= 2 * OUR_PORTS || !is_bound[port - OUR_PORTS])
		abort(); /* no port of ours: the device under test is wrong */
	return port - OUR_PORTS;
}

int pv_place_bind(struct pv_place *p, uint32_t remote)
{
	if (!remote || remote >= OUR_PORTS || is_bound[remote])
		return -EINVAL;
	is_bound[remote] = 1;
	is_masked[remote] = 0;
	return (int)(OUR_PORTS + remote);
}

void pv_place_unbind(struct pv_place *p, uint32_t port)
{
	is_bound[remote_of(port)] = 0;
}

void pv_place_tell(struct pv_place *p, uint32_t port)
{
	const struct pv_told told = { remote_of(port) };

	(void)send(p->fd, &told, sizeof(told), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int pv_place_heard(struct pv_place *p)
{
	struct pv_told told;

	while (recv(p->fd, &told, sizeof(told), 0) == (ssize_t)sizeof(told)) {
		if (told.port >= OUR_PORTS || !is_bound[told.port])
			continue;
		if (is_masked[told.port])
			abort(); /* nobody has unmasked it: under the hypervisor it would be silent for ever */
		is_masked[told.port] = 1;
		return (int)(OUR_PORTS + told.port);
	}
	return -1;
}

void pv_place_unmask(struct pv_place *p, uint32_t port)
{
	is_masked[remote_of(port)] = 0;
}

int pv_place_allow(const struct pv_place *p, scmp_filter_ctx filter)
{
	return 0;
}
