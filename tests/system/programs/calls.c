// SPDX-License-Identifier: GPL-2.0-or-later
// calls: hypercalls from a process, through privcmd: what comes back, and what is refused.
#include <stdint.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/version.h>
#include <xencall.h>
#include "program.h"

static void versions(xencall_handle *xen)
{
	struct xen_extraversion {
		xen_extraversion_t text;
	} *extra = xencall_alloc_buffer(xen, sizeof(*extra));
	long version = xencall2(xen, __HYPERVISOR_xen_version, XENVER_version, 0);

	check(version == (4 << 16 | 17), "calls-version", "it is %lx", version);
	need(extra != NULL, "calls-buffer");
	memset(extra, 0xa5, sizeof(*extra));
	check(!xencall2(xen, __HYPERVISOR_xen_version, XENVER_extraversion, (uint64_t)extra),
	      "calls-buffer-out", "extraversion");
	check(memchr(extra->text, 0, sizeof(extra->text)) != NULL, "calls-buffer-text",
	      "it does not end");
	xencall_free_buffer(xen, extra);
}

static void refusals(xencall_handle *xen)
{
	// Addresses that no program has mapped, and one that no address can be.
	static const uint64_t bad[] = { 0, 0x1000, 0x8000000000000000ull };
	struct xen_domctl *op = xencall_alloc_buffer(xen, sizeof(*op));
	int i, ret;

	ret = xencall1(xen, 54, 0);
	check(ret < 0 && errno == ENOSYS, "calls-unknown", "unknown hypercall: %d", ret);
	ret = xencall2(xen, __HYPERVISOR_xen_version, 1000, 0);
	check(ret < 0 && errno == ENOSYS, "calls-unknown-operation", "unknown operation: %d", ret);
	for (i = 0; i < 3; i++) {
		ret = xencall2(xen, __HYPERVISOR_xen_version, XENVER_extraversion, bad[i]);
		check(ret < 0 && errno == EFAULT, "calls-bad-address", "%lx: %d", bad[i], ret);
	}
	need(op != NULL, "calls-domctl-buffer");
	memset(op, 0, sizeof(*op));
	op->cmd = XEN_DOMCTL_getdomaininfo;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION - 1;
	ret = xencall1(xen, __HYPERVISOR_domctl, (uint64_t)op);
	check(ret < 0 && errno == EACCES, "calls-domctl-version", "old interface version: %d", ret);
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = 0x7ff0;
	op->cmd = XEN_DOMCTL_pausedomain;
	ret = xencall1(xen, __HYPERVISOR_domctl, (uint64_t)op);
	check(ret < 0 && errno == ESRCH, "calls-domctl-no-domain", "no such domain: %d", ret);
	op->cmd = XEN_DOMCTL_getdomaininfo;
	op->domain = 0;
	ret = xencall1(xen, __HYPERVISOR_domctl, (uint64_t)op);
	check(ret == 0 && op->domain == 0 && op->u.getdomaininfo.tot_pages > 0, "calls-domctl-info",
	      "%d, domain %u, %lu pages", ret, op->domain,
	      (unsigned long)op->u.getdomaininfo.tot_pages);
	xencall_free_buffer(xen, op);
}

int main(void)
{
	xencall_handle *xen = xencall_open(NULL, 0);

	need(xen != NULL, "calls-open");
	versions(xen);
	refusals(xen);
	xencall_close(xen);
	return 0;
}
