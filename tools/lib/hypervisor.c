/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls of the control domain's programs. */
#include "hypervisor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xenforeignmemory.h>
#include <xentoollog.h>

#include <xen/hvm/hvm_op.h>

struct hypervisor {
	xencall_handle *call;
	xenforeignmemory_handle *memory;
	void *bounce; /* a page: the struct of a call */
};
#define BOUNCE_SIZE 4096

/* What fails is said by who asked for it, in one line: not by the libraries, too. */
static void say_nothing(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
                        const char *context, const char *format, va_list list)
{
}

static void show_nothing(struct xentoollog_logger *logger, const char *context,
                         const char *doing_what, int percent, unsigned long done,
                         unsigned long total)
{
}

static void nothing(struct xentoollog_logger *logger)
{
}

static xentoollog_logger silence = { say_nothing, show_nothing, nothing };

struct hypervisor *hypervisor_open(void)
{
	struct hypervisor *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->call = xencall_open(&silence, 0);
	h->memory = h->call ? xenforeignmemory_open(&silence, 0) : NULL;
	h->bounce = h->memory ? xencall_alloc_buffer(h->call, BOUNCE_SIZE) : NULL;
	if (!h->bounce) {
		int error = errno;

		hypervisor_close(h);
		errno = error;
		return NULL;
	}
	return h;
}

void hypervisor_close(struct hypervisor *h)
{
	if (!h)
		return;
	if (h->bounce)
		xencall_free_buffer(h->call, h->bounce);
	xenforeignmemory_close(h->memory);
	xencall_close(h->call);
	free(h);
}

const char *hypervisor_missing(int error)
{
	switch (error) {
	case EACCES:
	case EPERM: return "the hypervisor answers root only: run this as root";
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return "this system does not run as the control domain of a hypervisor: start it by the hypervisor's entry in the boot menu, and load the module xen-privcmd";
	default: return strerror(error);
	}
}

void *hypervisor_buffer(struct hypervisor *h, size_t size)
{
	void *p = xencall_alloc_buffer(h->call, size);

	if (p)
		memset(p, 0, size);
	return p;
}

void hypervisor_buffer_free(struct hypervisor *h, void *buffer, size_t size)
{
	if (buffer)
		xencall_free_buffer(h->call, buffer);
}

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

int hypervisor_domctl(struct hypervisor *h, struct xen_domctl *op)
{
	long rc;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	memcpy(h->bounce, op, sizeof(*op));
	rc = result(xencall1(h->call, __HYPERVISOR_domctl, (uint64_t)h->bounce));
	memcpy(op, h->bounce, sizeof(*op));
	return (int)rc;
}

int hypervisor_sysctl(struct hypervisor *h, struct xen_sysctl *op)
{
	long rc;

	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	memcpy(h->bounce, op, sizeof(*op));
	rc = result(xencall1(h->call, __HYPERVISOR_sysctl, (uint64_t)h->bounce));
	memcpy(op, h->bounce, sizeof(*op));
	return (int)rc;
}

static long call2(struct hypervisor *h, unsigned number, unsigned long command, void *arg,
                  size_t size)
{
	long rc;

	if (size > BOUNCE_SIZE)
		return -E2BIG;
	if (!size) /* a call that has no argument */
		return result(xencall2L(h->call, number, command, 0));
	memcpy(h->bounce, arg, size);
	rc = result(xencall2L(h->call, number, command, (uint64_t)h->bounce));
	memcpy(arg, h->bounce, size);
	return rc;
}

long hypervisor_memory_op(struct hypervisor *h, unsigned command, void *arg, size_t size)
{
	return call2(h, __HYPERVISOR_memory_op, command, arg, size);
}

long hypervisor_hvm_op(struct hypervisor *h, unsigned command, void *arg, size_t size)
{
	return call2(h, __HYPERVISOR_hvm_op, command, arg, size);
}

long hypervisor_event_channel_op(struct hypervisor *h, int command, void *arg, size_t size)
{
	return call2(h, __HYPERVISOR_event_channel_op, (unsigned long)command, arg, size);
}

long hypervisor_version(struct hypervisor *h, int command, void *arg, size_t size)
{
	return call2(h, __HYPERVISOR_xen_version, (unsigned long)command, arg, size);
}

void *hypervisor_map(struct hypervisor *h, uint32_t domid, const uint64_t *gfns, size_t nr)
{
	return xenforeignmemory_map(h->memory, domid, PROT_READ | PROT_WRITE, nr,
	                            (const xen_pfn_t *)gfns, NULL);
}

void *hypervisor_resource_map(struct hypervisor *h, uint32_t domid, unsigned type, unsigned id,
                              size_t nr, struct hypervisor_resource **resource)
{
	void *at = NULL;

	*resource = (struct hypervisor_resource *)xenforeignmemory_map_resource(
		h->memory, (domid_t)domid, type, id, 0, nr, &at, PROT_READ | PROT_WRITE, 0);
	return *resource ? at : NULL;
}

void hypervisor_resource_unmap(struct hypervisor *h, struct hypervisor_resource *resource)
{
	if (resource)
		xenforeignmemory_unmap_resource(h->memory,
		                                (xenforeignmemory_resource_handle *)resource);
}

void hypervisor_unmap(struct hypervisor *h, void *at, size_t nr)
{
	if (at)
		xenforeignmemory_unmap(h->memory, at, nr);
}
