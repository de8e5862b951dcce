/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor, as the control domain's programs see it: hypercalls through libxencall, with errors as negative errno. Structs are the public headers' (libxen-dev); the control interfaces
 * are those of this one version, and the hypervisor refuses another.
 */
#ifndef TOOLS_HYPERVISOR_H
#define TOOLS_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>

struct hypervisor;

/* NULL: errno says why; hypervisor_missing() in words. Not for several threads at once. */
struct hypervisor *hypervisor_open(void);
void hypervisor_close(struct hypervisor *h);
/* What to tell somebody for whom hypervisor_open() failed. */
const char *hypervisor_missing(int error);

/* Memory that hypercalls read and write; zeroed, whole pages. NULL: none left. */
void *hypervisor_buffer(struct hypervisor *h, size_t size);
void hypervisor_buffer_free(struct hypervisor *h, void *buffer, size_t size);

/* op's command (and domain) and union are set; what comes back stands in them. Handles in it point to buffers. */
int hypervisor_domctl(struct hypervisor *h, struct xen_domctl *op);
int hypervisor_sysctl(struct hypervisor *h, struct xen_sysctl *op);
/* arg is copied to the call and back; size 0: there is none. The result is the call's. */
long hypervisor_memory_op(struct hypervisor *h, unsigned command, void *arg, size_t size);
long hypervisor_hvm_op(struct hypervisor *h, unsigned command, void *arg, size_t size);
long hypervisor_event_channel_op(struct hypervisor *h, int command, void *arg, size_t size);
long hypervisor_version(struct hypervisor *h, int command, void *arg, size_t size);

/* Foreign memory: nr pages of a guest, by gfn. NULL: errno. */
void *hypervisor_map(struct hypervisor *h, uint32_t domid, const uint64_t *gfns, size_t nr);
void hypervisor_unmap(struct hypervisor *h, void *at, size_t nr);
/* nr frames of a resource (XENMEM_resource_... or our own), from the first on, while *resource lives. NULL: errno. */
struct hypervisor_resource;
void *hypervisor_resource_map(struct hypervisor *h, uint32_t domid, unsigned type, unsigned id,
                              size_t nr, struct hypervisor_resource **resource);
void hypervisor_resource_unmap(struct hypervisor *h, struct hypervisor_resource *resource);

#endif
