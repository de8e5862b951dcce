/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hypervisor for tests of the store, and peers on its rings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

/* Local ports: a domain's number and this. */
#define PORT      100
#define EXCEPTION 99

static int domain_info(struct hypervisor *h, uint32_t domid, struct domain_info *info)
{
	struct fake *f = (struct fake *)h;

	if (domid >= FAKE_DOMAINS || !f->domain[domid].there)
		return -ENOENT;
	memset(info, 0, sizeof(*info));
	info->handle[0] = f->domain[domid].generation;
	info->shutdown = f->domain[domid].shutdown;
	info->dying = f->domain[domid].dying;
	return 0;
}

static struct xenstore_domain_interface *map_ring(struct hypervisor *h, uint32_t domid,
                                                  uint64_t gfn, uint32_t *port)
{
	struct fake *f = (struct fake *)h;

	if (domid >= FAKE_DOMAINS || !f->domain[domid].there || f->domain[domid].mapped)
		return NULL;
	f->domain[domid].mapped = true;
	if (!domid)
		*port = 1;
	return &f->domain[domid].ring;
}

static void unmap_ring(struct hypervisor *h, uint32_t domid, struct xenstore_domain_interface *page)
{
	((struct fake *)h)->domain[domid].mapped = false;
}

static int bind_port(struct hypervisor *h, uint32_t domid, uint32_t remote_port)
{
	struct fake *f = (struct fake *)h;

	if (f->deaf || f->domain[domid].bound || !remote_port)
		return -EINVAL;
	f->domain[domid].bound = true;
	return (int)domid + PORT;
}

static void unbind(struct hypervisor *h, int port)
{
	((struct fake *)h)->domain[port - PORT].bound = false;
}

static void notify(struct hypervisor *h, int port)
{
	((struct fake *)h)->domain[port - PORT].told++;
}

static int pending(struct hypervisor *h)
{
	struct fake *f = (struct fake *)h;
	uint64_t count;

	if (f->exception) {
		f->exception = false;
		return EXCEPTION;
	}
	for (int i = 0; i < FAKE_DOMAINS; i++) {
		if (__atomic_exchange_n(&f->domain[i].kicked, false, __ATOMIC_SEQ_CST))
			return i + PORT;
	}
	if (read(f->interface.fd, &count, sizeof(count)) < 0)
		return -EAGAIN;
	/* What came between the look and the read. */
	for (int i = 0; i < FAKE_DOMAINS; i++) {
		if (__atomic_exchange_n(&f->domain[i].kicked, false, __ATOMIC_SEQ_CST))
			return i + PORT;
	}
	return -EAGAIN;
}

void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->interface = (struct hypervisor){ domain_info, map_ring, unmap_ring, bind_port, unbind,
		                            notify,      pending,  -1,         EXCEPTION };
	f->interface.fd = eventfd(0, EFD_NONBLOCK);
	f->domain = mmap(NULL, FAKE_DOMAINS * sizeof(f->domain[0]), PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f->interface.fd < 0 || f->domain == MAP_FAILED)
		exit(2);
	f->domain[0].there = true;
}

void fake_free(struct fake *f)
{
	munmap(f->domain, FAKE_DOMAINS * sizeof(f->domain[0]));
	close(f->interface.fd);
}

void fake_start(struct fake *f, uint32_t domid)
{
	struct fake_domain *d = &f->domain[domid];
	uint8_t generation = d->generation;

	memset(d, 0, sizeof(*d));
	d->generation = generation + 1;
	d->there = true;
}

static void wake(struct fake *f)
{
	uint64_t one = 1;

	if (write(f->interface.fd, &one, sizeof(one)) < 0)
		exit(2);
}

void fake_tell_exception(struct fake *f)
{
	f->exception = true;
	wake(f);
}

void fake_kick(struct fake *f, uint32_t domid)
{
	__atomic_store_n(&f->domain[domid].kicked, true, __ATOMIC_SEQ_CST);
	wake(f);
}

struct server *fake_server(struct fake *f, const char *folder)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		exit(2);
	server_init(s, &f->interface);
	if (server_open(s, folder)) {
		free(s);
		return NULL;
	}
	return s;
}

void fake_server_free(struct server *s)
{
	server_close(s);
	free(s);
}

void fake_server_kill(struct server *s)
{
	/* Nothing is flushed at the end: closing is what the kernel does for a process that is killed. */
	fake_server_free(s);
}

/* ---- peers ---- */
static void step(struct peer *p)
{
	server_step(p->arg, 0);
}

void peer_init(struct peer *p, struct fake *f, uint32_t domid, struct server *s)
{
	memset(p, 0, sizeof(*p));
	p->fake = f;
	p->domid = domid;
	p->next_id = 1000 * (domid + 1);
	p->patience = 100;
	p->wait = step;
	p->arg = s;
}

