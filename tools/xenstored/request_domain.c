/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on domains: INTRODUCE, RELEASE, RESUME, SET_TARGET, GET_DOMAIN_PATH, IS_DOMAIN_INTRODUCED. */
#include <errno.h>
#include <stdlib.h>

#include "connection.h"
#include "request.h"
#include "server.h"

/* A domain that is one, and not domain 0. */
static int other_domain(const struct request *r, uint32_t n, uint32_t *domid)
{
	uint64_t v;

	if (request_number(r, n, DOMAIN_FIRST_RESERVED - 1, &v) || !v)
		return -EINVAL;
	*domid = (uint32_t)v;
	return 0;
}

int request_introduce(struct request *r)
{
	const char *text = request_string(r, 1);
	uint64_t gfn, port;
	uint32_t domid;
	char *end;
	int error;

	if (!text || other_domain(r, 0, &domid) || request_number(r, 2, UINT32_MAX, &port))
		return -EINVAL;
	/* It is a signed number, says the protocol; none of today's is negative, and ~0 stands for none. */
	gfn = strtoull(text, &end, 10);
	if (!*text || *end)
		return -EINVAL;
	error = domain_introduce(r->view.server, domid, gfn, (uint32_t)port);
	return error ? error : request_ok(r);
}

int request_release(struct request *r)
{
	uint32_t domid;
	int error = other_domain(r, 0, &domid);

	if (!error)
		error = domain_release(r->view.server, domid);
	return error ? error : request_ok(r);
}

int request_resume(struct request *r)
{
	uint32_t domid;
	int error = other_domain(r, 0, &domid);

	if (!error)
		error = domain_resume(r->view.server, domid);
	return error ? error : request_ok(r);
}

int request_set_target(struct request *r)
{
	uint32_t domid, target;
	int error = other_domain(r, 0, &domid);

	if (!error)
		error = other_domain(r, 1, &target);
	if (!error)
		error = domain_set_target(r->view.server, domid, target);
	return error ? error : request_ok(r);
}

int request_domain_path(struct request *r)
{
	uint64_t domid;

	if (request_number(r, 0, 0xffff, &domid))
		return -EINVAL;
	buffer_append_format(&r->reply, PATH_HOME, (unsigned int)domid);
	buffer_append(&r->reply, "", 1);
	return 0;
}

int request_is_introduced(struct request *r)
{
	const struct domain *d;
	uint64_t domid;

	if (request_number(r, 0, 0xffff, &domid))
		return -EINVAL;
	d = domain_find(r->view.server, (uint32_t)domid);
	buffer_append_string(&r->reply, !domid || (d && d->introduced) ? "T" : "F");
	return 0;
}