void peer_free(struct peer *p)
{
	buffer_free(&p->events);
}

void peer_put(struct peer *p, const void *data, uint32_t len)
{
	struct xenstore_domain_interface *r = &p->fake->domain[p->domid].ring;
	const uint8_t *bytes = data;

	for (int i = 0; len && i < p->patience; i++) {
		uint32_t prod = r->req_prod;

		while (len && prod - __atomic_load_n(&r->req_cons, __ATOMIC_ACQUIRE) <
		                      XENSTORE_RING_SIZE) {
			r->req[MASK_XENSTORE_IDX(prod++)] = (char)*bytes++;
			len--;
			i = 0;
		}
		__atomic_store_n(&r->req_prod, prod, __ATOMIC_RELEASE);
		fake_kick(p->fake, p->domid);
		if (len)
			p->wait(p);
	}
}

bool peer_take(struct peer *p, void *data, uint32_t len)
{
	struct xenstore_domain_interface *r = &p->fake->domain[p->domid].ring;
	uint8_t *bytes = data;

	for (int i = 0; len && i < p->patience; i++) {
		uint32_t cons = r->rsp_cons;

		while (len && cons != __atomic_load_n(&r->rsp_prod, __ATOMIC_ACQUIRE)) {
			*bytes++ = (uint8_t)r->rsp[MASK_XENSTORE_IDX(cons++)];
			len--;
			i = 0;
		}
		if (cons != r->rsp_cons) {
			__atomic_store_n(&r->rsp_cons, cons, __ATOMIC_RELEASE);
			fake_kick(p->fake, p->domid);
		}
		if (len)
			p->wait(p);
	}
	return !len;
}

static void to_text(char *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (!data[i])
			data[i] = '|';
	}
	data[len] = 0;
}

/* One message; events go into the list. Returns whether it is a reply. */
static bool take_message(struct peer *p, struct xsd_sockmsg *header, char *data, bool *none)
{
	*none = !peer_take(p, header, sizeof(*header)) || header->len > XENSTORE_PAYLOAD_MAX ||
	        !peer_take(p, data, header->len);
	if (*none)
		return false;
	to_text(data, header->len);
	if (header->type != XS_WATCH_EVENT)
		return true;
	buffer_append(&p->events, data, header->len);
	p->nr_events++;
	return false;
}

const char *peer_ask(struct peer *p, uint32_t type, uint32_t tx, const char *data)
{
	static char text[2][XENSTORE_PAYLOAD_MAX + 2];
	static int turn;
	char *reply = text[turn ^= 1], request[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header = { type, p->next_id++, tx, (uint32_t)strlen(data) };
	uint32_t id = header.req_id;
	bool none;

	for (uint32_t i = 0; i < header.len; i++)
		request[i] = data[i] == '|' ? 0 : data[i];
	peer_put(p, &header, sizeof(header));
	peer_put(p, request, header.len);
	reply[0] = '!';
	while (!take_message(p, &header, reply + 1, &none)) {
		if (none)
			return "";
	}
	if (header.req_id != id || header.tx_id != tx)
		return "not the reply to this request";
	if (header.type == XS_ERROR) {
		reply[strlen(reply) - 1] = 0;
		return reply;
	}
	return header.type == type ? reply + 1 : "a reply of another type";
}

const char *peer_events(struct peer *p)
{
	static char text[65536];
	struct xenstore_domain_interface *r = &p->fake->domain[p->domid].ring;
	char data[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header;
	bool none;

	for (int i = 0; i < 4; i++)
		p->wait(p);
	while (r->rsp_cons != __atomic_load_n(&r->rsp_prod, __ATOMIC_ACQUIRE)) {
		take_message(p, &header, data, &none);
		if (none)
			break;
		p->wait(p);
	}
	snprintf(text, sizeof(text), "%.*s", (int)p->events.len, (char *)p->events.data);
	p->events.len = 0;
	p->nr_events = 0;
	return p->events.data ? text : "";
}

uint32_t peer_begin(struct peer *p)
{
	return (uint32_t)strtoul(peer_ask(p, XS_TRANSACTION_START, 0, "|"), NULL, 10);
}

const char *fake_folder(void)
{
	static char name[64];

	snprintf(name, sizeof(name), "/tmp/zazen-store.XXXXXX");
	if (!mkdtemp(name))
		exit(2);
	return name;
}

void fake_folder_remove(const char *folder)
{
	static const char *const files[] = { "journal", "journal.new", "socket", "pid", "trace" };
	char name[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", folder, files[i]);
		unlink(name);
	}
	rmdir(folder);
}
